"""What an error of an operation means for its device."""

from __future__ import annotations

from swim_tui.drivers.failed import InstallFailed
from swim_tui.errors import (
    AuthError,
    BootStateWrong,
    DigestMismatch,
    HostKeyError,
    NoCommonAlgorithm,
    NoSpace,
    NotAuthorised,
    ReloadTimeout,
    SizeMismatch,
    SwimError,
    TransferError,
)
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind

_BY_ERROR: tuple[tuple[type[SwimError], Outcome], ...] = (
    (NotAuthorised, Outcome.NOT_AUTHORISED),
    (NoSpace, Outcome.NO_SPACE),
    (DigestMismatch, Outcome.HASH_MISMATCH),
    (SizeMismatch, Outcome.HASH_MISMATCH),
    (TransferError, Outcome.COPY_FAILED),
    (ReloadTimeout, Outcome.UNREACHABLE),
    (InstallFailed, Outcome.INSTALL_FAILED),
    (BootStateWrong, Outcome.FAILED),
)


def outcome_of(err: SwimError, kind: OpKind | None) -> Outcome:
    """The named outcome of an error met in an operation of this kind."""
    if kind in (OpKind.WAIT_RELOAD, OpKind.PROVE) and isinstance(err, (AuthError, HostKeyError, NoCommonAlgorithm)):
        return Outcome.LOGIN_REFUSED
    for error_type, outcome in _BY_ERROR:
        if isinstance(err, error_type):
            return outcome
    return Outcome.COPY_FAILED if kind in (OpKind.COPY_IMAGE, OpKind.PROBE_SERVER) else Outcome.FAILED
