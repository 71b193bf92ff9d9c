"""What pushes share: a jump host that passes so many at once, and the line into a site with its budget (N24). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from swim_tui.engine.board import Slot
from swim_tui.model.job import SERVER_TASK
from swim_tui.model.plan import Phase


def blocked_by_line(slot: Slot, running: Iterable[Slot], max_per_jump: int) -> str:
    """Why a push to this device waits; empty when it need not, or when the device pulls at its site."""
    if slot.next_phase is not Phase.DISTRIBUTE or slot.server or not (slot.line or (max_per_jump and slot.hops)):
        return ""
    held = list(running)
    pushes = [other for other in held if other.running is Phase.DISTRIBUTE and not other.server]
    for hop in slot.hops if max_per_jump else ():
        if sum(hop in other.hops for other in pushes) >= max_per_jump:
            return f"waits for its turn through jump host {hop} ({max_per_jump} pushes at once)"
    if not slot.line:
        return ""
    words = f"waits for room on the line to {slot.line} ({slot.line_bytes_per_s / 125_000:g} Mbit/s)"
    if any(other.device == f"{SERVER_TASK}{slot.line}" for other in held):
        return words  # its upload takes the whole budget
    same = [other.push_bytes_per_s for other in pushes if other.line == slot.line]
    return words if same and sum(same) + slot.push_bytes_per_s > slot.line_bytes_per_s else ""
