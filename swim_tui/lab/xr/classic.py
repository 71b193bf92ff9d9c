"""The installer of 32-bit IOS-XR: `admin install add|activate|commit|remove|rollback` with pies."""

from __future__ import annotations

from functools import partial

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
from .shell import long_stamp
from .state import Operation, begin, state, state_of, work

SPINNER = "/-\\|"
OPTIONS = ("synchronous", "asynchronous", "parallel-reload", "auto-abort-timer", "activate", "force")
BUSY = "Error:    Cannot proceed with the operation as another install command is currently in operation.\n"
EXPIRED = "Cannot proceed with the add operation because the code signing certificate has expired."


def _words(text: str) -> tuple[list[str], bool, bool]:
    """(operands, synchronous, without question)."""
    words = text.split()
    is_silent = "prompt-level" in words
    if is_silent:
        at = words.index("prompt-level")
        del words[at : at + 2]
    return [w for w in words if w not in OPTIONS], "synchronous" in words, is_silent


def _start(shell: Shell, command: str, verb: str) -> Operation:
    operation = begin(shell.device, f"(admin) {command}", verb, shell.link.username)
    shell.term.write(
        f"Install operation {operation.number} '(admin) {command}' started by user '{shell.link.username}' "
        f"via CLI at {long_stamp()}.\n"
    )
    return operation


def _end(device: Device, operation: Operation, word: str = "completed successfully") -> None:
    operation.outcome = word
    operation.lines.append(f"Install operation {operation.number} {word} at {long_stamp()}.")
    # The messages come whenever they come: after a prompt, glued to it.
    if not operation.is_quiet:
        device.broadcast("\n".join(operation.lines) + "\n")


async def _follow(shell: Shell, operation: Operation, seconds: float, done: partial[None], is_sync: bool) -> str:
    """In the background, or with a spinner until it is done."""
    device = shell.device
    operation.is_quiet = is_sync
    device.start_task(work(device, operation, seconds, done))
    if not is_sync:
        return "The install operation will continue asynchronously.\n"
    spinner = 0
    while operation.is_running:
        can = "can still" if operation.percent < 90 else "can no longer"
        tail = " (ctrl-c for options)" if operation.percent < 90 else ""
        shell.term.write(
            f"\r{SPINNER[spinner % 4]} {operation.percent}% complete: The operation {can} be aborted{tail}"
        )
        spinner += 1
        await shell.term.wait(max(0.02, device.services.seconds(seconds / 20)))
    shell.term.write("\r\n")
    return "\n".join(operation.lines) + "\n"


def _fail(device: Device, operation: Operation, lines: list[str], word: str = "failed") -> None:
    operation.lines += [f"Error:    {line}" for line in lines]
    _end(device, operation, word)


async def add(shell: Shell, args: list[str]) -> str:
    """`admin install add source WHERE FILES...`."""
    device, own = shell.device, state(shell)
    operands, is_sync, _ = _words(args[0])
    if own.running is not None or device.faults.has("install_running"):
        return BUSY
    if operands and operands[0] == "tar":
        operands = operands[1:]
    paths = await sources(shell, operands[0], operands[1:])
    if isinstance(paths, str):
        return paths
    operation = _start(shell, f"install add source {args[0]}", "add")
    missing = [path for path in paths if not exists(device, path)]
    if missing:
        operation.is_quiet = True
        _fail(device, operation, [f"Couldn't open file {missing[0]}: No such file or directory"])
        return "\n".join(operation.lines) + "\n"

    def done() -> None:
        why = cause(device)
        found = [read_package(device, path) for path in paths]
        if why == "certificate":
            _fail(device, operation, [EXPIRED])
        elif None in found or why in ("md5", "failure"):
            _fail(device, operation, ["The pie is corrupt or is not for this platform."], "completed with failure")
        elif why == "space":
            _fail(device, operation, ["Not enough free disk space on disk0:."])
        else:
            _added(device, operation, [p for p in found if p is not None])

    return await _follow(shell, operation, ADD_S * len(paths), partial(done), is_sync)


def _added(device: Device, operation: Operation, found: list[Package]) -> None:
    own = state_of(device)
    new = [p for p in found if p.name not in [known.name for known in own.known]]
    if device.faults.has("xr_add_warns") or len(new) < len(found):
        operation.lines.append("Warning:  The following package is already in the package repository:")
        operation.lines += [f"Warning:      {p.name}" for p in found if p not in new]
    own.known += new
    operation.packages = found
    if new:
        operation.lines.append("Info:     The following packages are now available to be activated:")
        operation.lines += ["Info:     ", *[f"Info:         {p.name}" for p in new], "Info:     "]
        operation.lines.append("Info:     The packages can be activated across the entire router.")
        operation.lines.append("Info:     ")
    _end(device, operation)


def _wanted(shell: Shell, operands: list[str]) -> list[Package]:
    own = state(shell)
    if operands[:1] == ["id"]:
        found: list[Package] = []
        for number in operands[1:]:
            operation = own.operation(int(number)) if number.isdigit() else None
            found += operation.packages if operation else []
        return found
    names = [name if ":" in name else f"disk0:{name}" for name in operands]
    return [p for p in own.known if p.name in names]


async def activate(shell: Shell, args: list[str]) -> str:
    """`admin install activate id N|PACKAGES...`."""
    device, own = shell.device, state(shell)
    operands, is_sync, is_silent = _words(args[0])
    if own.running is not None or device.faults.has("install_running"):
        return BUSY
    wanted = _wanted(shell, operands)
    operation = _start(shell, f"install activate {args[0]}", "activate")
    after, left = merged(own, wanted)
    if not wanted or left or cause(device) == "incompatible":
        operation.is_quiet = True
        lines = ["Cannot proceed with the activate operation because there are no packages to activate."]
        if wanted:
            names = [f"    {p.name} needs to be upgraded/deactivated" for p in left or own.active[-1:]]
            lines = ["The following packages are incompatible with the packages being activated:", *names]
        _fail(device, operation, lines)
        return "\n".join(operation.lines) + "\n"
    reloads = needs_reload(own, wanted)
    if reloads:
        shell.term.write(
            "Info:     Install Method: Parallel Reload\nInfo:     This operation will reload the following nodes in "
            "parallel:\nInfo:         0/RSP0/CPU0 (RP) (SDR: Owner)\nInfo:         0/0/CPU0 (LC) (SDR: Owner)\n"
        )
    if not is_silent:
        typed = (await shell.term.read_line("Proceed with this install operation (y/n)? [y]")).strip().lower()
        if typed not in ("", "y", "yes"):
            operation.is_quiet = True
            _end(device, operation, "aborted")
            return f"Install operation {operation.number} aborted at {long_stamp()}.\n"

    def done() -> None:
        if cause(device):
            _fail(device, operation, ["A node did not respond to the install director."], "completed with failure")
            return
        operation.lines += [
            "Info:     The changes made to software configurations will not be persistent across system reloads. "
            "Use the command '(admin) install commit' to make changes persistent.",
            "Info:     Please verify that the system is consistent following the software change using the following "
            "commands:",
            "Info:         show system verify",
            "Info:         install verify packages",
        ]
        if reloads:
            arm(device, operation, after)
            _end(device, operation)
            device.reload("Install activate", f"install {operation.number}")
        else:
            own.active = after
            own.points[operation.number] = list(after)
            _end(device, operation)

    return await _follow(shell, operation, ACTIVATE_S, partial(done), is_sync)


async def commit(shell: Shell, args: list[str]) -> str:
    """`admin install commit`."""
    device, own = shell.device, state(shell)
    if own.running is not None or device.faults.has("install_running"):
        return BUSY
    if device.faults.has("commit_refused"):
        return "Error:    Cannot proceed with the commit operation because not all nodes are in IOS XR RUN.\n"
    operation = _start(shell, "install commit", "commit")
    operation.is_quiet = True
    await shell.term.wait(device.services.seconds(COMMIT_S))
    if own.is_committed:
        _fail(device, operation, ["The currently active software is already committed."])
        return "\n".join(operation.lines) + "\n"
    own.committed = list(own.active)
    own.points[operation.number] = list(own.active)
    operation.lines.append("Info:     The currently active software is now the same as the committed software.")
    _end(device, operation)
    name = "%INSTALL-INSTMGR-4-ACTIVE_SOFTWARE_COMMITTED_INFO"
    device.log("commit", str(operation.number))
    return (
        "\n".join(operation.lines)
        + f"\nRP/0/RSP0/CPU0:instdir[255]: {name} : The currently active software is now committed.\n"
    )


async def remove(shell: Shell, args: list[str]) -> str:
    """`admin install remove inactive`."""
    device, own = shell.device, state(shell)
    _, is_sync, is_silent = _words(args[0] if args else "")
    used = {p.name for p in [*own.active, *own.committed]}
    gone = [p for p in own.known if p.name not in used]
    operation = _start(shell, "install remove inactive", "remove")
    if not gone:
        operation.is_quiet = True
        text = "Cannot proceed with the remove operation because there are no packages that can be removed."
        _fail(device, operation, [text])
        return "\n".join(operation.lines) + "\n"
    for package in gone:
        shell.term.write(f"Info:     This operation will remove the following package:\nInfo:         {package.name}\n")
    shell.term.write(
        "Info:     After this install remove the following install rollback points will no longer be reachable\n"
    )
    if not is_silent and not await shell.term.confirm("Proceed with removing these packages? [confirm]"):
        operation.is_quiet = True
        _end(device, operation, "aborted")
        return ""

    def done() -> None:
        own.known = [p for p in own.known if p not in gone]
        own.points = {n: set_ for n, set_ in own.points.items() if not any(p in gone for p in set_)}
        _end(device, operation)

    return await _follow(shell, operation, REMOVE_S, partial(done), is_sync)


async def rollback(shell: Shell, args: list[str]) -> str:
    """`admin install rollback to committed|N`."""
    device, own = shell.device, state(shell)
    operands, is_sync, is_silent = _words(args[0])
    target = (
        own.committed
        if operands[0] == "committed"
        else own.points.get(int(operands[0]) if operands[0].isdigit() else -1)
    )
    if target is None:
        return f"Error:    Rollback point {operands[0]} does not exist.\n"
    operation = _start(shell, f"install rollback to {args[0]}", "rollback")
    if not is_silent:
        typed = (await shell.term.read_line("Proceed with this install operation (y/n)? [y]")).strip().lower()
        if typed not in ("", "y", "yes"):
            operation.is_quiet = True
            _end(device, operation, "aborted")
            return ""

    def done() -> None:
        arm(device, operation, list(target))
        _end(device, operation)
        device.reload("Install rollback", f"install {operation.number}")

    return await _follow(shell, operation, ACTIVATE_S, partial(done), is_sync)


async def request(shell: Shell, args: list[str]) -> str:
    """`show install request`."""
    operation = state(shell).running
    if operation is None:
        return "There are no install requests in operation.\n"
    can = "can still be aborted (ctrl-c for options)" if operation.percent < 90 else "can no longer be aborted"
    return (
        f"Install operation {operation.number} '{operation.command}' started by user '{operation.user}'.\n"
        f"The operation is {operation.percent}% complete\nThe operation {can}.\n"
    )


async def log(shell: Shell, args: list[str]) -> str:
    """`show install log [N [detail]]`."""
    words = args[0].split() if args else []
    number = int(words[0]) if words and words[0].isdigit() else 0
    found = [op for op in state(shell).operations if not number or op.number == number]
    return "\n".join(
        "\n".join([f"Install operation {op.number} '{op.command}' started by user '{op.user}'", *op.lines])
        for op in found
    ) + ("\n" if found else "")


def add_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module: with `admin` in front."""
    for pattern, handler in (
        ("admin install add source <what...>", add),
        ("admin install add tar <what...>", add),
        ("admin install activate <what...>", activate),
        ("admin install commit", commit),
        ("admin install commit synchronous", commit),
        ("admin install remove inactive", remove),
        ("admin install remove inactive <options...>", remove),
        ("admin install rollback to <what...>", rollback),
        ("show install request", request),
        ("admin show install request", request),
        ("show install log", log),
        ("show install log <what...>", log),
        ("admin show install log", log),
        ("admin show install log <what...>", log),
    ):
        grammar.add(pattern, handler)
