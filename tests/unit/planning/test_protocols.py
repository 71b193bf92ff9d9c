"""Which protocol pushes the image, and what the plan says of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.model.facts import OsKind
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.packs.loading import load_packs
from swim_tui.planning.protocols import choose_protocol
from tests.unit.planning import making as m

PACKS = load_packs()
SCP, SFTP = Protocol.SCP, Protocol.SFTP


@pytest.mark.parametrize(
    ("pack", "os", "scp", "sftp", "order", "chosen", "says"),
    [
        ("n9k", OsKind.NXOS, True, True, (SCP, SFTP), SCP, "SCP: chosen"),
        ("n9k", OsKind.NXOS, False, True, (SCP, SFTP), SFTP, "type: feature scp-server"),
        ("n9k", OsKind.NXOS, False, False, (SCP, SFTP), None, "type: feature sftp-server"),
        ("n9k", OsKind.NXOS, True, True, (SFTP, SCP), SFTP, "SFTP: chosen"),
        ("ncs5500", OsKind.IOS_XR, False, None, (SCP, SFTP), SCP, "SCP: chosen"),
        ("ncs5500", OsKind.IOS_XR, None, None, (SFTP,), SFTP, "SFTP: chosen"),
        ("asr1002", OsKind.IOS_XE, True, None, (SFTP,), None, "IOS and IOS-XE have no SFTP server"),
        ("asr1002", OsKind.IOS_XE, True, None, (), None, "no protocol is switched on"),
    ],
)
def test_the_first_protocol_of_the_order_that_pack_and_device_allow_is_chosen(
    pack: str,
    os: OsKind,
    scp: bool | None,
    sftp: bool | None,
    order: tuple[Protocol, ...],
    chosen: Protocol | None,
    says: str,
) -> None:
    facts = m.facts(scp_server=scp, sftp_server=sftp)
    facts = replace(facts, version=replace(facts.version, os=os))
    choice = choose_protocol(facts, JobOptions(protocol_order=order), PACKS.get(pack))
    assert choice.protocol is chosen
    assert says in "; ".join(choice.reasons)
    assert not choice.enables_scp
