"""What a person has chosen in a wizard so far; it outlives the page, so that Esc loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from swim_tui.model.options import JobOptions


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
        words = [f"{len(found)} {word}{'s' if len(found) > 1 else ''}" for found, word in counts if found]
        return ", ".join([*words, f"step {self.step + 1}"])


_DRAFTS: WeakKeyDictionary[App[Any], dict[str, Draft]] = WeakKeyDictionary()


def kept(app: App[Any], kind: str) -> Draft | None:
    """The draft that was left behind, if there is one."""
    return _DRAFTS.get(app, {}).get(kind)


def keep(app: App[Any], draft: Draft) -> None:
    """Keep a draft until it is submitted."""
    _DRAFTS.setdefault(app, {})[draft.kind] = draft


def drop(app: App[Any], kind: str) -> None:
    """A draft became a job, or is not wanted any more."""
    _DRAFTS.get(app, {}).pop(kind, None)


def fresh(kind: str, *, images: Iterable[str] = (), devices: Iterable[str] = ()) -> Draft:
    """A new draft with what was marked where the wizard was opened."""
    names = list(devices)
    return Draft(kind, images=list(images), devices=names, carried=list(names))
