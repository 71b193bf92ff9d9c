"""The installer of XR7 (LNT): `install package replace`, `install apply`, `install commit`, transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from .common import ADD_S, COMMIT_S, arm, cause, merged, needs_reload, read_package
from .modern import confirmed
from .packages import Package
from .state import Operation, begin, state, work

BUSY = "Install operation not started: another packaging operation is in progress\n"
TEXTS = {
    "space": "Not enough free disk space for installation",
    "md5": "The ISO is corrupt: checksum mismatch",
    "incompatible": "Package dependencies could not be satisfied",
    "certificate": "The signature of a package could not be verified",
}


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _name(operation: Operation) -> str:
    return f"{operation.number}.1"


def _start(shell: Shell, command: str, verb: str) -> Operation:
    return begin(shell.device, command, verb, shell.link.username)


def _end(device: Device, operation: Operation, word: str, why: str = "") -> None:
    operation.outcome = word
    operation.lines.append(f"State:                  {word} since {_iso(datetime.now(UTC))}")
    operation.lines += [f"Error:                  {why}"] if why else []
    if not operation.is_quiet:
        kind = "succeeded" if word == "Success" else "failed"
        text = f"%INFRA-INSTALL-6-ACTION_COMPLETE : Packaging operation {_name(operation)}: {operation.verb} {kind}"
        device.broadcast(f"RP/0/RP0/CPU0:{datetime.now(UTC):%b %d %H:%M:%S}.000 UTC: instorch[234]: {text}\n")


async def _begun(shell: Shell, operation: Operation, seconds: float, done: Callable[[], None], text: str) -> str:
    operation.is_quiet = "synchronous" in text.split()
    shell.device.start_task(work(shell.device, operation, seconds, done))
    if not operation.is_quiet:
        return (
            f"Install {operation.verb} operation {_name(operation)} has started\n"
            "Install operation will continue in the background\n"
        )
    while operation.is_running:
        shell.term.write("\rCurrent activity: Package add or other package operation")
        await shell.term.wait(max(0.02, shell.device.services.seconds(seconds / 20)))
    return f"\nInstall {operation.verb} operation {_name(operation)}: {operation.outcome}\n"


def _stage(shell: Shell, command: str, verb: str, text: str) -> tuple[Operation, Package | None]:
    path = next((word for word in text.split() if word not in ("source", "synchronous", "noprompt", "commit")), "")
    return _start(shell, command, verb), read_package(shell.device, path)


def _replacer(command: str, verb: str, *, is_applied: bool) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        device, own = shell.device, state(shell)
        if own.running is not None or device.faults.has("install_running"):
            return BUSY
        if is_applied and not await confirmed(shell, args[0]):
            return "Install operation aborted by user\n"
        operation, package = _stage(shell, f"{command} {args[0]}", verb, args[0])

        def done() -> None:
            why = cause(device)
            if package is None or why:
                _end(device, operation, "Failure", TEXTS.get(why, "No valid package was found"))
                return
            own.known += [package] if package.name not in [p.name for p in own.known] else []
            operation.packages = [package]
            own.staged, _ = merged(own, [package])
            if is_applied and needs_reload(own, [package]):
                arm(device, operation, own.staged)
                if "commit" in args[0].split():
                    own.committed = list(own.staged)
                _end(device, operation, "Success")
                device.reload("Install apply", f"install {_name(operation)}")
                return
            _end(device, operation, "Success")

        return await _begun(shell, operation, ADD_S, done, args[0])

    return handler


async def apply(shell: Shell, args: list[str]) -> str:
    """`install apply [reload|restart] [noprompt]`."""
    device, own = shell.device, state(shell)
    text = args[0] if args else ""
    if own.running is not None or device.faults.has("install_running"):
        return BUSY
    if own.staged is None:
        return "Install apply: there are no packaging changes to apply\n"
    if not await confirmed(shell, text):
        return "Install operation aborted by user\n"
    operation = _start(shell, f"install apply {text}".strip(), "apply")
    staged = list(own.staged)

    def done() -> None:
        why = cause(device)
        if why:
            _end(device, operation, "Failure", TEXTS.get(why, "Install apply failed on 0/RP0/CPU0"))
            return
        _end(device, operation, "Success")
        if "restart" in text.split() and not needs_reload(own, staged):
            own.active, own.staged = staged, None
            return
        arm(device, operation, staged)
        device.reload("Install apply", f"install {_name(operation)}")

    return await _begun(shell, operation, 60, done, text)


async def commit(shell: Shell, args: list[str]) -> str:
    """`install commit`."""
    device, own = shell.device, state(shell)
    if own.running is not None or device.faults.has("install_running"):
        return BUSY
    operation = _start(shell, "install commit", "commit")

    def done() -> None:
        if device.faults.has("commit_refused"):
            _end(device, operation, "Failure", "Nodes are not ready for install operations")
            return
        own.committed = list(own.active)
        own.points[operation.number] = list(own.active)
        device.log("commit", str(operation.number))
        _end(device, operation, "Success")

    return await _begun(shell, operation, COMMIT_S, done, args[0] if args else "")


async def rollback(shell: Shell, args: list[str]) -> str:
    """`install rollback TRANSACTION`: staged, an `install apply` follows."""
    device, own = shell.device, state(shell)
    word = args[0].split()[0].partition(".")[0]
    target = own.committed if word == "committed" else own.points.get(int(word) if word.isdigit() else -1)
    if target is None:
        return f"Install rollback: transaction {word} does not exist\n"
    operation = _start(shell, f"install rollback {args[0]}", "rollback")

    def done() -> None:
        own.staged = list(target)
        _end(device, operation, "Success")

    return await _begun(shell, operation, 60, done, args[0])


async def request(shell: Shell, args: list[str]) -> str:
    """`show install request`."""
    own = state(shell)
    if not own.operations:
        return "No install operation in progress\n"
    operation = own.operations[-1]
    rows = [f"User request: {operation.command}", f"Operation ID: {_name(operation)}"]
    if operation.is_running:
        rows.append(f"State:        In progress since {_iso(operation.started)}")
        rows.append("\nCurrent activity:    Package add or other package operation")
        rows.append("Next activity:       Await user input")
        rows.append(f"Time started:        {_iso(operation.started)}")
    else:
        rows.append(operation.lines[0].replace("State:                  ", "State:        "))
        rows += operation.lines[1:]
        rows.append("\nCurrent activity:    Await user input")
        if own.staged is not None:
            rows += [
                "",
                "The following actions are available:",
                "    install apply reload",
                "    install package abort latest",
            ]
        elif not own.is_committed:
            rows += ["", "The following actions are available:", "    install commit"]
    return "\n".join(rows) + "\n"


def add_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module."""
    for pattern, handler in (
        (
            "install package replace <what...>",
            _replacer("install package replace", "package replace", is_applied=False),
        ),
        (
            "install package upgrade <what...>",
            _replacer("install package upgrade", "package upgrade", is_applied=False),
        ),
        ("install package add <what...>", _replacer("install package add", "package add", is_applied=False)),
        ("install replace <what...>", _replacer("install replace", "replace", is_applied=True)),
        ("install apply", apply),
        ("install apply <options...>", apply),
        ("install commit", commit),
        ("install commit <options...>", commit),
        ("install rollback <what...>", rollback),
        ("show install request", request),
    ):
        grammar.add(pattern, handler)
