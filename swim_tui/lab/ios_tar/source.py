"""Where an archive comes from: the switch's own flash, or a server, streamed and never stored."""

from __future__ import annotations

from dataclasses import replace

from ..chassis.work import Report
from ..content import Content, Filler, Growing
from ..fetch import FetchError, Url, open_remote, parse_url
from ..flash import FileSystem
from ..receive import Download, WriteError

WITH_PASSWORD = ("scp", "sftp")


class SourceError(Exception):
    """The archive cannot be read; the text is the switch's."""


async def read_archive(report: Report, path: str) -> Content:
    """The bytes of an archive; SourceError with what the switch prints."""
    url = parse_url(path)
    if url is not None:
        return await _fetch(report, url)
    found = report.device.storage.locate(path)
    file = found[0].files.get(found[2]) if found else None
    if file is None or file.is_folder:
        raise SourceError(f"%Error opening {path} (No such file or directory)")
    if isinstance(file.content, Growing):
        raise SourceError(f"%Error opening {path} (Device or resource busy)")
    report.say(f"Loading {path} !!!!!!!!!!!!", f"[OK - {file.content.size} bytes]", "")
    return file.content


async def _fetch(report: Report, url: Url) -> Content:
    term, device = report.shell.term, report.device
    if url.scheme in WITH_PASSWORD and not url.password:
        typed = await term.read_line("Password: ", echo=False, is_secret=True)
        url = replace(url, password=typed)
    try:
        remote = await open_remote(device, url)
    except FetchError as err:
        raise SourceError(f"%Error opening {url.shown} ({err.trouble})") from err
    # The archive runs through memory: what it takes is no flash.
    scratch = FileSystem("stream", max(remote.size, 0) * 2 + (1 << 31))
    download = Download(device, remote, scratch, "archive", url.scheme)
    term.write(f"Loading {url.name} from {url.host} (via Vlan1): ")
    download.on_bytes = lambda count: term.write("!" * (count // 65536))
    try:
        await download.run()
    except (FetchError, WriteError) as err:
        raise SourceError(f"\n%Error reading {url.shown} ({err})") from err
    content = scratch.files["archive"].content
    report.say("", f"[OK - {content.size} bytes]", "")
    return content if content.size else Filler(0)
