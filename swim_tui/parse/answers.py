"""The outputs of one reading by command, and which of them were not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass


def show_command(pattern: str) -> re.Pattern[str]:
    """A pattern over commands as people and packs type them: sh, show, do show, admin show."""
    return re.compile(rf"(?:(?:do|admin) )?sh(?:ow)?\s+{pattern}", re.IGNORECASE)


@dataclass
class Answers:
    """The outputs of one reading, and which of them were not understood."""

    outputs: dict[str, str]
    unread: list[str]

    def all(self, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
        """Commands that match, with their answers, in order."""
        return [(c, t) for c, t in self.outputs.items() if pattern.match(" ".join(c.split()))]

    def text(self, pattern: re.Pattern[str]) -> str | None:
        """The first answer to such a command; None when it was not asked."""
        found = self.all(pattern)
        return found[0][1] if found else None

    def check(self, pattern: re.Pattern[str], understood: object) -> None:
        """Note the commands of a kind as not understood when nothing came of them."""
        if not understood:
            self.unread += [command for command, _ in self.all(pattern) if command not in self.unread]

    def note(self, command: str) -> None:
        """Note one command as not understood."""
        if command not in self.unread:
            self.unread.append(command)
