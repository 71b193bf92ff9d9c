"""ISSU state in its three styles (DEVICE_FACTS 2.7), and the rollback timer."""

from __future__ import annotations

import re
from dataclasses import replace

from swim_tui.model.install import AutoAbort, IssuSlot, IssuStage, IssuState
from swim_tui.parse.text import number, short_lines

_FIELD = re.compile(r"^\s*(?P<key>[A-Z][\w ()-]{2,40}?)\s*=\s*(?P<value>.*?)\s*$")
_NAMED = re.compile(r"^\s*(?P<key>[A-Z][\w ()-]{2,40}?): *(?P<value>.*?)\s*$")
_CHECK = re.compile(r"^\s*(?P<name>[A-Z][\w ]{3,40}?)\s{2,}(?P<value>Yes|No)\s*$")
_MODE = re.compile(r"^\s*Operational Mode\s{2,}(?P<mode>\S+)\s*$")
_IDLE = re.compile(r"^\s*No ISSU operation is in progress\b", re.MULTILINE)
_LEFT = re.compile(r"remaining time before rollback: *(?P<left>\d\d:\d\d(?::\d\d)?)")
_STAGES = {
    "init": IssuStage.INIT,
    "load version": IssuStage.LOADED,
    "run version": IssuStage.RUN,
    "loadversion": IssuStage.LOADED,
    "runversion": IssuStage.RUN,
    "acceptversion": IssuStage.ACCEPTED,
}
# an ISSU is as far as its furthest supervisor
_FURTHEST = (IssuStage.RUN, IssuStage.LOADED, IssuStage.INIT)
_SLOT_FIELDS = {
    "RP State": "role",
    "ISSU State": "state",
    "Operating Mode": "operating_mode",
    "Boot Variable": "boot_variable",
    "Current Version": "current_image",
    "Current Image": "current_image",
    "Primary Version": "target_image",
    "Secondary Version": "original_image",
    "Pre-ISSU (Original) Image": "original_image",
    "Post-ISSU (Targeted) Image": "target_image",
}


def parse_issu_state(text: str) -> IssuState | None:
    """`show issu state detail`; None when it is none of the three styles."""
    state = _by_slots(text) or _by_checks(text) or _by_operation(text)
    if state is not None:
        return state
    return IssuState(IssuStage.INIT) if _IDLE.search("\n".join(short_lines(text))) else None


def parse_issu_timer(text: str) -> AutoAbort | None:
    """`show issu rollback-timer`; None when not understood."""
    state: str | None = None
    configured = remaining = None
    for line in short_lines(text):
        field = _FIELD.match(line)
        if field is not None and field["key"] == "Rollback Process State":
            state = field["value"]
        elif field is not None and field["key"] == "Configured Rollback Time":
            configured = _clock(field["value"])
        elif field is not None and field["key"] == "Automatic Rollback Time":
            remaining = _clock(field["value"])
        named = _NAMED.match(line)
        if named is not None and named["key"] == "Rollback":
            return _rollback(named["value"])
    if state is None:
        return None
    return AutoAbort(state.lower().startswith("in progress"), remaining_s=remaining, configured_s=configured)


def _by_slots(text: str) -> IssuState | None:
    """Cat4500 and Cat6500: a block of `key = value` for each supervisor."""
    slots: list[IssuSlot] = []
    for line in short_lines(text):
        field = _FIELD.match(line)
        if field is None:
            continue
        if field["key"] == "Slot":
            slots.append(IssuSlot(field["value"]))
        elif slots and field["key"] in _SLOT_FIELDS:
            value = "" if field["value"] == "N/A" else field["value"]
            slots[-1] = replace(slots[-1], **{_SLOT_FIELDS[field["key"]]: value})
    stages = {_STAGES.get(slot.state.lower()) for slot in slots if slot.state}
    if not stages:
        return None
    stage = None if None in stages else next((s for s in _FURTHEST if s in stages), None)
    active = next((slot for slot in slots if slot.role.lower() == "active"), slots[0])
    return IssuState(
        stage,
        tuple(slots),
        original_image=active.original_image,
        running_image=active.current_image,
        operating_mode=active.operating_mode,
    )


def _by_operation(text: str) -> IssuState | None:
    """ASR1000: one operation, named by its last step."""
    said: dict[str, str] = {}
    for line in short_lines(text):
        named = _NAMED.match(line)
        if named is not None:
            said.setdefault(named["key"], named["value"])
    if "Last operation" not in said or "Running image" not in said:
        return None
    mode, _, end = said.get("Operating mode", "").partition(",")
    terminal = {"terminal state reached": True, "terminal state not reached": False}.get(end.strip())
    return IssuState(
        _STAGES.get(said["Last operation"].lower(), IssuStage.IN_PROGRESS),
        last_operation=said["Last operation"],
        original_image=said.get("Original (rollback) image", ""),
        running_image=said["Running image"],
        operating_mode=mode.strip(),
        is_terminal=terminal,
        timer=_rollback(said["Rollback"]) if "Rollback" in said else None,
    )


def _by_checks(text: str) -> IssuState | None:
    """9400, 9500, 9600: a table of system checks; the operation, if any, follows it."""
    checks: list[tuple[str, bool]] = []
    said: dict[str, str] = {}
    mode = ""
    for line in short_lines(text):
        check, operational, named = _CHECK.match(line), _MODE.match(line), _NAMED.match(line)
        if operational is not None:
            mode = operational["mode"]
        elif check is not None and not re.match(r"\d", check["name"]):
            checks.append((check["name"].strip(), check["value"] == "Yes"))
        elif named is not None:
            said.setdefault(named["key"].strip(), named["value"])
    status = said.get("Current ISSU Status", "")
    if not status:
        return None
    is_idle = _IDLE.search("\n".join(short_lines(text))) is not None
    is_running = status.lower() == "in progress" or "Last operation" in said
    return IssuState(
        IssuStage.INIT if is_idle else IssuStage.IN_PROGRESS if is_running else None,
        status=status,
        previous="" if said.get("Previous ISSU Operation", "") == "N/A" else said.get("Previous ISSU Operation", ""),
        checks=tuple(checks),
        operational_mode=mode,
        last_operation=said.get("Last operation", ""),
    )


def _rollback(value: str) -> AutoAbort | None:
    word = value.split(",")[0].strip().lower()
    left = _LEFT.search(value)
    if word == "inactive":
        return AutoAbort(False)
    if word == "automatic" or left is not None:
        return AutoAbort(True, remaining_s=_clock(left["left"]) if left is not None else None)
    return None


def _clock(text: str) -> int | None:
    """hh:mm:ss, or mm:ss as newer software writes it (60:00 = one hour)."""
    parts = [number(part) for part in text.strip().split(":")]
    if len(parts) not in (2, 3) or any(part is None for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + (part or 0)
    return total
