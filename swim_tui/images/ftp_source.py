"""Images by FTP, passive and binary; TLS is used when the server offers it."""

from __future__ import annotations

import contextlib
import ftplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from swim_tui.errors import ImageError, SourceError
from swim_tui.images.sources import Broken, DownloadLimits, OpenSource, resumed
from swim_tui.model.checksums import MOST_BYTES
from swim_tui.model.remote import RemoteFile
from swim_tui.model.secret import Login
from swim_tui.model.source import Source

_CHUNK = 1 << 18
_LISTED = 20_000
_UNKNOWN = ("500", "502", "504")  # the server does not know the command


@dataclass(frozen=True)
class FtpFile:
    """A file on an FTP server; without a login it is fetched as anonymous."""

    source: Source
    login: Login | None = None
    limits: DownloadLimits = DownloadLimits()

    @property
    def label(self) -> str:
        """The address."""
        return self.source.text

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenSource]:
        """Size first; ImageError with the server's words when it refuses."""
        with self._words():
            ftp = self._connect()
            try:
                total = _size(ftp, self.source.path)
                if total is not None and total > self.limits.max_bytes:
                    raise self._failed(f"{total} bytes are more than the limit of {self.limits.max_bytes}")
                reading = _Reading(self, ftp)

                def chunks(offset: int) -> Iterator[bytes]:
                    return resumed(reading.begin, total, self.limits, self._failed, offset=offset)

                try:
                    yield OpenSource(self.source.name, total, chunks, version=self._version(ftp, total))
                finally:
                    reading.close()
            finally:
                ftp.close()

    def beside(self, name: str) -> bytes | None:
        """A small file of the same directory."""
        head, slash, _ = self.source.path.rpartition("/")
        parts: list[bytes] = []

        def take(data: bytes) -> None:
            parts.append(data)
            if sum(map(len, parts)) > MOST_BYTES:
                raise EOFError  # no list of checksums

        with contextlib.suppress(OSError, EOFError, ftplib.Error):
            ftp = self._connect()
            try:
                size = _size(ftp, f"{head}{slash}{name}")
                if size is None or size <= MOST_BYTES:
                    ftp.retrbinary(f"RETR {head}{slash}{name}", take)
                    return b"".join(parts)
            finally:
                ftp.close()
        return None

    def listing(self) -> list[RemoteFile]:
        """The entries of the directory that the address names."""
        with self._words():
            ftp = self._connect()
            try:
                folder = self.source.path.rstrip("/") or ("/" if self.source.path else "")
                try:
                    found = [_entry(name, facts) for name, facts in ftp.mlsd(folder, ["type", "size", "modify"])]
                except ftplib.error_perm:  # an old server knows names only
                    names = ftp.nlst(*([folder] if folder else []))
                    found = [RemoteFile(name.rstrip("/").rpartition("/")[2]) for name in names]
                return [file for file in found if _is_plain(file.name)][:_LISTED]
            finally:
                ftp.close()

    def _version(self, ftp: ftplib.FTP, total: int | None) -> str:
        """Time and size; empty when the server does not tell both."""
        try:
            said = ftp.sendcmd(f"MDTM {self.source.path}")
        except ftplib.error_perm:
            return ""
        return f"{said} {total}" if total is not None else ""

    def connect_again(self) -> ftplib.FTP:
        """Another control connection, after one broke; Broken when there is none."""
        try:
            return self._connect()
        except ImageError:
            raise
        except (OSError, EOFError, ftplib.Error) as err:
            raise Broken(_reason(err), can_go_on=True) from err

    def _connect(self) -> ftplib.FTP:
        ftp = ftplib.FTP_TLS(timeout=self.limits.silence_s, context=_any_certificate())
        ftp.connect(self.source.host, self.source.port)
        user = self.login.username if self.login else "anonymous"
        password = self.login.password.reveal() if self.login else "swim-tui@"
        protected = True
        try:
            ftp.auth()
        except ftplib.error_perm:  # plain FTP: as the person who chose ftp:// expects
            protected = False
        try:
            ftplib.FTP.login(ftp, user, password)
        except ftplib.error_perm as err:
            ftp.close()
            who = f"profile '{self.login.profile}'" if self.login else "anonymous; name a credential profile"
            raise self._failed(f"the server refuses {who} ({_reason(err)})") from err
        if protected:
            ftp.prot_p()
        ftp.voidcmd("TYPE I")
        return ftp

    @contextlib.contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ftplib.Error) as err:
            raise self._failed(_reason(err)) from err

    def _failed(self, detail: str) -> ImageError:
        return SourceError(file=self.label, detail=detail)


class _Reading:
    """One file as it is read, over one control connection or several."""

    def __init__(self, file: FtpFile, ftp: ftplib.FTP) -> None:
        self._file = file
        self._ftp = ftp
        self._is_first = True

    def begin(self, offset: int) -> Iterator[bytes]:
        """The bytes from `offset`."""
        was_first, self._is_first = self._is_first, False
        if not was_first:
            self._ftp.close()
            self._ftp = self._file.connect_again()
        try:
            with self._ftp.transfercmd(f"RETR {self._file.source.path}", rest=offset or None) as data:
                while piece := data.recv(_CHUNK):
                    yield piece
                if isinstance(data, ssl.SSLSocket):
                    with contextlib.suppress(OSError):
                        data.unwrap()
            self._ftp.voidresp()
        except ftplib.error_perm as err:
            raise Broken(_reason(err), can_go_on=False) from err
        except (OSError, EOFError, ftplib.Error) as err:
            raise Broken(_reason(err), can_go_on=True) from err

    def close(self) -> None:
        """Close the control connection."""
        self._ftp.close()


def _any_certificate() -> ssl.SSLContext:
    # ftp:// promises nothing about the server; TLS only keeps the password from being read on the way.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _size(ftp: ftplib.FTP, path: str) -> int | None:
    """The server's word, None where it does not know the command: its last answer alone then says that all came."""
    try:
        return ftp.size(path)
    except ftplib.error_perm as err:
        if str(err)[:3] not in _UNKNOWN:
            raise
        return None


def _is_plain(name: str) -> bool:
    return name not in ("", ".", "..") and name.isprintable() and "/" not in name


def _entry(name: str, facts: dict[str, str]) -> RemoteFile:
    is_dir = facts.get("type", "") in ("dir", "cdir", "pdir")
    if facts.get("type", "") in ("cdir", "pdir"):
        name = ""
    size = facts.get("size", "")
    modified: datetime | None = None
    with contextlib.suppress(ValueError):
        modified = datetime.strptime(facts.get("modify", "")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return RemoteFile(name, int(size) if size.isdigit() and not is_dir else None, is_dir, modified)


def _reason(err: BaseException) -> str:
    if isinstance(err, TimeoutError):
        return "no data within the time limit"
    if isinstance(err, socket.gaierror):
        return err.strerror or "its name is not known"
    if isinstance(err, EOFError):
        return "the server closed the connection"
    if isinstance(err, OSError) and err.strerror:
        return err.strerror
    return " ".join(str(err).split()) or type(err).__name__
