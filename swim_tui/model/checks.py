"""Checks: name, Expected, Actual, verdict, and the action that would mend it (SPEC 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


FPD = "FPD"
NO_LOSS = frozenset({FPD})
"""Post-checks that find what is still to be done, not what the reload took away."""


def server_reachable(server: str) -> str:
    """Name of the check that a probe pull makes: the server is reached from the device."""
    return f"SWIM server reachable: {server}"


@dataclass(frozen=True)
class Check:
    """One check of one device against one image. `consent` names the consent that would allow a failed one."""

    name: str
    verdict: Verdict
    expected: str = ""
    actual: str = ""
    action: str = ""
    consent: str = ""


def worst(checks: tuple[Check, ...]) -> Verdict:
    """The worst verdict of a set of checks; ok for none."""
    order = (Verdict.FAILED, Verdict.WARNING)
    return next((v for v in order if any(c.verdict is v for c in checks)), Verdict.OK)
