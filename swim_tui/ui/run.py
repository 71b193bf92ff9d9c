"""Start the UI on a data directory, and say on leaving what goes on without it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.keymap import NO_OVERRIDES, KeyMap, load_keymap
from swim_tui.ui.shell import Bell
from swim_tui.ui.state import state_file

if TYPE_CHECKING:
    from swim_tui.ui.session import Source

CONFIG_FILE = "config.yaml"


class Connector:
    """Starts the engine the first time if none runs; later it only looks for one, so that `engine stop` holds."""

    def __init__(self, data_dir: Path, *, read_only: bool) -> None:
        self._data_dir, self._read_only, self._first = data_dir, read_only, True

    def start_again(self) -> None:
        """A person wants an engine: the next call starts one if none runs."""
        self._first = True

    async def __call__(self) -> Source:
        """A connected client."""
        from swim_tui.api.client import EngineClient, connect_or_start

        if self._first:
            client = await connect_or_start(self._data_dir, read_only=self._read_only)
            self._first = False
            return client
        client = EngineClient(self._data_dir, self._read_only)
        await client.connect()
        return client


def wants_ascii() -> bool:
    """Terminals that do not speak UTF-8."""
    encoding = (sys.stdout.encoding or "").replace("-", "").casefold()
    return encoding != "utf8"


@dataclass(frozen=True)
class UiConfig:
    """What the configuration file says of the UI: `keys:`, `bell: all|failed|off`, `title: true|false`."""

    keymap: KeyMap = NO_OVERRIDES
    bell: Bell = Bell.FAILED
    title: bool = True


def read_config(path: Path) -> UiConfig:
    """The UI's part of the configuration file; what is wrong with it is told by the key map's problems."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return UiConfig()
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as err:
        return UiConfig(KeyMap({}, (f"{path} is not YAML: {' '.join(str(err).split())}; the default keys hold",)))
    data = data if isinstance(data, dict) else {}
    keymap, problems = NO_OVERRIDES, list[str]()
    keys = data.get("keys")
    if isinstance(keys, dict):
        keymap = load_keymap({str(name): str(value) for name, value in keys.items()})
    elif keys is not None:
        problems.append(f"{path}: keys: must be a list of 'action.id: key' lines; the default keys hold")
    said = data.get("bell", Bell.FAILED)
    said = "off" if said is False else str(said)  # YAML reads a bare `off` as false
    if said not in tuple(Bell):
        problems.append(f"{path}: bell: '{said}' is none of {', '.join(Bell)}; it rings for failures")
        said = Bell.FAILED
    keymap = replace(keymap, problems=(*keymap.problems, *problems)) if problems else keymap
    return UiConfig(keymap, Bell(said), bool(data.get("title", True)))


def run_ui(
    data_dir: Path,
    *,
    read_only: bool = False,
    theme: str | None = None,
    ascii_only: bool = False,
    start_view: str | None = None,
    demo: bool = False,
    watch: str | None = None,
) -> int:
    """Run until the user leaves; prints one line: how many jobs go on and how to come back."""
    from swim_tui.paths import config_dir

    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    connector = Connector(data_dir, read_only=read_only)
    config = read_config(config_dir() / CONFIG_FILE)
    options = UiOptions(
        data_dir=data_dir,
        read_only=read_only,
        theme=theme,
        ascii_only=ascii_only or wants_ascii(),
        start_view=start_view or ("images" if demo else None),
        environment="demo" if demo else "",
        keymap=config.keymap,
        state_path=state_file(),
        bell=config.bell,
        title=config.title,
        watch=watch,
        start_engine=None if demo else connector.start_again,
        welcome=not demo,
    )
    app = SwimApp(options, connector)
    running = app.run()
    if app.next_command:
        os.execv(app.next_command[0], app.next_command)
    sys.stdout.write(farewell(running, data_dir, demo=demo) + "\n")
    return app.return_code or 0


def farewell(running: int | None, data_dir: Path, *, demo: bool = False) -> str:
    """The exit line."""
    from swim_tui.paths import default_data_dir

    command = "swim-tui" if data_dir == default_data_dir() else f"swim-tui --data-dir {data_dir}"
    if demo:
        return "The demo ends with this terminal."
    if not running:
        return f"No job is running. Come back with: {command}"
    jobs = "1 device task goes" if running == 1 else f"{running} device tasks go"
    return f"{jobs} on in the engine. Come back with: {command}"
