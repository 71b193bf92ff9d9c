"""Lines that a device has left for sessions: the last free one is for the person who has to look after it."""

from __future__ import annotations

import re

from swim_tui.drivers.task import Task
from swim_tui.errors import CommandError
from swim_tui.packs.commands import VTY_LINES, has_vty_lines
from swim_tui.parse import parse_users, parse_vty_lines

_DEFAULT_LINES = 5  # `line vty 0 4`, where the configuration does not say more
_ON_VTY = re.compile(r"\bvty\b", re.IGNORECASE)


def has_spare_line(task: Task) -> bool:
    """True when a second session would still leave a line free. A device that does not say how many are in use has none
    to spare; platforms whose sessions are no lines always have."""
    if not has_vty_lines(task.pack):
        return True
    try:
        users = parse_users(task.try_read("show users") or "")
        lines = parse_vty_lines(task.try_read(VTY_LINES) or "") or _DEFAULT_LINES
    except CommandError:
        return False
    if users is None:
        return False
    in_use = 1 + sum(_ON_VTY.search(user) is not None for user in users)
    if lines - in_use >= 2:
        return True
    task.say(f"{in_use} of {lines} vty lines are in use: no second session is opened")
    return False
