"""What starts a job: until a wizard does it, the command that does, ready to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.page import Page


@dataclass(frozen=True)
class HowTo:
    """One act with its caption and the commands that do it."""

    id: str
    key: str
    title: str
    caption: str
    commands: tuple[str, ...]


_ACTS: tuple[HowTo, ...] = (
    HowTo(
        "import",
        "i",
        "Add/Import",
        "From device, Cisco, URL, protocol, file. An image must be in the repository before it can be distributed.",
        (
            "swim-tui images import FILE",
            "swim-tui images import https://server/path/FILE",
            "swim-tui images import --device NAME",
        ),
    ),
    HowTo(
        "distribute",
        "d",
        "Distribute",
        "Distribution, and activation in the same job if wanted. Devices stay in service while the image is copied.",
        (
            "swim-tui plan distribute --image IMAGE --device NAME",
            "swim-tui distribute --image IMAGE --device NAME --wait",
            "swim-tui distribute --image IMAGE --group GROUP --insert-boot-command --activate sequential",
        ),
    ),
    HowTo(
        "activate",
        "a",
        "Activate",
        "An image that is on the device already. Devices are reloaded.",
        ("swim-tui activate --image IMAGE --device NAME --wait", "swim-tui activate --from-run RUN --wait"),
    ),
    HowTo(
        "commit",
        "c",
        "Commit",
        "IOS-XR, and XE 16 and later in install mode: makes the active software survive the next reload.",
        ("swim-tui commit --device NAME --wait",),
    ),
    HowTo(
        "rollback",
        "r",
        "Rollback",
        "Back to the recorded previous image or the platform's rollback point. Devices are reloaded.",
        ("swim-tui rollback --device NAME --wait",),
    ),
    HowTo(
        "server",
        "s",
        "Add Server",
        "A SWIM server serves the devices of its location groups: the image goes to it once, devices pull from it.",
        ("swim-tui servers add",),
    ),
    HowTo(
        "analysis",
        "u",
        "Upgrade Analysis",
        "Which images fit which devices: family, RAM, flash, running version.",
        ("swim-tui analyze --image IMAGE --group GROUP", "swim-tui analyze --device NAME"),
    ),
    HowTo(
        "sync",
        "y",
        "Sync Inventory",
        "Reads the devices with read-only commands.",
        ("swim-tui devices sync", "swim-tui devices sync NAME", "swim-tui devices sync --group GROUP"),
    ),
    HowTo(
        "archive",
        "b",
        "Archive Configuration",
        "Copies running and startup configuration into the encrypted archive.",
        ("swim-tui configs archive",),
    ),
    HowTo(
        "inventory",
        "n",
        "Import an inventory",
        "YAML, CSV, or an export of Ansible, Nornir or NetBox.",
        ("swim-tui devices import FILE",),
    ),
    HowTo("device", "v", "Add a device", "One device by hand.", ("swim-tui devices add NAME ADDRESS",)),
)
ACTS: Mapping[str, HowTo] = {act.id: act for act in _ACTS}
NEW_JOB = ("import", "distribute", "activate", "commit", "rollback")


async def how_to(page: Page, act_ids: Sequence[str], values: Mapping[str, str] | None = None) -> None:
    """Let a person choose among acts (if several) and show how it is done, with what is known filled in."""
    chosen: str | None = act_ids[0]
    if len(act_ids) > 1:
        choices = [Choice(act.id, act.key, act.title) for act in (ACTS[act_id] for act_id in act_ids)]
        chosen = await page.app.push_screen_wait(ChooseDialog("New job", choices))
    if chosen is None:
        return
    act = ACTS[chosen]
    commands = [_fill(command, values or {}) for command in act.commands]
    text = "\n".join([act.caption, "", "In a shell on this machine:", "", *(f"  {line}" for line in commands)])
    hint = "c copies the first command   Esc close"
    await page.app.push_screen_wait(
        TextDialog(act.title, text + "\n\nThe job appears here at once.", copy=commands[0], hint=hint)
    )


def _fill(command: str, values: Mapping[str, str]) -> str:
    words = [values.get(word, word) for word in command.split(" ")]
    return " ".join(words)
