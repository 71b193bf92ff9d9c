"""Which of a job's images a device gets: the one that applies, or those that go together as an image set. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swim_tui.model.device import DeviceClass
from swim_tui.model.image import ImageType, SoftwareImage
from swim_tui.model.imageset import matching_packages, needs_kickstart, pair_kickstart
from swim_tui.packs import Pack
from swim_tui.planning.analysis import is_applicable

_XR = frozenset({DeviceClass.XR_32, DeviceClass.XR_64, DeviceClass.XR7})
_ADDED = frozenset({ImageType.SMU, ImageType.PACKAGE})


@dataclass(frozen=True)
class Choice:
    """What one device gets: `image` boots, `files` are all of its set (empty = `image` alone); `why` when nothing."""

    image: SoftwareImage | None
    files: tuple[SoftwareImage, ...] = ()
    why: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all files of a set; empty for one image alone."""
        return tuple(image.id for image in self.files)


def takes_sets(pack: Pack) -> bool:
    """True when the platform takes several files at once."""
    return pack.device_class in _XR or "kickstart" in pack.image_parts


def choose(images: Sequence[SoftwareImage], named: SoftwareImage | None, pack: Pack | None) -> Choice:
    """The image named for this device with what belongs to it, else the only image, else those that apply."""
    if named is not None:
        return _with_its_own(named, images) if pack is not None and takes_sets(pack) else Choice(named)
    if len(images) == 1:
        return Choice(images[0])
    fitting = [image for image in images if pack is not None and is_applicable(image, pack)]
    if pack is None or not fitting:
        return Choice(None, why="none of the images applies to it")
    return _as_set(fitting) if takes_sets(pack) else _alone(fitting, pack)


def _with_its_own(main: SoftwareImage, images: Sequence[SoftwareImage]) -> Choice:
    others = [image for image in images if image.id != main.id]
    if needs_kickstart(main):
        kickstart = pair_kickstart(main, others)
        return _choice(main, [kickstart] if kickstart is not None else [])
    found = matching_packages(main, others)
    return _choice(main, [*found.packages, *found.smus])


def _as_set(fitting: Sequence[SoftwareImage]) -> Choice:
    """All that apply go together; whether they do is a check of the plan, which of two boots nobody can know."""
    booting = [image for image in fitting if image.identity.image_type is ImageType.SYSTEM_SW]
    if len(booting) > 1:
        names = ", ".join(image.file_name for image in booting)
        return Choice(booting[0], why=f"several images boot it, of which one is to be named: {names}")
    main = booting[0] if booting else fitting[0]
    return _choice(main, [image for image in fitting if image.id != main.id])


def _alone(fitting: Sequence[SoftwareImage], pack: Pack) -> Choice:
    """The first that applies; a file that would be left out without a word is refused instead."""
    added = [image for image in fitting if image.identity.image_type in _ADDED]
    if added:
        names = ", ".join(image.file_name for image in added)
        return Choice(fitting[0], why=f"no packages or SMUs are added on {pack.title}: leave {names} out")
    return Choice(fitting[0])


def _choice(main: SoftwareImage, others: list[SoftwareImage]) -> Choice:
    kickstarts = [image for image in others if image.identity.image_type is ImageType.KICKSTART]
    rest = [image for image in others if image not in kickstarts]
    return Choice(main, (*kickstarts, main, *rest) if others else ())
