"""doctor and info: is everything here, and where is it."""

from __future__ import annotations

import json
import locale
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from pathlib import Path

import click

import swim_tui
from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.checkup import Finding, look_at_engine
from swim_tui.cli.output import emit, fields, plain, size, table, tell
from swim_tui.paths import DATA_DIR_ENV, DataPaths, config_dir, shipped_data, state_dir

GOOD_COLUMNS, GOOD_LINES = 80, 24
LOW_DISK_BYTES = 2 * 2**30
LIBRARIES = ("textual", "netmiko", "paramiko", "asyncssh", "aiohttp", "pydantic", "tinydb", "click", "cryptography")
_ALGORITHMS = """
import json, paramiko
t = paramiko.Transport
print(json.dumps({"kex": t._preferred_kex, "ciphers": t._preferred_ciphers, "keys": t._preferred_keys}))
"""


@click.command()
@click.option("--jumps", is_flag=True, help="Also log in to every jump host, once.")
@click.option("--devices", is_flag=True, help="Also list what each device negotiated last.")
@common_options
@pass_app
def doctor(app: App, jumps: bool, devices: bool) -> int:
    """Look at terminal, SSH, clock, disk, store, vault, host keys and engine; exit code 1 if something is failed."""
    checks: list[Callable[[App], Finding]] = [_terminal, _encoding, _ssh, _clock, _zones, _disk, _files, _agent]
    found = [check(app) for check in checks]
    found += look_at_engine(app, jumps=jumps, devices=devices)
    if app.as_json:
        emit(found)
    else:
        table(("check", "verdict", "found", "what to do"), [(f.name, f.verdict, f.actual, f.action) for f in found])
    return 1 if any(f.verdict == "failed" for f in found) else 0


def _terminal(app: App) -> Finding:
    if not sys.stdout.isatty():
        return Finding("terminal", "ok", "stdout is no terminal: commands work, the UI needs one")
    columns, lines = shutil.get_terminal_size()
    term = os.environ.get("TERM", "")
    colours = "true colour" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256 colours or fewer"
    actual = f"{term or 'TERM is not set'}, {columns}x{lines}, {colours}"
    if term in ("", "dumb"):
        return Finding("terminal", "warning", actual, "set TERM to what your terminal is, such as xterm-256color")
    if columns < GOOD_COLUMNS or lines < GOOD_LINES:
        return Finding("terminal", "warning", actual, f"make it at least {GOOD_COLUMNS}x{GOOD_LINES}")
    return Finding("terminal", "ok", actual)


def _encoding(app: App) -> Finding:
    found = (sys.stdout.encoding or locale.getpreferredencoding(False)).lower()
    if "utf" in found:
        return Finding("encoding", "ok", found)
    return Finding("encoding", "warning", found, "use a UTF-8 locale, such as LANG=C.UTF-8")


def _ssh(app: App) -> Finding:
    """In a process of its own: a client never imports the SSH library."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ALGORITHMS], capture_output=True, text=True, timeout=30, check=False
    )  # fmt: skip
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        return Finding("SSH", "failed", words[-1] if words else "no answer", "install swim-tui again")
    offered = json.loads(done.stdout)
    old = [name for name in (*offered["kex"], *offered["keys"]) if name.endswith("sha1") or name == "ssh-rsa"]
    legacy = "legacy devices can be reached" if old else "legacy devices cannot be reached"
    actual = f"{len(offered['kex'])} key exchanges, {len(offered['ciphers'])} ciphers; {legacy}"
    return Finding("SSH", "ok" if old else "warning", actual, "" if old else "paramiko 4 is needed for old devices")


def _clock(app: App) -> Finding:
    now = datetime.now().astimezone()
    actual = f"{now:%Y-%m-%d %H:%M:%S %z}"
    if now.year < 2024:
        return Finding("clock", "failed", actual, "set the clock: schedules and certificates depend on it")
    return Finding("clock", "ok", actual)


def _zones(app: App) -> Finding:
    from zoneinfo import ZoneInfo, available_timezones

    from swim_tui.model.when import machine_zone

    count = len(available_timezones())
    if count == 0 or ZoneInfo("America/New_York").utcoffset(datetime.now()) is None:  # noqa: DTZ005  any time will do
        return Finding("time zones", "failed", "no zone database", "install tzdata")
    return Finding("time zones", "ok", f"{machine_zone().key}, {count} zones known")


def _disk(app: App) -> Finding:
    place = app.data_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < LOW_DISK_BYTES:
        return Finding("disk", "warning", f"{size(free)} free at {place}", "images need room: free some, or move it")
    return Finding("disk", "ok", f"{size(free)} free at {place}")


def _files(app: App) -> Finding:
    root = app.data_dir
    if not root.exists():
        return Finding("data directory", "ok", f"{root} will be made on first use")
    found = root.stat()
    if found.st_uid != os.getuid():
        return Finding("data directory", "failed", f"{root} belongs to another user", "use one of yours: --data-dir")
    if found.st_mode & 0o077:
        return Finding("data directory", "failed", f"others can enter {root}", f"chmod 700 {root}")
    if not os.access(root, os.W_OK | os.X_OK):
        return Finding("data directory", "failed", f"{root} cannot be written", f"chmod u+rwx {root}")
    return Finding("data directory", "ok", str(root))


def _agent(app: App) -> Finding:
    path = os.environ.get("SSH_AUTH_SOCK", "")
    if not path:
        return Finding("SSH agent", "ok", "none in this terminal; only profiles with --agent need one")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError as err:
            return Finding("SSH agent", "warning", f"{path}: {err.strerror}", "start one: eval $(ssh-agent); ssh-add")
    return Finding("SSH agent", "ok", f"{path} answers; the engine uses it")


@click.command()
@common_options
@pass_app
def info(app: App) -> None:
    """Every path and version."""
    paths = DataPaths(app.data_dir)
    content: dict[str, str | Path] = {
        "version": swim_tui.__version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "data_dir": paths.root,
        "data_dir_from": DATA_DIR_ENV if os.environ.get(DATA_DIR_ENV) else "default, or --data-dir",
        "store": paths.store,
        "images": paths.images,
        "runs": paths.runs,
        "configs": paths.configs,
        "socket": paths.socket(),
        "engine_log": paths.engine_log,
        "vault": paths.vault,
        "vault_key": _vault_key(paths.vault),
        "own_packs": config_dir() / "packs",
        "shipped_data": shipped_data(),
        "ui_state": state_dir(),
    }
    versions = {name: _version(name) for name in LIBRARIES}
    if app.as_json:
        emit({**content, "libraries": versions})
        return
    fields([(key.replace("_", " "), value) for key, value in content.items()])
    fields(versions.items())
    tell("what is wrong, if anything: swim-tui doctor")


def _vault_key(vault: Path) -> str:
    """What opens the vault, as its file says in the clear: after a rotation it is another key than the first one."""
    try:
        found = json.loads(vault.read_text())
        kind, hints = str(found["key_kind"]), dict(found["key_hints"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{config_dir() / 'vault.key'} (made on first use)"
    named = {"key file": hints.get("path", ""), "keyring": f"keyring entry '{hints.get('account', 'vault')}'"}
    return plain(str(named.get(kind, kind)))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
