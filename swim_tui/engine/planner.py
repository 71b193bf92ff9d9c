"""Plans of jobs: which image for which device, from facts, with windows, pairs and what was approved. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from swim_tui.engine.board import Network, network_of
from swim_tui.engine.journal import read_plan
from swim_tui.engine.live import Times
from swim_tui.engine.past import Past
from swim_tui.engine.reach import Membership
from swim_tui.engine.requests import pack_of
from swim_tui.engine.seams import NO_PLANS, Planned
from swim_tui.engine.serverchoice import ServerBook
from swim_tui.engine.services.inventory_rows import zone_of
from swim_tui.engine.services.settings import DEFAULT_PROFILE, FLASH_TOLERANCE, MAX_PER_JUMP, value_of
from swim_tui.engine.smallplans import archive, excluded
from swim_tui.engine.state import State
from swim_tui.engine.window import window_of
from swim_tui.errors import NotFound
from swim_tui.model.device import Device
from swim_tui.model.device_path import split_path
from swim_tui.model.facts import Facts
from swim_tui.model.fileserver import LocalFileServer
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import Job, JobRequest, JobType
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import DevicePlan, Phase, RunPlan
from swim_tui.model.version import same_version
from swim_tui.packs.pack import Pack
from swim_tui.planning.commits import by_hand_s, in_window
from swim_tui.planning.diff import differences
from swim_tui.planning.imagechoice import Choice, choose
from swim_tui.planning.impact import behind_of, impact_of
from swim_tui.planning.plan import plan_commit, plan_device, plan_rollback
from swim_tui.planning.run import plan_run
from swim_tui.planning.smus import activated_by
from swim_tui.planning.targets import file_on
from swim_tui.planning.windows import Opening, least_s

NEVER_READ = "never read: synchronise it first"


def find_image(state: State, name: str) -> SoftwareImage:
    """An image by id or file name; NotFound when the repository has none."""
    found = state.tables.images.get(name)
    if found is None:
        found = next((image for image in state.tables.images.all() if image.file_name == name), None)
    if found is None:
        raise NotFound(kind="image", name=name, listing="images list")
    return found


def tolerated(state: State, image: SoftwareImage) -> SoftwareImage:
    """The image with its minimum flash as far down as the setting flash.tolerance_percent lets it be undercut."""
    least, percent = image.min_flash_bytes, _number(state, FLASH_TOLERANCE)
    if least is None or not percent:
        return image
    lower = least * (100 - percent) // 100
    return replace(image, identity=replace(image.identity, min_flash_bytes=lower))


def _number(state: State, key: str) -> int:
    return int(value_of(state, key))


def approved_folder(job_id: str) -> str:
    """Name of the folder, among the runs, that keeps the plan a job was submitted with."""
    return f"job-{job_id}"


@dataclass(frozen=True)
class _Wanted:
    request: JobRequest
    images: tuple[SoftwareImage, ...]
    now: datetime
    rates: Mapping[str, float]
    behind: Mapping[str, frozenset[str]]  # device -> those reached through it
    servers: ServerBook
    read_only: Mapping[str, str]  # device -> its credential profile that sends no changing command


def _read_only(state: State, devices: Iterable[Device], request: JobRequest) -> dict[str, str]:
    """Devices whose login may only read, where the job would change them."""
    names = {profile.name for profile in state.tables.profiles.all() if profile.read_only}
    if not names or request.type is JobType.CONFIG_ARCHIVE or request.options.dry_run:
        return {}
    default, membership = value_of(state, DEFAULT_PROFILE), Membership(state.tables.groups.all())
    found = {device.name: membership.profile_of(device, default) for device in devices}
    return {device: profile for device, profile in found.items() if profile in names}


def running_image(state: State, facts: Facts) -> SoftwareImage | None:
    """The repository's copy of what a device runs: of its name, and of its size where the device told that."""
    running = facts.version.image_file
    name = split_path(running)[1].rpartition("/")[2]
    file = file_on(facts, running)
    for image in state.tables.images.all():
        if name and image.file_name == name and (file is None or file.size_bytes == image.size_bytes):
            return image
    return None


class EnginePlanner:
    """Plans from what the store knows; the Planner of the run service, and the previews of clients."""

    def __init__(self, state: State, local: Callable[[], LocalFileServer] = LocalFileServer) -> None:
        self._state = state
        self._local = local
        self._past = Past(state)

    # --- the run service's Planner ---

    def plan(self, job: Job, facts: Mapping[str, Facts], kept: Mapping[str, DevicePlan] = NO_PLANS) -> Planned:
        """The plan of the devices whose facts are given; what is under way by a plan in `kept` keeps that one."""
        plan = self.plan_request(job.request, list(facts), facts, kept)
        planned = self.surroundings(job, plan)
        approved = read_plan(self._state.paths.runs / approved_folder(job.id))
        if approved is None:
            return planned
        before = {device.device: device for device in approved.devices}
        changed = {
            device.device: "; ".join(found)
            for device in plan.devices
            if device.device in before.keys() - kept.keys() and (found := differences(before[device.device], device))
        }
        if job.expect_sha256:
            unknown = {d.device: "device: not in the approved plan -> planned" for d in plan.devices} if before else {}
            changed = {name: why for name, why in unknown.items() if name not in {*before, *kept}} | changed
            return replace(planned, changed=changed)
        return replace(planned, notes=tuple(f"{name}: plan changed: {why}" for name, why in changed.items()))

    def surroundings(self, job: Job, plan: RunPlan) -> Planned:
        """Who may not be down together, and when each device may go down."""
        return Planned(plan, self.network(), self._windows(job, plan))

    def network(self) -> Network:
        """Upstream and pairs over the whole inventory."""
        devices = self._state.tables.devices.all()
        return network_of({d.name: d.upstream for d in devices}, {d.name: d.pair for d in devices if d.pair})

    # --- plans ---

    def plan_request(
        self,
        request: JobRequest,
        names: Sequence[str],
        facts: Mapping[str, Facts],
        kept: Mapping[str, DevicePlan] = NO_PLANS,
    ) -> RunPlan:
        """The plan of a request for these devices; devices without facts are excluded with the reason."""
        tables = self._state.tables
        devices = [device for name in names if (device := tables.devices.get(name)) is not None]
        servers = ServerBook(self._state, self._local())
        rates = {rate.key: rate.bytes_per_s for rate in tables.rates.all()}
        servers.check(request)
        wanted = _Wanted(
            request,
            tuple(tolerated(self._state, find_image(self._state, name)) for name in request.images),
            self._state.clock.now(),
            rates,
            behind_of(self.network().upstream),
            servers,
            _read_only(self._state, devices, request),
        )
        plans = [kept.get(device.name) or self._whole(wanted, device, facts.get(device.name)) for device in devices]
        return plan_run(
            plans,
            devices,
            request.options,
            made_at=wanted.now,
            everyone=tables.devices.all(),
            openings=self._openings(wanted, devices),
            scale=self._state.scale,
            servers=servers.uploads(tables.images.all(), rates),
            max_per_jump=_number(self._state, MAX_PER_JUMP),
        )

    def _whole(self, wanted: _Wanted, device: Device, facts: Facts | None) -> DevicePlan:
        """The plan of one device with its impact, and what the window says to it."""
        plan = self._plan_one(wanted, device, facts)
        if facts is None or not plan.included:
            return plan
        in_service = wanted.request.options.issu and wanted.request.type is not JobType.ROLLBACK
        behind = wanted.behind.get(device.name, frozenset())
        line, budget = wanted.servers.line_of(device)
        plan = replace(
            plan,
            impact=impact_of(plan, device, facts, behind, in_service=in_service),
            site_line=line,
            site_bytes_per_s=budget,
        )
        return self._in_window(wanted, plan)

    def _plan_one(self, wanted: _Wanted, device: Device, facts: Facts | None) -> DevicePlan:
        pack = pack_of(self._state, device, facts)
        chosen = self._images_for(wanted, device, pack)
        image = chosen.image
        if facts is None:
            return excluded(device, image, pack, NEVER_READ)
        if pack is None:
            return excluded(device, image, pack, "no device pack recognises it: set its platform")
        if device.name in wanted.read_only:
            why = f"credential profile '{wanted.read_only[device.name]}' is read-only: it sends no changing command"
            return excluded(device, image, pack, why)
        options = wanted.request.options
        if device.name in wanted.request.location_of:
            options = replace(options, location=wanted.request.location_of[device.name])
        match wanted.request.type:
            case JobType.ROLLBACK:
                return self._rollback(wanted, device, facts, pack, options)
            case JobType.COMMIT:
                return self._commit(wanted, device, facts, pack, options)
            case JobType.CONFIG_ARCHIVE:
                return archive(device, facts, pack, options, self._state.scale)
        if image is None or chosen.why:
            return excluded(device, image, pack, chosen.why)
        phases = (Phase.PREPARE, Phase.ACTIVATE) if wanted.request.type is JobType.ACTIVATION else None
        plan = plan_device(
            device,
            facts,
            image,
            options,
            pack,
            now=wanted.now,
            rates=wanted.rates,
            phases=phases,
            scale=self._state.scale,
            verified_at=self._past.verified_at(device.name, image.id, chosen.ids),
            images=chosen.files,
            servers=wanted.servers.for_device(device, wanted.request),
            local=wanted.servers.local,
            has_running_image=self._has_running(facts),
            probes=True,
        )
        return replace(plan, image_ids=chosen.ids)

    def _has_running(self, facts: Facts) -> bool:
        """True when the repository has the image that the device runs."""
        return running_image(self._state, facts) is not None

    def _images_for(self, wanted: _Wanted, device: Device, pack: Pack | None) -> Choice:
        named = wanted.request.image_of.get(device.name)
        image = tolerated(self._state, find_image(self._state, named)) if named else None
        return choose(wanted.images, image, pack)

    def _in_window(self, wanted: _Wanted, plan: DevicePlan) -> DevicePlan:
        """A plan whose commit is left to a person, checked against the window of its site."""
        window, schedule = wanted.request.window, wanted.request.schedule
        if window is None or not by_hand_s(plan, wanted.request.options):
            return plan
        zone = zone_of(plan.location, self._state.tables.groups.all()) or schedule.zone
        begin = max(wanted.now, schedule.at or wanted.now)
        start, end = window_of(window, zone, begin)
        return in_window(plan, wanted.request.options, (end - max(start, begin)).total_seconds())

    def _commit(self, wanted: _Wanted, device: Device, facts: Facts, pack: Pack, options: JobOptions) -> DevicePlan:
        plan = plan_commit(device, facts, options, pack, now=wanted.now, scale=self._state.scale)
        lost = self._past.not_committed(device.name) if plan.skipped_because else ""
        if not lost or same_version(lost, facts.version.version):
            return plan
        why = f"{lost} was not committed in time: it went back to {facts.version.version}; activate {lost} again"
        return replace(plan, included=False, skipped_because="", excluded_because=why)

    def _rollback(self, wanted: _Wanted, device: Device, facts: Facts, pack: Pack, options: JobOptions) -> DevicePlan:
        before = self._past.last_upgrade(device.name)
        if before is None or not before.from_image:
            return excluded(device, None, pack, "no recorded upgrade to go back from")
        return plan_rollback(
            device,
            facts,
            before.from_image,
            options,
            pack,
            now=wanted.now,
            to_version=before.from_version,
            scale=self._state.scale,
            smus_on=activated_by(before),
        )

    # --- windows ---

    def _windows(self, job: Job, plan: RunPlan) -> dict[str, Times]:
        window = job.request.window
        if window is None:
            return {}
        groups = self._state.tables.groups.all()
        times: dict[str, Times] = {}
        for device in plan.included():
            zone = zone_of(device.location, groups) or job.request.schedule.zone
            # From when the plan was made: after a restart a daily window must not become the next day's.
            start, end = window_of(window, zone, datetime.fromisoformat(plan.made_at))
            must_fit = timedelta(seconds=least_s(device, job.request.options, self._state.scale))
            times[device.device] = Times(start, end - must_fit)
        return times

    def _openings(self, wanted: _Wanted, devices: Sequence[Device]) -> dict[str, Opening]:
        """The window of each device, from when the run is to begin."""
        window, schedule = wanted.request.window, wanted.request.schedule
        if window is None:
            return {}
        groups = self._state.tables.groups.all()
        begin = max(wanted.now, schedule.at or wanted.now)
        found = {}
        for device in devices:
            zone = zone_of(device.location, groups) or schedule.zone
            start, end = window_of(window, zone, begin)
            found[device.name] = Opening((start - begin).total_seconds(), (end - begin).total_seconds())
        return found
