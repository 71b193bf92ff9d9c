"""Upgrade analysis and plans: what would happen to which device, from the facts there are (or fresh ones)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from swim_tui.engine.planner import NEVER_READ, EnginePlanner, find_image, tolerated
from swim_tui.engine.requests import pack_of
from swim_tui.engine.services.request import devices_of, from_run
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict
from swim_tui.model import analysis as report_of
from swim_tui.model.checks import Verdict
from swim_tui.model.device import Device
from swim_tui.model.image import SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.job import JobRequest
from swim_tui.model.plan import RunPlan
from swim_tui.model.remote import RemoteFile
from swim_tui.model.views import AnalysisRow
from swim_tui.planning import export
from swim_tui.planning.analysis import report

Refresh = Callable[[list[str], str], Awaitable[None]]


async def _no_refresh(names: list[str], by: str) -> None:
    """Until the engine has started there is nothing to read with."""


class AnalysisService:
    """Analysis and previews."""

    def __init__(self, state: State, planner: EnginePlanner, settings: SettingsService) -> None:
        self._state = state
        self._planner = planner
        self._settings = settings
        self.refresh: Refresh = _no_refresh

    async def analyze(
        self, images: list[str], devices: list[str], groups: list[str], offered: tuple[RemoteFile, ...] = ()
    ) -> list[AnalysisRow]:
        """The Upgrade Analysis report; without images, what the repository has for each device.

        `offered` are images that are not here: their name and size say what there is to say of them.
        """
        everyone = not devices and not groups
        chosen = self._state.tables.devices.all() if everyone else devices_of(self._state, devices, groups)
        now = self._state.clock.now()
        elsewhere = [_offered(file, now) for file in offered]
        named = [find_image(self._state, name) for name in images]
        if not named and not elsewhere:
            named = self._state.tables.images.all()
        wanted = [*(tolerated(self._state, image) for image in named), *elsewhere]
        triples = []
        for device in chosen:
            facts = self._state.tables.facts.get(device.name)
            triples.append((device, facts, pack_of(self._state, device, facts)))
        options = self._settings.default_options()
        made = await asyncio.to_thread(
            report, triples, wanted, options, now=now, only_applicable=not (images or offered)
        )
        rows = [_row(row) for row in made.rows]
        shown = {row.device for row in rows}
        missing = [device for device in chosen if device.name not in shown]
        return [*rows, *(self._empty_row(device) for device in missing)]

    def _empty_row(self, device: Device) -> AnalysisRow:
        is_read = self._state.tables.facts.get(device.name) is not None
        why = "the repository has no image for it" if is_read else NEVER_READ
        return AnalysisRow(device.name, device.address, "", verdict="not applicable", reasons=(why,))

    async def preview(self, request: JobRequest, refresh: bool = False, by: str = "") -> RunPlan:
        """The plan of a request from the last facts; `refresh` reads the devices first."""
        request = from_run(self._state, request)
        names = [device.name for device in devices_of(self._state, request.devices, request.groups)]
        if refresh:
            await self.refresh(names, by)
        facts = {name: known for name in names if (known := self._state.tables.facts.get(name)) is not None}
        return await asyncio.to_thread(self._planner.plan_request, request, names, facts)

    async def export_plan(
        self, request: JobRequest, format: str = "markdown", sha256: str = "", made_at: str = ""
    ) -> str:
        """The plan as markdown, csv or json; with `sha256` and `made_at` the one that was shown, else Conflict."""
        plan = await self.preview(request)
        if sha256 and plan.sha256 != sha256:
            raise Conflict(
                detail="the plan is not what was shown any more: devices, images or settings have changed",
                action="go back a step and on again, and read it anew",
            )
        return export_text(replace(plan, made_at=made_at or plan.made_at), format)


def _offered(file: RemoteFile, now: datetime) -> SoftwareImage:
    """An image that is only offered, as far as name and size tell; BadValue where there is no size to compare."""
    if not file.size_bytes:
        raise BadValue(
            name="offered", value=file.name, detail="its size is not told", allowed="an image with its size; import it"
        )
    return SoftwareImage(file.name, file.name, file.size_bytes, "", "", now, identity=identify_name(file.name))


def export_text(plan: RunPlan, format: str) -> str:
    """A plan as markdown, csv or json; BadValue for another format."""
    match format:
        case "markdown":
            return export.to_markdown(plan)
        case "csv":
            return export.to_csv(plan)
        case "json":
            return json.dumps(export.to_json(plan), indent=1, ensure_ascii=False)
    raise BadValue(name="format", value=format, detail="there is no such format", allowed="markdown, csv or json")


def _row(row: report_of.AnalysisRow) -> AnalysisRow:
    flash = row.flash[0][1] if row.flash else None
    bad = [check for check in row.checks if check.verdict is not Verdict.OK]
    reasons = tuple(f"{c.name}: expected {c.expected}, is {c.actual}" for c in bad) or tuple(
        filter(None, (row.reason,))
    )
    with_it = (f"goes with {row.goes_with}",) if row.goes_with else ()
    return AnalysisRow(
        device=row.device,
        address=row.address,
        image=row.image_file,
        image_id=row.image_id,
        applicable=row.is_applicable,
        running_image=row.running_image,
        running_version=row.running_version,
        family=row.device_family,
        image_version=row.image_version,
        ram_required_bytes=row.ram.required_bytes if row.ram else None,
        ram_current_bytes=row.ram.total_bytes if row.ram else None,
        flash_required_bytes=flash.required_bytes if flash else None,
        flash_free_bytes=flash.free_bytes if flash else None,
        flash_total_bytes=flash.total_bytes if flash else None,
        verdict=row.verdict if row.is_applicable else "not applicable",
        reasons=(*with_it, *(reasons or tuple(filter(None, (row.reason,))))),
        facts_at=datetime.fromisoformat(row.facts_at) if row.facts_at else None,
    )
