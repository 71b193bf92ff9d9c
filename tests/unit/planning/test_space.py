"""Smart erase: fewest, oldest, and never what runs."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from swim_tui.model.facts import FileEntry
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import OpKind
from swim_tui.planning.space import candidates, fewest_oldest, protected_files
from tests.unit.planning import making as m

ERASE = replace(m.ACTIVATE, erase_flash=True)


def name(n: int) -> str:
    return f"asr1000rp1-adventerprisek9.03.0{n}.00.S.151-1.S.bin"


def test_space_is_freed_only_when_the_erase_is_allowed() -> None:
    short = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(name(1)), free=100 * m.MB),))
    assert not m.plan(short).included
    plan = m.plan(short, ERASE)
    deletions = [d.path for op in plan.operations for d in op.deletions]
    assert deletions == [name(1)]


def test_nothing_is_deleted_when_there_is_room() -> None:
    roomy = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(name(1))),))
    assert OpKind.DELETE_FILES not in {op.kind for op in m.plan(roomy, ERASE).operations}


def test_erase_stands_before_the_copy_and_after_the_backups() -> None:
    short = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(name(1)), free=100 * m.MB),))
    kinds = [op.kind for op in m.plan(short, replace(ERASE, backup_current_image=True)).operations]
    order = [OpKind.BACKUP_CONFIG, OpKind.BACKUP_IMAGE, OpKind.DELETE_FILES, OpKind.COPY_IMAGE]
    assert [k for k in kinds if k in order][:4] == order


def test_unknown_files_the_running_image_and_boot_targets_stay() -> None:
    facts = m.facts()
    boot = replace(facts.boot[0], config_lines=(f"boot system bootflash:{name(2)},12;",))
    facts = replace(facts, boot=(boot,))
    files = [m.file(m.OLD), m.file(name(2)), m.file("config.text"), m.file("cat9k.bin"), m.file("packages.conf")]
    files += [FileEntry("old", 0, is_dir=True), m.file(name(3))]
    found = candidates(m.flash(*files), protected_files(facts), m.pack().file_patterns)
    assert [f.path for f in found] == [name(3)]


def test_a_boot_target_is_protected_on_every_member() -> None:
    found = candidates(m.flash(m.file(m.OLD), name="flash-2:"), protected_files(m.facts()), m.pack().file_patterns)
    assert found == []


def test_the_oldest_of_two_that_would_do_is_taken_and_unknown_dates_come_last() -> None:
    old = m.file(name(1), modified="Jan 1 2010 00:00:00 +00:00")
    young = m.file(name(2), modified="Jan 1 2020 00:00:00 +00:00")
    undated = m.file(name(3), modified="<no date>")
    found = candidates(m.flash(undated, young, old), frozenset(), m.pack().file_patterns)
    assert found == [old, young, undated]
    assert fewest_oldest(found, 100 * m.MB) == (old,)


sizes = st.lists(st.integers(1, 1000), max_size=9)


@given(sizes, st.integers(0, 4000))
def test_the_choice_is_enough_and_no_smaller_number_of_files_would_be(found: list[int], missing: int) -> None:
    entries = [FileEntry(f"f{i}", size) for i, size in enumerate(found)]
    chosen = fewest_oldest(entries, missing)
    if missing <= 0 or sum(found) < missing:
        assert chosen == ()
        return
    assert sum(e.size_bytes for e in chosen) >= missing
    assert len(set(chosen)) == len(chosen)
    fewer = itertools.combinations(found, len(chosen) - 1)
    assert all(sum(group) < missing for group in fewer)


@given(sizes, st.integers(1, 4000))
def test_of_all_smallest_sets_the_oldest_comes_first(found: list[int], missing: int) -> None:
    entries = [FileEntry(f"f{i}", size) for i, size in enumerate(found)]
    chosen = fewest_oldest(entries, missing)
    enough = [
        g for g in itertools.combinations(entries, len(chosen)) if chosen and sum(e.size_bytes for e in g) >= missing
    ]
    assert not chosen or chosen == enough[0]


def test_erase_is_refused_when_even_all_images_together_are_too_small() -> None:
    short = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(name(1), 5 * m.MB), free=0),))
    plan = m.plan(short, ERASE)
    assert not plan.included
    assert "Free space" in plan.excluded_because


def test_options_default_to_no_erase() -> None:
    assert JobOptions().erase_flash is False
