"""The palette's index: every action, views with an argument, device names; no widget in here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from swim_tui.ui.keymap import KeyMap
from swim_tui.ui.registry import ACTIONS, SCOPE_TITLES, Action, Scope

ARGUMENT_VIEWS = {
    "global.view_jobs": "filter",
    "global.view_devices": "device name or filter",
    "global.view_repository": "image name or filter",
    "global.view_log": "filter",
}


KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "global.view_images": ("software images", "software image summary", "image dashboard"),
    "global.view_jobs": ("job dashboard",),
    "global.view_devices": ("network devices", "compute devices", "managed devices"),
    "global.view_log": ("network audit",),
    "global.view_repository": ("software image repository", "image information"),
    "global.view_servers": ("software image management servers", "swim servers"),
    "global.settings": ("image management settings", "system settings"),
    "global.groups": (
        "network device groups",
        "compute device groups",
        "port groups",
        "location groups",
        "user defined groups",
    ),
    "global.guide": ("useful links", "video demos", "frequently asked questions"),
    "devices.import": ("bulk import", "discovery", "device discovery"),
    "home.import": ("import images", "swim collection"),
    "home.sync": ("sync device inventory",),
    "global.configs": ("configuration archive",),
    "home.archive": ("archive device configuration",),
    "home.archive_settings": ("configuration archive settings",),
    "home.protocols": ("current protocol order", "image transfer protocol order", "config protocol order"),
    "image.edit": ("image details", "minimum requirements", "minimum ram", "minimum flash"),
    "global.maximise": ("detach",),
    "home.summary": ("job summary",),
    "job.save_log": ("log file download", "download log"),
    "servers.protocols": ("manage protocols",),
    "servers.verify": ("verify credentials",),
}
"""Names that the reference product uses, for those who look for them; none is a command of its own."""


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
        if argument and _is_known_as(entry, query):
            ranked.append((-2, index, entry))
            continue
        if argument and entry.action.id in ARGUMENT_VIEWS and _starts(entry, head):
            typed = text.strip().split(" ", 1)[1].strip()
            ranked.append((-1, index, Entry(entry.action, entry.here, entry.keys, typed)))
            continue
        rank = _rank(query, entry)
        if rank is not None:
            ranked.append((rank, index, entry))
    return [entry for _, _, entry in sorted(ranked, key=lambda item: item[:2])]


def _is_known_as(entry: Entry, query: str) -> bool:
    return any(name.startswith(query) for name in KNOWN_AS.get(entry.action.id, ()))


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
    if query in words or query in action.id or _is_known_as(entry, query):
        return 3
    if all(part in words for part in query.split()):
        return 4
    letters = iter(words)
    return 5 if all(letter in letters for letter in query) else None
