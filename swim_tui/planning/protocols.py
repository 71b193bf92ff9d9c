"""Which protocol brings the image, and why the others were passed over (SPEC 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from swim_tui.model.facts import Facts, OsKind
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.packs.pack import Pack

if TYPE_CHECKING:
    from swim_tui.planning.sources import Pull

_PULLS = frozenset({Protocol.HTTPS, Protocol.HTTP, Protocol.FTP, Protocol.TFTP})


@dataclass(frozen=True)
class ProtocolChoice:
    """The protocol that will be used (None: none can be), one reason for each one looked at."""

    protocol: Protocol | None
    reasons: tuple[str, ...]
    enables_scp: bool = False
    pulls: tuple[Pull, ...] = ()  # from SWIM servers, best first
    push: Protocol | None = None  # behind the pulls, if that can be
    after: tuple[Pull, ...] = ()  # from the Local File Server, behind the push
    missing_consent: bool = False  # a consent would make a pull usable


def _passed_over(protocol: Protocol, facts: Facts, options: JobOptions, pack: Pack) -> str:
    """Why this protocol cannot be used now; empty when it can."""
    if protocol not in pack.protocols:
        return f"not supported by {pack.title}"
    if protocol in _PULLS:
        return "it is a pull, and the Local File Server does not serve it"
    if protocol is Protocol.SFTP and facts.version.os in (OsKind.IOS, OsKind.IOS_XE, OsKind.UNKNOWN):
        return "IOS and IOS-XE have no SFTP server"
    if protocol is Protocol.SFTP and facts.sftp_server is False:
        return "the SFTP server of the device is off (type: feature sftp-server)"
    if protocol is Protocol.SCP and pack.copy.scp_on and facts.scp_server is False and not options.enable_scp_for_copy:
        how = "; ".join(pack.copy.scp_on)
        return f"the SCP server of the device is off (type: {how}, or allow it for the copy)"
    return ""


def choose_protocol(facts: Facts, options: JobOptions, pack: Pack) -> ProtocolChoice:
    """First protocol of the job's order that the pack, the device and the server allow; off ones are never tried."""
    reasons: list[str] = []
    for protocol in options.protocol_order:
        against = _passed_over(protocol, facts, options, pack)
        if against:
            reasons.append(f"{protocol}: passed over, {against}")
            continue
        enables = protocol is Protocol.SCP and bool(pack.copy.scp_on) and facts.scp_server is False
        note = "chosen, first usable one of the job's order"
        if enables:
            note += "; the SCP server is switched on for the copy and off again"
        reasons.append(f"{protocol}: {note}")
        return ProtocolChoice(protocol, tuple(reasons), enables)
    if not options.protocol_order:
        reasons.append("no protocol is switched on")
    return ProtocolChoice(None, tuple(reasons))
