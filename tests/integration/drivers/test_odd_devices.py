"""Rows of DEVICE_FACTS section 8 that need a device of their own: NVRAM, boot lines that are lost, a crash, paging."""

from __future__ import annotations

from swim_tui.model.job import OpStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseStatus
from swim_tui.model.plan import Phase
from tests.integration.drivers.labkit import LabRun

ONE, TWO, PAGED = "ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "isr-4331-01"


def test_what_is_not_saved_or_not_kept_is_seen_before_the_reload(asr: LabRun) -> None:
    image, ref = asr.image()
    plan = asr.plan(ONE, image)
    assert asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED
    for fault, words in (("save_fails", "file open failed"), ("boot_ignored", "oot")):
        asr.fault(ONE, fault)
        result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
        assert result.status is PhaseStatus.FAILURE, (fault, result, asr.log_text()[-3000:])
        assert words in result.message, (fault, result)
        assert asr.events(ONE, "reload") == []
        asr.clear_fault(ONE, fault)
    assert any("boots" in text for text in result.left_behind), result  # what was there before was not kept either


def test_a_device_that_crashed_on_its_way_is_upgraded_with_a_warning(asr: LabRun) -> None:
    image, ref = asr.image()
    plan = asr.plan(TWO, image)
    assert asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED
    asr.fault(TWO, "crash_again=1*1")
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    events = [e["line"] for e in asr.events(TWO, "reload")]
    assert len(events) == 2, events
    assert result.outcome is Outcome.UPGRADED, (result, asr.log_text()[-3000:])
    proof = asr.finished()["activate.prove"]
    assert (proof.status, "it crashed on its way" in proof.message) == (OpStatus.WARNING, True), proof


def test_answers_that_come_page_by_page_are_read_whole(asr: LabRun) -> None:
    whole = asr.facts(PAGED)
    asr.fault(PAGED, "paging_stays")
    paged = asr.facts(PAGED)
    assert (paged.version.version, paged.version.image_file) == (whole.version.version, whole.version.image_file)
    assert paged.unread == whole.unread
    assert [fs.free_bytes for fs in paged.file_systems] == [fs.free_bytes for fs in whole.file_systems]
