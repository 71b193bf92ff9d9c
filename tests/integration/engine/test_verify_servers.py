"""Verify Credentials really logs in, writes, reads back and deletes: SFTP, SCP and HTTP servers of the lab."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swim_tui.model.options import Protocol
from tests.integration.engine.enginekit import running


async def test_servers_are_verified_by_a_probe_file_that_is_gone_afterwards(tmp_path: Path) -> None:
    async with running(tmp_path, "servers") as world:
        await world.take_inventory()
        api = world.engine.api
        row = await api.verify_server("SanFranRegion")
        found = {check.protocol: check for check in row.checks}
        assert found[Protocol.SFTP].ok, found[Protocol.SFTP].detail
        assert found[Protocol.SCP].ok, found[Protocol.SCP].detail
        assert found[Protocol.HTTP].ok, found[Protocol.HTTP].detail
        assert "served a file that was written by SFTP" in found[Protocol.HTTP].detail
        assert not found[Protocol.FTP].ok  # the lab answers FTP to its devices only
        state = (await asyncio.to_thread(world.lab.ask, command="server", server="SanFranRegion"))["server"]
        assert not [name for name in state["files"] if "probe" in name]
        assert state["counters"]["uploads"] == 3

        await api.set_server_protocol("LA_Region", Protocol.SFTP, 0, "swim", "wrong", "/swim")
        await api.remove_server_protocol("LA_Region", Protocol.SCP)
        port = next(p.port for p in row.server.protocols if p.protocol is Protocol.SFTP)
        await api.set_server_protocol("LA_Region", Protocol.SFTP, port, "swim", "wrong", "/swim")
        refused = await api.verify_server("LA_Region", "sftp")
        assert not refused.checks[0].ok
        assert refused.checks[0].problem is not None
        assert refused.checks[0].problem.code == "SWIM-4030"
        la = (await asyncio.to_thread(world.lab.ask, command="server", server="LA_Region"))["server"]
        assert la["counters"]["failed_logins"] == 1
