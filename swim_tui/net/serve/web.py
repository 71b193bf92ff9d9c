"""HTTP and HTTPS: `/TOKEN/NAME`, by sendfile, with ranges."""

from __future__ import annotations

import ssl
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest

from swim_tui.model.options import Protocol
from swim_tui.net.serve.messages import Sent
from swim_tui.net.serve.shelf import Lease, Shelf

_CHUNK = 1 << 20


class _Image(web.FileResponse):
    """A file of a lease; says what was sent."""

    def __init__(self, path: Path, shelf: Shelf, lease: Lease) -> None:
        super().__init__(path, chunk_size=_CHUNK, headers={"Content-Type": "application/octet-stream"})
        self._shelf = shelf
        self._lease = lease
        self._name = path.name

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Send it."""
        writer = await super().prepare(request)
        if request.method == "GET":
            protocol = Protocol.HTTPS if request.secure else Protocol.HTTP
            size = self.content_length or 0
            self._shelf.report(Sent(self._lease.id, protocol.value, self._name, request.remote or "", size))
        return writer


class WebServer:
    """The HTTP and HTTPS sides."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        app = web.Application()
        app.router.add_get("/{token}/{name}", self._get)
        self._runner = web.AppRunner(app, access_log=None)
        self._is_set_up = False

    async def listen(self, bind: str, port: int, tls: ssl.SSLContext | None) -> int:
        """Listen; the port. OSError when that is not possible."""
        if not self._is_set_up:
            await self._runner.setup()
            self._is_set_up = True
        site = web.TCPSite(self._runner, bind, port, ssl_context=tls)
        await site.start()
        return int(self._runner.addresses[-1][1])

    async def stop(self) -> None:
        """End it."""
        await self._runner.cleanup()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        lease = self._shelf.by_token(request.match_info["token"])
        path = lease.file(request.match_info["name"]) if lease is not None else None
        if lease is None or path is None:
            raise web.HTTPNotFound
        return _Image(path, self._shelf, lease)
