"""Run plans: hash, consents, window, differences, export."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from swim_tui.errors import Refused
from swim_tui.model.device import Device, Role
from swim_tui.model.job import JobType
from swim_tui.model.jobname import default_job_name, name_words, with_stamp
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import DevicePlan, RunPlan
from swim_tui.planning.analysis import NOT_APPLICABLE, newest_first, report
from swim_tui.planning.canonical import canonical_json, plan_hash
from swim_tui.planning.diff import differences
from swim_tui.planning.durations import makespan_s, words
from swim_tui.planning.export import to_csv, to_json, to_markdown
from swim_tui.planning.run import plan_run
from tests.unit.planning import making as m


def several(count: int, options: JobOptions = m.ACTIVATE) -> tuple[list[DevicePlan], list[Device]]:
    devices = [m.device(f"r{i}", Role.ACCESS) for i in range(count)]
    return [m.plan(options=options, device=d) for d in devices], devices


def run(count: int = 3, options: JobOptions = m.ACTIVATE, **more: object) -> RunPlan:
    plans, devices = several(count, options)
    return plan_run(plans, devices, options, made_at=m.NOW, **more)  # type: ignore[arg-type]


def test_the_hash_is_the_same_for_the_same_plan_made_later_from_newer_facts() -> None:
    plans, devices = several(2)
    one = plan_run(plans, devices, m.ACTIVATE, made_at=m.NOW)
    newer = m.facts(read_at=m.NOW + timedelta(hours=2), file_systems=(m.flash(m.file(m.OLD), free=1999 * m.MB),))
    later = [m.plan(newer, device=d) for d in devices]
    assert plan_run(later, devices, m.ACTIVATE, made_at=m.NOW + timedelta(hours=2)).sha256 == one.sha256


def test_the_hash_does_not_change_when_facts_grow_old_or_somebody_logs_in() -> None:
    devices = [m.device()]
    one = plan_run([m.plan()], devices, m.ACTIVATE, made_at=m.NOW)
    old = m.plan(m.facts(read_at=m.NOW - timedelta(days=2), other_users=("anna",)))
    assert plan_run([old], devices, m.ACTIVATE, made_at=m.NOW).sha256 == one.sha256


def test_the_hash_changes_with_any_line_that_would_be_sent() -> None:
    plans, devices = several(2)
    one = plan_run(plans, devices, m.ACTIVATE, made_at=m.NOW)
    op = plans[0].operations[-4]
    other = replace(op, lines=(replace(op.lines[0], text="reload in 5"),))
    changed = replace(plans[0], operations=(*plans[0].operations[:-4], other, *plans[0].operations[-3:]))
    assert plan_run([changed, plans[1]], devices, m.ACTIVATE, made_at=m.NOW).sha256 != one.sha256


def test_the_hash_can_be_computed_from_the_plan_itself() -> None:
    plan = run()
    assert plan_hash(plan) == plan.sha256
    assert json.loads(canonical_json(plan))["sha256"] == plan.sha256


def test_an_open_consent_is_listed_and_a_given_one_marked() -> None:
    image = m.image(version="03.10.00.S")
    device = m.device()
    open_plan = plan_run([m.plan(the_image=image)], [device], m.ACTIVATE, made_at=m.NOW)
    assert [(c.name, c.given) for c in open_plan.consents] == [("lower-version", False)]
    given = m.plan(the_image=image, consents=("lower-version",))
    plan = plan_run([given], [device], m.ACTIVATE, made_at=m.NOW, consents=("lower-version",))
    assert [(c.name, c.given) for c in plan.consents] == [("lower-version", True)]


def test_a_consent_that_would_not_help_is_not_asked_for() -> None:
    bad = m.plan(m.facts(privilege=1), the_image=m.image(version="03.10.00.S"))
    assert plan_run([bad], [m.device()], m.ACTIVATE, made_at=m.NOW).consents == ()


def test_activating_as_soon_as_ready_is_refused_for_devices_that_carry_others() -> None:
    options = replace(m.ACTIVATE, activate_when_ready=True)
    with pytest.raises(Refused):
        plan_run([m.plan(options=options)], [m.device(role=Role.WAN)], options, made_at=m.NOW)
    access = m.device(role=Role.ACCESS)
    assert plan_run([m.plan(options=options, device=access)], [access], options, made_at=m.NOW).order


def test_skipped_and_excluded_devices_are_not_in_the_order() -> None:
    plans, devices = several(3)
    plans[1] = replace(plans[1], included=False, excluded_because="x")
    plans[2] = replace(plans[2], skipped_because="there", operations=())
    plan = plan_run(plans, devices, m.ACTIVATE, made_at=m.NOW)
    assert [e.device for e in plan.order] == ["r0"]
    assert plan.bytes_to_move == 360 * m.MB


def test_a_boot_command_without_activation_is_announced() -> None:
    options = JobOptions(insert_boot_command=True)
    assert any("next reload" in w for w in run(1, options).warnings)


def test_the_same_plan_shows_no_difference_and_less_free_space_that_still_suffices_is_none() -> None:
    less = m.facts(file_systems=(m.flash(m.file(m.OLD), free=500 * m.MB),))
    assert differences(m.plan(), m.plan()) == ()
    assert differences(m.plan(), m.plan(less)) == ()


def test_what_was_copied_meanwhile_is_no_difference() -> None:
    now = m.plan(m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(m.NEW, 360 * m.MB)),)))
    assert differences(m.plan(), now) == ()


def test_another_running_image_or_boot_variable_is_a_difference() -> None:
    facts = m.facts()
    other = replace(facts, version=replace(facts.version, version="03.12.00.S"))
    assert any(d.startswith("from version: 03.13.00.S -> 03.12.00.S") for d in differences(m.plan(), m.plan(other)))
    boot = replace(facts.boot[0], config_lines=("boot system bootflash:z.bin",))
    assert any("boot variable" in d for d in differences(m.plan(), m.plan(replace(facts, boot=(boot,)))))


def test_a_device_that_is_excluded_now_is_a_difference() -> None:
    assert differences(m.plan(), m.plan(m.facts(privilege=1)))[0].startswith("included: yes -> no")


def test_more_deletions_than_approved_are_a_difference() -> None:
    erase = replace(m.ACTIVATE, erase_flash=True)
    old = "asr1000rp1-adventerprisek9.03.0{}.00.S.151-1.S.bin"
    a, b = m.file(old.format(1), 300 * m.MB), m.file(old.format(2), 300 * m.MB)
    approved = m.plan(m.facts(file_systems=(m.flash(m.file(m.OLD), a, b, free=100 * m.MB),)), erase)
    now = m.plan(m.facts(file_systems=(m.flash(m.file(m.OLD), a, b, free=10 * m.MB),)), erase)
    assert any("files to delete" in d for d in differences(approved, now))


def test_markdown_names_every_changing_line_the_excluded_and_what_is_never_done() -> None:
    plans, devices = several(2)
    plans[1] = m.plan(m.facts(privilege=1), device=devices[1])
    text = to_markdown(plan_run(plans, devices, m.ACTIVATE, made_at=m.NOW))
    assert f"CHANGES: (config) `boot system bootflash:{m.NEW}`" in text
    assert "CHANGES: `reload`" in text
    assert "reads: `show bootvar`" in text
    assert "## Excluded" in text
    assert "Privilege: expected 15, is 1" in text
    assert "never" in text
    assert "taken back with" in text


def test_text_from_devices_cannot_break_the_markdown() -> None:
    facts = m.facts(pending_reload="x | y\n<script>")
    plans, devices = [m.plan(facts)], [m.device()]
    text = to_markdown(plan_run(plans, devices, m.ACTIVATE, made_at=m.NOW))
    assert "<script>" not in text
    assert "x \\| y" in text


def test_csv_has_a_line_per_device_and_no_formulas() -> None:
    plans, devices = several(2)
    plans[1] = replace(plans[1], location="=cmd()")
    rows = list(csv.DictReader(io.StringIO(to_csv(plan_run(plans, devices, m.ACTIVATE, made_at=m.NOW)))))
    assert [r["device"] for r in rows] == ["r0", "r1"]
    assert rows[1]["location"] == "'=cmd()"
    assert rows[0]["bytes"] == str(360 * m.MB)


def test_json_carries_the_hash() -> None:
    plan = run()
    assert json.loads(json.dumps(to_json(plan)))["sha256"] == plan.sha256


def test_analysis_has_a_row_for_each_device_and_image() -> None:
    foreign = m.image("c2960-lanbasek9-mz.150-2.SE11.bin", family="C2960")
    made = report([(m.device(), m.facts(), m.pack())], [foreign, m.image()], JobOptions(), now=m.NOW)
    by_file = {r.image_file: r for r in made.rows}
    assert by_file[foreign.file_name].reason == NOT_APPLICABLE
    row = by_file[m.NEW]
    assert row.is_applicable
    assert row.ram is not None
    assert (row.ram.required_bytes, row.ram.total_bytes) == (2048 * m.MB, 4096 * m.MB)
    assert row.flash[0][1].free_bytes == 2000 * m.MB
    only = report(
        [(m.device(), m.facts(), m.pack())], [foreign, m.image()], JobOptions(), now=m.NOW, only_applicable=True
    )
    assert len(only.rows) == 1


def test_a_device_never_read_says_so() -> None:
    made = report([(m.device(), None, m.pack())], [m.image()], JobOptions(), now=m.NOW)
    assert "never read" in made.rows[0].reason


def test_images_are_listed_newest_first() -> None:
    images = [m.image(f"{v}.bin", version=v) for v in ("03.10.00.S", "03.16.01.S", "03.13.05.S")]
    assert [i.version for i in newest_first(images)] == ["03.16.01.S", "03.13.05.S", "03.10.00.S"]


def test_the_default_job_name_has_the_form_of_the_reference() -> None:
    at = datetime(2016, 1, 11, 20, 49, 54, 284_000)  # noqa: DTZ001  # the reference's own example
    assert default_job_name(JobType.DISTRIBUTION, at) == "Job_Swim_Distribution_8_49_54_284_PM_1_11_2016"
    midnight = datetime(2016, 1, 11, 0, 5, 6, 7_000)  # noqa: DTZ001
    assert default_job_name(JobType.COLLECTION, midnight) == "Job_Swim_Collection_12_5_6_007_AM_1_11_2016"


def test_durations_in_words() -> None:
    assert [words(s) for s in (45, 720, 11 * 3600 + 18 * 60, 7200, 76 * 3600)] == [
        "45 s",
        "12 m",
        "11 h 18 m",
        "2 h",
        "3 d 4 h",
    ]


def test_lanes_fill_up_longest_first() -> None:
    assert makespan_s([5, 4, 3], 2) == 7
    assert makespan_s([], 3) == 0


def test_parallel_activation_takes_as_long_as_its_batches() -> None:
    one = run(5).expected_activation_s
    side_by_side = run(5, replace(m.ACTIVATE, activate=ActivateMode.PARALLEL)).expected_activation_s
    assert one == 5 / 2 * side_by_side


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("https://images.example.net/x.bin", "URL"), ("sftp://192.0.2.1/x.bin", "PROTOCOL"), ("/srv/x.bin", "File"),
        ("device:sw1:flash:x.bin", "Device"), ("cisco:C9300/x.bin", "Cisco"),
    ],
)  # fmt: skip
def test_the_name_of_a_collection_says_where_the_image_came_from(source: str, words: str) -> None:
    assert name_words(JobType.COLLECTION, source) == f"{words}_Image_Collection"
    assert name_words(JobType.COLLECTION, "not a source") == "Swim_Collection"


def test_a_text_of_ones_own_keeps_the_stamp_of_the_reference() -> None:
    at = datetime(2016, 4, 20, 19, 49, 53, 50_000)  # noqa: DTZ001
    stamped = "ImportImage_Catalyst_3850_7_49_53_050_PM_4_20_2016"
    assert with_stamp("ImportImage_Catalyst_3850", at) == stamped
    assert with_stamp("ImportImage_Catalyst_3850_", at) == stamped
    assert with_stamp(stamped, at) == stamped
