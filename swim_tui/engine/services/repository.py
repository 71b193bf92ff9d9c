"""The repository as clients see it: images, what a person knows better, deletion, names that are only asked about."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import replace
from typing import Any

from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, NotFound
from swim_tui.model.events import RepositoryChanged
from swim_tui.model.facts import VersionFacts
from swim_tui.model.image import FieldOrigin, ImageIdentity, ImageType, SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.job import Job, JobStatus
from swim_tui.model.version import Order, compare, parse_version
from swim_tui.model.views import ImageDetail

MAX_NAMES = 10_000
MIN_ID_DIGITS = 4
_INSTALLED = "packages.conf"


class RepositoryService:
    """The images of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def images(self) -> list[SoftwareImage]:
        """Every image, by family and name."""
        return sorted(self._state.tables.images.all(), key=lambda i: (i.family.lower(), i.file_name, i.id))

    async def image(self, name: str) -> ImageDetail:
        """One image by file name or id, the devices that run it, the jobs that used it."""
        image = self.find(name)
        running = [f.device for f in self._state.tables.facts.all() if _runs(f.version, image)]
        jobs = [job.id for job in self._state.tables.jobs.all() if _uses(job, image)]
        return ImageDetail(image, tuple(sorted(running)), tuple(jobs))

    async def set_image(
        self,
        name: str,
        min_ram_bytes: int | None = None,
        min_flash_bytes: int | None = None,
        version: str | None = None,
        family: str | None = None,
        min_version: str | None = None,
        min_rommon: str | None = None,
    ) -> SoftwareImage:
        """Set what a person knows better; None leaves a field, 0 or an empty text clears it."""
        image = self.find(name)
        said: dict[str, Any] = {}
        for key, count in (("min_ram_bytes", min_ram_bytes), ("min_flash_bytes", min_flash_bytes)):
            if count is not None:
                if count < 0:
                    raise BadValue(name=key, value=str(count), detail="it is negative", allowed="bytes, or 0 for none")
                said[key] = count or None
        if version is not None:
            said["version"] = _version("version", version)
        if family is not None:
            said["family"] = _word("family", family)
        identity = replace(
            image.identity,
            **said,
            origins={**image.identity.origins, **dict.fromkeys(said, FieldOrigin.PERSON)},
            recognised=image.identity.recognised or bool(said.get("family") or said.get("version")),
        )
        least = image.min_version if min_version is None else _version("min_version", min_version)
        loader = image.min_rommon if min_rommon is None else _version("min_rommon", min_rommon)
        changed = replace(image, identity=identity, min_version=least, min_rommon=loader)
        await asyncio.wrap_future(self._state.tables.images.put(changed))
        self._state.hub.publish(RepositoryChanged((changed.id,)))
        return changed

    async def delete_image(self, name: str) -> None:
        """Delete an image that no running or scheduled job needs; the record goes first, then the bytes."""
        image = self.find(name)
        for job in self._state.tables.jobs.all():
            if job.status in (JobStatus.RUNNING, JobStatus.SCHEDULED, JobStatus.PAUSED) and _uses(job, image):
                state = "in use by the running" if job.status is JobStatus.RUNNING else "needed by the coming"
                raise Conflict(
                    detail=f"{image.file_name} is {state} job {job.id}",
                    action=f"wait for it, or cancel it: swim-tui jobs cancel {job.id}",
                )
        await asyncio.wrap_future(self._state.tables.images.delete(image.id))
        await asyncio.to_thread(self._state.repository.delete, image)
        self._state.hub.publish(RepositoryChanged((image.id,)))

    async def identify(self, file_names: list[str]) -> list[ImageIdentity]:
        """What file names say; the files need not exist."""
        if len(file_names) > MAX_NAMES:
            raise BadValue(
                name="file_names", value=f"{len(file_names)} names", detail="too many", allowed=f"{MAX_NAMES}"
            )
        return await asyncio.to_thread(lambda: [identify_name(_file_of(name)) for name in file_names])

    def find(self, name: str) -> SoftwareImage:
        """An image by file name, id, or the beginning of an id; NotFound names the nearest, Conflict asks which."""
        images = self._state.tables.images.all()
        for wanted in (
            [i for i in images if i.id == name],
            [i for i in images if i.file_name == name],
            [i for i in images if len(name) >= MIN_ID_DIGITS and i.id.startswith(name.lower())],
        ):
            if len(wanted) == 1:
                return wanted[0]
            if wanted:
                ids = ", ".join(i.id for i in wanted)
                raise Conflict(detail=f"{len(wanted)} images are named '{name}'", action=f"name one by its id: {ids}")
        near = difflib.get_close_matches(name, [i.file_name for i in images], 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise NotFound(kind="image", name=name, detail=hint, listing="images list")


def _file_of(path: str) -> str:
    """The file name of bootflash:/dir/x.bin or of a path."""
    return path.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _runs(version: VersionFacts, image: SoftwareImage) -> bool:
    """By file name; IOS-XR and install mode tell no file of an image: by family and version."""
    name = _file_of(version.image_file)
    if name and name != _INSTALLED:
        return name == image.file_name
    is_whole = image.identity.image_type is ImageType.SYSTEM_SW and bool(image.family)
    of_family = is_whole and version.family.casefold() == image.family.casefold()
    return of_family and compare(version.version, image.version) is Order.SAME


def _uses(job: Job, image: SoftwareImage) -> bool:
    named = (*job.request.images, *job.request.image_of.values())
    return image.id in named or image.file_name in named


def _version(key: str, text: str) -> str:
    text = _word(key, text)
    parsed = parse_version(text) if text else None
    if text and parsed is None:
        raise BadValue(name=key, value=text, detail="it is no version", allowed="one such as 15.0(2)SE11 or 03.13.05.S")
    return parsed.canonical if parsed else ""


def _word(key: str, text: str) -> str:
    if not text.isprintable() or len(text) > 100:
        raise BadValue(name=key, value=text[:60], detail="it is too long or not printable", allowed="one short word")
    return text.strip()
