"""Which pack a device is of, from what its `show version` says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from swim_tui.model.facts import VersionFacts
from swim_tui.packs.pack import Pack


def detect(packs: Iterable[Pack], version: VersionFacts, pid: str = "") -> Pack | None:
    """The most exactly matching pack of `packs`; `pid` (from show inventory) goes before what show version says."""
    scored = sorted(
        ((score, pack) for pack in packs if (score := _score(pack, version, pid or version.pid)) > 0),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][1]


def _score(pack: Pack, version: VersionFacts, pid: str) -> int:
    """0 = not this platform; a pack that names the model goes before one that names the family only."""
    recognise = pack.recognise
    given = (
        (recognise.pid, pid, 4),
        (recognise.family, version.family, 2),
        (recognise.image_file, version.image_file, 1),
        (recognise.edition, version.edition, 1),
        (recognise.version, version.version, 1),
    )
    total = 0
    for pattern, value, weight in given:
        if not pattern:
            continue
        if not value or re.search(pattern, value, re.IGNORECASE) is None:
            return 0
        total += weight
    return total
