"""`show inventory`: which entry is the chassis."""

from __future__ import annotations

import re

from swim_tui.parse.text import clean

_ENTRY = re.compile(
    r'^\s*NAME: *"(?P<name>[^"\n]*)", *DESCR: *"(?P<descr>[^"\n]*)"[^\n]*\n+'
    r"\s*PID: *(?P<pid>[^,\s]*)\s*,[^\n]*?SN: *(?P<serial>\S*)",
    re.MULTILINE,
)
_CHASSIS = re.compile(r"chassis|^rack 0$|stack$|^switch 1$|^switch system$|^1$", re.IGNORECASE)


def parse_inventory(text: str) -> tuple[str, str]:
    """(PID, serial number) of the chassis, ("", "") when the answer was not understood."""
    entries = list(_ENTRY.finditer(clean(text)))
    named = [e for e in entries if _CHASSIS.search(e["name"].strip()) and e["pid"]]
    described = [e for e in entries if "chassis" in e["descr"].lower() and e["pid"]]
    found = (named or described or [e for e in entries if e["pid"]])[:1]
    if not found:
        return "", ""
    serial = found[0]["serial"]
    return found[0]["pid"], "" if serial.upper() == "N/A" else serial
