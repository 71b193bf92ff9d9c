"""What pushes of all runs share: a jump host that passes so many at once, and the line into a site with its budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from swim_tui.engine.board import Slot
from swim_tui.model.fileserver import LOCAL_PULL
from swim_tui.model.job import SERVER_TASK
from swim_tui.model.plan import Phase

_WORTH_HALF = 0.5  # whoever expects more than half of a line makes do with half
_AT_LEAST = 0.25  # a quarter of the line, also for a device of which less is expected
_MAY_EXCEED = 2.0  # what was expected is a guess, or of another night


@dataclass(frozen=True)
class Room:
    """Why a phase waits (empty: it need not), and what it may send at most (0 = as fast as it goes)."""

    why: str = ""
    bytes_per_s: float = 0.0


FREE = Room()


def is_push(slot: Slot) -> bool:
    """True when the engine sends the image to the device itself."""
    return not slot.server and not slot.is_server


def _crosses(slot: Slot) -> bool:
    """True when what the device copies comes over the line: by a push, or pulled from the engine itself."""
    return is_push(slot) or slot.server == LOCAL_PULL


def room_for_push(slot: Slot, moving: Iterable[Slot], max_per_jump: int, waiting: int = 1) -> Room:
    """Whether a push to this device may begin beside what is `moving`; `waiting` devices want the same line now.

    A device that pulls from the engine itself uses the line too, and none that pulls at its site does.
    """
    if slot.next_phase is not Phase.DISTRIBUTE or not _crosses(slot) or not (slot.line or (max_per_jump and slot.hops)):
        return FREE
    held = list(moving)
    pushes = [other for other in held if other.running is Phase.DISTRIBUTE and is_push(other)]
    for hop in slot.hops if max_per_jump and is_push(slot) else ():
        if sum(hop in other.hops for other in pushes) >= max_per_jump:
            return Room(f"waits for its turn through jump host {hop} ({max_per_jump} pushes at once)")
    return room_on_line(slot, held, waiting)


def room_on_line(slot: Slot, moving: Iterable[Slot], waiting: int = 1) -> Room:
    """A share of the line into the site, so that all shares together never exceed its budget."""
    line = slot.line_bytes_per_s
    if not slot.line or not line:
        return FREE
    taken = sum(_taken(slot, other) for other in moving)
    free, wanted = line - taken, min(slot.push_bytes_per_s or line, line * _WORTH_HALF)
    if taken and free < wanted:
        return Room(f"waits for room on the line to {slot.line} ({line / 125_000:g} Mbit/s)")
    at_once = max(1, min(waiting, int(free / wanted)))
    return Room("", min(free / at_once, max(slot.push_bytes_per_s * _MAY_EXCEED, line * _AT_LEAST)))


def _taken(slot: Slot, other: Slot) -> float:
    """What another phase has of the line of this one."""
    if other.device == f"{SERVER_TASK}{slot.line}" and other.running is Phase.UPLOAD:
        return other.share_bytes_per_s or slot.line_bytes_per_s
    if other.running is not Phase.DISTRIBUTE or other.line != slot.line or not _crosses(other):
        return 0.0
    return other.share_bytes_per_s or other.push_bytes_per_s
