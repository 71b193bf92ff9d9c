"""Named outcomes of a device task, each with a code and a remedy (SPEC 8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a device ended. `NONE` while it has not."""

    NONE = ""
    DISTRIBUTED = "Distributed"
    UPGRADED = "Upgraded"
    COMMITTED = "Committed"
    ROLLED_BACK = "Rolled back"
    ALREADY_THERE = "Already there"
    BACK_ON_OLD = "Back on old image"
    OTHER_IMAGE = "Other image running"
    UNREACHABLE = "Unreachable after reload"
    LOGIN_REFUSED = "Up, login refused"
    MEMBER_NOT_READY = "Member not ready"
    ARMED = "Armed"
    NOT_AUTHORISED = "Not authorised"
    FPD_PENDING = "Upgraded, FPD pending"
    NOT_COMMITTED = "Not committed"
    INSTALL_FAILED = "Install failed"
    NO_SPACE = "Flash full"
    HASH_MISMATCH = "Hash mismatch"
    COPY_FAILED = "Copy failed"
    EXCLUDED = "Excluded"
    CANCELLED = "Cancelled"
    INTERRUPTED = "Interrupted"
    FAILED = "Failed"


@dataclass(frozen=True)
class OutcomeWords:
    """Code and remedy of an outcome; `stops_activation`: no further device is reloaded after it (SPEC 4)."""

    code: str
    remedy: str
    is_success: bool = False
    stops_activation: bool = False


OUTCOMES: dict[Outcome, OutcomeWords] = {
    Outcome.NONE: OutcomeWords("", ""),
    Outcome.DISTRIBUTED: OutcomeWords("D00", "the image is on the device with the right hash", is_success=True),
    Outcome.UPGRADED: OutcomeWords("A00", "nothing to do", is_success=True),
    Outcome.COMMITTED: OutcomeWords("C00", "nothing to do", is_success=True),
    Outcome.ROLLED_BACK: OutcomeWords("R00", "nothing to do", is_success=True),
    Outcome.ALREADY_THERE: OutcomeWords("A01", "it ran the target already; it was not reloaded", is_success=True),
    Outcome.BACK_ON_OLD: OutcomeWords(
        "A10",
        "the device refused the new image and booted the old one: compare its hash, look at the boot log (show "
        "logging), check model and RAM against the image before another try",
        stops_activation=True,
    ),
    Outcome.OTHER_IMAGE: OutcomeWords(
        "A11", "it runs neither the old nor the new image: look at show boot and the boot order", stops_activation=True
    ),
    Outcome.UNREACHABLE: OutcomeWords(
        "A20", "go to the console; the recovery card has the steps for this platform", stops_activation=True
    ),
    Outcome.LOGIN_REFUSED: OutcomeWords(
        "A21", "it is up and refuses the login: AAA may be down; try the local account", stops_activation=True
    ),
    Outcome.MEMBER_NOT_READY: OutcomeWords(
        "A30", "a member or standby is not ready: look at show switch / show redundancy", stops_activation=True
    ),
    Outcome.ARMED: OutcomeWords("A40", "it boots the named image at its next reload, whoever causes it"),
    Outcome.NOT_AUTHORISED: OutcomeWords("A50", "the user lacks the right for the command named"),
    Outcome.FPD_PENDING: OutcomeWords("A02", "upgrade the FPDs named and reload the cards", is_success=True),
    Outcome.NOT_COMMITTED: OutcomeWords(
        "A60", "commit it: at its deadline or next reload it returns to the old version"
    ),
    Outcome.INSTALL_FAILED: OutcomeWords(
        "A70",
        "the device's own text says why, its output has all of it: mend that, then retry the failed devices",
        stops_activation=True,
    ),
    Outcome.NO_SPACE: OutcomeWords("D10", "allow the smart erase or free space by hand"),
    Outcome.HASH_MISMATCH: OutcomeWords("D20", "suspect the flash or the link; the file was removed"),
    Outcome.COPY_FAILED: OutcomeWords("D30", "see the message of the copy operation, then retry the failed devices"),
    Outcome.EXCLUDED: OutcomeWords("X00", "mend the failed check named, then retry"),
    Outcome.CANCELLED: OutcomeWords("X10", "what it left behind, if anything, is in its record"),
    Outcome.INTERRUPTED: OutcomeWords("X20", "look at the device, then retry the failed devices"),
    Outcome.FAILED: OutcomeWords("X90", "see the message of the failed operation"),
}
