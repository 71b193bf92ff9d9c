"""One-time codes from the command line: asked without echo while a run is watched, or given with `jobs answer`."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.output import emit, is_terminal, plain, tell
from swim_tui.errors import BadValue, Conflict, ConsentMissing, SwimError, describe
from swim_tui.model.views import WAITS_FOR_CODE

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.cli.progress import View
    from swim_tui.model.job import DeviceTask
    from swim_tui.model.views import PendingQuestion

MAX_CODE = 256
_LOOK_S = 0.3


async def ask_hidden(question: str) -> str:
    """A line typed on the terminal, not shown; can be cancelled, which a thread in `getpass` cannot."""
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        before = termios.tcgetattr(terminal)
        silent = [*before]
        silent[3] &= ~termios.ECHO
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str] = loop.create_future()
        termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
        try:
            os.write(terminal, question.encode())
            loop.add_reader(terminal, _take_line, terminal, line)
            return await line
        finally:
            loop.remove_reader(terminal)
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
            os.write(terminal, b"\n")
    finally:
        os.close(terminal)


async def ask_code(question: str) -> str:
    """A one-time code typed on the terminal, without the blanks around it."""
    return (await ask_hidden(question)).strip()


def _take_line(terminal: int, line: asyncio.Future[str]) -> None:
    data = os.read(terminal, 4096)
    if not line.done():
        line.set_result(data.decode(errors="replace").rstrip("\r\n"))  # blanks may belong to a passphrase


class Asker:
    """Asks for the codes that device tasks of a watched run wait for, one after the other."""

    def __init__(self, client: EngineClient, view: View) -> None:
        self._client = client
        self._view = view
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._can_ask = is_terminal()

    def look(self, tasks: Iterable[DeviceTask]) -> None:
        """Ask for what these tasks wait for, and stop asking for what was answered elsewhere."""
        for task in tasks:
            key = (task.run_id, task.device)
            waits = task.waiting_for.startswith(WAITS_FOR_CODE) and not task.status.is_final
            asking = self._asking.get(key)
            if not waits:
                if asking is not None:
                    del self._asking[key]
                    asking.cancel()
            elif asking is None:
                self._asking[key] = asyncio.create_task(self._ask(task))

    async def close(self) -> None:
        """Ask no more."""
        tasks, self._asking = list(self._asking.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, task: DeviceTask) -> None:
        if not self._can_ask:
            tell(f"{task.device} waits for a code: swim-tui jobs answer {task.run_id} --code-stdin")
            return
        async with self._turn:
            self._view.pause(True)
            try:
                code = await ask_code(f"{plain(task.waiting_for.removeprefix(f'{WAITS_FOR_CODE}: '))} ")
            finally:
                self._view.pause(False)
            if not code:
                tell(f"no code given; until it times out: swim-tui jobs answer {task.run_id}")
                return
            try:
                await asyncio.shield(self._client.api.answer_question(task.run_id, task.device, code))
            except SwimError as err:
                tell(describe(err).one_line())


@asynccontextmanager
async def answering(client: EngineClient, run_id: str, until: asyncio.Future[Any]) -> AsyncIterator[None]:
    """While the body runs, ask on the terminal for the codes that `run_id` waits for."""
    asking = asyncio.create_task(_answer_all(client, run_id, until))
    try:
        yield
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _answer_all(client: EngineClient, run_id: str, until: asyncio.Future[Any]) -> None:
    said = False
    while not until.done():
        for question in await client.api.questions():
            if question.run_id != run_id:
                continue
            if is_terminal():
                code = await ask_code(f"{plain(question.text)} ")
                await client.api.answer_question(run_id, question.device, code)
            elif not said:
                said = True
                tell(f"{run_id} waits for a code: swim-tui jobs answer '{run_id}' --code-stdin")
        await asyncio.wait([until], timeout=_LOOK_S)


@click.command()
@click.argument("id", metavar="RUN")
@click.option("--device", default="", help="The device that waits, if several do.")
@click.option("--code-stdin", is_flag=True, help="Read the code from standard input.")
@common_options
@pass_app
def answer(app: App, id: str, device: str, code_stdin: bool) -> None:
    """Give a run the one-time code it waits for; it is asked without echo, and never taken as an argument."""
    if not code_stdin and not is_terminal():
        raise ConsentMissing(detail="a code must be typed, and there is no terminal", flag="--code-stdin")

    async def work(client: EngineClient) -> PendingQuestion:
        from swim_tui.cli.jobs import run_of

        questions = await client.api.questions()
        is_run = not any(question.run_id == id for question in questions)
        found = choose(questions, await run_of(client, id) if is_run else id, device)
        code = read_code() if code_stdin else await ask_code(f"{plain(found.text)} ")
        await client.api.answer_question(found.run_id, found.device, code)
        return found

    done = app.with_engine(work)
    words = f"run {done.run_id}: the code for {done.device} was handed over"
    emit({"run": done.run_id, "device": done.device, "action": "answer"}) if app.as_json else tell(words)


def read_code() -> str:
    """The first line of standard input."""
    line = sys.stdin.readline(MAX_CODE + 1).strip()
    if len(line) > MAX_CODE:
        raise BadValue(name="code", value="", detail="it is too long", allowed=f"up to {MAX_CODE} characters")
    return line


def choose(questions: Iterable[PendingQuestion], run_id: str, device: str) -> PendingQuestion:
    """The question that is meant; Conflict when none or several are."""
    found = [q for q in questions if q.run_id == run_id and device in ("", q.device)]
    if not found:
        raise Conflict(detail=f"{device or 'nothing'} of run {run_id} waits for a code")
    if len(found) > 1:
        names = ", ".join(q.device for q in found)
        raise Conflict(detail=f"{len(found)} devices wait for a code: {names}", action="name one with --device")
    return found[0]
