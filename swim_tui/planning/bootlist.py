"""Boot system lines: the device's own spelling copied, the new image first, the old one as fallback."""

from __future__ import annotations

import re
from dataclasses import dataclass

from swim_tui.model.device_path import boot_entries, device_file, is_local, same_file, split_path
from swim_tui.model.facts import Facts
from swim_tui.packs.pack import Pack

# Historic limit of the BOOT variable; a longer one is cut off silently by some trains.
MAX_BOOT_CHARS = 255
_BARE = re.compile(r"^boot\s+system\s+flash\s+(?!\S+:)\S+\s*$", re.IGNORECASE)
_SWITCH = re.compile(r"^boot\s+system\s+(switch\s+(?:all|\d+))\s+", re.IGNORECASE)
_FLASH_WORD = re.compile(r"^boot\s+system\s+(flash)\s+\S+:", re.IGNORECASE)


@dataclass(frozen=True)
class Spelling:
    """How this device writes boot entries: words before the name, a slash after the colon or not, one list or lines."""

    words: str = ""  # "flash", "switch all" or nothing
    slash: str = ""
    bare: bool = False  # `boot system flash x.bin`
    joined: bool = False  # one line, names separated by semicolons

    def name(self, file_system: str, path: str) -> str:
        """A file name as it stands in a boot line."""
        return path if self.bare else f"{file_system}{self.slash}{path}"

    def lines(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The configuration lines that set these names, in order."""
        local = tuple(n for n in names if is_local(n) or self.bare)
        groups = (";".join(local),) if self.joined and local else local
        typed = tuple(" ".join(w for w in ("boot system", self.words, group) if w) for group in groups)
        return typed + tuple(f"boot system {n}" for n in names if n not in local)


def spelling_of(facts: Facts, pack: Pack, file_system: str) -> Spelling:
    """The form of the device's first local boot line, else the pack's template."""
    lines = [line.strip() for line in facts.boot_state().config_lines]
    local = [line for line in lines if any(is_local(e) for e in boot_entries(line))]
    # A switch keeps one list: a second `boot system` line would replace the first.
    joined = pack.checks_manual_boot or any(";" in line.rstrip(";") for line in local)
    if not local:
        words, _, rest = pack.boot.template.rpartition("{fs}")
        if pack.has_stack and len(facts.members) > 1:
            words = "switch all"  # every member keeps a boot list of its own
        return Spelling(words.strip(), "/" if rest.startswith("/") else "", joined=joined)
    line = local[0]
    if _BARE.match(line) and file_system == device_file("flash:x", facts).partition(":")[0] + ":":
        return Spelling("flash", bare=True, joined=joined)
    switch = _SWITCH.match(line)
    flash = _FLASH_WORD.match(line)
    words = switch.group(1) if switch else flash.group(1) if flash else ""
    return Spelling(words, "/" if re.search(r":/", line) else "", joined=joined)


def clear_lines(config_lines: tuple[str, ...], pack: Pack) -> tuple[str, ...]:
    """Lines that take every boot line away: plain `no boot system` may leave those entered per switch."""
    found: list[str] = []
    for line in config_lines:
        switch = _SWITCH.match(line.strip())
        clear = f"no boot system {switch.group(1)}" if switch else pack.boot.clear
        if clear not in found:
            found.append(clear)
    return tuple(found)


@dataclass(frozen=True)
class BootChange:
    """What is typed to set the boot variable and to take it back; lists are file names, first is booted."""

    wanted: tuple[str, ...]
    previous: tuple[str, ...]
    lines: tuple[str, ...]
    undo: tuple[str, ...]
    dropped: tuple[str, ...] = ()  # entries left out because the boot variable would grow too long


def previous_names(facts: Facts) -> tuple[str, ...]:
    """Names in the boot lines of the configuration, in order."""
    return tuple(entry for line in facts.boot_state().config_lines for entry in boot_entries(line))


def boot_change(facts: Facts, pack: Pack, file_system: str, path: str, fallback: str = "") -> BootChange:
    """The new image first, the running one as fallback, then what stood there before, within the length limit.

    `fallback` is a network entry that stands last.
    """
    spelling = spelling_of(facts, pack, file_system)
    existing = facts.boot_state().config_lines
    previous = previous_names(facts)
    wanted = [spelling.name(file_system, path)]
    running = device_file(facts.version.image_file, facts)
    followers = [e for e in previous if is_local(e)]
    if running and is_local(running) and not any(same_file(running, e, facts) for e in followers):
        fs_name, tail = split_path(running)
        followers.insert(0, spelling.name(fs_name, tail))
    followers.sort(key=lambda e: not same_file(e, running, facts))  # the running image is the first fallback
    followers += [e for e in previous if not is_local(e) and e != fallback]
    followers += [fallback] if fallback else []
    dropped = []
    for entry in followers:
        if any(same_file(entry, w, facts) for w in wanted):
            continue
        if len(";".join([*wanted, entry])) > MAX_BOOT_CHARS:
            dropped.append(entry)
            continue
        wanted.append(entry)
    lines = clear_lines(existing, pack) + spelling.lines(tuple(wanted))
    undo = clear_lines(spelling.lines(tuple(wanted)), pack) + existing
    return BootChange(tuple(wanted), previous, lines, undo, tuple(dropped))
