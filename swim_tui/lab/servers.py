"""SWIM servers: where the tool puts an image once per site, and devices fetch it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh

from .algorithms import MODERN, served_by
from .content import Content, Stored
from .faults import SERVER_FAULTS, FaultSet
from .httpd import HttpServer
from .images import ImageBytes
from .serverfile import SSH_PROTOCOLS, ServerSpec
from .serverfs import ServerLogin, ServerSftp
from .servershell import session
from .services import Services
from .throttle import Throttle, take
from .wire import Listener, Wire

COPY_PIECE = 1 << 20


def _options(key: asyncssh.SSHKey, factory: Any, shell: Any) -> asyncssh.SSHServerConnectionOptions:
    return asyncssh.SSHServerConnectionOptions(
        server_factory=asyncssh.SSHServer,
        server_host_keys=[key],
        server_version="OpenSSH_8.9p1",
        sftp_factory=factory,
        session_factory=shell,
        allow_scp=True,
        encoding=None,
        gss_host=None,
        public_key_auth=False,
        password_auth=True,
        kbdint_auth=True,
        x11_forwarding=False,
        agent_forwarding=False,
        compression_algs=["none"],
        rekey_bytes=1 << 40,
        config=None,
        **MODERN,
    )


class FileServer:
    """One SWIM server with its disk, its log and its port."""

    def __init__(self, spec: ServerSpec, services: Services, key: asyncssh.SSHKey, root: Path) -> None:
        self.spec = spec
        self.name = spec.name
        self.services = services
        self.key = key
        self.root = root.resolve()
        self.disk = int(spec.disk / spec.size_scale)
        self.faults = FaultSet(SERVER_FAULTS)
        self.listener: Listener | None = None
        self.http = HttpServer(self)
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.counters = dict.fromkeys(
            ("logins", "failed_logins", "uploads", "upload_bytes", "downloads", "download_bytes", "pulls_now"), 0
        )
        self.uploads: Counter[str] = Counter()
        self.downloads: Counter[str] = Counter()
        self.to_devices = Throttle(services.rate(spec.bytes_s))
        self._from_tool = Throttle(services.rate(spec.upload_bytes_s))
        self._site_line = Throttle(0)
        self._slow = Throttle(0)
        self._options = _options(key, partial(ServerSftp, server=self), session(self) if spec.shell else None)
        self._make_files()
        for text in spec.faults:
            self.set_fault(text)

    def _make_files(self) -> None:
        for home in (self.spec.home, *(item.home for item in self.spec.protocols)):
            (self.root / home.strip("/")).mkdir(parents=True, exist_ok=True)
        for file in self.spec.files:
            path = self.root / self.spec.home.strip("/") / file.name
            with path.open("wb") as out:
                if not file.software:
                    out.truncate(int(file.size / self.spec.size_scale))
                    continue
                image = ImageBytes(self.services.software[file.software])
                for offset in range(0, image.size, COPY_PIECE):
                    out.write(image.read(offset, COPY_PIECE))

    # -- life ------------------------------------------------------------------------------

    def log(self, event: str, line: str = "") -> None:
        """Write to the lab's log."""
        self.services.journal.write(self.name, event, line)

    def is_listening(self) -> bool:
        """Whether a connect succeeds now."""
        return not self.faults.has("gone")

    def apply_listening(self) -> None:
        """Open or close its ports."""
        if self.listener is not None:
            if self.is_listening() and any(self.spec.protocol(name) for name in SSH_PROTOCOLS):
                self.listener.open()
            else:
                self.listener.close()

    def accept(self, wire: Wire) -> None:
        """Serve a new SSH connection (or never answer, with the fault `hang`)."""
        if not self.is_listening():
            wire.close()
        elif not self.faults.has("hang"):
            options = served_by(self._options, lambda: ServerLogin(self))
            wire.carry(asyncssh.SSHServerConnection(asyncio.get_running_loop(), options))

    def set_fault(self, text: str) -> None:
        """Give it a fault, now."""
        fault = self.faults.add(text)
        self.log("fault", text)
        if fault.name == "slow":
            self._slow = Throttle(fault.number)
        if fault.name == "gone":
            self.drop_all()
        self.apply_listening()

    def clear_fault(self, name: str = "") -> list[str]:
        """Take one fault away, or all."""
        gone = self.faults.clear(name)
        if "slow" in gone:
            self._slow = Throttle(0)
        self.apply_listening()
        return gone

    def drop_all(self) -> None:
        """Cut every connection."""
        for conn in list(self.connections):
            conn.abort()

    def stop(self) -> None:
        """The lab goes down."""
        self.drop_all()
        self.http.stop()
        if self.listener is not None:
            self.listener.give_up()

    def port_of(self, protocol: str) -> int:
        """The port the lab listens on for a protocol; where it does not listen, the port the network file gives."""
        spec = self.spec.protocol(protocol)
        if protocol == "http":
            return self.http.port
        if protocol in SSH_PROTOCOLS and self.listener is not None:
            return int(self.listener.port)
        return spec.port if spec else 0

    # -- logins and files ------------------------------------------------------------------

    def admits(self, username: str, password: str) -> bool:
        """Whether this user may log in; counted and logged."""
        right = self.services.credentials.server_password
        is_right = username == self.spec.username and password == right and not self.faults.has("wrong_password")
        self.counters["logins" if is_right else "failed_logins"] += 1
        self.log("login" if is_right else "login-failed", username)
        return is_right

    def find(self, path: str, home: str) -> Path | None:
        """The file a client means: absolute, below its home, or below the root (clients differ in the slashes)."""
        for base in (self.root, self.root / home.strip("/")):
            local = (base / path.lstrip("/")).resolve()
            if local.is_relative_to(self.root) and local.is_file():
                return local
        return None

    def content(self, local: Path) -> Content:
        """A file as content; the bytes on the disk count, not its name."""
        return Stored(local, local.stat().st_size)

    @property
    def used(self) -> int:
        """Bytes on the disk."""
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())

    def free(self) -> int:
        """Bytes that can still be written."""
        if self.faults.has("disk_full"):
            return 0
        return max(0, self.disk - self.used) if self.disk else 1 << 50

    # -- transfers -------------------------------------------------------------------------

    def behind(self, line: Throttle) -> None:
        """Uploads cross the line into the server's site."""
        self._site_line = line

    async def pace_upload(self, count: int) -> None:
        """Wait as long as these bytes take from the tool."""
        await take((self._slow, self._from_tool, self._site_line), count)

    def pace_device(self) -> list[Throttle]:
        """What limits a device that pulls from here, apart from its own rate."""
        return [self._slow, self.to_devices, Throttle(self.services.rate(self.spec.lan_bytes_s))]

    def cut_at(self, local: Path, until: int) -> int:
        """Where the fault `drop_at` ends an upload that has come to `until`: a part of the image, -1 for not yet."""
        fault = self.faults.get("drop_at")
        sizes = [item.size_bytes for item in self.services.software.values() if item.file in local.name]
        # A name that is no image of the catalogue counts as 8 MiB.
        cut = int(fault.number * (sizes[0] if sizes else 8 << 20)) if fault else until
        if fault is None or until <= cut:
            return -1
        self.faults.take("drop_at")
        self.log("server-dropped", str(cut))
        return cut

    def took(self, count: int) -> None:
        """Count bytes of an upload."""
        self.counters["upload_bytes"] += count

    def uploaded(self, path: str, local: Path, count: int) -> None:
        """Count an upload that was closed; the fault `wrong_hash` changes one byte of it."""
        size = local.stat().st_size if local.exists() else 0
        if size and self.faults.take("wrong_hash"):
            with local.open("r+b") as out:
                out.seek(size // 2)
                byte = out.read(1)
                out.seek(size // 2)
                out.write(bytes([byte[0] ^ 0xFF]))
        self.counters["uploads"] += 1
        self.uploads[path] += 1
        self.log("upload", f"{path} {count} bytes, file has {size}")

    def downloaded(self, path: str, count: int) -> None:
        """Count a download."""
        self.counters["downloads"] += 1
        self.counters["download_bytes"] += count
        self.downloads[path] += 1
        self.log("download", f"{path} {count} bytes")

    def state(self) -> dict[str, Any]:
        """Everything about it, for the control socket."""
        files = {"/" + str(p.relative_to(self.root)): p.stat().st_size for p in self.root.rglob("*") if p.is_file()}
        return {
            "name": self.name,
            "faults": self.faults.texts(),
            "counters": {**self.counters, "connections": len(self.connections)},
            "files": files,
            "uploads": dict(self.uploads),
            "downloads": dict(self.downloads),
            "free": self.free(),
        }


class ServerTable:
    """All servers of a lab, found by the names devices use for them."""

    def __init__(self) -> None:
        self._servers: list[tuple[FileServer, set[str]]] = []

    def add(self, server: FileServer, names: Iterable[str]) -> None:
        """A server and its addresses."""
        self._servers.append((server, {server.name.lower(), server.spec.address, *names}))

    def find(self, host: str, protocol: str, port: int) -> FileServer | None:
        """The server of that address that speaks the protocol; without a port any server of the address will do."""
        fits = [server for server, names in self._servers if host.lower() in names]
        for server in fits:
            spec = server.spec.protocol(protocol)
            if spec is not None and (not port or port in (spec.port, server.port_of(protocol))):
                return server
        return fits[0] if fits and not port else None


def remove_tree(path: Path) -> None:
    """Throw away what a former lab left on a server's disk."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path)
