"""Keys from the home view to each page, for tests and for the pictures."""

from __future__ import annotations

from collections.abc import Mapping

WALKS: Mapping[str, tuple[str, ...]] = {
    "home": (),
    "jobs": ("2",),
    "job": ("2", "enter"),
    "task": ("2", "j", "enter", "j", "enter"),
    "task-lost": ("2", "j", "enter", "j", "j", "enter"),
    "job-collection": ("2", "j", "j", "enter"),
    "recovery": ("2", "j", "enter", "j", "j", "K"),
    "watch": ("2", "W"),
    "output": ("2", "enter", "j", "l"),
    "commands": ("2", "enter", "j", "@"),
    "plan": ("2", "o"),
    "devices": ("3",),
    "device": ("3", "enter"),
    "device-image": ("3", "enter", "i"),
    "repository": ("4",),
    "image": ("4", "enter"),
    "servers": ("5",),
    "log": ("6",),
    "settings": (",",),
    "analysis": ("3", "u"),
    "log-entries": ("3", "r", "c", "6"),
}
DIALOGS: Mapping[str, tuple[str, ...]] = {
    "help": ("question_mark",),
    "palette": ("colon", "j", "o"),
    "summary": ("2", "i"),
    "confirm": ("2", "x"),
    "confirm-many": ("2", "j", "R"),
    "cancel-what": ("2", "enter", "j", "x"),
    "order": ("2", "enter", "j", "O"),
    "skip": ("2", "enter", "G", "z"),
    "new-job": ("2", "n"),
    "minimums": ("4", "enter", "e"),
    "columns": ("3", "C"),
    "hold": ("2", "H"),
    "delete-job": ("2", "j", "delete"),
    "delete-image": ("4", "delete"),
    "find": ("2", "enter", "j", "l", "slash", "v", "e", "enter"),
    "import-inventory": ("3", "i"),
    "edit-devices": ("3", "space", "space", "e"),
    "image-jobs": ("4", "enter", "o"),
    "analysis-pair": ("3", "u", "d"),
}
