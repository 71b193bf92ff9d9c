"""What stands beside a wide list: panes chosen by name, and below them one that follows on its own."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive

from swim_tui.ui.widgets.frame import ActionLine
from swim_tui.ui.widgets.text_view import TextLine, TextView


class PaneTabs(ActionLine):
    """The names of the panes, the current one in reverse video, and the keys that change it."""

    DEFAULT_CSS = "PaneTabs { height: 1; background: $surface; }"

    names: reactive[tuple[str, ...]] = reactive(())
    current: reactive[str] = reactive("")
    keys: reactive[str] = reactive("")

    def render(self) -> Content:
        """`Steps  Output  Commands     [ ]`; a click goes on to the next."""
        parts = [(f" {name} ", "bold reverse" if name == self.current else "") for name in self.names]
        used = sum(len(text) for text, _ in parts)
        self._extents = [(0, used, "table.pane_next")]
        if used + len(self.keys) < self.size.width:
            parts.append((self.keys.rjust(self.size.width - used - 1), "$text-accent"))
        return Content.assemble(*parts)


class PaneTitle(ActionLine):
    """The head of the pane that follows on its own."""

    DEFAULT_CSS = "PaneTitle { height: 1; background: $surface; padding: 0 1; }"

    title: reactive[str] = reactive("")
    status: reactive[str] = reactive("")

    def render(self) -> Content:
        """The device on the left, lines and following on the right."""
        gap = " " * max(2, self.size.width - len(self.title) - len(self.status))
        return Content.assemble((self.title, "bold"), gap, (self.status, "$text-accent"))


class SidePane(Vertical):
    """The chosen pane, and below it the third one where there is room for it."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self._of = ""
        self._third_of = ""

    def compose(self) -> ComposeResult:
        """Names, text; title, text."""
        with Vertical(id="detail"):
            yield PaneTabs()
            yield TextView(id="pane-text", wrap=True)
        with Vertical(id="third"):
            yield PaneTitle()
            yield TextView(id="third-text", wrap=True)

    @property
    def text(self) -> TextView:
        """The text of the chosen pane."""
        return self.query_one("#pane-text", TextView)

    @property
    def third(self) -> TextView:
        """The text of the pane that follows on its own."""
        return self.query_one("#third-text", TextView)

    def show(self, of: str, names: Sequence[str], current: str, lines: Sequence[TextLine], *, follow: bool) -> None:
        """Show the chosen pane; of the same thing as before it stays where it was scrolled to."""
        tabs = self.query_one(PaneTabs)
        tabs.names, tabs.current = tuple(names), current
        _fill(self.text, lines, is_new=of != self._of, follow=follow)
        self._of = of

    def show_third(self, of: str, title: str, lines: Sequence[TextLine]) -> None:
        """Show the pane below; it follows its end until someone scrolls up."""
        _fill(self.third, lines, is_new=of != self._third_of, follow=True)
        self._third_of = of
        self.query_one(PaneTitle).title = title
        self.refresh_status()

    def refresh_status(self) -> None:
        """Whether the pane below follows; nothing while it has no line that came from somewhere."""
        came = any(line.at is not None for line in self.third.lines)
        self.query_one(PaneTitle).status = self.third.status() if came else ""


def _fill(view: TextView, lines: Sequence[TextLine], *, is_new: bool, follow: bool) -> None:
    old = len(view.lines)
    if is_new:
        view.follow = follow
        view.set_lines(lines)
        if not follow:
            view.scroll_to(y=0, animate=False, force=True)
    elif lines[:old] == view.lines:
        view.add(lines[old:])
    else:
        view.set_lines(lines)
