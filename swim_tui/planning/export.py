"""A run plan for people and programs: Markdown, CSV (a line per device), JSON values (SPEC 12b)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

from swim_tui.model.checks import Verdict
from swim_tui.model.options import ActivateMode
from swim_tui.model.plan import Answer, DevicePlan, LineMode, Operation, OpKind, RunPlan, SpaceLine
from swim_tui.planning.canonical import plain
from swim_tui.planning.durations import words

NEVER = (
    "send a line that changes a device and is not in this plan",
    "answer a question that is not in its table: it stops and shows the question",
    "send squeeze, format or erase, or delete a file that this plan does not name",
    "delete the running image or a boot target",
    "reload a device whose boot variable was not read back as planned, or without saving",
    "reload or install twice for one run",
    "change config register, Manual Boot, file prompt or http server",
    "retry a refused login, a full flash or a denied command",
)
CSV_COLUMNS = (
    "device",
    "location",
    "role",
    "pack",
    "included",
    "reason",
    "from_version",
    "to_version",
    "from_image",
    "to_image",
    "position",
    "batch",
    "deletes",
    "bytes",
    "distribution_s",
    "outage_s",
    "warnings",
    "failed",
)


def to_json(plan: RunPlan) -> dict[str, Any]:
    """JSON values of the whole plan, its SHA-256 among them."""
    tree = plain(plan)
    assert isinstance(tree, dict), "a plan is a mapping"
    return tree


def to_csv(plan: RunPlan) -> str:
    """One line per device; a cell that a spreadsheet would take for a formula is quoted with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    place = {e.device: (i + 1, e.batch) for i, e in enumerate(plan.order)}
    for device in plan.devices:
        writer.writerow([_safe(cell) for cell in _csv_row(device, place.get(device.device, ("", "")))])
    return out.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def _csv_row(plan: DevicePlan, place: tuple[object, object]) -> list[object]:
    copies = [op for op in plan.operations if op.kind is OpKind.COPY_IMAGE]
    deletes = [d.path for op in plan.operations for d in op.deletions]
    return [
        plan.device,
        plan.location,
        plan.role,
        plan.pack,
        "yes" if plan.included else "no",
        plan.excluded_because or plan.skipped_because,
        plan.from_version,
        plan.to_version,
        plan.from_image,
        plan.to_image,
        *place,
        " ".join(deletes),
        sum(op.size_bytes for op in copies),
        round(plan.distribution_s),
        round(plan.outage_s),
        "; ".join(c.name for c in plan.checks if c.verdict is Verdict.WARNING),
        "; ".join(c.name for c in plan.checks if c.verdict is Verdict.FAILED),
    ]


def to_markdown(plan: RunPlan) -> str:
    """Summary first, then every device."""
    parts = [
        *_summary(plan),
        *_servers(plan),
        *_order(plan),
        *_excluded(plan),
        "## What the tool will never do\n",
        *(f"- {line}" for line in NEVER),
        "",
        "## Devices\n",
    ]
    for device in plan.devices:
        parts += _device(device)
    return "\n".join(parts) + "\n"


def _cell(text: object) -> str:
    """Text from outside in a table cell: no bars, no line ends, no markup."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;") or "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(c) for c in row)} |" for row in rows]
    return [*lines, ""]


def _count(values: Iterable[str]) -> str:
    return ", ".join(f"{name or 'none'} {number}" for name, number in sorted(Counter(values).items()))


def _servers(plan: RunPlan) -> list[str]:
    """What each SWIM server is given, once, and who pulls from it."""
    if not plan.servers:
        return []
    rows = [
        (
            server.server,
            f"{server.address} by {server.protocol}",
            ", ".join(op.path for op in server.images),
            server.devices or "none, only when another server fails",
            server.max_pulls,
            words(server.upload_s),
        )
        for server in plan.servers
    ]
    head = (
        "Server",
        "Upload to",
        "Files, each once",
        "Devices that pull first from it",
        "Pulls at once",
        "Upload about",
    )
    return ["## SWIM servers\n", *_table(head, rows)]


def _summary(plan: RunPlan) -> list[str]:
    included, options = plan.included(), plan.options
    active = [p for p in included if p.outage_s > 0 and not p.skipped_because]
    matrix = Counter((p.from_version, p.to_version) for p in included if not p.skipped_because)
    skipped = sum(1 for p in included if p.skipped_because)
    open_ones = [c for c in plan.consents if not c.given]
    lines = [
        "# Upgrade plan\n",
        f"Made {plan.made_at}, SHA-256 `{plan.sha256}`\n",
        f"- Devices: {len(plan.devices)} in all, {len(included)} included ({skipped} run the target already), "
        f"{len(plan.devices) - len(included)} excluded",
        f"- By site: {_count(p.location for p in included)}",
        f"- By role: {_count(p.role for p in included)}",
        f"- By platform: {_count(p.pack for p in included)}",
        f"- Bytes to move: {plan.bytes_to_move:,}; of them over this engine's own line: {plan.bytes_from_engine:,}",
        f"- Distribution: about {words(plan.expected_distribution_s)}, {options.max_distribution} at once",
    ]
    if plan.limits:
        lines.append(f"- Limits: {'; '.join(plan.limits)}")
    if options.activate is ActivateMode.OFF:
        lines.append("- Activation: off")
    else:
        outage = max((p.outage_s for p in active), default=0.0)
        lines.append(
            f"- Activation: {options.activate.value}, about {words(plan.expected_activation_s)}, "
            f"outage of one device about {words(outage)}"
        )
        lines.append(f"- Stop rule: {_stop_rule(plan)}")
    lines += [f"- Warning: {w}" for w in plan.warnings]
    lines += [f"- Open consent: {c.name} for {c.device}: {c.why}" for c in open_ones]
    lines += ["", "## Versions\n"]
    lines += _table(("From", "To", "Devices"), ((a, b, n) for (a, b), n in sorted(matrix.items())))
    lines += ["## Images\n"]
    hashes = {
        (op.path, op.size_bytes, op.digest_algorithm, op.digest) for p in included for op in p.operations if op.digest
    }
    return lines + _table(("File", "Bytes", "Hash", "Value"), sorted(hashes))


def _stop_rule(plan: RunPlan) -> str:
    allowed = plan.options.failures_before_stop
    first = "the first device is the canary and must be proven before any other is reloaded; "
    after = "one device" if allowed == 0 else f"more than {allowed} devices"
    return first + f"after {after} that end unreachable or on another image no further device is reloaded"


def _order(plan: RunPlan) -> list[str]:
    if not plan.order:
        return []
    rows = ((i + 1, e.batch, e.device, e.reason) for i, e in enumerate(plan.order))
    return ["## Activation order\n", *_table(("Position", "Batch", "Device", "Why here"), rows)]


def _excluded(plan: RunPlan) -> list[str]:
    out = [p for p in plan.devices if not p.included]
    if not out:
        return []
    return ["## Excluded\n", *_table(("Device", "Why"), ((p.device, p.excluded_because) for p in out))]


def _device(plan: DevicePlan) -> list[str]:
    state = "included" if plan.included else f"excluded: {_cell(plan.excluded_because)}"
    if plan.skipped_because:
        state = f"skipped: {_cell(plan.skipped_because)}"
    lines = [f"### {_cell(plan.device)}\n", f"{state}; facts of {plan.facts_at}\n"]
    lines += [f"- From {_cell(plan.from_version)} ({_cell(plan.from_image)})"]
    lines += [f"- To {_cell(plan.to_version)} ({_cell(plan.to_image or plan.image_file)})"]
    lines += [f"- Protocol: {_cell(r)}" for r in plan.protocol_reasons]
    lines += ["", *_table(("Check", "Verdict", "Expected", "Actual", "Action"), _check_rows(plan))]
    if plan.space:
        rows = (
            (s.file_system, s.total_bytes, s.free_bytes, s.required_bytes, s.freed_bytes, _after(s)) for s in plan.space
        )
        lines += _table(("File system", "Total", "Free", "Needed", "Freed", "Free after"), rows)
    for number, op in enumerate(plan.operations, 1):
        lines += _operation(number, op)
    if plan.impact:
        lines += ["", "Impact:\n", *(f"- {_cell(i)}" for i in plan.impact)]
    if plan.backout:
        lines += ["", "Backout:\n", *(f"- {_cell(b)}" for b in plan.backout)]
    return [*lines, ""]


def _check_rows(plan: DevicePlan) -> Iterable[tuple[object, ...]]:
    return ((c.name, c.verdict.value, c.expected, c.actual, c.action) for c in plan.checks)


def _after(space: SpaceLine) -> object:
    if space.free_bytes is None:
        return None
    return space.free_bytes + space.freed_bytes - space.required_bytes


def _reply(answer: Answer) -> str:
    if answer.secret:
        return "the password, masked everywhere"
    return "stop" if answer.reply is None else answer.reply or "RETURN"


def _operation(number: int, op: Operation) -> list[str]:
    expected = f", about {words(op.expected_s)}" if op.expected_s else ""
    lines = [f"{number}. {_cell(op.title)} ({op.phase.value}{expected})"]
    for line in op.lines:
        mark = "CHANGES" if line.changes else "reads"
        where = {LineMode.CONFIG: "(config) ", LineMode.TOOL: "(tool) "}.get(line.mode, "")
        expect = f" → {_cell(line.expect)}" if line.expect else ""
        lines.append(f"    - {mark}: {where}`{line.text}`{expect}")
        lines += [
            f"        - question `{a.pattern}`: {_reply(a)}{f' ({a.why})' if a.why else ''}" for a in line.answers
        ]
    for source in op.sources[1:]:
        lines.append(f"    - if that fails, from {_cell(source.server)} by {source.protocol}: `{source.line.text}`")
    for d in op.deletions:
        goes = "; this was the rollback target" if d.is_rollback_target else ""
        lines.append(f"    - deletes {_cell(d.file_system + d.path)}, {d.size_bytes:,} bytes: {_cell(d.why)}{goes}")
    if op.undo:
        lines.append(f"    - taken back with: {'; '.join(f'`{line.text}`' for line in op.undo)}")
    if op.note:
        lines.append(f"    - {_cell(op.note)}")
    return lines
