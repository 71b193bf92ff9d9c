"""What every transfer has: a file of this machine, a channel, waits with limits, words for how it stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import paramiko

from swim_tui.errors import Cancelled, ConnectError, Stalled, TransferError, TransferLost, TransferRefused
from swim_tui.net.contract import SessionObserver
from swim_tui.net.meter import Meter
from swim_tui.net.transport import SwimTransport, time_limit

TICK_S = 0.5
ANSWER_S = 60.0
"""What an answer may take that no bytes of a file are waiting for."""


class Transfer:
    """One file at a time to or from `device`; `stall_s` is how long nothing may move."""

    def __init__(self, device: str, observer: SessionObserver, stall_s: float, file: str = "") -> None:
        self._device = device
        self._observer = observer
        self._stall_s = stall_s
        self._file = file
        self._meter = Meter(0, lambda _progress: None)

    def _may_wait(self) -> None:
        """Called while nothing moves."""
        self._check_cancelled()
        if self._meter.started and time.monotonic() - self._meter.moved_at >= self._stall_s:
            self._stalled(self._stall_s)

    def _check_cancelled(self) -> None:
        if self._observer.cancelled():
            raise Cancelled(device=self._device, detail=f" after {self._meter.done} bytes of {self._file}")

    def _stalled(self, idle_s: float) -> NoReturn:
        raise Stalled(device=self._device, file=self._file, sent=self._meter.done, idle_s=idle_s)

    def _refused(self, said: str) -> NoReturn:
        raise TransferRefused(device=self._device, file=self._file, detail=said)

    def _lost(self, said: str) -> NoReturn:
        raise TransferLost(
            device=self._device, file=self._file, sent=self._meter.done, size=self._meter.size, detail=said
        ) from None

    def _receive_some(self, channel: paramiko.Channel, size: int, limit_s: float) -> bytes:
        """Up to `size` bytes, none at the end of the stream. Stalled when nothing comes for `limit_s`."""
        limit = time.monotonic() + limit_s
        while True:
            try:
                return channel.recv(size)
            except TimeoutError:
                self._check_cancelled()
                if time.monotonic() >= limit:
                    self._stalled(limit_s)
            except (OSError, EOFError, paramiko.SSHException) as err:  # receiving sends too: it opens the window
                self._lost(str(err) or "connection closed")

    def _open_channel(
        self, transport: SwimTransport, begin: Callable[[paramiko.Channel], None], name: str, missing: str
    ) -> paramiko.Channel:
        """A channel on which `begin` started protocol `name`; `missing` is what is said where there is none."""
        try:
            channel = transport.open_session(timeout=ANSWER_S)
            channel.settimeout(TICK_S)
            with time_limit(transport, ANSWER_S):
                begin(channel)
        except paramiko.ChannelException as err:
            self._refused(f"no channel for {name}: {err.text}")
        except (paramiko.SSHException, EOFError, OSError) as err:
            if transport.is_active():
                self._refused(missing)
            raise ConnectError(device=self._device, detail=f"connection lost before the copy: {err}") from err
        return channel


def close_quietly(channel: paramiko.Channel) -> None:
    """Closing says so to the far end, which may be gone: what was raised before matters more."""
    with suppress(OSError, EOFError, paramiko.SSHException):
        channel.close()


@contextmanager
def local_file(source: str, device: str) -> Iterator[int]:
    """Descriptor of a file of this machine, for reading. Errors: TransferError."""
    path = Path(source)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError as err:
        raise TransferError(device=device, file=path.name, detail=err.strerror or str(err)) from err
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def fill(descriptor: int, room: memoryview, offset: int, device: str, file: str) -> None:
    """Read exactly the bytes at `offset` that fill `room`. Errors: TransferError when the file became shorter."""
    while room:
        got = os.preadv(descriptor, [room], offset)
        if got == 0:
            raise TransferError(device=device, file=file, detail="the local file became shorter meanwhile")
        room, offset = room[got:], offset + got
