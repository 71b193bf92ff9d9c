"""Are all members and the standby ready? Needed before a change and after a reload."""

from __future__ import annotations

from swim_tui.model.facts import Facts

_READY_MEMBER = ("ready", "active", "standby hot", "ok")

HOT_STANDBY = frozenset({"ha standby", "standby"})
"""What NX-OS calls a supervisor that can take over."""


def not_ready(facts: Facts) -> tuple[str, ...]:
    """Members and standby that are not ready, each as `2 V-Mismatch`; states that were not read say nothing."""
    found = [f"{m.number} {m.state}" for m in facts.members if m.state and m.state.lower() not in _READY_MEMBER]
    redundancy = facts.redundancy
    is_duplex = redundancy.hardware_mode.lower().startswith("duplex")
    if is_duplex and redundancy.peer_state and "HOT" not in redundancy.peer_state.upper():
        found.append(f"standby {redundancy.peer_state}")
    return tuple(found)
