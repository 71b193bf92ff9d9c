"""Import Images: source, collection options, schedule; several images are several Collection jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult

from swim_tui.model.job import JobRequest, JobType
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.text_view import TextLine, TextView
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.collect_steps import FileStep, ImportDeviceStep, UrlStep
from swim_tui.ui.wizards.defaults import default_zone
from swim_tui.ui.wizards.schedule_step import ScheduleStep, schedule_of
from swim_tui.ui.wizards.source_step import SourceChoice, SourceStep
from swim_tui.ui.wizards.step import Step

_NOT_YET = "it is not built yet in this version"


class ImportSourceStep(SourceStep):
    """Where the images are."""

    title: ClassVar[str] = "Source"
    choices: ClassVar[Sequence[SourceChoice]] = (
        SourceChoice("file", "File", "Files on the machine where the engine runs."),
        SourceChoice("url", "URL", "Addresses that start with http:// or https://."),
        SourceChoice("device", "Device", "The running image of network devices, or another file on their flash."),
        SourceChoice("protocol", "Protocol", "A server by FTP, SFTP or SCP, with a directory to pick from.", _NOT_YET),
        SourceChoice("cisco", "Cisco.com", "The download service of the vendor, with an API client.", _NOT_YET),
    )

    def source_changed(self) -> None:
        """Files of another source are not meant."""
        self.draft.files, self.draft.devices = [], list(self.draft.carried)


class ScheduleImportStep(ScheduleStep):
    """Schedule; a large import is best put into a quiet hour."""

    job_type: ClassVar[JobType] = JobType.COLLECTION
    has_window: ClassVar[bool] = False
    hint: ClassVar[str] = "Large imports: choose a quiet hour or the maintenance window."


@dataclass(frozen=True)
class Wanted:
    """One image to collect."""

    source: str
    file: str = ""
    digest: str = ""


def wanted_of(wizard: ImportWizard) -> list[Wanted]:
    """What the collection options name; a declared hash belongs to a single image."""
    draft = wizard.draft
    if draft.source == "device":
        return [Wanted(f"device:{name}", draft.form.get("device_file", "")) for name in draft.devices]
    sources = draft.files if draft.source == "file" else draft.form.get("urls", "").split()
    digest = draft.form.get("digest", "").lower() if len(sources) == 1 else ""
    return [Wanted(source, digest=digest) for source in sources]


class SummaryStep(Step):
    """What will be collected; a Collection job has no plan of devices."""

    title: ClassVar[str] = "Summary"
    brief: ClassVar[str] = "Summary"
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.submit"})

    def compose(self) -> ComposeResult:
        """The text."""
        text = TextView(id="wizard-summary")
        text.wrap = True
        yield text

    async def enter(self) -> None:
        """The images and the time."""
        wizard = self.wizard
        assert isinstance(wizard, ImportWizard)
        requests = wizard.requests()
        at = requests[0].schedule.at if requests else None
        when = f"{at.astimezone():%Y-%m-%d %H:%M %Z}" if at is not None else "now"
        lines = [TextLine("+ Ready: s submits", Tone.OK), TextLine("")]
        lines += [TextLine(f"Import {len(requests)} image{'s' if len(requests) > 1 else ''}", Tone.LINK)]
        lines += (
            [TextLine(f"  Start                {when}, recurrence {requests[0].schedule.recur}")] if requests else []
        )
        for request in requests:
            lines.append(TextLine(f"  {request.source}" + (f"  {request.source_file}" if request.source_file else "")))
            if request.md5 or request.sha512:
                lines.append(TextLine(f"      must have the hash {request.md5 or request.sha512}"))
        lines += [
            TextLine(""),
            TextLine("  A file becomes an image only when it has arrived whole; same content is kept once."),
        ]
        lines += [TextLine("  After the import, check Minimum RAM and flash on its Image Information page (view 4).")]
        if len(requests) > 1:
            lines += [TextLine("  Each image is a job of its own: one that fails does not keep the others back.")]
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
        options = {"url": UrlStep, "device": ImportDeviceStep}.get(self.draft.source, FileStep)
        return (ImportSourceStep, options, ScheduleImportStep, SummaryStep)

    def requests(self) -> list[JobRequest]:
        """A job for each image; a typed name gets the file's name when there are several."""
        form = self.draft.form
        schedule = schedule_of(form, default_zone(self.settings), self.swim.now())
        found = wanted_of(self)
        name = form.get("name", "")
        requests = []
        for wanted in found:
            own = f"{name} {Path(wanted.source).name}" if name and len(found) > 1 else name
            requests.append(
                JobRequest(
                    type=JobType.COLLECTION,
                    source=wanted.source,
                    source_file=wanted.file,
                    md5=wanted.digest if len(wanted.digest) == 32 else "",
                    sha512=wanted.digest if len(wanted.digest) == 128 else "",
                    schedule=schedule,
                    name=own,
                    change=form.get("change", ""),
                    reason=form.get("reason", ""),
                )
            )
        return requests

    def request(self, devices: Sequence[str] | None = None) -> JobRequest:
        """The first of the jobs."""
        return self.requests()[0]

    def confirmation(self) -> Confirmation:
        """Nothing on a device changes."""
        names = [request.source for request in self.requests()]
        count = names[0].rsplit("/", 1)[-1] if len(names) == 1 else f"{len(names)} images"
        return Confirmation(f"Import {count}?", "import", targets=names, impact="Devices are not changed.")

    def do_table_left(self) -> None:
        """In the directory browser one up."""
        if isinstance(self.step, FileStep):
            self.step.up()
        else:
            super().do_table_left()

    async def send(self) -> None:
        """One job after the other; the draft goes when all are in."""
        jobs = [await self.session.client.submit(request) for request in self.requests()]
        self.finished(jobs)
