"""TFTP fallback: a last boot line that loads the old image from the engine, there from the reload until its proof."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import split_path
from swim_tui.model.fileserver import STANDARD_PORTS
from swim_tui.model.options import Protocol
from swim_tui.model.plan import Line, LineMode, Operation, OpKind, Phase
from swim_tui.packs.pack import Support
from swim_tui.planning.situation import Situation

NAME = "TFTP fallback"
_OFF = "switch TFTP fallback off; the old image on the flash is the fallback then"


def entry(s: Situation, phase: Phase) -> str:
    """The boot entry, as it stands behind `boot system`; empty where the option is off or nothing reloads."""
    if not s.options.tftp_fallback or phase is not Phase.ACTIVATE:
        return ""
    return f"tftp {_running(s)} {s.local.address}"


def needs_backup(s: Situation) -> bool:
    """The running image must be in the repository before it can be served."""
    return s.options.tftp_fallback and not s.has_running_image


def _running(s: Situation) -> str:
    return split_path(s.facts.version.image_file)[1].rpartition("/")[2]


def check_fallback(s: Situation) -> Check | None:
    """What TFTP fallback needs: a platform, the service on its usual port, the old image in the repository."""
    if not s.options.tftp_fallback:
        return None
    wanted = "a boot line for TFTP"
    if Support.TFTP_FALLBACK not in s.pack.supports:
        return Check(NAME, Verdict.FAILED, wanted, f"{s.pack.title} cannot boot over TFTP", _OFF)
    if not s.local.address or Protocol.TFTP not in s.local.protocols:
        action = "set file_server.address, and file_server.tftp on; or " + _OFF
        return Check(NAME, Verdict.FAILED, "the engine serves TFTP", "it does not", action)
    port = s.local.port(Protocol.TFTP)
    if port != STANDARD_PORTS[Protocol.TFTP]:
        action = f"set the port of TFTP to {STANDARD_PORTS[Protocol.TFTP]} in file_server.ports; or {_OFF}"
        return Check(NAME, Verdict.FAILED, "a boot loader asks the usual port", str(port), action)
    if not _running(s):
        return Check(NAME, Verdict.FAILED, "the running image is known", "not understood", _OFF)
    if not s.activates:
        return Check(NAME, Verdict.WARNING, "a reload in this job", "none", "no boot line is written for it")
    if needs_backup(s) and not s.distributes:
        action = f"import it first: swim-tui images import --device {s.device.name}"
        return Check(NAME, Verdict.FAILED, f"{_running(s)} in the repository", "it is not there", action)
    backup = ", which is backed up first" if needs_backup(s) else ""
    shown = f"boot system {entry(s, Phase.ACTIVATE)}{backup}; removed after the proof"
    return Check(NAME, Verdict.OK, wanted, shown)


def removal(s: Situation, phase: Phase, save: Line) -> tuple[Operation, ...]:
    """Taking the line out again, once the device is proven."""
    line = entry(s, phase)
    if not line:
        return ()
    kind = OpKind.REMOVE_FALLBACK
    typed = Line(f"no boot system {line}", LineMode.CONFIG, changes=True, expect="no message")
    title = "Removing the fallback boot line"
    note = "a line that cannot be removed is a warning: the upgrade is proven"
    return (
        Operation(
            f"{phase.value}.{kind.value}",
            kind,
            phase,
            title,
            (typed, save),
            path=_running(s),
            boot_list=(line,),
            note=note,
        ),
    )
