"""Every path the product uses; private directories are made 0700 on demand."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

DATA_DIR_ENV = "SWIM_TUI_DATA_DIR"
APP = "swim-tui"
_SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes on Linux; leave room for temporary names


def private_dir(path: Path) -> Path:
    """Make a directory with mode 0700 if it is not there, its missing parents too, and return it."""
    for parent in reversed(path.parents):
        parent.mkdir(mode=0o700, exist_ok=True)  # mkdir(parents=True) gives parents the umask's mode
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def user_path(text: str | Path) -> Path:
    """A path with ~ as the home directory; a ~name of nobody stays as it is, and is then a file that is not there."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def shipped_data() -> Path:
    """The `data` folder: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_data"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "data"


def default_data_dir() -> Path:
    """The data directory from SWIM_TUI_DATA_DIR, else the platform's per-user place."""
    named = os.environ.get(DATA_DIR_ENV)
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / APP


def config_dir() -> Path:
    """Where the user's configuration and the vault key live (never inside the data directory)."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / APP


def state_dir() -> Path:
    """Where the UI keeps its state (last view, sorts)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / APP


@dataclass(frozen=True)
class DataPaths:
    """The layout of one data directory (ARCHITECTURE 5)."""

    root: Path

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def incoming(self) -> Path:
        return self.root / "images" / "incoming"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def configs(self) -> Path:
        return self.root / "configs"

    @property
    def known_hosts(self) -> Path:
        return self.root / "known_hosts"

    @property
    def vault(self) -> Path:
        return self.root / "vault.json"

    @property
    def engine_json(self) -> Path:
        return self.root / "engine.json"

    @property
    def engine_lock(self) -> Path:
        return self.root / "engine.lock"

    @property
    def workers_lock(self) -> Path:
        return self.root / "workers.lock"

    @property
    def workers_json(self) -> Path:
        return self.root / "workers.json"

    @property
    def engine_log(self) -> Path:
        return self.root / "engine.log"

    def run(self, run_id: str) -> Path:
        """The folder of one run."""
        return self.runs / run_id

    def socket(self) -> Path:
        """Where the engine listens: in the data directory, or in a short private place if that path is long."""
        here = self.root / "engine.sock"
        if len(os.fsencode(here)) <= _SOCKET_PATH_MAX:
            return here
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        name = Path(f"{APP}-{os.getuid()}") / f"{digest}.sock"  # in a 0700 directory of ours
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")
        return base / name if len(os.fsencode(base / name)) <= _SOCKET_PATH_MAX else Path("/tmp") / name

    def prepare(self) -> None:
        """Make the private directories of a data directory."""
        for path in (self.root, self.store, self.images, self.incoming, self.runs, self.configs):
            private_dir(path)
