"""The installer of 64-bit IOS-XR: `install add|prepare|activate|commit|remove|rollback|replace` with ISOs and RPMs."""

from __future__ import annotations

from collections.abc import Callable

from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from .common import (
    ACTIVATE_S,
    ADD_S,
    COMMIT_S,
    REMOVE_S,
    arm,
    cause,
    exists,
    merged,
    needs_reload,
    read_package,
    sources,
)
from .packages import Package
from .shell import log_stamp
from .state import Operation, begin, state, state_of, work

QUESTION = "This install operation will reload the system, continue?\n [yes/no]:[yes] "
BUSY = "Error! Another install operation is in progress. Please try again later.\n"
NO_SPACE = "Error! Not enough free disk space for installation."
BAD_MD5 = "ERROR:Initrd md5sum does not match. The iso might be corrupted"


def _start(shell: Shell, command: str, verb: str) -> Operation:
    operation = begin(shell.device, command, verb, shell.link.username)
    shell.term.write(
        f"{log_stamp()} Install operation {operation.number} started by {shell.link.username}:\n  {command}\n"
    )
    return operation


def _end(device: Device, operation: Operation, word: str, *lines: str) -> None:
    at = log_stamp()
    operation.lines += [f"{at} {line}" for line in lines]
    operation.lines.append(f"{at} Install operation {operation.number} {word}")
    operation.outcome = word
    if not operation.is_quiet:
        device.broadcast("\n".join(operation.lines) + "\n")


async def _background(shell: Shell, operation: Operation, seconds: float, done: Callable[[], None], text: str) -> str:
    """In the background, or (`synchronous`) until it is done."""
    operation.is_quiet = "synchronous" in text.split()
    shell.device.start_task(work(shell.device, operation, seconds, done))
    if not operation.is_quiet:
        return f"{log_stamp()} Install operation will continue in the background\n"
    while operation.is_running:
        await shell.term.wait(max(0.02, shell.device.services.seconds(seconds / 20)))
    return "\n".join(operation.lines) + "\n"


def _is_busy(shell: Shell) -> bool:
    return state(shell).running is not None or shell.device.faults.has("install_running")


def _free_words(text: str) -> list[str]:
    return [word for word in text.split() if word not in ("synchronous", "asynchronous", "noprompt", "commit")]


async def add(shell: Shell, args: list[str]) -> str:
    """`install add source WHERE FILES...`."""
    device = shell.device
    words = _free_words(args[0])
    if _is_busy(shell):
        return BUSY
    paths = await sources(shell, words[0], words[1:])
    if isinstance(paths, str):
        return paths
    operation = _start(shell, f"install add source {args[0]}", "add")

    def done() -> None:
        why = cause(device)
        found = [read_package(device, path) for path in paths]
        missing = [path for path in paths if not exists(device, path)]
        if missing:
            _end(device, operation, "aborted", f"Error! File {missing[0]} does not exist", "No such file or directory")
        elif why == "space":
            _end(device, operation, "aborted", NO_SPACE)
        elif None in found or why == "md5":
            _end(device, operation, "aborted", BAD_MD5)
        elif why:
            _end(device, operation, f"failed ({why})", "Error! The signature of a package could not be verified")
        else:
            _added(device, operation, [p for p in found if p is not None])

    return await _background(shell, operation, ADD_S * len(paths) / 2, done, args[0])


def _added(device: Device, operation: Operation, found: list[Package]) -> None:
    own = state_of(device)
    new = [p for p in found if p.name not in [known.name for known in own.known]]
    own.known += new
    operation.packages = found
    warnings = []
    if device.faults.has("xr_add_warns") or len(new) < len(found):
        warnings = ["Skipped package(s) because they are already in the repository:"]
        warnings += [f"    {p.name}" for p in found if p not in new]
    _end(device, operation, "finished successfully", "Packages added:", *[f"    {p.name}" for p in found], *warnings)


def wanted(shell: Shell, words: list[str]) -> list[Package]:
    """The packages of an operation id, or by name, or those that were prepared."""
    own = state(shell)
    if words[:1] == ["id"]:
        numbers = [int(word) for word in words[1:] if word.isdigit()]
        return [p for number in numbers for op in [own.operation(number)] if op for p in op.packages]
    if not words:
        return list(own.prepared)
    return [p for p in own.known if p.name in words]


async def prepare(shell: Shell, args: list[str]) -> str:
    """`install prepare id N|PACKAGES`, `install prepare clean`."""
    device, own = shell.device, state(shell)
    if args[0].split()[0] == "clean":
        own.prepared = []
        return f"{log_stamp()} Install prepare clean finished successfully\n"
    if _is_busy(shell) or own.prepared:
        return "Error! A prepare operation is pending; 'install prepare clean' first.\n"
    operation = _start(shell, f"install prepare {args[0]}", "prepare")
    packages = wanted(shell, _free_words(args[0]))

    def done() -> None:
        if not packages:
            _end(device, operation, "aborted", "Error! There is no such package in the repository")
            return
        own.prepared = packages
        _end(device, operation, "finished successfully", "Package list:", *[f"    {p.name}" for p in packages])

    return await _background(shell, operation, ACTIVATE_S / 2, done, args[0])


async def show_prepare(shell: Shell, args: list[str]) -> str:
    """`show install prepare`."""
    prepared = state(shell).prepared
    if not prepared:
        return "No prepared packages\n"
    return "Prepared Packages: " + f"{len(prepared)}\n" + "".join(f"        {p.name}\n" for p in prepared)


async def confirmed(shell: Shell, text: str) -> bool:
    """The question about the reload, unless `noprompt` stands in the command."""
    if "noprompt" in text.split():
        return True
    while True:
        typed = (await shell.term.read_line(QUESTION)).strip().lower()
        if typed in ("", "y", "yes"):
            return True
        if typed in ("n", "no"):
            return False


async def activate(shell: Shell, args: list[str]) -> str:
    """`install activate [id N|PACKAGES] [noprompt]`."""
    device, own = shell.device, state(shell)
    text = args[0] if args else ""
    packages = wanted(shell, _free_words(text))
    if _is_busy(shell):
        return BUSY
    if not own.is_committed:
        return "ERROR! there was an SU/ISSU done. please perform install commit before proceeding\n"
    if not packages:
        return "Could not start this install operation. There are no packages to activate.\n"
    after, left = merged(own, packages)
    reloads = needs_reload(own, packages)
    if reloads and not await confirmed(shell, text):
        return "Install operation aborted by user\n"
    operation = _start(shell, f"install activate {text}", "activate")
    shell.term.write("Package list:\n" + "".join(f"    {p.name}\n" for p in packages))

    def done() -> None:
        why = cause(device)
        if left or why == "incompatible":
            names = [f"    {p.name}" for p in left or own.active[-1:]]
            _end(device, operation, "aborted", "Error! Packages of another release stay active:", *names)
        elif why == "md5":
            _end(device, operation, "aborted", BAD_MD5)
        elif why:
            _end(device, operation, "aborted", "Error! A node failed to prepare the new software")
        elif reloads:
            arm(device, operation, after)
            _end(device, operation, "finished successfully")
            device.reload("Install activate", f"install {operation.number}")
        else:
            own.active, own.prepared = after, []
            own.points[operation.number] = list(after)
            _end(device, operation, "finished successfully", "NO IMPACT OPERATION")

    return await _background(shell, operation, ACTIVATE_S, done, text)


async def commit(shell: Shell, args: list[str]) -> str:
    """`install commit [synchronous]`."""
    device, own = shell.device, state(shell)
    if _is_busy(shell):
        return BUSY
    operation = _start(shell, "install commit", "commit")

    def done() -> None:
        if device.faults.has("commit_refused"):
            _end(device, operation, "aborted", "Error! Commit is not allowed while nodes are not operational")
            return
        own.committed = list(own.active)
        own.points[operation.number] = list(own.active)
        device.log("commit", str(operation.number))
        _end(device, operation, "finished successfully")

    return await _background(shell, operation, COMMIT_S, done, args[0] if args else "")


async def remove(shell: Shell, args: list[str]) -> str:
    """`install remove inactive all`."""
    device, own = shell.device, state(shell)
    used = {p.name for p in [*own.active, *own.committed]}
    gone = [p for p in own.known if p.name not in used]
    operation = _start(shell, "install remove inactive all", "remove")

    def done() -> None:
        if not gone:
            text = "Cannot proceed with the remove operation because there are no packages that can be removed"
            _end(device, operation, f"failed at {log_stamp()}", text)
            return
        own.known = [p for p in own.known if p not in gone]
        own.points = {n: held for n, held in own.points.items() if not any(p in gone for p in held)}
        _end(device, operation, "finished successfully", "Packages removed:", *[f"    {p.name}" for p in gone])

    return await _background(shell, operation, REMOVE_S, done, args[0] if args else "")


async def rollback(shell: Shell, args: list[str]) -> str:
    """`install rollback to committed|N [noprompt]`."""
    device, own = shell.device, state(shell)
    word = args[0].split()[0]
    target = own.committed if word == "committed" else own.points.get(int(word) if word.isdigit() else -1)
    if target is None:
        return f"Error! Rollback point {word} does not exist\n"
    if not await confirmed(shell, args[0]):
        return "Install operation aborted by user\n"
    operation = _start(shell, f"install rollback to {args[0]}", "rollback")

    def done() -> None:
        arm(device, operation, list(target))
        _end(device, operation, "finished successfully")
        device.reload("Install rollback", f"install {operation.number}")

    return await _background(shell, operation, ACTIVATE_S, done, args[0])


async def replace(shell: Shell, args: list[str]) -> str:
    """`install replace /harddisk:/golden.iso [noprompt] [commit]`: add and activate in one."""
    device, own = shell.device, state(shell)
    words = args[0].split()
    if _is_busy(shell):
        return BUSY
    package = read_package(device, words[0])
    if package is None:
        return f"Error! {words[0]} is not a valid ISO for this platform, or does not exist\n"
    if not await confirmed(shell, args[0]):
        return "Install operation aborted by user\n"
    operation = _start(shell, f"install replace {args[0]}", "replace")

    def done() -> None:
        why = cause(device)
        if why:
            _end(device, operation, "aborted", NO_SPACE if why == "space" else BAD_MD5)
            return
        own.known += [package] if package.name not in [p.name for p in own.known] else []
        operation.packages = [package]
        arm(device, operation, [package])
        if "commit" in words:
            own.committed = [package]
        _end(device, operation, "finished successfully")
        device.reload("Install replace", f"install {operation.number}")

    return await _background(shell, operation, ADD_S, done, args[0])


async def request(shell: Shell, args: list[str]) -> str:
    """`show install request`."""
    operation = state(shell).running
    if operation is None:
        return "No install operation in progress\n"
    return f"The install {operation.verb} operation {operation.number} is {operation.percent}% complete\n"


async def log(shell: Shell, args: list[str]) -> str:
    """`show install log [N [detail]]`."""
    words = args[0].split() if args else []
    number = int(words[0]) if words and words[0].isdigit() else 0
    found = [op for op in state(shell).operations if not number or op.number == number]
    rows = []
    for op in found:
        rows += [
            f"{op.started:%b %d %H:%M:%S} Install operation {op.number} started by {op.user}:",
            f"  {op.command}",
            *op.lines,
        ]
    return "\n".join(rows) + ("\n" if rows else "")


def add_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module."""
    for pattern, handler in (
        ("install add source <what...>", add),
        ("install prepare <what...>", prepare),
        ("install activate", activate),
        ("install activate <what...>", activate),
        ("install commit", commit),
        ("install commit <options...>", commit),
        ("admin install commit", commit),
        ("install remove inactive all", remove),
        ("install remove inactive all <options...>", remove),
        ("install rollback to <what...>", rollback),
        ("install replace <what...>", replace),
        ("show install prepare", show_prepare),
        ("show install request", request),
        ("show install log", log),
        ("show install log <what...>", log),
    ):
        grammar.add(pattern, handler)
