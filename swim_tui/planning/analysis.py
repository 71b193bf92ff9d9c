"""The rows of the Upgrade Analysis report, from facts, images and packs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from datetime import datetime

from swim_tui.model.analysis import AnalysisReport, AnalysisRow, Requirement
from swim_tui.model.checks import Check, Verdict, worst
from swim_tui.model.device import Device
from swim_tui.model.facts import Facts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import JobOptions
from swim_tui.model.version import Order, compare
from swim_tui.packs.pack import Pack
from swim_tui.planning.imagechoice import is_applicable, set_of
from swim_tui.planning.order import natural_key
from swim_tui.planning.plan import plan_device

NOT_APPLICABLE = "Image Not Applicable for this Device"


def analyse(
    device: Device,
    facts: Facts | None,
    image: SoftwareImage,
    pack: Pack | None,
    options: JobOptions,
    *,
    now: datetime,
    images: Sequence[SoftwareImage] = (),
) -> AnalysisRow:
    """One row; a device that was never read, or an image that is not for it, says so.

    A file of an image set is judged with those of `images` that go with it.
    """
    row = AnalysisRow(device.name, device.address, image.id, image.file_name, False, image_version=image.version)
    if facts is None or pack is None:
        return _not_applicable(row, "never read: synchronise it first" if facts is None else "no device pack")
    if not is_applicable(image, pack):
        return _not_applicable(row, NOT_APPLICABLE)
    chosen = set_of(image, images, pack)
    main = chosen.image or image
    plan = plan_device(device, facts, main, options, pack, now=now, images=chosen.files)
    version = facts.version
    spaces = tuple(
        (
            line.file_system,
            Requirement(
                line.required_bytes or image.size_bytes,
                line.total_bytes,
                line.free_bytes,
                _verdict(plan.checks, f"Free space {line.file_system}"),
            ),
        )
        for line in plan.space
    )
    return AnalysisRow(
        device=device.name,
        address=device.address,
        image_id=image.id,
        image_file=image.file_name,
        is_applicable=True,
        reason=plan.excluded_because or plan.skipped_because,
        goes_with=main.file_name if main.id != image.id else "",
        running_image=version.image_file,
        running_version=version.version,
        device_family=version.family,
        image_version=image.version,
        ram=Requirement(image.min_ram_bytes, version.ram_bytes, None, _verdict(plan.checks, "Minimum RAM")),
        flash=spaces,
        verdict=worst(plan.checks) if plan.checks else Verdict.FAILED,
        checks=plan.checks,
        facts_at=plan.facts_at,
    )


def _not_applicable(row: AnalysisRow, reason: str) -> AnalysisRow:
    return AnalysisRow(
        row.device,
        row.address,
        row.image_id,
        row.image_file,
        False,
        reason,
        image_version=row.image_version,
        verdict=Verdict.FAILED,
    )


def _verdict(checks: tuple[Check, ...], name: str) -> Verdict:
    return next((c.verdict for c in checks if c.name == name), Verdict.OK)


def newest_first(images: Iterable[SoftwareImage]) -> list[SoftwareImage]:
    """Images by version, newest first; versions that do not compare stand by name."""

    def order(a: SoftwareImage, b: SoftwareImage) -> int:
        said = compare(a.version, b.version)
        if said in (Order.NEWER, Order.LOWER):
            return -1 if said is Order.NEWER else 1
        return (a.file_name > b.file_name) - (a.file_name < b.file_name)

    return sorted(images, key=functools.cmp_to_key(order))


def report(
    devices: Sequence[tuple[Device, Facts | None, Pack | None]],
    images: Sequence[SoftwareImage],
    options: JobOptions,
    *,
    now: datetime,
    only_applicable: bool = False,
) -> AnalysisReport:
    """Every device with every image, by address; `only_applicable` for the analysis without an image."""
    rows = []
    for device, facts, pack in sorted(devices, key=lambda d: natural_key(d[0].address)):
        for image in newest_first(images):
            row = analyse(device, facts, image, pack, options, now=now, images=images)
            if row.is_applicable or not only_applicable:
                rows.append(row)
    return AnalysisReport(tuple(rows), now.isoformat())
