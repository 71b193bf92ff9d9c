"""Frames between engine and worker over their socket pair; importing this loads no SSH library.

A frame is a length (8 bytes, big endian) and a pickle. Both ends are one program of one version on one machine.
"""

from __future__ import annotations

import pickle
import socket
import struct
from dataclasses import dataclass

from swim_tui.drivers.contract import PhaseRequest, Question
from swim_tui.model.phase import Intent, PhaseEvent, PhaseResult

_HEAD = struct.Struct(">Q")
MAX_FRAME_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Setup:
    """Engine to worker, first of all: the lock to hold for life, and how nice to be."""

    lock_path: str
    nice: int = 5
    known_hosts: str = ""  # read, never written; empty = the user's own


@dataclass(frozen=True)
class Start:
    """Engine to worker: run this phase in a thread."""

    request: PhaseRequest


@dataclass(frozen=True)
class Cancel:
    """Engine to worker: stop this phase at its next safe point."""

    phase_id: str


@dataclass(frozen=True)
class BarrierReply:
    """Engine to worker: the intent is on disk and may be done, or stop; `held`: because of a hold, `done_by`: because
    that device did it already."""

    phase_id: str
    seq: int
    go: bool
    held: bool = False
    done_by: str = ""


@dataclass(frozen=True)
class AnswerReply:
    """Engine to worker: what a person answered, None = nobody did in time."""

    phase_id: str
    seq: int
    answer: str | None

    def __repr__(self) -> str:
        return f"AnswerReply(phase_id={self.phase_id!r}, seq={self.seq}, answer=***)"


@dataclass(frozen=True)
class Shutdown:
    """Engine to worker: end when no phase runs any more; running ones are cancelled at their safe points."""


@dataclass(frozen=True)
class Hello:
    """Worker to engine: alive and holding its lock."""

    pid: int


@dataclass(frozen=True)
class Event:
    """Worker to engine: something a phase says."""

    phase_id: str
    event: PhaseEvent


@dataclass(frozen=True)
class Barrier:
    """Worker to engine: journal this intent, then answer with the same `seq`."""

    phase_id: str
    seq: int
    intent: Intent


@dataclass(frozen=True)
class Ask:
    """Worker to engine: a person must answer."""

    phase_id: str
    seq: int
    question: Question


@dataclass(frozen=True)
class Done:
    """Worker to engine: the phase ended; nothing more comes for it."""

    phase_id: str
    result: PhaseResult


ToWorker = Setup | Start | Cancel | BarrierReply | AnswerReply | Shutdown
ToEngine = Hello | Event | Barrier | Ask | Done


def encode(frame: ToWorker | ToEngine) -> bytes:
    """A frame as bytes with its length in front."""
    body = pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL)
    return _HEAD.pack(len(body)) + body


class FrameReader:
    """Takes bytes as they come, gives whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[ToWorker | ToEngine]:
        """Frames completed by `data`; ValueError when the length is absurd."""
        self._buffer += data
        frames: list[ToWorker | ToEngine] = []
        while len(self._buffer) >= _HEAD.size:
            (size,) = _HEAD.unpack_from(self._buffer)
            if size > MAX_FRAME_BYTES:
                raise ValueError(f"frame of {size} bytes")
            end = _HEAD.size + size
            if len(self._buffer) < end:
                break
            # Both ends of the socket pair are this program: the pickle is our own.
            frames.append(pickle.loads(bytes(self._buffer[_HEAD.size : end])))
            del self._buffer[:end]
        return frames


def receive(sock: socket.socket, reader: FrameReader) -> list[ToWorker | ToEngine] | None:
    """Block for the next bytes; None when the other end closed."""
    try:
        data = sock.recv(262_144)
    except OSError:
        return None
    return reader.feed(data) if data else None
