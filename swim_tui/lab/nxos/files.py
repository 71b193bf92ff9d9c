"""Commands on files of NX-OS: dir, hashes, delete, copy."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from ..content import Content, Growing, Text
from ..fetch import FetchError, Remote, Trouble, Url, open_remote, parse_url
from ..flash import FileSystem, NoSpace
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..receive import Download, WriteError, watched
from ..terminal import Aborted
from .shell import NxosShell
from .state import state
from .supervisors import REMOTE

MISSING = "No such file or directory\n"
FULL = "No space left on device\n"
TRIES = 3


def locate(shell: Shell, path: str) -> tuple[FileSystem, str] | None:
    """File system and name of `bootflash:x`, `bootflash:/x`, `bootflash:///x`, `bootflash://sup-1/x`."""
    prefix, colon, rest = path.partition(":")
    if not colon:
        prefix, rest = "bootflash", path
    system = shell.device.storage.system(prefix)
    sups = state(shell).sups
    unit = sups.is_remote(rest) if sups is not None and prefix == "bootflash" else ""
    if sups is not None and unit:
        return sups.remote, rest.removeprefix(unit).strip("/")
    if rest.startswith(REMOTE):
        return None
    for unit in ("//sup-1/", "//sup-2/", "//sup-local/", "//module-1/"):
        rest = rest.removeprefix(unit)
    return (system, rest.strip("/")) if system is not None and system.has_sizes else None


async def show_dir(shell: Shell, args: list[str]) -> str:
    """`dir [bootflash:[x]]`."""
    where = locate(shell, args[0] if args else "bootflash:")
    if where is None:
        return MISSING
    system, name = where
    one = system.files.get(name)
    if name and one is None:
        return MISSING
    files = [one] if one is not None and not one.is_folder else system.listing(name)
    rows = [
        f"{4096 if file.is_folder else file.size:>10}    {file.modified:%b %d %H:%M:%S %Y}  "
        f"{file.name.rpartition('/')[2]}{'/' if file.is_folder else ''}"
        for file in sorted(files, key=lambda file: file.name)
    ]
    free = shell.device.free(system)
    sups = state(shell).sups
    where_is = "remote" if sups is not None and system is sups.remote else "local"
    tail = ["", f"Usage for {system.prefix}://sup-{where_is}"]
    tail += [f"{system.total - free:>11} bytes used", f"{free:>11} bytes free", f"{system.total:>11} bytes total"]
    return "\n".join([*rows, *tail]) + "\n"


def _hasher(algorithm: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        where = locate(shell, args[0])
        file = where[0].files.get(where[1]) if where else None
        if file is None or file.is_folder:
            return MISSING
        device, content = shell.device, file.content
        if isinstance(content, Growing):
            return "Text file busy\n"
        rate = device.platform.verify_bytes_s
        pending = asyncio.create_task(asyncio.to_thread(device.services.contents.digest, content, algorithm))
        try:
            await shell.term.wait(device.services.seconds(content.size / rate) if rate else 0)
            return f"{await pending}\n"
        finally:
            pending.cancel()

    return handler


async def delete(shell: Shell, args: list[str]) -> str:
    """`delete bootflash:x [no-prompt]`."""
    words = args[0].split()
    where = locate(shell, words[0])
    file = where[0].files.get(where[1]) if where else None
    if where is None or file is None:
        return MISSING
    if "no-prompt" not in words[1:]:
        question = f'Do you want to delete "/{where[1]}" ? (yes/no/abort)   [y] '
        if await cast(NxosShell, shell).ask(question, "y") != "y":
            return ""
    for inner in where[0].below(where[1]) if file.is_folder else []:
        del where[0].files[inner.name]
    del where[0].files[where[1]]
    return ""


# -- copy ----------------------------------------------------------------------------------


async def save(shell: Shell, args: list[str]) -> str:
    """`copy running-config startup-config`."""
    shell.term.write("[")
    for _ in range(8):
        shell.term.write("#####")
        await shell.term.wait(shell.device.services.seconds(0.4))
    shell.device.save_config()
    return "] 100%\nCopy complete, now saving to disk (please wait)...\nCopy complete.\n"


async def _complete(url: Url, vrf: str, shell: NxosShell) -> tuple[Url, str]:
    """Ask for what the command left out."""
    term = shell.term
    if not url.host:
        host = (await term.read_line(f"Enter hostname for the {url.scheme} server: ")).strip()
        url = replace(url, host=host)
    if not url.path:
        url = replace(url, path=(await term.read_line("Enter source filename: ")).strip())
    if not vrf and url.scheme != "usb":
        question = "Enter vrf (If no input, current vrf 'default' is considered): "
        vrf = (await term.read_line(question)).strip() or "default"
    if url.scheme in ("scp", "sftp", "ftp") and not url.username:
        url = replace(url, username=(await term.read_line("Enter username: ")).strip())
    return url, vrf


async def _knows_host(shell: Shell, url: Url) -> bool:
    own = state(shell)
    if url.scheme not in ("scp", "sftp") or url.host in own.known_hosts:
        return True
    shell.term.write(
        f"The authenticity of host '{url.host} ({url.host})' can't be established.\n"
        "ECDSA key fingerprint is SHA256:5yWmZ0pX3i1Yw0m0w4oYk0cB3TtUu2fS9bK8eQm1vDg.\n"
    )
    question = "Are you sure you want to continue connecting (yes/no)? "
    while True:
        word = (await shell.term.read_line(question)).strip().lower()
        if word == "yes":
            own.known_hosts.add(url.host)
            shell.term.write(f"Warning: Permanently added '{url.host}' (ECDSA) to the list of known hosts.\n")
            return True
        if word == "no":
            shell.term.write("Host key verification failed.\n")
            return False
        question = "Please type 'yes' or 'no': "


async def _opened(shell: Shell, url: Url) -> Remote:
    asks = url.scheme in ("scp", "sftp") or (url.scheme == "ftp" and not url.password)
    for tries in range(TRIES):
        if asks:
            question = "Password: " if url.scheme == "ftp" else f"{url.username}@{url.host}'s password: "
            url = replace(url, password=await shell.term.read_line(question, echo=False, is_secret=True))
        try:
            return await open_remote(shell.device, url)
        except FetchError as err:
            if err.trouble is not Trouble.LOGIN or not asks or tries == TRIES - 1:
                raise
            shell.term.write("Permission denied, please try again.\n")
    raise FetchError(Trouble.LOGIN)


def _failed(url: Url, err: FetchError) -> str:
    port = url.port or 22
    return {
        Trouble.NAME: f"dcos_ssh: Could not resolve hostname {url.host}: Name or service not known\n",
        Trouble.TIMEOUT: f"ssh: connect to host {url.host} port {port}: Connection timed out\n",
        Trouble.REFUSED: f"ssh: connect to host {url.host} port {port}: Connection refused\n",
        Trouble.LOGIN: f"{url.username}@{url.host}: Permission denied (publickey,password,keyboard-interactive).\n",
        Trouble.DENIED: "Permission denied\n",
        Trouble.NO_FILE: f"{url.scheme}: {url.path}: No such file or directory\n",
    }.get(err.trouble, f"{err.trouble}\n") + "Copy failed.\n"


def _progress(shell: Shell, download: Download, name: str) -> None:
    """One line that is rewritten in place."""
    total = max(download.remote.size, 1)
    shown = {"percent": -1}

    def show(count: int) -> None:
        percent = int(download.received * 100 / total)
        if percent != shown["percent"]:
            shown["percent"] = percent
            rate = download.received / download.seconds / 1024 / 1024
            end = "00:00    " if percent == 100 else "00:01 ETA"
            shell.term.write(f"\r{name:<40}{percent:>3}% {download.received // 1024:>6}KB {rate:>5.1f}MB/s   {end}")

    download.on_bytes = show


async def _receive(shell: Shell, remote: Remote, url: Url, system: FileSystem, name: str) -> str:
    device = shell.device
    download = Download(device, remote, system, name, url.scheme)
    _progress(shell, download, remote.name)
    try:
        await watched(download, shell.term)
    except FetchError as err:
        return f"\n{'Connection reset by peer' if err.trouble is Trouble.TIMEOUT else err.trouble}\nlost connection\n"
    except WriteError as err:
        return f"\n{url.path}: {err}\n{'' if 'space' in str(err) else FULL}"
    except Aborted:
        return "\nCopy aborted.\n"
    if url.scheme == "tftp":
        shell.term.write("\nTFTP get operation was successful")
    shell.term.write("\nCopy complete, now saving to disk (please wait)...\n")
    await shell.term.wait(device.services.seconds(device.platform.flush_s))
    return "Copy complete.\n"


async def _pull(shell: NxosShell, url: Url, target: str, vrf: str) -> str:
    device = shell.device
    where = locate(shell, target)
    if where is None:
        return MISSING
    url, vrf = await _complete(url, vrf, shell)
    system, name = where
    name = name or url.name
    if name in system.files:
        question = "Warning: There is already a file existing with this name. Do you want to overwrite (y/n)?[n] "
        if await shell.ask(question, "n") != "y":
            return "Copy aborted by user.\n"
    fault = device.faults.take("copy_error")
    if fault is not None:
        return f"{fault.value}\n"
    wanted = device.platform.texts.get("mgmt_vrf", "management")
    if vrf != wanted:
        await shell.term.wait(device.services.seconds(5))
        return f"ssh: connect to host {url.host} port 22: No route to host\n"
    if not await _knows_host(shell, url):
        return ""
    try:
        remote = await _opened(shell, url)
    except FetchError as err:
        return _failed(url, err)
    if remote.size > device.free(system) + (system.files[name].size if name in system.files else 0):
        await remote.close()
        return FULL
    return await _receive(shell, remote, url, system, name)


async def copy(shell: Shell, args: list[str]) -> str:
    """`copy SOURCE TARGET [vrf NAME] [compact] [use-kstack]`."""
    words = args[0].split()
    if len(words) < 2:
        return "% Incomplete command at '^' marker.\n"
    source, target, options = words[0], words[1], words[2:]
    vrf = options[options.index("vrf") + 1] if "vrf" in options[:-1] else ""
    if "compact" in options and "compact" not in shell.device.platform.texts:
        return "Compaction is not supported on this platform\n"
    url = parse_url(source)
    if url is not None:
        return await _pull(cast(NxosShell, shell), url, target, vrf)
    if parse_url(target) is not None:
        return "Copying to/from this server name is not permitted\n"
    return await _local(cast(NxosShell, shell), source, target)


async def _local(shell: NxosShell, source: str, target: str) -> str:
    if source in ("running-config", "startup-config"):
        config = shell.device.running if source == "running-config" else shell.device.startup
        content: Content = Text(config.text().encode() if config else b"")
        name = source
    else:
        found = locate(shell, source)
        file = found[0].files.get(found[1]) if found else None
        if file is None or file.is_folder:
            return MISSING
        content, name = file.content, file.name.rpartition("/")[2]
    where = locate(shell, target)
    if where is None:
        return MISSING
    system, goal = where[0], where[1] or name
    if goal in system.files:
        question = "Warning: There is already a file existing with this name. Do you want to overwrite (y/n)?[n] "
        if await shell.ask(question, "n") != "y":
            return ""
    rate = shell.device.platform.verify_bytes_s
    await shell.term.wait(shell.device.services.seconds(content.size / rate) if rate else 0)
    try:
        system.put(goal, content, datetime.now(UTC))
    except NoSpace:
        return FULL
    return "Copy progress 100% \nCopy complete, now saving to disk (please wait)...\nCopy complete.\n"


def _copier(source: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        return await copy(shell, [f"{source} {args[0]}"])

    return handler


async def present_directory(shell: Shell, args: list[str]) -> str:
    """`pwd`."""
    return "bootflash:\n"


def add_file_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module."""
    for pattern, handler in (
        ("dir", show_dir),
        ("dir <path>", show_dir),
        ("pwd", present_directory),
        ("delete <path...>", delete),
        ("copy running-config startup-config", save),
        ("copy <rest...>", copy),
        ("copy running-config <target...>", _copier("running-config")),
        ("copy startup-config <target...>", _copier("startup-config")),
        ("show file <path> md5sum", _hasher("md5")),
        ("show file <path> sha256sum", _hasher("sha256")),
        ("show file <path> sha512sum", _hasher("sha512")),
    ):
        grammar.add(pattern, handler)
