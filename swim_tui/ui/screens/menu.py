"""Where everything is: the left navigation of the reference as a menu, and how its pages are opened."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from swim_tui.ui.base import BasePage
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog

if TYPE_CHECKING:
    from swim_tui.ui.page import Page

PAGES = {
    "credentials": "swim_tui.ui.screens.credentials:CredentialsPage",
    "jumps": "swim_tui.ui.screens.jumps:JumpsPage",
    "groups": "swim_tui.ui.screens.groups:GroupsPage",
    "host_keys": "swim_tui.ui.screens.host_keys:HostKeysPage",
    "configs": "swim_tui.ui.screens.configs:ConfigsPage",
    "settings": "swim_tui.ui.screens.settings:SettingsPage",
}


@dataclass(frozen=True)
class Place:
    """One entry of the menu: its key, its name, under which heading of the reference it stands."""

    id: str
    key: str
    title: str
    heading: str


MENU: tuple[Place, ...] = (
    Place("view_devices", "d", "Network Devices", "Device Management"),
    Place("view_images", "s", "Software Images", "Device Management"),
    Place("view_repository", "r", "Software Image Repository", "Device Management"),
    Place("view_servers", "w", "SWIM Servers", "Device Management"),
    Place("credentials", "c", "Credential Profiles", "Device Management"),
    Place("jumps", "u", "Jump Hosts", "Device Management"),
    Place("host_keys", "h", "Host Keys", "Device Management"),
    Place("configs", "a", "Configuration Archive", "Device Management"),
    Place("groups", "g", "Network Device Groups", "Group Management"),
    Place("view_jobs", "b", "Job Dashboard", "Administration"),
    Place("settings", "i", "Image Management Settings", "Administration"),
    Place("view_log", "l", "Log", "Administration"),
    Place("guide", "f", "Guide, questions, glossary", "Help"),
)


def open_place(page: Page, name: str) -> None:
    """Open a page of names; one that is open already is not opened twice, and one of them takes another's place."""
    module, _, class_name = PAGES[name].partition(":")
    wanted: type[BasePage] = getattr(import_module(module), class_name)
    if isinstance(page, wanted):
        return
    if f"{type(page).__module__}:{type(page).__name__}" in PAGES.values():
        page.app.switch_screen(wanted())
    else:
        page.app.push_screen(wanted())


async def show_menu(page: Page) -> None:
    """Let a person choose a place and go there."""
    choices = [Choice(place.id, place.key, place.title, place.heading) for place in MENU]
    chosen = await page.app.push_screen_wait(ChooseDialog("Inventory", choices))
    if chosen is not None:
        page.action_do(f"global.{chosen}")
