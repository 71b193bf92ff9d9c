"""Host keys: what is known, what is offered, and the one place that says yes or stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko

from swim_tui.errors import HostKeyError, HostKeyUnknown
from swim_tui.model.endpoint import HostKey, HostKeyPolicy, fingerprint, fingerprint_of
from swim_tui.net.contract import SessionObserver

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """One SSH server on the way: a hop (with its name) or the device itself."""

    address: str
    port: int
    device: str = ""
    hop: str = ""
    via: tuple[str, ...] = ()  # names of the jump hosts on the way, first hop first

    @property
    def spot(self) -> tuple[str, int, tuple[str, ...]]:
        """What a key belongs to: the same address behind another jump host is another server."""
        return self.address, self.port, self.via


class HostBook:
    """Keys known to this process: given with an endpoint, in the user's known_hosts (read only), or just learned."""

    def __init__(self, user_file: Path | None = None) -> None:
        self._user_file = user_file
        self._user_keys: list[tuple[tuple[str, ...], str]] = []
        self._user_stamp = 0
        self._learned: dict[tuple[str, int, tuple[str, ...]], str] = {}
        self._epoch = 0
        self._lock = threading.Lock()

    def renew(self, epoch: int) -> None:
        """Forget what this process learned when a person has since accepted or removed a key."""
        with self._lock:
            if epoch > self._epoch:
                self._epoch = epoch
                self._learned.clear()

    def known(self, place: Place, given: Iterable[HostKey]) -> tuple[str, ...]:
        """Every key on record for a place, as `type base64`; the product's own record comes before the user's file."""
        ours = [k.key for k in given if (k.host, k.port, k.via) == place.spot]
        with self._lock:
            learned = self._learned.get(place.spot)
        if learned and not ours:
            ours.append(learned)
        return tuple(" ".join(k.split()[:2]) for k in ours) or self._from_user_file(place)

    def check(
        self,
        place: Place,
        key: paramiko.PKey,
        given: Iterable[HostKey],
        policy: HostKeyPolicy,
        observer: SessionObserver,
    ) -> None:
        """Return when the key may be trusted. Errors: HostKeyError (changed), HostKeyUnknown (strict, none known)."""
        offered = f"{key.get_name()} {key.get_base64()}"
        known = self.known(place, given)
        if offered in known:
            return
        shown = fingerprint(key.asbytes())
        where: dict[str, Any] = {
            "device": place.device,
            "address": place.address,
            "port": place.port,
            "hop": place.hop,
            "place": place.hop or place.device or f"{place.address}:{place.port}",
            "via": place.via,
            "offered": shown,
            "key": offered,
        }
        if known:
            raise HostKeyError(**where, known=" or ".join(fingerprint_of(k) for k in known))
        if policy is HostKeyPolicy.STRICT:
            raise HostKeyUnknown(**where)
        with self._lock:
            first = self._learned.setdefault(place.spot, offered)
        if first != offered:  # two connections at once saw two keys
            raise HostKeyError(**where, known=fingerprint_of(first))
        observer.host_key(HostKey(host=place.address, port=place.port, key=offered, via=place.via), shown)

    def _from_user_file(self, place: Place) -> tuple[str, ...]:
        name = place.address if place.port == 22 else f"[{place.address}]:{place.port}"
        return tuple(key for names, key in self._user_lines() if any(_names_host(n, name) for n in names))

    def _user_lines(self) -> list[tuple[tuple[str, ...], str]]:
        if self._user_file is None:
            return []
        with self._lock:
            try:
                stamp = self._user_file.stat().st_mtime_ns
                if stamp != self._user_stamp:
                    self._user_keys = _parse_known_hosts(self._user_file.read_text("utf-8", "replace"))
                    self._user_stamp = stamp
            except FileNotFoundError:
                self._user_keys = []
            except OSError as err:
                log.warning("known_hosts of the user cannot be read: %s", err)
                self._user_keys = []
            return self._user_keys


def _parse_known_hosts(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Names and key of every plain line; markers (@revoked, @cert-authority) name no host key of their own."""
    found = []
    for line in text.splitlines():
        parts = line.split()
        if len(parts) >= 3 and line[0] not in "#@":
            found.append((tuple(parts[0].split(",")), f"{parts[1]} {parts[2]}"))
    return found


def _names_host(entry: str, name: str) -> bool:
    if not entry.startswith("|1|"):
        return entry == name
    return paramiko.HostKeys.hash_host(name, entry) == entry
