"""Output of a device task: what was sent and what came back, live, with find and follow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from swim_tui.model.phase import OutputLine
from swim_tui.ui.dialogs.new_file import write_new_file
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.record import write_new
from swim_tui.ui.registry import Action, Scope
from swim_tui.ui.run_log import NOTHING, fresh_lines, read_log, shown_lines
from swim_tui.ui.widgets.text_view import TextView

_MOVES = frozenset(
    f"table.{name}"
    for name in ["up", "down", "left", "right", "half_down", "half_up", "page_down", "page_up", "bottom"]
)


class TextPage(Page):
    """Keys of a long text; subclasses fill the view."""

    is_top = False
    grows: ClassVar[bool] = False
    """Whether lines come while one looks on."""

    def allows(self, action: Action) -> bool:
        """Of the table's actions only those that move."""
        return super().allows(action) and (action.scope is not Scope.TABLE or action.id in _MOVES)

    def footer_rank(self, action: Action) -> int:
        """Next only when something was searched for, Follow only where lines still come."""
        if action.id == "output.next" and not self.text_view.needle:
            return 0
        if action.id == "output.follow" and not self.grows:
            return 0
        return super().footer_rank(action)

    @property
    def text_view(self) -> TextView:
        """The text."""
        return self.query_one(TextView)

    def note(self) -> str:
        """Hits, lines, following."""
        return self.text_view.status()

    def focus_table(self) -> None:
        """Keys go to the text."""
        self.text_view.focus()

    @on(TextView.Moved)
    def _moved(self) -> None:
        self.refresh_note()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.focus_table()
        if self.text_view.find(event.value) == 0 and event.value:
            self.app.notify(f"no line has '{event.value}'")

    def escape_clears(self) -> bool:
        """The hits of a find."""
        return bool(self.text_view.needle)

    def close_filter(self) -> bool:
        """Esc closes the find line, then clears the hits."""
        bar = self.query_one("#filter", Input)
        if bar.display and bar.has_focus:
            bar.display = False
            self.focus_table()
            return True
        if self.text_view.needle:
            self.text_view.find("")
            return True
        return False

    def do_table_up(self) -> None:
        """A line up."""
        self.text_view.move(-1)

    def do_table_down(self) -> None:
        """A line down."""
        self.text_view.move(1)

    def _page(self, pages: float) -> None:
        self.text_view.move(int(pages * max(1, self.text_view.size.height - 1)))

    def do_table_left(self) -> None:
        """To the left."""
        self.text_view.scroll_relative(x=-8, animate=False)

    def do_table_right(self) -> None:
        """To the right."""
        self.text_view.scroll_relative(x=8, animate=False)

    def do_table_bottom(self) -> None:
        """Last line."""
        self.text_view.to_end()

    def do_output_find(self) -> None:
        """Ask for a text."""
        self.open_bar(self.text_view.needle, "find text")

    def do_output_next(self) -> None:
        """Next hit."""
        self.text_view.next_hit(1)

    def do_output_previous(self) -> None:
        """Previous hit."""
        self.text_view.next_hit(-1)

    def do_output_follow(self) -> None:
        """End, and follow."""
        self.text_view.to_end()

    def do_output_top(self) -> None:
        """First line."""
        self.text_view.move(-(10**9))

    def do_output_wrap(self) -> None:
        """Wrap lines."""
        self.text_view.toggle_wrap()

    def do_output_times(self) -> None:
        """Times."""
        self.text_view.toggle_times()

    def file_name(self) -> str:
        """Proposal for the file."""
        return "swim-tui.txt"

    async def save_text(self, text: str) -> None:
        """Ask for a file and write it."""

        async def write(path: Path) -> None:
            write_new(path, text)

        path = await write_new_file(self.app, "Save", self.file_name(), write)
        if path is not None:
            self.app.notify(f"wrote {path}")

    async def do_output_save(self) -> None:
        """Write all lines to a file."""
        await self.save_text(self.text_view.text())


class OutputPage(TextPage):
    """The session log of one device in one run; `sent_only` is the list of commands."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.OUTPUT, Scope.TABLE, Scope.GLOBAL)
    view = "jobs"
    grows: ClassVar[bool] = True

    def __init__(self, run_id: str, device: str, *, sent_only: bool) -> None:
        super().__init__()
        self.run_id, self.device, self.sent_only = run_id, device, sent_only
        self._last: OutputLine | None = None

    def crumbs(self) -> tuple[str, ...]:
        """Jobs > run > device > output."""
        return ("Jobs", self.run_id, self.device, "commands sent" if self.sent_only else "output")

    def body(self) -> Iterable[Widget]:
        """The text, at its end."""
        yield TextView(follow=True)

    async def load(self) -> None:
        """All lines there are."""
        lines = await read_log(self.session.client, self.run_id, self.device)
        self._last = lines[-1] if lines else None
        if lines:
            self.text_view.set_lines(shown_lines(lines, sent_only=self.sent_only))
        else:
            self.text_view.set_lines([NOTHING])

    def show(self, changes: Changes) -> None:
        """Lines of this device; those that the first load had already are left out."""
        fresh = fresh_lines(changes.output, (self.run_id, self.device), self._last)
        if fresh:
            if self._last is None:
                self.text_view.set_lines([])
            self._last = fresh[-1]
            self.text_view.add(shown_lines(fresh, sent_only=self.sent_only))

    def file_name(self) -> str:
        """Run and device."""
        return f"{self.run_id}-{self.device}.log".replace("/", "_")
