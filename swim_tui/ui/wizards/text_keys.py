"""Keys of a wizard step that shows a text instead of a table: pages, ends, find."""

from __future__ import annotations

from swim_tui.ui.page import Page
from swim_tui.ui.widgets.text_view import TextView


class TextKeys(Page):
    """The keys of a table move in the text where there is one."""

    @property
    def shown_text(self) -> TextView | None:
        """The text that the step shows, if it shows one."""
        return None

    def _page(self, pages: float) -> None:
        text = self.shown_text
        if text is None:
            super()._page(pages)
        else:
            text.move(int(pages * max(1, text.size.height - 1)))

    def do_table_top(self) -> None:
        """First row, or first line."""
        super().do_table_top() if self.shown_text is None else self.shown_text.move(-(10**9))

    def do_table_bottom(self) -> None:
        """Last row, or last line."""
        super().do_table_bottom() if self.shown_text is None else self.shown_text.to_end()

    def do_table_filter(self) -> None:
        """The filter of the table, or a find in the text."""
        if self.shown_text is None:
            super().do_table_filter()
        else:
            self.open_bar(self.shown_text.needle, "find text, Enter again finds the next")

    def find(self, text: str) -> None:
        """A step that shows a text finds in it; the same again goes to the next place."""
        view = self.shown_text
        if view is None:
            return
        if text and view.needle == text.casefold():
            view.next_hit(1)
        elif view.find(text) == 0 and text:
            self.app.notify(f"'{text}' is not in it")
