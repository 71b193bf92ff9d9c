"""Operations of devices that boot one .bin by boot variable: IOS-BIN and XE-BUNDLE (DEVICE_FACTS 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

from swim_tui.model.device_path import join_path
from swim_tui.model.options import ActivateMode, Protocol
from swim_tui.model.plan import Answer, Line, LineMode, Operation, OpKind, Phase
from swim_tui.model.version import same_version
from swim_tui.model.words import counted
from swim_tui.planning import fallback, stack
from swim_tui.planning.bootlist import boot_change
from swim_tui.planning.durations import copy_limit_s, copy_seconds, hash_limit_s, limit_s, short_steps_s
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, Target, runs_bundle, runs_file
from swim_tui.planning.sources import with_sources

SCP_ON = "ip scp server enable"
SCP_OFF = "no ip scp server enable"

DELETE_ANSWERS = (
    Answer(r"Delete filename \[.*\]\?\s*$", "", why="the name is in the command"),
    Answer(r"Delete \S+\s*\?\s*\[confirm\]\s*$", "", why="this file is in the plan"),
)
SAVE_ANSWERS = (
    Answer(r"previous NVRAM configuration\?\s*\[confirm\]\s*$", "", why="written by another version, replaced by ours"),
    Answer(r"Destination filename \[startup-config\]\?\s*$", "", why="the startup configuration"),
)
RELOAD_ANSWERS = (
    Answer(r"Save\?\s*\[yes/no\]:?\s*$", None, why="saved already: somebody is editing, stop and compare"),
    Answer(r"Proceed with (?:quick |fast )?reload\?\s*\[confirm\]\s*$", "", why="the reload is in the plan"),
    Answer(r"reload the internal AP\s*\?\s*\[yes/no\]:?\s*$", "yes", why="the built-in access point reloads too"),
)


@dataclass(frozen=True)
class BootImage:
    """The file that will be booted: where it is, what it must be; empty digest = only its size is compared."""

    file_system: str
    path: str
    size_bytes: int = 0
    digest: str = ""
    algorithm: str = ""


def _id(phase: Phase, kind: OpKind, suffix: str = "") -> str:
    return ".".join(part for part in (phase.value, kind.value, suffix.rstrip(":")) if part)


def delete_line(file_system: str, path: str) -> Line:
    """The one form in which files are deleted."""
    text = f"delete /force {join_path(file_system, path)}"
    return Line(text, changes=True, expect="no message, the prompt", answers=DELETE_ANSWERS)


def hash_line(s: Situation, file_system: str, path: str, size_bytes: int) -> Line:
    """The read-only command that computes the hash on the device."""
    text = s.pack.hash_command.format(fs=file_system, path=path)
    return Line(text, expect="= and the hash of the image", timeout_s=hash_limit_s(size_bytes, s.pack, s.waits.scale))


def read_state(s: Situation) -> Operation:
    """The reading that every run begins with."""
    lines = tuple(Line(text) for text in s.pack.read_commands)
    return Operation(_id(Phase.PREPARE, OpKind.READ_STATE), OpKind.READ_STATE, Phase.PREPARE, "Reading state", lines)


def backup_config(s: Situation, phase: Phase) -> tuple[Operation, ...]:
    """Running and startup configuration before any change; nothing when the job goes without."""
    if s.options.without_config_backup:
        return ()
    lines = (
        Line(
            "show running-config",
            expect="the whole configuration, ending in end",
            timeout_s=limit_s(300.0, s.waits.scale),
        ),
        Line(
            "show startup-config",
            expect="the whole configuration, or not present",
            timeout_s=limit_s(300.0, s.waits.scale),
        ),
    )
    return (
        Operation(_id(phase, OpKind.BACKUP_CONFIG), OpKind.BACKUP_CONFIG, phase, "Backing up configuration", lines),
    )


def backup_image(s: Situation) -> tuple[Operation, ...]:
    """The running image into the repository, before anything is deleted."""
    if not s.options.backup_current_image and not fallback.needs_backup(s):
        return ()
    running = s.facts.version.image_file
    line = Line(f"scp -f {running}", LineMode.TOOL, expect=f"stored as backup of {s.device.name}")
    title = f"Backing up current image {running}"
    phase = Phase.DISTRIBUTE
    return (Operation(_id(phase, OpKind.BACKUP_IMAGE), OpKind.BACKUP_IMAGE, phase, title, (line,), path=running),)


def delete_files(target: Target) -> tuple[Operation, ...]:
    """The smart erase of one file system, each file on its own line."""
    if not target.deletions:
        return ()
    lines = tuple(delete_line(d.file_system, d.path) for d in target.deletions)
    phase, kind = Phase.DISTRIBUTE, OpKind.DELETE_FILES
    title = f"Erasing {counted(len(lines), 'old image')} from {target.name}"
    return (
        Operation(
            _id(phase, kind, target.name), kind, phase, title, lines, True, target.name, deletions=target.deletions
        ),
    )


def push_text(protocol: Protocol | None, remote: str) -> str:
    """What the tool itself does, in the words of the plan."""
    return f"sftp put {remote}" if protocol is Protocol.SFTP else f"scp -t {remote}"


def copy_image(s: Situation, target: Target, choice: ProtocolChoice, rate: float) -> Operation:
    """The push, or the pull; a partial or wrong copy under the same name is deleted first, with the line shown."""
    image, phase, kind = s.image, Phase.DISTRIBUTE, OpKind.COPY_IMAGE
    remote = join_path(target.name, target.path)
    push = Line(
        push_text(choice.push or choice.protocol, remote),
        LineMode.TOOL,
        changes=True,
        expect=f"{image.size_bytes} bytes, then the hash",
        timeout_s=copy_limit_s(image.size_bytes, s.pack, s.waits.scale),
    )
    clean = delete_line(target.name, target.path)
    note = "the delete line is sent only for a partial or wrong copy of this file"
    op = Operation(
        _id(phase, kind, target.name),
        kind,
        phase,
        f"Copying image {image.file_name} to {target.name}",
        (push, clean),
        file_system=target.name,
        path=target.path,
        size_bytes=image.size_bytes,
        digest=image.md5,
        digest_algorithm="md5",
        protocol=choice.protocol,
        expected_s=copy_seconds(image.size_bytes, rate),
        undo=(clean,),
        note=note,
    )
    return with_sources(s, op, target, image, choice)


def verify_image(s: Situation, boot: BootImage, phase: Phase) -> Operation:
    """Size, then hash, on the device; without a digest the size alone (verified less than seven days ago)."""
    kind = OpKind.VERIFY_IMAGE
    lines = (hash_line(s, boot.file_system, boot.path, boot.size_bytes),) if boot.digest else ()
    return Operation(
        _id(phase, kind, boot.file_system),
        kind,
        phase,
        f"Verifying image {boot.path} on {boot.file_system}",
        (Line(f"dir {join_path(boot.file_system, boot.path)}", expect=f"{boot.size_bytes} bytes"), *lines),
        file_system=boot.file_system,
        path=boot.path,
        size_bytes=boot.size_bytes,
        digest=boot.digest,
        digest_algorithm=boot.algorithm,
        expected_s=boot.size_bytes / max(1.0, s.pack.waits.hash_bytes_per_s) / s.waits.scale if boot.digest else 0.0,
    )


def scp_server(on: bool) -> Operation:
    """The temporary switch of the SCP server, or taking it back."""
    phase = Phase.DISTRIBUTE
    kind = OpKind.ENABLE_SCP if on else OpKind.DISABLE_SCP
    on_line = Line(SCP_ON, LineMode.CONFIG, changes=True, expect="no message")
    off_line = Line(SCP_OFF, LineMode.CONFIG, changes=True, expect="no message")
    if on:
        title = "Enabling SCP server for the copy"
        return Operation(_id(phase, kind), kind, phase, title, (on_line,), True, undo=(off_line,))
    title = "Disabling SCP server again"
    return Operation(_id(phase, kind), kind, phase, title, (off_line,), restores=_id(phase, OpKind.ENABLE_SCP))


def save_line(s: Situation) -> Line:
    """The command that saves the configuration."""
    limit = limit_s(300.0, s.waits.scale)
    return Line(s.pack.save_command, changes=True, expect="[OK]", answers=SAVE_ANSWERS, timeout_s=limit)


def boot_operations(s: Situation, boot: BootImage, phase: Phase) -> tuple[Operation, ...]:
    """Set the boot variable, save, re-read: the three that are never torn apart."""
    change = boot_change(s.facts, s.pack, boot.file_system, boot.path, fallback.entry(s, phase))
    typed = tuple(Line(t, LineMode.CONFIG, changes=True, expect="no message") for t in change.lines)
    save = save_line(s)
    undo = tuple(Line(t, LineMode.CONFIG, changes=True, expect="no message") for t in change.undo)
    note = f"left out, the boot variable would grow too long: {', '.join(change.dropped)}" if change.dropped else ""
    shows = tuple(Line(t, expect=f"{change.wanted[0]} first") for t in s.pack.boot.show)
    fs, path = boot.file_system, boot.path
    set_kind, save_kind, check_kind = OpKind.SET_BOOT, OpKind.SAVE_CONFIG, OpKind.CHECK_BOOT
    setting = Operation(
        _id(phase, set_kind),
        set_kind,
        phase,
        "Setting boot variable",
        typed,
        True,
        fs,
        path,
        boot_list=change.wanted,
        previous_boot_list=change.previous,
        undo=(*undo, save),
        note=note,
    )
    saving = Operation(_id(phase, save_kind), save_kind, phase, "Saving configuration", (save,), False, fs, path)
    checking = Operation(
        _id(phase, check_kind),
        check_kind,
        phase,
        "Checking boot variable",
        shows,
        False,
        fs,
        path,
        boot_list=change.wanted,
        previous_boot_list=change.previous,
    )
    return setting, saving, checking


def reload_operations(s: Situation, boot: BootImage, phase: Phase, outage_s: float) -> tuple[Operation, ...]:
    """Reload, wait, prove, look at what was lost."""
    line = Line("reload", changes=True, expect="the session ends", answers=RELOAD_ANSWERS, timeout_s=s.waits.command_s)
    soak = s.waits.soak_s

    def operation(kind: OpKind, title: str, lines: tuple[Line, ...], expected_s: float = 0.0) -> Operation:
        destructive = kind is OpKind.RELOAD
        return Operation(
            _id(phase, kind),
            kind,
            phase,
            title,
            lines,
            destructive,
            boot.file_system,
            boot.path,
            expected_s=expected_s,
        )

    probes = (Line("probe TCP, then the SSH banner; then one login", LineMode.TOOL, expect="SSH answers"),)
    after = tuple(Line(t) for t in s.pack.pre_check_commands)
    return (
        operation(OpKind.RELOAD, "Reloading", (line,)),
        operation(OpKind.WAIT_RELOAD, "Waiting for the device", probes, outage_s),
        operation(OpKind.PROVE, "Proving version and image", (Line("show version", expect=f"runs {boot.path}"),)),
        *fallback.removal(s, phase, save_line(s)),
        operation(OpKind.POST_CHECKS, "Checking interfaces and neighbours", after, soak),
    )


def activation(s: Situation, boot: BootImage, phase: Phase, outage_s: float) -> tuple[Operation, ...]:
    """Everything from pre-checks to post-checks, for activation and for rollback."""
    checks = tuple(Line(t) for t in s.pack.pre_check_commands)
    kind = OpKind.PRE_CHECKS
    return (
        Operation(_id(phase, kind), kind, phase, "Checking before the change", checks),
        *backup_config(s, phase),
        verify_image(s, boot, phase),
        *boot_operations(s, boot, phase),
        *reload_operations(s, boot, phase, outage_s),
    )


def distribution(s: Situation, choice: ProtocolChoice, rate: float) -> tuple[Operation, ...]:
    """Backups, erase, copy, verify, on every target file system; the boot variable when it is asked for alone."""
    phase = Phase.DISTRIBUTE
    found: list[Operation] = [*backup_config(s, phase)]
    if choice.enables_scp:
        found.append(scp_server(on=True))
    found += backup_image(s)
    for target in s.targets:
        found += delete_files(target)
        is_main = target is s.targets[0]
        found.append(
            copy_image(s, target, choice, rate) if is_main else stack.member_copy(s, s.targets[0], target, choice)
        )
        if s.options.verify_hash:
            found.append(verify_image(s, boot_image(s, target), phase))
    if choice.enables_scp:
        found.append(scp_server(on=False))
    if s.options.insert_boot_command and s.options.activate is ActivateMode.OFF:
        found += boot_operations(s, boot_image(s, s.targets[0]), phase)
    return tuple(found)


def boot_image(s: Situation, target: Target) -> BootImage:
    """The image on this target with the hash that the pack's command computes."""
    algorithm = s.pack.hash_algorithm
    digest = s.image.sha512 if algorithm == "sha512" else s.image.md5
    return BootImage(target.name, target.path, s.image.size_bytes, digest, algorithm)


def plan_operations(s: Situation, choice: ProtocolChoice, rate: float, outage_s: float) -> tuple[Operation, ...]:
    """All operations of this device, in order, for the phases asked for."""
    found: list[Operation] = [read_state(s)]
    if s.distributes:
        found += distribution(s, choice, rate)
    if s.activates:
        boot = boot_image(s, s.targets[0])
        fresh = s.distributes or s.verified_lately
        boot = BootImage(boot.file_system, boot.path, boot.size_bytes) if fresh else boot
        found += activation(s, boot, Phase.ACTIVATE, outage_s)
    return tuple(found)


def backout_words(s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
    """How to go back, for the plan page: commands, time, what is lost."""
    boot = next((op for op in operations if op.kind is OpKind.SET_BOOT), None)
    if boot is None:
        return ("delete the copied file; nothing else was changed",)
    running = s.facts.version.image_file
    typed = "; ".join(line.text for line in boot.undo)
    return (
        f"before the reload: {typed} (done by the tool when the task stops or fails)",
        f"after the reload: {typed}, then reload; about {round(rollback_s)} s; {running} stays on the device",
        "lost by going back: configuration commands that only the new version knows",
    )


def distribution_s(operations: tuple[Operation, ...], scale: float) -> float:
    """Expected seconds of the distribution phase."""
    own = sum(op.expected_s for op in operations if op.phase is Phase.DISTRIBUTE)
    return own + short_steps_s(scale) if own else 0.0


def to_image(s: Situation) -> str:
    """What runs afterwards."""
    return join_path(s.targets[0].name, s.targets[0].path)


def is_there(s: Situation) -> bool:
    """True when target version and target file run on every member, in bundle mode."""
    if not runs_bundle(s.facts) or not runs_file(s.facts, to_image(s)):
        return False
    return not s.image.version or same_version(s.facts.version.version, s.image.version)
