"""Device packs: the shipped ones, what is wrong with a file, recognition, commands."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.errors import NotFound, PackError
from swim_tui.model.facts import OsKind, VersionFacts
from swim_tui.packs.loading import PackSet, check_pack, load_pack, load_packs
from swim_tui.paths import shipped_data

SHIPPED = shipped_data() / "packs"
PACKS = load_packs(SHIPPED)

GOOD = (SHIPPED / "c2960.yaml").read_text(encoding="utf-8")


def write(directory: Path, text: str, name: str = "mine.yaml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_pack_is_good_and_named_like_its_file(path: Path) -> None:
    assert check_pack(path) == []
    pack = load_pack(path)
    assert pack.name == path.stem
    assert pack.source == str(path)
    assert pickle.loads(pickle.dumps(pack)) == pack


def test_the_model_of_the_inventory_goes_before_the_one_of_show_version() -> None:
    facts = VersionFacts(os=OsKind.IOS_XE, family="X86_64_LINUX_IOSD", pid="chassis")
    found = PACKS.detect(facts, "ISR4331/K9")
    assert found is not None
    assert found.name == "isr4331"


def test_two_packs_that_match_equally_well_are_no_answer(tmp_path: Path) -> None:
    one = load_pack(write(tmp_path, GOOD))
    other = load_pack(write(tmp_path, GOOD.replace("name: c2960", "name: c2960-b"), "b.yaml"))
    facts = VersionFacts(family="C2960", pid="WS-C2960-8TC-L")
    assert PackSet((one, other)).detect(facts) is None
    assert PackSet((one,)).detect(facts) is one


def test_a_pack_of_the_user_replaces_the_shipped_one_of_that_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("title: Cisco Catalyst 2960", "title: Our 2960"))
    packs = load_packs(SHIPPED, tmp_path)
    assert packs.get("c2960").title == "Our 2960"
    assert packs.names() == PACKS.names()


def test_a_missing_directory_holds_no_packs(tmp_path: Path) -> None:
    assert load_packs(tmp_path / "none").names() == ()


def test_all_problems_are_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    text = (
        GOOD.replace("netmiko_type: cisco_ios", "netmiko_typ: cisco_ios")
        .replace("device_class: IOS-BIN", "device_class: IOS-BIM")
        .replace("settle_s: 30", "settle_s: fast")
        .replace("pid: ^WS-C2960[+-]", "pid: ^WS-C2960[+-")
        .replace("hash_command: verify /md5 {fs}{path}", "hash_command: verify /md5 {file}")
        .replace("  - show reload", "  - reload")
    )
    path = write(tmp_path, text)
    problems = check_pack(path)
    lines = text.split("\n")

    def line_of(word: str) -> int:
        return next(i for i, line in enumerate(lines, 1) if re.match(rf"[- ]*{re.escape(word)}(?!_)", line))

    for word, said in (
        ("netmiko_typ:", "did you mean 'netmiko_type'"),
        ("device_class", "device_class"),
        ("settle_s", "waits.settle_s"),
        ("pid:", "regular expression"),
        ("hash_command", "{file}"),
        ("reload", "never changes a device"),
    ):
        assert any(p.startswith(f"{path}:{line_of(word)}: ") and said in p for p in problems), (word, problems)
    assert any("'netmiko_type' is missing" in p for p in problems)
    assert len(problems) == 7
    with pytest.raises(PackError) as caught:
        load_pack(path)
    assert caught.value.problems == tuple(problems)


def test_a_key_that_stands_twice_is_a_problem_with_both_lines(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "name: other\n")
    (problem,) = check_pack(path)
    last = len(GOOD.split("\n"))
    assert problem == f"{path}:{last}: 'name' stands twice (first in line 2)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "just words\n",
        "name: [unclosed\n",
        "a: b: c\n",
        "\t- x",
        "name: &a [*a]\n",
        "? [x]\n: y\n",
        "name: 2020-99-99\n",
    ],
)
def test_a_file_that_is_no_pack_has_a_problem_with_a_line(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    problems = check_pack(path)
    assert problems
    assert all(re.match(rf"{re.escape(str(path))}:\d+: ", p) for p in problems)


def test_binary_and_missing_files_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in check_pack(path)[0]
    assert "cannot be read" in check_pack(tmp_path / "none.yaml")[0]


def test_one_bad_file_among_good_ones_is_named(tmp_path: Path) -> None:
    write(tmp_path, "name: x\n", "bad.yaml")
    with pytest.raises(PackError) as caught:
        load_packs(SHIPPED, tmp_path)
    assert all("bad.yaml" in p for p in caught.value.problems)


def test_two_files_of_one_directory_may_not_share_a_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, GOOD, "b.yaml")
    with pytest.raises(PackError, match="also in"):
        load_packs(tmp_path)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        PACKS.get("asr1003")
    assert "asr1002" in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_checked_without_an_exception(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    assert check_pack(path)


CLASS_FIELDS = [
    ("install:\n  commmit: x", "unknown field 'install.commmit', did you mean 'commit'?"),
    ("install:\n  commit: install commit {who}", "unknown field {who}"),
    ("install:\n  commit: show version", "this command reads only"),
    ("install:\n  state: [install commit]", "never changes a device"),
    ("install:\n  add: format flash", "erases more than an upgrade may"),
    (
        "install:\n  timer_minutes: 5\n  timer_min_minutes: 30\n  timer_max_minutes: 60",
        "timer_minutes must lie between",
    ),
    ("supports: [commit]", "supports commit, but IOS-BIN has no commit command"),
    ("supports: [issu]", "say how, under issu"),
    ("issu:\n  style: vss\n  load: issu loadversion {fs}{path}", "give one_step, or load, run and commit"),
    ("issu:\n  style: odd\n  one_step: x", "issu.style"),
    ("members:\n  copyy: x", "unknown field 'members.copyy', did you mean 'copy'?"),
    ("members:\n  copy: copy {fs}{path} {place}{path}", "unknown field {place}"),
    ("copy:\n  scp_on: []", "scp_on and scp_off belong together"),
    ("copy:\n  pull_vrf: copy {url} {fs}{path}", "pull_vrf needs {vrf}"),
    ("copy:\n  delete: delete flash", "needs {path}"),
    ("variants:\n  - device_class: IOS-TAR", "give at least one of version, mode, image"),
    ("variants:\n  - device_class: IOS-TAR\n    imagee: x", "unknown field 'variants.0.imagee', did you mean 'image'?"),
    ("variants:\n  - device_class: IOS-TAR\n    image: x\n    install:\n      ad: y", "did you mean 'add'?"),
    ("image_parts: [system]", "two or more parts"),
    ("reload_command: reload now", "reload_command"),
    ("waits:\n  install_limit_s: 0", "waits.install_limit_s"),
]


@pytest.mark.parametrize(("text", "said"), CLASS_FIELDS, ids=[said[:40] for _, said in CLASS_FIELDS])
def test_a_mistake_in_a_field_of_a_class_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    without = re.sub(r"(?ms)^(?:supports|variants|waits):.*?(?=^\w)", "", GOOD)
    path = write(tmp_path, without + text + "\n")
    problems = check_pack(path)
    assert any(said in problem for problem in problems), problems
    assert all(re.match(rf"{re.escape(str(path))}:\d+: ", problem) for problem in problems)


def test_what_a_pack_says_of_its_class_goes_before_what_the_class_says(tmp_path: Path) -> None:
    text = re.sub(r"(?ms)^variants:.*?(?=^\w)", "", GOOD).replace("device_class: IOS-BIN", "device_class: XE16-INSTALL")
    pack = load_pack(write(tmp_path, text + "install:\n  commit: install commit now\n"))
    assert pack.install.commit == "install commit now"
    assert pack.install.add == "install add file {fs}{path}"
    assert pack.install.timer_minutes == 120


def test_a_device_is_told_apart_by_edition_and_version(tmp_path: Path) -> None:
    text = re.sub(
        r"(?ms)^recognise:.*?(?=^\w)", "recognise:\n  family: ^ASR9K$\n  edition: ^px$\n  version: ^6\\.\n", GOOD
    )
    packs = PackSet((load_pack(write(tmp_path, text)),))
    assert packs.detect(VersionFacts(family="ASR9K", edition="px", version="6.1.4")) is not None
    assert packs.detect(VersionFacts(family="ASR9K", edition="x64", version="6.1.4")) is None
    assert packs.detect(VersionFacts(family="ASR9K", edition="px", version="5.3.3")) is None
