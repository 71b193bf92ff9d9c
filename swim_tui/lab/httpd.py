"""The HTTP side of a SWIM server: GET and HEAD with basic authentication and ranges."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from .servers import FileServer

PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=(\d+)-$")


class HttpServer:
    """Serves the files of one server over HTTP."""

    def __init__(self, server: FileServer) -> None:
        self._server = server
        self._asyncio: asyncio.Server | None = None
        self.port = 0

    async def start(self, address: str, port: int) -> None:
        """Open the port (0 lets the system choose)."""
        self._asyncio = await asyncio.start_server(self._serve, address, port)
        self.port = int(self._asyncio.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Close the port."""
        if self._asyncio is not None:
            self._asyncio.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._server.is_listening():
                await self._one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        if self._server.faults.has("hang"):
            await reader.read()
            return
        method, path, *_ = [*head[0].split(" "), "", ""]
        fields = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in head[1:])}
        spec = self._server.spec.protocol("http")
        if not self._may(fields.get("authorization", "")):
            answer = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=swim\r\nContent-Length: 0"
            writer.write(f"HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n".encode())
            return
        local = self._server.find(unquote(path), spec.home if spec else "/")
        if method not in ("GET", "HEAD") or local is None:
            code = "404 Not Found" if method in ("GET", "HEAD") else "405 Method Not Allowed"
            writer.write(f"HTTP/1.1 {code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return
        content = self._server.content(local)
        match = _RANGE.match(fields.get("range", ""))
        start = min(int(match[1]), content.size) if match else 0
        status = f"206 Partial Content\r\nContent-Range: bytes {start}-{content.size - 1}/{content.size}"
        writer.write(
            f"HTTP/1.1 {status if match else '200 OK'}\r\nContent-Type: application/octet-stream\r\n"
            f"Accept-Ranges: bytes\r\nContent-Length: {content.size - start}\r\nConnection: close\r\n\r\n".encode()
        )
        if method == "HEAD":
            return
        with contextlib.suppress(ConnectionError):
            for offset in range(start, content.size, PIECE):
                piece = content.read(offset, PIECE)
                writer.write(piece)
                await self._server.pace_upload(len(piece))
                await writer.drain()
            self._server.downloaded("/" + str(local.relative_to(self._server.root)), content.size - start)

    def _may(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        username, _, password = base64.b64decode(token).decode("utf-8", "replace").partition(":")
        return self._server.admits(username, password)
