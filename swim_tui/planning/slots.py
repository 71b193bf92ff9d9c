"""Which slots the active and the standby processor sit in, as the device itself names them."""

from __future__ import annotations

from swim_tui.model.facts import Facts


def slots(facts: Facts) -> tuple[str, str]:
    """Active and standby as typed in commands (`0` of R0, `3` of slot 3); "" where there is none or it is unknown."""
    rows = [(n.name.removeprefix("R"), n.role.lower()) for n in facts.nodes if n.name.startswith("R")]
    if facts.issu is not None and facts.issu.slots:
        rows = [(s.slot, s.role.lower()) for s in facts.issu.slots]
    active = next((name for name, role in rows if role == "active"), "")
    return active, next((name for name, role in rows if role == "standby"), "")
