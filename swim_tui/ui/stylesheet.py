"""The app's styles, parsed once for each set of colours."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class ParsedOnce(Stylesheet):
    """Textual (8.2) parses all sources anew for each page that is seen for the first time; the colours are the same."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Other colours make all that was parsed void."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """What was parsed with these colours stays."""
        self.parse()
