"""Themes of our own and the status colours, chosen apart for people who cannot tell red from green."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

DEFAULT_THEME = "swim-dark"

# Okabe and Ito's palette: sky blue against vermillion stays apart under deuteranopia and protanopia.
STATUS_DARK: Mapping[str, str] = {
    "status-run": "#f0e442",
    "status-ok": "#56b4e9",
    "status-fail": "#ff8c42",
    "status-wait": "#c9a0dc",
    "status-unknown": "#b0b0b0",
}
STATUS_LIGHT: Mapping[str, str] = {
    "status-run": "#6b5d00",
    "status-ok": "#005b9a",
    "status-fail": "#b34700",
    "status-wait": "#6a3d9a",
    "status-unknown": "#555555",
}
STATUS_ANSI: Mapping[str, str] = {
    "status-run": "ansi_yellow",
    "status-ok": "ansi_blue",
    "status-fail": "ansi_bright_red",
    "status-wait": "ansi_magenta",
    "status-unknown": "ansi_white",
}

THEMES: tuple[Theme, ...] = (
    Theme(
        name="swim-dark",
        primary="#4aa3df",
        secondary="#2b6c99",
        accent="#8fd0ff",
        warning="#e6c229",
        error="#ff8c42",
        success="#56b4e9",
        foreground="#dfe6ec",
        background="#10161c",
        surface="#182028",
        panel="#212c36",
        dark=True,
        variables={
            "block-cursor-background": "#2b6c99",
            "block-cursor-foreground": "#ffffff",
            "footer-key-foreground": "#8fd0ff",
        },
    ),
    Theme(
        name="swim-high-contrast",
        primary="#00d7ff",
        secondary="#ffffff",
        accent="#ffff00",
        warning="#ffff00",
        error="#ffaf00",
        success="#5fd7ff",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
        dark=True,
        text_alpha=1.0,
        variables={
            "block-cursor-background": "#ffff00",
            "block-cursor-foreground": "#000000",
            "border": "#ffffff",
            "text-muted": "#e0e0e0",
            "status-run": "#ffff00",
            "status-ok": "#5fd7ff",
            "status-fail": "#ffaf00",
            "status-wait": "#ffafff",
            "status-unknown": "#ffffff",
        },
    ),
)


def status_colours(theme: Theme | None) -> Mapping[str, str]:
    """The status colours a theme does not set itself."""
    if theme is None:
        return STATUS_DARK
    if theme.ansi:
        return STATUS_ANSI
    return STATUS_DARK if theme.dark else STATUS_LIGHT
