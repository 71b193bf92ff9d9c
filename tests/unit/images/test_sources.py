"""Importing from local files and http URLs."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import image_samples as sample
import pytest

from swim_tui.errors import Cancelled, ImageError, ImageHashWrong
from swim_tui.images import Download, DownloadLimits, ImportProgress, LocalFile, Repository, import_image
from swim_tui.images.sources import ImageSource
from swim_tui.model.image import SoftwareImage

NAME = "c2960-lanbasek9-mz.150-2.SE11.bin"
CONTENT = sample.ios_bin(size=3_000_000)


class Site(ThreadingHTTPServer):
    """A web server whose requests are remembered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.seen: list[tuple[str, str | None]] = []
        self.elsewhere = ""

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is part of these tests."""

    def url(self, path: str, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.server_port}{path}"


class Pages(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        page = self.path.split("?")[0].rsplit("/", 1)[-1]
        if page == "loop":
            self._redirect("/loop")
        elif page == "away":
            self._redirect(f"{self.server.elsewhere}/{NAME}")
        elif page == "to-ftp":
            self._redirect("ftp://127.0.0.1/x.bin")
        elif page == "missing":
            self.send_error(404)
        else:
            self._content(page)

    def _redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def _content(self, page: str) -> None:
        self.send_response(200)
        if page != "unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        if page == "named":
            self.send_header("Content-Disposition", f'attachment; filename="../{NAME}"')
        self.end_headers()
        self.wfile.write(CONTENT[:1000] if page == "cut" else CONTENT)


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "images")


def bring(
    repository: Repository, source: ImageSource, **expected: object
) -> tuple[SoftwareImage, list[ImportProgress]]:
    seen: list[ImportProgress] = []
    steps = import_image(repository, source, **expected)  # type: ignore[arg-type]
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def kept(repository: Repository) -> list[Path]:
    return [p for p in repository.root.rglob("*") if p.is_file()]


def test_a_local_file_is_imported_with_progress(repository: Repository, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    image, seen = bring(repository, LocalFile(path), expect_md5=hashlib.md5(CONTENT).hexdigest())
    assert (image.file_name, image.version, image.source) == (NAME, "15.0(2)SE11", str(path))
    assert seen[0] == ImportProgress(0, len(CONTENT))
    assert seen[-1] == ImportProgress(len(CONTENT), len(CONTENT))
    assert path.exists()


@pytest.mark.parametrize("name", ["", "none.bin"])
def test_a_directory_or_a_missing_file_is_refused_by_name(repository: Repository, tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError, match=r"is not a file|does not exist"):
        bring(repository, LocalFile(tmp_path / name))
    assert kept(repository) == []


def test_an_import_that_is_cancelled_leaves_nothing_behind(repository: Repository, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        bring(repository, LocalFile(path), is_cancelled=lambda: next(asked))
    assert kept(repository) == []


def test_a_closed_import_leaves_nothing_behind(repository: Repository, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    steps = import_image(repository, LocalFile(path))
    next(steps)
    next(steps)
    steps.close()
    assert kept(repository) == []


def test_a_size_that_cannot_be_right_is_refused_before_the_first_byte(repository: Repository, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    with pytest.raises(ImageHashWrong, match="size"):
        next(import_image(repository, LocalFile(path), expect_size=5))


@pytest.mark.parametrize("page", [f"/images/{NAME}", "/unsized", "/named"])
def test_a_url_is_downloaded_and_named(repository: Repository, site: Site, page: str) -> None:
    image, seen = bring(repository, Download(site.url(page)))
    assert image.sha512 == hashlib.sha512(CONTENT).hexdigest()
    assert image.file_name == ("unsized" if page == "/unsized" else NAME)
    assert seen[-1].done_bytes == len(CONTENT)
    assert seen[0].total_bytes == (None if page == "/unsized" else len(CONTENT))


def test_credentials_of_a_url_are_sent_and_shown_nowhere(repository: Repository, site: Site) -> None:
    image, _ = bring(repository, Download(site.url(f"/{NAME}?token=t0ken", user="jane:p%40ss@")))
    assert image.source == site.url(f"/{NAME}")
    assert site.seen == [(f"/{NAME}?token=t0ken", "Basic " + base64.b64encode(b"jane:p@ss").decode())]
    with pytest.raises(ImageError) as caught:
        bring(repository, Download(site.url("/missing", user="jane:p%40ss@")))
    assert "404" in str(caught.value)
    assert "p%40ss" not in str(caught.value)


def test_credentials_are_not_carried_to_another_host(repository: Repository, site: Site) -> None:
    other = Site()
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        site.elsewhere = other.url("")
        bring(repository, Download(site.url("/away", user="jane:secret@")))
    finally:
        other.shutdown()
        thread.join()
        other.server_close()
    assert other.seen == [(f"/{NAME}", None)]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("/missing", "404"),
        ("/loop", "redirect"),
        ("/to-ftp", "not http"),
        ("/cut", "closed after 1000 of 3000000 bytes"),
    ],
)
def test_a_download_that_fails_says_why_and_leaves_nothing(
    repository: Repository, site: Site, page: str, said: str
) -> None:
    with pytest.raises(ImageError, match=said):
        bring(repository, Download(site.url(page)))
    assert kept(repository) == []


@pytest.mark.parametrize("page", ["/unsized", f"/{NAME}"])
def test_a_download_ends_at_its_size_limit(repository: Repository, site: Site, page: str) -> None:
    with pytest.raises(ImageError, match="limit"):
        bring(repository, Download(site.url(page), DownloadLimits(max_bytes=1_500_000)))
    assert kept(repository) == []


def test_a_download_ends_at_its_time_limit(repository: Repository, site: Site) -> None:
    with pytest.raises(ImageError, match="not done after"):
        bring(repository, Download(site.url(f"/{NAME}"), DownloadLimits(total_s=0.0)))


@pytest.mark.parametrize(
    "url", ["ftp://h/x.bin", "file:///etc/passwd", "x.bin", "http://", "http://[::1", "http://h:99999/x"]
)
def test_an_address_that_cannot_be_downloaded_is_refused(repository: Repository, url: str) -> None:
    with pytest.raises(ImageError):
        bring(repository, Download(url))


def test_a_port_where_nobody_listens_is_told(repository: Repository) -> None:
    with pytest.raises(ImageError, match="refused"):
        bring(repository, Download("http://127.0.0.1:1/x.bin"))
