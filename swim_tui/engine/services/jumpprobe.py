"""The process of a jump test: `python -m swim_tui.engine.services.jumpprobe`.

It reads a pickled Order on stdin (its secrets never are arguments) and says on stdout what it asks and what it found;
answers to its questions come on stdin.
"""

from __future__ import annotations

import pickle
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from swim_tui.errors import AuthError, CodeMissing, JumpError, SwimError, describe
from swim_tui.model.device import HopMethod
from swim_tui.model.endpoint import Endpoint, Hop, HostKey, fingerprint
from swim_tui.model.phase import Direction
from swim_tui.model.views import HopReport, MethodReport

COMMANDS = ("nc %h %p", "ncat %h %p")
ITSELF = "itself"
LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class Order:
    """What to test: the way to a jump host, and what to reach for behind it."""

    endpoint: Endpoint
    target: str  # how it is called


@dataclass(frozen=True)
class Asked:
    """A one-time code is needed."""

    hop: str
    prompt: str


@dataclass(frozen=True)
class Findings:
    """What the process found."""

    hops: tuple[HopReport, ...]
    learned: tuple[HostKey, ...] = ()
    refused_profile: str = ""


def frame(value: object) -> bytes:
    """A value as it goes over the pipe."""
    data = pickle.dumps(value)
    return LENGTH.pack(len(data)) + data


class Pipe:
    """Hears the keys that are learned; asks the engine for codes."""

    def __init__(self, said: IO[bytes], heard: IO[bytes]) -> None:
        self._said = said
        self._heard = heard
        self.learned: list[HostKey] = []

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """Nothing is typed."""

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """A key was trusted on first use."""
        self.learned.append(key)

    def cancelled(self) -> bool:
        """The process is ended from outside."""
        return False

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Ask through the engine."""
        self.say(Asked(hop, prompt))
        answer = self.hear()
        return answer if isinstance(answer, str) else None

    def say(self, value: Asked | Findings) -> None:
        """One frame to the engine."""
        self._said.write(frame(value))
        self._said.flush()

    def hear(self) -> object:
        """One frame from the engine."""
        head = self._heard.read(LENGTH.size)
        return pickle.loads(self._heard.read(LENGTH.unpack(head)[0])) if len(head) == LENGTH.size else None


def probe_hops(order: Order, observer: Pipe) -> Findings:
    """Log in to each hop in turn, then try how the last one reaches on."""
    from swim_tui.net.hosts import HostBook
    from swim_tui.net.jumps import JumpPool
    from swim_tui.net.service import SshNet

    endpoint = order.endpoint
    reports: list[HopReport] = []
    refused = ""
    book = HostBook(Path.home() / ".ssh" / "known_hosts")
    pool = JumpPool(book)
    for count, hop in enumerate(endpoint.hops, 1):
        plain = HopReport(hop.name, f"{hop.address}:{hop.port}", ok=False, method=hop.method, template=hop.template)
        try:
            if hop.method is HopMethod.USER:
                transport = SshNet().open(replace(endpoint, hops=endpoint.hops[:count]), observer)
            else:
                transport = pool.transport(replace(endpoint, hops=endpoint.hops[:count]), observer)
        except SwimError as err:
            reports.append(replace(plain, problem=describe(err)))
            refused = hop.login.profile if isinstance(err, AuthError) and not isinstance(err, CodeMissing) else ""
            break
        shown = fingerprint(transport.get_remote_server_key().asbytes())
        done = replace(plain, ok=True, fingerprint=shown, algorithms=transport.algorithms())
        if count == len(endpoint.hops):
            aim = "" if order.target == ITSELF else f"{order.target} ({endpoint.address}:{endpoint.port})"
            done = replace(done, methods=_methods(pool, endpoint, hop, observer), target=aim or "its own SSH port")
        reports.append(done)
    pool.close()
    return Findings(tuple(reports), tuple(observer.learned), refused)


def _methods(pool: Any, endpoint: Endpoint, hop: Hop, observer: Pipe) -> tuple[MethodReport, ...]:
    """Try every method that opens no second login; the one that is set stands first."""
    if hop.method is HopMethod.USER:
        return (MethodReport(hop.method, hop.template, ok=True, detail="logged in for the target"),)
    ways = [(hop.method, hop.template), (HopMethod.FORWARD, ""), *((HopMethod.EXEC, text) for text in COMMANDS)]
    return tuple(_try(pool, endpoint, method, template, observer) for method, template in dict.fromkeys(ways))


def _try(pool: Any, endpoint: Endpoint, method: HopMethod, template: str, observer: Pipe) -> MethodReport:
    shown = template or (COMMANDS[0] if method is HopMethod.EXEC else "")
    try:
        pool.reach(endpoint, method, template, observer, endpoint.connect_timeout_s).close()
    except JumpError as err:
        return MethodReport(method, shown, ok=False, detail=describe(err).message)
    except SwimError as err:  # passed on; what lies behind does not answer
        return MethodReport(method, shown, ok=True, detail=describe(err).message)
    return MethodReport(method, shown, ok=True, detail="reached")


def main(heard: IO[bytes], said: IO[bytes], probe: Callable[[Order, Pipe], Findings] = probe_hops) -> None:
    """Serve one order."""
    pipe = Pipe(said, heard)
    order = pipe.hear()
    assert isinstance(order, Order)
    pipe.say(probe(order, pipe))


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is what the engine knows.
    from swim_tui.engine.services import jumpprobe

    jumpprobe.main(sys.stdin.buffer, sys.stdout.buffer)
