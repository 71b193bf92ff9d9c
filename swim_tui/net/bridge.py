"""A real socket over a byte stream of a jump host: what FTP and HTTP clients of the standard library want."""

from __future__ import annotations

import contextlib
import socket
import threading

from swim_tui.net.bulk import ByteSocket

_PIECE = 65_536


def bridge(stream: ByteSocket) -> socket.socket:
    """The stream itself where it is a socket, else one end of a pair whose other end two threads serve."""
    if isinstance(stream, socket.socket):
        return stream
    ours, theirs = socket.socketpair()
    stream.settimeout(None)
    threading.Thread(target=_outward, args=(theirs, stream), name="bridge-out", daemon=True).start()
    threading.Thread(target=_inward, args=(theirs, stream), name="bridge-in", daemon=True).start()
    return ours


def _outward(near: socket.socket, far: ByteSocket) -> None:
    """Until the client closes its end; then nobody waits for the far end any more."""
    with contextlib.suppress(OSError, EOFError):
        while data := near.recv(_PIECE):
            view = memoryview(data)
            while view:
                view = view[far.send(view) :]
    far.close()


def _inward(near: socket.socket, far: ByteSocket) -> None:
    with contextlib.suppress(OSError, EOFError):
        while data := far.recv(_PIECE):
            near.sendall(data)
    with contextlib.suppress(OSError):
        near.shutdown(socket.SHUT_WR)
