"""Which format a text is in, and its rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from swim_tui.engine.services.formats import ansible, netbox, nornir, sshconfig, table
from swim_tui.engine.services.formats.found import Found, Unreadable
from swim_tui.engine.services.formats.yamltext import Tree

OURS = "swim-tui"
FORMATS = (OURS, "csv", "ansible-ini", "ansible-yaml", "nornir", "netbox-csv", "netbox-json", "ssh-config")
FILE_MARK = "#:file "
"""A text may hold several files (a Nornir folder): each begins after a line `#:file NAME`."""

_READERS: dict[str, Callable[[str], Found]] = {
    "csv": table.read_csv,
    "ansible-ini": ansible.read_ini,
    "ansible-yaml": ansible.read_yaml,
    "nornir": lambda text: nornir.read_nornir(nornir_parts(text)),
    "netbox-csv": table.read_netbox_csv,
    "netbox-json": netbox.read_netbox_json,
    "ssh-config": sshconfig.read_ssh_config,
}


def read(format: str, text: str) -> Found:
    """The rows of a text in one of FORMATS but ours; Unreadable when it is not of that format."""
    return _READERS[format](text)


def detect(text: str, source: str = "") -> str:
    """The format that fits best; ours when none does, for its reader says what is missing."""
    text = text.lstrip("\ufeff")
    name = source.lower().rsplit("/", 1)[-1]
    if re.search(r"""^\s*["'{]*\s*["']?swim_tui_inventory""", text, re.M):
        return OURS
    if text.startswith(FILE_MARK):
        return "nornir"
    if text.lstrip()[:1] in ("{", "[") and not ansible.looks_like_ini(text):
        return "netbox-json"
    if ansible.looks_like_ini(text):
        return "ansible-ini"
    if name.endswith((".csv", ".tsv")) or table.looks_like_csv(text):
        return "netbox-csv" if table.looks_like_netbox(text) else "csv"
    if sshconfig.looks_like_ssh_config(text):
        return "ssh-config"
    return _yaml(text)


def _yaml(text: str) -> str:
    try:
        tree = Tree(text)
        if ansible.looks_like_yaml(tree):
            return "ansible-yaml"
        return "nornir" if nornir.looks_like_hosts(tree) else OURS
    except Unreadable:
        return OURS


def files_of(text: str) -> list[tuple[str, int, str]]:
    """Name, first line and text of each file in a text; one without a name when there are no marks."""
    if not text.startswith(FILE_MARK):
        return [("", 1, text)]
    files: list[tuple[str, int, list[str]]] = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.startswith(FILE_MARK):
            files.append((line.removeprefix(FILE_MARK).strip(), number + 1, []))
        else:
            files[-1][2].append(line)
    return [(name, first, "".join(lines)) for name, first, lines in files]


def nornir_parts(text: str) -> dict[str, tuple[str, int]]:
    """hosts, groups, defaults by the names of the files; a single file is hosts."""
    parts: dict[str, tuple[str, int]] = {}
    for name, first, content in files_of(text):
        stem = name.rsplit("/", 1)[-1].split(".", 1)[0].lower() or "hosts"
        if stem in ("hosts", "groups", "defaults"):
            parts.setdefault(stem, (content, first))
    if "hosts" not in parts:
        raise Unreadable(1, "there is no hosts.yaml")
    return parts


def place(text: str, line: int) -> tuple[str, int]:
    """File (empty if there is only one) and line in it, of a line of the text."""
    here = ("", 1)
    for name, first, _ in files_of(text):
        if first <= line or here == ("", 1):
            here = (name, first)
    return here[0], max(1, line - here[1] + 1)
