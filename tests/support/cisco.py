"""A server on loopback that answers as Cisco.com's software download API is published to."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

CLIENT, SECRET = "client-7", "cl1ent-s3cret"


@dataclass
class FakeCisco:
    """One image for one product; `form` and `problem` are what else the API may answer.

    `pause_at` and `cut_at` are bytes after which a download waits for `go`, or breaks while its token expires; each
    holds once.
    """

    pid: str
    image: str
    content: bytes
    version: str = "15.2(7)E13"
    form: bool = False
    problem: tuple[str, str] = ("", "")
    elsewhere: str = ""
    wrong_hash: bool = False
    calls: list[tuple[str, Any]] = field(default_factory=list)
    base: str = ""
    tokens: list[str] = field(default_factory=list)  # that are valid
    pause_at: int = 0
    cut_at: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/oauth2/default/v1/token", self._token)
        app.router.add_post("/software/v4.0/{what}/{by}", self._api)
        app.router.add_get("/download/{name}", self._file)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        self.base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]

    async def stop(self) -> None:
        """End it."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        self.calls.append(("token", form.get("grant_type")))
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        self.tokens.append(f"t0ken{len(self.calls)}")
        return web.json_response({"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 3599})

    async def _api(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.json_response({}, status=403)
        body = await request.json()
        what = f"{request.match_info['what']}/{request.match_info['by']}"
        self.calls.append((what, body))
        if self.problem[0]:
            return web.json_response({"exception": {"code": self.problem[0], "message": self.problem[1]}})
        if what.startswith("metadata/"):
            return web.json_response(self._metadata(body))
        if what == "download/pidimage":
            if self.form:
                return web.json_response({"sessionId": "s", "acceptanceForm": {"k9Content": "..."}, "downloads": []})
            assert (body["mdfId"], body["metadataTransId"], body["imageGuids"]) == ("286", "617", ["GUID-1"])
            url = self.elsewhere or f"{self.base}/download/{self.image}"
            return web.json_response({"downloads": [{"url": url, "imageGuid": "GUID-1", "imageName": self.image}]})
        return web.json_response({}, status=404)

    def _metadata(self, body: dict[str, Any]) -> dict[str, Any]:
        page = body.get("pageIndex", 1)
        images = [
            {
                "imageGuid": "GUID-1",
                "name": self.image,
                "size": str(len(self.content)),
                "md5": "0" * 32 if self.wrong_hash else hashlib.md5(self.content).hexdigest(),
                "sha512": "" if self.wrong_hash else hashlib.sha512(self.content).hexdigest(),
            }
        ]
        release = {"version": self.version, "isSuggested": "Y", "images": images if page == 2 else []}
        kinds = [{"softwareTypeName": "IOS Software", "operatingSystems": [{"releases": [release]}]}]
        found = body.get("pid") == self.pid
        return {
            "pagination": {"pageIndex": page, "lastIndex": 2, "totalRecords": 1, "pageRecords": 1},
            "metadataTransId": "617",
            "metadata": [{"pid": self.pid, "products": [{"mdfId": "286", "softwareTypes": kinds}]}] if found else [],
        }

    async def _file(self, request: web.Request) -> web.StreamResponse:
        begin = int(request.headers.get("Range", "").removeprefix("bytes=").rstrip("-") or 0)
        self.calls.append(("file", begin))
        if request.query.get("access_token") not in self.tokens:
            return web.Response(status=403)
        answer = web.StreamResponse(status=206 if begin else 200, headers={"ETag": '"1"', "Accept-Ranges": "bytes"})
        if begin:
            answer.headers["Content-Range"] = f"bytes {begin}-{len(self.content) - 1}/{len(self.content)}"
        answer.content_length = len(self.content) - begin
        await answer.prepare(request)
        if self.pause_at:
            stop, self.pause_at = self.pause_at, 0
            await answer.write(self.content[begin:stop])
            await self.go.wait()
            begin = stop
        elif self.cut_at and begin:
            stop, self.cut_at = self.cut_at, 0
            await answer.write(self.content[begin:stop])
            self.tokens.clear()
            assert request.transport is not None
            request.transport.close()
            return answer
        await answer.write(self.content[begin:])
        return answer
