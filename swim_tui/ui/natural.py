"""Natural order of names: sw2 before sw10; remembered, as tables sort the same names again and again."""

from __future__ import annotations

from functools import lru_cache

from swim_tui.model.imagename import sort_key_natural

natural_key = lru_cache(maxsize=65536)(sort_key_natural)
