"""What the tabs of the device page show: facts in pairs, files, the device's tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from swim_tui.model.facts import FileEntry, FileSystem
from swim_tui.model.job import DeviceTask
from swim_tui.model.views import DeviceDetail
from swim_tui.ui.screens.devices import device_state
from swim_tui.ui.states import Cell, Tone, state_cell
from swim_tui.ui.times import days, detail_time, list_time, short_size, size_mb
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.facts import Fact


@dataclass(frozen=True)
class FileLine:
    """A file system, or a file on it."""

    system: FileSystem
    number: int
    file: FileEntry | None = None

    @property
    def key(self) -> str:
        """Member, file system and path."""
        member = f"{self.system.member or ''}"
        return f"{member}/{self.system.name}/{self.file.path if self.file is not None else ''}"


def _system_cell(line: FileLine) -> Cell:
    if line.file is not None:
        return Cell(f"  {line.file.path}{'/' if line.file.is_dir else ''}")
    member = f" member {line.system.member}" if line.system.member is not None else ""
    return Cell(f"{line.system.name}{member}{' (default)' if line.system.is_default else ''}", Tone.LINK)


FILES = TableSpec[FileLine](
    "files",
    (
        Column("file", "File system / file", 26, _system_cell, 1, "f", lambda r: r.number, flex=True),
        Column(
            "size",
            "Size",
            10,
            lambda r: Cell(short_size(r.file.size_bytes) if r.file else ""),
            2,
            "s",
            lambda r: r.file.size_bytes if r.file else None,
            right=True,
        ),
        Column(
            "free", "Free", 9, lambda r: Cell("" if r.file else short_size(r.system.free_bytes)), 1, "r", right=True
        ),
        Column(
            "total", "Total", 9, lambda r: Cell("" if r.file else short_size(r.system.total_bytes)), 1, "t", right=True
        ),
        Column("modified", "Modified", 20, lambda r: Cell(r.file.modified if r.file else r.system.kind), 3, "m"),
    ),
    sort="file",
    empty="No file system was read yet. r reads the device.",
    marks=False,
)


def file_lines(detail: DeviceDetail) -> list[FileLine]:
    """Each file system with its files below it."""
    rows: list[FileLine] = []
    for system in detail.facts.file_systems if detail.facts is not None else ():
        rows.append(FileLine(system, len(rows)))
        rows += [FileLine(system, len(rows) + index, file) for index, file in enumerate(system.files or ())]
    return rows


@dataclass(frozen=True)
class TaskLine:
    """A task of the device in one run."""

    task: DeviceTask

    @property
    def key(self) -> str:
        """The run."""
        return self.task.run_id


def _time(moment: datetime | None) -> str:
    return list_time(moment) if moment is not None else ""


TASKS = TableSpec[TaskLine](
    "device-tasks",
    (
        Column("run", "Run ID", 10, lambda r: Cell(r.task.run_id), 1, "r"),
        Column("status", "Status", 22, lambda r: state_cell(r.task.status), 1, "s"),
        Column("image", "Image Name", 22, lambda r: Cell(r.task.image_file), 2, "m", flex=True),
        Column("outcome", "Outcome", 18, lambda r: Cell(str(r.task.outcome) if r.task.ended_at else ""), 3, "o"),
        Column("start", "Started", 23, lambda r: Cell(_time(r.task.started_at)), 2, "t"),
        Column("message", "Message", 40, lambda r: Cell(r.task.message, Tone.DIM), 5, "e"),
    ),
    sort="run",
    reverse=True,
    empty="No job has had this device yet. J starts one.",
    marks=False,
)


def device_facts(detail: DeviceDetail) -> list[Fact]:
    """Device Details: the inventory, what was read, what went wrong last."""
    device, row, facts = detail.device, detail.row, detail.facts
    state = device_state(row)
    profile = device.credentials or (
        f"{detail.credentials} (of its group or the default)" if detail.credentials else ""
    )
    pairs: list[Fact] = [
        ("Name", device.name),
        ("State", state.text, state.tone),
        ("IP Address/DNS", f"{device.address}:{device.port}"),
        ("Platform", device.platform),
        ("Role", str(device.role)),
        ("Location", f"{device.location} {detail.zone}".strip()),
        ("Device Type", device.device_type),
        ("Groups", ", ".join(row.groups)),
        ("Jump hosts", " > ".join(device.jump)),
        ("Credentials", profile or "none: e chooses a profile", Tone.PLAIN if profile else Tone.WAIT),
        ("Upstream", ", ".join(device.upstream)),
        ("Pair", device.pair),
        ("SSH", "legacy algorithms allowed" if device.legacy_ssh else ""),
        ("VRF", device.vrf),
        ("Source interface", device.source_interface),
        ("Console", device.console),
        ("Description", device.description),
    ]
    if facts is not None:
        version = facts.version
        pairs += [
            ("Serial", version.serial),
            ("Product", version.pid),
            ("RAM", size_mb(version.ram_bytes) if version.ram_bytes else ""),
            ("Uptime", days(version.uptime_s) if version.uptime_s is not None else ""),
            ("Last reload", version.reload_reason),
            ("Boot loader", version.rommon),
            ("Boot variable", "; ".join(facts.boot_state().current)),
            ("At next reload", "; ".join(facts.boot_state().next_reload)),
            ("Members", ", ".join(f"{m.number} {m.role} {m.state}".strip() for m in facts.members)),
            ("Unsaved changes", "yes" if facts.config_dirty else ""),
            ("Not understood", ", ".join(facts.unread), Tone.WAIT),
        ]
    if detail.last_problem is not None:
        pairs.append(("Last problem", detail.last_problem.one_line(), Tone.FAIL))
    return pairs


def images_applied(detail: DeviceDetail) -> list[Fact]:
    """File Name, Image Name, Image Family, Image Version, File Size (FEATURES 24, 25)."""
    facts = detail.facts
    if facts is None:
        return [("File Name", "Unknown: the device was not read yet (r reads it)", Tone.WAIT)]
    version = facts.version
    size = running_size(detail)
    return [
        ("File Name", version.image_file or "Unknown"),
        ("Image Name", version.image_name or "Unknown"),
        ("Image Family", version.family or detail.row.family or "Unknown"),
        ("Image Version", version.version or "Unknown"),
        ("File Size", size_mb(size)),
        ("Mode", str(version.mode)),
        ("Boot variable", "; ".join(facts.boot_state().current)),
        ("At next reload", "; ".join(facts.boot_state().next_reload)),
        ("Read", detail_time(facts.read_at)),
    ]


def running_size(detail: DeviceDetail) -> int | None:
    """Bytes of the running image's file, if it is in a listing that was read."""
    if detail.facts is None:
        return None
    where, _, path = detail.facts.version.image_file.partition(":")
    system = detail.facts.file_system(f"{where}:")
    wanted = path.lstrip("/")
    files = (system.files or ()) if system is not None else ()
    return next((file.size_bytes for file in files if file.path == wanted), None)
