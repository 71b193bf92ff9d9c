"""Where a device gets the image from: pulled from a SWIM server of its site, or pushed by the Local File Server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.fileserver import LOCAL_PULL
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import Protocol
from swim_tui.model.plan import Answer, CopySource, Line, Operation
from swim_tui.model.server import LOCAL_SERVER, SSH_PROTOCOLS, ServerProtocol, SwimServer, path_on
from swim_tui.packs.pack import Pack, Support
from swim_tui.planning import localserver
from swim_tui.planning.durations import copy_limit_s
from swim_tui.planning.leaving import leaving_by
from swim_tui.planning.protocols import ProtocolChoice, choose_protocol
from swim_tui.planning.situation import Situation, Target

PASSWORD_IN_URL = "password-in-url"
SECRET = "***"
"""Stands in a planned line where the password will be typed."""

_IOS = frozenset(
    {
        DeviceClass.IOS_BIN,
        DeviceClass.IOS_TAR,
        DeviceClass.XE_BUNDLE,
        DeviceClass.XE3_INSTALL,
        DeviceClass.XE16_INSTALL,
        DeviceClass.XE_SUBPKG,
        DeviceClass.XE_ISSU,
    }
)
_TYPABLE = re.compile(r"[A-Za-z0-9._~/+@=-]*")


@dataclass(frozen=True)
class Pull:
    """One protocol of one server that this device can use."""

    server: SwimServer
    row: ServerProtocol
    password_in_url: bool = False


def candidates(sites: Sequence[str], servers: Iterable[SwimServer], wanted: str) -> tuple[SwimServer, ...]:
    """Servers to try, in order: the one a person named, those of the device's location, those of the groups above it.

    `sites` is the location group and its parents, the nearest first; `wanted` "local" means none.
    """
    if wanted == LOCAL_SERVER:
        return ()
    known = sorted(servers, key=lambda server: server.name)
    found = [server for server in known if server.name == wanted]
    for site in sites:
        found += [server for server in known if site in server.sites]
    return tuple(dict.fromkeys(found))


def choose(s: Situation) -> ProtocolChoice:
    """How the image comes to this device: pulls from SWIM servers, then push and pull of the Local File Server in the
    job's order; the reasons of all."""
    choice = _choose(s)
    protocols = [pull.row.protocol for pull in (*choice.pulls, *choice.after)]
    note = leaving_by(s.pack.device_class, protocols, s.device.source_interface)
    return replace(choice, reasons=(*choice.reasons, note)) if note else choice


def _choose(s: Situation) -> ProtocolChoice:
    own = _own_choice(s)
    if not s.servers:
        return own
    pulls, reasons, consent = _pulls(s)
    if not pulls:
        return replace(own, reasons=(*reasons, *own.reasons), missing_consent=consent)
    first = pulls[0]
    site = ", ".join(first.server.sites)
    how = f"{first.server.name}: {first.row.protocol} chosen (serves {site}), first usable one of the job's order"
    after = f"after it: {', '.join(dict.fromkeys(p.server.name for p in pulls[1:] if p.server != first.server))}"
    push = None if own.enables_scp else own.push
    behind = [*(f"pull by {p.row.protocol}" for p in own.pulls), *([str(push)] if push else [])]
    behind += [f"pull by {p.row.protocol}" for p in own.after]
    last = (
        f"{LOCAL_PULL}: {', '.join(behind)} when no server can be used" if behind else f"{LOCAL_PULL}: cannot be used"
    )
    more = [after] if after != "after it: " else []
    return ProtocolChoice(
        first.row.protocol,
        (how, *more, *reasons, last),
        pulls=(*pulls, *own.pulls),
        push=push,
        after=own.after,
    )


def _own_choice(s: Situation) -> ProtocolChoice:
    """Push or pull, whichever protocol comes first in the job's order; the other one behind it."""
    pushed = choose_protocol(s.facts, s.options, s.pack)
    found, reasons = localserver.rows(s)
    pulls = tuple(Pull(server, row, _stands_in_url(s.pack, row)) for server, row in found)
    if not pulls:
        return replace(pushed, reasons=(*pushed.reasons, *reasons), push=pushed.protocol)
    push = None if pushed.enables_scp else pushed.protocol  # a pull needs no change of the configuration
    order = s.options.protocol_order
    if push is not None and order.index(push) <= order.index(pulls[0].row.protocol):
        note = f"{LOCAL_PULL}: pull by {', '.join(p.row.protocol for p in pulls)} when the push does not work"
        return ProtocolChoice(push, (*pushed.reasons, *reasons, note), push=push, after=pulls)
    how = f"{LOCAL_PULL}: pull by {pulls[0].row.protocol} chosen, first usable one of the job's order"
    note = f"push by {push} when the pull does not work" if push else "no push: " + "; ".join(pushed.reasons)
    return ProtocolChoice(pulls[0].row.protocol, (how, *reasons, note), pulls=pulls, push=push)


def _pulls(s: Situation) -> tuple[tuple[Pull, ...], list[str], bool]:
    """(usable pulls in order, why others are passed over, whether a consent would help)."""
    found: list[Pull] = []
    reasons: list[str] = []
    consent = False
    if Support.EXTERNAL_SERVER not in s.pack.supports:
        return (), [f"SWIM servers: passed over, {s.pack.title} uses the Local File Server only"], False
    for server in s.servers:
        usable = False
        for protocol in s.options.protocol_order:
            row = server.protocol(protocol)
            against = _against(s, server, protocol, row)
            if against or row is None:
                reasons.append(f"{server.name}: {protocol} passed over, {against}")
                continue
            in_url = _needs_url_password(s.pack, row)
            if in_url and not s.consented(PASSWORD_IN_URL):
                consent = True
                why = f"its password would stand in the URL, which accounting keeps (consent: {PASSWORD_IN_URL})"
                reasons.append(f"{server.name}: {protocol} passed over, {why}")
                continue
            usable = True
            found.append(Pull(server, row, in_url))
        if not usable and not server.protocols:
            reasons.append(f"{server.name}: passed over, it has no protocol")
    return tuple(found), reasons, consent


def _against(s: Situation, server: SwimServer, protocol: Protocol, row: ServerProtocol | None) -> str:
    """Why this protocol of this server cannot be used by this device; empty when it can."""
    if protocol not in s.pack.protocols:
        return f"not supported by {s.pack.title}"
    if row is None:
        return "the server does not speak it"
    if server.writer is None:
        return "nothing can be put on the server: it has no SFTP, SCP or FTP"
    if row.has_login and not row.has_password:
        return "it has no password that a device could type"
    if not _TYPABLE.fullmatch(path_on(row, "x")):
        return "its home directory has characters that no command line takes"
    vrf = s.device.vrf or s.pack.copy.vrf
    if s.device.vrf and s.pack.copy.is_vrf_in_url and protocol in SSH_PROTOCOLS:
        return f"no VRF can be named in an {protocol.lower()} URL ({s.device.vrf})"
    if s.device.vrf and not (s.pack.copy.is_vrf_in_url or s.pack.copy.pull_vrf):
        return f"no way to name the VRF {vrf}"
    return ""


def _needs_url_password(pack: Pack, row: ServerProtocol) -> bool:
    """FTP and HTTP ask for no password, but for FTP on NX-OS."""
    if row.protocol in SSH_PROTOCOLS or not row.has_password:
        return False
    return not (row.protocol is Protocol.FTP and pack.device_class is DeviceClass.NXOS)


def with_sources(
    s: Situation, op: Operation, target: Target, image: SoftwareImage, choice: ProtocolChoice
) -> Operation:
    """A planned push as a pull where there are any; the push stays as the last choice, if it can be one."""
    if not choice.pulls and not choice.after:
        return op
    sources = [_source(s, p, target, image) for p in choice.pulls]
    if choice.push is not None:
        sources.append(CopySource(LOCAL_SERVER, choice.push, op.lines[0]))
    sources += [_source(s, p, target, image) for p in choice.after]
    first = sources[0]
    if first.server == LOCAL_SERVER:
        return replace(op, sources=tuple(sources))
    return replace(
        op,
        title=f"Copying image {image.file_name} from {first.server} to {target.name}",
        lines=(first.line, *op.lines[1:]),
        sources=tuple(sources),
        protocol=first.protocol,
    )


def _source(s: Situation, pull: Pull, target: Target, image: SoftwareImage) -> CopySource:
    line = Line(
        copy_text(s, pull, image.file_name, target.name, target.path),
        changes=True,
        expect=f"{image.size_bytes} bytes copied, then the hash",
        answers=answers_of(pull, path_on(pull.row, image.file_name), vrf_of(s)),
        timeout_s=copy_limit_s(image.size_bytes, s.pack, s.waits.scale, s.measured),
    )
    return CopySource(pull.server.name, pull.row.protocol, line, pull.password_in_url)


def vrf_of(s: Situation) -> str:
    """The VRF that the device's copies name: its own, else the pack's where it stands at the end of the line."""
    return s.device.vrf or ("" if s.pack.copy.is_vrf_in_url else s.pack.copy.vrf)


def copy_text(s: Situation, pull: Pull, file: str, file_system: str, path: str) -> str:
    """The device's command that pulls a file of the server."""
    copy, vrf = s.pack.copy, vrf_of(s)
    template = copy.pull_vrf if vrf and copy.pull_vrf else copy.pull
    return template.format(url=url_of(s, pull, file, vrf), fs=file_system, path=path, vrf=vrf)


def url_of(s: Situation, pull: Pull, file: str, vrf: str) -> str:
    """Where the device finds a file, without a password unless a person consented to one in the URL."""
    row = pull.row
    path = path_on(row, file)
    is_web = row.protocol in (Protocol.HTTP, Protocol.HTTPS)
    if is_web or s.pack.device_class not in _IOS:
        path = path.lstrip("/")  # elsewhere two slashes would stand for a path from the root
    in_url = pull.password_in_url and row.username
    user = f"{row.username}:{SECRET}@" if in_url else f"{row.username}@" if row.username else ""
    port = f":{row.port}" if row.port else ""
    inside = f";{vrf}" if vrf and s.pack.copy.is_vrf_in_url else ""
    return f"{row.protocol.lower()}://{user}{pull.server.address_for_devices}{port}{inside}/{path}"


def _stands_in_url(pack: Pack, row: ServerProtocol) -> bool:
    """A token or password of one run may: it opens nothing afterwards, so nobody is asked for consent."""
    return row.home == localserver.TOKEN or _needs_url_password(pack, row)


def answers_of(pull: Pull, path: str, vrf: str) -> tuple[Answer, ...]:
    """Every question of a copy in every order; nothing of it erases or overwrites."""
    host, user = pull.server.address_for_devices, pull.row.username
    return (
        Answer(r"(?:Erase|Erasing) [^\n]*\[confirm\]", "n", why="nothing is erased"),
        Answer(r"over ?write\s*\?*\s*\[confirm\]", "n", why="a wrong copy is deleted before; this one is not ours"),
        Answer(r"overwrite \(y/n\)\?\s*\[n\]", "n", why="a wrong copy is deleted before; this one is not ours"),
        Answer(r"Address or name of remote host \[[^\]]*\]\?", host, why="the server's address"),
        Answer(r"Enter hostname for the \S+ server:", host, why="the server's address"),
        Answer(r"(?:Source username:? \[[^\]]*\]\?|Enter username:)", user, why="the server's user"),
        Answer(r"Source filename \[[^\]]*\]\?", path, why="the path is in the command"),
        Answer(r"Destination filename \[[^\]]*\]\?", "", why="the name is in the command"),
        Answer(r"Enter vrf \([^)]*\):", vrf, why="the VRF of the device"),
        Answer(r"password(?: for \S+)?\s*:", None, secret=server_secret(pull.server.name, pull.row.protocol)),
    )


def check_source(choice: ProtocolChoice) -> Check | None:
    """What the check of protocols says where SWIM servers are in play; None = the push decides."""
    if choice.pulls:
        first = choice.pulls[0]
        kind = "the" if first.server.name == LOCAL_PULL else "SWIM server"
        shown = f"{first.row.protocol} from {kind} {first.server.name}"
        return Check("Protocol", Verdict.OK, "a way to the image", shown)
    if choice.protocol is None and choice.missing_consent:
        action = "give the consent, or give the server SFTP or SCP"
        shown = "only protocols that take the password in the URL"
        return Check("Protocol", Verdict.FAILED, "a password typed at a prompt", shown, action, PASSWORD_IN_URL)
    return None


def server_secret(server: str, protocol: Protocol) -> str:
    """The name under which a session holds the password of a server's protocol."""
    return f"server {server} {protocol}"
