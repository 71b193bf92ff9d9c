"""Files of any content: inventories, device packs, settings, texts from devices. Words always, a traceback never."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from swim_tui.cli.inventory import device_lines
from swim_tui.cli.output import plain
from swim_tui.engine.services.formats.detect import FORMATS
from swim_tui.engine.services.inventory_file import Known
from swim_tui.engine.services.inventory_foreign import ReadFile, read_any
from swim_tui.engine.services.settings import SETTINGS, Setting
from swim_tui.errors import SwimError
from swim_tui.model.device import Device
from swim_tui.net.text import neutral, rendered
from swim_tui.packs.loading import check_pack
from swim_tui.paths import shipped_data
from tests.unit.fuzz.fuzzing import mutated, said, text, trees, tried

SAMPLE = yaml.safe_load((shipped_data() / "samples" / "inventory.yaml").read_text())
PACKS = sorted((shipped_data() / "packs").glob("*.yaml"))
FOREIGN = {
    "csv": "name,address,port,role,site,groups,jump\nr1,192.0.2.1,22,wan,Oakland,a;b,j1\nr2,r2.example,,,,,\n",
    "ansible-ini": "[all:vars]\nansible_user=x\n[r]\nr[01:03] ansible_host=10.0.0.1\n[s:children]\nr\n",
    "ansible-yaml": "all:\n  children:\n    r:\n      hosts:\n        r1: {ansible_host: 10.0.0.1}\n      vars: {}\n",
    "nornir": "r1:\n  hostname: 10.0.0.1\n  groups: [a]\n  data: {site: x}\n",
    "netbox-csv": "Name,Status,Site,Role,Manufacturer,Type,IP Address\nr1,Active,NY,Core,Cisco,C9300,10.0.0.1/24\n",
    "netbox-json": '{"results": [{"name": "r1", "primary_ip": {"address": "10.0.0.1/24"}, "site": {"name": "NY"}}]}',
    "ssh-config": "Host r1 r2\n  HostName 10.0.0.1\n  ProxyJump a@j1:22,j2\nHost *\n  User x\n",
}
KNOWN = Known(platforms={"asr1002", "c2960"}, credentials={"admin"})


def read(content: str, form: str) -> None:
    """Read a text as a format; a problem names its line, an error is a sentence."""
    try:
        found: ReadFile = read_any(content, "x.file", KNOWN, form)
    except SwimError as err:
        said(err)
        return
    for problem in found.problems:
        assert problem.startswith("x.file"), problem
        assert ", line " in problem, problem
        assert "Traceback" not in problem
        assert plain(problem).isprintable()
    for entry in (*found.file.devices, *found.file.jumps):
        assert entry.value.name.isprintable()
        assert "/" not in entry.value.name


@tried(80)
@given(document=mutated(SAMPLE))
def test_an_inventory_with_anything_changed_is_read_or_explained(document: object) -> None:
    try:
        content = yaml.safe_dump(document, allow_unicode=True)
    except (yaml.YAMLError, UnicodeEncodeError, ValueError):
        return
    read(content, "")
    read(content, "swim-tui")


@pytest.mark.parametrize("form", sorted(FOREIGN))
@tried(25)
@given(data=st.data())
def test_a_foreign_file_with_anything_changed_is_read_or_explained(form: str, data: st.DataObject) -> None:
    content = FOREIGN[form]
    for _ in range(data.draw(st.integers(1, 3))):
        at, size = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 6))
        content = content[:at] + data.draw(text) + content[at + size :]
    read(content, form)
    read(content, "")


@tried(60)
@given(content=st.one_of(text, st.text(max_size=200), trees.map(str)), form=st.sampled_from(["", *FORMATS]))
def test_any_text_at_all_is_read_or_explained(content: str, form: str) -> None:
    read(content, form)


@tried(60)
@given(data=st.one_of(st.binary(max_size=120), st.text(max_size=80).map(str.encode)))
def test_any_pasted_list_is_read_or_explained(data: bytes) -> None:
    try:
        read(device_lines(data, Device("-", "")), "swim-tui")
    except SwimError as err:
        said(err)


@pytest.mark.parametrize("path", PACKS[:: max(1, len(PACKS) // 4)], ids=lambda path: path.stem)
@tried(25)
@given(data=st.data())
def test_a_pack_with_anything_changed_is_whole_or_its_problems_have_lines(
    path: Path, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = data.draw(mutated(yaml.safe_load(path.read_text())))
    file = tmp_path_factory.getbasetemp() / f"fuzz-{path.stem}.yaml"
    try:
        file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    except (yaml.YAMLError, UnicodeEncodeError, ValueError):
        return
    for problem in check_pack(file):
        assert problem.startswith(str(file)), problem
        assert "Traceback" not in problem


@tried(60)
@given(content=st.one_of(text, trees.map(str), st.text(max_size=200)))
def test_any_text_is_no_pack_in_words(content: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz-any.yaml"
    try:
        file.write_text(content, encoding="utf-8")
    except UnicodeEncodeError:
        return
    assert all("Traceback" not in problem for problem in check_pack(file))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
@tried(15)
@given(value=st.one_of(text, st.integers().map(str), st.floats().map(str), st.text(max_size=40)))
def test_a_setting_takes_a_value_in_one_spelling_or_says_why_not(setting: Setting, value: str) -> None:
    try:
        canonical = setting.read(value.strip())
    except ValueError as err:
        words = str(err)
        assert words
        assert plain(words).isprintable()
        return
    assert setting.read(canonical) == canonical
    assert canonical.isprintable()


_PIECES = st.sampled_from(
    ("\x1b[31m", "\x1b[2J\x1b[H", "\x1b]8;;http://x\x07", "\x1bP1$r\x1b\\", "\x9b1m", "\r", "\x08", "\x07", "\x00",
     "\u202e", "\u2066", "[bold]", "[/]", "{0}", "%s", "Router#", "Proceed? [confirm]", "\x1b[6n", "\x1b[?1049h")
)  # fmt: skip


@tried(200)
@given(line=st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=10).map("".join))
def test_text_from_a_device_never_moves_a_cursor_or_becomes_markup(line: str) -> None:
    for shown in (neutral(line), rendered(line), plain(line)):
        assert "\x1b" not in shown
        assert not any(ord(c) < 32 and c not in "\t\n" for c in shown), repr(shown)
        assert not any(c in shown for c in "\u202e\u2066\x7f\x9b\u200e")
    assert Text(plain(line)).plain == plain(line)
