"""Files of one upgrade on one file system: where each goes, what room they need, how they are copied and verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from swim_tui.model.device_path import join_path, split_path
from swim_tui.model.facts import FileSystem
from swim_tui.model.image import SoftwareImage
from swim_tui.model.plan import Answer, Line, Operation, Phase, SpaceLine
from swim_tui.planning import bundle, stack
from swim_tui.planning.bundle import BootImage
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, Target
from swim_tui.planning.space import with_deletions
from swim_tui.planning.targets import file_on

DELETE_ANSWERS = (
    *bundle.DELETE_ANSWERS,
    Answer(r"\(yes/no/abort\)\s+\[y\]\s*$", "y", why="this file is in the plan"),
    Answer(r"Delete \S+\s*\[confirm\]\s*$", "", why="this file is in the plan"),
)


@dataclass(frozen=True)
class FilePlace:
    """One file of the set with its place on the device."""

    image: SoftwareImage
    target: Target

    @property
    def remote(self) -> str:
        """File system and path: bootflash:/x.bin."""
        return join_path(self.target.name, self.target.path)


def files_of(s: Situation) -> tuple[SoftwareImage, ...]:
    """All files in the order they are copied; the one image when the set was not given."""
    others = tuple(i for i in s.images if i.id != s.image.id or i.file_name != s.image.file_name)
    return (*others, s.image) if len(others) == len(s.images) else s.images


def destination(s: Situation) -> tuple[FileSystem | None, str, str]:
    """(file system under the name asked for, folder on it, what is wrong with it)."""
    wanted = s.options.location or s.pack.boot_file_system
    name, folder = split_path(wanted if ":" in wanted else f"{wanted}:")
    fs = s.facts.file_system(name)
    if fs is None:
        return None, folder, f"no file system {name} on the device"
    allowed = {split_path(n)[0] for n in (*s.pack.file_systems, s.pack.boot_file_system)}
    if not allowed & {fs.name, name, *fs.prefixes}:
        return fs, folder, f"{s.pack.title} does not take images from {name}"
    if fs.flags and "w" not in fs.flags:
        return fs, folder, f"{name} cannot be written"
    return replace(fs, name=name, prefixes=tuple(dict.fromkeys((fs.name, *fs.prefixes)))), folder, ""


def places(s: Situation, fs: FileSystem, folder: str) -> tuple[FilePlace, ...]:
    """Every file with its place; the room of all of them is asked for at the first one that is missing."""
    factor = s.pack.space_factor_install if "install" in s.pack.upgrade_modes else s.pack.space_factor_bundle
    found: list[FilePlace] = []
    for image in files_of(s):
        path = f"{folder}/{image.file_name}" if folder else image.file_name
        present = file_on(s.facts, join_path(fs.name, path))
        is_whole = present is not None and present.size_bytes == image.size_bytes
        copied = 0.0 if is_whole or not s.distributes else 1.0
        target = Target(fs, path, round(image.size_bytes * (copied + factor - 1.0)), present)
        found.append(FilePlace(image, target))
    if len(found) == 1 and s.options.erase_flash and s.distributes and factor == s.pack.space_factor_bundle:
        only = found[0]
        found[0] = FilePlace(only.image, with_deletions(only.target, s.facts, s.pack, only.image))
    return tuple(found)


def standby_of(s: Situation) -> FileSystem | None:
    """The boot file system of the other supervisor, under the name the pack has for it; None where there is none."""
    for name in s.pack.standby_prefixes:
        fs = s.facts.file_system(name)
        if fs is not None:
            return replace(fs, name=name, prefixes=tuple(dict.fromkeys((fs.name, *fs.prefixes))))
    return None


def standby_copy(s: Situation, main: FilePlace, other: FilePlace, choice: ProtocolChoice) -> Operation:
    """On the device, from the active supervisor to the other one: the file crosses the network once."""
    op = stack.member_copy(replace(s, image=main.image), main.target, other.target, choice)
    clean = delete_line(s, other)
    return _named(replace(op, lines=(op.lines[0], clean), undo=(clean,)), other, is_alone=False)


def space_of(files: Sequence[FilePlace]) -> SpaceLine:
    """Room on their file system before and after, all files together."""
    fs = files[0].target.file_system
    required = sum(p.target.required_bytes for p in files)
    freed = sum(p.target.replaced_bytes + sum(d.size_bytes for d in p.target.deletions) for p in files)
    return SpaceLine(fs.name, fs.total_bytes, fs.free_bytes, required, freed, fs.member)


def delete_line(s: Situation, place: FilePlace) -> Line:
    """The form of this platform that deletes one file."""
    return delete_text(s, place.target.name, place.target.path)


def delete_text(s: Situation, file_system: str, path: str) -> Line:
    """As `delete_line`, for any file."""
    text = s.pack.copy.delete.format(fs=file_system, path=path)
    return Line(text, changes=True, expect="no message, the prompt", answers=DELETE_ANSWERS)


def delete_operations(s: Situation, place: FilePlace) -> tuple[Operation, ...]:
    """The smart erase, in this platform's words."""
    return tuple(
        replace(op, lines=tuple(delete_text(s, d.file_system, d.path) for d in op.deletions))
        for op in bundle.delete_files(place.target)
    )


def copy_operation(s: Situation, place: FilePlace, choice: ProtocolChoice, rate: float, *, is_alone: bool) -> Operation:
    """The push of one file; its id names the file when there are several."""
    op = bundle.copy_image(replace(s, image=place.image), place.target, choice, rate)
    clean = delete_line(s, place)
    return _named(replace(op, lines=(op.lines[0], clean), undo=(clean,)), place, is_alone)


def boot_image(s: Situation, place: FilePlace) -> BootImage:
    """The file with the hash that the pack's command computes."""
    return bundle.boot_image(replace(s, image=place.image), place.target)


def verify_operation(
    s: Situation, place: FilePlace, phase: Phase, *, is_alone: bool, with_hash: bool = True
) -> Operation:
    """Size, then hash, of one file."""
    image = boot_image(s, place)
    image = image if with_hash else BootImage(image.file_system, image.path, image.size_bytes)
    return _named(bundle.verify_image(s, image, phase), place, is_alone)


def _named(op: Operation, place: FilePlace, is_alone: bool) -> Operation:
    return op if is_alone else replace(op, id=f"{op.id}.{place.image.file_name}")
