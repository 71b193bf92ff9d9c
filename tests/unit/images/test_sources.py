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

from swim_tui.errors import Cancelled, ImageError, ImageHashWrong, SourceError
from swim_tui.images import Download, DownloadLimits, ImportProgress, LocalFile, Repository, import_image
from swim_tui.images.ftp_source import FtpFile
from swim_tui.images.sources import ImageSource
from swim_tui.model.image import SoftwareImage
from swim_tui.model.secret import Login, Secret
from swim_tui.model.source import parse_source
from tests.support.ftpd import Ftpd

NAME = "c2960-lanbasek9-mz.150-2.SE11.bin"
QUICK = DownloadLimits(retry_wait_s=0.0, silence_s=5.0)
CONTENT = sample.ios_bin(size=3_000_000)


class Site(ThreadingHTTPServer):
    """A web server whose requests are remembered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.seen: list[tuple[str, str | None]] = []
        self.elsewhere = ""
        self.beside: dict[str, str] = {}
        self.ranges: list[str] = []
        self.cuts: list[int] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is part of these tests."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Pages(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        page = self.path.split("?")[0].rsplit("/", 1)[-1]
        if page == "loop":
            self._redirect("/loop")
        elif page == "guarded":
            self.send_error(401)
        elif page == "away":
            self._redirect(f"{self.server.elsewhere}/{NAME}")
        elif page == "to-ftp":
            self._redirect("ftp://127.0.0.1/x.bin")
        elif page in self.server.beside:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.server.beside[page].encode())
        elif page == "missing" or page.endswith((".sha512", ".md5", "sum", "SUMS")):
            self.send_error(404)
        elif page == "tagged":
            self._ranged()
        else:
            self._content(page)

    def _redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def _ranged(self) -> None:
        """As a server that can go on: the next cut ends the connection early."""
        asked = self.headers.get("Range", "")
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(CONTENT) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        end = self.server.cuts.pop(0) if self.server.cuts else len(CONTENT)
        self.wfile.write(CONTENT[start:end])
        self.close_connection = True

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


JANE = Login("jane-web", "jane", Secret("p@ss"))


def test_a_login_is_sent_and_shown_nowhere(repository: Repository, site: Site) -> None:
    image, _ = bring(repository, Download(site.url(f"/{NAME}?build=7"), JANE))
    assert image.source == site.url(f"/{NAME}")
    assert site.seen == [(f"/{NAME}?build=7", "Basic " + base64.b64encode(b"jane:p@ss").decode())]
    with pytest.raises(ImageError) as caught:
        bring(repository, Download(site.url("/missing"), JANE))
    assert "404" in str(caught.value)
    assert "p@ss" not in str(caught.value) + repr(Download(site.url("/x"), JANE))


def test_a_login_that_a_web_server_refuses_is_said_and_not_tried_again(repository: Repository, site: Site) -> None:
    with pytest.raises(ImageError, match="refuses profile 'jane-web'") as caught:
        bring(repository, Download(site.url("/guarded"), Login("jane-web", "jane", Secret("wr0ng")), QUICK))
    assert "wr0ng" not in str(caught.value)
    assert len(site.seen) == 1
    with pytest.raises(ImageError, match="name a credential profile"):
        bring(repository, Download(site.url("/guarded")))
    assert kept(repository) == []


def test_a_login_is_not_carried_to_another_host(repository: Repository, site: Site) -> None:
    other = Site()
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        site.elsewhere = other.url("")
        bring(repository, Download(site.url("/away"), JANE))
    finally:
        other.shutdown()
        thread.join()
        other.server_close()
    assert other.seen == [(f"/{NAME}", None)]


def test_a_broken_download_goes_on_where_it_broke(repository: Repository, site: Site) -> None:
    site.cuts = [1_000_000, 1_000_000, 2_500_000]
    image, _ = bring(repository, Download(site.url("/tagged"), limits=QUICK))
    assert image.sha512 == hashlib.sha512(CONTENT).hexdigest()
    assert site.ranges == ["", "bytes=1000000-", "bytes=1000000-", "bytes=2500000-"]
    site.cuts = [1000] * 20
    with pytest.raises(ImageError, match="closed after 1000 of 3000000"):
        bring(repository, Download(site.url("/tagged"), limits=QUICK))


@pytest.mark.parametrize(
    ("beside", "text"),
    [
        ("{n}.sha512", "{sha}\n"),
        ("{n}.md5", "MD5 ({n}) = {MD5}\n"),
        ("{n}.sha512sum", "# a comment\n{sha} *{n}\n"),
        ("SHA512SUMS", "{other}  another.bin\n{sha}  ./{n}\n"),
        ("MD5SUMS", "{md5}  dir\\{n}\r\n"),
    ],
)
def test_a_checksum_file_next_to_the_image_is_compared(
    repository: Repository, site: Site, beside: str, text: str, tmp_path: Path
) -> None:
    md5, sha = hashlib.md5(CONTENT).hexdigest(), hashlib.sha512(CONTENT).hexdigest()
    words = {"n": NAME, "md5": md5, "MD5": md5.upper(), "sha": sha, "other": "0" * 128}
    name, right = beside.format(**words), text.format(**words)
    site.beside[name] = right
    _, seen = bring(repository, Download(site.url(f"/{NAME}")))
    assert seen[-1].checked_by == name

    folder = tmp_path / "there"
    folder.mkdir()
    (folder / NAME).write_bytes(CONTENT)
    (folder / name).write_text(right.replace(sha, "1" * 128).replace(md5, "1" * 32).replace(md5.upper(), "1" * 32))
    with pytest.raises(ImageHashWrong):
        bring(repository, LocalFile(folder / NAME))


def test_what_a_person_declared_goes_before_a_checksum_file(repository: Repository, site: Site) -> None:
    site.beside[f"{NAME}.md5"] = "1" * 32
    _, seen = bring(repository, Download(site.url(f"/{NAME}")), expect_md5=hashlib.md5(CONTENT).hexdigest())
    assert seen[-1].checked_by == ""


def test_ftp_brings_a_file_whole_over_broken_connections(repository: Repository, tmp_path: Path) -> None:
    folder = tmp_path / "ftp"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / NAME).write_bytes(CONTENT)
    (folder / "images" / f"{NAME}.md5").write_text(f"{hashlib.md5(CONTENT).hexdigest()}  {NAME}\n")
    server = Ftpd(folder)
    jane = Login("jane-ftp", "jane", Secret("p@ss word"))
    try:
        base = f"ftp://127.0.0.1:{server.port}/images/"
        server.cuts = [500_000, 300_000]
        image, seen = bring(repository, FtpFile(parse_source(base + NAME), jane, QUICK))
        assert image.sha512 == hashlib.sha512(CONTENT).hexdigest()
        assert (image.source, seen[-1].checked_by) == (base + NAME, f"{NAME}.md5")
        assert [line for line in server.asked if line.startswith("REST")], "it went on, it did not begin again"
        listed = {f.name: f.size_bytes for f in FtpFile(parse_source(base), jane, QUICK).listing()}
        assert listed[NAME] == len(CONTENT)
        wrong = Login("jane-ftp", "jane", Secret("wr0ng"))
        with pytest.raises(ImageError, match="refuses profile 'jane-ftp'") as caught:
            bring(repository, FtpFile(parse_source(base + NAME), wrong, QUICK))
        assert "wr0ng" not in str(caught.value)
        with pytest.raises(ImageError, match="550"):
            bring(repository, FtpFile(parse_source(base + "none.bin"), jane, QUICK))
    finally:
        server.close()


def test_an_old_ftp_server_without_sizes_and_listings_gives_images_all_the_same(
    repository: Repository, tmp_path: Path
) -> None:
    folder = tmp_path / "ftp"
    (folder / "images of ü").mkdir(parents=True)
    (folder / "images of ü" / NAME).write_bytes(CONTENT)
    (folder / "images of ü" / f"{NAME}.md5").write_text(f"{hashlib.md5(CONTENT).hexdigest()}  {NAME}\n")
    server = Ftpd(folder, lacks=("SIZE", "MLSD", "MLST", "MDTM", "REST"))
    jane = Login("jane-ftp", "jane", Secret("p@ss word"))
    try:
        base = f"ftp://127.0.0.1:{server.port}/images%20of%20%C3%BC/"
        assert NAME in [file.name for file in FtpFile(parse_source(base), jane, QUICK).listing()]
        image, seen = bring(repository, FtpFile(parse_source(base + NAME), jane, QUICK))
        assert image.sha512 == hashlib.sha512(CONTENT).hexdigest()
        assert (seen[0].total_bytes, seen[-1].checked_by) == (None, f"{NAME}.md5")
        (folder / "images of ü" / f"{NAME}.md5").unlink()
        server.cuts = [500_000]
        with pytest.raises(SourceError):  # what was cut off is no image
            bring(repository, FtpFile(parse_source(base + NAME), jane, QUICK))
        with pytest.raises(SourceError, match="550"):
            bring(repository, FtpFile(parse_source(base + "none.bin"), jane, QUICK))
    finally:
        server.close()


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
        bring(repository, Download(site.url(page), limits=DownloadLimits(max_bytes=1_500_000)))
    assert kept(repository) == []


def test_a_download_ends_at_its_time_limit(repository: Repository, site: Site) -> None:
    with pytest.raises(ImageError, match="not done after"):
        bring(repository, Download(site.url(f"/{NAME}"), limits=DownloadLimits(total_s=0.0)))


@pytest.mark.parametrize(
    "url", ["ftp://h/x.bin", "file:///etc/passwd", "x.bin", "http://", "http://[::1", "http://h:99999/x"]
)
def test_an_address_that_cannot_be_downloaded_is_refused(repository: Repository, url: str) -> None:
    with pytest.raises(ImageError):
        bring(repository, Download(url))


def test_a_port_where_nobody_listens_is_told(repository: Repository) -> None:
    with pytest.raises(SourceError, match=r"refused; look at the address, the way to it from here and the login"):
        bring(repository, Download("http://127.0.0.1:1/x.bin"))
