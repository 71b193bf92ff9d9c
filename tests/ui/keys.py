"""The table of all keys into `data/keys.md`: python -m tests.ui.keys."""

from __future__ import annotations

from pathlib import Path

from swim_tui.ui.registry import readme_table

PATH = Path(__file__).parents[2] / "data/keys.md"
_HEAD = """# Keys

Every action of the terminal UI, as its help (`?`) lists them. Those without a key are in the palette (`:`).
Keys can be changed in the configuration file, section `keys`.

"""


def text() -> str:
    """The whole file."""
    return _HEAD + readme_table().rstrip() + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
