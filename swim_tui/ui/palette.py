"""The palette's index: every action, views with an argument, device names; no widget in here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from swim_tui.ui.keymap import KeyMap
from swim_tui.ui.registry import ACTIONS, SCOPE_TITLES, Action, Scope

ARGUMENT_VIEWS = {
    "global.view_jobs": "filter",
    "global.view_devices": "device name or filter",
    "global.view_repository": "image name or filter",
    "global.view_log": "filter",
}


@dataclass(frozen=True)
class Entry:
    """One line of the palette; `argument` is what was typed behind the command."""

    action: Action
    here: bool
    keys: str
    argument: str = ""

    @property
    def command(self) -> str:
        """The word that Tab completes to."""
        return self.action.aliases[0] if self.action.aliases else self.action.title.casefold()

    @property
    def label(self) -> str:
        """`jobs  Jobs, live`, with the screen it belongs to where that is not this one."""
        where = "" if self.here else f"  (in {SCOPE_TITLES[self.action.scope]})"
        return f"{self.action.description}{where}"


def entries(scopes: Collection[Scope], keymap: KeyMap, *, read_only: bool) -> list[Entry]:
    """All actions, those of this screen first."""
    found = [
        Entry(action, action.scope in scopes, keymap.shown(action))
        for action in ACTIONS
        if not (read_only and action.changes)
    ]
    return sorted(found, key=lambda entry: not entry.here)


def search(text: str, known: Sequence[Entry]) -> list[Entry]:
    """Best first: exact word, start of a word, anywhere in the description, letters in order."""
    query = text.strip().casefold()
    if not query:
        return list(known)
    if query == "-":
        return [entry for entry in known if entry.action.id == "global.view_last"]
    head, _, argument = query.partition(" ")
    ranked: list[tuple[int, int, Entry]] = []
    for index, entry in enumerate(known):
        if argument and entry.action.id in ARGUMENT_VIEWS and _starts(entry, head):
            typed = text.strip().split(" ", 1)[1].strip()
            ranked.append((-1, index, Entry(entry.action, entry.here, entry.keys, typed)))
            continue
        rank = _rank(query, entry)
        if rank is not None:
            ranked.append((rank, index, entry))
    return [entry for _, _, entry in sorted(ranked, key=lambda item: item[:2])]


def _starts(entry: Entry, head: str) -> bool:
    return any(alias.startswith(head) for alias in entry.action.aliases)


def _rank(query: str, entry: Entry) -> int | None:
    action = entry.action
    if query in action.aliases or query == action.id:
        return 0
    if _starts(entry, query):
        return 1
    words = f"{action.title} {action.description}".casefold()
    if any(word.startswith(query) for word in words.split()):
        return 2
    if query in words or query in action.id:
        return 3
    letters = iter(words)
    return 4 if all(letter in letters for letter in query) else None
