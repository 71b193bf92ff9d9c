"""Boot variables of switches, stacks, routers and NX-OS (DEVICE_FACTS 2.5, forms A to D)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from swim_tui.model.facts import BootState
from swim_tui.parse.text import lines_of

_CONFIG_LINE = re.compile(r"^\s*(?P<line>boot (?:system|nxos|kickstart)\s+\S.*)$")
_PATH_LIST = re.compile(r"^\s*BOOT path-list\s*: *(?P<value>.*)$")
_VARIABLE = re.compile(
    r"^\s*(?P<standby>Standby )?(?P<name>BOOT|NXOS|system|kickstart) variable"
    r"(?P<none> does not exist)?(?: *= *(?P<value>.*))?$"
)
_MANUAL = re.compile(
    r"^\s*(?P<standby>Standby )?(?:Manual Boot|MANUAL_BOOT variable)\s*[:=] *(?P<value>yes|no)\b", re.I
)
_REGISTER = re.compile(
    r"^\s*(?P<standby>Standby )?Configuration register is (?P<now>0x[0-9a-f]+)"
    r"(?:\s*\(will be (?P<next>0x[0-9a-f]+) at next reload\))?",
    re.IGNORECASE,
)
_SWITCH = re.compile(r"^\s*[Ss]witch +(?P<number>\d{1,2})\s*:?$")
_SUP = re.compile(r"^\s*sup-(?P<number>\d)\s*$", re.IGNORECASE)
_CURRENT = re.compile(r"^\s*Current Boot Variables:?\s*$", re.IGNORECASE)
_NEXT = re.compile(r"^\s*Boot Variables on next reload:?\s*$", re.IGNORECASE)
_KEY = re.compile(r"^\s*[A-Za-z][^:=]{2,30}\s*[:=]\s|^\s*[A-Za-z_]+ variable\b")
_FLAGS = re.compile(r",\d+$")  # `,12` after a router's entry is no part of the path


@dataclass
class _Block:
    member: int | None = None
    is_standby: bool = False
    current: list[str] | None = None
    later: list[str] | None = None
    manual: bool | None = None
    register: str = ""
    register_next: str = ""

    def state(self) -> BootState:
        current = self.current if self.current is not None else (self.later or [])
        later = self.later if self.later is not None else (self.current or [])
        return BootState(
            current=tuple(current),
            next_reload=tuple(later),
            manual_boot=self.manual,
            config_register=self.register,
            config_register_next=self.register_next,
            member=self.member,
            is_read=self.current is not None or self.later is not None,
        )


@dataclass
class _Reader:
    blocks: list[_Block] = field(default_factory=lambda: [_Block()])
    is_next: bool = False
    has_more: bool = False  # a value may go on, indented, on the next line

    def take(self, line: str) -> None:
        switch = _SWITCH.match(line) or _SUP.match(line)
        if switch is not None:
            self._select(int(switch["number"]))
        elif _CURRENT.match(line):
            self.is_next = self.has_more = False
        elif _NEXT.match(line):
            self.is_next, self.has_more = True, False
        elif not (self._value(line) or self._manual(line) or self._register(line)):
            self._continued(line)

    def _select(self, number: int) -> None:
        self.has_more = False
        for block in self.blocks:
            if block.member == number:
                self.blocks.remove(block)
                self.blocks.append(block)
                return
        if self._last() == _Block():
            self.blocks[-1].member = number
        else:
            self.blocks.append(_Block(member=number))
            self.is_next = self.is_next and any(b.current for b in self.blocks)

    def _last(self) -> _Block:
        return self.blocks[-1]

    def _block(self, standby: bool) -> _Block:
        if not standby:
            return self.blocks[-1]
        for block in self.blocks:
            if block.is_standby:
                return block
        block = _Block(is_standby=True)
        self.blocks.insert(max(len(self.blocks) - 1, 0), block)
        return block

    def _value(self, line: str) -> bool:
        path_list = _PATH_LIST.match(line)
        if path_list is not None:
            self._add(self.blocks[-1], path_list["value"])
            self.has_more = True
            return True
        variable = _VARIABLE.match(line)
        if variable is None or (variable["none"] is None and variable["value"] is None):
            return False
        block = self._block(bool(variable["standby"]))
        self._add(block, variable["value"] or "", is_system=variable["name"] == "system")
        self.has_more = not variable["standby"]
        return True

    def _add(self, block: _Block, value: str, *, is_system: bool = False) -> None:
        entries = boot_entries(value)
        have = block.later if self.is_next else block.current
        if have is not None and is_system:  # NX-OS: kickstart first, then system
            have.extend(entries)
        elif self.is_next:
            block.later = entries
        else:
            block.current = entries

    def _manual(self, line: str) -> bool:
        match = _MANUAL.match(line)
        if match is not None:
            self._block(bool(match["standby"])).manual = match["value"].lower() == "yes"
        return match is not None

    def _register(self, line: str) -> bool:
        match = _REGISTER.match(line)
        if match is not None:
            block = self._block(bool(match["standby"]))
            block.register, block.register_next = match["now"], match["next"] or ""
        return match is not None

    def _continued(self, line: str) -> None:
        if self.has_more and line.startswith("   ") and ":" in line and not _KEY.match(line):
            block = self.blocks[-1]
            have = block.later if self.is_next else block.current
            if have is not None:
                have.extend(boot_entries(line))
                return
        self.has_more = False


def boot_entries(value: str) -> list[str]:
    """The entries of a boot variable, without the flags after a comma."""
    parts = (part.strip() for part in value.split(";"))
    return [_FLAGS.sub("", part) for part in parts if part and " " not in part]


def parse_boot_lines(running: str) -> tuple[str, ...]:
    """The `boot system` lines of a configuration, in order."""
    matches = (_CONFIG_LINE.match(line) for line in lines_of(running))
    return tuple(" ".join(m["line"].split()) for m in matches if m is not None)


def parse_boot(texts: Mapping[str, str], version_register: tuple[str, str] = ("", "")) -> tuple[BootState, ...]:
    """Boot state of every member, active first, from the answers by command: `show boot` or `show bootvar`, and the
    running configuration or a part of it. `version_register` (now, next) is what `show version` said, used where no
    boot command prints a register."""
    config: tuple[str, ...] = ()
    best: tuple[BootState, ...] = ()
    for command, text in texts.items():
        words = command.lower()
        if "run" in words or "startup" in words:
            config = config or parse_boot_lines(text)
        elif "boot" in words:
            states = _read(text)
            if not any(state.is_read for state in best) or _pending(states) > _pending(best):
                best = states
    if not best:
        best = (BootState(),)
    now, later = version_register
    return tuple(
        replace(
            state,
            config_lines=config,
            config_register=state.config_register or now,
            config_register_next=state.config_register_next or (later if not state.config_register else ""),
        )
        for state in best
    )


def _pending(states: tuple[BootState, ...]) -> int:
    """How much a reading tells beyond one list: prefer the form that knows the next reload and manual boot."""
    return sum((s.is_read, s.next_reload != s.current, s.manual_boot is not None).count(True) for s in states)


def _read(text: str) -> tuple[BootState, ...]:
    reader = _Reader()
    for line in lines_of(text):
        reader.take(line)
    blocks = [b for b in reader.blocks if b != _Block(member=b.member, is_standby=b.is_standby)]
    blocks.sort(key=lambda b: (b.is_standby, b.member or 0))
    return tuple(block.state() for block in blocks)
