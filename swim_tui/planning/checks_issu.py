"""Whether an upgrade in service can be asked of a platform at all, and whether this device is ready for one."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.install import IssuStage
from swim_tui.model.version import Scheme, parse_version
from swim_tui.packs.pack import IssuStyle, Support
from swim_tui.planning.situation import Situation, runs_bundle
from swim_tui.planning.slots import slots

_WITH_SLOTS = frozenset({IssuStyle.SUPERVISORS, IssuStyle.ROUTE_PROCESSORS})
_OFF = "switch ISSU off for this device: it is then reloaded"


def check_issu(s: Situation) -> Check | None:
    """ISSU is never quietly left out: a platform without it fails the check."""
    if not (s.options.issu and s.activates) or (Support.ISSU in s.pack.supports and s.pack.issu is not None):
        return None
    shown = f"{s.pack.title} has no upgrade in service"
    return Check("ISSU", Verdict.FAILED, "supported", shown, "switch ISSU off for this device")


def is_in_service(s: Situation) -> bool:
    """True when the activation is one in service, on a platform that has it."""
    return s.options.issu and s.activates and Support.ISSU in s.pack.supports and s.pack.issu is not None


def check_standby_hot(s: Situation) -> Check:
    """Both processors, the standby hot: else a switchover is an outage."""
    redundancy = s.facts.redundancy
    mode, peer = redundancy.operating_mode, redundancy.peer_state
    shown = ", ".join(word for word in (peer or "no standby", mode) if word)
    is_sso = mode.lower() in ("sso", "stateful switchover")
    if "ACTIVE" in redundancy.my_state.upper() and "STANDBY HOT" in peer.upper() and is_sso:
        return Check("ISSU standby", Verdict.OK, "STANDBY HOT, sso", shown)
    return Check(
        "ISSU standby", Verdict.FAILED, "STANDBY HOT, sso", shown, f"look at show redundancy states; or {_OFF}"
    )


def check_issu_idle(s: Situation) -> Check | None:
    """No ISSU is under way, and the platform's own list of conditions is met."""
    style, issu = s.pack.issu.style if s.pack.issu is not None else None, s.facts.issu
    if style is IssuStyle.NODE:
        return None  # it has no such state
    expected = "no ISSU under way"
    if issu is None or issu.stage is None:
        return Check("ISSU state", Verdict.FAILED, expected, "not known", f"look at show issu state detail; or {_OFF}")
    if issu.stage is not IssuStage.INIT:
        action = "finish it (commit) or take it back (rollback) first"
        return Check("ISSU state", Verdict.FAILED, expected, issu.stage.value, action)
    if issu.failed_checks():
        shown = ", ".join(issu.failed_checks())
        return Check("ISSU state", Verdict.FAILED, "every condition met", f"not met: {shown}", f"mend it, or {_OFF}")
    return Check("ISSU state", Verdict.OK, expected, "none")


def check_issu_places(s: Situation) -> Check | None:
    """The image goes to both processors, and the commands name their slots."""
    style = s.pack.issu.style if s.pack.issu is not None else None
    if style is IssuStyle.INSTALL:
        if not runs_bundle(s.facts):
            return None
        return Check("ISSU places", Verdict.FAILED, "install mode", "bundle mode", f"convert it first, or {_OFF}")
    if style is not IssuStyle.VSS and style in _WITH_SLOTS and not all(slots(s.facts)):
        shown = "slots of active and standby not known"
        return Check("ISSU places", Verdict.FAILED, "both slots known", shown, f"look at show platform; or {_OFF}")
    if len(s.targets) < 2:
        shown = "the standby's flash is not shown"
        return Check("ISSU places", Verdict.FAILED, "both file systems", shown, f"look at show file systems; or {_OFF}")
    return Check("ISSU places", Verdict.OK, "both file systems", ", ".join(t.name for t in s.targets))


def check_issu_images(s: Situation) -> Check | None:
    """In service only within one feature set, and not from 16 to 17; the device's own matrix decides the rest."""
    have, to = s.facts.version.feature_set, s.image.identity.feature_set
    if have and to and have.upper() != to.upper():
        return Check(
            "ISSU images", Verdict.FAILED, f"feature set {have}", to, f"choose the same feature set, or {_OFF}"
        )
    old, new = parse_version(s.facts.version.version), parse_version(s.image.version)
    majors = [v.canonical.partition(".")[0] for v in (old, new) if v is not None]
    if old is not None and new is not None and (old.scheme is not new.scheme or _is_xe16(old.scheme, majors)):
        shown = f"{old.canonical} to {new.canonical}"
        return Check("ISSU images", Verdict.FAILED, "releases of one major version", shown, _OFF)
    return Check("ISSU images", Verdict.OK, "one feature set, one major version", to or "not known")


def _is_xe16(scheme: Scheme, majors: list[str]) -> bool:
    return scheme is Scheme.XE16 and len(set(majors)) > 1


ISSU_CHECKS = (check_standby_hot, check_issu_idle, check_issu_places, check_issu_images)
