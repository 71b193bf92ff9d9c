"""The terminal line of a session: echo, line editing, one-key questions, passwords and paging."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

CTRL_C, CTRL_Z, CTRL_SHIFT_6 = "\x03", "\x1a", "\x1e"
MORE = " --More-- "
PIECE = 1000


class Aborted(Exception):
    """The user pressed Ctrl-C (or Ctrl-Shift-6) in a dialogue or while a command ran."""


class SessionClosed(Exception):
    """The other side is gone, or the line was idle too long."""


class Terminal:
    """Characters in, characters out; what is typed ahead waits in the buffer, as on a real line."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._keys: deque[str] = deque()
        self._ready = asyncio.Event()
        self._closed = False
        self._is_ended = False
        self._after_return = False
        self._echoed = ""
        self.width = 80
        self.length = 24
        self.idle_limit_s = 0.0
        self.on_line: Callable[[str], None] = lambda text: None
        self.on_key: Callable[[str], None] = lambda text: None

    def feed(self, data: bytes) -> None:
        """Bytes from the client."""
        self._keys.extend(data.decode("latin-1"))
        self._ready.set()

    def end_of_input(self) -> None:
        """The client types no more, but still reads: what is typed ahead is served first."""
        self._is_ended = True
        self._ready.set()

    def hang_up(self) -> None:
        """The client is gone."""
        self._closed = True
        self._ready.set()

    def write(self, text: str) -> None:
        """Text to the client, behind the echo that waits; line ends become CR LF."""
        text, self._echoed = self._echoed + text, ""
        if text and not self._closed:
            self._write(text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace"))

    async def _key(self) -> str:
        while True:
            while self._keys:
                key = self._keys.popleft()
                was_return, self._after_return = self._after_return, key == "\r"
                # CR LF is one RETURN on a network terminal; a lone LF is one of its own.
                if not (key == "\n" and was_return) and key != "\0":
                    return "\n" if key == "\r" else key
            self.write("")  # keys that came together are echoed together, as TCP carries them
            if self._closed or self._is_ended:
                raise SessionClosed
            self._ready.clear()
            try:
                await asyncio.wait_for(self._ready.wait(), self.idle_limit_s or None)
            except TimeoutError:
                raise SessionClosed from None

    async def read_line(self, prompt: str, *, echo: bool = True, is_secret: bool = False, start: str = "") -> str:
        """A line ended by RETURN, with echo; Ctrl-C raises Aborted, Ctrl-Z gives that character."""
        self.write(prompt + start)
        typed = list(start)
        while True:
            key = await self._key()
            if key == "\n":
                self.write("\n")
                line = "".join(typed)
                self.on_line("***" if is_secret else line)
                return line
            if key in (CTRL_C, CTRL_SHIFT_6):
                self.on_key("Ctrl-C")
                raise Aborted
            if key == CTRL_Z:
                self.write("^Z\n")
                self.on_key("Ctrl-Z")
                return CTRL_Z
            await self._edit(key, typed, prompt, echo)
            if key == "?" and echo and typed and typed[-1] == "?":
                typed.pop()
                self.write("\n")
                return "".join(typed) + "?"

    async def _edit(self, key: str, typed: list[str], prompt: str, echo: bool) -> None:
        if key in "\x08\x7f":
            if typed:
                typed.pop()
                if echo:
                    self._echoed += "\b \b"
        elif key in "\x15\x18":
            if echo:
                self._echoed += "\b \b" * min(len(typed), self.width)
            typed.clear()
        elif key == "\x17":
            while typed and typed[-1] == " ":
                self._rub_out(typed, echo)
            while typed and typed[-1] != " ":
                self._rub_out(typed, echo)
        elif key == "\x1b":
            await self._swallow_sequence()
        elif key >= " ":
            typed.append(key)
            if echo:
                self._echo(key, typed, prompt)

    def _rub_out(self, typed: list[str], echo: bool) -> None:
        typed.pop()
        if echo:
            self._echoed += "\b \b"

    async def _swallow_sequence(self) -> None:
        if await self._key() in "[O":
            while not (key := await self._key()).isalpha() and key != "~":
                pass

    def _echo(self, key: str, typed: list[str], prompt: str) -> None:
        room = self.width - len(prompt) - 1
        if self.width == 0 or room < 20 or len(typed) < room or (len(typed) - room) % 10:
            self._echoed += key
            return
        # IOS shifts a line that is too long to the left and marks the cut with a dollar.
        self._echoed += "\b" * (room - 1) + "$" + "".join(typed)[-(room - 11) :] + " " * 10 + "\b" * 10

    async def confirm(self, text: str) -> bool:
        """A `[confirm]` question: ONE key, RETURN or y is yes; nothing is echoed but the line end."""
        self.write(text)
        key = await self._key()
        self.on_key({"\n": "RETURN", CTRL_C: "Ctrl-C"}.get(key, key))
        if key in (CTRL_C, CTRL_SHIFT_6):
            raise Aborted
        if key in "\nyY":
            self.write("\n")
            return True
        self.write(f"{key if key >= ' ' else ''}\n")
        return False

    async def yes_no(self, text: str) -> bool:
        """A `[yes/no]` question: a word and RETURN; asks again until it is one of them."""
        while True:
            word = (await self.read_line(text)).strip().lower()
            if word and "yes".startswith(word):
                return True
            if word and "no".startswith(word):
                return False
            self.write("% Please answer 'yes' or 'no'.\n")

    async def page(self, text: str) -> None:
        """Print text, stopping with --More-- after each screen of `length` lines."""
        lines = text.removesuffix("\n").split("\n")
        size = self.length - 1 if self.length else len(lines)
        at = 0
        while True:
            self._write_pieces("".join(f"{line}\n" for line in lines[at : at + size]))
            at += size
            if at >= len(lines):
                return
            self.write(MORE)
            key = await self._key()
            self.on_key({" ": "SPACE", "\n": "RETURN", CTRL_C: "Ctrl-C"}.get(key, key))
            self.write("\b" * 9 + " " * 8 + "\b" * 9)
            if key in "qQ" or key in (CTRL_C, CTRL_SHIFT_6):
                return
            size = 1 if key == "\n" else self.length - 1

    def _write_pieces(self, text: str) -> None:
        # Devices send what fits a segment, not whole lines: readers must put the pieces together.
        for at in range(0, len(text), PIECE):
            self.write(text[at : at + PIECE])

    async def wait(self, seconds: float) -> None:
        """Time a command takes; Ctrl-C among the typed keys raises Aborted, the rest stays typed ahead."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            if self._closed:
                raise SessionClosed
            if CTRL_C in self._keys or CTRL_SHIFT_6 in self._keys:
                self._keys.clear()
                self.on_key("Ctrl-C")
                raise Aborted
            self._ready.clear()
            try:
                await asyncio.wait_for(self._ready.wait(), left)
            except TimeoutError:
                return

    async def hang(self) -> None:
        """Never answer again; ends only with the session."""
        while not self._closed:
            self._ready.clear()
            await self._ready.wait()
        raise SessionClosed
