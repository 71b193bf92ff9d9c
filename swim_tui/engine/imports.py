"""SWIM Collection: images from a path or a URL, and what an import phase brought from a device, into the repository."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from swim_tui.engine.state import State
from swim_tui.errors import Cancelled, SwimError, describe
from swim_tui.images.cisco import CiscoApi, CiscoClient, CiscoImage
from swim_tui.images.ftp_source import FtpFile
from swim_tui.images.http_source import Download
from swim_tui.images.sources import DownloadLimits, ImageSource, ImportProgress, LocalFile, import_image
from swim_tui.model.events import RepositoryChanged
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import Job, JobRequest, JobType, OpStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import OpFinished, OpProgress, OpStarted, PhaseEvent, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.secret import Login
from swim_tui.model.source import DEVICE, SourceKind, parse_source

OP_ID = f"{Phase.IMPORT}.{OpKind.COPY_IMAGE}"
_STEP_S = 0.25

Told = Callable[[PhaseEvent], None]


class RepositoryImports:
    """Runs imports in threads; the loop neither reads nor hashes."""

    def __init__(self, state: State, logins: Callable[[str], Login], cisco: Callable[[], CiscoApi]) -> None:
        self._state = state
        self._logins = logins
        self._cisco = cisco
        self._limits = DownloadLimits(retry_wait_s=2.0 / state.scale)

    def over_ssh(self, source: str) -> bool:
        """True when a worker has to fetch it."""
        return parse_source(source).kind.over_ssh

    def source_of(self, source: str, credentials: str) -> ImageSource:
        """What reads a source; blocks for the vault."""
        parsed = parse_source(source)
        login = self._logins(credentials) if credentials else None
        match parsed.kind:
            case SourceKind.HTTP | SourceKind.HTTPS:
                return Download(source, login, self._limits)
            case SourceKind.FTP:
                return FtpFile(parsed, login, self._limits)
            case SourceKind.CISCO:
                pid, _, image = parsed.path.rpartition("/")
                return CiscoImage(pid, image, CiscoClient(self._logins(credentials), self._cisco(), self._limits))
            case _:
                return LocalFile(Path(parsed.path))

    async def run(
        self, job: Job, source: str, tell: Told, is_cancelled: Callable[[], bool], is_leaving: Callable[[], bool]
    ) -> tuple[PhaseResult, str]:
        """Import from a path or an address; the result and the image's id. When `is_leaving` says so it stops, and what
        came stays for the next engine."""
        loop = asyncio.get_running_loop()
        tell(OpStarted(OP_ID, self._state.clock.now()))

        def progress(event: PhaseEvent) -> None:
            loop.call_soon_threadsafe(tell, event)

        def work() -> tuple[SoftwareImage, str]:
            opened = self.source_of(source, job.request.source_credentials)
            return _import(self._state, opened, job.request, progress, is_cancelled, is_leaving)

        try:
            image, how = await asyncio.to_thread(work)
        except SwimError as err:
            return self._failed(err, tell), ""
        said = await self._keep(image) + how
        tell(OpFinished(OP_ID, self._state.clock.now(), OpStatus.SUCCESS, said))
        return PhaseResult(PhaseStatus.SUCCESS, message=said), image.id

    async def adopt(self, job: Job, device: str, source: str, result: PhaseResult) -> tuple[PhaseResult, str]:
        """Take what an import phase wrote into the repository."""
        try:
            image = await asyncio.to_thread(_adopt, self._state, job.request, device, source, result)
        except SwimError as err:
            problem = describe(err)
            return PhaseResult(PhaseStatus.FAILURE, Outcome.FAILED, problem.message, problem), ""
        said = await self._keep(image)
        return PhaseResult(PhaseStatus.SUCCESS, message=said), image.id

    async def _keep(self, image: SoftwareImage) -> str:
        known = self._state.tables.images.get(image.id)
        if known is None:  # what a person entered for an image of the same content stays
            await asyncio.wrap_future(self._state.tables.images.put(image))
        self._state.hub.publish(RepositoryChanged((image.id,)))
        note = "" if image.identity.recognised else ", not recognised"
        again = "" if known is None else f", in the repository already as {known.file_name}"
        return f"{image.file_name}, {image.size_bytes} bytes{note}{again}"

    def _failed(self, err: SwimError, tell: Told) -> PhaseResult:
        problem = describe(err)
        is_cancelled = isinstance(err, Cancelled)
        status = OpStatus.CANCELLED if is_cancelled else OpStatus.FAILURE
        tell(OpFinished(OP_ID, self._state.clock.now(), status, problem.message, problem))
        if is_cancelled:
            return PhaseResult(PhaseStatus.CANCELLED, Outcome.CANCELLED, problem.message)
        return PhaseResult(PhaseStatus.FAILURE, Outcome.FAILED, problem.message, problem)


def _import(
    state: State,
    source: ImageSource,
    request: JobRequest,
    tell: Told,
    is_cancelled: Callable[[], bool],
    is_leaving: Callable[[], bool],
) -> tuple[SoftwareImage, str]:
    """The image, and how it came: the checksum file that it was compared with, where it was gone on with."""
    steps = import_image(
        state.repository,
        source,
        expect_md5=request.md5,
        expect_sha512=request.sha512,
        expect_size=request.size_bytes,
        is_cancelled=is_cancelled,
        is_leaving=is_leaving,
    )
    started = told = time.monotonic()
    how = ""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            image: SoftwareImage = end.value
            return image, how
        how = f", as {step.checked_by} says" if step.checked_by else ""
        how += f", resumed after {step.begin_bytes}" if step.begin_bytes else ""
        now = time.monotonic()
        if now - told >= _STEP_S:
            told = now
            tell(_progress(step, now - started))


def _progress(step: ImportProgress, spent_s: float) -> OpProgress:
    rate = (step.done_bytes - step.begin_bytes) / spent_s if spent_s > 0 else 0.0
    total = step.total_bytes or 0
    eta = (total - step.done_bytes) / rate if total and rate else None
    return OpProgress(OP_ID, step.done_bytes, total, "B", rate, eta)


def _adopt(state: State, request: JobRequest, device: str, source: str, result: PhaseResult) -> SoftwareImage:
    is_import = request.type is JobType.COLLECTION
    return state.repository.adopt(
        Path(result.image_path),
        result.file_name,
        expect_md5=(request.md5 if is_import else "") or result.md5,
        expect_sha512=(request.sha512 if is_import else "") or result.sha512,
        source=(f"device {device}" if source.startswith(DEVICE) else source) if is_import else f"backup of {device}",
    )
