"""Checks of the device's own state: access, boot variable, config register, configuration, members, pending reloads."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import boot_entries, device_file, is_local, same_file
from swim_tui.model.facts import Facts
from swim_tui.model.options import DirtyConfig
from swim_tui.model.readiness import not_ready
from swim_tui.planning.durations import words
from swim_tui.planning.situation import Situation

_NEEDED_PRIVILEGE = 15


def check_facts(s: Situation) -> Check:
    """The device was reached and its version understood."""
    unread = ", ".join(s.facts.unread)
    if not s.facts.version.version or not s.facts.version.image_file:
        what = unread or "running version or image"
        return Check(
            "Facts readable",
            Verdict.FAILED,
            "version and running image",
            f"not understood: {what}",
            "read the facts again",
        )
    if unread:
        return Check(
            "Facts readable",
            Verdict.WARNING,
            "every answer understood",
            f"not understood: {unread}",
            "see the device log",
        )
    return Check("Facts readable", Verdict.OK, "every answer understood", "all")


def check_age(s: Situation) -> Check:
    """Reached and logged in, and how long ago."""
    age = max(0.0, (s.now - s.facts.read_at).total_seconds())
    if age > s.max_facts_age_s:
        return Check(
            "Reachable", Verdict.WARNING, "read lately", f"read {words(age)} ago", "read the facts again before the run"
        )
    return Check("Reachable", Verdict.OK, "reached and logged in", f"read {words(age)} ago")


def check_privilege(s: Situation) -> Check:
    """Copying and configuring need privilege 15."""
    have = s.facts.privilege
    if have is None:
        return Check("Privilege", Verdict.WARNING, str(_NEEDED_PRIVILEGE), "not known", "type: show privilege")
    verdict = Verdict.OK if have >= _NEEDED_PRIVILEGE else Verdict.FAILED
    action = "" if verdict is Verdict.OK else "use a profile with privilege 15, or add its enable secret"
    return Check("Privilege", verdict, str(_NEEDED_PRIVILEGE), str(have), action)


def boot_targets(facts: Facts) -> tuple[str, ...]:
    """What the device would boot at its next reload, in order, as its boot variable says."""
    state = facts.boot_state()
    return tuple(e for text in state.next_reload or state.current for e in boot_entries(text))


def check_boot_variable(s: Situation) -> Check:
    """The boot variable was read, names files that exist, and is the same on every member."""
    state = s.facts.boot_state()
    if not state.is_read:
        action = "look at show boot / show bootvar; the device pack may not fit"
        return Check(
            "Boot variable", Verdict.FAILED if s.sets_boot else Verdict.WARNING, "readable", "not understood", action
        )
    entries = boot_targets(s.facts)
    shown = "; ".join(entries) or "empty"
    names = {device_file(e, s.facts).partition(":")[2] for e in entries[:1]}
    for other in s.facts.boot[1:]:
        first = (other.next_reload or other.current)[:1]
        names |= {device_file(e, s.facts).partition(":")[2] for e in first}
    if len(names) > 1:
        return Check(
            "Boot variable",
            Verdict.WARNING,
            "same on every member",
            ", ".join(sorted(names)),
            "compare show boot of all members",
        )
    missing = [e for e in entries if is_local(e) and _is_missing(s.facts, e)]
    if missing:
        action = (
            "it names a file that is not there; the plan writes it anew" if s.sets_boot else "mend the boot variable"
        )
        return Check("Boot variable", Verdict.WARNING, "existing files", f"missing: {', '.join(missing)}", action)
    running = s.facts.version.image_file
    if entries and not same_file(entries[0], running, s.facts):
        action = "the device would boot another image at its next reload"
        return Check("Boot variable", Verdict.WARNING, running, shown, action)
    return Check("Boot variable", Verdict.OK, "names the running image or nothing", shown)


def _is_missing(facts: Facts, entry: str) -> bool:
    name, _, path = device_file(entry, facts).partition(":")
    fs = facts.file_system(f"{name}:")
    if fs is None or fs.files is None or "/" in path:
        return False
    return all(f.path.lower() != path.lower() for f in fs.files)


def _register_number(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None


def check_config_register(s: Situation) -> Check | None:
    """Config register now and at the next reload: it decides whether the boot variable is looked at."""
    state, version = s.facts.boot_state(), s.facts.version
    now = state.config_register or version.config_register
    later = state.config_register_next or version.config_register_next or now
    good = ", ".join(s.pack.good_config_registers)
    if not later:
        if s.pack.checks_manual_boot:
            return None  # classic switches have none
        return Check("Config register", Verdict.WARNING, good, "not known", "look at the last line of show version")
    shown = later if later == now else f"{now}, {later} at next reload"
    if _register_number(later) in {_register_number(g) for g in s.pack.good_config_registers}:
        return Check("Config register", Verdict.OK, good, shown)
    action = (
        f"it would not boot by its boot variable; type: config-register {s.pack.good_config_registers[0]}, then save"
    )
    return Check("Config register", Verdict.FAILED, good, shown, action)


def check_manual_boot(s: Situation) -> Check | None:
    """Manual Boot leaves a switch at its boot loader after a reload."""
    values = [b.manual_boot for b in s.facts.boot if b.manual_boot is not None]
    if not s.pack.checks_manual_boot and not values:
        return None
    if any(values):
        return Check("Manual Boot", Verdict.FAILED, "no", "yes", "type: no boot manual, then save")
    if not values:
        return Check("Manual Boot", Verdict.WARNING, "no", "not known", "look at show boot")
    return Check("Manual Boot", Verdict.OK, "no", "no")


def check_pending_reload(s: Situation) -> Check:
    """A scheduled reload would come in between."""
    if s.facts.pending_reload:
        return Check(
            "Pending reload", Verdict.FAILED, "none", s.facts.pending_reload, "type: reload cancel, or wait for it"
        )
    return Check("Pending reload", Verdict.OK, "none", "none")


def check_config_lock(s: Situation) -> Check:
    """Nobody else may be in configuration mode."""
    if s.facts.config_locked_by:
        action = "let them finish, then try again"
        return Check("Configuration lock", Verdict.FAILED, "free", f"held by {s.facts.config_locked_by}", action)
    if s.facts.other_users:
        return Check(
            "Configuration lock",
            Verdict.WARNING,
            "nobody else",
            ", ".join(s.facts.other_users),
            "ask what they are doing",
        )
    return Check("Configuration lock", Verdict.OK, "free", "free")


def check_dirty_config(s: Situation) -> Check:
    """Unsaved configuration is saved with the boot variable or excludes the device, as the job says."""
    dirty = s.facts.config_dirty
    if dirty is None:
        return Check(
            "Saved configuration", Verdict.WARNING, "saved", "not known", "compare running and startup configuration"
        )
    if not dirty:
        return Check("Saved configuration", Verdict.OK, "saved", "saved")
    shown = f"{len(s.facts.config_diff)} lines are not saved"
    if s.options.dirty_config is DirtyConfig.EXCLUDE:
        return Check(
            "Saved configuration",
            Verdict.FAILED,
            "saved",
            shown,
            "save or discard them, or choose to save them in the job",
        )
    if s.options.enable_scp_for_copy and s.facts.scp_server is False:
        return Check(
            "Saved configuration",
            Verdict.FAILED,
            "saved",
            shown,
            "save them first: the SCP server is switched on only over a clean configuration",
        )
    action = "they are saved with the boot variable" if s.sets_boot else "the copy does not touch them"
    return Check("Saved configuration", Verdict.WARNING, "saved", shown, action)


def check_config_readable(s: Situation) -> Check | None:
    """Without a backup of its configuration no device is changed, unless the job says so."""
    if s.facts.config_readable is None or s.facts.config_readable:
        return None
    if s.options.without_config_backup:
        return Check(
            "Configuration backup", Verdict.WARNING, "readable", "not readable", "the job goes without a backup"
        )
    action = "use a profile that may read it, or choose 'without configuration backup'"
    return Check("Configuration backup", Verdict.FAILED, "readable", "not readable", action)


def check_members(s: Situation) -> Check | None:
    """Every stack member, and the standby, must be ready."""
    bad = not_ready(s.facts)
    if not s.facts.members and not bad:
        return None
    if bad:
        return Check("Members", Verdict.FAILED, "all ready", ", ".join(bad), "look at show switch / show redundancy")
    versions = {m.version for m in s.facts.members if m.version}
    if len(versions) > 1:
        return Check(
            "Members", Verdict.WARNING, "one version", ", ".join(sorted(versions)), "the members run different software"
        )
    return Check("Members", Verdict.OK, "all ready", f"{len(s.facts.members)} ready")


DEVICE_CHECKS = (
    check_facts,
    check_age,
    check_privilege,
    check_boot_variable,
    check_config_register,
    check_manual_boot,
    check_pending_reload,
    check_config_lock,
    check_dirty_config,
    check_config_readable,
    check_members,
)
