"""The stories that `swim-tui demo` tells: what is imported, set, analysed and submitted, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swim_tui.cli.output import duration, size, tell
from swim_tui.cli.watch import Submitted, first_run, follow_run, submit
from swim_tui.errors import Refused
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import DeviceTask, JobRequest, JobType, OpStatus, RunStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import OpKind, RunPlan

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.cli.progress import View

MB = 1024 * 1024


@dataclass(frozen=True)
class Story:
    """One walk through the product, on the demo network unless it has its own."""

    name: str
    title: str
    devices: tuple[str, ...]  # () = every device of the network
    image: str
    min_ram_bytes: int
    options: JobOptions
    network: str = "demo"
    more_images: tuple[str, ...] = ()  # each device gets the one that fits it
    size_scale: int = 0  # 0 = as the network says


STORIES = {
    story.name: story
    for story in (
        Story(
            name="psirt",
            title="urgent: three ASR1002 behind a jump host, distributed and activated in parallel",
            devices=("ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "ASR1002_large-54-9-9-6"),
            image="asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin",
            min_ram_bytes=2048 * MB,
            options=JobOptions(insert_boot_command=True, activate=ActivateMode.PARALLEL),
        ),
        Story(
            name="catalyst",
            title="an old 2960 by boot variable, its flash too full: smart erase",
            devices=("br-oak-01",),
            image="c2960-lanbasek9-mz.150-2.SE11.bin",
            min_ram_bytes=64 * MB,
            options=JobOptions(insert_boot_command=True, activate=ActivateMode.SEQUENTIAL, erase_flash=True),
        ),
        Story(
            name="everything-wrong",
            title="twenty devices of ten classes, another fault on every second one: see how each ends",
            devices=(),
            image="asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin",
            min_ram_bytes=2048 * MB,
            options=JobOptions(
                insert_boot_command=True, activate=ActivateMode.PARALLEL, erase_flash=True, failures_before_stop=20
            ),
            network="story8",
            more_images=(
                "c2960-lanbasek9-mz.150-2.SE11.bin",
                "c2960x-universalk9-tar.152-7.E10.tar",
                "cat3k_caa-universalk9.SPA.03.07.03.E.152-3.E3.bin",
                "cat9k_iosxe.17.06.07.SPA.bin",
                "cat4500es8-universalk9.SPA.03.08.06.E.152-4.E6.bin",
                "nxos.9.3.10.bin",
                "isr4300-universalk9.16.06.04.SPA.bin",
                "c8000be-universalk9.17.09.05.SPA.bin",
                "8000-x64-7.9.2.iso",
            ),
            size_scale=200,
        ),
    )
}


async def tell_story(client: EngineClient, story: Story, ready: dict[str, Any], view: View) -> Submitted:
    """Everything up to the submitted job: import, sync, requirements, analysis, plan, submit."""
    api = client.api
    inventory = Path(ready["inventory"])
    imported = await api.import_inventory(inventory.read_text("utf-8"), str(inventory))
    tell(f"inventory: {sum(row.kind == 'device' for row in imported.rows)} devices")
    image, *others = [await _collect(client, name, ready, view) for name in (story.image, *story.more_images)]
    devices = story.devices or tuple(row.name for row in imported.rows if row.kind == "device")
    await _run(client, JobRequest(JobType.INVENTORY_SYNC, devices=devices), view)
    for row in (await api.inventory()).devices:
        if row.name in devices:
            tell(f"{row.name} runs {row.version} ({row.image_file})")
    await api.set_image(image.id, min_ram_bytes=story.min_ram_bytes, min_flash_bytes=image.size_bytes)
    for found in await api.analyze([image.id], list(story.devices), []) if story.devices else ():
        free = f"{size(found.flash_free_bytes)} of {size(found.flash_total_bytes)} free"
        tell(f"analysis: {found.device}: {found.verdict}, {size(found.flash_required_bytes)} needed, {free}")
    request = JobRequest(
        JobType.DISTRIBUTION,
        images=(image.id, *(other.id for other in others)),
        devices=devices,
        options=story.options,
        reason=f"demo story {story.name}",
    )
    plan = await api.preview(request)
    _narrate(plan)
    return await submit(client, request)


async def _collect(client: EngineClient, name: str, ready: dict[str, Any], view: View) -> SoftwareImage:
    path = Path(ready["images_dir"]) / name
    await _run(client, JobRequest(JobType.COLLECTION, source=str(path)), view)
    return (await client.api.image(name)).image


async def _run(client: EngineClient, request: JobRequest, view: View) -> None:
    """A job that must end well for the story to go on."""
    submitted = await submit(client, request)
    run = submitted.run or await first_run(client, submitted.job.id)
    detail = await follow_run(client, run.id, view)
    if detail.run.status is not RunStatus.SUCCESS:
        words = [f"{t.device}: {t.message}" for t in detail.tasks if t.message] or [detail.run.message]
        raise Refused(detail=f"{request.type} ended as {detail.run.status}: {'; '.join(words)}", action="see the log")


def _narrate(plan: RunPlan) -> None:
    tell(
        f"plan {plan.sha256[:12]}: {len(plan.included())} of {len(plan.devices)} devices, "
        f"{size(plan.bytes_to_move)} to move, activation about {duration(plan.expected_activation_s)}"
    )
    for device in plan.devices:
        gone = [d.path for op in device.operations for d in op.deletions]
        words = device.excluded_because or f"{device.from_version} -> {device.to_version}"
        tell(f"  {device.device}: {words}" + (f", deletes {', '.join(gone)}" if gone else ""))


async def job_report(client: EngineClient, story: Story, run_id: str, took_s: float) -> dict[str, Any]:
    """The job report: what each device ran, runs by its own word, and what it cost."""
    detail = await client.api.run(run_id)
    plan = await client.api.run_plan(run_id)
    return {
        "story": story.name,
        "title": story.title,
        "run": run_id,
        "status": detail.run.status,
        "took_s": round(took_s, 1),
        "image": story.image,
        "stopped_because": detail.run.stopped_because,
        "devices": [_device(task, plan) for task in detail.tasks],
    }


def _device(task: DeviceTask, plan: RunPlan) -> dict[str, Any]:
    took = (task.ended_at - task.started_at).total_seconds() if task.started_at and task.ended_at else None
    return {
        "device": task.device,
        "status": task.status,
        "outcome": task.outcome,
        "from_version": task.from_version,
        "to_version": task.to_version,
        "proven_version": task.proven_version,
        "bytes": _bytes(task, plan),
        "duration_s": took,
        "message": task.message,
        "operations": [
            {
                "title": op.title,
                "status": op.status,
                "message": op.message,
                "duration_s": (op.ended_at - op.started_at).total_seconds() if op.started_at and op.ended_at else None,
            }
            for op in task.operations
        ],
    }


def _bytes(task: DeviceTask, plan: RunPlan) -> int:
    """Bytes of the copies that were made."""
    sizes = {op.id: op.size_bytes for p in plan.devices if p.device == task.device for op in p.operations}
    copied = [op for op in task.operations if op.kind is OpKind.COPY_IMAGE and op.status is OpStatus.SUCCESS]
    return sum(sizes.get(op.id, 0) for op in copied)
