"""Inventory files: YAML text into devices, groups, jump hosts, credentials; every problem at once, with its line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import yaml
from pydantic import ValidationError

from swim_tui.engine.services.formats.found import RawRow
from swim_tui.engine.services.formats.loader import quick_loader
from swim_tui.engine.services.inventory_schema import (
    CredentialEntry,
    CredentialsRow,
    DeviceRow,
    GroupRow,
    HostKeyRow,
    JumpRow,
    Row,
    ServerEntry,
    SwimServerRow,
)
from swim_tui.errors import InventoryError
from swim_tui.model.device import Device, Group, GroupKind, HopMethod, JumpHost
from swim_tui.model.endpoint import HostKey
from swim_tui.model.server import LOCAL_SERVER

FORMAT = 1
SECTIONS = ("groups", "credentials", "jumps", "servers", "devices", "host_keys")
PROBLEMS_SHOWN = 100
T = TypeVar("T")
Place = Callable[[int], str]
"""`FILE, line N` of a line."""


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A thing of the file and the lines of its fields (`""` is the first)."""

    value: T
    lines: Mapping[str, int]
    is_whole: bool = True  # False: some of its fields were wrong

    def line(self, key: str) -> int:
        """Where a field stands, or the row if it has none."""
        return self.lines.get(key, self.lines[""])


@dataclass
class InventoryFile:
    """The content of a file, in its order."""

    source: str
    groups: list[Entry[Group]] = field(default_factory=list)
    credentials: list[Entry[CredentialEntry]] = field(default_factory=list)
    jumps: list[Entry[JumpHost]] = field(default_factory=list)
    servers: list[Entry[ServerEntry]] = field(default_factory=list)
    devices: list[Entry[Device]] = field(default_factory=list)
    host_keys: list[Entry[HostKey]] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What exists already and may be referred to."""

    platforms: Collection[str] = ()
    groups: Mapping[GroupKind, Collection[str]] = field(default_factory=dict)
    credentials: Collection[str] = ()
    jumps: Mapping[str, str] = field(default_factory=dict)  # name -> via
    devices: Mapping[str, tuple[str, int, tuple[str, ...]]] = field(default_factory=dict)  # name -> address, port, jump


def read_inventory(text: str, source: str, known: Known) -> tuple[InventoryFile, list[str]]:
    """The file and its problems, each as `FILE, line N: what`; InventoryError when it is not YAML of this format."""
    reader = _Reader(source)
    top = reader.top(text)
    found = InventoryFile(source)
    for section, (shape, entries, what) in _shapes(found).items():
        entries.extend(reader.section(top, section, shape, what))
    return found, reader.finished(found, known)


def read_rows(
    rows: Mapping[str, Iterable[RawRow]], problems: Iterable[tuple[int, str]], place: Place, source: str, known: Known
) -> tuple[InventoryFile, list[str]]:
    """The same checks over rows that another format gave, with the problems found there; `place` names a line."""
    reader = _Reader(source, place)
    for line, text in problems:
        reader.problem(line, text)
    found = InventoryFile(source)
    for section, (shape, entries, what) in _shapes(found).items():
        for row in rows.get(section, ()):
            entries.extend(reader.made(row.values, row.lines, shape, what))
    return found, reader.finished(found, known)


def _shapes(found: InventoryFile) -> dict[str, tuple[type[Row], list[Any], str]]:
    return {
        "groups": (GroupRow, found.groups, "group"),
        "credentials": (CredentialsRow, found.credentials, "credential profile"),
        "jumps": (JumpRow, found.jumps, "jump host"),
        "servers": (SwimServerRow, found.servers, "SWIM server"),
        "devices": (DeviceRow, found.devices, "device"),
        "host_keys": (HostKeyRow, found.host_keys, "host key"),
    }


def refuse(source: str, problems: Sequence[str]) -> InventoryError:
    """The error for a file with problems."""
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    detail = problems[0].removeprefix(f"{source}, ") + more
    return InventoryError(source=source, detail=detail, problems=tuple(problems))


class _Reader:
    """Walks the YAML nodes, so that every problem knows its line."""

    def __init__(self, source: str, place: Place | None = None) -> None:
        self.source = source
        self._place = place or (lambda line: f"{source}, line {line}")
        self.problems: list[tuple[int, str]] = []
        self.unusable_names: set[str] = (
            set()
        )  # rows with problems of their own: a reference to one is no second problem
        self._scalars = yaml.SafeLoader("")

    def problem(self, line: int, text: str) -> None:
        """Note a problem."""
        self.problems.append((line, f"{self._place(line)}: {text}"))

    def finished(self, found: InventoryFile, known: Known) -> list[str]:
        """Check what refers to what; every problem, by line."""
        _References(found, known, self).check()
        found.jumps[:] = [entry for entry in found.jumps if entry.is_whole]
        found.devices[:] = [entry for entry in found.devices if entry.is_whole]
        return [text for _, text in sorted(self.problems, key=lambda p: p[0])]

    def top(self, text: str) -> dict[str, tuple[yaml.Node, int]]:
        """The sections of the file."""
        try:
            node = yaml.compose(text, Loader=quick_loader())
        except yaml.MarkedYAMLError as err:
            line = err.problem_mark.line + 1 if err.problem_mark else 1
            raise self._unusable(line, f"not YAML: {err.problem}") from None
        except (yaml.YAMLError, ValueError) as err:  # control characters
            raise self._unusable(1, f"not YAML: {str(err).splitlines()[0]}") from None
        if not isinstance(node, yaml.MappingNode):
            raise self._unusable(1, "an inventory begins with 'swim_tui_inventory: 1'")
        found = {str(key.value): (value, key.start_mark.line + 1) for key, value in node.value}
        head = found.pop("swim_tui_inventory", None)
        if head is None:
            raise self._unusable(1, "the line 'swim_tui_inventory: 1' is missing")
        if self._plain(head[0]) != FORMAT:
            raise self._unusable(head[1], f"format {head[0].value!r} is unknown, this program reads format {FORMAT}")
        for key, (_, line) in found.items():
            if key not in SECTIONS:
                self.problem(line, f"no section '{key}'{_nearest(key, SECTIONS)}")
        return found

    def section(
        self, top: dict[str, tuple[yaml.Node, int]], name: str, shape: type[Row], what: str
    ) -> Iterator[Entry[Any]]:
        """The rows of one section that are well formed; the others become problems."""
        node, line = top.get(name, (None, 0))
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
            return
        if not isinstance(node, yaml.SequenceNode):
            self.problem(line, f"'{name}' must be a list")
            return
        items, node.value = list(reversed(node.value)), []
        while items:  # let go one by one: 500,000 nodes freed at once would stop the engine's loop
            item = items.pop()
            here = item.start_mark.line + 1
            if not isinstance(item, yaml.MappingNode):
                self.problem(here, f"a {what} must be a mapping with fields")
                continue
            yield from self._row(item, shape, what)

    def _row(self, node: yaml.MappingNode, shape: type[Row], what: str) -> Iterator[Entry[Any]]:
        keys = [str(key.value) for key, _ in node.value]
        lines = {"": node.start_mark.line + 1, **{str(key.value): key.start_mark.line + 1 for key, _ in node.value}}
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            self.problem(lines[twice], f"{what}: the field '{twice}' stands twice")
        yield from self.made({str(key.value): self._plain(value) for key, value in node.value}, lines, shape, what)

    def made(
        self, values: Mapping[str, Any], lines: Mapping[str, int], shape: type[Row], what: str
    ) -> Iterator[Entry[Any]]:
        """The row as a value, if it is well formed; else its problems are noted."""
        try:
            yield Entry(shape.model_validate(dict(values)).made(), lines)  # type: ignore[attr-defined]
        except ValidationError as err:
            label = f"{what} '{values['name']}'" if isinstance(values.get("name"), str) else what
            self.unusable_names.add(str(values.get("name", "")))
            wrong: set[str] = set()
            for found in err.errors(include_url=False):
                names = [str(part) for part in found["loc"]]
                wrong.add(names[0])
                self.problem(lines.get(names[0], lines[""]), f"{label}: {_words('.'.join(names), found, shape)}")
            yield from _rest_of(values, lines, shape, wrong)

    def _plain(self, node: yaml.Node, depth: int = 3) -> Any:
        """Values of a node; what lies deeper than any field is not looked at (aliases can nest without end)."""
        if not depth:
            return None
        if isinstance(node, yaml.ScalarNode):
            if node.tag == "tag:yaml.org,2002:str":
                return node.value
            try:
                return self._scalars.construct_object(node)
            except (yaml.YAMLError, ValueError):
                return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, depth - 1) for item in node.value]
        return {str(key.value): self._plain(value, depth - 1) for key, value in node.value}

    def _unusable(self, line: int, text: str) -> InventoryError:
        problem = f"{self.source}, line {line}: {text}"
        return InventoryError(source=self.source, detail=f"line {line}: {text}", problems=(problem,))


def _nearest(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _words(key: str, found: Any, shape: type[Row]) -> str:
    """A pydantic problem in words; the value is shown except where it may be a secret."""
    kind = found["type"]
    if kind == "missing":
        return f"the field '{key}' is missing"
    if kind == "extra_forbidden":
        return f"no field '{key}'{_nearest(key, list(shape.model_fields))}"
    shown = "" if issubclass(shape, CredentialsRow | SwimServerRow) else f" {str(found['input'])[:60]!r}"
    if kind == "value_error":
        return f"{key}{shown}: {found['ctx']['error']}"
    if kind == "string_type":
        return f"{key}{shown} must be text: put it in quotes"
    return f"{key}{shown}: {found['msg'][:1].lower()}{found['msg'][1:]}"


_KINDS: dict[type, str] = {JumpHost: "jump host", ServerEntry: "SWIM server"}


def _rest_of(
    values: Mapping[str, Any], lines: Mapping[str, int], shape: type[Row], wrong: set[str]
) -> Iterator[Entry[Any]]:
    """What is right in a row with problems, so that duplicates and unknown names in it are found in the same pass.

    Its fields were not all proven: the entry is checked, never stored.
    """
    right = {key: value for key, value in values.items() if key in shape.model_fields and key not in wrong}
    if shape not in (DeviceRow, JumpRow) or not isinstance(right.get("name"), str):
        return
    row = shape.model_construct(**{"address": "", **right})
    yield Entry(row.made(), lines, is_whole=False)


class _References:
    """Names that are used twice, and names that nothing has."""

    def __init__(self, file: InventoryFile, known: Known, reader: _Reader) -> None:
        self._file = file
        self._known = known
        self._problem = reader.problem
        self._unusable = reader.unusable_names

    def check(self) -> None:
        """Report all of them."""
        file, known = self._file, self._known
        self._unique("group", [(f"{e.value.kind} {e.value.name}", e) for e in file.groups])
        self._unique("credential profile", [(e.value.name, e) for e in file.credentials])
        self._unique("jump host", [(e.value.name, e) for e in file.jumps])
        self._unique("SWIM server", [(e.value.name, e) for e in file.servers])
        self._unique("device", [(e.value.name, e) for e in file.devices])
        self._groups = {
            kind: {e.value.name for e in file.groups if e.value.kind is kind} | set(known.groups.get(kind, ()))
            for kind in GroupKind
        }
        self._profiles = {e.value.name for e in file.credentials} | set(known.credentials)
        self._vias = {**known.jumps, **{e.value.name: e.value.via for e in file.jumps}}
        self._devices = {e.value.name for e in file.devices} | set(known.devices)
        for group in file.groups:
            self._group(group)
        for jump in file.jumps:
            self._jump(jump)
        for server in file.servers:
            self._server(server)
        for device in file.devices:
            self._device(device)
        self._addresses()

    def _unique(self, what: str, entries: list[tuple[str, Entry[Any]]]) -> None:
        first: dict[str, int] = {}
        for name, entry in entries:
            line = entry.line("name")
            if name in first:
                self._problem(line, f"{what} '{name}' stands twice (first on line {first[name]})")
            first.setdefault(name, line)

    def _in(self, entry: Entry[Any], key: str, name: str, known: Collection[str], what: str) -> None:
        if name and name not in known and name not in self._unusable:
            kind = _KINDS.get(type(entry.value), type(entry.value).__name__.lower())
            here = f"{kind} '{entry.value.name}'"
            self._problem(entry.line(key), f"{here}: no {what} '{name}'{_nearest(name, known)}")

    def _group(self, entry: Entry[Group]) -> None:
        group = entry.value
        self._in(entry, "parent", group.parent, self._groups[group.kind], f"{group.kind} group")
        self._in(entry, "credentials", group.credentials, self._profiles, "credential profile")
        self._in(entry, "rule", group.rule.platform, self._known.platforms, "device pack")
        if group.rule and group.kind is not GroupKind.USER:
            self._problem(entry.line("rule"), f"group '{group.name}': only a user-defined group has a rule")

    def _jump(self, entry: Entry[JumpHost]) -> None:
        jump = entry.value
        if jump.method is HopMethod.USER and "%h" not in jump.template:
            words = "method user needs a template with %h, such as '%r%%%h'"
            self._problem(entry.line("template"), f"jump host '{jump.name}': {words}")
        if jump.method is HopMethod.EXEC and jump.template and not ("%h" in jump.template and "%p" in jump.template):
            words = "the command of method exec needs %h and %p, such as 'nc %h %p'"
            self._problem(entry.line("template"), f"jump host '{jump.name}': {words}")
        if jump.method is HopMethod.FORWARD and jump.template:
            self._problem(entry.line("template"), f"jump host '{jump.name}': method forward has no template")
        self._in(entry, "credentials", jump.credentials, self._profiles, "credential profile")
        self._in(entry, "via", jump.via, self._vias, "jump host")
        seen, at = {jump.name}, jump.via
        while at and at not in seen:
            seen.add(at)
            at = self._vias.get(at, "")
        if at == jump.name:
            self._problem(entry.line("via"), f"jump host '{jump.name}' is reached through itself")

    def _server(self, entry: Entry[ServerEntry]) -> None:
        server = entry.value.server
        for name in server.sites:
            self._in(entry, "sites", name, self._groups[GroupKind.LOCATION], "location group")
        for name in (*server.jump, server.jump_host):
            self._in(entry, "jump" if name in server.jump else "jump_host", name, self._vias, "jump host")
        for row in server.protocols:
            self._in(entry, "protocols", row.credentials, self._profiles, "credential profile")
        if server.name == LOCAL_SERVER:
            self._problem(entry.line("name"), f"SWIM server '{server.name}': that name is the Local File Server's")

    def _device(self, entry: Entry[Device]) -> None:
        device, groups = entry.value, self._groups
        self._in(entry, "platform", device.platform, self._known.platforms, "device pack")
        self._in(entry, "credentials", device.credentials, self._profiles, "credential profile")
        self._in(entry, "location", device.location, groups[GroupKind.LOCATION], "location group")
        self._in(entry, "device_type", device.device_type, groups[GroupKind.DEVICE_TYPE], "device type group")
        for name in device.groups:
            self._in(entry, "groups", name, groups[GroupKind.USER], "user-defined group")
        for name in device.jump:
            self._in(entry, "jump", name, self._vias, "jump host")
        for name in device.upstream:
            self._in(entry, "upstream", name, self._devices, "device")
        self._in(entry, "pair", device.pair, self._devices, "device")
        if device.name in (*device.upstream, device.pair):
            self._problem(entry.line("name"), f"device '{device.name}' is its own upstream or pair")

    def _addresses(self) -> None:
        """Two devices at one address through the same jump hosts would be one device with two owners."""
        taken = {place: name for name, place in self._known.devices.items()}
        for entry in self._file.devices:
            device = entry.value
            if not device.address:  # it was wrong
                continue
            place = (device.address, device.port, device.jump)
            other = taken.setdefault(place, device.name)
            if other != device.name:
                where = f"{device.address}:{device.port}"
                self._problem(entry.line("address"), f"device '{device.name}': '{other}' has {where} already")
