"""What install commands of XE print, judged: success needs its own marker, and no failure after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from swim_tui.errors import CheckFailed

# Inner steps of a failing run print their own SUCCESS lines: only the command's own counts.
_SUCCESS = re.compile(
    r"^\s*SUCCESS: install_"
    r"(?:add_activate_commit|auto_abort_timer|add|activate|deactivate|commit|remove|abort|rollback)\b",
    re.M,
)
_SCOPE = r"(?:\[[^\]\n]{1,40}\]:?\s*)?(?:(?:Switch|Chassis)\s+\d+\s+|R\d\s+)?"
_FAILED = re.compile(rf"^\s*{_SCOPE}FAILED:.*$", re.M)
_REASON = re.compile(
    rf"^\s*{_SCOPE}(?:FAILED:|ERROR:|Error:|%\s?Error|% "
    r"|.*requires \d+ KB of free space|.*is not allowed|.*not compatible)",
    re.I,
)
_NO_CHANGE = re.compile(r"Same Image File-No Change", re.I)
_RELOADS = re.compile(r"will reload the system|reloading, reason", re.I)
_BUSY = re.compile(r"cannot start new install operation|some operation is already running", re.I)
_ADDED = re.compile(r"Super package already added", re.I)
_LIST_BEGIN = re.compile(r"files (?:that )?will be deleted\s*:", re.I)
_LIST_END = re.compile(r"do you want to|\[y/n\]|\[yes/no\]", re.I)
_LIST_SCOPE = re.compile(r"^\s*\[[^\]]{1,40}\]\s*:?\s*$")
_LIST_FILE = re.compile(r"^\s*(?:\[[^\]]{1,40}\]\s*:?)?\s*(?P<file>/?[\w.:/+=@-]+\.[\w.]+)\s*$")
_NOTHING = re.compile(r"Nothing to clean|No files to delete", re.I)


@dataclass(frozen=True)
class InstallAnswer:
    """How a command ended by its own words."""

    is_success: bool
    reason: str = ""
    is_busy: bool = False
    is_added: bool = False
    stays_up: bool = False
    reloads: bool = False  # it announced a reload


def judge_install(text: str) -> InstallAnswer:
    """Success by the last marker, with the device's lines of reason where it failed."""
    success = [m.start() for m in _SUCCESS.finditer(text)]
    failed = [m.start() for m in _FAILED.finditer(text)]
    lines = [" ".join(line.split()) for line in text.splitlines() if _REASON.match(line)]
    reason = "; ".join(dict.fromkeys(lines))[:600]
    is_good = bool(success) and (not failed or failed[-1] < success[-1])
    return InstallAnswer(
        is_success=is_good,
        reason="" if is_good else reason or "no line of success in the answer",
        is_busy=bool(_BUSY.search(text)),
        is_added=bool(_ADDED.search(text)),
        stays_up=bool(_NO_CHANGE.search(text)),
        reloads=bool(_RELOADS.search(text)),
    )


def files_to_delete(text: str) -> tuple[str, ...]:
    """The list that a clean command shows before its question, paths without their file system.

    Errors: CheckFailed when a line of the list is not understood; () when there is nothing to clean.
    """
    if _NOTHING.search(text):
        return ()
    found: list[str] = []
    is_list = False
    for line in text.splitlines():
        if _LIST_BEGIN.search(line):
            is_list = True
        elif not is_list or not line.strip() or _LIST_SCOPE.match(line):
            continue
        elif _LIST_END.search(line):
            is_list = False
        else:
            match = _LIST_FILE.match(line)
            if match is None:
                raise CheckFailed(check="List of the clean command", expected="file names", actual=line.strip()[:120])
            found.append(relative(match["file"]))
    return tuple(dict.fromkeys(found))


def relative(path: str) -> str:
    """`/flash/x.pkg`, `flash:x.pkg` and `flash-1:/x.pkg` as `x.pkg`."""
    if path.startswith("/"):
        return path.lstrip("/").partition("/")[2] or path.lstrip("/")
    return path.rpartition(":")[2].lstrip("/")
