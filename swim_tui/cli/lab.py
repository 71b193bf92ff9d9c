"""lab: a simulated network to rehearse with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import emit, emit_line, say, table, tell
from swim_tui.errors import Conflict, EngineUnavailable, Refused


def dir_option(function: Any) -> Any:
    """--dir, the directory of a lab."""
    return click.option(
        "--dir",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        help="Directory of the lab (default: lab in the data directory).",
    )(function)


def _folder(app: App, folder: Path | None) -> Path:
    return (folder or app.data_dir / "lab").expanduser().absolute()


@click.group(cls=CommandGroup)
@common_options
def lab() -> None:
    """A simulated network: real SSH, real bytes, real reloads, on loopback."""


def start_lab(
    file: str, folder: Path, options: list[str], pass_fds: tuple[int, ...] = ()
) -> tuple[Any, dict[str, Any]]:
    """Start a lab process that ends with this one; returns it and what it says when it is ready."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-P",
        "-m",
        "swim_tui.lab",
        "up",
        file,
        "--dir",
        str(folder),
        "--exit-with-parent",
        *options,
    ]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=pass_fds
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018  both are pipes
    line = process.stdout.readline()
    if not line:
        words = process.stderr.read().strip().splitlines()
        process.wait()
        raise Refused(
            detail=f"the lab did not start: {words[-1] if words else 'it ended without a word'}",
            action="mend what it names; shipped networks: swim-tui lab up demo",
        )
    ready: dict[str, Any] = json.loads(line)
    return process, ready


@lab.command()
@click.argument("file", default="demo")
@dir_option
@click.option("--time-scale", type=click.FloatRange(min=0, min_open=True), help="Divides all durations.")
@click.option("--size-scale", type=click.FloatRange(min=0, min_open=True), help="Divides image and flash sizes.")
@click.option("--addresses", type=click.Choice(["virtual", "own", "loopback"]), default=None)
@click.option("--faults", type=click.Path(path_type=Path, dir_okay=False), help="A fault overlay file.")
@common_options
@pass_app
def up(
    app: App, file: str, folder: Path | None, time_scale: float | None, size_scale: float | None,
    addresses: str | None, faults: Path | None,
) -> int:  # fmt: skip
    """Start the network of FILE (or a shipped one by name) and stay until `lab down` or Ctrl-C."""
    options: list[str] = []
    given = {"--time-scale": time_scale, "--size-scale": size_scale, "--addresses": addresses, "--faults": faults}
    for flag, value in given.items():
        options += [flag, str(value)] if value is not None else []
    place = _folder(app, folder)
    process, ready = start_lab(file, place, options)
    try:
        _announce(app, ready)
        code: int = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    tell("the lab is down")
    return code


def _announce(app: App, ready: dict[str, Any]) -> None:
    if app.as_json:
        emit_line(ready)
        return
    say(f"inventory    {ready['inventory']}")
    say(f"images       {ready['images_dir']}")
    for name, place in ready["jumps"].items():
        say(f"jump host    {name} {place}")
    say(f"credentials  {', '.join(f'{k} {v}' for k, v in ready['credentials'].items())}")
    sys.stdout.flush()
    scale = f"{ready['time_scale']:g}"
    tell(f"{ready['devices']} devices are up; waits are divided by {scale}: swim-tui settings set waits.scale {scale}")
    tell(f"import them: swim-tui devices import {ready['inventory']}; end it: swim-tui lab down, or Ctrl-C")


def ask(folder: Path, command: dict[str, Any]) -> dict[str, Any]:
    """One request to a running lab; its refusals in this program's words."""
    from swim_tui.lab.control import LabNotRunning, LabRefused, request

    try:
        return request(folder, command)
    except LabNotRunning as err:
        raise LabUnavailable(detail=str(err)) from None
    except LabRefused as err:
        raise Conflict(detail=str(err), action="see: swim-tui lab status") from None


class LabUnavailable(EngineUnavailable):
    """No lab answers."""

    code = "SWIM-3015"
    text = "{detail}"
    remedy = "start one: swim-tui lab up demo; name its directory with --dir"


@lab.command()
@dir_option
@common_options
@pass_app
def down(app: App, folder: Path | None) -> None:
    """End the lab."""
    ask(_folder(app, folder), {"command": "down"})
    emit({"down": True}) if app.as_json else tell("the lab goes down")


@lab.command()
@dir_option
@common_options
@pass_app
def status(app: App, folder: Path | None) -> None:
    """What each simulated device, jump host and SWIM server does."""
    found = ask(_folder(app, folder), {"command": "status"})
    if app.as_json:
        emit(found)
        return
    rows = [
        (d["name"], d["address"], d["phase"], d["version"], d["image"], ", ".join(d["faults"]))
        for d in found["devices"]
    ]
    for kind, hosts in (("jump host", found["jumps"]), ("SWIM server", found.get("servers", []))):
        for host in hosts:
            code = f"asks for the code {host['code']}" if "code" in host else ""
            rows.append((host["name"], host["address"], kind, "", code, ", ".join(host["faults"])))
    table(("name", "address", "phase", "version", "image", "faults"), rows)


@lab.command()
@click.argument("device")
@click.argument("fault", metavar="FAULT[=VALUE]")
@click.option("--clear", is_flag=True, help="Take the fault away (FAULT 'all': every one).")
@dir_option
@common_options
@pass_app
def fault(app: App, device: str, fault: str, clear: bool, folder: Path | None) -> None:
    """Give a device or jump host a fault while the lab runs."""
    change = {"clear": "" if fault == "all" else fault.split("=")[0]} if clear else {"set": fault}
    found = ask(_folder(app, folder), {"command": "fault", "device": device, **change})
    emit(found) if app.as_json else tell(f"{device}: {', '.join(found['faults']) or 'no faults'}")
