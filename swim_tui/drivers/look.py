"""Read-only looks at the device: facts, files, hashes, boot state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from swim_tui.drivers.task import Task, message_of
from swim_tui.errors import CommandError, CommandRejected, NotAuthorised, SwimError
from swim_tui.model.device import DeviceClass
from swim_tui.model.device_path import join_path
from swim_tui.model.facts import BootMode, BootState, Facts, VersionFacts
from swim_tui.model.phase import FactsRead
from swim_tui.packs.choose import effective
from swim_tui.packs.pack import Pack
from swim_tui.parse import device_refusal, parse_dir, parse_verify_hash
from swim_tui.parse import read_facts as parse_facts

VERSION_COMMANDS = ("show version", "show clock")
_MAX_POINTS = 8
_MAX_FOLDERS = 4
_IMAGE_FOLDER = re.compile(r"-mz\.[\w.-]+$", re.IGNORECASE)
_MISSING = re.compile(r"No such file|File not found|Path does not exist", re.IGNORECASE)
_CONFIG_BOOT = "show running-config | include boot"


def gather(task: Task, commands: Iterable[str]) -> tuple[dict[str, str], datetime]:
    """Answers of the commands this software knows, and when the device's clock was asked."""
    outputs: dict[str, str] = {}
    read_at = task.now()
    for command in commands:
        before = task.now()
        try:
            text = task.try_read(command)
        except NotAuthorised as err:
            task.say(f"not authorised: {command}")
            text = err.output or "Command authorization failed."
        if text is None:
            continue
        outputs[command] = text
        if command.startswith("show clock"):
            read_at = before + (task.now() - before) / 2
    return outputs, read_at


def read_facts(task: Task, commands: Sequence[str]) -> Facts:
    """Facts from these commands; the rest of it stays empty."""
    outputs, read_at = gather(task, commands)
    return _understood(task, outputs, read_at)


def _understood(task: Task, outputs: dict[str, str], read_at: datetime) -> Facts:
    session = task.session()
    facts = parse_facts(task.request.device.name, read_at, outputs, session.privilege)
    return replace(facts, ssh_algorithms=session.algorithms)


def read_all(task: Task) -> Facts:
    """Facts from every read command of the pack, and what this device is asked beyond it."""
    return read_deep(task, task.pack, task.pack.read_commands)


def tell_all(task: Task) -> None:
    """Read the device whole once more for the inventory; what was done before stays done when this fails."""
    try:
        with task.shielded():
            task.emit(FactsRead(read_all(task)))
    except SwimError as err:
        task.say(f"not read again: {message_of(err)}")


def read_deep(task: Task, pack: Pack, commands: Sequence[str]) -> Facts:
    """Facts from these commands, and from those that their answers call for."""
    outputs, read_at = gather(task, commands)
    facts = _understood(task, outputs, read_at)
    for further in (further_commands, further_commands, rollback_commands):  # members first, then their directories
        more = [c for c in further(pack, facts) if c not in outputs]
        if more:
            said, _ = gather(task, more)
            outputs |= said
            facts = _understood(task, outputs, read_at)
    return facts


def further_commands(pack: Pack, facts: Facts) -> tuple[str, ...]:
    """The flash of every member, and how an install stands where packages run."""
    found: list[str] = []
    template = pack.members.file_system
    if "{n}" in template and len(facts.members) > 1:
        listed = {name for fs in facts.file_systems if fs.files is not None for name in (fs.name, *fs.prefixes)}
        names = [template.format(n=m.number) for m in facts.members]
        found += [f"dir {name}" for name in names if name not in listed]
    elif pack.has_stack:
        found += [f"dir {fs.name}" for fs in facts.file_systems if fs.member is not None and fs.files is None]
    if any(c is DeviceClass.IOS_TAR for c in (pack.device_class, *(v.device_class for v in pack.variants))):
        found += _image_folders(facts)
    install = effective(pack, facts.version).install
    asks = install.add or effective(pack, facts.version).device_class is DeviceClass.XE_SUBPKG
    if facts.version.mode is BootMode.INSTALL and asks:
        found += [c for c in (*install.state, *install.progress) if "{" not in c]
    return tuple(dict.fromkeys(found))


def _image_folders(facts: Facts) -> list[str]:
    """`dir` of the directories that archives made: what they hold counts for space and for the way back."""
    found = []
    for fs in facts.file_systems:
        folders = [e.path for e in fs.files or () if e.is_dir and _IMAGE_FOLDER.search(e.path)]
        found += [f"dir {join_path(fs.name, path)}" for path in folders[:_MAX_FOLDERS]]
    return found


def rollback_commands(pack: Pack, facts: Facts) -> tuple[str, ...]:
    """The packages of every rollback point, newest first; a long list is cut."""
    points = facts.install.rollback_points if facts.install is not None else ()
    numbers = sorted((p.number for p in points if not p.packages), reverse=True)
    return tuple(f"show install rollback id {n}" for n in numbers[:_MAX_POINTS])


def read_install(task: Task) -> Facts:
    """Version and install state, nothing else."""
    version = VersionFacts(version=task.plan.from_version, mode=BootMode.INSTALL)
    install = effective(task.pack, version).install
    commands = (*VERSION_COMMANDS, *install.state, *install.progress)
    return read_facts(task, tuple(dict.fromkeys(c for c in commands if "{" not in c)))


def read_version(task: Task) -> Facts:
    """Version, running image, restart line and clock, read in one session."""
    return read_facts(task, VERSION_COMMANDS)


def file_size(task: Task, file_system: str, path: str) -> int | None:
    """Bytes of a file on the device, None when the device says that it is not there."""
    command = f"dir {join_path(file_system, path)}"
    text = task.read(command)
    listing = parse_dir(text)
    if listing.is_read:
        name = path.rpartition("/")[2].lower()
        found = (f for f in listing.files if not f.is_dir and f.path.rpartition("/")[2].lower() == name)
        return next((f.size_bytes for f in found), None)
    if _MISSING.search(listing.error or text):
        return None
    raise CommandError(command=command, detail=listing.error or "answer not understood", output=text[-500:])


def free_bytes(task: Task, file_system: str) -> int | None:
    """Free bytes of a file system, None when its answer is not understood."""
    return parse_dir(task.read(f"dir {file_system}")).free_bytes


def device_hash(task: Task, command: str, timeout_s: float) -> str:
    """The hash that the device computes; CommandRejected when it answers without one."""
    text = task.read(command, timeout_s)
    found = parse_verify_hash(text)
    if found is None:
        detail = device_refusal(text) or "no hash in the answer"
        raise CommandRejected(command=command, detail=detail, output=text[-500:])
    return found.lower()


def boot_commands(task: Task) -> tuple[str, ...]:
    """The commands that show the boot variable and its configuration lines on this platform."""
    from_pack = [c for c in task.pack.read_commands if "boot" in c]
    shows = [c for c in (*task.pack.boot.show, *from_pack) if "|" not in c]
    configs = [c for c in from_pack if "|" in c] or [_CONFIG_BOOT]
    return tuple(dict.fromkeys((*shows, *configs)))


def boot_facts(task: Task) -> Facts:
    """Boot variable now and at the next reload, and the configuration lines."""
    return read_facts(task, boot_commands(task))


def boot_state(task: Task) -> BootState:
    """The boot state of the active unit."""
    return boot_facts(task).boot_state()
