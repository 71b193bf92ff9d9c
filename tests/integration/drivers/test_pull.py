"""A pull that does not move any more: seen from a second session, interrupted, tried again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.drivers import pullwatch
from swim_tui.lab.platforms import lab_data_dir
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.phase import OpProgress
from swim_tui.model.plan import Phase
from swim_tui.model.secret import Secret
from swim_tui.model.server import ServerProtocol, SwimServer
from swim_tui.packs.loading import PackSet
from tests.integration.drivers.labkit import LabRun, running_lab

ASR = "asr-sf-01"
IMAGE = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"


@pytest.fixture
def lab(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    text = (lab_data_dir() / "servers.yaml").read_text()
    text = text.replace("software/", f"{lab_data_dir()}/software/")
    text = text.replace("    disk: 64000000000\n", f"    disk: 64000000000\n    files: [{{software: {IMAGE}}}]\n", 1)
    network = tmp_path / "network.yaml"
    network.write_text(text)
    with running_lab(str(network), tmp_path, packs) as found:
        yield found


def test_a_pull_that_stands_still_is_interrupted_and_tried_again(lab: LabRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pullwatch, "_LEAST_INTERVAL_S", 0.5)
    row = next(s for s in lab.inventory["servers"] if s["name"] == "SanFranRegion")
    scp = ServerProtocol(Protocol.SCP, row["port"], row["protocols"][0]["username"], True, home="/swim")
    sftp = replace(scp, protocol=Protocol.SFTP)
    server = SwimServer("SanFranRegion", row["address"], ("San Francisco Region",), protocols=(scp, sftp))
    image, ref = lab.image("asr1000")
    plan = lab.plan(ASR, image, JobOptions(protocol_order=(Protocol.SCP,)), servers=(server,))
    plan = replace(plan, waits=replace(plan.waits, stall_s=1.0))
    request = lab.phase(plan, Phase.DISTRIBUTE, ref, server="SanFranRegion")
    held = (("server SanFranRegion SCP", Secret(row["protocols"][0]["password"])),)
    login = replace(request.endpoint.login, more=held)
    request = replace(request, endpoint=replace(request.endpoint, login=login))
    lab.fault(ASR, "stall_at=50%*1")
    result = lab.run(request)
    assert result.status == "success", result
    assert "stalled: no data for 1 s" in lab.log_text()
    seen = [e.done for e in lab.context.events if isinstance(e, OpProgress) and e.unit == "B"]
    assert any(0 < done < image.size_bytes for done in seen)
    assert lab.finished()["distribute.copy-image.bootflash"].message.endswith("from SanFranRegion by SCP")
    assert row["protocols"][0]["password"] not in lab.log_text()
    assert sum(line.startswith("copy scp:") for line in lab.lines(ASR)) == 2
