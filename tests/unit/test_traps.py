"""The known traps of upgrading these devices, most dangerous first: for each, the tests that fail when it is sprung."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import swim_tui.planning
from swim_tui.drivers.copy import _COPIED
from swim_tui.drivers.install_output import judge_install
from swim_tui.model.facts import OsKind, VersionFacts
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.plan import Answer, DevicePlan, OpKind
from swim_tui.packs.loading import load_packs
from swim_tui.planning.protocols import choose_protocol
from tests.unit.planning import making as m
from tests.unit.planning import making_stack as ms

ROOT = Path(__file__).resolve().parents[2]
HERE = "unit/test_traps.py"
D, P, N, R = "unit/drivers/test_", "unit/planning/test_", "unit/net/test_", "unit/parse/test_parse_"

TRAPS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "the clean command takes the image just copied, and the way back",
        (
            f"{HERE}::test_nothing_is_cleaned_between_the_copy_and_the_install",
            f"{D}install16.py::test_the_clean_command_runs_before_the_copy_and_takes_only_what_was_planned",
            f"{D}install16.py::test_a_list_with_a_file_that_was_not_planned_is_answered_no",
        ),
    ),
    2: (
        "RETURN to every [confirm] erases flash; y to a file name makes a file called y",
        (
            f"{HERE}::test_no_planned_answer_goes_to_a_question_it_does_not_name",
            f"{HERE}::test_no_file_name_is_answered_with_y",
            f"{N}answers.py::test_a_question_that_is_not_in_the_table_is_never_answered",
            f"{N}answers.py::test_a_hazard_beats_an_own_answer_that_does_not_name_it",
            f"{N}dialogue.py::test_a_one_key_question_gets_one_key_and_the_next_question_its_own",
        ),
    ),
    3: (
        "SUCCESS before the reload proves nothing; inner SUCCESS lines stand in failing runs",
        (
            f"{HERE}::test_an_inner_success_is_not_the_success_of_the_command",
            f"{D}install16.py::test_a_failed_install_ends_with_the_text_of_the_device_and_no_reload",
            f"{D}install16.py::test_a_device_that_comes_back_with_the_old_version_is_named",
            f"{D}activate.py::test_a_device_that_boots_the_old_image_is_named_so",
        ),
    ),
    4: (
        "what waits for a commit goes back by itself",
        (
            f"{D}install16.py::test_by_hand_leaves_it_not_committed_with_its_deadline",
            f"{D}install16.py::test_a_timer_that_expired_before_the_commit_is_back_on_old",
            "integration/drivers/test_xr.py::test_an_attempt_after_a_crash_does_not_activate_twice_and_what_is_not_committed_goes_back",
            "integration/drivers/test_processors.py::test_a_4507_is_upgraded_in_service_and_committed",
        ),
    ),
    5: (
        "a wrong boot variable, register, Manual Boot or member: the old version, or no SSH at all",
        (
            f"{D}activate.py::test_a_boot_variable_that_does_not_take_is_never_reloaded",
            f"{D}activate.py::test_a_config_register_that_skips_the_boot_variable_stops",
            f"{P}checks.py::test_a_check_gives_its_verdict",
            f"{P}checks.py::test_a_boot_variable_that_differs_between_members_is_a_warning",
            f"{P}bootlist.py::test_a_stack_without_boot_lines_gets_them_on_every_member",
        ),
    ),
    6: (
        "defaults differ: n on NX-OS, yes on an IOS confirm, none on XE 16",
        (f"{HERE}::test_a_y_n_question_is_always_answered_in_words",),
    ),
    7: (
        "a push that only looks failed; a partial file under the final name",
        (
            f"{HERE}::test_sftp_is_never_offered_to_ios",
            f"{D}distribute.py::test_a_push_that_breaks_after_the_last_byte_is_a_success",
            f"{D}distribute.py::test_a_partial_or_wrong_copy_is_deleted_and_pushed_again",
            "integration/drivers/test_upgrade.py::test_a_late_answer_to_the_last_byte_is_not_a_failure",
        ),
    ),
    8: (
        "ready-made parsers drop or refuse exactly the rows that decide",
        (
            f"{R}boot.py::test_form_a_reads_every_member_of_a_classic_stack",
            f"{R}files.py::test_several_file_systems_keep_their_own_totals",
            f"{R}files.py::test_the_default_file_system_and_all_its_names_are_read",
            f"{R}install_facts.py::test_every_state_of_a_stack_member_is_read",
            f"{R}state.py::test_redundancy_of_a_single_processor_has_a_disabled_peer",
            f"{R}version.py::test_xr_32_bit_is_not_taken_for_ios",
        ),
    ),
    9: (
        "IOS-XR: messages behind the prompt, package names that are no file names, kbytes, its own copy line",
        (
            f"{HERE}::test_the_copy_line_of_xr_is_a_success_too",
            f"{N}dialogue.py::test_a_log_line_after_the_prompt_does_not_hide_the_prompt",
            "unit/model/test_imageset.py::test_a_pie_file_becomes_a_package_of_another_name",
            f"{R}files.py::test_xr_64_bit_counts_space_in_kilobytes",
            f"{R}install.py::test_how_an_operation_ended_is_told_by_its_own_number",
        ),
    ),
    10: (
        "one version in three spellings",
        ("unit/model/test_version.py::test_spellings_of_one_version_are_the_same",),
    ),
    11: (
        "3.x to 16.x needs new force, twice the space and a long first boot",
        (
            f"{HERE}::test_a_first_boot_with_new_microcode_is_waited_for",
            f"{P}stack.py::test_the_step_from_3_to_16_needs_a_consent_and_new_force",
            f"{P}stack.py::test_every_member_needs_room_for_image_and_packages",
        ),
    ),
    12: (
        "unsaved configuration asks, or is lost",
        (
            f"{HERE}::test_nothing_reloads_before_the_configuration_is_saved",
            f"{D}install16.py::test_unsaved_configuration_is_answered_as_the_job_says",
            f"{D}activate.py::test_the_save_question_stops_when_somebody_is_editing",
        ),
    ),
    13: (
        "not every % line is an error, nor every Error",
        (
            f"{R}state.py::test_warnings_syslog_and_percentages_are_no_refusal",
            f"{N}dialogue.py::test_other_percent_lines_are_output",
        ),
    ),
    14: (
        "success on the active alone is none",
        (
            f"{D}install16.py::test_a_member_that_stays_in_version_mismatch_is_not_ready",
            f"{P}plan_device.py::test_a_device_with_one_member_on_another_image_is_not_skipped",
            f"{P}checks.py::test_a_standby_that_is_not_hot_stops_a_dual_router",
        ),
    ),
    15: (
        "a session drops in five shapes, and none is a failure before the limit",
        (
            f"{D}activate.py::test_refused_logins_during_the_boot_are_waited_out",
            f"{N}dialogue.py::test_a_reload_that_hangs_is_a_lost_session_and_any_other_hang_a_timeout",
            "integration/net/test_lab_sessions.py::test_no_free_vty_and_a_closed_port_are_told_apart",
            "integration/net/test_sshd.py::test_probes_say_how_far_they_came",
        ),
    ),
}


@cache
def functions(path: Path) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_trap_has_its_tests() -> None:
    assert sorted(TRAPS) == list(range(1, 16))


@pytest.mark.parametrize("number", sorted(TRAPS))
def test_the_tests_of_a_trap_are_there_assert_something_and_are_not_skipped(number: int) -> None:
    _, ids = TRAPS[number]
    for test_id in ids:
        path, _, name = test_id.partition("::")
        found = functions(ROOT / "tests" / path).get(name)
        assert found is not None, test_id
        assert any(isinstance(n, ast.Assert | ast.With) for n in ast.walk(found)), f"{test_id} asserts nothing"
        marks = " ".join(ast.unparse(d) for d in found.decorator_list)
        assert "skip" not in marks, test_id
        assert "xfail" not in marks, test_id


# --- the traps that a property of all plans and answers keeps shut ---


def plans() -> dict[str, DevicePlan]:
    """One upgrade of each kind that reloads a device."""
    return {
        "bundle": m.plan(options=m.ACTIVATE),
        "install16": ms.plan(ms.cat9k(), options=m.ACTIVATE),
        "install3": ms.plan3(ms.cat3k(), options=m.ACTIVATE),
    }


def answers() -> Iterator[tuple[str, Answer]]:
    """Every answer that planning knows, with the module it stands in."""
    for info in pkgutil.iter_modules(swim_tui.planning.__path__):
        module = importlib.import_module(f"swim_tui.planning.{info.name}")
        for value in vars(module).values():
            found = value if isinstance(value, tuple) else (value,)
            yield from ((info.name, a) for a in found if isinstance(a, Answer))


HAZARDS = (
    "Erase flash: before copying? [confirm]",
    "Erasing the flash filesystem will remove all files! Continue? [confirm]",
    "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]",
    "Format operation may take a while. Continue? [confirm]",
    "Do you wish to proceed with reload anyway[confirm]",
    "System is running in SIMPLEX mode, reload anyway?",
    "Reload the entire shelf [confirm]",
    "Would you like to enter the initial configuration dialog? [yes/no]:",
)


def test_no_planned_answer_goes_to_a_question_it_does_not_name() -> None:
    known = list(answers())
    assert len(known) > 10
    for module, answer in known:
        for hazard in HAZARDS:
            assert not re.search(answer.pattern, hazard, re.IGNORECASE), (module, answer.pattern, hazard)


def test_no_file_name_is_answered_with_y() -> None:
    named = [a for _, a in answers() if re.search(r"filename|file name", a.pattern, re.IGNORECASE)]
    assert named
    assert all((a.reply or "").lower() not in ("y", "yes") for a in named)


def test_a_y_n_question_is_always_answered_in_words() -> None:
    asked = [a for _, a in answers() if re.search(r"y/n|yes/no|yes\[/:\]no", a.pattern)]
    assert len(asked) > 5
    assert all(a.reply is None or a.reply in ("y", "n", "q", "yes", "no") for a in asked)


@pytest.mark.parametrize("kind", sorted(plans()))
def test_nothing_is_cleaned_between_the_copy_and_the_install(kind: str) -> None:
    kinds = [op.kind for op in plans()[kind].operations]
    assert OpKind.COPY_IMAGE in kinds
    after = kinds[kinds.index(OpKind.COPY_IMAGE) :]
    assert OpKind.DELETE_FILES not in after


@pytest.mark.parametrize("kind", sorted(plans()))
def test_nothing_reloads_before_the_configuration_is_saved(kind: str) -> None:
    kinds = [op.kind for op in plans()[kind].operations]
    reloads = [i for i, k in enumerate(kinds) if k in (OpKind.RELOAD, OpKind.INSTALL)]
    assert reloads
    assert OpKind.SAVE_CONFIG in kinds[: reloads[0]]


def test_an_inner_success_is_not_the_success_of_the_command() -> None:
    inner = "SUCCESS: xFSU-pre-check finished\nFAILED: xFSU requirement pre-check\n"
    later = "FAILED: install_add_activate_commit : Abort xFSU install since requirement does not met"
    assert not judge_install(inner).is_success
    assert not judge_install(f"SUCCESS: install_add  Mon Jun 22\n{inner}{later}").is_success
    assert judge_install("SUCCESS: install_add_activate_commit  Mon Jun 22 18:15:54 UTC 2020").is_success


def test_sftp_is_never_offered_to_ios() -> None:
    facts = m.facts(version=VersionFacts(os=OsKind.IOS))
    options = JobOptions(protocol_order=(Protocol.SFTP, Protocol.SCP))
    choice = choose_protocol(facts, options, m.pack("c2960"))
    assert choice.protocol is not Protocol.SFTP
    assert choose_protocol(m.facts(), options, m.pack()).protocol is Protocol.SCP


def test_the_copy_line_of_xr_is_a_success_too() -> None:
    assert _COPIED.search("477999627 bytes copied in    375 sec (  1273283)bytes/sec")


@pytest.mark.parametrize("name", ["c3850", "c2960", "c2960x", "c3750x"])
def test_a_first_boot_with_new_microcode_is_waited_for(name: str) -> None:
    # a microcode upgrade takes 600 to 1500 seconds before SSH answers
    assert load_packs().get(name).waits.reload_limit_s >= 1500
