"""Where the copies of a device leave from: its configuration says so, and no copy command does."""

from __future__ import annotations

from collections.abc import Iterable

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol

_IOS = {
    Protocol.SCP: "ip ssh source-interface",
    Protocol.SFTP: "ip ssh source-interface",
    Protocol.FTP: "ip ftp source-interface",
    Protocol.HTTP: "ip http client source-interface",
    Protocol.HTTPS: "ip http client source-interface",
    Protocol.TFTP: "ip tftp source-interface",
}
_NXOS = _IOS | {Protocol.HTTP: "ip http source-interface", Protocol.HTTPS: "ip http source-interface"}
_XR = {
    Protocol.SCP: "ssh client source-interface",
    Protocol.SFTP: "ssh client source-interface",
    Protocol.FTP: "ftp client source-interface",
    Protocol.HTTP: "http client source-interface",
    Protocol.HTTPS: "http client source-interface",
    Protocol.TFTP: "tftp client source-interface",
}
_XR_CLASSES = frozenset({DeviceClass.XR_32, DeviceClass.XR_64, DeviceClass.XR7})


def leaving_by(kind: DeviceClass, protocols: Iterable[Protocol], interface: str) -> str:
    """What the plan says of a device's source interface; empty where none is set, or nothing is pulled."""
    known = _XR if kind in _XR_CLASSES else _NXOS if kind is DeviceClass.NXOS else _IOS
    lines = dict.fromkeys(f"'{known[protocol]} {interface}'" for protocol in protocols)
    if not interface or not lines:
        return ""
    return f"{interface}: copies leave from it where the configuration has {', '.join(lines)}; this is not changed"
