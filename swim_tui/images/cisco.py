"""Images of Cisco.com by its Automated Software Distribution API (v4.0): token, search, download.

The API wants an application of one's own (client id and secret, a credential profile here) and a service contract for
the product. Its forms (EULA, strong encryption) are never accepted for a person: the message says where to do that.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from swim_tui.errors import ImageError, SourceError
from swim_tui.images.http_source import Download
from swim_tui.images.sources import DownloadLimits, OpenSource
from swim_tui.model.checksums import Declared
from swim_tui.model.remote import RemoteFile
from swim_tui.model.secret import Login

TOKEN_URL = "https://id.cisco.com/oauth2/default/v1/token"
API_URL = "https://apix.cisco.com/software/v4.0"
_ANSWER_BYTES = 8 << 20
_PAGES = 20
_WHERE = "register an application for the Software Download API at apiconsole.cisco.com, or download by browser"


@dataclass(frozen=True)
class CiscoApi:
    """Where the API is; other addresses than Cisco's are for a mirror or a test."""

    token_url: str = TOKEN_URL
    api_url: str = API_URL


CISCO_COM = CiscoApi()
LIMITS = DownloadLimits()


@dataclass(frozen=True)
class CiscoOffer:
    """One image as the API describes it."""

    name: str
    version: str
    guid: str
    mdf_id: str
    transaction: str
    size_bytes: int | None
    md5: str
    sha512: str
    suggested: bool = False

    def listed(self) -> RemoteFile:
        """As a listing shows it."""
        return RemoteFile(self.name, self.size_bytes, note=f"{self.version}{', suggested' if self.suggested else ''}")


class CiscoClient:
    """One conversation with the API; blocks, so it runs in a thread."""

    def __init__(self, login: Login, api: CiscoApi = CISCO_COM, limits: DownloadLimits = LIMITS) -> None:
        self._login = login
        self._api = api
        self._limits = limits
        self._token = ""

    def search(self, pid: str, running: str, wanted: str = "above") -> list[CiscoOffer]:
        """What is offered to a product that runs release `running`: `wanted` is latest, above, or a release."""
        return self._offers(
            "metadata/pidrelease",
            {"pid": pid, "currentReleaseVersion": running, "outputReleaseVersion": wanted, "perPage": 25},
        )

    def find(self, pid: str, image: str) -> CiscoOffer:
        """The one image of this name; ImageError when the API has none for this product."""
        offers = self._offers("metadata/pidimage", {"pid": pid, "imageNames": [image]})
        for offer in offers:
            if offer.name == image:
                return offer
        raise self._failed(f"it has no image {image} for {pid}; check the product id (show inventory) and the name")

    def download(self, pid: str, offer: CiscoOffer) -> Download:
        """The address of an image, valid for a while."""
        body = {
            "pid": pid,
            "mdfId": offer.mdf_id,
            "metadataTransId": offer.transaction,
            "imageGuids": [offer.guid],
        }
        answer = self._ask("download/pidimage", body)
        if answer.get("acceptanceForm"):
            raise self._failed(
                f"a person must first accept the form for {offer.name} (EULA or strong encryption): log in at "
                "software.cisco.com, download any image of this product once, then try again"
            )
        for item in _dicts(answer.get("downloads")):
            url = str(item.get("url") or "")
            if url:
                return self._checked(url, str(item.get("token") or ""))
        raise self._failed(f"it gives no address for {offer.name}")

    def renewed(self, pid: str, image: str) -> Download:
        """The address of the same image by a new token; addresses and tokens are valid for an hour or so."""
        self._token = ""
        return self.download(pid, self.find(pid, image))

    def _checked(self, url: str, cloud_token: str) -> Download:
        """The token goes to servers of the API's own domain only."""
        parts, api = urllib.parse.urlsplit(url), urllib.parse.urlsplit(self._api.api_url)
        domain = ".".join((api.hostname or "").split(".")[-2:])
        host = parts.hostname or ""
        is_own = host == api.hostname or host == domain or host.endswith(f".{domain}")
        if not is_own or parts.scheme != api.scheme:
            raise self._failed(f"it answers with an address elsewhere ({host or 'none'}), which is not followed")
        if cloud_token:
            form = urllib.parse.urlencode({"X-Authentication-Control": cloud_token}).encode()
            return Download(url, limits=self._limits, form=form)
        query = [*urllib.parse.parse_qsl(parts.query, keep_blank_values=True), ("access_token", self._access())]
        return Download(parts._replace(query=urllib.parse.urlencode(query)).geturl(), limits=self._limits)

    # --- the API ---

    def _offers(self, method: str, body: Mapping[str, object]) -> list[CiscoOffer]:
        found: list[CiscoOffer] = []
        for page in range(1, _PAGES + 1):
            answer = self._ask(method, {**body, "pageIndex": page})
            found += _offers_of(answer)
            pages = answer.get("pagination")
            last = pages.get("lastIndex", 1) if isinstance(pages, dict) else 1
            if not isinstance(last, int) or page >= last:
                break
        return found

    def _ask(self, method: str, body: Mapping[str, object]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._access()}", "Content-Type": "application/json"}
        answer = self._post(f"{self._api.api_url}/{method}", json.dumps(body).encode(), headers)
        problem = next(_problems(answer), "")
        if problem:
            raise self._failed(problem)
        return answer

    def _access(self) -> str:
        if not self._token:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._login.username,
                "client_secret": self._login.password.reveal(),
            }
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._post(self._api.token_url, urllib.parse.urlencode(form).encode(), headers)
            self._token = str(answer.get("access_token") or "")
            if not self._token:
                raise self._failed("it gives no token")
        return self._token

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(url, body, {"Accept": "application/json", "User-Agent": "swim-tui", **headers})
        try:
            with urllib.request.urlopen(request, timeout=self._limits.silence_s) as reply:
                answer = json.loads(reply.read(_ANSWER_BYTES))
        except urllib.error.HTTPError as err:
            if err.code in (400, 401, 403):
                refused = f"it refuses profile '{self._login.profile}' ({err.code} {err.reason}): {_WHERE}"
                raise self._failed(refused) from err
            raise self._failed(f"it answers {err.code} {err.reason}") from err
        except (OSError, http.client.HTTPException) as err:
            reason = getattr(err, "reason", err)
            words = getattr(reason, "strerror", "") or str(reason) or type(reason).__name__
            raise self._failed(f"it cannot be reached from here ({words})") from err
        except ValueError as err:
            raise self._failed("its answer is not JSON") from err
        if not isinstance(answer, dict):
            raise self._failed("its answer is not what the API promises")
        return answer

    def _failed(self, detail: str) -> ImageError:
        return SourceError(file="Cisco.com", detail=detail)


@dataclass(frozen=True)
class CiscoImage:
    """One image of Cisco.com as a source; its declared hashes are compared."""

    pid: str
    image: str
    client: CiscoClient

    @property
    def label(self) -> str:
        """`cisco:PID/IMAGE`."""
        return f"cisco:{self.pid}/{self.image}"

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenSource]:
        """Search, ask for the address, then read."""
        offer = self.client.find(self.pid, self.image)
        declared = Declared(sha512=offer.sha512, md5=offer.md5, by="Cisco.com")
        download = replace(self.client.download(self.pid, offer), renewed=self._renewed)
        with download.open() as opened:
            # The hash tells the bytes from others whatever address and server they come from the next time.
            version = (offer.sha512 or opened.version) if opened.version else ""
            yield replace(opened, name=self.image, declared=declared, version=version)

    def _renewed(self) -> Download:
        return replace(self.client.renewed(self.pid, self.image), renewed=self._renewed)

    def beside(self, name: str) -> bytes | None:
        """There are no files beside; the API tells the hashes."""
        return None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _offers_of(answer: Mapping[str, Any]) -> Iterator[CiscoOffer]:
    transaction = str(answer.get("metadataTransId") or "")
    for product in (p for entry in _dicts(answer.get("metadata")) for p in _dicts(entry.get("products"))):
        for kind in _dicts(product.get("softwareTypes")):
            for system in _dicts(kind.get("operatingSystems")):
                for release in _dicts(system.get("releases")):
                    for image in _dicts(release.get("images")):
                        yield _offer(image, release, str(product.get("mdfId") or ""), transaction)


def _offer(image: Mapping[str, Any], release: Mapping[str, Any], mdf_id: str, transaction: str) -> CiscoOffer:
    size = str(image.get("size") or "")
    return CiscoOffer(
        name=str(image.get("name") or ""),
        version=str(release.get("version") or ""),
        guid=str(image.get("imageGuid") or ""),
        mdf_id=mdf_id,
        transaction=transaction,
        size_bytes=int(size) if size.isascii() and size.isdigit() else None,
        md5=str(image.get("md5") or "").lower(),
        sha512=str(image.get("sha512") or "").lower(),
        suggested=str(release.get("isSuggested") or "").upper() in ("Y", "YES", "TRUE"),
    )


def _problems(value: object) -> Iterator[str]:
    """Exceptions may stand at any depth of an answer, as {code, message}."""
    if isinstance(value, dict):
        code, message = value.get("code"), value.get("message")
        if isinstance(code, str) and isinstance(message, str) and code:
            yield f"{code}: {' '.join(message.split())[:300]}"
        for each in value.values():
            yield from _problems(each)
    elif isinstance(value, list):
        for each in value:
            yield from _problems(each)
