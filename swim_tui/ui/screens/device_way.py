"""Removing devices, and a session of a person with one of them."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from textual.app import App, SuspendNotSupported

from swim_tui.errors import Conflict
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.foreground import run_in_foreground
from swim_tui.ui.page import Page
from swim_tui.ui.ssh import ssh_command


async def remove_devices(page: Page, names: Sequence[str]) -> bool:
    """Remove devices after a yes; True if they went."""
    if not names:
        return False
    count = len(names)
    them = "it" if count == 1 else "them"
    ask = Confirmation(
        title=f"Remove {names[0]} from the inventory?" if count == 1 else f"Remove {count} devices from the inventory?",
        verb="remove",
        level=2 if count == 1 else 3,
        targets=names,
        impact=f"Nothing is sent to {them}. What was read from {them} goes; archived configurations and runs stay. "
        f"Devices that name {them} as upstream or pair forget {them}.",
        phrase=f"remove {count}",
        opened_by="delete",
    )
    if not await page.app.push_screen_wait(ConfirmDialog(ask)):
        return False
    await page.session.client.remove_devices(list(names))
    page.app.notify(f"removed {names[0] if count == 1 else f'{count} devices'}")
    return True


async def open_ssh(page: Page, name: str) -> None:
    """The user's own OpenSSH in this terminal, through the jump hosts; the screen comes back when it ends."""
    if shutil.which("ssh") is None:
        raise Conflict(detail="there is no ssh program on this machine", action="install the OpenSSH client")
    client = page.session.client
    detail = await client.device(name)
    users = {profile.name: profile.username for profile in await client.credentials()}
    words = ssh_command(detail.device, users.get(detail.credentials, ""), await client.jumps(), users)
    status = hand_over(page.app, words)
    page.app.notify(f"ssh to {name} ended" + (f" with status {status}" if status else ""))


def hand_over(app: App[Any], words: Sequence[str]) -> int:
    """Give the terminal to a program and wait for its end; nothing of ours may paint meanwhile."""
    line = shlex.join(words)
    try:
        with app.suspend():
            sys.stdout.write(f"\n{line}\n\n")
            sys.stdout.flush()
            return run_in_foreground(words)
    except SuspendNotSupported:
        raise Conflict(detail="this terminal cannot be handed over", action=f"type: {line}") from None
