"""`show version` of every operating system -> VersionFacts."""

from __future__ import annotations

import re

from swim_tui.model.facts import OsKind, VersionFacts
from swim_tui.parse.text import clean
from swim_tui.parse.version_ios import ios_version_facts
from swim_tui.parse.version_nxos import nxos_version_facts
from swim_tui.parse.version_xr import xr_version_facts

_NXOS = re.compile(r"Nexus Operating System \(NX-OS\)|^\s*(?:NXOS|system|kickstart): +version \d", re.MULTILINE)
_XR = re.compile(r"^\s*Cisco IOS[ -]XR Software", re.MULTILINE)
_IOS = re.compile(
    r"^\s*(?:Cisco IOS|IOS \(tm\)|Cisco Internetwork Operating System)|"
    r"^.*Software \([\w-]+\),? (?:Experimental )?Version",
    re.MULTILINE,
)


def parse_show_version(text: str) -> VersionFacts:
    """What `show version` says; os UNKNOWN and nothing else when the text is not one."""
    plain = clean(text)
    if _XR.search(plain):
        return xr_version_facts(plain)
    if _NXOS.search(plain):
        return nxos_version_facts(plain)
    if _IOS.search(plain):
        return ios_version_facts(plain)
    return VersionFacts(os=OsKind.UNKNOWN)
