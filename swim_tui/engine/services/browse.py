"""What a source has to pick from: a directory of a server or of this machine, a device's files, Cisco.com's offers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from swim_tui.engine.requests import RequestBuilder
from swim_tui.engine.services.aside import AsideFailed, QuietObserver, run_aside, serve_aside
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import (
    AuthError,
    BadValue,
    Conflict,
    ImageError,
    NotFound,
    Problem,
    RemoteError,
    SwimError,
    describe,
)
from swim_tui.images.cisco import CiscoClient
from swim_tui.images.ftp_source import FtpFile
from swim_tui.images.http_source import Download
from swim_tui.images.sources import DownloadLimits
from swim_tui.model.endpoint import Endpoint, HostKey
from swim_tui.model.remote import RemoteFile
from swim_tui.model.secret import Login
from swim_tui.model.source import CISCO, Source, SourceKind, cisco_search, parse_source
from swim_tui.paths import user_path

LIMIT_S = 60.0
_LIMITS = DownloadLimits(silence_s=20.0)
_STALL_S = 20.0
_MOST = 20_000


@dataclass(frozen=True)
class Look:
    """What the process is asked."""

    endpoint: Endpoint
    path: str


@dataclass(frozen=True)
class Seen:
    """What it found, or why it found nothing."""

    files: tuple[RemoteFile, ...] = ()
    learned: tuple[HostKey, ...] = ()
    problem: Problem | None = None
    exit_code: int = 1
    refused_profile: str = ""


class SourceBrowser:
    """Lists the sources of one engine."""

    def __init__(
        self, state: State, credentials: CredentialsService, settings: SettingsService, requests: RequestBuilder
    ) -> None:
        self._state = state
        self._credentials = credentials
        self._settings = settings
        self._requests = requests

    async def browse_source(self, source: str, credentials: str = "") -> list[RemoteFile]:
        """The entries of `source`, directories first; nothing is fetched."""
        try:
            if source.startswith(CISCO):
                pid, release = cisco_search(source)
                found: Iterable[RemoteFile] = await asyncio.to_thread(self._cisco, pid, release, credentials)
            else:
                found = await self._listing(parse_source(source), credentials)
        except ValueError as err:
            raise BadValue(
                name="source", value=source, detail=str(err), allowed="a path, an address or a device"
            ) from None
        return sorted(found, key=lambda f: (not f.is_dir, f.name.lower()))

    async def _listing(self, source: Source, credentials: str) -> Iterable[RemoteFile]:
        match source.kind:
            case SourceKind.DEVICE:
                return self._of_device(source.path)
            case SourceKind.SFTP | SourceKind.SCP:
                return await self._over_ssh(source, credentials)
            case SourceKind.FTP:
                return await asyncio.to_thread(lambda: FtpFile(source, self._login(credentials), _LIMITS).listing())
            case SourceKind.HTTP | SourceKind.HTTPS:
                return await asyncio.to_thread(lambda: _of_web(source.text, self._login(credentials)))
            case _:
                return await asyncio.to_thread(_of_folder, user_path(source.path))

    def _login(self, credentials: str) -> Login | None:
        if not credentials:
            return None
        profile = self._state.tables.profiles.get(credentials)
        if profile is not None and profile.parked:
            raise Conflict(
                detail=f"credential profile '{credentials}' is parked: {profile.parked_reason}",
                action=f"confirm it first: swim-tui credentials confirm {credentials}",
            )
        return self._credentials.login(credentials)

    def _cisco(self, pid: str, release: str, credentials: str) -> list[RemoteFile]:
        login = self._login(credentials)
        if login is None:
            raise BadValue(
                name="credentials",
                value="",
                detail="Cisco.com needs a client id and secret",
                allowed="a credential profile that holds them as user and password",
            )
        client = CiscoClient(login, self._settings.cisco_api(), _LIMITS)
        return [offer.listed() for offer in client.search(pid, release)]

    def _of_device(self, name: str) -> list[RemoteFile]:
        facts = self._state.tables.facts.get(name)
        if facts is None:
            raise NotFound(
                kind="listing of device", name=name, detail="; sync it first", listing=f"devices sync {name}"
            )
        return [
            RemoteFile(f"{system.name}{file.path}", file.size_bytes)
            for system in facts.file_systems
            for file in system.files or ()
        ]

    async def _over_ssh(self, source: Source, credentials: str) -> tuple[RemoteFile, ...]:
        await asyncio.to_thread(self._login, credentials)
        endpoint = await asyncio.to_thread(self._requests.server_endpoint, source, credentials)
        if endpoint.login.one_time_code:
            raise Conflict(
                detail=f"profile '{credentials}' asks for a one-time code, which a listing cannot ask for",
                action="name the file: the import asks for the code",
            )
        try:
            seen = await run_aside(__name__, Look(endpoint, source.path), Seen, LIMIT_S)
        except AsideFailed as err:
            raise ImageError(file=source.text, detail=str(err)) from None
        for key in seen.learned:
            kept = replace(key, origin=TRUSTED, at=self._state.clock.now())
            await asyncio.wrap_future(self._state.tables.host_keys.put(kept))
        if seen.refused_profile:
            await self._credentials.park(seen.refused_profile, f"{source.host} refused its login")
        if seen.problem is not None:
            keep_offer(self._state, seen.problem)
            raise RemoteError(problem=seen.problem, remote_exit_code=seen.exit_code)
        return seen.files


def look(request: object) -> Seen:
    """The process's work: list one directory over SFTP (SCP itself knows no listing, its servers mostly speak both)."""
    from swim_tui.net.service import SshNet

    assert isinstance(request, Look)
    net, observer = SshNet(), QuietObserver()
    try:
        with net.sftp(request.endpoint, observer, stall_s=_STALL_S) as sftp:
            files = tuple(sftp.listing(request.path or "."))
    except SwimError as err:
        refused = request.endpoint.login.profile if isinstance(err, AuthError) else ""
        return Seen((), tuple(observer.learned), describe(err), err.exit_code, refused)
    finally:
        net.close()
    return Seen(files, tuple(observer.learned))


def _of_folder(folder: Path) -> list[RemoteFile]:
    found: list[RemoteFile] = []
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                if entry.name.startswith(".") or len(found) >= _MOST:
                    continue
                about = entry.stat(follow_symlinks=False)
                at = datetime.fromtimestamp(about.st_mtime, UTC)
                is_dir = entry.is_dir()
                found.append(RemoteFile(entry.name, None if is_dir else about.st_size, is_dir, at))
    except OSError as err:
        raise ImageError(file=str(folder), detail=err.strerror or str(err)) from err
    return found


def _of_web(url: str, login: Login | None) -> list[RemoteFile]:
    """The links of an index page that lead one level down; what is no page has no listing."""
    base = url if url.endswith("/") else url + "/"
    text, kind = Download(base, login, _LIMITS).page()
    if kind != "text/html":
        raise ImageError(file=url, detail=f"is {kind}, no index of a directory: name the file itself")
    links = _Links()
    links.feed(text)
    root, found = urlsplit(base), dict[str, RemoteFile]()
    for link in links.found:
        there = urlsplit(urljoin(base, link))
        if (there.scheme, there.netloc) != (root.scheme, root.netloc) or not there.path.startswith(root.path):
            continue
        name = unquote(there.path[len(root.path) :])
        plain = name.rstrip("/")
        if plain and "/" not in plain and plain.isprintable() and not there.query:
            found[plain] = RemoteFile(plain, None, name.endswith("/"))
    return list(found.values())[:_MOST]


class _Links(HTMLParser):
    """The targets of every link of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where a link leads."""
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is what the engine knows.
    from swim_tui.engine.services import browse

    serve_aside(browse.look)
