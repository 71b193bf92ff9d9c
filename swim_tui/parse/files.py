"""`dir` and `show file systems`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from swim_tui.model.facts import FileEntry, FileSystem
from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.text import lines_of, number


@dataclass(frozen=True)
class DirListing:
    """One listed file system; `error` is the device's refusal; totals None where no total line came."""

    file_system: str = ""
    files: tuple[FileEntry, ...] = ()
    total_bytes: int | None = None
    free_bytes: int | None = None
    error: str = ""
    is_read: bool = False

    def find(self, path: str) -> FileEntry | None:
        """The entry with this path, a leading slash or not."""
        wanted = path.lstrip("/")
        return next((entry for entry in self.files if entry.path == wanted), None)


_HEADER = re.compile(r"^\s*Directory of (?P<fs>[\w-]+:|/[\w-]+)(?P<path>\S*)", re.IGNORECASE)
_IOS_ROW = re.compile(
    r"^\s*\d+\s+(?P<perm>[d-][rwx-]{2,3})\s+(?P<size>\d+)\s+"
    r"(?P<date><no date>|[A-Z][a-z]{2}\s+\d{1,2}\s+\d{4}\s+\d\d:\d\d:\d\d(?:\s+[+-]\d\d:\d\d)?)\s+(?P<name>\S.*)$"
)
_XR32_ROW = re.compile(
    r"^\s*\d+\s+(?P<perm>[d-][rwx-]{2,3})\s+(?P<size>\d+)\s+"
    r"(?P<date>[A-Z][a-z]{2} [A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d \d{4})\s+(?P<name>\S.*)$"
)
_XR64_ROW = re.compile(
    r"^\s*\d+\s+(?P<perm>[dl-][rwxsStT-]{9})\.?\s+\d+\s+(?P<size>\d+)\s+"
    r"(?P<date>[A-Z][a-z]{2}\s+\d{1,2}\s+(?:\d{4}|\d\d:\d\d))\s+(?P<name>\S.*)$"
)
_NXOS_ROW = re.compile(
    r"^\s*(?P<size>\d+)\s+(?P<date>[A-Z][a-z]{2}\s+\d{1,2}\s+\d\d:\d\d:\d\d\s+\d{4})\s+(?P<name>\S.*)$"
)
_RECOVERY_ROW = re.compile(r"^(?P<perm>[d-][rwx-]{9})\s+(?P<size>\d+)\s+(?P<name>\S.*)$")
_ROWS = (_IOS_ROW, _XR32_ROW, _XR64_ROW, _NXOS_ROW, _RECOVERY_ROW)
_TOTAL = re.compile(r"^\s*(?P<total>\d+) (?P<unit>k?)bytes total(?:\s+\((?P<free>\d+) k?bytes free\))?")
_NXOS_USAGE = re.compile(r"^\s*Usage for (?P<fs>[\w-]+:)(?://(?P<where>[\w-]+)?/?)?")
_OWN_SUP = frozenset({"", "sup-local", "sup-active"})
_NXOS_FIGURE = re.compile(r"^\s*(?P<bytes>\d+) bytes (?P<what>used|free|total)\s*$")
_MISSING = re.compile(r"%\s?Error opening|No such file", re.IGNORECASE)


def parse_dir(text: str) -> DirListing:
    """`dir FS:`; the first file system if there are several."""
    listings = parse_dirs(text)
    if listings:
        return listings[0]
    refusal = device_refusal(text)
    return DirListing(error=refusal or "", is_read=False)


def parse_dirs(text: str) -> tuple[DirListing, ...]:
    """Every file system listed in `text`, each with its own totals; empty when nothing was understood."""
    reader = _DirReader()
    for line in lines_of(text):
        reader.take(line)
    return reader.result()


class _DirReader:
    """Walks the lines once; recursive listings prefix names with the directory of the last header."""

    def __init__(self) -> None:
        self.listings: list[DirListing] = []
        self.folder = ""
        self.entries: list[FileEntry] = []

    def take(self, line: str) -> None:
        header = _HEADER.match(line)
        if header is not None:
            self._header(header["fs"], header["path"])
            return
        if self._totals(line):
            return
        row = next((match for pattern in _ROWS if (match := pattern.match(line))), None)
        if row is None:
            if line.strip() == "No files in directory" and self.listings:
                self._touch()
            return
        self._row(row)

    def result(self) -> tuple[DirListing, ...]:
        self._flush()
        return tuple(listing for listing in self.listings if listing.is_read)

    def _header(self, fs: str, path: str) -> None:
        current = self.listings[-1] if self.listings else None
        if current is None or current.file_system != fs:
            self._flush()
            self.listings.append(DirListing(file_system=fs))
        self.folder = path.strip("*").strip("/")

    def _current(self) -> DirListing:
        if not self.listings:
            self.listings.append(DirListing())
        return self.listings[-1]

    def _touch(self, **changes: object) -> None:
        current = self._current()
        self.listings[-1] = replace(current, is_read=True, **changes)  # type: ignore[arg-type]

    def _flush(self) -> None:
        if self.listings and self.entries:
            self._touch(files=tuple(self.entries))
        self.entries = []

    def _row(self, row: re.Match[str]) -> None:
        self._current()
        groups = row.groupdict()
        name = row["name"].strip().split(" -> ")[0]
        size = number(row["size"])
        is_dir = (groups.get("perm") or "").startswith("d") or name.endswith("/")
        name = name.rstrip("/").lstrip("/")
        if size is None or not name:
            return
        # `dir flash:/x.bin` heads its row with the file itself
        folder = self.folder
        if folder == name or folder.endswith("/" + name):
            folder = folder[: -len(name)].strip("/")
        path = f"{folder}/{name}" if folder else name
        self.entries.append(FileEntry(path, size, (groups.get("date") or "").strip(), is_dir))
        self._touch()

    def _totals(self, line: str) -> bool:
        total = _TOTAL.match(line)
        if total is not None:
            unit = 1024 if total["unit"] else 1
            size, free = number(total["total"]), number(total["free"])
            if size is not None:
                self._touch(total_bytes=size * unit)
            if free is not None:
                self._touch(free_bytes=free * unit)
            return True
        usage = _NXOS_USAGE.match(line)
        if usage is not None:
            where = usage["where"] or ""
            self._touch(file_system=usage["fs"] if where in _OWN_SUP else f"{usage['fs']}//{where}/")
            return True
        figure = _NXOS_FIGURE.match(line)
        if figure is not None:
            if figure["what"] != "used":
                key = "free_bytes" if figure["what"] == "free" else "total_bytes"
                self._touch(**{key: number(figure["bytes"])})
            return True
        return False


_FS_ROW = re.compile(
    r"^(?P<mark>[* ])?\s*(?P<size>\d+|-)\s+(?P<free>\d+|-)\s+(?P<kind>[a-z]\S*)\s+(?P<flags>[a-z]+)\s+(?P<names>\S.*)$"
)
_PREFIX = re.compile(r"(?P<name>/?[A-Za-z][\w/-]*:?)#?")
# flash-2: and flash2: of a stack, bootflash-2-0: of StackWise Virtual (chassis, slot)
_MEMBER = re.compile(r"^(?:flash-?|bootflash-)(?P<n>\d{1,2})(?:-\d)?:$")


def parse_file_systems(text: str) -> tuple[FileSystem, ...]:
    """`show file systems` (XR: `show filesystem`); every row, the default one and those of several prefixes too."""
    found: list[FileSystem] = []
    for line in lines_of(text):
        row = _FS_ROW.match(line)
        if row is None:
            continue
        names = [m["name"] for word in row["names"].split() if (m := _PREFIX.fullmatch(word))]
        if not names:
            continue
        found.append(
            FileSystem(
                name=names[0],
                total_bytes=number(row["size"]),
                free_bytes=number(row["free"]),
                prefixes=tuple(names),
                kind=row["kind"],
                flags=row["flags"],
                is_default=row["mark"] == "*",
            )
        )
    # flash1: is a stack member on switches, but a second card on routers that also have flash0:
    has_cards = any("flash0:" in fs.prefixes for fs in found)
    return tuple(fs if has_cards else replace(fs, member=_member(fs.prefixes)) for fs in found)


def _member(prefixes: tuple[str, ...]) -> int | None:
    for prefix in prefixes:
        match = _MEMBER.match(prefix)
        if match is not None:
            return int(match["n"])
    return None


def is_missing(text: str) -> bool:
    """True when `dir FILE` says that there is no such file."""
    return _MISSING.search(text) is not None
