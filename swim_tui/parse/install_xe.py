"""Install state of IOS XE: `show install ...` (16 and later), package lists, packages.conf, the XE 3 rollback timer."""

from __future__ import annotations

import re
from dataclasses import replace

from swim_tui.model.install import (
    AutoAbort,
    InstallLogEntry,
    InstallPackage,
    InstallResult,
    InstallState,
    PackagesConf,
    PackageStatus,
    ProvisionedPackage,
    RollbackPoint,
)
from swim_tui.model.smu import SmuDetail
from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.text import number, short_lines

_BLOCK = re.compile(r"^\s*\[ (?P<who>(?:Switch |Chassis )?\w+(?: \w+)*) \] \w+ Package\(s\) Information:")
_ROW = re.compile(r"^(?P<kind>[A-Z]{2,8})\s+(?P<status>[IUCD])\s+(?P<name>\S+)\s*$")
_TIMER = re.compile(
    r"^\s*Auto abort timer: *(?:(?P<off>inactive)|active on (?P<by>\w+)"
    r"(?:, time before rollback - (?P<left>\d{1,3}:\d\d:\d\d))?)"
)
_NONE = re.compile(r"^\s*No (?:Inactive|Uncommitted|Active|Committed|Installed) Packages\b", re.IGNORECASE)
_POINTS = re.compile(r"^\s*ID\s+Label\s+Description\s*$")
_POINT = re.compile(r"^\s*(?P<number>\d{1,9})\s{2,}(?P<label>\S.*?)(?:\s{2,}(?P<description>\S.*))?$")
_POINT_HEAD = re.compile(r"^\s*Rollback id - (?P<number>\d{1,9})(?: \(Created on (?P<at>[^)]+)\))?")
_POINT_FIELD = re.compile(r"^\s*(?P<key>Label|Description|Reload required): *(?P<value>.*)$")
_LOG = re.compile(
    r"^\s*\[(?P<number>\d{1,9})\|(?P<operation>\w+)\s*\]:?\s*"
    r"(?P<event>START|END (?P<end>SUCCESS|FAILED|FAILURE)|FAILED)\b[: ]*(?P<at>.*)$"
)
_PACKAGE = re.compile(
    r"^\s*Package: *(?P<name>[^,]{1,80}?)\s*, *version: *(?P<version>[^,]*?)\s*, *status: *(?P<status>\S[^,]*?)\s*$"
)
_FILE = re.compile(r"^\s*File: *(?P<file>[^,]*?)\s*, *on: *(?P<on>\S+)\s*$")
_SHA1 = re.compile(r"^\s*File SHA1 checksum: *(?P<sha1>[0-9a-fA-F]{40})\s*$")
_CONF = re.compile(
    r"^\s*(?:boot|iso)\s+(?P<slot>[a-z]+ \S+(?: \S+)?)\s+(?P<role>[a-z]\w+)\s+(?P<file>\S+\.(?:pkg|bin))\s*$"
)
_CONF_BUILD = re.compile(r"^#.*\bBuild: *(?P<build>\S+)")
_SMU_KIND = re.compile(r"^\s*Package Type: *SMU\b", re.IGNORECASE)
_SMU_FIELD = re.compile(
    r"^\s*(?P<key>Defect ID|SMU Type|SMU Compatible with Version): *(?P<value>[\w.()-]{1,60})\s*$", re.IGNORECASE
)
_SMU_RELOADS = {"reload": True, "non-reload": False, "nonreload": False, "non_reload": False}
_MEMBER_TIMERS = re.compile(r"^\s*Switch#\s+Status\s+Duration\s*$", re.IGNORECASE)
_MEMBER_TIMER = re.compile(r"^\s*(?P<member>\d{1,2})\s+(?P<status>active|inactive)\s+(?P<left>\d\d:\d\d:\d\d|-)\s*$")


def parse_install_state(text: str) -> InstallState | None:
    """`show install summary` (also active, inactive, committed, uncommitted); None when not understood."""
    packages: list[InstallPackage] = []
    members: tuple[str, ...] = ()
    timer: AutoAbort | None = None
    is_read = False
    for line in short_lines(text):
        block, row, clock = _BLOCK.match(line), _ROW.match(line), _TIMER.match(line)
        if block is not None:
            is_read, members = True, _members(block["who"])
        elif is_read and row is not None:
            packages.append(InstallPackage(row["kind"], PackageStatus(row["status"]), row["name"], members))
        elif is_read and clock is not None:
            timer = AutoAbort(clock["off"] is None, clock["by"] or "", _seconds(clock["left"] or ""))
        elif _NONE.match(line):
            is_read = True
    return InstallState(tuple(packages), timer) if is_read else None


def parse_rollback_points(text: str) -> tuple[RollbackPoint, ...] | None:
    """`show install rollback`, or one point with its packages from `show install rollback id N`."""
    points: list[RollbackPoint] = []
    rows: list[InstallPackage] = []
    in_table = is_read = False
    for line in short_lines(text):
        head, field, row, point = (p.match(line) for p in (_POINT_HEAD, _POINT_FIELD, _ROW, _POINT))
        if _POINTS.match(line):
            in_table = is_read = True
        elif head is not None:
            points.append(RollbackPoint(int(head["number"]), created=head["at"] or ""))
            is_read, in_table = True, False
        elif points and not in_table and field is not None:
            points[-1] = _with_field(points[-1], field["key"], field["value"].strip())
        elif points and not in_table and row is not None:
            rows.append(InstallPackage(row["kind"], PackageStatus(row["status"]), row["name"]))
            points[-1] = replace(points[-1], packages=tuple(rows))
        elif in_table and point is not None:
            points.append(RollbackPoint(int(point["number"]), _said(point["label"]), _said(point["description"] or "")))
    return tuple(dict.fromkeys(points)) if is_read else None


def parse_install_log(text: str) -> tuple[InstallLogEntry, ...] | None:
    """`show install log` of XE: one entry for each operation, in order; RUNNING where no end was logged."""
    entries: list[InstallLogEntry] = []
    for line in short_lines(text):
        match = _LOG.match(line)
        if match is None:
            continue
        key = (match["operation"], int(match["number"]))
        if match["event"] == "START":
            entries.append(InstallLogEntry(key[0], InstallResult.RUNNING, key[1], match["at"].strip()))
            continue
        result = InstallResult.SUCCESS if match["end"] == "SUCCESS" else InstallResult.FAILED
        for index in range(len(entries) - 1, -1, -1):
            entry = entries[index]
            if (entry.operation, entry.number) == key and entry.result is InstallResult.RUNNING:
                entries[index] = replace(entry, result=result)
                break
        else:
            entries.append(InstallLogEntry(key[0], result, key[1], match["at"].strip()))
    return tuple(entries) if entries else None


def parse_version_packages(text: str) -> tuple[ProvisionedPackage, ...] | None:
    """`show version running`, `installed` or `provisioned`; the surest test of install against bundle mode."""
    found: list[ProvisionedPackage] = []
    for line in short_lines(text):
        package, file, sha1 = _PACKAGE.match(line), _FILE.match(line), _SHA1.match(line)
        if package is not None:
            found.append(ProvisionedPackage(package["name"], package["version"], package["status"]))
        elif found and file is not None:
            found[-1] = replace(found[-1], file=file["file"], on=file["on"])
        elif found and sha1 is not None:
            found[-1] = replace(found[-1], sha1=sha1["sha1"].lower())
    return tuple(found) if found else None


def parse_smu(text: str) -> SmuDetail | None:
    """`show install package FILE` of an SMU; None for any other package, or when not understood."""
    said: dict[str, str] = {}
    is_smu = False
    for line in short_lines(text):
        field = _SMU_FIELD.match(line)
        is_smu = is_smu or _SMU_KIND.match(line) is not None
        if field is not None:
            said.setdefault(field["key"].lower(), field["value"])
    if not is_smu:
        return None
    fits = said.get("smu compatible with version", "")
    return SmuDetail(said.get("defect id", ""), fits, _SMU_RELOADS.get(said.get("smu type", "").lower()))


def is_bundle(packages: tuple[ProvisionedPackage, ...]) -> bool | None:
    """True when the running packages came out of one .bin; None when no file was named."""
    files = [p.file for p in packages if p.file]
    return any(f.startswith("consolidated:") for f in files) if files else None


def parse_packages_conf(text: str) -> PackagesConf | None:
    """`more flash:packages.conf`, whole or from a line on."""
    if device_refusal(text) is not None:
        return None
    rows: list[tuple[str, str, str]] = []
    build = ""
    for line in short_lines(text):
        match, said = _CONF.match(line), _CONF_BUILD.match(line)
        if match is not None:
            rows.append((" ".join(match["slot"].split()), match["role"], match["file"]))
        elif said is not None and not build:
            build = said["build"]
    return PackagesConf(tuple(rows), build) if rows else None


def parse_member_timers(text: str) -> tuple[AutoAbort, ...] | None:
    """`show software installer rollback-timer` of XE 3: one timer for each member."""
    timers: list[AutoAbort] = []
    is_read = False
    for line in short_lines(text):
        match = _MEMBER_TIMER.match(line)
        if _MEMBER_TIMERS.match(line):
            is_read = True
        elif is_read and match is not None:
            active = match["status"] == "active"
            timers.append(AutoAbort(active, remaining_s=_seconds(match["left"]), member=int(match["member"])))
    return tuple(timers) if timers else None


def _members(words: str) -> tuple[str, ...]:
    return tuple(word for word in words.split() if word not in ("Switch", "Chassis"))


def _said(text: str) -> str:
    return "" if text in ("No Label", "No Description") else text


def _with_field(point: RollbackPoint, key: str, value: str) -> RollbackPoint:
    if key == "Label":
        return replace(point, label=_said(value))
    if key == "Description":
        return replace(point, description=_said(value))
    return replace(point, needs_reload={"YES": True, "NO": False}.get(value.upper()))


def _seconds(text: str) -> int | None:
    parts = [number(part) for part in text.split(":")]
    if len(parts) not in (2, 3) or any(part is None for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + (part or 0)
    return total
