"""analyze and plan: what would happen, and nothing else."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.jobform import Defaults, check_choice, job_options, make_request
from swim_tui.cli.output import emit, plain, say, size, table, tell
from swim_tui.errors import BadValue, ConfigError
from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.source import CISCO

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.plan import DevicePlan, RunPlan
    from swim_tui.model.views import AnalysisRow

FORMATS = {".md": "markdown", ".csv": "csv", ".json": "json"}


@click.command()
@click.option("--image", "images", multiple=True, help="Image by file name or id; none: the best of the repository.")
@click.option("--device", "devices", multiple=True, help="Device (repeat).")
@click.option("--group", "groups", multiple=True, help="Every device of this group (repeat).")
@click.option("--cisco", default="", metavar="PID@RELEASE", help="Also what Cisco.com offers above that release.")
@click.option("--credentials", default="", help="Profile with client id and secret of Cisco.com.")
@common_options
@pass_app
def analyze(
    app: App,
    images: tuple[str, ...],
    devices: tuple[str, ...],
    groups: tuple[str, ...],
    cisco: str,
    credentials: str,
) -> int:
    """Upgrade analysis: RAM, flash and family of each device against each image."""
    if not devices and not groups:
        raise click.UsageError("name devices: --device or --group")

    async def work(client: EngineClient) -> list[AnalysisRow]:
        offered = await client.api.browse_source(f"{CISCO}{cisco}", credentials) if cisco else []
        if cisco and not offered and not images:
            raise BadValue(
                name="cisco", value=cisco, detail="it offers no image", allowed="PID@RELEASE as a device runs"
            )
        return await client.api.analyze(list(images), list(devices), list(groups), tuple(offered))

    rows = app.with_engine(work)
    if app.as_json:
        emit(rows)
        return 0
    table(
        ("device", "runs", "image", "version", "RAM need/has", "flash need/free/total", "verdict", "why"),
        [
            (
                r.device,
                r.running_version,
                r.image or "none applies",
                r.image_version,
                _sizes(r.ram_required_bytes, r.ram_current_bytes),
                _sizes(r.flash_required_bytes, r.flash_free_bytes, r.flash_total_bytes),
                r.verdict,
                "; ".join(r.reasons),
            )
            for r in rows
        ],
    )
    return 0


def _sizes(*counts: int | None) -> str:
    return " / ".join(size(count) or "?" for count in counts)


@click.group(cls=CommandGroup)
@common_options
def plan() -> None:
    """The exact plan of a job and its SHA-256, and nothing else."""


def _out_option(function: Any) -> Any:
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write it there: .md, .csv or .json by its name; a .json can be run: distribute --plan.",
    )(function)


def _refresh_option(function: Any) -> Any:
    words = "Read the devices first (default), or use the last facts."
    return click.option("--refresh/--no-refresh", default=True, help=words)(function)


@plan.command("distribute")
@job_options(when=True)
@_refresh_option
@_out_option
@common_options
@pass_app
def plan_distribute(app: App, given: dict[str, Any], refresh: bool, out: Path | None) -> int:
    """The plan of a distribution, with activation if asked."""
    return _plan(app, JobType.DISTRIBUTION, given, refresh=refresh, out=out)


@plan.command("activate")
@job_options(when=True)
@_refresh_option
@_out_option
@common_options
@pass_app
def plan_activate(app: App, given: dict[str, Any], refresh: bool, out: Path | None) -> int:
    """The plan of an activation."""
    return _plan(app, JobType.ACTIVATION, given, refresh=refresh, out=out)


@plan.command("commit")
@job_options(when=True, kind=JobType.COMMIT)
@_refresh_option
@_out_option
@common_options
@pass_app
def plan_commit(app: App, given: dict[str, Any], refresh: bool, out: Path | None) -> int:
    """The plan of a commit."""
    return _plan(app, JobType.COMMIT, given, refresh=refresh, out=out)


@plan.command("rollback")
@job_options(when=True, kind=JobType.ROLLBACK)
@_refresh_option
@_out_option
@common_options
@pass_app
def plan_rollback(app: App, given: dict[str, Any], refresh: bool, out: Path | None) -> int:
    """The plan of a rollback."""
    return _plan(app, JobType.ROLLBACK, given, refresh=refresh, out=out)


def _plan(app: App, kind: JobType, given: dict[str, Any], *, refresh: bool, out: Path | None) -> int:
    if out is not None and out.suffix not in FORMATS:
        raise click.UsageError(f"--out {out}: its name must end in .md, .csv or .json")

    async def work(client: EngineClient) -> tuple[RunPlan, str]:
        request = make_request(kind, given, await Defaults.of(client))
        check_choice(request)
        made = await client.api.preview(request, refresh=refresh)
        text = "" if app.as_json and out is None else await _text(client, request, made, out)
        return made, text

    made, text = app.with_engine(work)
    if out is not None:
        try:
            out.write_text(text, "utf-8")
        except OSError as err:
            raise ConfigError(source=str(out), detail=f"it cannot be written: {err.strerror}") from None
    if app.as_json:
        emit(made)
    elif out is not None:
        say(f"{made.sha256}  {out}")
    else:
        say(text.rstrip("\n"))
        say(f"SHA-256 {made.sha256}")
    return 0 if made.included() else 3


async def _text(client: EngineClient, request: JobRequest, made: RunPlan, out: Path | None) -> str:
    form = FORMATS[out.suffix] if out is not None else "markdown"
    if form == "json":
        from swim_tui.api.codec import adapter
        from swim_tui.model.plan import RunPlan

        return adapter(RunPlan).dump_json(made, indent=2).decode() + "\n"
    return await client.api.export_plan(request, form)


def read_plan(path: Path) -> RunPlan:
    """A plan that was written with --out FILE.json; ConfigError in words for anything else."""
    from swim_tui.api.codec import adapter
    from swim_tui.model.plan import RunPlan

    try:
        data = path.read_bytes()
    except OSError as err:
        raise ConfigError(source=str(path), detail=(err.strerror or str(err)).lower()) from None
    try:
        found: RunPlan = adapter(RunPlan).validate_json(data)
    except ValueError:
        detail = "it is no plan; a plan is written by: swim-tui plan distribute ... --out FILE.json"
        raise ConfigError(source=str(path), detail=detail) from None
    return found


@plan.command("diff")
@click.argument("old", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("new", type=click.Path(path_type=Path, dir_okay=False))
@common_options
@pass_app
def diff(app: App, old: Path, new: Path) -> int:
    """What differs between two plans (.json). Exit code 1 if anything does."""
    first, second = read_plan(old), read_plan(new)
    lines = list(difflib.unified_diff(_lines(first), _lines(second), str(old), str(new), lineterm="", n=2))
    if app.as_json:
        emit({"old": first.sha256, "new": second.sha256, "is_same": not lines, "lines": lines})
    else:
        for line in lines:
            say(plain(line))
    if not lines:
        tell("the plans are the same")
    return 1 if lines else 0


def _lines(made: RunPlan) -> list[str]:
    """A plan as lines that a person compares: without hashes, ages and counts of free bytes."""
    lines = [f"option {name}: {value}" for name, value in vars(made.options).items()]
    lines += [f"order {entry.batch}: {entry.device} ({entry.reason})" for entry in made.order]
    for device in sorted(made.devices, key=lambda d: d.device):
        lines += [f"{device.device}: {text}" for text in _device_lines(device)]
    return lines


def _device_lines(device: DevicePlan) -> list[str]:
    state = device.excluded_because or device.skipped_because or "included"
    lines = [state, f"{device.from_version} -> {device.to_version}", f"{device.from_image} -> {device.to_image}"]
    lines += [f"check {check.name}: {check.verdict}" for check in device.checks]
    for operation in device.operations:
        lines.append(f"{operation.phase}: {operation.title}")
        lines += [f"  deletes {gone.file_system}{gone.path} ({gone.why})" for gone in operation.deletions]
        lines += [f"  {'!' if line.changes else ' '} {line.text}" for line in operation.lines]
    return lines
