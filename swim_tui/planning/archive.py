"""Operations of classic Catalyst switches from a .tar: `archive download-sw` out of the flash (DEVICE_FACTS 6.2)."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import device_file, join_path, same_file, split_path
from swim_tui.model.facts import FileEntry, FileSystem
from swim_tui.model.image import SoftwareImage
from swim_tui.model.plan import CopySource, Deletion, Line, LineMode, Operation, OpKind, Phase
from swim_tui.model.server import path_on
from swim_tui.model.version import same_version
from swim_tui.planning import bundle
from swim_tui.planning.bootlist import clear_lines, previous_names
from swim_tui.planning.bundle import BootImage
from swim_tui.planning.checks_image import consented
from swim_tui.planning.durations import limit_s, words
from swim_tui.planning.planparts import operation, pre_checks
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, Target, running_file
from swim_tui.planning.sources import answers_of, choose, url_of
from swim_tui.planning.space import with_deletions

OVERWRITE = "overwrite-running-image"
FEATURE = "feature-upgrade"
TEMP = "update"  # where an archive is unpacked before it gets its place
_INSTALL_S = 300.0  # 5 to 6 minutes, up to 20 from a slow server
_LEAST_INSTALL_S = 60.0


def boot_path(image: SoftwareImage) -> str:
    """Directory and file that the archive makes: as its info says, else as its name does."""
    if image.identity.boot_file:
        return image.identity.boot_file
    stem = image.file_name.removesuffix(".tar").replace("-tar.", "-mz.")
    return f"{stem}/{stem}.bin"


def unpacked_bytes(image: SoftwareImage) -> int:
    """Room that the unpacked archive takes; as large as the archive itself where it does not say."""
    return image.identity.declared_size_bytes or image.size_bytes


# --- where it goes ---


def targets(s: Situation, systems: list[FileSystem], path: str) -> tuple[Target, ...]:
    """The archive lies on the active's flash alone; every member needs room for what comes out of it.

    Where there is no room for both it is unpacked while it is pulled, and never lies on the flash; the running image
    goes first only where there is no other way.
    """
    stored = tuple(_target(s, fs, path, is_main=i == 0) for i, fs in enumerate(systems))
    if not any(t.missing_bytes and not t.deletions for t in stored):
        return stored
    if s.distributes and choose(s).pulls:
        streamed = tuple(_target(s, fs, path, is_main=False) for fs in systems)
        if not any(t.missing_bytes and not t.deletions for t in streamed):
            return streamed
    return tuple(_overwriting(s, t) for t in stored)


def _target(s: Situation, fs: FileSystem, path: str, *, is_main: bool) -> Target:
    present = next((f for f in fs.files or () if f.path.lower() == path.lower() and not f.is_dir), None)
    is_whole = present is not None and present.size_bytes == s.image.size_bytes
    unpacked = 0 if _has_folder(s, fs) else unpacked_bytes(s.image)
    required = unpacked + (s.image.size_bytes if is_main and s.distributes and not is_whole else 0)
    target = Target(fs, path, required, present if is_main else None, is_whole=is_whole, is_copied=is_main)
    if s.options.erase_flash and s.distributes:
        target = with_deletions(target, s.facts, s.pack, s.image)
    return target


def _overwriting(s: Situation, target: Target) -> Target:
    if not target.missing_bytes or target.deletions:
        return target
    old = _running_files(s, target.file_system)
    if sum(f.size_bytes for f in old) < target.missing_bytes:
        return target
    return replace(target, clean=tuple(_goes(target.file_system, f) for f in old))


def _goes(fs: FileSystem, entry: FileEntry) -> Deletion:
    why = "the running image: /overwrite deletes it before the new one is written"
    return Deletion(fs.name, entry.path, entry.size_bytes, why, is_rollback_target=True)


def _running_files(s: Situation, fs: FileSystem) -> tuple[FileEntry, ...]:
    """The running image with its directory, as far as it was listed."""
    path = split_path(running_file(s.facts))[1]
    folder = path.rpartition("/")[0]
    files = [f for f in fs.files or () if not f.is_dir]
    return tuple(f for f in files if (f.path.startswith(f"{folder}/") if folder else f.path.lower() == path.lower()))


def _has_folder(s: Situation, fs: FileSystem) -> bool:
    folder = boot_path(s.image).rpartition("/")[0].lower()
    return any(f.is_dir and f.path.lower() == folder for f in fs.files or ())


def streams(s: Situation) -> bool:
    """True when the archive is unpacked while it comes from a server."""
    return s.distributes and bool(s.targets) and not s.targets[0].is_copied


def is_unpacked(s: Situation) -> bool:
    """True when every member has the version's directory already: it is made by renaming, at the very end."""
    return bool(s.targets) and all(_has_folder(s, t.file_system) for t in s.targets)


def overwrites(s: Situation) -> bool:
    """True when the running image must go so that the new one fits."""
    return any(t.clean for t in s.targets)


# --- checks ---


def check_overwrite(s: Situation) -> Check | None:
    """Deleting the running image first leaves nothing to boot if the power fails: a consent of its own."""
    if not overwrites(s):
        return None
    action = "free space by hand, or give the consent: until it ends there is no image to boot on the flash"
    shown = "the running image is deleted first"
    return consented(s, Check("Old image", Verdict.FAILED, "stays as rollback target", shown, action, OVERWRITE))


def check_feature(s: Situation) -> Check | None:
    """The switch refuses an archive of another feature set unless it is told to take it."""
    if not _changes_feature(s):
        return None
    have, to = s.facts.version.feature_set, s.image.identity.feature_set
    action = "give the consent for /allow-feature-upgrade, or choose the archive of this feature set"
    return consented(s, Check("Archive feature set", Verdict.FAILED, have, to, action, FEATURE))


def _changes_feature(s: Situation) -> bool:
    have, to = s.facts.version.feature_set, s.image.identity.feature_set
    return bool(have and to) and have.upper() != to.upper()


def check_leftover(s: Situation) -> Check | None:
    """An aborted download leaves its directory, and the next one cannot make it."""
    left = [t.name for t in s.targets if any(f.is_dir and f.path.lower() == TEMP for f in t.file_system.files or ())]
    if not left:
        return None
    shown = ", ".join(f"{name}{TEMP}" for name in left)
    action = f"see that no download runs, then type: delete /force /recursive {left[0]}{TEMP}"
    return Check("Leftover directory", Verdict.FAILED, "none", shown, action)


ARCHIVE_CHECKS = (check_overwrite, check_feature, check_leftover)


# --- operations ---


def plan_operations(s: Situation, choice: ProtocolChoice, rate: float, outage_s: float) -> tuple[Operation, ...]:
    """All operations of this device, in order, for the phases asked for."""
    found: list[Operation] = [bundle.read_state(s)]
    if s.distributes:
        found += _distribution(s, choice, rate)
    if s.activates:
        found += _activation(s, outage_s, is_verified=s.distributes or s.verified_lately)
    return tuple(found)


def _distribution(s: Situation, choice: ProtocolChoice, rate: float) -> tuple[Operation, ...]:
    """The archive onto the active's flash; old images go first, on every member that is short."""
    phase, main = Phase.DISTRIBUTE, s.targets[0]
    found: list[Operation] = [*bundle.backup_config(s, phase)]
    if choice.enables_scp and not streams(s):
        found.append(bundle.scp_server(on=True))
    found += bundle.backup_image(s)
    for target in s.targets:
        found += bundle.delete_files(target)
    if streams(s):
        return (*found, _stream(s, choice, rate))
    found.append(bundle.copy_image(s, main, choice, rate))
    if s.options.verify_hash:
        found.append(bundle.verify_image(s, bundle.boot_image(s, main), phase))
    if choice.enables_scp:
        found.append(bundle.scp_server(on=False))
    return tuple(found)


def _stream(s: Situation, choice: ProtocolChoice, rate: float) -> Operation:
    """`archive download-sw` from a server: unpacked into its directory, the boot variable left as it is."""
    main, vrf = s.targets[0], s.device.vrf
    plain = bundle.copy_image(s, main, replace(choice, pulls=()), rate)
    template, limit = s.pack.install.prepare, plain.lines[0].timeout_s
    sources = tuple(
        CopySource(
            pull.server.name,
            pull.row.protocol,
            Line(
                _feature(s, template.format(url=url_of(s, pull, s.image.file_name, vrf))),
                changes=True,
                expect="All software images installed.",
                answers=answers_of(pull, path_on(pull.row, s.image.file_name), vrf),
                timeout_s=limit,
            ),
            pull.password_in_url,
        )
        for pull in choice.pulls
    )
    shows = tuple(Line(f"dir {join_path(t.name, boot_path(s.image))}", expect="the new image") for t in s.targets)
    return replace(
        plain,
        title=f"Unpacking {s.image.file_name} from {sources[0].server} into {main.name}",
        lines=(sources[0].line, *shows),
        path=boot_path(s.image),
        sources=sources,
        protocol=sources[0].protocol,
        destructive=True,
        undo=(),
        note="the flash has no room for the archive beside what comes out of it: it is unpacked while it comes",
    )


def _feature(s: Situation, text: str) -> str:
    return text.replace("download-sw", "download-sw /allow-feature-upgrade", 1) if _changes_feature(s) else text


def _activation(s: Situation, outage_s: float, *, is_verified: bool) -> tuple[Operation, ...]:
    """Save, unpack, look at the boot variable that the switch wrote, reload, prove."""
    phase, main = Phase.ACTIVATE, s.targets[0]
    boot = BootImage(main.name, boot_path(s.image))
    if is_unpacked(s) or streams(s):
        ready = bundle.boot_operations(s, boot, phase)
    else:
        archive = bundle.boot_image(s, main)
        archive = BootImage(archive.file_system, archive.path, archive.size_bytes) if is_verified else archive
        _, saving, checking = bundle.boot_operations(s, boot, phase)
        checking = replace(checking, boot_list=(to_image(s),))
        ready = (bundle.verify_image(s, archive, phase), saving, _unpack(s, boot), checking)
    return (
        pre_checks(s, phase),
        *bundle.backup_config(s, phase),
        *ready,
        *bundle.reload_operations(s, boot, phase, outage_s),
    )


def _unpack(s: Situation, boot: BootImage) -> Operation:
    """`archive download-sw`, with the way back of the boot variable that the switch sets by itself."""
    main, install = s.targets[0], s.pack.install
    template = install.one_step if overwrites(s) else install.add
    text = _feature(s, template.format(url=f"{main.name}{main.path}"))
    seconds = s.pack.waits.install_limit_s + max(0, len(s.facts.members) - 1) * s.pack.waits.install_per_member_s
    limit = max(_LEAST_INSTALL_S, limit_s(seconds, s.waits.scale))
    line = Line(text, changes=True, expect="All software images installed.", timeout_s=limit)
    shows = tuple(Line(f"dir {join_path(t.name, boot.path)}", expect="the new image") for t in s.targets)
    note = f"the switch sets its boot variable to {to_image(s)} by itself"
    if overwrites(s):
        note += "; the running image is deleted first: until it ends nothing can be booted"
    op = operation(Phase.ACTIVATE, OpKind.INSTALL, f"Unpacking {main.path}", (line, *shows), _INSTALL_S / s.waits.scale)
    return replace(
        op,
        file_system=main.name,
        path=boot.path,
        boot_list=(to_image(s),),
        previous_boot_list=previous_names(s.facts),
        undo=() if overwrites(s) else _boot_undo(s),
        note=note,
    )


def _boot_undo(s: Situation) -> tuple[Line, ...]:
    """The recorded boot lines typed again, and saved; a stack's own form is cleared too."""
    existing = s.facts.boot_state().config_lines
    clear = [*clear_lines(existing, s.pack), s.pack.boot.clear]
    if len(s.facts.members) > 1 and s.pack.members.clear_boot:
        clear.append(s.pack.members.clear_boot)
    typed = (*dict.fromkeys(clear), *existing)
    save = Line(
        s.pack.save_command,
        changes=True,
        expect="[OK]",
        answers=bundle.SAVE_ANSWERS,
        timeout_s=limit_s(300.0, s.waits.scale),
    )
    return (*(Line(t, LineMode.CONFIG, changes=True, expect="no message") for t in typed), save)


def backout_words(s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
    """How to go back, for the plan page."""
    op = next((op for op in operations if op.kind is OpKind.INSTALL), None)
    if op is None:
        return bundle.backout_words(s, operations, rollback_s)
    if not op.undo:
        lost = f"there is no way back to {s.facts.version.image_file}: it is deleted; unpack its archive again"
        return (lost, "lost by going back: configuration commands that only the new version knows")
    typed = "; ".join(line.text for line in op.undo)
    return (
        f"before the reload: {typed} (done by the tool when the task stops or fails)",
        f"after the reload: {typed}, then reload; about {words(rollback_s)}; {s.facts.version.image_file} stays",
        "lost by going back: configuration commands that only the new version knows; microcode stays new",
    )


def to_image(s: Situation) -> str:
    """What runs afterwards."""
    return join_path(s.targets[0].name, boot_path(s.image))


def is_there(s: Situation) -> bool:
    """True when the image out of this archive runs, on every member."""
    target = to_image(s)
    if not same_file(s.facts.version.image_file, target, s.facts):
        return False
    images = [m.image for m in s.facts.members if ":" in m.image]
    if any(device_file(i, s.facts).partition(":")[2] != boot_path(s.image) for i in images):
        return False
    return not s.image.version or same_version(s.facts.version.version, s.image.version)
