"""Collect images along with inventory collection."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from swim_tui.engine.collecting import BEFORE_A_PLAN, Collecting
from swim_tui.engine.state import State
from swim_tui.errors import Conflict
from swim_tui.model.facts import BootMode, Facts, VersionFacts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType, Run, RunStatus

AT = datetime(2026, 3, 14, 1, 0, tzinfo=UTC)
SYNC = Job("1", JobRequest(JobType.INVENTORY_SYNC), "Job_Sync", JobStatus.COMPLETED, AT, created_by="ana")
RUN = Run("10", "1", "Job_Sync", JobType.INVENTORY_SYNC, RunStatus.SUCCESS, AT, started_at=AT)


class Desk:
    """Takes requests, or refuses them."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.taken: list[tuple[JobRequest, str]] = []

    async def submit(self, request: JobRequest, by: str = "") -> Job:
        if self.refuses:
            raise Conflict(detail="the store is full", action="make room")
        self.taken.append((request, by))
        return replace(SYNC, id=str(1 + len(self.taken)), request=request, status=JobStatus.RUNNING)


async def keep(state: State, device: str, image: str, *, minutes: int = 1, mode: BootMode = BootMode.BUNDLE) -> None:
    read = Facts(device, AT + timedelta(minutes=minutes), version=VersionFacts(image_file=image, mode=mode))
    await asyncio.wrap_future(state.tables.facts.put(read))


async def test_a_sync_collects_each_running_image_once_that_the_repository_lacks(state: State) -> None:
    desk = Desk()
    collecting = Collecting(state, lambda: True, desk.submit)
    for name in ("r1", "r2"):
        await keep(state, name, "bootflash:new.bin")
    await keep(state, "r3", "flash:/dir/other.bin")
    await keep(state, "r4", "flash:held.bin")
    await keep(state, "r5", "flash:packages.conf", mode=BootMode.INSTALL)
    await keep(state, "r6", "flash:unread.bin", minutes=-5)
    await keep(state, "r7", "")
    await asyncio.wrap_future(state.tables.images.put(SoftwareImage("held", "held.bin", 5, "m", "s", AT)))
    await collecting.after(SYNC, RUN)
    [(request, by)] = desk.taken
    assert request.type is JobType.COLLECTION
    assert (request.source, request.sources, by) == ("device:r1", ("device:r3",), "ana")
    under_way = replace(SYNC, id="2", request=request, status=JobStatus.RUNNING)
    await asyncio.wrap_future(state.tables.jobs.put(under_way))
    await collecting.after(SYNC, RUN)
    assert len(desk.taken) == 1, "what is on its way is not asked for again"


async def test_a_refusal_is_told_and_nothing_is_collected_before_a_plan_or_while_it_is_off(state: State) -> None:
    await keep(state, "r1", "bootflash:new.bin")
    collecting = Collecting(state, lambda: True, Desk(refuses=True).submit)
    await collecting.after(SYNC, RUN)
    [kept] = state.tables.notices.all()
    assert (kept.notice.level, "Job_Sync: " in kept.notice.text) == ("error", True)
    assert collecting.is_wanted(SYNC)
    assert not Collecting(state, lambda: False, Desk().submit).is_wanted(SYNC)
    before = replace(SYNC, request=replace(SYNC.request, description=BEFORE_A_PLAN))
    assert not collecting.is_wanted(before)
