"""SWIM servers over HTTP and HTTPS, direct or through the jump chain."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from swim_tui.errors import ServerError
from swim_tui.model.secret import Login
from swim_tui.net.text import neutral

Dial = Callable[[int], socket.socket]
"""Port of the server -> a connected socket."""

_LIMIT_S = 60.0


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, dial: Dial, *, secure: bool) -> None:
        super().__init__(host, port, timeout=_LIMIT_S)
        self._dial = dial
        self._secure = secure

    def connect(self) -> None:
        """Over the given way; a certificate must be one that this machine trusts."""
        sock = self._dial(self.port)
        sock.settimeout(_LIMIT_S)
        if self._secure:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        self.sock = sock


def http_read(
    dial: Dial, host: str, port: int, path: str, login: Login, server: str, *, secure: bool, most: int = 1 << 20
) -> tuple[int, bytes]:
    """Status and the first `most` bytes of one GET. Errors: ServerError."""
    connection = _Connection(host, port, dial, secure=secure)
    headers: dict[str, Any] = {"Connection": "close"}
    if login.username:
        pair = f"{login.username}:{login.password.reveal()}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    try:
        connection.request("GET", quote("/" + path.lstrip("/")), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(most)
    except (OSError, http.client.HTTPException) as err:
        name = "HTTPS" if secure else "HTTP"
        raise ServerError(server=server, detail=f"{name}: {neutral(str(err) or type(err).__name__).lower()}") from err
    finally:
        connection.close()
