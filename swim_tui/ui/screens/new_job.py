"""What starts a job: a wizard where there is one, else the command that does it, ready to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swim_tui.errors import Conflict
from swim_tui.model.job import JobRequest, JobType
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.page import Page


@dataclass(frozen=True)
class HowTo:
    """One act with its caption and the commands that do it."""

    id: str
    key: str
    title: str
    caption: str = ""
    commands: tuple[str, ...] = ()


_ACTS: tuple[HowTo, ...] = (
    HowTo("import", "i", "Add/Import"),
    HowTo("distribute", "d", "Distribute"),
    HowTo("activate", "a", "Activate"),
    HowTo("commit", "c", "Commit", "IOS-XR, XE 16 and later in install mode: the active software survives a reload."),
    HowTo("rollback", "r", "Rollback", "Back to the recorded previous image or the platform's rollback point."),
    HowTo("archive", "b", "Archive Configuration", "Running and startup configuration, encrypted."),
    HowTo(
        "server",
        "s",
        "Add Server",
        "A SWIM server serves the devices of its location groups: the image goes to it once, devices pull from it.",
        (),
    ),
    HowTo("device", "v", "Add a device", "One device by hand.", ("swim-tui devices add NAME ADDRESS",)),
)
ACTS: Mapping[str, HowTo] = {act.id: act for act in _ACTS}
WITH_WIZARD = frozenset({"import", "distribute", "activate", "commit", "rollback"})
NEW_JOB = ("import", "distribute", "activate", "commit", "rollback", "archive")
FOR_DEVICES = NEW_JOB[1:]


async def archive_configurations(page: Page, names: Sequence[str]) -> None:
    """Ask, then submit a Configuration Archive job for these devices."""
    if not names:
        raise Conflict(detail="no device is under management", action="import an inventory first: view 3, then i")
    count = names[0] if len(names) == 1 else f"{len(names)} devices"
    ask = Confirmation(
        f"Archive the configuration of {count}?",
        "archive",
        targets=names,
        impact="Read-only commands. Running and startup configuration are kept encrypted on this machine.",
        opened_by="b",
    )
    if await page.app.push_screen_wait(ConfirmDialog(ask)):
        job = await page.session.client.submit(JobRequest(type=JobType.CONFIG_ARCHIVE, devices=tuple(names)))
        page.app.notify(f"{job.name} submitted; view 2 shows it")


async def how_to(
    page: Page, act_ids: Sequence[str], values: Mapping[str, str] | None = None, devices: Sequence[str] = ()
) -> str | None:
    """Let a person choose among acts (if several); open its wizard with `devices`, or show how it is done."""
    chosen: str | None = act_ids[0]
    if len(act_ids) > 1:
        choices = [Choice(act.id, act.key, act.title) for act in (ACTS[act_id] for act_id in act_ids)]
        whom = f" for {devices[0] if len(devices) == 1 else f'{len(devices)} devices'}" if devices else ""
        chosen = await page.app.push_screen_wait(ChooseDialog(f"New job{whom}", choices))
    if chosen is None:
        return None
    if chosen in WITH_WIZARD:
        from swim_tui.ui.wizards.open import open_wizard

        await open_wizard(page, chosen, devices=devices)
        return chosen
    if chosen == "archive":
        await page.session.load_devices()
        await archive_configurations(page, devices or sorted(page.mirror.devices))
        return chosen
    act = ACTS[chosen]
    commands = [_fill(command, values or {}) for command in act.commands]
    if not commands:
        missing = "There is no dialog and no command for this in this version."
        await page.app.push_screen_wait(TextDialog(act.title, f"{act.caption}\n\n{missing}", hint="Esc close"))
        return chosen
    text = "\n".join([act.caption, "", "In a shell on this machine:", "", *(f"  {line}" for line in commands)])
    hint = "c copies the first command   Esc close"
    await page.app.push_screen_wait(
        TextDialog(act.title, text + "\n\nThe job appears here at once.", copy=commands[0], hint=hint)
    )
    return chosen


def _fill(command: str, values: Mapping[str, str]) -> str:
    words = [values.get(word, word) for word in command.split(" ")]
    return " ".join(words)
