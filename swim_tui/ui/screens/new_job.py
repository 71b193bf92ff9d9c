"""What starts a job: its wizard, or a question where there is nothing to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swim_tui.errors import Conflict
from swim_tui.model.job import JobRequest, JobType
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.page import Page


@dataclass(frozen=True)
class Act:
    """One kind of job in the menu."""

    id: str
    key: str
    title: str


_ACTS: tuple[Act, ...] = (
    Act("import", "i", "Add/Import"),
    Act("distribute", "d", "Distribute"),
    Act("activate", "a", "Activate"),
    Act("commit", "c", "Commit"),
    Act("rollback", "r", "Rollback"),
    Act("archive", "b", "Archive Configuration"),
)
ACTS: Mapping[str, Act] = {act.id: act for act in _ACTS}
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


async def how_to(page: Page, act_ids: Sequence[str], devices: Sequence[str] = ()) -> str | None:
    """Let a person choose among acts (if several), then open its wizard with `devices`, or ask."""
    chosen: str | None = act_ids[0]
    if len(act_ids) > 1:
        choices = [Choice(act.id, act.key, act.title) for act in (ACTS[act_id] for act_id in act_ids)]
        whom = f" for {devices[0] if len(devices) == 1 else f'{len(devices)} devices'}" if devices else ""
        chosen = await page.app.push_screen_wait(ChooseDialog(f"New job{whom}", choices))
    if chosen in WITH_WIZARD:
        from swim_tui.ui.wizards.open import open_wizard

        await open_wizard(page, chosen, devices=devices)
    elif chosen is not None:
        await page.session.load_devices()
        await archive_configurations(page, devices or sorted(page.mirror.devices))
    return chosen
