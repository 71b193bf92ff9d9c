"""Where images come from: a local file, an http(s) URL; each gives its bytes piece by piece."""

from __future__ import annotations

import base64
import contextlib
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Protocol

from swim_tui.errors import Cancelled, ImageError, ImageHashWrong
from swim_tui.images.repository import Repository
from swim_tui.model.image import SoftwareImage

_CHUNK = 1 << 20
MAX_IMAGE_BYTES = 16 * 1024**3


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is; `total_bytes` None = not known."""

    done_bytes: int
    total_bytes: int | None


@dataclass(frozen=True)
class OpenSource:
    """An opened source: the name it gives the file, its size if it knows it, and its bytes."""

    name: str
    total_bytes: int | None
    chunks: Iterator[bytes]


class ImageSource(Protocol):
    """Something an image can be read from; `label` is shown and stored, so it holds no credentials."""

    @property
    def label(self) -> str:
        """What is shown and stored as the image's source."""
        ...

    def open(self) -> AbstractContextManager[OpenSource]:
        """Start to read; ImageError with the reason when that does not work."""
        ...


def import_image(
    repository: Repository,
    source: ImageSource,
    *,
    name: str = "",
    expect_md5: str = "",
    expect_sha512: str = "",
    expect_size: int | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Generator[ImportProgress, None, SoftwareImage]:
    """Read a source into the repository, telling progress; the generator's value is the image. Closing the generator
    leaves nothing behind."""
    with source.open() as opened, repository.begin(name or opened.name, source.label) as incoming:
        if expect_size is not None and opened.total_bytes is not None and opened.total_bytes != expect_size:
            raise ImageHashWrong(
                file=incoming.name, algorithm="size", expected=str(expect_size), actual=str(opened.total_bytes)
            )
        yield ImportProgress(0, opened.total_bytes)
        for data in opened.chunks:
            if is_cancelled():
                raise Cancelled(detail=f": import of {incoming.name}")
            incoming.write(data)
            yield ImportProgress(incoming.size_bytes, opened.total_bytes)
        return incoming.finish(expect_md5, expect_sha512, expect_size)


@dataclass(frozen=True)
class LocalFile:
    """A file of this machine."""

    path: Path

    @property
    def label(self) -> str:
        """The path."""
        return str(self.path)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenSource]:
        """Only regular files: a pipe or a directory is refused."""
        path = self.path.expanduser()
        try:
            if not path.is_file():
                detail = "is not a file" if path.exists() else "does not exist"
                raise ImageError(file=str(self.path), detail=detail)
            with path.open("rb") as file:
                yield OpenSource(path.name, path.stat().st_size, self._chunks(file))
        except OSError as err:
            raise ImageError(file=str(self.path), detail=err.strerror or str(err)) from err

    def _chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        while data := file.read(_CHUNK):
            yield data


@dataclass(frozen=True)
class DownloadLimits:
    """When a download is given up."""

    max_bytes: int = MAX_IMAGE_BYTES
    silence_s: float = 60.0
    total_s: float = 6 * 3600.0
    redirects: int = 5


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to http and https only, a few times, and leaves credentials behind at another host."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._limit = limit

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        self._left -= 1
        if self._left < 0:
            raise urllib.error.URLError(f"redirected more than {self._limit} times")
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.URLError(f"redirected to {_masked(newurl)}, which is not http(s)")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        if new is not None and _origin(newurl) != _origin(req.full_url):
            new.remove_header("Authorization")
        return new


@dataclass(frozen=True)
class Download:
    """An http or https URL; user and password of the URL are sent as basic authentication and shown nowhere."""

    url: str
    limits: DownloadLimits = DownloadLimits()

    @property
    def label(self) -> str:
        """The URL without credentials."""
        return _masked(self.url)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenSource]:
        """Certificates are checked; ImageError names the URL and what happened."""
        opener = urllib.request.build_opener(_Redirects(self.limits.redirects))
        try:
            with opener.open(self._request(), timeout=self.limits.silence_s) as answer:
                total = _length(answer.headers.get("Content-Length"))
                if total is not None and total > self.limits.max_bytes:
                    raise self._failed(f"{total} bytes are more than the limit of {self.limits.max_bytes}")
                yield OpenSource(self._name(answer.headers), total, self._chunks(answer, total))
        except urllib.error.HTTPError as err:
            raise self._failed(f"the server answers {err.code} {err.reason}") from err
        except urllib.error.URLError as err:
            raise self._failed(_reason(err.reason)) from err
        except (OSError, http.client.HTTPException, ValueError) as err:
            raise self._failed(_reason(err)) from err

    def _failed(self, detail: str) -> ImageError:
        return ImageError(file=self.label, detail=detail)

    def _request(self) -> urllib.request.Request:
        try:
            parts = urllib.parse.urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError as err:
            raise self._failed(str(err)) from err
        if parts.scheme not in ("http", "https") or not host:
            raise self._failed("only http:// and https:// addresses can be downloaded here")
        shown = f"[{host}]" if ":" in host else host
        bare = parts._replace(netloc=shown if port is None else f"{shown}:{port}", fragment="")
        request = urllib.request.Request(urllib.parse.quote(bare.geturl(), safe="%/:=&?~#+!$,;'@()*[]"))
        request.add_header("User-Agent", "swim-tui")
        request.add_header("Accept-Encoding", "identity")  # the hash is that of the file, not of a packed form
        if parts.username is not None:
            pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
        return request

    def _name(self, headers: Message) -> str:
        said = headers.get_filename()
        return said or urllib.parse.unquote(urllib.parse.urlsplit(self.url).path.rsplit("/", 1)[-1])

    def _chunks(self, answer: IO[bytes], total: int | None) -> Iterator[bytes]:
        started, done = time.monotonic(), 0
        while data := answer.read(_CHUNK):
            done += len(data)
            if done > self.limits.max_bytes:
                raise self._failed(f"more than the limit of {self.limits.max_bytes} bytes")
            if time.monotonic() - started > self.limits.total_s:
                raise self._failed(f"not done after {self.limits.total_s:g} s")
            yield data
        if total is not None and done != total:
            raise self._failed(f"the server closed after {done} of {total} bytes")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _masked(url: str) -> str:
    head, at, tail = url.partition("://")
    place, slash, rest = tail.partition("/")
    return f"{head}{at}{place.rsplit('@', 1)[-1]}{slash}{rest.partition('?')[0]}"


def _length(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 20 else None


def _reason(err: object) -> str:
    if isinstance(err, TimeoutError):
        return "no data within the time limit"
    if isinstance(err, OSError) and err.strerror:
        return err.strerror
    return str(err) or type(err).__name__
