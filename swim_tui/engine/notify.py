"""A command of the user's that hears how jobs end: an argument vector, no shell; details as JSON on its stdin."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import signal
from collections.abc import Sequence
from pathlib import Path

from swim_tui.engine.codec import adapter
from swim_tui.engine.effects import Background
from swim_tui.engine.services.settings import NOTIFY_COMMAND, NOTIFY_LIMIT, NOTIFY_ON, SettingsService
from swim_tui.engine.state import State
from swim_tui.model.job import DeviceTask, Job, Run, RunStatus
from swim_tui.model.views import RunReport

log = logging.getLogger(__name__)

AT_ONCE = 4
OUTPUT_KEPT = 2000  # bytes; a command that floods is read and forgotten
_ENVIRONMENT = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ")


class Notifier:
    """Runs the command beside the loop; what it does, or fails to do, changes nothing for a run."""

    def __init__(self, state: State, settings: SettingsService) -> None:
        self._state = state
        self._settings = settings
        self._background = Background()
        self._turn = asyncio.Semaphore(AT_ONCE)

    def tell(self, what: str, job: Job, run: Run, tasks: Sequence[DeviceTask]) -> None:
        """A run ended, or stopped and waits for a person. Returns at once."""
        arguments = shlex.split(self._settings.value(NOTIFY_COMMAND))
        is_good = what == "ended" and run.status is RunStatus.SUCCESS
        if not arguments or (is_good and self._settings.value(NOTIFY_ON) == "failure"):
            return
        report = RunReport(what, str(self._state.paths.root), job, run, tuple(tasks))
        body = adapter(RunReport).dump_json(report) + b"\n"
        self._background.spawn(self._run(arguments, body, run.id), ends_with_engine=True)

    async def stop(self) -> None:
        """End commands that still run."""
        await self._background.settle()

    async def _run(self, arguments: list[str], body: bytes, run_id: str) -> None:
        async with self._turn:
            said = await self._said(arguments, body)
        name = Path(arguments[0]).name
        self._state.notify("info" if said.startswith("ended well") else "warning", f"{name} {said}", run_id=run_id)

    async def _said(self, arguments: list[str], body: bytes) -> str:
        """How it ended, in words."""
        limit = self._settings.number(NOTIFY_LIMIT)
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd="/",
                env=environment,
                start_new_session=True,  # so that its children can be ended with it
            )
        except (OSError, ValueError) as err:
            return f"cannot be run: {getattr(err, 'strerror', None) or err}"
        try:
            async with asyncio.timeout(limit):
                output, _ = await asyncio.gather(_read(process), _feed(process, body))
                code = await process.wait()
        except TimeoutError:
            return f"was ended: it ran for more than {limit:g} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        shown = " ".join(output.decode("utf-8", "replace").split())[:200]
        return ("ended well" if code == 0 else f"failed with exit code {code}") + (f": {shown}" if shown else "")


async def _feed(process: asyncio.subprocess.Process, body: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it need not read what it is told
        process.stdin.write(body)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


async def _read(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    kept = b""
    while part := await process.stdout.read(4096):
        kept += part[: OUTPUT_KEPT - len(kept)]
    return kept
