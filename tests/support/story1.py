"""Story 1 in any size: some of its 113 switches with their servers, jump hosts and groups."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from swim_tui.lab.platforms import lab_data_dir

SERVERS = {"SanFranRegion": "San Francisco Region", "LA_Region": "Los Angeles Region", "NY_Region": "New York Region"}
IMAGE = "cat3k_caa-universalk9.SPA.03.07.03.E.152-3.E3.bin"


def part_of_story1(folder: Path, devices: Collection[str], more: str = "", *, is_wired: bool = False) -> Path:
    """A network file with these switches only; `more` is YAML put at its end. `is_wired` keeps upstreams and pairs."""
    text = (lab_data_dir() / "story1.yaml").read_text()
    text = text.replace("software/c3850.yaml", str(lab_data_dir() / "software" / "c3850.yaml"))
    kept = []
    for line in text.splitlines():
        match = re.match(r"  - \{name: (\S+), address: \S+, role: ", line)
        if match is None or match[1] in devices:
            is_bare = match is not None and not is_wired
            kept.append(re.sub(r", (?:upstream|pair): (?:\[[^\]]*\]|[\w-]+)", "", line) if is_bare else line)
    path = folder / "story1-part.yaml"
    path.write_text("\n".join(kept) + "\n" + more)
    return path
