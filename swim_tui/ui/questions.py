"""Which question of a device task is asked now: one dialog at a time, gone when it was answered elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swim_tui.errors import SwimError, describe

if TYPE_CHECKING:
    from swim_tui.model.views import PendingQuestion
    from swim_tui.ui.app import SwimApp
    from swim_tui.ui.dialogs.code import CodeDialog


class Questions:
    """Asks for one-time codes while the UI runs; a read-only UI does not."""

    def __init__(self, app: SwimApp) -> None:
        self._app = app
        self._left: set[PendingQuestion] = set()
        self._open: CodeDialog | None = None

    def look(self) -> None:
        """The questions of the mirror are newer than the dialog."""
        pending = self._app.session.mirror.questions
        if self._open is not None:
            if self._open.question not in pending and self._app.screen is self._open:
                self._open.dismiss(None)
            return
        asked = next((question for question in pending if question not in self._left), None)
        if self._app.unlocking.is_asking:
            return  # a passphrase that is being typed must not become a code
        if asked is not None and not self._app.status.read_only:
            self._ask(asked)

    def reopen(self) -> None:
        """Ask again what was left for later."""
        self._left.clear()
        if not self._app.session.mirror.questions:
            self._app.notify("no device task waits for a code")
        self.look()

    def _ask(self, question: PendingQuestion) -> None:
        from swim_tui.ui.dialogs.code import CodeDialog

        self._open = CodeDialog(question, utc=self._app.status.utc)
        self._app.push_screen(self._open, lambda code: self._closed(question, code))

    def _closed(self, question: PendingQuestion, code: str | None) -> None:
        self._open = None
        self._left.add(question)
        if code is not None:
            self._app.run_worker(self._give(question, code), group="questions")
        elif question in self._app.session.mirror.questions:
            self._app.notify(f"run {question.run_id} waits: `: code`, or swim-tui jobs answer {question.run_id}")
        self._app.call_later(self.look)

    async def _give(self, question: PendingQuestion, code: str) -> None:
        try:
            await self._app.session.client.answer_question(question.run_id, question.device, code)
        except SwimError as err:
            self._app.notify(describe(err).one_line(), severity="error")
