"""Themes of our own and the status colours, chosen apart for people who cannot tell red from green."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import takewhile

from textual.color import Color, ColorParseError
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
            "foreground-muted": "#d0d0d0",
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


_WORDS = ("text-accent", "text-muted", *STATUS_DARK)
_LEAST = 4.5  # the contrast that people with moderately low vision need to read text (WCAG 2, AA)
_STEPS = 20


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of any theme, with the words and the selection readable on what they stand on."""
    found = dict(variables)
    grounds = [ground for name in ("background", "surface") if (ground := _colour(found, name)) is not None]
    for name in _WORDS:
        word = _colour(found, name)
        if word is not None and grounds:
            found[name] = _away_from(grounds, word).hex
    muted = _parsed(found, "foreground-muted")
    if (
        muted is not None
        and grounds
        and any(contrast(ground.blend(muted, muted.a), ground) < _LEAST for ground in grounds)
    ):
        found["foreground-muted"] = _away_from(grounds, grounds[0].blend(muted, muted.a, alpha=1.0)).hex
    cursor, selected = _colour(found, "block-cursor-background"), _colour(found, "block-cursor-foreground")
    if cursor is not None and (selected is None or contrast(selected, cursor) < _LEAST):
        found["block-cursor-foreground"] = max(("#000000", "#ffffff"), key=lambda c: contrast(Color.parse(c), cursor))
    return found


def chosen_theme(asked: Iterable[str | None], known: Container[str]) -> tuple[str, list[str]]:
    """The first theme asked for that there is, else the default one; a sentence for each before it that is not."""
    names = [name for name in asked if name]
    missing = list(takewhile(lambda name: name not in known, names))
    found = names[len(missing)] if len(missing) < len(names) else DEFAULT_THEME
    return found, [f"there is no theme '{name}'; using {found}" for name in missing]


def contrast(one: Color, other: Color) -> float:
    """From 1, the same, to 21, black on white."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _away_from(grounds: Sequence[Color], word: Color) -> Color:
    """The colour, lighter or darker until it can be read; as it is where it can."""
    goal = Color.parse("#ffffff" if _luminance(grounds[0]) < 0.2 else "#000000")
    for step in range(_STEPS):
        shade = word.blend(goal, step / _STEPS, alpha=1.0)
        if all(contrast(shade, ground) >= _LEAST for ground in grounds):
            return shade
    return goal


def _colour(variables: Mapping[str, str], name: str) -> Color | None:
    """None too for a shade that lets the ground through."""
    colour = _parsed(variables, name)
    return colour if colour is not None and colour.a == 1.0 else None


def _parsed(variables: Mapping[str, str], name: str) -> Color | None:
    """None for what the terminal or the ground decides: ANSI names and `auto`."""
    try:
        colour = Color.parse(variables.get(name, ""))
    except ColorParseError:
        return None
    return colour if colour.ansi is None else None
