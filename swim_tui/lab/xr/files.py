"""Commands on files of IOS-XR: dir, hashes, delete, copy, and `scp` as a command."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from ..content import Growing
from ..fetch import FetchError, Remote, Trouble, Url, open_remote, parse_url
from ..flash import File, FileSystem, NoSpace
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..receive import Download, WriteError, watched
from ..terminal import Aborted
from .state import state

MARK_BYTES = 65536
BASES = {"disk0": "/misc/scratch"}


def locate(shell: Shell, path: str) -> tuple[FileSystem, str] | None:
    """File system and name of `disk0:/x`, `/disk0:/x`, `/disk0:x`."""
    found = shell.device.storage.locate(path.lstrip("/"))
    return (found[0], found[2]) if found and found[0].has_sizes else None


def _row(file: File, is_old: bool) -> str:
    name, at = file.name.rpartition("/")[2], file.modified
    if is_old:
        perms = "drwx" if file.is_folder else "-rwx"
        return f"{file.index * 131:<12}{perms}  {file.size:<12}{at:%a %b} {at.day:>2} {at:%H:%M:%S %Y}  {name}"
    is_recent = (datetime.now(UTC) - at).days < 180
    date = f"{at:%b} {at.day:>2} {at:%H:%M}" if is_recent else f"{at:%b} {at.day:>2}  {at:%Y}"
    perms = "drwxr-xr-x." if file.is_folder else "-rw-r--r--."
    return f"{file.index:>5} {perms} 1 {file.size:>10} {date} {name}"


async def show_dir(shell: Shell, args: list[str]) -> str:
    """`dir [disk0:[/x]]`; 64-bit systems count in kbytes."""
    is_old = state(shell).kind == "xr32"
    path = args[-1] if args else "disk0:"
    where = locate(shell, path)
    if where is None:
        return f"Path does not exist: {path}\n"
    system, name = where
    one = system.files.get(name)
    if name and one is None:
        return (
            f"Path does not exist: {path}\n" if not is_old else f"%Error opening {path} (No such file or directory)\n"
        )
    files = [one] if one is not None and not one.is_folder else system.listing(name)
    head = f"{system.prefix}:{'/' + name if name else ''}"
    if not is_old and not name:
        head = BASES.get(system.prefix, head)
    total, free = system.total, shell.device.free(system)
    last = (
        f"{total} bytes total ({free} bytes free)"
        if is_old
        else f"{total // 1024} kbytes total ({free // 1024} kbytes free)"
    )
    rows = [_row(file, is_old) for file in files]
    return "\n".join(["", f"Directory of {head}", "", *rows, "", last]) + "\n"


async def show_filesystem(shell: Shell, args: list[str]) -> str:
    """`show filesystem`: bytes, whatever dir counts in."""
    rows = ["File Systems:", "", "     Size(b)      Free(b)        Type  Flags  Prefixes"]
    for system in shell.device.storage.systems:
        size = system.total if system.has_sizes else 0
        free = shell.device.free(system) if system.has_sizes else 0
        rows.append(f"{size:>12} {free:>12}  {system.kind:>10}  {system.flags:>5}  {system.prefix}:")
    if args:
        rows = [f" node:  node{shell.device.platform.texts.get('node', '0/RP0/CPU0').replace('/', '_')}", *rows]
    return "\n".join(rows) + "\n"


async def _digest(shell: Shell, path: str) -> str:
    where = locate(shell, path)
    file = where[0].files.get(where[1]) if where else None
    if file is None or file.is_folder or isinstance(file.content, Growing):
        return ""
    device = shell.device
    rate = device.platform.verify_bytes_s
    pending = asyncio.create_task(asyncio.to_thread(device.services.contents.digest, file.content, "md5"))
    try:
        await shell.term.wait(device.services.seconds(file.content.size / rate) if rate else 0)
        return await pending
    finally:
        pending.cancel()


async def show_md5(shell: Shell, args: list[str]) -> str:
    """`show md5 file /disk0:/x`: the leading slash is needed."""
    if not args[0].startswith("/"):
        return f"%Error: {args[0]}: No such file or directory\n"
    return f"{await _digest(shell, args[0]) or f'%Error: {args[0]}: No such file or directory'}\n"


async def run_md5sum(shell: Shell, args: list[str]) -> str:
    """`run md5sum /disk0:/x`."""
    found = await _digest(shell, args[0])
    return f"{found}  {args[0]}\n" if found else f"md5sum: {args[0]}: No such file or directory\n"


async def delete(shell: Shell, args: list[str]) -> str:
    """`delete [/noprompt] [/recurse] disk0:/x`."""
    words = args[0].split()
    path = words[-1]
    where = locate(shell, path)
    file = where[0].files.get(where[1]) if where else None
    if where is None or file is None:
        return f"%Error deleting {path} (No such file or directory)\n"
    if not any("/noprompt".startswith(word) for word in words[:-1]):
        await shell.term.read_line(f"Delete filename [{where[1]}]?")
        if not await shell.term.confirm(f"Delete {where[0].prefix}:/{where[1]}[confirm]"):
            return ""
    for inner in where[0].below(where[1]) if file.is_folder else []:
        del where[0].files[inner.name]
    del where[0].files[where[1]]
    return ""


# -- copy ----------------------------------------------------------------------------------


async def _open(shell: Shell, url: Url) -> Remote:
    asks = url.scheme in ("scp", "sftp") and not url.password
    for tries in range(3):
        if asks:
            url = replace(url, password=await shell.term.read_line("Password:", echo=False, is_secret=True))
        try:
            return await open_remote(shell.device, url)
        except FetchError as err:
            if err.trouble is not Trouble.LOGIN or not asks or tries == 2:
                raise
    raise FetchError(Trouble.LOGIN)


def _marks(shell: Shell, download: Download) -> None:
    done = {"bytes": 0, "marks": 0}

    def mark(count: int) -> None:
        done["bytes"] += count
        due = done["bytes"] // MARK_BYTES - done["marks"]
        done["marks"] += due
        shell.term.write("C" * due)

    download.on_bytes = mark


async def _receive(shell: Shell, url: Url, system: FileSystem, name: str) -> str:
    device = shell.device
    fault = device.faults.take("copy_error")
    if fault is not None:
        return f"%Error: {fault.value}\n"
    try:
        remote = await _open(shell, url)
        free = device.free(system) + (system.files[name].size if name in system.files else 0)
        if remote.size > free:
            await remote.close()
            return "No space left on device\n"
        download = Download(device, remote, system, name, url.scheme)
        _marks(shell, download)
        await watched(download, shell.term)
    except FetchError as err:
        if err.trouble is Trouble.NO_FILE:
            return f"%Error: Couldn't open file {url.shown}: No such file or directory\n"
        return f"\n%Error: {err.trouble}\n"
    except WriteError as err:
        return f"\n%Error: {err}\n"
    except Aborted:
        return "\n%Error: Copy operation aborted\n"
    seconds = max(1, round(download.seconds))
    rate = int(download.received / download.seconds)
    return f"\n{download.received} bytes copied in {seconds:>6} sec ({rate:>9})bytes/sec\nCopy operation success\n"


async def copy(shell: Shell, args: list[str]) -> str:
    """`copy SOURCE TARGET [vrf NAME]`."""
    words = args[0].split()
    if len(words) < 2:
        return "% Incomplete command.\n"
    source, target = words[0], words[1]
    url, where = parse_url(source), locate(shell, target)
    if where is None:
        return f"%Error: {target}: No such device\n"
    if url is None:
        return await _local(shell, source, target)
    system, name = where
    term = shell.term
    if not (url.host and url.path):
        path = (await term.read_line(f"Source filename [/{url.path}]?")).strip() or url.path
        host = (await term.read_line(f"Address or name of remote host [{url.host}]?")).strip() or url.host
        url = replace(url, path=path, host=host)
    if url.scheme in ("scp", "sftp") and not url.username:
        url = replace(url, username=(await term.read_line(f"Source username: [{shell.link.username}]?")).strip())
        url = replace(url, username=url.username or shell.link.username)
    default = name or url.name
    typed = (await term.read_line(f"Destination filename [/{system.prefix}:/{default}]?")).strip()
    typed_to = locate(shell, typed) if ":" in typed else (system, typed.strip("/"))
    system, name = typed_to if typed and typed_to else (system, default)
    if name in system.files and not await term.confirm("Copy : Destination exists, overwrite ?[confirm]"):
        return ""
    return await _receive(shell, url, system, name)


async def _local(shell: Shell, source: str, target: str) -> str:
    here, there = locate(shell, source), locate(shell, target)
    file = here[0].files.get(here[1]) if here else None
    if file is None or there is None or file.is_folder:
        return f"%Error: Couldn't open file {source}: No such file or directory\n"
    default = there[1] or file.name.rpartition("/")[2]
    typed = (await shell.term.read_line(f"Destination filename [/{there[0].prefix}:/{default}]?")).strip()
    goal = typed.rpartition(":")[2].strip("/") or default
    rate = shell.device.platform.verify_bytes_s
    seconds = shell.device.services.seconds(file.size / rate) if rate else 0.0
    await shell.term.wait(seconds)
    try:
        there[0].put(goal, file.content, datetime.now(UTC))
    except NoSpace:
        return "No space left on device\n"
    taken = f"{max(1, round(seconds)):>6} sec ({file.size:>9})bytes/sec"
    return f"CCCC\n{file.size} bytes copied in {taken}\nCopy operation success\n"


async def scp(shell: Shell, args: list[str]) -> str:
    """`scp user@host:/path/x harddisk:/` as a command of its own."""
    words = args[0].split()
    user, _, rest = words[0].partition("@")
    host, _, path = rest.partition(":")
    where = locate(shell, words[-1])
    if not host or not path or where is None or len(words) < 2:
        return "% Invalid input detected at '^' marker.\n"
    url = Url("scp", host, 0, path, user)
    return await _receive(shell, url, where[0], where[1] or url.name)


def add_file_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module."""
    for pattern, handler in (
        ("dir", show_dir),
        ("dir <path>", show_dir),
        ("show filesystem", show_filesystem),
        ("show filesystem location <where>", show_filesystem),
        ("show md5 file <path>", show_md5),
        ("run md5sum <path>", run_md5sum),
        ("delete <path...>", delete),
        ("copy <rest...>", copy),
        ("scp <rest...>", scp),
    ):
        grammar.add(pattern, handler)
