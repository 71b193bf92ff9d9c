"""The options of distribute, activate, commit, rollback and plan, and the JobRequest they make."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from swim_tui.errors import BadValue, ConfigError, Refused
from swim_tui.model.job import JobRequest, JobType, RecurKind, Schedule, Window
from swim_tui.model.options import ActivateMode, CommitMode, DirtyConfig, JobOptions, Protocol, UpgradeMode
from swim_tui.model.when import is_time_of_day, machine_zone, moment, window_text, zone_named

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.plan import RunPlan

F = TypeVar("F", bound=Callable[..., Any])
_TIMES = "2026-03-01T02:00, '2026-03-01 02:00', 02:00 (the next one), or with an offset as in 2026-03-01T02:00+01:00"

_IMAGES: list[Any] = [
    click.option(
        "--image",
        "images",
        multiple=True,
        help="Image by file name or id. Repeat it: each device gets what fits it; files of a set go together (mini, "
        "packages, SMUs; kickstart, system).",
    ),
]
_DEVICES: list[Any] = [
    click.option("--device", "devices", multiple=True, help="Device (repeat)."),
    click.option("--group", "groups", multiple=True, help="Every device of this group (repeat)."),
]
_COMMON: list[Any] = [
    click.option("--stop-on-failure", is_flag=True, help="Start no further device after the first failure."),
    click.option("--max", "at_once", type=click.IntRange(1, 1000), help="Devices at once."),
]
_RELOADING: list[Any] = [
    click.option("--without-config-backup", is_flag=True, help="Go on where the configuration cannot be read."),
    click.option("--dirty-config", type=click.Choice([d.value for d in DirtyConfig]), help="Unsaved configuration."),
    click.option("--soak", "soak_s", type=click.FloatRange(0, 3600), metavar="S", help="Wait before the post-checks."),
    click.option("--order", "order_file", type=click.Path(path_type=Path), help="File with the activation order."),
]
_ROLLBACK: list[Any] = [
    click.option(
        "--activate",
        "mode",
        type=click.Choice([m.value for m in ActivateMode if m is not ActivateMode.OFF]),
        help="How devices take turns (default: sequential).",
    ),
    *_RELOADING,
]
_HOW: list[Any] = [
    click.option("--location", default="", metavar="FS", help="Destination file system, such as bootflash:"),
    click.option(
        "--server",
        default="",
        metavar="NAME|local",
        help="SWIM server to pull from; 'local' pushes. Without it the device's location decides.",
    ),
    click.option("--server-of", multiple=True, metavar="DEVICE=NAME", help="The same for one device."),
    click.option("--backup", is_flag=True, help="Copy the running image into the repository first."),
    click.option(
        "--tftp-fallback/--no-tftp-fallback",
        default=None,
        help="A last boot line that loads the old image from the engine, until the proof.",
    ),
    click.option("--erase-flash/--no-erase-flash", default=None, help="Smart erase, only where space is short."),
    click.option(
        "--insert-boot-command/--no-insert-boot-command", default=None, help="Write and save the boot variable."
    ),
    click.option("--activate", "mode", type=click.Choice([m.value for m in ActivateMode]), help="Reload into it."),
    click.option("--upgrade-mode", type=click.Choice([m.value for m in UpgradeMode]), help="Bundle or install mode."),
    click.option(
        "--commit",
        is_flag=False,
        flag_value=CommitMode.AFTER_PROOF.value,
        type=click.Choice([m.value for m in CommitMode]),
        help="When an install is committed: after its proof (default), with the activation, or by hand.",
    ),
    click.option("--issu", is_flag=True, help="In-service upgrade."),
    *_COMMON,
    click.option("--activate-when-ready", is_flag=True, help="Do not wait for every copy before the first reload."),
    click.option("--enable-scp", is_flag=True, help="Enable the device's SCP server for the copy."),
    click.option("--protocol", "protocols", multiple=True, type=click.Choice([p.value for p in Protocol], False)),
    click.option("--force-reload", is_flag=True, help="Reload even what runs the target already."),
    *_RELOADING,
    click.option("--consent", "consents", multiple=True, help="Name of a consent, for all or as NAME:DEVICE (repeat)."),
]
_TIME: list[Any] = [
    click.option("--at", metavar="TIME", help="Start then: 2026-03-01T02:00, 02:00, or with an offset."),
    click.option("--recur", metavar="KIND[:N]", help="minute, hourly, daily, weekly, monthly, yearly; every N."),
    click.option("--until", metavar="TIME", help="End of the recurrence."),
]
_WINDOW: Any = click.option("--window", metavar="START/END[/local]", help="Maintenance window, HH:MM/HH:MM.")
_NAMED: list[Any] = [
    click.option("--name", default="", help="Job name."),
    click.option("--change", default="", metavar="CHG", help="Change number, kept with the job."),
    click.option("--reason", default="", help="Why, kept with the job."),
]


def job_options(*, when: bool, kind: JobType = JobType.DISTRIBUTION) -> Callable[[F], F]:
    """Decorator: adds the options of this type of job, and hands them to the command as one dict `given`."""
    what = _DEVICES if kind in (JobType.COMMIT, JobType.ROLLBACK) else [*_IMAGES, *_DEVICES]
    how = {JobType.COMMIT: _COMMON, JobType.ROLLBACK: [*_ROLLBACK, *_COMMON]}.get(kind, _HOW)
    return _gathering([*what, *how, *([*_TIME, _WINDOW, *_NAMED] if when else [])])


def when_options(*, window: bool = False) -> Callable[[F], F]:
    """Decorator: start, recurrence, name, change number and reason of a job, and its window, as one dict `given`."""
    return _gathering([*_TIME, *([_WINDOW] if window else []), *_NAMED])


def _gathering(options: list[Any]) -> Callable[[F], F]:
    def wrap(function: F) -> F:
        @functools.wraps(function)
        def command(*args: Any, **kwargs: Any) -> Any:
            names = {param.name for param in parameters}
            given = {name: kwargs.pop(name) for name in names if name in kwargs}
            return function(*args, given=given, **kwargs)

        decorated: Any = command
        before = len(getattr(function, "__click_params__", ()))  # functools.wraps has copied them along
        for option in reversed(options):
            decorated = option(decorated)
        parameters = list(decorated.__click_params__)[before:]
        return decorated  # type: ignore[no-any-return]

    return wrap


@dataclass(frozen=True)
class Defaults:
    """What the engine's settings say where the command line says nothing."""

    options: JobOptions
    zone: str

    @classmethod
    async def of(cls, client: EngineClient) -> Defaults:
        """From the engine's settings."""
        rows = {row.key: row.value for row in await client.api.settings()}
        on = {key: value == "on" for key, value in rows.items()}
        base = JobOptions()
        options = replace(
            base,
            backup_current_image=on.get("backup_current_image", base.backup_current_image),
            tftp_fallback=on.get("tftp_fallback", base.tftp_fallback),
            erase_flash=on.get("erase_flash", base.erase_flash),
            insert_boot_command=on.get("insert_boot_command", base.insert_boot_command),
            activate=ActivateMode(rows.get("activate", base.activate)),
            upgrade_mode=UpgradeMode(rows.get("upgrade_mode", base.upgrade_mode)),
            continue_on_failure=on.get("continue_on_failure", base.continue_on_failure),
            verify_hash=on.get("verify_hash", base.verify_hash),
            max_distribution=int(rows.get("distribution.max_devices", base.max_distribution)),
            max_activation=int(rows.get("activation.max_devices", base.max_activation)),
            failures_before_stop=int(rows.get("activation.failures_before_stop", base.failures_before_stop)),
            soak_s=float(rows.get("activation.soak_s", base.soak_s)),
            protocol_order=tuple(
                Protocol(p) for p in rows.get("protocols.order", ",".join(base.protocol_order)).split(",")
            ),
        )
        return cls(options, rows.get("time_zone", "machine"))


def make_request(kind: JobType, given: dict[str, Any], defaults: Defaults, *, dry_run: bool = False) -> JobRequest:
    """The JobRequest of a command line; Refused or BadValue in words for what cannot be."""
    takes_image = kind not in (JobType.COMMIT, JobType.ROLLBACK)
    make = _options if takes_image else _plain_options
    return JobRequest(
        type=kind,
        images=given.get("images", ()),
        devices=given["devices"],
        groups=given["groups"],
        options=make(kind, given, defaults.options, dry_run=dry_run),
        server_of=_servers_of(given),
        schedule=schedule_of(given, defaults.zone),
        window=window_from(given.get("window")),
        name=given.get("name", ""),
        change=given.get("change", ""),
        reason=given.get("reason", ""),
    )


async def timed(client: EngineClient, request: JobRequest, given: dict[str, Any]) -> JobRequest:
    """The request with the time, recurrence and name that were typed."""
    schedule = schedule_of(given, (await Defaults.of(client)).zone)
    return replace(request, schedule=schedule, name=given["name"], change=given["change"], reason=given["reason"])


def _servers_of(given: dict[str, Any]) -> dict[str, str]:
    """Device -> server of `--server-of DEVICE=NAME`."""
    found = {}
    for text in given.get("server_of", ()):
        device, equals, server = text.partition("=")
        if not (device and equals and server):
            raise BadValue(name="--server-of", value=text, detail="it is not DEVICE=NAME", allowed="r1=NY_Region")
        found[device] = server
    return found


def _options(kind: JobType, given: dict[str, Any], base: JobOptions, *, dry_run: bool) -> JobOptions:
    def chosen(name: str, default: Any) -> Any:
        return default if given[name] is None else given[name]

    default_mode = ActivateMode.SEQUENTIAL if kind is JobType.ACTIVATION else base.activate
    if kind is JobType.ACTIVATION and base.activate is not ActivateMode.OFF:
        default_mode = base.activate
    mode = ActivateMode(chosen("mode", default_mode))
    if kind is JobType.ACTIVATION and mode is ActivateMode.OFF:
        raise Refused(detail="an activation with --activate off does nothing", action="give sequential or parallel")
    boot = True if kind is JobType.ACTIVATION else chosen("insert_boot_command", base.insert_boot_command)
    at_once = given["at_once"]
    return replace(
        base,
        location=given["location"],
        server=given["server"],
        backup_current_image=given["backup"] or base.backup_current_image,
        tftp_fallback=chosen("tftp_fallback", base.tftp_fallback),
        erase_flash=chosen("erase_flash", base.erase_flash),
        insert_boot_command=boot,
        activate=mode,
        upgrade_mode=UpgradeMode(chosen("upgrade_mode", base.upgrade_mode)),
        commit=CommitMode(chosen("commit", base.commit)),
        issu=given["issu"],
        continue_on_failure=False if given["stop_on_failure"] else base.continue_on_failure,
        activate_when_ready=given["activate_when_ready"],
        enable_scp_for_copy=given["enable_scp"],
        without_config_backup=given["without_config_backup"],
        dirty_config=DirtyConfig(chosen("dirty_config", base.dirty_config)),
        protocol_order=tuple(Protocol(p.upper()) for p in given["protocols"]) or base.protocol_order,
        max_distribution=at_once or base.max_distribution,
        max_activation=at_once or base.max_activation,
        soak_s=chosen("soak_s", base.soak_s),
        force_reload=given["force_reload"],
        dry_run=dry_run,
        consents=given["consents"],
        order=_order(given["order_file"]),
    )


def _plain_options(kind: JobType, given: dict[str, Any], base: JobOptions, *, dry_run: bool) -> JobOptions:
    """Options of a commit or a rollback: the settings that speak of copies and boot variables are not theirs."""
    at_once = given["at_once"]
    own = replace(
        JobOptions(),
        continue_on_failure=False if given["stop_on_failure"] else base.continue_on_failure,
        max_distribution=at_once or base.max_distribution,
        max_activation=at_once or base.max_activation,
        failures_before_stop=base.failures_before_stop,
        soak_s=base.soak_s,
        dry_run=dry_run,
    )
    if kind is JobType.COMMIT:
        return own
    return replace(
        own,
        activate=ActivateMode(given["mode"] or ActivateMode.SEQUENTIAL),
        without_config_backup=given["without_config_backup"],
        dirty_config=DirtyConfig(given["dirty_config"] or base.dirty_config),
        soak_s=base.soak_s if given["soak_s"] is None else given["soak_s"],
        order=_order(given["order_file"]),
    )


def _order(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(source=str(path), detail=f"the order cannot be read: {err}") from None
    return tuple(name for line in lines if (name := line.split("#")[0].strip()))


def schedule_of(given: dict[str, Any], zone_name: str, *, checks_until: bool = True) -> Schedule:
    """The schedule of `--at`, `--recur` and `--until`, in the zone of the settings."""
    zone = machine_zone() if zone_name == "machine" else zone_named(zone_name)
    now = datetime.now(UTC)
    at, until = (
        moment(given[name], zone, now, name=f"--{name}", allowed=_TIMES) if given.get(name) else None
        for name in ("at", "until")
    )
    recur, interval = _recurrence(given.get("recur"))
    if checks_until and until and recur is RecurKind.NONE:
        raise BadValue(name="--until", value=given["until"], detail="nothing recurs", allowed="--recur with it")
    return Schedule(at=at, recur=recur, interval=interval, until=until, zone=zone.key)


def _recurrence(text: str | None) -> tuple[RecurKind, int]:
    if not text:
        return RecurKind.NONE, 1
    word, _, number = text.partition(":")
    kinds = {kind.value.lower(): kind for kind in RecurKind}
    if word.lower() not in kinds or not (number or "1").isdecimal() or int(number or 1) < 1:
        allowed = ", ".join(kinds) + "; with an interval as in daily:2"
        raise BadValue(name="--recur", value=text, detail="it is no recurrence", allowed=allowed)
    return kinds[word.lower()], int(number or 1)


def window_from(text: str | None) -> Window | None:
    """The window of `START/END[/local]`."""
    if not text:
        return None
    parts = text.split("/")
    local = len(parts) == 3 and parts[2] == "local"
    if len(parts) not in (2, 3) or (len(parts) == 3 and not local):
        raise BadValue(name="--window", value=text, detail="it is no window", allowed="START/END, or START/END/local")
    start, end = map(window_text, parts[:2])
    if local and not (is_time_of_day(start) and is_time_of_day(end)):
        allowed = "22:00/04:00/local"
        raise BadValue(name="--window", value=text, detail="local windows are times of day", allowed=allowed)
    return Window(start, end, local)


def request_of_plan(plan: RunPlan, kind: JobType) -> JobRequest:
    """The request that an exported plan answers."""
    devices = tuple(p.device for p in plan.devices)
    return JobRequest(kind, images=tuple(filter(None, plan.image_ids)), devices=devices, options=plan.options)


def check_choice(request: JobRequest) -> None:
    """A request names devices, and images where it brings or boots some."""
    if not request.images and request.type not in (JobType.COMMIT, JobType.ROLLBACK):
        raise click.UsageError("name an image: --image (see: swim-tui images list)")
    if not request.devices and not request.groups:
        raise click.UsageError("name devices: --device or --group")
