"""Keys of the user's own: overrides by action id, checked against the registry before they are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from swim_tui.ui.registry import ACTIONS, BY_ID, Action, Scope, key_name

_EDITING = frozenset({"space", "enter", "delete", "home", "end", "left", "right", "up", "down", "ctrl+e", "ctrl+u"})
"""What a field that is typed into takes for itself, beside the letters."""


@dataclass(frozen=True)
class KeyMap:
    """The overrides that hold, and one sentence for each that does not."""

    overrides: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...] = ()

    def keys(self, action: Action) -> tuple[str, ...]:
        """The keys of an action after the overrides."""
        return self.overrides.get(action.id, action.keys)

    def shown(self, action: Action, *, typing: bool = False) -> str:
        """The first key as people read it, empty if it has none; while a text is typed, one that is no text."""
        keys = [key for key in self.keys(action) if not typing or (len(key) > 1 and key not in _EDITING)]
        return key_name(keys[0]) if keys else ""

    def textual(self) -> dict[str, str]:
        """The form `App.set_keymap` takes."""
        return {
            action_id: ",".join("comma" if key == "," else key for key in keys)
            for action_id, keys in self.overrides.items()
        }


NO_OVERRIDES = KeyMap({})


def load_keymap(wanted: Mapping[str, str]) -> KeyMap:
    """Check `id -> "key key"` overrides: unknown ids and clashes are left out and named."""
    overrides: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for action_id, text in wanted.items():
        if action_id not in BY_ID:
            near = get_close_matches(action_id, BY_ID, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"keys: there is no action '{action_id}'{hint}")
            continue
        keys = tuple(text.split())
        clash = _clash(BY_ID[action_id], keys, overrides)
        if not keys:
            problems.append(f"keys: '{action_id}' needs at least one key")
        elif clash:
            problems.append(f"keys: '{text}' for {action_id} is taken by {clash}; it keeps its own keys")
        else:
            overrides[action_id] = keys
    return KeyMap(overrides, tuple(problems))


def _clash(action: Action, keys: tuple[str, ...], overrides: Mapping[str, tuple[str, ...]]) -> str:
    """The id that has one of these keys where this action lives; global keys hold everywhere."""
    for other in ACTIONS:
        if other.id == action.id:
            continue
        meets = other.scope is action.scope or Scope.GLOBAL in (other.scope, action.scope)
        if meets and set(keys) & set(overrides.get(other.id, other.keys)):
            return other.id
    return ""
