"""Small parts that whole plans are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.plan import DevicePlan, Line, Operation, OpKind, Phase
from swim_tui.planning.situation import Situation

_ACTS = frozenset({OpKind.INSTALL_ADD, OpKind.INSTALL, OpKind.COMMIT, OpKind.ROLLBACK, OpKind.DELETE_FILES})


def operation(phase: Phase, kind: OpKind, title: str, lines: Sequence[Line], expected_s: float = 0.0) -> Operation:
    """An operation under the usual id; install acts need the barrier."""
    return Operation(
        f"{phase.value}.{kind.value}", kind, phase, title, tuple(lines), kind in _ACTS, expected_s=expected_s
    )


def pre_checks(s: Situation, phase: Phase) -> Operation:
    """The reading right before the change."""
    lines = tuple(Line(t) for t in s.pack.pre_check_commands)
    return operation(phase, OpKind.PRE_CHECKS, "Checking before the change", lines)


def excluded(base: DevicePlan, why: str) -> DevicePlan:
    """Nothing will happen, and why."""
    return replace(base, included=False, excluded_because=why, operations=())


def judged(base: DevicePlan, checks: tuple[Check, ...]) -> DevicePlan:
    """The plan with its checks, excluded when one failed."""
    base = replace(base, checks=checks)
    failed = [c for c in checks if c.verdict is Verdict.FAILED]
    if not failed:
        return base
    if all(c.consent for c in failed):
        return excluded(base, f"consent missing: {', '.join(c.consent for c in failed)}")
    first, more = failed[0], f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return excluded(base, f"{first.name.removesuffix(':')}: expected {first.expected}, is {first.actual}{more}")
