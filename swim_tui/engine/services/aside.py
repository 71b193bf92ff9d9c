"""SSH of the engine itself, in a process of its own: its loop does none.

`python -m MODULE` reads a pickled request on stdin (its secrets never are arguments) and answers pickled on stdout.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable
from typing import TypeVar

from swim_tui.model.endpoint import HostKey
from swim_tui.model.phase import Direction

Answer = TypeVar("Answer")


class AsideFailed(Exception):
    """The process took too long or died; the text says which."""


async def run_aside(module: str, request: object, kind: type[Answer], limit_s: float) -> Answer:
    """What `module` answers to a request; AsideFailed when it does not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(limit_s):
            answer, _ = await process.communicate(pickle.dumps(request))
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AsideFailed(f"no end after {limit_s:g} s") from None
    if process.returncode != 0:
        raise AsideFailed("the look itself failed")
    found = pickle.loads(answer)
    assert isinstance(found, kind)
    return found


def serve_aside(answer: Callable[[object], object]) -> None:
    """The process's side: one request, one answer."""
    sys.stdout.buffer.write(pickle.dumps(answer(pickle.loads(sys.stdin.buffer.read()))))


class QuietObserver:
    """Hears the keys that are learned; nobody is asked, and the process is ended from outside."""

    def __init__(self) -> None:
        self.learned: list[HostKey] = []

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """Nothing is typed."""

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """A key was trusted on first use."""
        self.learned.append(key)

    def cancelled(self) -> bool:
        """Never."""
        return False

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Nobody is there."""
        return None
