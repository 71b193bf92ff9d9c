"""The passphrase of a locked vault: asked for once, again after a wrong one, gone when somebody else gave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from swim_tui.errors import SwimError, WrongPassphrase, describe

if TYPE_CHECKING:
    from swim_tui.ui.app import SwimApp
    from swim_tui.ui.dialogs.passphrase import PassphraseDialog

REFUSED = "That passphrase does not open the vault. Nothing is lost: type it again."
LEFT = "the vault stays locked: `: unlock` asks again"


class Unlocking:
    """Asks while the UI runs; a read-only UI does not. `then` is called when it asks no more."""

    def __init__(self, app: SwimApp, then: Callable[[], None]) -> None:
        self._app, self._then = app, then
        self._locked = self._left = False
        self._open: PassphraseDialog | None = None

    @property
    def is_asking(self) -> bool:
        """Whether its dialog is open: then nothing else may take what is typed."""
        return self._open is not None

    def look(self, *, locked: bool) -> None:
        """The engine said how the vault is."""
        self._left = self._left and locked
        self._locked = locked
        if self._open is not None:
            if not locked and self._app.screen is self._open:
                self._open.dismiss(None)
        elif locked and not self._left and not self._app.status.read_only:
            self._ask()

    def reopen(self) -> None:
        """Ask for what was left for later."""
        if not self._locked:
            self._app.notify("the vault is not locked")
        elif self._open is None:
            self._ask()

    def _ask(self, refused: str = "") -> None:
        from swim_tui.ui.dialogs.passphrase import PassphraseDialog

        self._open = PassphraseDialog(refused)
        self._app.push_screen(self._open, self._closed)

    def _closed(self, phrase: str | None) -> None:
        self._open = None
        self._left = True
        if phrase is not None:
            self._app.run_worker(self._give(phrase), group="unlocking")
            return
        if self._locked:
            self._app.notify(LEFT, severity="warning")
        self._then()

    async def _give(self, phrase: str) -> None:
        try:
            self._locked = (await self._app.session.client.unlock_vault(phrase)).locked
        except SwimError as err:
            problem = describe(err)
            if problem.code == WrongPassphrase.code:
                self._ask(REFUSED)
                return
            self._app.notify(problem.one_line(), severity="error")
        else:
            self._app.notify("the vault is unlocked")
        self._then()
