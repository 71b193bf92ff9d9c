"""A device configuration as lines: sections, boot lines, and what `no` removes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

# First words of lines that open a configuration section, with the prompt they give.
SECTIONS = {
    "interface": "config-if",
    "line": "config-line",
    "router": "config-router",
    "vrf": "config-vrf",
    "policy-map": "config-pmap",
    "class-map": "config-cmap",
    "archive": "config-archive",
    "redundancy": "config-red",
    "control-plane": "config-cp",
    "key": "config-keychain",
    "ip access-list": "config-ext-nacl",
    "aaa group": "config-sg",
    "crypto pki": "ca-trustpoint",
    "vlan": "config-vlan",
}
_SINGLE = ("hostname", "ip domain-name", "ip domain name", "file prompt", "banner", "enable secret", "clock timezone")


def section_prompt(line: str) -> str:
    """The prompt part a line opens (`config-if`), or nothing when it opens no section."""
    for lead, prompt in SECTIONS.items():
        if line == lead or line.startswith(f"{lead} "):
            return prompt
    return ""


@dataclass
class Configuration:
    """The lines of a configuration, children indented by one blank."""

    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, extra: Iterable[str] = ()) -> Configuration:
        """A configuration from a text, plus lines that are entered into it."""
        config = cls([line.rstrip() for line in text.strip("\n").split("\n")])
        section = ""
        for line in extra:
            if line.startswith(" "):
                config.enter(line.strip(), section)
            else:
                section = line if section_prompt(line) else ""
                config.enter(line)
        return config

    def copy(self) -> Configuration:
        """An independent copy."""
        return Configuration(list(self.lines))

    @property
    def hostname(self) -> str:
        """The host name, `Router` when none is set."""
        return next((line.split()[1] for line in self.lines if line.startswith("hostname ")), "Router")

    def boot_lines(self) -> list[str]:
        """What stands after `boot system`, in order."""
        return [line[len("boot system ") :] for line in self.lines if line.startswith("boot system ")]

    def has(self, line: str) -> bool:
        """Whether the configuration holds exactly that line."""
        return line in self.lines

    def set_boot_lines(self, entries: Iterable[str]) -> None:
        """Replace all boot lines."""
        self.lines = [line for line in self.lines if not line.startswith("boot system ")]
        for entry in entries:
            self._add_boot(f"boot system {entry}")

    def enter(self, line: str, section: str = "", *, boot_append: bool = True) -> None:
        """Apply one configuration command, inside a section or at the top."""
        if section:
            self._enter_child(line, section)
        elif line.startswith("no "):
            self._remove(line[3:].strip())
        elif line.startswith("boot system "):
            if not boot_append:
                self.set_boot_lines([])
            self._add_boot(line)
        elif section_prompt(line):
            if line not in self.lines:
                self._append(line)
        else:
            self._enter_top(line)

    def _enter_top(self, line: str) -> None:
        for lead in _SINGLE:
            if line.startswith(f"{lead} "):
                for at, old in enumerate(self.lines):
                    if old.startswith(f"{lead} "):
                        self.lines[at] = line
                        return
        if line not in self.lines:
            self._append(line)

    def _append(self, line: str) -> None:
        at = len(self.lines)
        while at and self.lines[at - 1] in ("end", "!", ""):
            at -= 1
        self.lines.insert(at, line)

    def _add_boot(self, line: str) -> None:
        if line in self.lines:
            return
        at = next((n for n, old in enumerate(self.lines) if old == "boot-end-marker"), -1)
        if at < 0:
            self._append(line)
        else:
            self.lines.insert(at, line)

    def _remove(self, line: str) -> None:
        if line == "boot system":
            # Lines entered with `switch N` or `switch all` need their own `no`.
            self.lines = [
                x for x in self.lines if not x.startswith("boot system ") or x.startswith("boot system switch")
            ]
            return
        kept: list[str] = []
        is_inside = False
        for old in self.lines:
            if is_inside and old.startswith(" "):
                continue
            is_inside = old == line or old.startswith(f"{line} ")
            if not is_inside:
                kept.append(old)
        self.lines = kept

    def _enter_child(self, line: str, section: str) -> None:
        if section not in self.lines:
            self._append(section)
        start = self.lines.index(section) + 1
        end = start
        while end < len(self.lines) and self.lines[end].startswith(" "):
            end += 1
        body = self.lines[start:end]
        if line.startswith("no "):
            gone = line[3:].strip()
            left = [x for x in body if x.strip() != gone and not x.strip().startswith(f"{gone} ")]
            if len(left) == len(body) and f" {line}" not in body:
                left.append(f" {line}")
            body = left
        elif f" {line}" not in body:
            body = [x for x in body if x.strip() != f"no {line}"] + [f" {line}"]
        self.lines[start:end] = body

    def text(self) -> str:
        """All lines as text."""
        return "\n".join(self.lines) + "\n"
