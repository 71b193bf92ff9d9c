"""What is served to whom: one folder of images per lease, with its login and its token."""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swim_tui.net.serve.messages import Publish, Sent

Report = Callable[[Sent], None]


@dataclass(frozen=True)
class Lease:
    """One run's images; they are hard links, so that a folder is all there is to see."""

    terms: Publish
    folder: Path

    @property
    def id(self) -> str:
        """The run."""
        return self.terms.lease

    def file(self, name: str) -> Path | None:
        """The file of this plain name; None when it is not on the lease."""
        name = name.lstrip("/")
        if not name or "/" in name or name in (".", ".."):
            return None
        path = self.folder / name
        return path if path.is_file() and not path.is_symlink() else None


class Shelf:
    """The leases that hold now; used from several threads."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = root
        self.report = report
        self._leases: dict[str, Lease] = {}
        self._lock = threading.Lock()

    def publish(self, terms: Publish) -> None:
        """Serve a lease."""
        if os.sep in terms.lease or not terms.lease.strip("."):
            raise ValueError(f"no lease: {terms.lease}")
        with self._lock:
            self._leases[terms.lease] = Lease(terms, self.root / terms.lease)

    def withdraw(self, lease: str) -> None:
        """Serve it no longer; what is on its way goes on to its end."""
        with self._lock:
            self._leases.pop(lease, None)

    def by_token(self, token: str) -> Lease | None:
        """The lease of a token in a path."""
        return next((held for held in self._held() if _same(held.terms.token, token)), None)

    def by_login(self, user: str, password: str) -> Lease | None:
        """The lease of a login."""
        return next(
            (held for held in self._held() if _same(held.terms.user, user) and _same(held.terms.password, password)),
            None,
        )

    def by_path(self, path: str) -> tuple[Lease, Path] | None:
        """What `TOKEN/NAME` names; a plain name where a lease is open."""
        token, slash, name = path.lstrip("/").partition("/")
        if slash:
            lease = self.by_token(token)
            found = lease.file(name) if lease is not None else None
            return (lease, found) if lease is not None and found is not None else None
        return next(((held, f) for held in self._held() if held.terms.is_open and (f := held.file(token))), None)

    def _held(self) -> list[Lease]:
        with self._lock:
            return list(self._leases.values())


def _same(one: str, other: str) -> bool:
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())
