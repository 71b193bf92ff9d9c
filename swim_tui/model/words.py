"""Small words that every screen, plan and message spells alike."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 device`, `2 devices`, `0 devices`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
