"""Commands on files: dir, verify, delete, copy, more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from ..content import Content, Damaged, Growing, Text, identify
from ..fetch import parse_url
from ..flash import File, FileSystem, NoSpace
from ..grammar import Grammar
from ..pull import pull
from .shell import Handler, Shell
from .show import running_config, startup_config

DOT_BYTES = 32768
DOTS_AT_ONCE = 64


@dataclass(frozen=True)
class Place:
    """A path on the device: as typed, as IOS prints it, and where it leads."""

    system: FileSystem
    prefix: str
    inside: str

    @property
    def shown(self) -> str:
        """`flash:/x`."""
        return f"{self.prefix}:/{self.inside}"

    @property
    def bare(self) -> str:
        """`flash:x`, as verify prints it."""
        return f"{self.prefix}:{self.inside}"

    @property
    def file(self) -> File | None:
        """The file there, if any."""
        return self.system.files.get(self.inside)


def place(shell: Shell, path: str) -> Place | None:
    """Where a typed path leads; None when the file system does not exist."""
    found = shell.device.storage.locate(path)
    return Place(*found) if found else None


def missing(path: str) -> str:
    """The error for a file that is not there."""
    return f"%Error opening {path} (No such file or directory)\n"


# -- dir -----------------------------------------------------------------------------------


def _row(file: File, name: str) -> str:
    at = file.modified
    date = f"{at:%b} {at.day} {at:%Y %H:%M:%S} +00:00"
    return f"{file.index:>5}  {file.perms}  {file.size:>10}  {date}  {name}"


def _totals(shell: Shell, system: FileSystem) -> str:
    return f"\n{system.total} bytes total ({shell.device.free(system)} bytes free)\n"


async def show_dir(shell: Shell, args: list[str]) -> str:
    """`dir` of a file system, a folder or one file."""
    path = args[-1] if args else f"{shell.device.storage.default}:"
    where = place(shell, path)
    if where is None or not where.system.has_sizes:
        return f"%Error opening {path} (No such device)\n"
    file = where.file
    if where.inside and file is None:
        return missing(where.shown)
    head = f"Directory of {where.shown}\n\n"
    if file is not None and not file.is_folder:
        return head + _row(file, file.name.rpartition("/")[2]) + "\n" + _totals(shell, where.system)
    rows = [_row(item, item.name.rpartition("/")[2]) for item in where.system.listing(where.inside)]
    body = "\n".join(rows) if rows else "No files in directory"
    return f"{head}{body}\n{_totals(shell, where.system)}"


async def show_dir_all(shell: Shell, args: list[str]) -> str:
    """`dir all-filesystems`."""
    texts = [await show_dir(shell, [f"{s.prefix}:"]) for s in shell.device.storage.systems if s.has_sizes]
    return "\n".join(texts)


async def more(shell: Shell, args: list[str]) -> str:
    """The text of a small file or configuration."""
    name = args[0].lower()
    if name.endswith("running-config"):
        return running_config(shell.device).split("\n\n", 1)[1]
    if name.endswith("startup-config"):
        return startup_config(shell.device)
    where = place(shell, args[0])
    if where is None or where.file is None:
        return missing(where.shown if where else args[0])
    content = where.file.content
    return content.data.decode("utf-8", "replace") if isinstance(content, Text) else "\n"


# -- verify --------------------------------------------------------------------------------


async def _hash_with_dots(shell: Shell, content: Content, algorithm: str) -> str:
    """Print dots on one line for as long as the platform needs to read the file."""
    device = shell.device
    rate = device.platform.verify_bytes_s
    seconds = device.services.seconds(content.size / rate) if rate else 0.0
    pending = asyncio.create_task(asyncio.to_thread(device.services.contents.digest, content, algorithm))
    dots = max(1, content.size // DOT_BYTES)
    try:
        for start in range(0, dots, DOTS_AT_ONCE):
            count = min(DOTS_AT_ONCE, dots - start)
            shell.term.write("." * count)
            await shell.term.wait(seconds * count / dots)
        return await pending
    finally:
        pending.cancel()


def _verifier(algorithm: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        path, _, wanted = args[0].partition(" ")
        where = place(shell, path)
        if where is None or where.file is None or where.file.is_folder:
            return missing(where.shown if where else path)
        if isinstance(where.file.content, Growing):
            return f"%Error opening {where.shown} (Device or resource busy)\n"
        found = await _hash_with_dots(shell, where.file.content, algorithm)
        shell.term.write("Done!\n")
        typed = path if ":" in path else where.bare
        wanted = wanted.strip().lower()
        if not wanted:
            return f"verify /{algorithm} ({typed}) = {found}\n\n"
        if wanted == found:
            return f"Verified ({typed}) = {found}\n\n"
        return f"%Error verifying {typed}\nComputed signature  = {found}\nSubmitted signature = {wanted}\n\n"

    return handler


async def verify_embedded(shell: Shell, args: list[str]) -> str:
    """`verify flash:x`: the hash inside the image."""
    where = place(shell, args[0])
    if where is None or where.file is None:
        return missing(where.shown if where else args[0])
    content = where.file.content
    shell.term.write(f"Verifying file integrity of {where.bare}")
    software = identify(content, where.inside)
    sha1 = (await _hash_with_dots(shell, content, "sha1")).upper()
    if software is None and not isinstance(content, Damaged):
        return f"\n%ERROR: Signature not found in file {where.bare}\n\n"
    is_good = software is not None
    embedded = sha1 if is_good else sha1[::-1]
    text = f"\nEmbedded Hash   SHA1 : {embedded}\nComputed Hash   SHA1 : {sha1}\n"
    if not is_good:
        return f"{text}Embedded hash verification failed for file {where.bare}.\n\n"
    return f"{text}Starting image verification\nDigital signature successfully verified in file {where.bare}\n\n"


# -- delete --------------------------------------------------------------------------------


async def delete(shell: Shell, args: list[str]) -> str:
    """`delete [/force] [/recursive] path` with its questions."""
    words = [word for text in args for word in text.split()]
    options = [word.lower() for word in words if word.startswith("/")]
    paths = [word for word in words if not word.startswith("/")]
    if len(paths) != 1:
        return "% Incomplete command.\n\n"
    is_forced = "/force".startswith(options[0]) if options else False
    is_forced = is_forced or "/force" in options
    is_quiet = shell.device.running.has("file prompt quiet")
    where = place(shell, paths[0])
    if where is None:
        return f"%Error deleting {paths[0]} (No such device)\n"
    if not is_quiet and (not is_forced or shell.device.platform.delete_force_asks):
        typed = (await shell.term.read_line(f"Delete filename [{where.inside}]? ")).strip()
        if typed:
            where = Place(where.system, where.prefix, typed.partition(":")[2].strip("/") or typed)
    shown = where.bare if "delete_bare" in shell.device.platform.texts else where.shown
    if not is_quiet and not is_forced and not await shell.term.confirm(f"Delete {shown}? [confirm]"):
        shell.term.write(f"Delete of {shown} aborted!\n")
        return ""
    return _remove(shell, where, is_recursive=any(len(word) > 1 and "/recursive".startswith(word) for word in options))


def _remove(shell: Shell, where: Place, *, is_recursive: bool) -> str:
    file = where.file
    if file is None:
        return f"%Error deleting {where.shown} (No such file or directory)\n"
    if file.is_folder and not is_recursive:
        return f"%Error deleting {where.shown} (Is a directory)\n"
    for inner in where.system.below(where.inside) if file.is_folder else []:
        del where.system.files[inner.name]
    del where.system.files[where.inside]
    return ""


# -- copy ----------------------------------------------------------------------------------


def _source(shell: Shell, path: str) -> tuple[str, Content] | str:
    name = path.lower()
    if name in ("running-config", "system:running-config"):
        return "running-config", Text(shell.device.running.text().encode())
    if name in ("startup-config", "nvram:startup-config") and shell.device.startup is not None:
        return "startup-config", Text(shell.device.startup.text().encode())
    where = place(shell, path)
    if where is None or where.file is None or where.file.is_folder:
        return missing(where.shown if where else path)
    return where.inside.rpartition("/")[2], where.file.content


async def copy(shell: Shell, args: list[str]) -> str:
    """A copy on the device itself, or from a server; nothing outside takes a copy."""
    source, target = args[0], args[1] if len(args) > 1 else ""
    if parse_url(source) is not None and parse_url(target) is None:
        return await pull(shell, source, target)
    if "//" in source or "//" in target:
        url = source if "//" in source else target
        await shell.term.wait(shell.device.services.seconds(10))
        return f"%Error opening {url} (Timed out)\n"
    found = _source(shell, source)
    if isinstance(found, str):
        return found
    name, content = found
    where = place(shell, target)
    if where is None or not where.system.has_sizes:
        return f"%Error opening {target} (No such device)\n"
    default = where.inside or name
    is_quiet = shell.device.running.has("file prompt quiet")
    typed = "" if is_quiet else (await shell.term.read_line(f"Destination filename [{default}]? ")).strip()
    goal = Place(where.system, where.prefix, typed or default)
    if goal.file is not None and not is_quiet:
        shell.term.write("%Warning:There is a file already existing with this name\n")
        if not await shell.term.confirm("Do you want to over write? [confirm]"):
            return ""
    return await _copy(shell, content, goal)


async def _copy(shell: Shell, content: Content, goal: Place) -> str:
    device = shell.device
    if content.size > device.free(goal.system):
        return f"%Error copying {goal.shown} (Not enough space on device)\n"
    seconds = content.size / device.platform.verify_bytes_s if device.platform.verify_bytes_s else 0.1
    shell.term.write("Copy in progress...")
    await shell.term.wait(device.services.seconds(seconds))
    try:
        goal.system.put(goal.inside, content, datetime.now(UTC))
    except NoSpace:
        return f"%Error copying {goal.shown} (Not enough space on device)\n"
    rate = int(content.size / max(seconds, 0.001))
    return f"C\n{content.size} bytes copied in {max(seconds, 0.001):.3f} secs ({rate} bytes/sec)\n"


async def present_directory(shell: Shell, args: list[str]) -> str:
    """`pwd`."""
    return f"{shell.device.storage.default}:/\n"


def add_file_commands(grammar: Grammar[Handler], *, has_sha512: bool) -> None:
    """Exec commands of this module."""
    for pattern, handler, level in (
        ("dir", show_dir, 1),
        ("dir /all", show_dir, 1),
        ("dir /all <path>", show_dir, 1),
        ("dir <path>", show_dir, 1),
        ("dir all-filesystems", show_dir_all, 1),
        ("pwd", present_directory, 1),
        ("more <path>", more, 15),
        ("verify /md5 <path...>", _verifier("md5"), 15),
        ("verify <path>", verify_embedded, 15),
        ("delete <options...>", delete, 15),
        ("copy <source> <target>", copy, 15),
        ("copy /verify <source> <target>", copy_verified, 15),
        ("copy running-config <target>", _copier("running-config"), 15),
        ("copy startup-config <target>", _copier("startup-config"), 15),
    ):
        grammar.add(pattern, handler, level)
    if has_sha512:
        grammar.add("verify /sha512 <path...>", _verifier("sha512"), 15)


async def copy_verified(shell: Shell, args: list[str]) -> str:
    """`copy /verify`: the embedded hash is looked at when the copy is done."""
    text = await copy(shell, args)
    goal = place(shell, args[1])
    name = next((name for name in (goal.inside, parse_name(args[0])) if name), "") if goal else ""
    if " bytes copied in " not in text or goal is None:
        return text
    shell.term.write(text)
    return await verify_embedded(shell, [f"{goal.prefix}:{name}"])


def parse_name(path: str) -> str:
    """The file name at the end of a path or URL."""
    return path.rpartition(":")[2].rpartition("/")[2]


def _copier(source: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        return await copy(shell, [source, *args])

    return handler
