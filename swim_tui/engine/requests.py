"""From inventory, vault and plan to a phase request: everything a worker needs, with credentials in memory only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from swim_tui.drivers.contract import PhaseRequest, UploadOrder
from swim_tui.engine.reach import Membership, jump_chain
from swim_tui.engine.seams import PhaseOrder
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.serverways import ServerWays, hop_of
from swim_tui.engine.services.settings import DEFAULT_PROFILE, SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import FileServerError, NotFound
from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint, HostKey, host_place
from swim_tui.model.facts import Facts
from swim_tui.model.fileserver import LOCAL_PULL
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import SERVER_TASK
from swim_tui.model.options import Protocol
from swim_tui.model.phase import ImageRef
from swim_tui.model.plan import Phase, ServerPlan, Waits
from swim_tui.model.secret import Secret
from swim_tui.model.server import LOCAL_SERVER
from swim_tui.model.source import DEVICE, Source, parse_source
from swim_tui.packs.pack import Pack
from swim_tui.planning.durations import scaled_waits
from swim_tui.planning.sources import server_secret


def pack_of(state: State, device: Device, facts: Facts | None) -> Pack | None:
    """The pack a device is worked on with: named in the inventory, else recognised from its facts."""
    if device.platform:
        return state.packs.get(device.platform)
    return state.packs.detect(facts.version) if facts is not None else None


_LEAST_STALL_S = 5.0


def _no_secret(run: str, protocol: Protocol) -> Secret:
    raise FileServerError(detail="it is not there")


class RequestBuilder:
    """Builds phase requests. Blocks for the vault, so call it in a thread."""

    def __init__(self, state: State, credentials: CredentialsService, settings: SettingsService) -> None:
        self._state = state
        self._credentials = credentials
        self._settings = settings
        self._ways = ServerWays(state, credentials, settings)
        self.local_secret: Callable[[str, Protocol], Secret] = _no_secret  # of the Local File Server, by run

    def build(self, order: PhaseOrder) -> PhaseRequest:
        """The request; NotFound or SecretMissing when something named in the inventory is missing."""
        if order.uploads is not None:
            return self._upload(order, order.uploads)
        tables = self._state.tables
        if order.source and not order.source.startswith(DEVICE):
            return self._of_server(order, parse_source(order.source))
        device = tables.devices.get(order.device)
        if device is None:
            raise NotFound(kind="device", name=order.device, listing="devices list")
        pack = pack_of(self._state, device, order.facts)
        image = tables.images.get(order.plan.image_id) if order.plan else None
        request = order.job.request
        reads_only = order.phase in (Phase.PREPARE, Phase.IMPORT) or request.options.dry_run
        endpoint = self._with_server(self.endpoint(device, pack), order)
        return PhaseRequest(
            id=order.phase_id,
            run_id=order.run_id,
            attempt=order.attempt,
            phase=order.phase,
            device=device,
            endpoint=endpoint,
            pack=pack,
            packs=() if pack else tuple(self._state.packs),
            plan=order.plan,
            waits=self._waits(order, pack),
            image=self._image_ref(image, order.phase),
            images=self._image_set(order),
            software=image,
            options=request.options,
            intents=order.intents,
            incoming_dir=str(self._state.paths.incoming),
            source_file=request.source_file,
            server=order.server,
            bytes_per_s=order.bytes_per_s,
            read_only=reads_only or endpoint.login.read_only,
        )

    def _of_server(self, order: PhaseOrder, source: Source) -> PhaseRequest:
        """A worker's request to fetch one file of a server by SFTP or SCP."""
        request = order.job.request
        return PhaseRequest(
            id=order.phase_id,
            run_id=order.run_id,
            attempt=order.attempt,
            phase=order.phase,
            device=Device(order.device, source.host, source.port, credentials=request.source_credentials),
            endpoint=self.server_endpoint(source, request.source_credentials),
            pack=None,
            waits=Waits(scale=self._state.scale),
            image=ImageRef("", source.name, request.size_bytes or 0, request.md5.lower(), request.sha512.lower()),
            incoming_dir=str(self._state.paths.incoming),
            source_file=source.path,
            source_protocol=Protocol(source.kind.value.upper()),
            read_only=True,
        )

    def server_endpoint(self, source: Source, credentials: str) -> Endpoint:
        """A server that images are fetched from, and how to log in."""
        return Endpoint(
            device=source.host,
            address=source.host,
            port=source.port,
            login=self._credentials.login(credentials),
            known_hosts=self._known([host_place(source.host, source.port, ())]),
            host_keys=self._settings.host_key_policy(),
            trust_epoch=self._state.trust_epoch,
        )

    def _upload(self, order: PhaseOrder, plan: ServerPlan) -> PhaseRequest:
        """The phase that puts images on a SWIM server."""
        server = self._ways.get(plan.server)
        row = server.protocol(plan.protocol)
        if row is None:
            raise NotFound(kind=f"protocol of {server.name}", name=str(plan.protocol), listing="servers list")
        way = self._ways.way(server, row)
        images = [image for id in plan.image_ids if (image := self._state.tables.images.get(id)) is not None]
        refs = (self._image_ref(image, Phase.DISTRIBUTE) for image in images)
        budget = order.bytes_per_s or plan.bytes_per_s
        upload = UploadOrder(way, plan.operations, tuple(ref for ref in refs if ref is not None), budget)
        return PhaseRequest(
            id=order.phase_id,
            run_id=order.run_id,
            attempt=order.attempt,
            phase=order.phase,
            device=Device(order.device, server.address, way.endpoint.port),
            endpoint=way.endpoint,
            pack=None,
            waits=Waits(scale=self._state.scale, stall_s=max(_LEAST_STALL_S, 120.0 / self._state.scale)),
            options=order.job.request.options,
            intents=order.intents,
            upload=upload,
        )

    def _with_server(self, endpoint: Endpoint, order: PhaseOrder) -> Endpoint:
        """The endpoint with the passwords that the device's copy dialogue asks for."""
        if order.phase is not Phase.DISTRIBUTE or order.server in ("", LOCAL_SERVER):
            return endpoint
        if order.server == LOCAL_PULL:
            served = self._settings.local_file_server().protocols
            own = tuple((server_secret(LOCAL_PULL, p), self.local_secret(order.run_id, p)) for p in served)
            return replace(endpoint, login=replace(endpoint.login, more=own))
        server = self._ways.get(order.server)
        held = tuple(
            (server_secret(server.name, row.protocol), self._ways.login(server, row).password)
            for row in server.protocols
        )
        return replace(endpoint, login=replace(endpoint.login, more=held))

    def endpoint(self, device: Device, pack: Pack | None) -> Endpoint:
        """Where the device is and how to log in on the way."""
        jumps = {jump.name: jump for jump in self._state.tables.jumps.all()}
        chain = jump_chain(device.jump, jumps)
        names = tuple(jump.name for jump in chain)
        places = [host_place(jump.address, jump.port, names[:count]) for count, jump in enumerate(chain)]
        places.append(host_place(device.address, device.port, names))
        return Endpoint(
            device=device.name,
            address=device.address,
            port=device.port,
            login=self._credentials.login(self.profile_of(device)),
            hops=tuple(hop_of(jump, self._credentials) for jump in chain),
            legacy_ssh=device.legacy_ssh,
            netmiko_type=pack.netmiko_type if pack else "cisco_ios",
            known_hosts=self._known(places),
            host_keys=self._settings.host_key_policy(),
            trust_epoch=self._state.trust_epoch,
        )

    def profile_of(self, device: Device) -> str:
        """The credential profile that logs in to a device."""
        membership = Membership(self._state.tables.groups.all())
        return membership.profile_of(device, self._settings.value(DEFAULT_PROFILE))

    def hops_of(self, device_name: str) -> tuple[str, ...]:
        """The jump hosts on the way to a device."""
        device = self._state.tables.devices.get(device_name)
        try:
            chain = jump_chain(device.jump if device else (), {j.name: j for j in self._state.tables.jumps.all()})
        except NotFound:  # said when the phase is built
            return ()
        return tuple(jump.name for jump in chain)

    def profiles_of(self, device_name: str) -> frozenset[str]:
        """The credential profiles that a session to a device, or to a SWIM server, logs in with."""
        if device_name.startswith(SERVER_TASK):
            return self._ways.profiles_of(device_name.removeprefix(SERVER_TASK))
        device = self._state.tables.devices.get(device_name)
        if device is None:
            return frozenset()
        jumps = {jump.name: jump for jump in self._state.tables.jumps.all()}
        try:
            chain = jump_chain(device.jump, jumps)
        except NotFound:  # said when the phase is built
            chain = ()
        return frozenset(filter(None, (self.profile_of(device), *(jump.credentials for jump in chain))))

    def _known(self, places: list[str]) -> tuple[HostKey, ...]:
        keys = (self._state.tables.host_keys.get(place) for place in places)
        return tuple(key for key in keys if key is not None)

    def _waits(self, order: PhaseOrder, pack: Pack | None) -> Waits:
        """Waits of the plan, else the pack's; before the platform is known the defaults."""
        scale = self._state.scale
        if order.plan is not None:
            waits = order.plan.waits
        elif pack is not None:
            waits = scaled_waits(pack, order.job.request.options, scale=scale)
        else:
            waits = Waits(scale=scale)  # nothing is waited for that a scale would shorten
        limit = self._settings.number("reload.limit_s")
        return replace(waits, reload_limit_s=limit / scale) if limit else waits

    def _image_set(self, order: PhaseOrder) -> tuple[ImageRef, ...]:
        """Every file of the plan's image set, found by the worker by its name."""
        ids = order.plan.image_ids if order.plan else ()
        files = (self._state.tables.images.get(id) for id in ids)
        return tuple(ref for file in files if (ref := self._image_ref(file, order.phase)) is not None)

    def _image_ref(self, image: SoftwareImage | None, phase: Phase) -> ImageRef | None:
        if image is None:
            return None
        needs_bytes = phase is Phase.DISTRIBUTE or self._state.repository.has(image)
        path = str(self._state.repository.path_of(image)) if needs_bytes else ""
        return ImageRef(image.id, image.file_name, image.size_bytes, image.md5, image.sha512, path)
