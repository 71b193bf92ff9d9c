"""Natural order of names: sw2 before sw10."""

from __future__ import annotations

import re
from functools import lru_cache

_PARTS = re.compile(r"([0-9]+)")


@lru_cache(maxsize=65536)
def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts digits by value and the rest without regard to case."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in _PARTS.split(text) if part
    )
