"""A run plan as text for people: one screen of summary, then every device (SPEC 12b)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from swim_tui.model.checks import Verdict
from swim_tui.model.plan import DevicePlan, LineMode, Operation, RunPlan, SpaceLine
from swim_tui.model.words import counted
from swim_tui.ui.states import Tone
from swim_tui.ui.times import duration, short_size
from swim_tui.ui.widgets.text_view import TextLine

_VERDICTS = {Verdict.OK: ("+", Tone.OK), Verdict.WARNING: ("!", Tone.WAIT), Verdict.FAILED: ("x", Tone.FAIL)}


def plan_lines(plan: RunPlan) -> list[TextLine]:
    """The whole plan."""
    lines = [*_summary(plan), *_warnings(plan), *_servers(plan), *_order(plan), *_excluded(plan)]
    for device in plan.included():
        lines += _device(device, erases=plan.options.erase_flash)
    return lines


def _head(text: str) -> list[TextLine]:
    return [TextLine(""), TextLine(text, Tone.LINK)]


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[TextLine]:
    return [TextLine(f"  {label:<20} {value}") for label, value in pairs if value]


def _summary(plan: RunPlan) -> list[TextLine]:
    included = plan.included()
    skipped = sum(1 for device in included if device.skipped_because)
    versions = Counter(f"{device.from_version or '?'} -> {device.to_version or '?'}" for device in included)
    options = plan.options
    reloads = sum(1 for device in included if device.outage_s and not device.skipped_because)
    facts = [
        ("Devices", f"{len(included)} included, {len(plan.devices) - len(included)} excluded, {skipped} skipped"),
        ("Excluded for", _count(_first_failed(device) for device in plan.devices if not device.included)),
        ("Versions", "; ".join(f"{text} ({count})" for text, count in versions.most_common())),
        ("Images", ", ".join(sorted({_files(device) for device in plan.devices if device.image_file}))),
        ("Sites", _count(device.location for device in included)),
        ("Roles", _count(device.role for device in included)),
        ("Platforms", _count(device.pack for device in included)),
        ("To copy", _to_copy(plan) if plan.bytes_to_move else "nothing"),
        ("Distribution", f"about {duration(plan.expected_distribution_s)}" if plan.expected_distribution_s else ""),
        ("Limits", "; ".join(plan.limits)),
        ("Activation", _activation(plan)),
        ("Reloads", counted(reloads, "device") if reloads else "none"),
        ("Stop rule", _stop_rule(plan) if reloads else ""),
        ("On failure", "other devices go on" if options.continue_on_failure else "no new device starts"),
        ("Made", _moment(plan.made_at)),
    ]
    return [TextLine("Plan", Tone.LINK), *_pairs(facts), TextLine(f"  SHA-256  {plan.sha256}")]


def _files(device: DevicePlan) -> str:
    """`asr9k-mini-px.pie-6.1.4 with 3 more files`: what boots, and the rest of its image set."""
    more = len(device.image_ids) - 1
    return device.image_file + (f" with {counted(more, 'more file')}" if more > 0 else "")


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if iso else ""


def _to_copy(plan: RunPlan) -> str:
    own = plan.bytes_from_engine
    return short_size(plan.bytes_to_move) + (f", {short_size(own)} of it from this machine" if plan.servers else "")


def _first_failed(plan: DevicePlan) -> str:
    """The name of the check that keeps a device out, else the whole reason."""
    failed = next((check.name for check in plan.checks if check.verdict is Verdict.FAILED), "")
    return failed or plan.excluded_because


def _count(values: Iterable[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(v for v in values if v).most_common())


def _activation(plan: RunPlan) -> str:
    mode = str(plan.options.activate).replace("-", " ")
    time = f", about {duration(plan.expected_activation_s)}" if plan.expected_activation_s else ""
    return mode + time


def _stop_rule(plan: RunPlan) -> str:
    allowed = plan.options.failures_before_stop
    return (
        f"after {counted(allowed + 1, 'device')} unreachable, on the old image, failed to install or with "
        "a member missing, nothing more is reloaded until a person resumes the run"
    )


def _warnings(plan: RunPlan) -> list[TextLine]:
    lines: list[TextLine] = []
    if plan.consents:
        lines += _head("Consents")
        for consent in plan.consents:
            sign, tone = ("+", Tone.OK) if consent.given else ("!", Tone.WAIT)
            state = "given" if consent.given else "open: Submit is refused until it is given"
            lines.append(TextLine(f"  {sign} {consent.name}  {consent.device}  {consent.why}  ({state})", tone))
    if plan.warnings:
        lines += _head("Warnings")
        lines += [TextLine(f"  ! {text}", Tone.WAIT) for text in plan.warnings]
    return lines


def _servers(plan: RunPlan) -> list[TextLine]:
    """One upload to each server, then the devices pull."""
    lines = _head("SWIM servers") if plan.servers else []
    for server in plan.servers:
        pulls = f"{server.devices} pull from it first, {server.max_pulls} at once" if server.devices else "in reserve"
        upload = f"upload about {duration(server.upload_s)} by {server.protocol}" if server.operations else "has it all"
        lines.append(TextLine(f"  {server.server:<20} {server.address:<16} {upload}; {pulls}"))
        lines += [TextLine(f"      ! {line.text}") for op in server.operations for line in op.lines if line.changes]
    return lines


def _order(plan: RunPlan) -> list[TextLine]:
    if not plan.order:
        return []
    lines = _head("Activation order")
    for position, entry in enumerate(plan.order, 1):
        lines.append(TextLine(f"  {position:>4}  batch {entry.batch:<3} {entry.device:<24} {entry.reason}"))
    return lines


def _excluded(plan: RunPlan) -> list[TextLine]:
    out = [device for device in plan.devices if not device.included]
    lines = _head("Excluded") if out else []
    for device in out:
        lines.append(TextLine(f"  x {device.device}  {device.excluded_because}", Tone.FAIL))
        for check in device.checks:
            if check.verdict is Verdict.FAILED and check.action:
                lines.append(TextLine(f"      {check.name.removesuffix(chr(58))}: {check.action}", Tone.DIM))
    return lines


def _device(plan: DevicePlan, *, erases: bool) -> list[TextLine]:
    lines = _head(f"{plan.device}   {plan.from_version or '?'} -> {plan.to_version or '?'}   {plan.pack}")
    lines += _pairs(
        [
            ("Skipped", plan.skipped_because),
            ("Running image", plan.from_image),
            ("New image", plan.to_image),
            ("Outage", f"about {duration(plan.outage_s)}" if plan.outage_s else "none"),
            ("Copy", f"about {duration(plan.distribution_s)}" if plan.distribution_s else ""),
            ("Facts of", _moment(plan.facts_at)),
        ]
    )
    lines += [TextLine(f"  protocol: {reason}", Tone.DIM) for reason in plan.protocol_reasons]
    lines += [
        _check_line(check.verdict, f"{check.name.removesuffix(':')}: expected {check.expected}, actual {check.actual}")
        for check in plan.checks
    ]
    lines += [_space(space, erases=erases) for space in plan.space]
    for number, operation in enumerate(plan.operations, 1):
        lines += _operation(number, operation)
    if plan.impact:
        lines.append(TextLine("  Impact", Tone.DIM))
        lines += [TextLine(f"     {words}") for words in plan.impact]
    if plan.backout:
        lines.append(TextLine("  Backout", Tone.DIM))
        lines += [TextLine(f"     {step}") for step in plan.backout]
    return lines


def _space(space: SpaceLine, *, erases: bool) -> TextLine:
    """What the copy needs and finds, and what the erase does about it (FEATURES 108): nothing where space is enough."""
    member = f" member {space.member}" if space.member is not None else ""
    free = short_size(space.free_bytes) or "?"
    then = ""
    if space.freed_bytes:
        then = f", {short_size(space.freed_bytes)} freed first"
    elif erases and space.free_bytes is not None and space.free_bytes >= space.required_bytes:
        then = ", enough: nothing is erased"
    place = space.file_system.removesuffix(":")
    return TextLine(f"  space {place}{member}: needs {short_size(space.required_bytes)}, free {free}{then}")


def _check_line(verdict: Verdict, text: str) -> TextLine:
    sign, tone = _VERDICTS[verdict]
    return TextLine(f"  {sign} {text}", tone)


def _operation(number: int, operation: Operation) -> list[TextLine]:
    time = f"  ({duration(operation.expected_s)})" if operation.expected_s else ""
    lines = [TextLine(f"  {number:>3}. {operation.title}{time}", Tone.WAIT if operation.destructive else Tone.PLAIN)]
    for deletion in operation.deletions:
        rollback = "  THIS IS THE ROLLBACK TARGET" if deletion.is_rollback_target else ""
        text = f"       delete {deletion.file_system}{deletion.path} {short_size(deletion.size_bytes)}: {deletion.why}"
        lines.append(TextLine(text + rollback, Tone.FAIL))
    for line in operation.lines:
        sign = "!" if line.changes else ">"
        where = "(config) " if line.mode is LineMode.CONFIG else "(tool) " if line.mode is LineMode.TOOL else ""
        expect = f"   -> {line.expect}" if line.expect else ""
        tone = Tone.FAIL if line.changes else Tone.DIM
        lines.append(TextLine(f"       {sign} {where}{line.text}{expect}", tone))
    if operation.note:
        lines.append(TextLine(f"       note: {operation.note}", Tone.DIM))
    return lines


def never_does() -> Sequence[str]:
    """What this program will never do, for the foot of every plan."""
    return (
        "It never sends squeeze, format or erase, and never deletes a file it does not know.",
        "It never reloads with unsaved configuration, and never answers an unknown question.",
        "It never sends a reload or an install command twice for one run.",
    )
