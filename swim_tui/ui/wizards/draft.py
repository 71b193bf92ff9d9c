"""What a person has chosen in a wizard so far; it outlives the page, so that Esc loses nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from swim_tui.model.options import JobOptions
from swim_tui.model.words import counted
from swim_tui.paths import private_dir


@dataclass
class Draft:
    """Choices by step; images are ids, devices are names, `form` holds the texts of fields as they were typed."""

    kind: str
    step: int = 0
    furthest: int = 0
    source: str = ""
    run_id: str = ""
    images: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    image_of: dict[str, str] = field(default_factory=dict)
    location_of: dict[str, str] = field(default_factory=dict)
    server_of: dict[str, str] = field(default_factory=dict)
    options: JobOptions | None = None
    consents: list[str] = field(default_factory=list)
    form: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen that would be a pity to lose."""
        return not (self.images or self.devices or self.files or self.run_id or self.furthest)

    def summary(self) -> str:
        """`2 images, 12 devices, step 3`."""
        counts = ((self.images, "image"), (self.devices, "device"), (self.files, "file"))
        words = [counted(len(found), word) for found, word in counts if found]
        return ", ".join([*words, f"step {self.step + 1}"])


_DRAFTS: WeakKeyDictionary[App[Any], dict[str, Draft]] = WeakKeyDictionary()


def drafts_file(app: App[Any]) -> Path | None:
    """Where drafts outlive the program: beside the screen state, those of each data directory for themselves.

    What was chosen in a lab is never offered where the same names are devices of a network. None: nothing is kept.
    """
    options = getattr(app, "options", None)
    path = getattr(options, "state_path", None)
    if options is None or path is None:
        return None
    store = sha256(os.fsencode(options.data_dir.absolute())).hexdigest()[:12]
    return Path(path).with_name(f"drafts-{store}.json")


def _held(app: App[Any]) -> dict[str, Draft]:
    if app not in _DRAFTS:
        path = drafts_file(app)
        _DRAFTS[app] = load_drafts(path) if path is not None else {}
    return _DRAFTS[app]


def load_drafts(path: Path) -> dict[str, Draft]:
    """The drafts of the last session; a file that cannot be read is set aside and blocks nothing."""
    from pydantic import TypeAdapter, ValidationError

    try:
        found = TypeAdapter(dict[str, Draft]).validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        with suppress(OSError):
            path.replace(path.with_suffix(".json.damaged"))
        return {}
    return {kind: draft for kind, draft in found.items() if kind == draft.kind}


def save(app: App[Any]) -> None:
    """Write the drafts whole or not at all; one that says nothing is not kept. OSError if it cannot be written."""
    path = drafts_file(app)
    if path is None or app not in _DRAFTS:
        return
    from pydantic import TypeAdapter

    wanted = {kind: draft for kind, draft in _DRAFTS[app].items() if not draft.is_empty}
    if not wanted:
        path.unlink(missing_ok=True)
        return
    private_dir(path.parent)
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    fresh.touch(mode=0o600)
    fresh.write_bytes(TypeAdapter(dict[str, Draft]).dump_json(wanted, indent=1))
    fresh.replace(path)


def kept(app: App[Any], kind: str) -> Draft | None:
    """The draft that was left behind, now or in an earlier session, if there is one."""
    return _held(app).get(kind)


def keep(app: App[Any], draft: Draft) -> None:
    """Keep a draft until it is submitted."""
    _held(app)[draft.kind] = draft


def drop(app: App[Any], kind: str) -> None:
    """A draft became a job, or is not wanted any more."""
    _held(app).pop(kind, None)
    save_quietly(app)


def save_quietly(app: App[Any]) -> None:
    """Save; a disk that is full costs the draft of the next session, not this one."""
    try:
        save(app)
    except OSError as err:
        app.log(f"drafts were not saved: {err}")


def fresh(kind: str, *, images: Iterable[str] = (), devices: Iterable[str] = ()) -> Draft:
    """A new draft with what was marked where the wizard was opened."""
    names = list(devices)
    return Draft(kind, images=list(images), devices=names, carried=list(names))
