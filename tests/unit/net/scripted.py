"""A device made of a script: it echoes, asks one-key and line questions, and its output comes in any pieces."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field

from swim_tui.model.endpoint import HostKey
from swim_tui.model.phase import Direction
from swim_tui.model.secret import Login, Secret
from swim_tui.net.dialogue import Dialogue
from swim_tui.net.prompt import Prompt


@dataclass(frozen=True)
class Ask:
    """A question; `one_key`: taken without RETURN; `secret`: not echoed."""

    text: str
    one_key: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Pause:
    """Nothing comes for so long."""

    seconds: float


@dataclass(frozen=True)
class HangUp:
    """The connection closes."""


@dataclass(frozen=True)
class Silence:
    """Never another byte."""


Step = str | Ask | Pause | HangUp | Silence
Script = Generator[Step, str, None]
ABORT = "\x03"


def output(text: str) -> Callable[[], Script]:
    """A command that prints and ends."""

    def script() -> Script:
        yield text

    return script


class Recorder:
    """A SessionObserver that writes everything down."""

    def __init__(self) -> None:
        self.lines: list[tuple[Direction, str, bool]] = []
        self.stop = False

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        self.lines.append((direction, text, changes))

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        raise AssertionError("no host key in a dialogue")

    def cancelled(self) -> bool:
        return self.stop

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        return None

    def of(self, direction: Direction) -> list[str]:
        return [text for way, text, _ in self.lines if way is direction]

    def text(self) -> str:
        return "\n".join(text for _, text, _ in self.lines)


@dataclass
class Device:
    """Implements `dialogue.Wire` on a clock of its own."""

    commands: dict[str, Callable[[], Script]] = field(default_factory=dict)
    prompt: str = "sw1#"
    pieces: Callable[[str], Iterable[str]] = lambda text: [text]
    echo: Callable[[str], str] = lambda text: text
    now: float = 1000.0
    lines: list[str] = field(default_factory=list)  # commands that were entered
    answers: list[str] = field(default_factory=list)  # what was typed at questions, one-key answers as one key
    aborted: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        self._out: deque[str | Pause] = deque()
        self._typed = ""
        self._script: Script | None = None
        self._ask: Ask | None = None
        self._silent = False

    # --- the wire ---

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> str | None:
        while self._out:
            item = self._out[0]
            if isinstance(item, str):
                self._out.popleft()
                return item
            if item.seconds > timeout_s:
                self._out[0] = Pause(item.seconds - timeout_s)
                self.now += timeout_s
                return ""
            self.now += item.seconds
            timeout_s -= item.seconds
            self._out.popleft()
        if self.closed:
            return None
        self.now += timeout_s
        return ""

    def write(self, text: str) -> None:
        if self.closed:
            raise ConnectionResetError
        for key in text:
            self._key(key)

    # --- the device ---

    def say(self, text: str) -> None:
        self._out.extend(piece for piece in self.pieces(text.replace("\n", "\r\n")) if piece)

    def start(self, banner: str = "") -> None:
        self.say(banner + self.prompt)

    def _key(self, key: str) -> None:
        if self._silent:
            return
        if key == ABORT:
            self.aborted += 1
            self._typed, self._script, self._ask = "", None, None
            self.say("^C\n" + self.prompt)
        elif self._ask is not None and self._ask.one_key:
            self.answers.append(key)
            self.say("" if key == " " else "\n")  # a pager erases its mark instead
            self._go(key)
        elif key == "\n":
            self._return()
        else:
            self._typed += key
            if self._ask is None or not self._ask.secret:
                self.say(self.echo(key))

    def _return(self) -> None:
        typed, self._typed = self._typed, ""
        self.say("\n")
        if self._ask is not None:
            self.answers.append(typed)
            self._go(typed)
        elif self._script is None:
            if typed:
                self.lines.append(typed)
                self._script = self.commands.get(typed, output(""))()
                self._go(None)
            else:
                self.say(self.prompt)

    def _go(self, answer: str | None) -> None:
        self._ask = None
        script = self._script
        assert script is not None
        try:
            step = next(script) if answer is None else script.send(answer)
            while True:
                if isinstance(step, str):
                    self.say(step)
                elif isinstance(step, Pause):
                    self._out.append(step)
                elif isinstance(step, Ask):
                    self.say(step.text)
                    self._ask = step
                    return
                elif isinstance(step, HangUp):
                    self.closed = True
                    return
                else:
                    self._silent = True
                    return
                step = next(script)
        except StopIteration:
            self._script = None
            self.say(self.prompt)


LOGIN = Login("lab", "admin", password=Secret("pa55-W0rd"), enable=Secret("en4ble-S3cret"))


def dialogue(
    device: Device, recorder: Recorder | None = None, *, base: str = "sw1", read_only: bool = False
) -> Dialogue:
    """A dialogue on a scripted device, its prompt known."""
    talk = Dialogue(device, recorder or Recorder(), LOGIN, device="sw1", read_only=read_only, clock=device.clock)
    talk.prompt = Prompt(base, "#")
    return talk


def by_one(text: str) -> Iterator[str]:
    """One character at a time."""
    return iter(text)
