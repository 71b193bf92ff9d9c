"""Software Image Management Servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.new_job import how_to


class ServersPage(Page):
    """No server: devices get their images from this machine."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SERVERS, Scope.GLOBAL)
    view = "servers"

    def body(self) -> Iterable[Widget]:
        """What is so, and what to do."""
        text = Static(
            Content(
                "No SWIM server is defined.\n\n"
                "Images go to every device from this machine (Local File Server).\n\n"
                "A SWIM server serves the devices of its location groups: the image is copied to it once,\n"
                "and the devices pull from it. It is worth it for many devices behind one slow line.\n\n"
                "n adds one."
            ),
            classes="empty",
        )
        text.display = True
        yield text

    async def do_servers_new(self) -> None:
        """How a server is added."""
        await how_to(self, ["server"])
