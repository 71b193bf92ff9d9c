"""Device packs: the shipped ones, what is wrong with a file, recognition, commands."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.errors import NotFound, PackError
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import OsKind, VersionFacts
from swim_tui.model.imagename import identify_name
from swim_tui.packs import PackSet, check_pack, commands_of, load_pack, load_packs
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


@pytest.mark.parametrize(
    ("name", "file", "device_class"),
    [
        ("asr1002", "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin", DeviceClass.XE_BUNDLE),
        ("asr1001-x", "asr1001x-universalk9.16.09.08.SPA.bin", DeviceClass.XE_BUNDLE),
        ("asr1001-x", "asr1001x-universalk9.03.16.04b.S.155-3.S4b-ext.SPA.bin", DeviceClass.XE_BUNDLE),
        ("isr4331", "isr4300-universalk9.16.06.04.SPA.bin", DeviceClass.XE_BUNDLE),
        ("c2960", "c2960-lanbasek9-mz.150-2.SE11.bin", DeviceClass.IOS_BIN),
        ("c2960x", "c2960x-universalk9-mz.152-7.E10.bin", DeviceClass.IOS_BIN),
        ("isr-g2", "c2900-universalk9-mz.SPA.151-4.M4.bin", DeviceClass.IOS_BIN),
    ],
)
def test_a_pack_accepts_its_own_images_by_name_and_family(name: str, file: str, device_class: DeviceClass) -> None:
    accepting = [p.name for p in PACKS if any(re.fullmatch(x, file, re.IGNORECASE) for x in p.file_patterns)]
    assert accepting == [name]
    pack = PACKS.get(name)
    assert pack.device_class is device_class
    assert identify_name(file).family in pack.families


@pytest.mark.parametrize(
    ("pid", "family", "name"),
    [
        ("ASR1002", "PPC_LINUX_IOSD", "asr1002"),
        ("ASR1001-X", "X86_64_LINUX_IOSD", "asr1001-x"),
        ("ISR4331/K9", "X86_64_LINUX_IOSD", "isr4331"),
        ("WS-C2960-24TT-L", "C2960", "c2960"),
        ("WS-C2960+24TC-L", "C2960", "c2960"),
        ("WS-C2960X-48FPD-L", "C2960X", "c2960x"),
        ("WS-C2960XR-24TS-I", "C2960X", "c2960x"),
        ("CISCO1941/K9", "C1900", "isr-g2"),
        ("CISCO2911/K9", "C2900", "isr-g2"),
        ("CISCO3945-CHASSIS", "C3900", "isr-g2"),
        ("C3900-SPE250/K9", "C3900E", None),
        ("WS-C2960S-48FPS-L", "C2960S", None),
        ("ISR4451-X/K9", "X86_64_LINUX_IOSD", None),
        ("", "C2960", None),
        ("", "", None),
    ],
)
def test_a_device_is_recognised_by_its_model(pid: str, family: str, name: str | None) -> None:
    found = PACKS.detect(VersionFacts(os=OsKind.IOS, family=family, pid=pid))
    assert (found.name if found else None) == name


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


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_commands_are_told_apart_by_what_they_do(pack) -> None:  # type: ignore[no-untyped-def]
    commands = commands_of(pack)
    assert all(c.startswith(("show ", "dir ", "verify ", "terminal ")) for c in commands.read_only)
    assert not any(c.startswith(("show ", "dir ", "verify ")) for c in commands.changing)
    assert {"reload", "write memory", "configure terminal", "ip scp server enable"} <= set(commands.changing)
    assert not set(commands.read_only) & set(commands.changing)
    assert not any(word in c for c in commands.changing for word in ("format", "erase", "squeeze"))


@given(st.text(max_size=200))
def test_any_text_is_checked_without_an_exception(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    assert check_pack(path)
