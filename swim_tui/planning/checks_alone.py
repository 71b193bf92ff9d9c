"""Whether a platform is activated by a job of its own (FEATURES 137)."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.packs.pack import Support
from swim_tui.planning.situation import Situation


def check_activation_alone(s: Situation) -> Check | None:
    """Some platforms take an image and boot it in one go: their pack says so by leaving the word out."""
    if s.distributes or not s.activates or Support.SEPARATE_ACTIVATION in s.pack.supports:
        return None
    shown = f"{s.pack.title} is activated only by the job that distributes"
    action = "use Distribute Images with Activate set to Sequential or Parallel"
    return Check("Separate activation", Verdict.FAILED, "supported", shown, action)
