"""Long operations: they go on when the session that started them ends; their questions have no default."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from ..ios.shell import Shell
from ..terminal import Aborted, SessionClosed


def stamp(at: datetime | None = None) -> str:
    """A time (now unless given) as install operations print it: `Mon Jun 22 18:06:11 UTC 2020`."""
    now = at or datetime.now(UTC)
    return f"{now:%a %b} {now.day:02d} {now:%H:%M:%S} UTC {now:%Y}"


def kb(size: int) -> int:
    """Bytes in KB, rounded up."""
    return -(-size // 1024)


async def on_device(shell: Shell, work: Coroutine[Any, Any, str]) -> str:
    """Run work that belongs to the device and not to the session; its result, if the session lives that long."""
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        try:
            text = await work
        except (SessionClosed, Aborted) as err:
            if not future.done():
                future.set_exception(err)
        else:
            if not future.done():
                future.set_result(text)

    shell.device.start_task(run())
    return await future


class Report:
    """What an operation prints on the session it was started from."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.device = shell.device

    def say(self, *lines: str) -> None:
        """Whole lines."""
        self.shell.term.write("".join(f"{line}\n" for line in lines))

    async def take(self, seconds: float) -> None:
        """Time of the real world that a step takes; here a session can get lost."""
        if self.device.faults.take("drop_in_install"):
            self.device.log("install-dropped", "the session is cut, the work goes on", self.shell.link.session)
            self.shell.link.wire.reset()
        await asyncio.sleep(self.device.services.seconds(seconds))

    async def ask(self, question: str, answers: str = "yn") -> str:
        """A `[y/n]` question: RETURN alone and other words ask again."""
        while True:
            word = (await self.shell.term.read_line(f"{question} ")).strip().lower()
            for answer in answers:
                if word in (answer, {"y": "yes", "n": "no", "q": "quit"}[answer]):
                    return answer

    def done(self, line: str) -> None:
        """An executed operation: it is in the log once."""
        self.device.log("install", line, self.shell.link.session)

    def installed(self, line: str) -> None:
        """An operation that changes what the next boot starts; it is also counted."""
        self.device.counters["installs"] = self.device.counters.get("installs", 0) + 1
        self.done(line)
