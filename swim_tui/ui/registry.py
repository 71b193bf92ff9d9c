"""The one table of actions: bindings, footer, help, palette and the README's key table all come from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from textual.binding import Binding

from swim_tui.ui.action import SCOPE_TITLES, Action, Scope, actions_of
from swim_tui.ui.actions_admin import ADMIN_ACTIONS, ADMIN_VIEWS
from swim_tui.ui.actions_jobs import JOB_ACTIONS, WIZARD_ACTIONS

__all__ = [
    "ACTIONS",
    "BY_ID",
    "SCOPE_TITLES",
    "Action",
    "Scope",
    "bindings_for",
    "effective",
    "in_scope",
    "key_name",
    "readme_table",
]


# name, keys, short title, what it does, footer rank, palette aliases, changes something
ACTIONS: tuple[Action, ...] = (
    *actions_of(
        Scope.GLOBAL,
        ("view_images", "1", "Images", "Software Images, the home view", 0, "images home", False),
        ("view_jobs", "2", "Jobs", "Jobs, live", 0, "jobs job", False),
        ("view_devices", "3", "Devices", "Devices under management", 0, "devices device dev", False),
        ("view_repository", "4", "Repository", "Software Image Repository", 0, "repository repo image", False),
        ("view_servers", "5", "Servers", "Software Image Management Servers", 0, "servers server", False),
        ("view_log", "6", "Log", "Notices and events of this session", 0, "log events", False),
        ("view_last", "-", "Last view", "Back to the view before this one", 0, "last", False),
        (
            "palette",
            ": ctrl+p",
            "Command",
            "Command palette: an action, a view, `jobs failed`, `device sw1`",
            5,
            "",
            False,
        ),
        ("help", "? f1", "Help", "This help: keys of this screen, then of all", 1, "help keys", False),
        ("back", "escape", "Back", "Back one level: marks, filter, pane, page; never quits", 0, "back", False),
        ("quit", "q", "Quit", "Quit (on the top level of a view); jobs go on in the engine", 1, "quit exit", False),
        ("quit_any", "ctrl+q", "Quit", "Quit from anywhere; jobs go on in the engine", 0, "quit! q!", False),
        ("settings", ",", "Settings", "Image Management Settings", 0, "settings", False),
        ("utc", "U", "UTC", "Times in UTC or in the zone of this terminal", 0, "utc", False),
        ("reload", "ctrl+r", "Reload", "Take everything from the engine again", 0, "reload refresh", False),
        ("maximise", "P", "Pane", "Make the focused pane full size, and back", 0, "pane maximise", False),
        ("theme", "", "Theme", "Choose a theme", 0, "theme themes", False),
        ("code", "", "Code", "Give the one-time code that a device task waits for", 0, "code answer", True),
        ("unlock", "", "Unlock", "Give the passphrase of the vault", 0, "unlock passphrase", True),
    ),
    *ADMIN_VIEWS,
    *actions_of(
        Scope.TABLE,
        ("up", "up k", "Up", "One row up", 0, "", False),
        ("down", "down j", "Down", "One row down", 0, "", False),
        ("left", "left h", "Left", "Scroll columns left", 0, "", False),
        ("right", "right l", "Right", "Scroll columns right", 0, "", False),
        ("top", "g home", "Top", "First row", 0, "top", False),
        ("bottom", "G end", "Bottom", "Last row", 0, "bottom", False),
        ("half_down", "ctrl+d", "Half page down", "Half a page down", 0, "", False),
        ("half_up", "ctrl+u", "Half page up", "Half a page up", 0, "", False),
        ("page_down", "pagedown", "Page down", "A page down", 0, "", False),
        ("page_up", "pageup", "Page up", "A page up", 0, "", False),
        ("open", "enter", "Open", "Open the row", 2, "open", False),
        ("filter", "/", "Filter", "Filter rows: text, re:PATTERN, !not, state:failed site:ams", 3, "filter", False),
        ("quick", "f", "Quick Filter", "Quick Filter: a box for each column", 0, "quick", False),
        ("attention", "!", "Attention", "Only rows that need attention, and back", 0, "attention faults", False),
        ("sort", "S", "Sort", "Sort menu: a letter per column, the same letter again reverses", 0, "sort", False),
        ("sort_left", "<", "Sort left", "Sort by the column to the left", 0, "", False),
        ("sort_right", ">", "Sort right", "Sort by the column to the right", 0, "", False),
        ("wide", "w", "Wide", "All columns, scrolled sideways, and back", 0, "wide", False),
        ("columns", "C", "Columns", "Choose the columns", 0, "columns", False),
        ("mark", "space", "Mark", "Mark the row and go down", 6, "mark", False),
        ("mark_range", "v", "Range", "Mark from the last mark to here", 0, "range", False),
        ("mark_all", "a", "Mark all", "Mark every row the filter shows", 0, "all", False),
        ("mark_none", "A", "No marks", "Clear all marks", 0, "none unmark", False),
        ("detail", "d", "Detail", "Detail pane beside the list, or the full record", 7, "detail describe", False),
        ("pane_next", "]", "Next pane", "The next pane beside a wide list (from 140 columns on)", 0, "pane", False),
        ("pane_before", "[", "Pane before", "The pane before it; Tab puts the keys into a pane", 0, "", False),
        ("record", "y", "Record", "The record as it is stored", 0, "record yaml", False),
        ("copy", "c", "Copy", "Copy the row's name", 0, "copy", False),
        ("copy_row", "Y", "Copy row", "Copy the row, tab separated", 0, "copyrow", False),
        ("export", "ctrl+e", "Export", "Write the rows shown to a file: .csv .json .md", 0, "export save", False),
    ),
    *actions_of(
        Scope.HOME,
        ("import", "i", "Import", "Add/Import images: from device, Cisco, URL, protocol, file", 2, "import add", True),
        ("distribute", "d", "Distribute", "Distribute images to devices, and activate them", 2, "distribute", True),
        ("activate", "a", "Activate", "Activate images that are on the devices", 3, "activate", True),
        ("commit", "c", "Commit", "Commit images (IOS-XR, XE 16 and later)", 3, "commit", True),
        ("rollback", "r", "Rollback", "Go back to the version before an upgrade", 0, "rollback", True),
        ("server", "s", "Add Server", "Add a SWIM server", 4, "addserver", True),
        ("analysis", "u", "Upgrade Analysis", "Which images fit which devices", 0, "analysis analyze", False),
        ("sync", "y", "Sync Inventory", "Read the devices again (read-only commands)", 0, "sync", True),
        ("archive", "b", "Archive Configuration", "Copy device configurations into the archive", 0, "archive", True),
        ("protocols", "o", "Protocol Order", "Current Protocol Order: edit", 0, "protocols", True),
        ("archive_settings", "O", "Archive Settings", "Configuration Archive Settings: edit", 0, "", True),
        ("all_jobs", "J", "All Jobs", "Every job, live", 0, "alljobs", False),
        ("summary", "I", "Job Summary", "Job Summary of the row", 0, "summary", False),
        (
            "purpose",
            "F",
            "Guide",
            "Why upgrade, and the guide: questions, words",
            0,
            "why purpose",
            False,
        ),
    ),
    *JOB_ACTIONS,
    *actions_of(
        Scope.DEVICES,
        ("import", "i", "Import", "Import an inventory: YAML, CSV, NetBox", 4, "inventory", True),
        ("new", "n", "Add", "Add a device by hand", 4, "adddevice", True),
        ("edit", "e", "Edit", "Change the device, or what the marked ones have in common", 6, "", True),
        ("remove", "delete", "Remove...", "Remove the marked devices from the inventory", 0, "", True),
        ("groups", "T", "Groups...", "Put the marked devices into a group, or take them out", 0, "tag", True),
        ("group", "F", "Show group", "Only the devices of a group", 7, "group", False),
        ("ssh", "s", "SSH", "A session with the device through its jump hosts, by your own OpenSSH", 0, "ssh", True),
        ("sync", "r", "Sync", "Read the marked devices again (read-only commands)", 5, "", True),
        ("distribute", "D", "Distribute", "Distribute an image to the marked devices", 0, "", True),
        ("analysis", "u", "Analysis", "Which images fit the marked devices", 0, "", False),
        ("job", "J", "Job...", "New job for the marked devices: Distribute, Activate, Commit, Rollback", 0, "", True),
    ),
    *actions_of(
        Scope.DEVICE,
        ("sync", "r", "Sync", "Read this device again (read-only commands)", 3, "", True),
        ("next_tab", "tab", "Next tab", "Next tab of the device page", 1, "", False),
        ("previous_tab", "shift+tab", "Tab before", "Tab before this one", 0, "", False),
        ("image", "i", "Image", "The Image tab: Images Applied", 5, "", False),
        ("edit", "e", "Edit", "Change the device, its name too", 6, "", True),
        ("ssh", "s", "SSH", "A session with the device through its jump hosts, by your own OpenSSH", 0, "", True),
        ("diff", "D", "Difference", "Difference of the marked configurations, or to the one before", 0, "diff", False),
        ("host_key", "H", "Host key...", "Accept the key that the device offers", 0, "", True),
        ("job", "J", "Job...", "New job for this device: Distribute, Activate, Commit, Rollback", 0, "", True),
        ("recovery", "K", "Recovery card", "Console steps, if the device did not come back", 0, "", False),
    ),
    *actions_of(
        Scope.REPOSITORY,
        ("import", "n i", "Import", "Import images into the repository", 4, "", True),
        ("analysis", "u", "Analysis", "Which devices the marked images fit", 6, "", False),
        ("delete", "delete", "Delete...", "Delete the marked images from the repository", 5, "delete", True),
    ),
    *actions_of(
        Scope.IMAGE,
        ("edit", "e", "Edit", "Edit minimum RAM, minimum flash, minimum version", 2, "edit", True),
        ("devices", "d", "Devices", "The devices that run it", 3, "", False),
        ("jobs", "o", "Jobs", "The jobs that used it", 4, "", False),
        ("analysis", "u", "Analysis", "Which devices it fits", 5, "", False),
        ("guide", "F", "Guide", "What minimum requirements are and where they come from", 0, "minimums", False),
    ),
    *actions_of(
        Scope.SETTINGS,
        ("edit", "e", "Edit", "Change the setting under the cursor", 2, "", True),
        ("default", "r", "Default", "Set it back to its default", 3, "", True),
    ),
    *ADMIN_ACTIONS,
    *actions_of(
        Scope.LOG,
        ("clear", "K", "Clear", "Empty this list; the engine's log stays", 0, "", False),
    ),
    *actions_of(
        Scope.PLAN,
        ("save", "ctrl+e", "Save", "Write the plan as Markdown", 3, "saveplan", False),
    ),
    *WIZARD_ACTIONS,
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def in_scope(scope: Scope) -> tuple[Action, ...]:
    """The actions of one scope in the order of the table."""
    return tuple(action for action in ACTIONS if action.scope is scope)


@cache
def _effective(scopes: tuple[Scope, ...]) -> tuple[Action, ...]:
    taken: set[str] = set()
    result: list[Action] = []
    for scope in scopes:
        for action in in_scope(scope):
            free = tuple(key for key in action.keys if key not in taken)
            if free or not action.keys:
                result.append(action if free == action.keys else _with_keys(action, free))
        taken.update(key for action in in_scope(scope) for key in action.keys)
    return tuple(result)


def effective(scopes: Sequence[Scope]) -> tuple[Action, ...]:
    """The actions of a page; a key of a nearer scope hides the same key of a wider one."""
    return _effective(tuple(scopes))


def _with_keys(action: Action, keys: tuple[str, ...]) -> Action:
    return Action(
        action.id, keys, action.title, action.description, action.scope, action.footer, action.aliases, action.changes
    )


def bindings_for(*scopes: Scope) -> list[Binding]:
    """Textual bindings of a page; every id is one a key map may name."""
    return [
        Binding(_textual_keys(action.keys), f"do('{action.id}')", action.title, show=False, id=action.id)
        for action in effective(scopes)
        if action.keys
    ]


def _textual_keys(keys: Sequence[str]) -> str:
    return ",".join("comma" if key == "," else key for key in keys)


KEY_NAMES: Mapping[str, str] = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "comma": ",",
    "shift+up": "Shift+Up",
    "shift+down": "Shift+Down",
    "alt+left": "Alt+Left",
    "alt+right": "Alt+Right",
}


def key_name(key: str) -> str:
    """How a key is written for people: `^E` for ctrl+e, `Esc`, `F1`."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return KEY_NAMES.get(key, key)


def readme_table() -> str:
    """The key table of the README as Markdown."""
    lines = ["| Where | Key | What it does |", "|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
        lines.append(f"| {SCOPE_TITLES[action.scope]} | {keys} | {action.description.replace('|', '/')} |")
    return "\n".join(lines) + "\n"
