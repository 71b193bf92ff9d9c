"""Pictures of every page into `screenshots/`: python -m tests.ui.screenshots [folder]."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tests.ui.conftest import make_app, settle, until
from tests.ui.fakes import world
from tests.ui.walks import DIALOGS, WALKS

# Textual names web fonts: a picture in a repository must not fetch anything
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


async def picture(keys: tuple[str, ...], size: tuple[int, int]) -> str:
    """The SVG of one page."""
    app = make_app(world(40))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.status.connected)
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
        await pilot.pause(0.3)
        svg = _FONT_FACE.sub("", app.export_screenshot(title="swim-tui"))
        # without it some viewers drop the blanks at the ends of each piece of text
        return svg.replace("<text ", '<text xml:space="preserve" ')


def main() -> None:
    """Write all of them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    folder.mkdir(exist_ok=True)
    for label in SIZES:
        for old in folder.glob(f"*-{label}.svg"):  # of a page that is no more
            old.unlink()
    for name, keys in {**WALKS, **DIALOGS}.items():
        for label, size in SIZES.items():
            path = folder / f"{name}-{label}.svg"
            path.write_text(asyncio.run(picture(keys, size)), encoding="utf-8")


if __name__ == "__main__":
    main()
