"""Install state of IOS XR: package sets (32 bit, 64 bit, XR7), the request that runs, the log, results by id."""

from __future__ import annotations

import re

from swim_tui.model.install import InstallLogEntry, InstallRequest, InstallResult, PackageSet
from swim_tui.parse.text import short_lines

_SET = re.compile(
    r"^\s*(?P<kind>Active|Committed|Inactive) Packages:\s*(?P<count>\d+|XR: *\d+\s+All: *\d+)?\s*$", re.IGNORECASE
)
_NO_SET = re.compile(r"^\s*No (?P<kind>active|committed|inactive) package\(?s?\)?\b", re.IGNORECASE)
_NODE = re.compile(r"^\s*Node (?P<node>\d+/\S+)(?: \[.*)?$")
_LABEL = re.compile(r"^\s*Label\s*: *(?P<label>\S+)")
_HASH = re.compile(r"^\s*Software Hash: *(?P<hash>[0-9a-fA-F]{16,128})\s*$")
_BOOT = re.compile(r"^\s*Boot Image: *(?P<image>\S+)")
_PACKAGE = re.compile(
    r"^\s+(?P<name>(?:[\w-]{1,16}:)?[A-Za-z0-9]\w*-[\w.+-]*\d[\w.+-]*)(?:\s+version=(?P<version>\S+))?"
    r"(?P<boot>\s+\[Boot image\])?\s*$"
)
_TABLE_ROW = re.compile(r"^(?P<name>[a-z0-9]\w*(?:-\w+)+)\s+(?P<version>\d+\.\d\S*)\s*$")
_FIX = re.compile(r"^\s+(?P<fix>CSC[a-z]{2}\d{5}):")
_IDLE = re.compile(
    r"There are no install requests in operation|No install operation in progress|No install operations? (?:is|are) in",
    re.IGNORECASE,
)
_STARTED = re.compile(r"Install operation (?P<id>\d{1,9}) (?:'(?P<what>[^'\n]{1,400})')?[^\n]*?started by")
_PERCENT = re.compile(
    r"The (?:install )?(?P<what>\w+ )?operation (?:(?P<id>\d{1,9}) )?is (?P<percent>\d{1,3})% complete", re.IGNORECASE
)
_XR7_STATE = re.compile(r"^\s*State: *(?P<state>[A-Z][a-z]+(?: [a-z]+)?)\b", re.MULTILINE)
_XR7_ID = re.compile(r"^\s*Operation ID: *(?P<id>\d{1,9})", re.MULTILINE)
_XR7_WHAT = re.compile(r"^\s*User request: *(?P<what>\S.*?)\s*$", re.MULTILINE)
_XR7_RESULTS = {
    "success": InstallResult.SUCCESS,
    "failure": InstallResult.FAILED,
    "failed": InstallResult.FAILED,
    "aborted": InstallResult.ABORTED,
    "in progress": InstallResult.RUNNING,
}
_LOG = re.compile(
    r"Install operation (?P<id>\d{1,9})\b(?: '(?P<what>[^'\n]{1,400})')?[^\n]{0,200}?\b"
    r"(?P<event>started by|finished successfully|completed successfully|completed with failure|failed|aborted)\b"
)
_RESULTS = {
    "finished successfully": InstallResult.SUCCESS,
    "completed successfully": InstallResult.SUCCESS,
    "completed with failure": InstallResult.FAILED,
    "failed": InstallResult.FAILED,
    "aborted": InstallResult.ABORTED,
}


class _Sets:
    """Walks package lists; the same header may stand once for each node or SDR."""

    def __init__(self) -> None:
        self.kind = ""
        self.node = ""
        self.packages: dict[str, list[str]] = {}
        self.nodes: dict[str, dict[str, list[str]]] = {}
        self.label = self.hash = self.boot = ""
        self.is_table = False

    def take(self, line: str) -> None:
        head, none, node = _SET.match(line), _NO_SET.match(line), _NODE.match(line)
        found = head or none
        if found is not None:
            self.kind = found["kind"].lower()
            self.packages.setdefault(self.kind, [])
            self.is_table = head is not None and "XR" in (head["count"] or "")
        elif node is not None:
            self.node, self.kind = node["node"], ""
        elif not self._field(line) and self.kind:
            self._row(line)

    def _field(self, line: str) -> bool:
        label, digest, boot = _LABEL.match(line), _HASH.match(line), _BOOT.match(line)
        if label is not None:
            self.label = self.label or label["label"]
        elif digest is not None:
            self.hash = self.hash or digest["hash"].lower()
        elif boot is not None:
            self.boot = self.boot or boot["image"]
        return (label or digest or boot) is not None

    def _row(self, line: str) -> None:
        row, fix = (_TABLE_ROW if self.is_table else _PACKAGE).match(line), _FIX.match(line)
        if fix is not None and self.is_table:
            self._add(fix["fix"])
        elif row is not None:
            name = f"{row['name']}-{row['version']}" if self.is_table else row["name"]
            if not self.is_table and row["boot"]:
                self.boot = self.boot or name
            self._add(name)

    def _add(self, name: str) -> None:
        self.packages[self.kind].append(name)
        if self.node:
            self.nodes.setdefault(self.kind, {}).setdefault(self.node, []).append(name)

    def result(self, kind: str) -> PackageSet | None:
        if kind not in self.packages:
            return None
        nodes = tuple((node, tuple(names)) for node, names in self.nodes.get(kind, {}).items())
        return PackageSet(tuple(dict.fromkeys(self.packages[kind])), nodes, self.label, self.hash, self.boot)


def parse_package_sets(text: str) -> dict[str, PackageSet]:
    """`show install active`, `committed` or `inactive` (summary): the sets named, by `active`, `committed`,
    `inactive`; empty when not understood."""
    reader = _Sets()
    for line in short_lines(text):
        reader.take(line)
    kinds = ((kind, reader.result(kind)) for kind in ("active", "committed", "inactive"))
    return {kind: found for kind, found in kinds if found is not None}


def parse_install_request(text: str) -> InstallRequest | None:
    """`show install request`; None when not understood."""
    plain = "\n".join(short_lines(text))
    percent = _PERCENT.search(plain)
    started = _STARTED.search(plain)
    if percent is not None:
        number = percent["id"] or (started["id"] if started is not None else None)
        what = (started["what"] or "") if started is not None else (percent["what"] or "").strip()
        share = int(percent["percent"])
        return InstallRequest(True, int(number) if number else None, what, share, InstallResult.RUNNING)
    if _IDLE.search(plain) is not None:
        return InstallRequest(False)
    state, ident, what7 = _XR7_STATE.search(plain), _XR7_ID.search(plain), _XR7_WHAT.search(plain)
    if state is None or (ident is None and what7 is None):
        return None
    result = _XR7_RESULTS.get(state["state"].lower()) or _XR7_RESULTS.get(state["state"].split()[0].lower())
    return InstallRequest(
        result is InstallResult.RUNNING or result is None,
        int(ident["id"]) if ident is not None else None,
        what7["what"] if what7 is not None else "",
        result=result,
    )


def parse_xr_install_log(text: str) -> tuple[InstallLogEntry, ...] | None:
    """`show install log` of XR: every operation with how it ended; RUNNING where no end is told."""
    entries: dict[int, InstallLogEntry] = {}
    for match in _LOG.finditer("\n".join(short_lines(text))):
        number = int(match["id"])
        known = entries.get(number)
        operation = (known.operation if known is not None else "") or match["what"] or ""
        result = _RESULTS.get(match["event"], known.result if known is not None else InstallResult.RUNNING)
        entries[number] = InstallLogEntry(operation, result, number)
    return tuple(entries.values()) if entries else None


def parse_install_result(text: str, number: int) -> InstallResult | None:
    """How one operation ended, told by its own id: a neighbour's success must not count for it."""
    found = [entry for entry in parse_xr_install_log(text) or () if entry.number == number]
    return found[0].result if found else None
