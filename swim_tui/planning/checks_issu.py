"""Whether an upgrade in service can be asked of a platform at all."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.packs.pack import Support
from swim_tui.planning.situation import Situation


def check_issu(s: Situation) -> Check | None:
    """ISSU is never quietly left out: a platform without it fails the check."""
    if not (s.options.issu and s.activates) or (Support.ISSU in s.pack.supports and s.pack.issu is not None):
        return None
    shown = f"{s.pack.title} has no upgrade in service"
    return Check("ISSU", Verdict.FAILED, "supported", shown, "switch ISSU off for this device")
