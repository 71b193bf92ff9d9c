"""Device tasks on the wire: encoded once, forgotten with the task, the same bytes as pydantic's own."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swim_tui.api import codec
from swim_tui.api.codec import TaskTexts, adapter, decode_envelope, encode_envelope, encode_result
from swim_tui.model.events import Envelope, EventId, TaskChanged
from swim_tui.model.job import (
    DeviceTask,
    Job,
    JobRequest,
    JobStatus,
    JobType,
    OperationState,
    Run,
    RunStatus,
    count_tasks,
)
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.views import RunDetail

NOW = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)


def task(number: int) -> DeviceTask:
    op = OperationState("activate.reload", OpKind.RELOAD, Phase.ACTIVATE, "Reloading “r”", started_at=NOW)
    return DeviceTask("1", f"r{number}", operations=(op,))


def detail(count: int) -> RunDetail:
    tasks = tuple(task(number) for number in range(count))
    job = Job("2", JobRequest(JobType.DISTRIBUTION), "n", JobStatus.RUNNING, NOW)
    run = Run("1", "2", "n", JobType.DISTRIBUTION, RunStatus.RUNNING, NOW)
    return RunDetail(EventId("e", 7), run, job, tasks, count_tasks(tasks))


async def wire(value: RunDetail) -> bytes:
    return b"".join([piece async for piece in encode_result(RunDetail, value)])


async def test_a_run_is_encoded_as_pydantic_would_with_any_number_of_tasks() -> None:
    for count in (0, 1, 25, 450):
        value = detail(count)
        assert await wire(value) == adapter(RunDetail).dump_json(value)
        changed = replace(value, tasks=(*value.tasks[1:], task(999)))
        assert adapter(RunDetail).validate_json(await wire(changed)) == changed


def test_an_event_of_a_task_shares_its_text_and_reads_as_before() -> None:
    one = task(1)
    envelope = Envelope(EventId("e", 3), TaskChanged(one))
    line = encode_envelope(envelope)
    assert codec._TASKS.json(one) in line
    assert decode_envelope(line) == envelope


def test_a_text_is_made_once_and_not_kept_longer_than_its_task_nor_without_end() -> None:
    texts = TaskTexts(size=3)
    one = task(1)
    assert texts.json(one) is texts.json(one)
    other = replace(one, message="changed")
    assert texts.json(other) != texts.json(one)
    del other
    gc.collect()
    assert len(texts._kept) == 1
    many = [task(number) for number in range(5)]
    assert [texts.json(each) for each in many] == [adapter(DeviceTask).dump_json(each) for each in many]
    assert len(texts._kept) == 3


async def test_a_large_answer_is_decoded_without_collections_and_they_go_on_afterwards() -> None:
    value = detail(300)
    body = await wire(value)
    assert len(body) > codec.LARGE_BODY
    before = sum(generation["collections"] for generation in gc.get_stats())
    assert codec.method("run").decode_result(body) == value
    assert sum(generation["collections"] for generation in gc.get_stats()) - before <= 1
    assert gc.isenabled()
    with pytest.raises(ValueError, match="JSON"):
        codec.method("run").decode_result(b"{" * codec.LARGE_BODY)
    assert gc.isenabled()
