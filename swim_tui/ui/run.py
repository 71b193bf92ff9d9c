"""Start the UI on a data directory, and say on leaving what goes on without it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.keymap import KeyMap, load_keymap
from swim_tui.ui.state import state_file

if TYPE_CHECKING:
    from swim_tui.ui.session import Source

CONFIG_FILE = "config.yaml"


class Connector:
    """Starts the engine the first time if none runs; later it only looks for one, so that `engine stop` holds."""

    def __init__(self, data_dir: Path, *, read_only: bool) -> None:
        self._data_dir, self._read_only, self._first = data_dir, read_only, True

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


def read_keymap(path: Path) -> KeyMap:
    """Overrides under `keys:` of the configuration file; no file, no overrides."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return KeyMap({})
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as err:
        return KeyMap({}, (f"{path} is not YAML: {' '.join(str(err).split())}; the default keys hold",))
    keys = data.get("keys") if isinstance(data, dict) else None
    if keys is None:
        return KeyMap({})
    if not isinstance(keys, dict):
        return KeyMap({}, (f"{path}: keys: must be a list of 'action.id: key' lines; the default keys hold",))
    return load_keymap({str(name): str(value) for name, value in keys.items()})


def run_ui(
    data_dir: Path,
    *,
    read_only: bool = False,
    theme: str | None = None,
    ascii_only: bool = False,
    start_view: str | None = None,
    demo: bool = False,
) -> int:
    """Run until the user leaves; prints one line: how many jobs go on and how to come back."""
    from swim_tui.paths import config_dir

    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    options = UiOptions(
        data_dir=data_dir,
        read_only=read_only,
        theme=theme,
        ascii_only=ascii_only or wants_ascii(),
        start_view=start_view or ("images" if demo else None),
        environment="demo" if demo else "",
        keymap=read_keymap(config_dir() / CONFIG_FILE),
        state_path=state_file(),
    )
    app = SwimApp(options, Connector(data_dir, read_only=read_only))
    running = app.run()
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
