"""Devices from the API of a NetBox: pages, filters, and what a server that is none leads to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.world import World

pytest.importorskip("pynetbox")
TOKEN = "0123456789abcdef0123456789abcdef01234567"


def device(number: int, site: str) -> dict[str, Any]:
    """A device as NetBox has it: nested records with links of their own."""

    def link(kind: str, at: int = 1) -> dict[str, Any]:
        return {"id": at, "url": f"http://nb.example/api/{kind}/{at}/"}

    address = {**link("ipam/ip-addresses", number), "address": f"10.7.0.{number}/24"}
    return {
        **link("dcim/devices", number),
        "name": f"nb-{number}",
        "device_type": {
            **link("dcim/device-types"),
            "model": "ASR1002",
            "manufacturer": {**link("dcim/manufacturers"), "name": "Cisco"},
        },
        "role": {**link("dcim/device-roles"), "name": "WAN Router", "slug": "wan-router"},
        "site": {**link("dcim/sites"), "name": site, "slug": site.lower()},
        "status": {"value": "active", "label": "Active"},
        "primary_ip": address,
        "primary_ip4": address,
        "platform": {**link("dcim/platforms"), "name": "IOS-XE"},
        "tags": [],
        "comments": "not wanted",
    }


class Api(BaseHTTPRequestHandler):
    """As much of NetBox as listing devices needs, two to a page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if self.headers.get("Authorization") not in (f"Token {TOKEN}", f"Bearer {TOKEN}"):
            return self.answer(403, {"detail": "Invalid token"})
        if parts.path != "/api/dcim/devices/":
            return self.answer(404, {"detail": "Not found."})
        rows = [device(n, "York" if n % 2 else "Bath") for n in range(1, 6)]
        rows = [row for row in rows if row["site"]["slug"] in query.get("site", [row["site"]["slug"]])]
        at = int(query.get("offset", ["0"])[0])
        size = min(2, int(query.get("limit", ["2"])[0]) or 2)
        host = f"http://{self.headers['Host']}"
        following = f"{host}/api/dcim/devices/?limit=2&offset={at + size}" if at + size < len(rows) else None
        if following and "site" in query:
            following += f"&site={query['site'][0]}"
        return self.answer(
            200, {"count": len(rows), "next": following, "previous": None, "results": rows[at : at + size]}
        )

    def answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("API-Version", "4.2")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def netbox() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_devices_come_from_the_api_of_a_netbox(netbox: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    order = ("devices", "import-netbox", netbox, "--token-stdin")
    try:
        report = world.json_here(*order, "--filter", "site=york", "--dry-run", stdin=f"{TOKEN}\n")
        assert [r["name"] for r in report["rows"] if r["kind"] == "device"] == ["nb-1", "nb-3", "nb-5"]
        assert world.json_here("devices", "list") == []
        world.here(*order, stdin=f"{TOKEN}\n")
        rows = world.json_here("devices", "list")
        first = rows[0]
        assert [first[key] for key in ("name", "address", "location", "role")] == ["nb-1", "10.7.0.1", "York", "wan"]
        assert len(rows) == 5
        refused = world.here(*order, stdin="wrong\n", code=2)
        assert "may not read devices" in refused.stderr
        assert "wrong" not in refused.stderr
        for url, words in (
            (f"{netbox}/nothing", "no NetBox API"),
            ("http://127.0.0.1:1", "no answer"),
            ("ftp://x", "no address of a NetBox"),
            ("http://a:b@x", "holds a password"),
        ):
            said = world.here("devices", "import-netbox", url, "--token-stdin", stdin=f"{TOKEN}\n", code=2)
            assert words in said.stderr, said.stderr
        left = [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
        assert left == []
    finally:
        world.stop()
