"""Import Images: source, collection options, schedule; several images are several Collection jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.words import counted
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.text_view import TextLine, TextView
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.collect_steps import FileStep, ImportDeviceStep, UrlStep
from swim_tui.ui.wizards.defaults import default_zone
from swim_tui.ui.wizards.remote_steps import NO_LOGIN, CiscoStep, RemoteStep, ServerStep
from swim_tui.ui.wizards.schedule_step import ScheduleStep, schedule_of
from swim_tui.ui.wizards.source_step import SourceChoice, SourceStep
from swim_tui.ui.wizards.step import TEXT_MOVES, Step


class ImportSourceStep(SourceStep):
    """Where the images are."""

    title: ClassVar[str] = "Source"
    hint: ClassVar[str] = "Enter takes a source. Import only what your families need: one image for each."
    choices: ClassVar[Sequence[SourceChoice]] = (
        SourceChoice("file", "File", "Files on the machine where the engine runs."),
        SourceChoice("url", "URL", "Addresses: http, https, ftp, sftp or scp, one a line."),
        SourceChoice(
            "device",
            "Device",
            "The running image of network devices, or another file on their flash. The protocol depends on the device.",
        ),
        SourceChoice("protocol", "Protocol", "A server by FTP, SFTP or SCP, with a directory to pick from."),
        SourceChoice("cisco", "Cisco.com", "The download service of the vendor, by product and running release."),
    )

    def source_changed(self) -> None:
        """Files of another source are not meant."""
        self.draft.files, self.draft.devices = [], list(self.draft.carried)


class ScheduleImportStep(ScheduleStep):
    """Schedule; a large import is best put into a quiet hour."""

    job_type: ClassVar[JobType] = JobType.COLLECTION
    has_window: ClassVar[bool] = False
    hint: ClassVar[str] = "Large imports: choose a quiet hour or the maintenance window."

    def source(self) -> str:
        """The first of what was chosen."""
        return next(iter(sources_of(self.wizard)), "")


def sources_of(wizard: WizardPage) -> list[str]:
    """What the collection options name, one source for each image."""
    draft = wizard.draft
    if draft.source == "device":
        return [f"device:{name}" for name in draft.devices]
    return draft.form.get("urls", "").split() if draft.source == "url" else list(draft.files)


class SummaryStep(Step):
    """What will be collected; a Collection job has no plan of devices."""

    title: ClassVar[str] = "Summary"
    brief: ClassVar[str] = "Summary"
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.submit"}) | TEXT_MOVES

    def compose(self) -> ComposeResult:
        """The text."""
        text = TextView(id="wizard-summary")
        text.wrap = True
        yield text

    async def enter(self) -> None:
        """The images and the time."""
        wizard = self.wizard
        assert isinstance(wizard, ImportWizard)
        request = wizard.request()
        at = request.schedule.at
        when = f"{at.astimezone():%Y-%m-%d %H:%M %Z}" if at is not None else "now"
        names = sources_of(wizard)
        lines = [TextLine("+ Ready: s submits", Tone.OK), TextLine("")]
        lines += [TextLine(f"Import {counted(len(names), 'image')}", Tone.LINK)]
        lines += [TextLine(f"  Start                {when}, recurrence {request.schedule.recur}")]
        if request.source_credentials:
            lines += [TextLine(f"  Credentials          {request.source_credentials}")]
        lines += [TextLine(f"  {name}" + (f"  {request.source_file}" if request.source_file else "")) for name in names]
        if request.md5 or request.sha512:
            lines += [TextLine(f"      must have the hash {request.md5 or request.sha512}")]
        lines += [
            TextLine(""),
            TextLine("  A file becomes an image only when it has arrived whole; same content is kept once."),
            TextLine("  After the import, check Minimum RAM and flash on its Image Information page (view 4)."),
        ]
        if len(names) > 1:
            lines += [TextLine("  One job: an image that fails does not keep the others back.")]
        if urls_in_clear(names):
            lines += [TextLine("! FTP and HTTP send everything in clear: give a hash, or use SFTP.", Tone.WAIT)]
        self.query_one(TextView).set_lines(lines)

    def focus_first(self) -> None:
        """The text."""
        self.query_one(TextView).focus()

    def move(self, lines: int) -> bool:
        """The text moves."""
        self.query_one(TextView).move(lines)
        return True


class ImportWizard(WizardPage):
    """Three steps and a summary."""

    kind: ClassVar[str] = "import"
    caption: ClassVar[str] = "Import Images"

    def steps(self) -> Sequence[type[Step]]:
        """The collection options are those of the source."""
        options: type[Step] = {
            "url": UrlStep, "device": ImportDeviceStep, "protocol": ServerStep, "cisco": CiscoStep,
        }.get(self.draft.source, FileStep)  # fmt: skip
        return (ImportSourceStep, options, ScheduleImportStep, SummaryStep)

    async def load(self) -> None:
        """The credential profiles too."""
        self.profiles = [profile.name for profile in await self.session.client.credentials()]
        await super().load()

    def request(self, devices: Sequence[str] | None = None) -> JobRequest:
        """One job for all images; a declared hash belongs to a single one."""
        form, names = self.draft.form, sources_of(self)
        digest = form.get("digest", "").lower() if len(names) == 1 and self.draft.source in ("file", "url") else ""
        profile = form.get("profile", NO_LOGIN) if self.draft.source in ("url", "protocol", "cisco") else NO_LOGIN
        return JobRequest(
            type=JobType.COLLECTION,
            source=names[0] if names else "",
            sources=tuple(names[1:]),
            source_file=form.get("device_file", "") if self.draft.source == "device" else "",
            source_credentials="" if profile == NO_LOGIN else profile,
            md5=digest if len(digest) == 32 else "",
            sha512=digest if len(digest) == 128 else "",
            schedule=schedule_of(form, default_zone(self.settings), self.swim.now()),
            name=form.get("name", ""),
            change=form.get("change", ""),
            reason=form.get("reason", ""),
        )

    def confirmation(self) -> Confirmation:
        """Nothing on a device changes."""
        names = sources_of(self)
        count = names[0].rsplit("/", 1)[-1] if len(names) == 1 else f"{len(names)} images"
        return Confirmation(f"Import {count}?", "import", targets=names, impact="Devices are not changed.")

    def do_table_left(self) -> None:
        """In a directory browser one up."""
        if isinstance(self.step, FileStep | RemoteStep):
            self.step.up()
        else:
            super().do_table_left()

    async def do_wizard_recheck(self) -> None:
        """List the server again."""
        if isinstance(self.step, RemoteStep):
            await self.step.list_place()


def urls_in_clear(names: Sequence[str]) -> bool:
    """Whether an address sends what it serves readable and changeable by anybody on the way."""
    return any(name.startswith(("http://", "ftp://")) for name in names)
