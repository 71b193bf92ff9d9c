"""The evidence pack of a run: its files by name, each made or read when it is asked for; secrets masked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from swim_tui.engine.devicelog import log_path
from swim_tui.engine.journal import EVENTS, read_journal, read_plan
from swim_tui.engine.services.analysis import export_text
from swim_tui.engine.services.configs import ConfigService
from swim_tui.engine.services.runs import RunService
from swim_tui.engine.state import State
from swim_tui.engine.summary import checks_of, summary
from swim_tui.errors import NotFound
from swim_tui.model.image import SoftwareImage
from swim_tui.model.plan import RunPlan
from swim_tui.model.views import EvidencePage, RunDetail
from swim_tui.store import read_log

PAGE_BYTES = 512 * 1024

Make = Callable[[], str]


class EvidenceService:
    """What belongs to a run, file by file."""

    def __init__(self, state: State, runs: RunService, configs: ConfigService) -> None:
        self._state = state
        self._runs = runs
        self._configs = configs

    async def evidence(self, run_id: str) -> list[str]:
        """Names of the files of the pack, with `/` between folder and file."""
        detail = await self._runs.run(run_id)
        texts = await asyncio.to_thread(self._texts, detail)
        logs = await asyncio.to_thread(self._logs, detail)
        return [*texts, *logs, *(await self._diffs(detail))]

    async def evidence_file(self, run_id: str, name: str, offset: int = 0) -> EvidencePage:
        """One file from a byte offset on; NotFound for a name that `evidence` does not give."""
        detail = await self._runs.run(run_id)
        log = (await asyncio.to_thread(self._logs, detail)).get(name)
        if log is not None:
            return await asyncio.to_thread(_page_of_file, log, offset)
        make = (await asyncio.to_thread(self._texts, detail)).get(name)
        if make is not None:
            data = (await asyncio.to_thread(make)).encode()
            return _page(data[offset : offset + PAGE_BYTES], offset, len(data))
        device = (await self._diffs(detail)).get(name)
        if device is None:
            raise NotFound(kind="evidence file", name=name, detail=f" of run {run_id}", listing=f"runs show {run_id}")
        data = (await self._configs.config_diff(device[0], *device[1])).encode()
        return _page(data[offset : offset + PAGE_BYTES], offset, len(data))

    def _texts(self, detail: RunDetail) -> dict[str, Make]:
        """Name -> what makes the text; blocks for the disk."""
        folder = self._state.paths.run(detail.run.id)
        plan = read_plan(folder)
        made: dict[str, Make] = {
            "summary.md": lambda: summary(
                detail.run, detail.job, detail.tasks, self._images(detail, plan), read_journal(folder)
            ),
            "run.json": lambda: _json(detail),
            "events.jsonl": lambda: "".join(line.decode() + "\n" for line in read_log(folder / EVENTS)[0]),
        }
        if plan is not None:
            for name, form in (("plan.md", "markdown"), ("plan.csv", "csv"), ("plan.json", "json")):
                made[name] = lambda form=form: export_text(plan, form)  # type: ignore[misc]
        for task in detail.tasks:
            if task.checks or task.post_checks:
                made[f"checks/{_file(task.device)}.md"] = lambda task=task: checks_of(task)  # type: ignore[misc]
        return made

    def _logs(self, detail: RunDetail) -> dict[str, Path]:
        """What was sent and received, as it was written down: masked."""
        folder = self._state.paths.run(detail.run.id)
        found = {f"devices/{_file(task.device)}.log": log_path(folder, task.device) for task in detail.tasks}
        return {name: path for name, path in found.items() if path.is_file()}

    async def _diffs(self, detail: RunDetail) -> dict[str, tuple[str, tuple[str, str]]]:
        """Running configurations captured in this run: the first one against the last one of each device."""
        began, ended = detail.run.started_at, detail.run.ended_at or self._state.clock.now()
        if began is None:
            return {}
        captured: dict[str, list[str]] = {task.device: [] for task in detail.tasks}
        for row in reversed(await self._configs.configs()):
            if row.name == "running" and row.device in captured and began <= row.at <= ended:
                captured[row.device].append(row.id)
        return {
            f"configs/{_file(device)}.diff": (device, (ids[0], ids[-1]))
            for device, ids in captured.items()
            if len(ids) > 1
        }

    def _images(self, detail: RunDetail, plan: RunPlan | None) -> list[SoftwareImage]:
        ids = dict.fromkeys(
            (*detail.run.images_collected, *(plan.image_ids if plan else ()), *(t.image_id for t in detail.tasks))
        )
        return [image for id in ids if (image := self._state.tables.images.get(id)) is not None]


def _file(device: str) -> str:
    return quote(device, safe="")


def _json(detail: RunDetail) -> str:
    from swim_tui.engine.codec import adapter

    return json.dumps(adapter(RunDetail).dump_python(detail, mode="json"), indent=1, ensure_ascii=False) + "\n"


def _page_of_file(path: Path, offset: int) -> EvidencePage:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(offset)
        return _page(file.read(PAGE_BYTES), offset, size)


def _page(data: bytes, offset: int, size: int) -> EvidencePage:
    """A page that ends with a whole character."""
    if offset + len(data) < size:
        cut = data.rfind(b"\n") + 1
        data = data[:cut] if cut else data
    return EvidencePage(data.decode("utf-8", "replace"), offset + len(data), is_last=offset + len(data) >= size)
