"""Answers of a device, by command, put together as Facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from swim_tui.model.facts import BootState, Facts, FileEntry, FileSystem, Member, OsKind, VersionFacts
from swim_tui.parse.answers import Answers, show_command
from swim_tui.parse.boot import parse_boot
from swim_tui.parse.config import parse_config_diff, parse_scp_server, parse_sftp_server
from swim_tui.parse.facts_install import with_install
from swim_tui.parse.files import DirListing, parse_dirs, parse_file_systems
from swim_tui.parse.inventory import parse_inventory
from swim_tui.parse.network import parse_interfaces_up, parse_neighbours
from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.state import (
    parse_config_lock,
    parse_privilege,
    parse_redundancy,
    parse_show_reload,
    parse_show_switch,
    parse_users,
)
from swim_tui.parse.text import lines_of
from swim_tui.parse.times import parse_device_time, parse_restart, parse_zones
from swim_tui.parse.version import parse_show_version

VERSION = show_command(r"ver(?:sion)?$")
FILE_SYSTEMS = show_command(r"file\s?sys(?:tems?)?(?: location all)?$")
_OTHER_UNIT = re.compile(r"//sup-(?:remote|standby)/")
DIR = re.compile(r"(?:do )?dir\b", re.IGNORECASE)
BOOT = show_command(r"boot(?:var)?$")
RUNNING = show_command(r"run(?:ning-config)?(?: view full)?$")
RUNNING_BOOT = show_command(r"run\S*\s*\|\s*\S+\s+\S*boot.*$")
RUNNING_SCP = show_command(r"run\S*\s*\|\s*\S+\s+.*scp.*$")
STARTUP = show_command(r"start(?:up-config)?$")
REDUNDANCY = show_command(r"(?:system )?redundancy(?: states?| summary| status)?$")
SWITCH = show_command(r"switch(?: detail)?$")
INVENTORY = show_command(r"inventory$")
CLOCK = show_command(r"clock(?: detail)?$")
PRIVILEGE = show_command(r"priv(?:ilege)?$")
RELOAD = show_command(r"reload$")
USERS = show_command(r"users?(?: all)?$")
LOCK = show_command(r"configuration lock$")
SSH = show_command(r"ip ssh$")
INTERFACES = show_command(r"(?:ip(?:v4)? interface brief|interfaces? status|interfaces? description)$")
NEIGHBOURS = show_command(r"(?:(?:cdp|lldp) neigh\w*(?: detail)?|(?:ip )?ospf neigh\w*|(?:ip )?bgp (?:\S+ )*sum\w*)$")


def read_facts(device: str, read_at: datetime, outputs: Mapping[str, str], privilege: int | None = None) -> Facts:
    """One reading of a device out of its answers by command; `read_at` is our clock, aware, when `show clock` ran."""
    answers = Answers(dict(outputs), [])
    version = parse_show_version(answers.text(VERSION) or "")
    answers.check(VERSION, version.os is not OsKind.UNKNOWN)
    version = _with_chassis(answers, version)
    running = answers.text(RUNNING)
    members = _members(answers, version)
    facts = Facts(
        device=device,
        read_at=read_at,
        version=version,
        file_systems=_file_systems(answers),
        boot=_boot(answers, version, members),
        members=members,
        privilege=privilege,
    )
    facts = _with_states(answers, facts)
    facts = _with_times(answers, facts, parse_zones(running or ""))
    facts = _with_config(answers, facts, running)
    facts = with_install(answers, facts)
    return replace(facts, unread=tuple(answers.unread))


def _with_chassis(answers: Answers, version: VersionFacts) -> VersionFacts:
    """XR and NX-OS print no PID in `show version`, and the serial number of the supervisor at best."""
    text = answers.text(INVENTORY)
    if text is None:
        return version
    pid, serial = parse_inventory(text)
    answers.check(INVENTORY, pid)
    if not pid or (version.pid and version.os not in (OsKind.IOS_XR, OsKind.NXOS)):
        return version
    return replace(version, pid=pid, serial=serial or version.serial)


def _members(answers: Answers, version: VersionFacts) -> tuple[Member, ...]:
    """`show switch` has role and state, the table of `show version` the software: one member from both."""
    text = answers.text(SWITCH)
    if text is None or device_refusal(text) is not None:
        return version.members
    rows = parse_show_switch(text)
    answers.check(SWITCH, rows)
    by_number = {m.number: m for m in version.members}
    merged = [
        replace(by_number[row.number], role=row.role, state=row.state) if row.number in by_number else row
        for row in rows
    ]
    numbers = {m.number for m in merged}
    return tuple(sorted(merged + [m for m in version.members if m.number not in numbers], key=lambda m: m.number))


def _file_systems(answers: Answers) -> tuple[FileSystem, ...]:
    table = parse_file_systems(answers.text(FILE_SYSTEMS) or "")
    answers.check(FILE_SYSTEMS, table)
    systems = list(table)
    for command, text in answers.all(DIR):
        listings = parse_dirs(text)
        if not listings and _OTHER_UNIT.search(command) and device_refusal(text) is not None:
            continue  # there is no other supervisor
        if not listings and command not in answers.unread:
            answers.unread.append(command)
        for listing in listings:
            _place(systems, listing)
    return tuple(systems)


def _place(systems: list[FileSystem], listing: DirListing) -> None:
    """Put a listing into its row; free space of `dir` is read later than the table, so it counts."""
    if not listing.file_system:
        return
    for index, system in enumerate(systems):
        if listing.file_system == system.name or listing.file_system in system.prefixes:
            systems[index] = replace(
                system,
                files=_joined(system.files, listing.files),
                total_bytes=listing.total_bytes if listing.total_bytes is not None else system.total_bytes,
                free_bytes=listing.free_bytes if listing.free_bytes is not None else system.free_bytes,
            )
            return
    systems.append(
        FileSystem(
            name=listing.file_system,
            total_bytes=listing.total_bytes,
            free_bytes=listing.free_bytes,
            prefixes=(listing.file_system,),
            files=listing.files,
        )
    )


def _joined(known: tuple[FileEntry, ...] | None, listed: tuple[FileEntry, ...]) -> tuple[FileEntry, ...]:
    """A directory listed on its own adds its files to those of the file system; what was read last counts."""
    paths = {entry.path for entry in listed}
    return (*(entry for entry in known or () if entry.path not in paths), *listed)


def _boot(answers: Answers, version: VersionFacts, members: tuple[Member, ...]) -> tuple[BootState, ...]:
    texts = dict(answers.all(BOOT) + answers.all(RUNNING_BOOT) + answers.all(RUNNING))
    states = parse_boot(texts, (version.config_register, version.config_register_next))
    answers.check(BOOT, any(state.is_read for state in states))
    active = next((m.number for m in members if m.role in ("Active", "Master")), None)
    if active is None:
        return states
    # a classic stack prints the master's block without a number
    taken = {state.member for state in states}
    named = [
        replace(state, member=active) if i == 0 and state.member is None and active not in taken else state
        for i, state in enumerate(states)
    ]
    return tuple(sorted(named, key=lambda state: state.member != active))


def _with_states(answers: Answers, facts: Facts) -> Facts:
    redundancy = parse_redundancy("\n".join(text for _, text in answers.all(REDUNDANCY)))
    answers.check(REDUNDANCY, redundancy.my_state or any(device_refusal(t) for _, t in answers.all(REDUNDANCY)))
    level = facts.privilege
    if (text := answers.text(PRIVILEGE)) is not None:
        said = parse_privilege(text)
        answers.check(PRIVILEGE, said is not None)
        level = said if said is not None else level
    reload = users = lock = None
    if (text := answers.text(RELOAD)) is not None:
        reload = parse_show_reload(text)
        answers.check(RELOAD, reload is not None)
    if (text := answers.text(USERS)) is not None:
        users = parse_users(text)
        answers.check(USERS, users is not None)
    if (text := answers.text(LOCK)) is not None:
        lock = parse_config_lock(text)
        answers.check(LOCK, lock is not None or device_refusal(text))  # older software has no such command
    ssh = answers.text(SSH)
    interfaces = [n for _, t in answers.all(INTERFACES) for n in parse_interfaces_up(t)]
    neighbours = [n for _, t in answers.all(NEIGHBOURS) for n in parse_neighbours(t)]
    return replace(
        facts,
        redundancy=redundancy,
        privilege=level,
        pending_reload=reload or "",
        other_users=users or (),
        config_locked_by=lock or "",
        ssh_algorithms=ssh_algorithms(ssh or ""),
        interfaces_up=tuple(dict.fromkeys(interfaces)),
        neighbours=tuple(dict.fromkeys(neighbours)),
    )


def ssh_algorithms(text: str) -> str:
    """The algorithm lines of `show ip ssh`, joined; "" when there are none."""
    wanted = [" ".join(line.split()) for line in lines_of(text) if re.search(r"Algorithms:\s*\S", line)]
    return "; ".join(wanted)


def _with_times(answers: Answers, facts: Facts, zones: Mapping[str, int]) -> Facts:
    text = answers.text(CLOCK)
    booted = parse_restart(answers.text(VERSION) or "", zones)
    if text is None:
        return replace(facts, booted_at=booted)
    clock = parse_device_time(text, zones)
    answers.check(CLOCK, clock is not None)
    if clock is None:
        return replace(facts, booted_at=booted)
    line = next((line.strip() for line in lines_of(text) if parse_device_time(line) is not None), "")
    offset = (clock.at - facts.read_at).total_seconds() if clock.is_zone_known else None
    return replace(facts, clock=line, booted_at=booted, clock_offset_s=offset)


def _with_config(answers: Answers, facts: Facts, running: str | None) -> Facts:
    scp_text = answers.text(RUNNING_SCP)
    source = scp_text if scp_text is not None else running
    scp = parse_scp_server(source) if source is not None else None
    if running is None:
        return replace(facts, scp_server=scp)
    startup = answers.text(STARTUP)
    dirty, diff = parse_config_diff(running, startup or "")
    readable = parse_config_diff(running, running)[0] is not None
    answers.check(RUNNING, readable)
    if startup is not None and readable:
        answers.check(STARTUP, dirty is not None)
    if readable and facts.version.os is OsKind.NXOS:
        facts = replace(facts, sftp_server=parse_sftp_server(running))
    return replace(
        facts, scp_server=scp if readable else None, config_dirty=dirty, config_diff=diff, config_readable=readable
    )
