"""SWIM servers: the table, protocols, passwords, what is refused, and the section of an inventory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swim_tui.engine.services.inventory import InventoryService
from swim_tui.engine.services.servers import ServerService
from swim_tui.engine.services.serversecrets import ServerSecrets
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, InventoryError, NotFound, Refused, describe
from swim_tui.model.device import Group, GroupKind, JumpHost
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.server import ServerCheck, SwimServer

NOW = datetime(2026, 1, 11, tzinfo=UTC)
NY = SwimServer("NY_Region", "192.0.2.9", ("New York",), "New York file server")
TEXT = """swim_tui_inventory: 1
groups:
  - {name: New York, kind: location}
servers:
  - name: NY_Region
    address: 192.0.2.9
    port: 2222
    sites: [New York]
    protocols:
      - {protocol: sftp, username: swim, password: s3cret-one, home: /swim}
      - {protocol: http, username: swim, password: s3cret-two, home: /swim, port: 8080}
      - {protocol: tftp}
"""


async def passes(server: SwimServer, protocols: list[Protocol]) -> tuple[ServerCheck, ...]:
    return tuple(ServerCheck(p, p is not Protocol.FTP, "tried", NOW) for p in protocols)


@pytest.fixture
async def servers(state: State) -> ServerService:
    state.tables.groups.put(Group("New York", GroupKind.LOCATION)).result()
    return ServerService(state, passes)


async def test_a_server_gets_protocols_whose_passwords_only_the_vault_has(state: State, servers: ServerService) -> None:
    await servers.save_server(NY)
    await servers.set_server_protocol("NY_Region", Protocol.SFTP, 2222, "swim", "s3cret", "/swim/")
    (row,) = await servers.servers()
    (sftp,) = row.server.protocols
    assert (sftp.port, sftp.username, sftp.has_password, sftp.home) == (2222, "swim", True, "/swim")
    assert ServerSecrets(state).get("NY_Region", Protocol.SFTP).reveal() == "s3cret"
    assert "s3cret" not in repr(row)
    # the same user without a password keeps it, another user does not
    kept = await servers.set_server_protocol("NY_Region", Protocol.SFTP, 22, "swim", "", "/images")
    assert kept.protocols[0].has_password
    assert kept.protocols[0].port == 0
    assert ServerSecrets(state).get("NY_Region", Protocol.SFTP).reveal() == "s3cret"
    other = await servers.set_server_protocol("NY_Region", Protocol.SFTP, 22, "anna", "", "/images")
    assert not other.protocols[0].has_password
    assert not ServerSecrets(state).get("NY_Region", Protocol.SFTP)


async def test_saving_again_keeps_protocols_and_a_new_name_takes_the_passwords_along(
    state: State, servers: ServerService
) -> None:
    await servers.save_server(NY)
    await servers.set_server_protocol("NY_Region", Protocol.SCP, 0, "swim", "s3cret", "/swim")
    await servers.verify_server("NY_Region")
    renamed = await servers.save_server(replace(NY, name="East", max_pulls=5), "NY_Region")
    assert [p.protocol for p in renamed.protocols] == [Protocol.SCP]
    (row,) = await servers.servers()
    assert (row.server.name, row.server.max_pulls, len(row.checks)) == ("East", 5, 1)
    assert ServerSecrets(state).get("East", Protocol.SCP).reveal() == "s3cret"
    assert not ServerSecrets(state).get("NY_Region", Protocol.SCP)
    await servers.remove_servers(["East"])
    assert await servers.servers() == []
    assert not [name for name in state.vault.names() if name.startswith("server/")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sites": ()}, "at least one site is mandatory"),
        ({"sites": ("Boston",)}, "no location group 'Boston'"),
        ({"address": "192.0.2.900"}, "not an IP address"),
        ({"jump": ("nowhere",)}, "no jump host 'nowhere'"),
        ({"name": "local"}, "that name is the Local File Server's"),
    ],
)
async def test_a_server_that_makes_no_sense_is_refused_with_the_reason(
    servers: ServerService, change: dict[str, object], words: str
) -> None:
    with pytest.raises(BadValue, match=words):
        await servers.save_server(replace(NY, **change))  # type: ignore[arg-type]
    assert await servers.servers() == []


async def test_tftp_and_half_a_login_are_refused(servers: ServerService) -> None:
    await servers.save_server(NY)
    with pytest.raises(Refused, match="TFTP has no login"):
        await servers.set_server_protocol("NY_Region", Protocol.TFTP)
    with pytest.raises(BadValue, match="it has no user"):
        await servers.set_server_protocol("NY_Region", Protocol.SFTP)
    with pytest.raises(BadValue, match="no credential profile 'x'"):
        await servers.set_server_protocol("NY_Region", Protocol.SFTP, credentials="x")
    with pytest.raises(BadValue, match="user name on a server"):
        await servers.set_server_protocol("NY_Region", Protocol.SFTP, username="a b", password="x")
    with pytest.raises(NotFound):
        await servers.remove_server_protocol("NY_Region", Protocol.FTP)
    (row,) = await servers.servers()
    assert row.server.protocols == ()


async def test_verification_is_kept_until_its_protocol_changes(servers: ServerService) -> None:
    await servers.save_server(NY)
    for protocol in (Protocol.SFTP, Protocol.FTP):
        await servers.set_server_protocol("NY_Region", protocol, 0, "swim", "s3cret")
    row = await servers.verify_server("NY_Region")
    assert [(c.protocol, c.ok) for c in row.checks] == [(Protocol.SFTP, True), (Protocol.FTP, False)]
    assert not row.verifying
    await servers.set_server_protocol("NY_Region", Protocol.FTP, 2121, "swim", "")
    (row,) = await servers.servers()
    assert [c.protocol for c in row.checks] == [Protocol.SFTP]


async def test_a_server_that_a_job_names_is_kept(state: State, servers: ServerService) -> None:
    await servers.save_server(NY)
    request = JobRequest(JobType.DISTRIBUTION, options=JobOptions(server="NY_Region"))
    job = Job("7", request, "night", JobStatus.SCHEDULED, NOW)
    state.tables.jobs.put(job).result()
    with pytest.raises(Conflict, match="is named by job 7"):
        await servers.remove_servers(["NY_Region"])
    state.tables.jobs.put(replace(job, status=JobStatus.COMPLETED)).result()
    state.busy["server:NY_Region"] = "20010001"
    with pytest.raises(Conflict, match="used by run 20010001"):
        await servers.remove_servers(["NY_Region"])


async def test_an_inventory_brings_servers_without_showing_their_passwords(
    state: State, inventory: InventoryService
) -> None:
    dry = await inventory.import_inventory(TEXT, "lab.yaml", dry_run=True)
    assert [(r.kind, r.name, r.action) for r in dry.rows] == [
        ("group", "New York", "add"),
        ("server", "NY_Region", "add"),
    ]
    assert any("TFTP has no login" in note for note in dry.notes)
    await inventory.import_inventory(TEXT, "lab.yaml")
    server = state.tables.servers.get("NY_Region")
    assert server is not None
    assert [(p.protocol, p.port) for p in server.protocols] == [(Protocol.SFTP, 2222), (Protocol.HTTP, 8080)]
    assert ServerSecrets(state).get("NY_Region", Protocol.HTTP).reveal() == "s3cret-two"
    again = await inventory.import_inventory(TEXT, "lab.yaml")
    assert {row.action for row in again.rows} == {"same"}
    other = await inventory.import_inventory(TEXT.replace("s3cret-one", "s3cret-new"), "lab.yaml", dry_run=True)
    assert [(r.action, r.detail) for r in other.rows if r.kind == "server"] == [("change", "passwords")]
    exported = await inventory.export_inventory()
    assert "s3cret" not in exported
    assert "has_password" not in exported
    assert "home: /swim" in exported


async def test_mistakes_in_a_server_are_named_with_their_line_and_without_the_secret(
    inventory: InventoryService,
) -> None:
    wrong = TEXT.replace("home: /swim}", "home: ../etc}").replace("s3cret-two", "[s3cret-two]")
    with pytest.raises(InventoryError) as caught:
        await inventory.import_inventory(wrong, "lab.yaml")
    problems = "\n".join(caught.value.problems)
    assert "line 9" in problems
    assert "protocols.0.home" in problems
    assert "s3cret" not in problems + json.dumps(describe(caught.value).data, default=str)


async def test_a_jump_host_can_be_a_server_with_its_own_login(state: State, servers: ServerService) -> None:
    state.tables.jumps.put(JumpHost("jump-ny", "192.0.2.5", 22, "")).result()
    await servers.save_server(replace(NY, jump_host="jump-ny"))
    saved = await servers.set_server_protocol("NY_Region", Protocol.SFTP, home="images")
    assert saved.protocols[0].home == "images"
