"""What starts a job: a wizard where there is one, else the command that does it, ready to copy."""

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
        "IOS-XR, XE 16 and later in install mode: makes the active software survive a reload; part of the activation.",
        ("swim-tui activate --image IMAGE --device NAME --commit --wait",),
    ),
    HowTo(
        "rollback",
        "r",
        "Rollback",
        "Back to the recorded previous image or the platform's rollback point. Devices are reloaded.",
        (),
    ),
    HowTo(
        "server",
        "s",
        "Add Server",
        "A SWIM server serves the devices of its location groups: the image goes to it once, devices pull from it.",
        (),
    ),
    HowTo(
        "archive",
        "b",
        "Archive Configuration",
        "Running and startup configuration are archived, encrypted, before any change of a device; nobody has to ask.",
        (),
    ),
    HowTo("device", "v", "Add a device", "One device by hand.", ("swim-tui devices add NAME ADDRESS",)),
)
ACTS: Mapping[str, HowTo] = {act.id: act for act in _ACTS}
WITH_WIZARD = frozenset({"import", "distribute", "activate"})
NEW_JOB = ("import", "distribute", "activate", "commit", "rollback")


async def how_to(page: Page, act_ids: Sequence[str], values: Mapping[str, str] | None = None) -> str | None:
    """Let a person choose among acts (if several); open its wizard, or show how it is done."""
    chosen: str | None = act_ids[0]
    if len(act_ids) > 1:
        choices = [Choice(act.id, act.key, act.title) for act in (ACTS[act_id] for act_id in act_ids)]
        chosen = await page.app.push_screen_wait(ChooseDialog("New job", choices))
    if chosen is None:
        return None
    if chosen in WITH_WIZARD:
        from swim_tui.ui.wizards.open import open_wizard

        await open_wizard(page, chosen)
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
