"""Lines that a device has left for sessions: the last free one is for the person who has to look after it."""

from __future__ import annotations

import re

from swim_tui.drivers.task import Task
from swim_tui.errors import CommandError
from swim_tui.packs.commands import USERS, session_limit
from swim_tui.parse import parse_session_limit, parse_users

_ON_VTY = re.compile(r"\bvty ?\d|\bpts/\d", re.IGNORECASE)


def has_spare_line(task: Task) -> bool:
    """True when a second session would still leave a line free. A device that does not say how many are in use has none
    to spare; one that cannot be asked always has."""
    limit = session_limit(task.pack)
    if limit is None:
        return True
    try:
        users = parse_users(task.try_read(USERS) or "")
        lines = parse_session_limit(task.try_read(limit.command) or "") or limit.unset
    except CommandError:
        return False
    if users is None:
        return False
    in_use = 1 + sum(_ON_VTY.search(user) is not None for user in users)
    if lines - in_use >= 2:
        return True
    task.say(f"{in_use} of {lines} vty lines are in use: no second session is opened")
    return False
