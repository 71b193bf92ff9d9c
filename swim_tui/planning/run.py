"""The plan of a whole run: order, batches, consents, durations, warnings, hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from swim_tui.errors import Refused
from swim_tui.model.checks import Verdict
from swim_tui.model.device import Device, Role
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import Consent, DevicePlan, OpKind, RunPlan
from swim_tui.planning import commits
from swim_tui.planning.canonical import plan_hash
from swim_tui.planning.checks import FORCE_RELOAD
from swim_tui.planning.checks_image import LOWER_VERSION, NO_CRYPTO
from swim_tui.planning.checks_install import NEW_FORCE
from swim_tui.planning.limits import limit_words
from swim_tui.planning.order import Order, activation_order
from swim_tui.planning.sources import PASSWORD_IN_URL
from swim_tui.planning.uploads import NO_UPLOADS, Uploads, bytes_from_engine, distribution_s, plan_uploads
from swim_tui.planning.windows import Opening, window_warnings

NO_WINDOW: Mapping[str, Opening] = {}
_NOT_WHEN_READY = frozenset({Role.CORE, Role.DISTRIBUTION, Role.WAN, Role.PATH})
_WHY = {
    LOWER_VERSION: "the image is older than what runs: configuration it does not know is lost",
    NO_CRYPTO: "the image has no strong crypto: SSH will not come back",
    NEW_FORCE: "all packages are replaced at once, boot loader and microcode too: the first boot takes long",
    PASSWORD_IN_URL: "the password of the SWIM server is typed in the URL, where accounting and history keep it",
    FORCE_RELOAD: "it runs the target already and will be reloaded all the same",
}


def plan_run(
    plans: Sequence[DevicePlan],
    devices: Sequence[Device],
    options: JobOptions,
    *,
    made_at: datetime,
    everyone: Iterable[Device] = (),
    consents: Iterable[str] = (),
    openings: Mapping[str, Opening] = NO_WINDOW,
    scale: float = 1.0,
    servers: Uploads = NO_UPLOADS,
    max_per_jump: int = 0,
) -> RunPlan:
    """Put device plans together. `devices` are those of the run, `everyone` the inventory (for upstream chains).

    `servers` are the SWIM servers that the device plans may name, `openings` the window of each device if the job has
    one, `max_per_jump` pushes go through one jump host at once (0 = no limit).

    Errors: Refused when devices are to be activated as they become ready and one of them carries others.
    """
    by_name = {d.name: d for d in devices}
    active = [p for p in plans if p.included and not p.skipped_because and p.outage_s > 0]
    carriers = [p.device for p in active if by_name[p.device].role in _NOT_WHEN_READY]
    if options.activate_when_ready and carriers:
        detail = f"'activate each device as soon as it is ready' and {carriers[0]} carries others"
        raise Refused(detail=detail, action="switch it off, or leave these devices out")
    included = [by_name[p.device] for p in active]
    vpc_roles = {p.device: p.vpc_role for p in active if p.vpc_role}
    order = activation_order(
        included, everyone, options.activate, options.max_activation, options.order, vpc_roles=vpc_roles
    )
    copies = [p for p in plans if p.included and not p.skipped_because]
    activation = _activation_s(active, order)
    uploads = plan_uploads(copies, servers)
    copying = distribution_s(copies, uploads, options.max_distribution)
    in_window = window_warnings(active, order.entries, openings, options, copying, scale)
    plan = RunPlan(
        image_ids=tuple(dict.fromkeys(id for p in plans for id in (p.image_ids or (p.image_id,)) if id)),
        devices=tuple(plans),
        options=options,
        order=order.entries,
        consents=_consents(plans, options, frozenset((*consents, *options.consents))),
        warnings=(*order.warnings, *_warnings(plans, options), *in_window),
        bytes_to_move=sum(_bytes(p) for p in copies),
        bytes_from_engine=bytes_from_engine(copies, uploads),
        servers=uploads,
        limits=limit_words(options, copies, uploads, max_per_jump),
        expected_distribution_s=copying,
        expected_activation_s=activation,
        made_at=made_at.isoformat(),
    )
    return replace(plan, sha256=plan_hash(plan))


def _bytes(plan: DevicePlan) -> int:
    return sum(op.size_bytes for op in plan.operations if op.kind is OpKind.COPY_IMAGE)


def _activation_s(active: Sequence[DevicePlan], order: Order) -> float:
    """Batches one after another, each as long as its longest device."""
    spent = {p.device: p.outage_s + p.waits.soak_s for p in active}
    longest: dict[int, float] = {}
    for entry in order.entries:
        longest[entry.batch] = max(longest.get(entry.batch, 0.0), spent[entry.device])
    return sum(longest.values())


def _consents(plans: Sequence[DevicePlan], options: JobOptions, given: frozenset[str]) -> tuple[Consent, ...]:
    """Consents given, and those that alone keep a device out."""
    found = []
    for plan in plans:
        failed = [c for c in plan.checks if c.verdict is Verdict.FAILED]
        only_consents = all(c.consent for c in failed)
        for check in plan.checks:
            if not check.consent or not (check.verdict is Verdict.WARNING or only_consents):
                continue
            yes = check.consent in given or f"{check.consent}:{plan.device}" in given
            found.append(Consent(check.consent, plan.device, _WHY.get(check.consent, check.actual), yes))
    return tuple(found)


def _warnings(plans: Sequence[DevicePlan], options: JobOptions) -> tuple[str, ...]:
    found = []
    out = [p for p in plans if not p.included]
    if out:
        found.append(f"{len(out)} of {len(plans)} devices {'is' if len(out) == 1 else 'are'} excluded")
    if options.insert_boot_command and options.activate is ActivateMode.OFF:
        found.append("the boot variable takes effect at the next reload, whoever causes it")
    found += commits.warnings(plans, options)
    if options.without_config_backup:
        found.append("no configuration backup is made")
    if not options.verify_hash:
        found.append("the hash on the device is not compared")
    return tuple(found)
