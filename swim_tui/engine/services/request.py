"""What a job request means: its devices and images, its tasks and phases; every problem of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from swim_tui.engine.planner import find_image
from swim_tui.engine.reach import Membership
from swim_tui.engine.schedule import check_schedule
from swim_tui.engine.sources import is_of_devices, problems_of, tasks_of
from swim_tui.engine.state import State
from swim_tui.engine.window import window_of
from swim_tui.errors import BadValue, NotFound, SwimError, describe
from swim_tui.model.device import Device, GroupKind
from swim_tui.model.job import DeviceTask, JobRequest, JobType, TaskStatus
from swim_tui.model.options import ActivateMode, UpgradeMode
from swim_tui.model.plan import Phase

NEEDS_IMAGE = frozenset({JobType.DISTRIBUTION, JobType.ACTIVATION})
NEEDS_PLAN = NEEDS_IMAGE | {JobType.ROLLBACK, JobType.CONFIG_ARCHIVE, JobType.COMMIT}


@dataclass(frozen=True)
class Work:
    """The tasks of a run to be, and the phases each goes through until a plan says more."""

    tasks: tuple[DeviceTask, ...]
    wants: tuple[Phase, ...]
    needs_plan: bool


def _belongs(device: Device, groups: Iterable[str], name: str, parents: dict[str, str]) -> bool:
    own = {*groups, device.location, device.device_type}
    for group in own:
        step, seen = group, set[str]()
        while step and step not in seen:
            if step == name:
                return True
            seen.add(step)
            step = parents.get(step, "")
    return False


def devices_of(state: State, names: Iterable[str], groups: Iterable[str]) -> tuple[Device, ...]:
    """The devices named and those of the groups with their sub-groups, each once; NotFound names what is wrong."""
    tables = state.tables
    found: dict[str, Device] = {}
    for name in names:
        device = tables.devices.get(name)
        if device is None:
            raise NotFound(kind="device", name=name, listing="devices list")
        found[name] = device
    parents = {group.name: group.parent for group in tables.groups.all()}
    membership = Membership(tables.groups.all())
    for wanted in groups:
        kind, _, plain = wanted.rpartition("/")
        name = plain if kind in tuple(GroupKind) else wanted
        members = [d for d in tables.devices.all() if _belongs(d, membership.groups_of(d), name, parents)]
        if not members and name not in parents:
            raise NotFound(kind="group", name=wanted, listing="groups list")
        found.update({device.name: device for device in members})
    return tuple(found.values())


def from_run(state: State, request: JobRequest) -> JobRequest:
    """An activation of a completed distribution: its devices that succeeded, each with the image it got."""
    if not request.from_run:
        return request
    run = state.tables.runs.get(request.from_run)
    if run is None or run.job_type is not JobType.DISTRIBUTION:
        raise NotFound(kind="distribution run", name=request.from_run, listing="runs list")
    wanted = set(request.devices)
    tasks = [
        task
        for task in state.tables.tasks.where(run_id=run.id)
        if Phase.DISTRIBUTE in task.phases_done and task.image_id and (not wanted or task.device in wanted)
    ]
    if not tasks:
        raise BadValue(
            name="from run",
            value=run.id,
            detail="no device of it has its image",
            allowed="a run in which the distribution of a device succeeded",
        )
    images = {task.device: task.image_id for task in tasks} | request.image_of
    job = state.tables.jobs.get(run.job_id)
    ids = {image.file_name: image.id for image in state.tables.images.all()}
    together = [ids.get(name, name) for name in (job.request.images if job else ())]  # other files of image sets
    return replace(
        request,
        devices=tuple(task.device for task in tasks),
        groups=(),
        images=tuple(
            dict.fromkeys((*request.images, *images.values(), *(i for i in together if i in state.tables.images)))
        ),
        image_of=images,
    )


def check(state: State, request: JobRequest) -> None:
    """Refuse a request that cannot be: one BadValue with every problem."""
    problems: list[str] = []

    def attempt(call: Callable[[], object]) -> None:
        try:
            call()
        except SwimError as err:
            problems.append(describe(err).message)

    attempt(lambda: check_schedule(request.schedule, state.clock.now()))
    window = request.window
    if window is not None:
        attempt(lambda: window_of(window, request.schedule.zone, state.clock.now()))
    if request.type is JobType.COLLECTION:
        problems += problems_of(state, request)
    else:
        attempt(lambda: _some(devices_of(state, request.devices, request.groups)))
        for name in dict.fromkeys((*request.images, *request.image_of.values())):
            attempt(lambda name=name: find_image(state, name))  # type: ignore[misc]
        problems += _option_problems(request)
    if problems:
        raise BadValue(
            name="job",
            value=request.name or request.type,
            detail="; ".join(problems),
            allowed="what each problem names",
        )


def _some(devices: tuple[Device, ...]) -> None:
    if not devices:
        raise BadValue(name="devices", value="", detail="none is chosen", allowed="at least one device or group")


def _option_problems(request: JobRequest) -> list[str]:
    options = request.options
    problems = []
    if request.type in NEEDS_IMAGE and not request.images and not request.image_of:
        problems.append("no image is chosen")
    activates = options.activate is not ActivateMode.OFF
    is_bundle = options.upgrade_mode is UpgradeMode.BUNDLE
    if request.type is JobType.DISTRIBUTION and activates and is_bundle and not options.insert_boot_command:
        problems.append("Bundle Mode without Insert boot command would reboot into the old image")
    if options.max_distribution < 1 or options.max_activation < 1:
        problems.append("the number of devices at once must be at least 1")
    return problems


def work_of(state: State, request: JobRequest, only: Iterable[str] = ()) -> Work:
    """The tasks a run of this request has now; `only` narrows them (retry)."""
    if request.type is JobType.COLLECTION:
        wants = (Phase.PREPARE, Phase.IMPORT) if is_of_devices(request) else (Phase.IMPORT,)
        return Work(tasks_of(state, request, only), wants, needs_plan=False)
    devices = devices_of(state, request.devices, request.groups)
    wanted = set(only)
    single = find_image(state, request.images[0]) if len(request.images) == 1 and not request.image_of else None
    tasks = []
    for device in devices:
        if wanted and device.name not in wanted:
            continue
        image = find_image(state, request.image_of[device.name]) if device.name in request.image_of else single
        tasks.append(
            DeviceTask(
                "",
                device.name,
                device.address,
                image.id if image else "",
                image.file_name if image else "",
                status=TaskStatus.YET_TO_START,
            )
        )
    return Work(tuple(tasks), (Phase.PREPARE,), request.type in NEEDS_PLAN)
