"""Images by http and https."""

from __future__ import annotations

import base64
import contextlib
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from types import MappingProxyType
from typing import IO, Any

from swim_tui.errors import ImageError, SourceError
from swim_tui.images.sources import Broken, DownloadLimits, OpenSource, resumed
from swim_tui.model.checksums import MOST_BYTES
from swim_tui.model.secret import Login

_CHUNK = 1 << 20
_EXPIRED = (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN, http.HTTPStatus.GONE)


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
    """An http or https address; the login is sent as basic authentication, to that server only."""

    url: str
    login: Login | None = None
    limits: DownloadLimits = DownloadLimits()
    form: bytes | None = field(default=None, repr=False)  # sent by POST: it may hold a token
    renewed: Callable[[], Download] | None = field(default=None, repr=False)  # the file's address when this one expired

    @property
    def label(self) -> str:
        """The address without its query."""
        return _masked(self.url)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenSource]:
        """Certificates are checked; ImageError names the address and what happened."""
        with self._words(), self._answer(self.url) as answer:
            total = _length(answer.headers.get("Content-Length"))
            if total is not None and total > self.limits.max_bytes:
                raise self._failed(f"{total} bytes are more than the limit of {self.limits.max_bytes}")
            reading = _Reading(self, answer, total)

            def chunks(offset: int) -> Iterator[bytes]:
                return resumed(reading.begin, total, self.limits, self._failed, offset=offset)

            yield OpenSource(self._name(answer.headers), total, chunks, version=reading.version)

    def beside(self, name: str) -> bytes | None:
        """A small file of the same directory; an address with a query has no neighbours."""
        parts = urllib.parse.urlsplit(self.url)
        if parts.query:
            return None
        path = parts.path.rpartition("/")[0] + "/" + urllib.parse.quote(name)
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, ImageError):
            with self._answer(parts._replace(path=path).geturl()) as answer:
                data = answer.read(MOST_BYTES + 1)
            return data if len(data) <= MOST_BYTES else None
        return None

    def page(self) -> tuple[str, str]:
        """The text at the address and its content type: the index of a directory."""
        with self._words(), self._answer(self.url) as answer:
            text = answer.read(8 * MOST_BYTES).decode(answer.headers.get_content_charset("utf-8"), "replace")
            return text, answer.headers.get_content_type()

    def _answer(self, url: str, headers: Mapping[str, str] = MappingProxyType({})) -> Any:
        request = self._request(url)
        for name, value in headers.items():
            request.add_header(name, value)
        opener = urllib.request.build_opener(_Redirects(self.limits.redirects))
        return opener.open(request, timeout=self.limits.silence_s)

    @contextlib.contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except urllib.error.HTTPError as err:
            raise self._failed(f"the server answers {err.code} {err.reason}{self._remedy(err.code)}") from err
        except urllib.error.URLError as err:
            raise self._failed(_reason(err.reason)) from err
        except (OSError, http.client.HTTPException, ValueError) as err:
            raise self._failed(_reason(err)) from err

    def _remedy(self, code: int) -> str:
        if code != http.HTTPStatus.UNAUTHORIZED:
            return ""
        return f"; it refuses profile '{self.login.profile}'" if self.login else "; name a credential profile"

    def _failed(self, detail: str) -> ImageError:
        return SourceError(file=self.label, detail=detail)

    def _request(self, url: str) -> urllib.request.Request:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            raise self._failed("only http:// and https:// addresses without a user can be downloaded here")
        shown = f"[{host}]" if ":" in host else host
        bare = parts._replace(netloc=shown if port is None else f"{shown}:{port}", fragment="")
        request = urllib.request.Request(urllib.parse.quote(bare.geturl(), safe="%/:=&?~#+!$,;'@()*[]"), self.form)
        request.add_header("User-Agent", "swim-tui")
        request.add_header("Accept-Encoding", "identity")  # the hash is that of the file, not of a packed form
        if self.login is not None:
            pair = f"{self.login.username}:{self.login.password.reveal()}"
            request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
        return request

    def _name(self, headers: Message) -> str:
        said = headers.get_filename()
        return said or urllib.parse.unquote(urllib.parse.urlsplit(self.url).path.rsplit("/", 1)[-1])


class _Reading:
    """One file as it is read: from its first answer, then from further ones that begin where the last broke."""

    def __init__(self, download: Download, answer: Any, total: int | None) -> None:
        self._download = download
        self._answer = answer
        self._total = total
        self._is_first = True
        tag = answer.headers.get("ETag", "")
        self._same = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")

    @property
    def version(self) -> str:
        """What another process may go on with; empty where the server does not promise to."""
        if not self._same or self._total is None or self._answer.headers.get("Accept-Ranges", "").lower() != "bytes":
            return ""
        return f"{self._same} {self._total}"

    def begin(self, offset: int) -> Iterator[bytes]:
        """The bytes from `offset`; Broken when the connection breaks and can be opened again."""
        was_first, self._is_first = self._is_first, False
        try:
            if offset == 0 and was_first:
                yield from self._read(self._answer, offset)
                return
            headers = {"Range": f"bytes={offset}-", "If-Range": self._same}
            with self._download._answer(self._download.url, headers) as answer:
                if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
                    raise self._download._failed("it changed while it was downloaded, or its server cannot go on")
                if not answer.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                    raise self._download._failed("the server goes on at another place than asked")
                yield from self._read(answer, offset)
        except urllib.error.HTTPError as err:
            can_go_on = err.code >= 500
            if self._download.renewed is not None and err.code in _EXPIRED:
                self._download, can_go_on = self._download.renewed(), True
            raise Broken(f"the server answers {err.code} {err.reason}", can_go_on=can_go_on) from err
        except (OSError, http.client.HTTPException) as err:
            raise Broken(_reason(getattr(err, "reason", err)), can_go_on=bool(self._same)) from err

    def _read(self, answer: Any, done: int) -> Iterator[bytes]:
        while data := answer.read(_CHUNK):
            done += len(data)
            yield data
        if self._total is not None and done < self._total:  # a server that ends early makes no noise here
            raise Broken(f"the server closed after {done} of {self._total} bytes", can_go_on=bool(self._same))


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
