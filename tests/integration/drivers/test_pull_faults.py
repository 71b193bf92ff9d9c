"""Every fault a pull can meet, by every protocol: one case of each by default, all of them in the long form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest

from swim_tui.drivers import pullwatch
from swim_tui.lab.platforms import lab_data_dir
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import OpProgress
from swim_tui.model.plan import LineMode
from swim_tui.model.secret import Secret
from swim_tui.model.server import ServerProtocol, SwimServer
from swim_tui.packs.loading import PackSet
from tests.integration.drivers.faultkit import BAD, GOOD, LONG, Case, Ground, check, ground
from tests.integration.drivers.labkit import running_lab
from tests.integration.net.conftest import Watcher

ASR, SERVER = "asr-sf-01", "SanFranRegion"
IMAGE = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"
PORTS = {Protocol.HTTP: 8080, Protocol.HTTPS: 8443}
BY_PASSWORD = (Protocol.SCP, Protocol.SFTP, Protocol.FTP, Protocol.HTTP, Protocol.HTTPS)
PROTOCOLS = (*BY_PASSWORD, Protocol.TFTP)


@dataclass(frozen=True)
class PullCase:
    """A fault, and the protocol that meets it in the short form."""

    short: Protocol
    case: Case


CASES = (
    PullCase(Protocol.SCP, Case("lost at the first byte", ("drop_at=0%*1",), GOOD, "trying again (1 of 2)")),
    PullCase(Protocol.SFTP, Case("lost half way", ("drop_at=50%*1",), GOOD, "trying again (1 of 2)")),
    PullCase(Protocol.TFTP, Case("lost half way, always", ("drop_at=50%*3",), BAD, "connection lost")),
    PullCase(
        Protocol.FTP, Case("lost before the last answer", ("drop_at=100%*1",), GOOD, "whole although the session")
    ),
    PullCase(
        Protocol.HTTP,
        Case("its session ends, the copy goes on", ("copy_idle_out=30", "slow=4000000"), GOOD, "whole although"),
    ),
    PullCase(Protocol.TFTP, Case("stalled half way", ("stall_at=50%*1",), GOOD, "stalled")),
    PullCase(Protocol.HTTPS, Case("one byte wrong", ("wrong_hash*1",), GOOD, "deleted, copied once more")),
    PullCase(Protocol.HTTP, Case("one byte wrong, always", ("wrong_hash*2",), Outcome.HASH_MISMATCH, "expected")),
    PullCase(
        Protocol.SCP,
        Case("the flash is full", ("copy_write_error=No space left on device",), Outcome.NO_SPACE, "No space"),
    ),
    PullCase(Protocol.SFTP, Case("the server is gone", (), BAD, "Timed out", server_faults=("gone",))),
    PullCase(
        Protocol.FTP, Case("the password is wrong", (), BAD, "refuses the login", server_faults=("wrong_password",))
    ),
)


def cells() -> Iterator[tuple[Protocol, Case]]:
    """Each fault with each protocol that can have it."""
    for row in CASES:
        for protocol in BY_PASSWORD if "password" in row.case.name else PROTOCOLS:
            yield protocol, replace(row.case, long=protocol is not row.short)


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory, packs: PackSet) -> Iterator[dict[Protocol, Ground]]:
    """An ASR1002 that trusts the server's certificate, with a plan for each protocol; the server has the image."""
    folder = tmp_path_factory.mktemp("pulls")
    text = (lab_data_dir() / "servers.yaml").read_text().replace("software/", f"{lab_data_dir()}/software/")
    text = text.replace("    disk: 64000000000\n", f"    disk: 64000000000\n    files: [{{software: {IMAGE}}}]\n", 1)
    text = text.replace("{protocol: http, port: 8080}", "{protocol: http, port: 8080}, {protocol: https, port: 8443}")
    trusting = f'  - name: {ASR}\n    config: ["ip http client secure-trustpoint LAB"]\n'
    (folder / "network.yaml").write_text(text.replace(f"  - name: {ASR}\n", trusting, 1))
    with running_lab(str(folder / "network.yaml"), folder, packs) as lab:
        row = next(server for server in lab.inventory["servers"] if server["name"] == SERVER)
        known = {entry["protocol"].upper(): entry for entry in row["protocols"]}
        user, secret = known["SCP"]["username"], Secret(known["SCP"]["password"])
        found: dict[Protocol, Ground] = {}
        for protocol in PROTOCOLS:
            port = PORTS.get(protocol, row["port"] if protocol in (Protocol.SCP, Protocol.SFTP) else 0)
            rows = [ServerProtocol(protocol, port, "" if protocol is Protocol.TFTP else user, True, home="/swim")]
            if protocol is not Protocol.SFTP:  # what the image was put there with
                rows.append(ServerProtocol(Protocol.SFTP, row["port"], user, True, home="/swim"))
            server = SwimServer(SERVER, row["address"], ("San Francisco Region",), protocols=tuple(rows))
            options = JobOptions(protocol_order=(protocol,), consents=("password-in-url",))
            made = ground(lab, ASR, "asr1000", options, servers=(server,))
            found[protocol] = replace(made, server=SERVER, secrets=((f"server {SERVER} {protocol}", secret),))
        yield found


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pullwatch, "_LEAST_INTERVAL_S", 0.3)


@pytest.mark.parametrize(
    ("protocol", "case"),
    [cell for cell in cells() if LONG or not cell[1].long],
    ids=lambda value: value.name if isinstance(value, Case) else str(value),
)
def test_a_pull_ends_rightly(grounds: dict[Protocol, Ground], protocol: Protocol, case: Case) -> None:
    there = grounds[protocol]
    lines = [source.line.text for source in there.copy.sources if source.line.mode is not LineMode.TOOL]
    assert [line.split("://")[0] for line in lines] == [f"copy {protocol.lower()}"]
    result = check(there, case)
    assert result.next_server == (case.outcome in (BAD, Outcome.HASH_MISMATCH)), (
        "another server is the next choice, where one could help"
    )
    assert result.server_failed == ("password" in case.name), "no other device repeats a refused login"
    if "stalled" in case.name:
        seen = [e.done for e in there.lab.context.events if isinstance(e, OpProgress) and e.note == ""]
        assert any(0 < done < there.ref.size_bytes for done in seen), "progress is read from the flash meanwhile"
    log = there.lab.log_text()
    assert not [secret for _, secret in there.secrets if secret.reveal() in log]


def test_a_pull_is_not_watched_from_the_last_free_vty(grounds: dict[Protocol, Ground]) -> None:
    there = grounds[Protocol.SCP]
    lab, before = there.lab, len(there.lab.sessions(ASR))
    with ExitStack() as others:
        for _ in range(3):
            others.enter_context(lab.net.session(lab.endpoint(ASR), Watcher()))
        check(there, Case("others are there", ("slow=1500000",), GOOD, "4 of 5 vty lines are in use"))
    assert "vty4" not in lab.sessions(ASR)[before:]
