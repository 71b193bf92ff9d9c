"""What the UI remembers between sessions; a damaged file is set aside and never blocks the start."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from swim_tui.paths import private_dir, state_dir


@dataclass(frozen=True)
class SortState:
    """What is remembered of one table."""

    column: str = ""
    reverse: bool = False
    wide: bool = False
    hidden: tuple[str, ...] = ()
    filter: str = ""


@dataclass
class UiState:
    """Last view, theme, zone of times, and per table its sort, columns and filter; never marks."""

    last_view: str = "images"
    theme: str = ""
    utc: bool = False
    tables: dict[str, SortState] = field(default_factory=dict)
    welcomed: bool = False


def state_file() -> Path:
    """Where it lies."""
    return state_dir() / "ui.json"


def load_state(path: Path) -> tuple[UiState, str]:
    """The state and, if the file was damaged, one sentence about where it was put."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _from_data(data), ""
    except FileNotFoundError:
        return UiState(), ""
    except (OSError, ValueError, TypeError, AttributeError) as err:
        return UiState(), _set_aside(path, err)


def _set_aside(path: Path, err: Exception) -> str:
    aside = path.with_suffix(".json.damaged")
    try:
        path.replace(aside)
    except OSError:
        return f"the saved screen state {path} cannot be read ({err}); starting with defaults"
    return f"the saved screen state was damaged and is now {aside}; starting with defaults"


def _from_data(data: Mapping[str, Any]) -> UiState:
    tables = {
        str(name): SortState(
            column=str(entry.get("column", "")),
            reverse=bool(entry.get("reverse", False)),
            wide=bool(entry.get("wide", False)),
            hidden=tuple(str(key) for key in entry.get("hidden", ())),
            filter=str(entry.get("filter", "")),
        )
        for name, entry in data.get("tables", {}).items()
    }
    return UiState(
        str(data.get("last_view", "images")),
        str(data.get("theme", "")),
        bool(data.get("utc", False)),
        tables,
        bool(data.get("welcomed", False)),
    )


def save_state(path: Path, state: UiState) -> None:
    """Write it whole or not at all."""
    private_dir(path.parent)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    draft.replace(path)
