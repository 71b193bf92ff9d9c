"""Which of a job's images a device gets: the one that applies, or those that go together as an image set. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swim_tui.model.device import DeviceClass
from swim_tui.model.image import ImageType, SoftwareImage
from swim_tui.model.imageset import matching_packages, needs_kickstart, pair_kickstart
from swim_tui.model.smu import is_smu
from swim_tui.packs.choose import accepts_file, takes_smus
from swim_tui.packs.pack import Pack

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


def is_applicable(image: SoftwareImage, pack: Pack) -> bool:
    """True when the pack accepts the image's family (where it is known) and its name."""
    if image.family and image.family.lower() not in (f.lower() for f in pack.families):
        return False
    return accepts_file(pack, image.file_name)


def takes_sets(pack: Pack) -> bool:
    """True when the platform takes several files at once."""
    return pack.device_class in _XR or "kickstart" in pack.image_parts


def choose(images: Sequence[SoftwareImage], named: SoftwareImage | None, pack: Pack | None) -> Choice:
    """The image named for this device with what belongs to it, else the only image, else those that apply."""
    if named is not None:
        is_main = pack is not None and (takes_sets(pack) or (takes_smus(pack) and not is_smu(named)))
        return with_its_own(named, images) if is_main else Choice(named)
    if len(images) == 1:
        return Choice(images[0])
    fitting = [image for image in images if pack is not None and is_applicable(image, pack)]
    if pack is None or not fitting:
        return Choice(None, why="none of the images applies to it")
    if takes_sets(pack):
        return _as_set(fitting)
    return _with_smus(fitting) if any(is_smu(image) for image in fitting) else _alone(fitting, pack)


def with_its_own(main: SoftwareImage, images: Sequence[SoftwareImage]) -> Choice:
    """An image that boots, with the kickstart image, packages and SMUs among `images` that belong to it."""
    others = [image for image in images if image.id != main.id]
    if needs_kickstart(main):
        kickstart = pair_kickstart(main, others)
        return _choice(main, [kickstart] if kickstart is not None else [])
    found = matching_packages(main, others)
    return _choice(main, [*found.packages, *found.smus])


def set_of(image: SoftwareImage, images: Sequence[SoftwareImage], pack: Pack) -> Choice:
    """The set that a file is judged in: its own when it boots, that of the image it belongs to, else itself alone."""
    if not takes_sets(pack):
        return Choice(image)
    mains = [i for i in images if i.identity.image_type is ImageType.SYSTEM_SW and is_applicable(i, pack)]
    if image.identity.image_type is ImageType.SYSTEM_SW:
        return with_its_own(image, images)
    sets = (with_its_own(main, images) for main in mains)
    return next((found for found in sets if image.id in found.ids), Choice(image))


def _as_set(fitting: Sequence[SoftwareImage]) -> Choice:
    """All that apply go together; whether they do is a check of the plan, which of two boots nobody can know."""
    booting = [image for image in fitting if image.identity.image_type is ImageType.SYSTEM_SW]
    if len(booting) > 1:
        names = ", ".join(image.file_name for image in booting)
        return Choice(booting[0], why=f"several images boot it, of which one is to be named: {names}")
    main = booting[0] if booting else fitting[0]
    return _choice(main, [image for image in fitting if image.id != main.id])


def _with_smus(fitting: Sequence[SoftwareImage]) -> Choice:
    """SMUs with the image they came with, or alone; one of another release stays in and fails its check."""
    booting = [image for image in fitting if not is_smu(image)]
    fixes = [image for image in fitting if is_smu(image)]
    if len(booting) > 1:
        return _as_set(fitting)
    return _choice(booting[0], fixes) if booting else Choice(fixes[0], tuple(fixes))


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
