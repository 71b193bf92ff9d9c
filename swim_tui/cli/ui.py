"""Starting the UI from the command line."""

from __future__ import annotations

import sys

from swim_tui.cli.app import App
from swim_tui.errors import Refused


def start_ui(app: App, *, theme: str = "", ascii_only: bool = False, view: str = "", watch: str | None = None) -> int:
    """Run the UI until it is closed."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused(detail="the UI needs a terminal", action="use a command instead: swim-tui --help")
    from swim_tui.ui.run import run_ui

    return run_ui(
        app.data_dir,
        read_only=app.read_only or watch is not None,
        theme=theme or None,
        ascii_only=ascii_only,
        start_view=view or None,
        watch=watch,
    )
