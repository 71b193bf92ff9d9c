"""The error of an install that the device itself refused or gave up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from swim_tui.errors import InstallError


@dataclass(eq=False, kw_only=True)
class InstallFailed(InstallError):
    """The device says that the install failed; `detail` holds its own words."""

    code: ClassVar[str] = "SWIM-7060"
    text: ClassVar[str] = "{command}: {detail}"
    remedy: ClassVar[str] = "the device's own text says why; nothing was reloaded unless the record says so"
    command: str = "install"
