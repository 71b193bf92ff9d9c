"""The lines around every page: header, view tabs, crumbs with counts, footer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from swim_tui.ui.keymap import NO_OVERRIDES, KeyMap
from swim_tui.ui.registry import Action
from swim_tui.ui.shell import VIEWS, Status, fit_parts, header_parts

_TONE_STYLES = {
    "title": "bold",
    "badge": "bold reverse",
    "prod": "bold reverse $status-fail",
    "lock": "bold $status-wait",
    "ok": "$status-ok",
    "fail": "bold $status-fail",
    "run": "bold $status-run",
    "wait": "bold $status-wait",
    "plain": "",
}


class HeaderLine(Widget):
    """One line: program, badge, engine and jump host state, counts, clock, attached terminals."""

    DEFAULT_CSS = "HeaderLine { height: 1; background: $panel; color: $foreground; padding: 0 1; }"

    status: reactive[Status] = reactive(Status())
    now: reactive[datetime | None] = reactive(None)

    def render(self) -> Content:
        """The pieces that fit, the clock to the right."""
        if self.now is None:
            return Content("")
        pieces = fit_parts(header_parts(self.status, self.now), self.size.width)
        spare = self.size.width - sum(len(text) for text, _ in pieces) - 2 * (len(pieces) - 1)
        parts: list[Content | tuple[str, str]] = []
        for index, (text, tone) in enumerate(pieces):
            if index:
                parts.append((" " * (2 + (spare if index == len(pieces) - 1 else 0)), ""))
            parts.append((text, _TONE_STYLES[tone]))
        return Content.assemble(*parts)


class ActionLine(Widget):
    """A line of labels that can be clicked; each runs an action of the page."""

    def __init__(self) -> None:
        super().__init__()
        self._extents: list[tuple[int, int, str]] = []

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the label under the pointer."""
        x = event.x - self.styles.padding.left
        for start, end, action_id in self._extents:
            if start <= x < end:
                await self.screen.run_action(f"do('{action_id}')")


class TabLine(ActionLine):
    """The six views with their digits; the current one in reverse video."""

    DEFAULT_CSS = "TabLine { height: 1; padding: 0 1; background: $surface; }"

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current

    def render(self) -> Content:
        """`1 Images  2 Jobs ...`."""
        self._extents.clear()
        parts: list[tuple[str, str]] = []
        start = 0
        labels = [f" {view.number} {view.tab}" for view in VIEWS]
        pad = " " if sum(map(len, labels)) + len(labels) <= self.size.width else ""  # 60 columns have no room for it
        for view, words in zip(VIEWS, labels, strict=True):
            label = words + pad
            parts.append((label, "bold reverse" if view.id == self._current else ""))
            self._extents.append((start, start + len(label), f"global.view_{view.id}"))
            start += len(label)
        return Content.assemble(*parts)


class CrumbLine(Widget):
    """Where we are on the left, counts and filter on the right."""

    DEFAULT_CSS = "CrumbLine { height: 1; padding: 0 1; background: $background; }"

    crumbs: reactive[tuple[str, ...]] = reactive(())
    note: reactive[str] = reactive("")

    def render(self) -> Content:
        """Crumbs give way to the note when the line is short."""
        width = self.size.width
        path = " > ".join(self.crumbs)
        most = max(width // 2 + 10, width - cell_len(path) - 2)
        note = self.note if cell_len(self.note) <= most else self.note[: most - 1] + "…"
        room = max(4, width - cell_len(note) - 2)
        if cell_len(path) > room:
            path = "…" + path[-(room - 1) :]
        gap = " " * max(1, width - cell_len(path) - cell_len(note))
        return Content.assemble((path, "bold"), gap, (note, "$text-accent"))


def footer_labels(
    actions: Sequence[Action],
    keymap: KeyMap,
    width: int,
    *,
    at_top: bool,
    typing: bool = False,
    back: str = "Back",
    gap: int = 2,
) -> list[tuple[str, str, str]]:
    """(key, label, action id) that fit: help and quit always, the rest by rank, seven at most.

    While a text is typed only keys that are no text: `b` would be a letter of a job's name.
    """
    ends = ["global.help", "global.quit" if at_top and not typing else "global.quit_any"]
    keys = {action.id: keymap.shown(action, typing=typing) for action in actions}
    by_id = {action.id: action for action in actions if keys[action.id]}
    tail = [(keys[i], by_id[i].title, i) for i in ends if i in by_id]
    head: list[tuple[str, str, str]] = []
    if (not at_top or typing) and "global.back" in by_id:
        tail.insert(0, (keys["global.back"], back, "global.back"))
    room = width - sum(len(key) + 1 + len(label) for key, label, _ in tail) - gap * len(tail)
    ranked = [a for a in actions if a.footer and a.id not in ends and a.id != "global.quit" and keys[a.id]]
    chosen: set[str] = set()
    for action in sorted(ranked, key=lambda a: a.footer):
        need = len(keys[action.id]) + 1 + len(action.title) + gap
        if need <= room and len(chosen) < 7 - len(tail):
            chosen.add(action.id)
            room -= need
    head = [(keys[a.id], a.title, a.id) for a in actions if a.id in chosen]
    return head + tail


class FooterLine(ActionLine):
    """The few keys that matter here; all others are under `?`. It never overflows."""

    DEFAULT_CSS = "FooterLine { height: 1; padding: 0 1; background: $panel; dock: bottom; }"

    actions: reactive[tuple[Action, ...]] = reactive(())
    keymap: reactive[KeyMap] = reactive(NO_OVERRIDES)
    at_top: reactive[bool] = reactive(True)
    typing: reactive[bool] = reactive(False)
    back: reactive[str] = reactive("Back")

    @property
    def labels(self) -> list[tuple[str, str, str]]:
        """What is shown now."""
        return footer_labels(
            self.actions, self.keymap, self.size.width, at_top=self.at_top, typing=self.typing, back=self.back
        )

    def render(self) -> Content:
        """`Enter Open  / Filter  ? Help  q Quit`, each clickable."""
        self._extents.clear()
        parts: list[tuple[str, str]] = []
        start = 0
        for key, label, action_id in self.labels:
            text = f"{key} {label}"
            parts += [(key, "bold $text-accent"), (f" {label}  ", "")]
            self._extents.append((start, start + len(text), action_id))
            start += len(text) + 2
        return Content.assemble(*parts)
