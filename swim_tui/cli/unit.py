"""The systemd user unit of an engine: its name and its text."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from swim_tui.paths import APP

KEPT_ENVIRONMENT = ("XDG_CONFIG_HOME",)
"""It decides where an engine finds its vault key; a unit has not the environment of the shell."""

_TEXT = """[Unit]
Description=swim-tui engine for {place}
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
ExecStart={command}
{environment}UMask=0077
Restart=on-failure
RestartSec=5
# Usage, refusal, a data directory in use: trying again mends none of them.
RestartPreventExitStatus=2 3 4
# The engine ends its workers by itself, within ten seconds, and what they did is in its journals.
KillMode=mixed
TimeoutStopSec=15
# A worker that the kernel ends for its memory costs its own tasks, not the engine.
OOMPolicy=continue

[Install]
WantedBy=default.target
"""


def unit_name(data_dir: Path) -> str:
    """`swim-tui.service` for the user's own data directory; another one has a name of its own beside it."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    if data_dir == Path(base) / APP:
        return f"{APP}.service"
    word = re.sub(r"[^A-Za-z0-9_.-]+", "-", data_dir.name).strip("-.") or "engine"
    return f"{APP}-{word}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:6]}.service"


def unit_text(data_dir: Path, python: str, environment: Mapping[str, str], badge: str = "") -> str:
    """The unit; `environment` is that of the shell, of which only what the engine needs is kept."""
    words = [python, "-P", "-m", "swim_tui.engine", "--foreground", "--data-dir", os.fspath(data_dir)]
    words += ["--environment", badge] if badge else []
    kept = [f"{name}={environment[name]}" for name in KEPT_ENVIRONMENT if environment.get(name)]
    return _TEXT.format(
        place=_percent(os.fspath(data_dir)),
        command=" ".join(_quoted(word).replace("$", "$$") for word in words),
        environment="".join(f"Environment={_quoted(text)}\n" for text in kept),
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_percent(escaped)}"'


def _percent(text: str) -> str:
    """A percent sign is a specifier in every value of a unit."""
    return text.replace("%", "%%")
