"""Devices from the API of a NetBox, as the text of its own export; the token goes nowhere but there."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from swim_tui.errors import BadValue, ConfigError

TIMEOUT_S = 30.0
_KEPT = (
    "name", "primary_ip", "primary_ip4", "primary_ip6", "device_type", "role", "device_role", "site", "location",
    "platform", "status", "tags", "description",
)  # fmt: skip


def fetch_devices(url: str, token: str, filters: Iterable[tuple[str, str]] = (), ca_file: str = "") -> str:
    """Every device that the filters let through, as JSON of a NetBox export; blocks.

    Errors: ConfigError when the package is missing, or the server does not answer as a NetBox does.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise BadValue(
            name="url", value=parts.hostname or "", detail="it is no address of a NetBox, or holds a password",
            allowed="https://netbox.example.com",
        )  # fmt: skip
    if not token or not token.isascii() or not token.isprintable():
        raise BadValue(name="token", value="", detail="it is empty or not printable", allowed="an API token of NetBox")
    try:
        pynetbox, requests = importlib.import_module("pynetbox"), importlib.import_module("requests")
    except ImportError:
        raise ConfigError(
            source="NetBox", detail="the package pynetbox is not installed; run: pip install 'swim-tui[netbox]'"
        ) from None
    wanted: dict[str, list[str]] = {}
    for key, value in filters:
        wanted.setdefault(key, []).append(value)
    try:
        api = pynetbox.api(url, token=token)
        api.http_session = _session(requests, ca_file)
        found = api.dcim.devices.filter(**wanted) if wanted else api.dcim.devices.all()
        rows = [_row(dict(record)) for record in found]
    except (pynetbox.RequestError, pynetbox.ContentError) as err:
        raise ConfigError(source=url, detail=_words(err)) from None
    except requests.RequestException as err:
        raise ConfigError(source=url, detail=f"no answer: {type(err).__name__}") from None
    except (ValueError, TypeError, AttributeError, KeyError) as err:
        raise ConfigError(source=url, detail=f"it does not answer as a NetBox ({type(err).__name__})") from None
    return json.dumps({"count": len(rows), "results": rows}, ensure_ascii=False)


def _session(requests: Any, ca_file: str) -> Any:
    """A session with a limit on every request; pynetbox itself would wait for ever."""

    class Limited(requests.Session):  # type: ignore[misc]
        def request(self, *args: Any, **kwargs: Any) -> Any:
            kwargs.setdefault("timeout", TIMEOUT_S)
            return super().request(*args, **kwargs)

    session = Limited()
    session.trust_env = False  # no proxy and no .netrc that nobody named
    if ca_file:
        session.verify = ca_file
    return session


def _row(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in _KEPT if key in record}


def _words(err: Any) -> str:
    """What the server said, without what was sent to it."""
    status = getattr(getattr(err, "req", None), "status_code", 0)
    known = {
        401: "it does not accept the token",
        403: "the token may not read devices",
        404: "there is no NetBox API at this address",
        400: "it does not know a filter, or a value of it",
    }
    return known.get(status, f"it answered with status {status}" if status else "its answer is not JSON")
