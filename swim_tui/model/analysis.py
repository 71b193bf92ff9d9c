"""Upgrade Analysis: one row for each device and image (FEATURES 61-73b)."""

from __future__ import annotations

from dataclasses import dataclass

from swim_tui.model.checks import Check, Verdict


@dataclass(frozen=True)
class Requirement:
    """Required against what is there, bytes; None = not known. `free` only for flash."""

    required_bytes: int | None
    total_bytes: int | None
    free_bytes: int | None = None
    verdict: Verdict = Verdict.OK


@dataclass(frozen=True)
class AnalysisRow:
    """One row of the report. Not applicable: `is_applicable` False and the reason, the rest stays empty."""

    device: str
    address: str
    image_id: str
    image_file: str
    is_applicable: bool
    reason: str = ""
    running_image: str = ""
    running_version: str = ""
    device_family: str = ""
    image_version: str = ""
    ram: Requirement | None = None
    flash: tuple[tuple[str, Requirement], ...] = ()  # file system, figures
    verdict: Verdict = Verdict.OK
    checks: tuple[Check, ...] = ()
    goes_with: str = ""  # a part of an image set: the image that boots, with which it was judged
    facts_at: str = ""


@dataclass(frozen=True)
class AnalysisReport:
    """All rows, by address; the disclaimer belongs to every rendering of it."""

    rows: tuple[AnalysisRow, ...]
    made_at: str = ""
    disclaimer: str = (
        "A clean report does not guarantee distribution: files may not be removable, the network may fail."
    )
