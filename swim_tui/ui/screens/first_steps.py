"""An empty start: what to do first, with what is there already."""

from __future__ import annotations

import sys

from swim_tui.model.views import Dashboard
from swim_tui.ui.dialogs.base import SETTLE_S
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.page import Page


def is_empty(board: Dashboard) -> bool:
    """Whether nothing was ever done here."""
    return not (board.devices or board.images or board.total_runs)


def _there(count: int) -> str:
    return f"{count} there" if count else "none yet"


async def first_steps(page: Page) -> None:
    """Offer the first steps; each leads to its page, form or wizard."""
    client = page.session.client
    profiles, jumps = await client.credentials(), await client.jumps()
    devices, images = await client.inventory(), await client.images()
    if not page.is_current:
        return  # whoever went on meanwhile knows the first step
    choices = [
        Choice("demo", "d", "Look around in the demo", "a simulated network"),
        Choice("credentials", "c", "Credential profiles", _there(len(profiles))),
        Choice("jumps", "h", "Jump hosts", _there(len(jumps))),
        Choice("import", "i", "Import an inventory", "YAML, CSV, Ansible, NetBox, ..."),
        Choice("device", "n", "Add a device by hand", _there(len(devices.devices))),
        Choice("images", "m", "Import images", _there(len(images))),
        Choice("guide", "g", "Read the guide", "an upgrade step by step"),
    ]
    menu = ChooseDialog("First steps (: start shows them again)", choices, settle_s=SETTLE_S)
    chosen = await page.app.push_screen_wait(menu)
    if chosen is not None:
        await _go(page, chosen)


async def _go(page: Page, chosen: str) -> None:
    from swim_tui.ui.dialogs.guide import show_guide
    from swim_tui.ui.screens.device_form import add_device
    from swim_tui.ui.screens.import_forms import import_inventory
    from swim_tui.ui.wizards.open import open_wizard

    match chosen:
        case "demo":
            page.swim.next_command = (sys.executable, "-P", "-m", "swim_tui.cli", "demo")
            await page.swim.action_quit()
        case "import":
            await import_inventory(page)
        case "device":
            await add_device(page)
        case "images":
            await open_wizard(page, "import")
        case "guide":
            await show_guide(page.app, "order")
        case _:
            page.action_do(f"global.{chosen}")
