"""A program that was given the terminal: its Ctrl-C is its own, a stop does not leave anybody waiting."""

from __future__ import annotations

import os
import pty
import select
import sys
import time

_PROGRAM = """
import sys
from swim_tui.ui.foreground import run_in_foreground
status = run_in_foreground([sys.executable, "-c", {code!r}])
print("back with", status, flush=True)
print("typed", input(), flush=True)
"""


def in_terminal(code: str, *keys: bytes) -> str:
    """What a terminal shows while a program runs the code in its foreground; keys are typed once it says `ready`.

    A Ctrl-Z throws away what was typed behind it: the last key is typed again whenever nothing happens.
    """
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", _PROGRAM.format(code=code)])
    seen, left, end = "", list(keys), time.monotonic() + 20
    while "typed hello" not in seen:
        assert time.monotonic() < end, seen
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 4096).decode()
        elif "back with" in seen:
            os.write(master, b"hello\n")
        elif "ready" in seen:
            os.write(master, left.pop(0) if len(left) > 1 else left[0])
    os.waitpid(pid, 0)
    os.close(master)
    return seen


def test_control_c_ends_the_program_and_not_the_one_that_waits_for_it() -> None:
    shown = in_terminal("print('ready', flush=True); import time; time.sleep(30)", b"\x03")
    assert "back with -2" in shown
    assert "typed hello" in shown, "the terminal is given back"


def test_a_program_that_is_stopped_goes_on() -> None:
    shown = in_terminal("print('ready', flush=True); print('got', input(), flush=True)", b"\x1a", b"word\n")
    assert "got word" in shown
    assert "back with 0" in shown
