"""A program in this terminal: it alone gets what is typed, Ctrl-C and Ctrl-Z too, until it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence


def run_in_foreground(words: Sequence[str]) -> int:
    """Run it and wait; its exit status, or minus the signal that ended it.

    It gets a process group of its own: a Ctrl-C that is meant for it would end everything that was started from this
    terminal, the lab of a demo among them. There is no shell to take it up again, so one that stops is continued.
    """
    child = subprocess.Popen(words, process_group=0)
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # taking the terminal back from the background
    try:
        if terminal is not None:
            os.tcsetpgrp(terminal, child.pid)
            _continue(child.pid)  # it may have been stopped for reading before the terminal was its own
        child.returncode = _wait(child.pid)  # waited for here, as Popen does not see a stop
        return child.returncode
    finally:
        if terminal is not None:
            os.tcsetpgrp(terminal, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)


def _wait(pid: int) -> int:
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        _continue(pid)


def _continue(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGCONT)
    except ProcessLookupError:  # it has ended
        return
