"""What is understood of one captured output, as plain data (for pack authors and bug reports)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from swim_tui.model.facts import OsKind
from swim_tui.parse import facts as commands
from swim_tui.parse import facts_install as install_commands
from swim_tui.parse.boot import parse_boot, parse_boot_lines
from swim_tui.parse.chassis_xr import parse_failed_config, parse_fpds, parse_node_pairs, parse_xr_platform
from swim_tui.parse.config import parse_scp_server
from swim_tui.parse.files import parse_dirs, parse_file_systems
from swim_tui.parse.hashes import parse_verify
from swim_tui.parse.install_xe import (
    parse_install_log,
    parse_install_state,
    parse_member_timers,
    parse_packages_conf,
    parse_rollback_points,
    parse_smu,
    parse_version_packages,
)
from swim_tui.parse.install_xr import parse_install_request, parse_package_sets, parse_xr_install_log
from swim_tui.parse.inventory import parse_inventory
from swim_tui.parse.issu import parse_issu_state, parse_issu_timer
from swim_tui.parse.network import parse_interfaces_up, parse_neighbours
from swim_tui.parse.nxos import (
    parse_incompatibilities,
    parse_install_impact,
    parse_install_report,
    parse_modules,
    parse_vpc,
)
from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.state import (
    parse_config_lock,
    parse_privilege,
    parse_redundancy,
    parse_show_reload,
    parse_show_switch,
    parse_users,
)
from swim_tui.parse.times import parse_device_time, parse_restart
from swim_tui.parse.version import parse_show_version

_VERIFY = re.compile(r"(?:do )?verify\b|sh(?:ow)?\s+(?:file \S+ (?:md5|sha\d+)sum|md5 file)", re.IGNORECASE)

_IMPACT = re.compile(r"sh(?:ow)?\s+install all impact\b", re.IGNORECASE)
_SMU = re.compile(r"sh(?:ow)?\s+install package\s", re.IGNORECASE)
_REPORT = re.compile(r"sh(?:ow)?\s+install all status$", re.IGNORECASE)
_INCOMPATIBLE = re.compile(r"sh(?:ow)?\s+incompatibility\S*\s", re.IGNORECASE)
_PACKAGES_CONF = re.compile(r"(?:do )?more\s+\S*\.conf\b", re.IGNORECASE)


def understood(platform: str, command: str, text: str) -> dict[str, Any]:
    """The fields of one answer, JSON-ready; {} when nothing was understood, {"refused": ...} when the device refused.

    `platform` (a pack name, "" = unknown) is not needed by today's commands: forms are told apart by their content.
    """
    word = " ".join(command.split())
    for pattern, reader in _READERS:
        if pattern.match(word):
            said = reader(text)
            if said:
                return said
            break
    else:
        if not word:
            return _version(text) or _refusal(text)
    return _refusal(text)


def plain(value: object) -> Any:
    """A dataclass, enum, time or tuple as JSON-ready data, without what was not said."""
    if is_dataclass(value) and not isinstance(value, type):
        said = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        return {key: item for key, item in said.items() if item not in ("", None, [], {})}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def _refusal(text: str) -> dict[str, Any]:
    refused = device_refusal(text)
    return {"refused": refused} if refused is not None else {}


def _version(text: str) -> dict[str, Any]:
    facts = parse_show_version(text)
    if facts.os is OsKind.UNKNOWN:
        return {}
    said: dict[str, Any] = plain(facts)
    booted = parse_restart(text)
    return {**said, **({"booted_at": booted.isoformat()} if booted else {})}


def _dir(text: str) -> dict[str, Any]:
    listings = [plain(listing) for listing in parse_dirs(text)]
    for listing in listings:
        listing.pop("is_read", None)
    if len(listings) == 1:
        return dict(listings[0])
    return {"file_systems": listings} if listings else {}


def _boot(text: str) -> dict[str, Any]:
    states = [state for state in parse_boot({"show boot": text}) if state.is_read or state.config_register]
    return {"boot": [plain(state) for state in states]} if states else {}


def _clock(text: str) -> dict[str, Any]:
    read = parse_device_time(text)
    return {} if read is None else {"clock": read.at.isoformat(), "zone": read.zone, "zone_known": read.is_zone_known}


def _verify(text: str) -> dict[str, Any]:
    said: dict[str, Any] = plain(parse_verify(text))
    return said if said.get("digest") or said.get("error") else {}


def _named(name: str, read: Callable[[str], object]) -> Callable[[str], dict[str, Any]]:
    def reader(text: str) -> dict[str, Any]:
        value = read(text)
        return {} if value is None or value == () else {name: plain(value)}

    return reader


def _inventory(text: str) -> dict[str, Any]:
    pid, serial = parse_inventory(text)
    return {"pid": pid, **({"serial": serial} if serial else {})} if pid else {}


def _redundancy(text: str) -> dict[str, Any]:
    pairs = plain(parse_node_pairs(text))
    return {**plain(parse_redundancy(text)), **({"node_pairs": pairs} if pairs else {})}


def _fields(read: Callable[[str], object | None]) -> Callable[[str], dict[str, Any]]:
    """A reader of one dataclass: its own fields are the answer."""
    return lambda text: dict(plain(said)) if (said := read(text)) is not None else {}


def _install(text: str) -> dict[str, Any]:
    state = parse_install_state(text)
    if state is not None:
        return {"packages": plain(state.packages), **plain(state)}
    return {kind: plain(found) for kind, found in parse_package_sets(text).items()}


def _known(name: str, read: Callable[[str], object | None]) -> Callable[[str], dict[str, Any]]:
    """A reader whose empty answer says something too: nothing is incompatible, no line failed."""
    return lambda text: {name: plain(said)} if (said := read(text)) is not None else {}


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], dict[str, Any]]], ...] = (
    (commands.VERSION, _version),
    (commands.FILE_SYSTEMS, _named("file_systems", parse_file_systems)),
    (commands.DIR, _dir),
    (commands.BOOT, _boot),
    (commands.RUNNING_BOOT, _named("config_lines", parse_boot_lines)),
    (commands.RUNNING_SCP, _named("scp_server", parse_scp_server)),
    (commands.RUNNING, _named("config_lines", parse_boot_lines)),
    (commands.REDUNDANCY, _redundancy),
    (commands.SWITCH, _named("members", parse_show_switch)),
    (commands.INVENTORY, _inventory),
    (commands.CLOCK, _clock),
    (commands.PRIVILEGE, _named("privilege", parse_privilege)),
    (commands.RELOAD, _named("pending_reload", parse_show_reload)),
    (commands.USERS, _named("other_users", parse_users)),
    (commands.LOCK, _named("config_locked_by", parse_config_lock)),
    (commands.INTERFACES, _named("interfaces_up", parse_interfaces_up)),
    (commands.NEIGHBOURS, _named("neighbours", parse_neighbours)),
    (_VERIFY, _verify),
    (install_commands.INSTALL, _install),
    (install_commands.INSTALL_ROLLBACK, _known("rollback_points", parse_rollback_points)),
    (install_commands.INSTALL_LOG, _known("log", lambda text: parse_install_log(text) or parse_xr_install_log(text))),
    (install_commands.INSTALL_REQUEST, _fields(parse_install_request)),
    (install_commands.RUNNING_PACKAGES, _known("packages", parse_version_packages)),
    (install_commands.PROVISIONED, _known("packages", parse_version_packages)),
    (install_commands.MEMBER_TIMERS, _known("timers", parse_member_timers)),
    (install_commands.ISSU, _fields(parse_issu_state)),
    (install_commands.ISSU_TIMER, _fields(parse_issu_timer)),
    (install_commands.PLATFORM, _named("nodes", parse_xr_platform)),
    (install_commands.FPDS, _known("fpds", parse_fpds)),
    (install_commands.FAILED_CONFIG, _known("failed_config", parse_failed_config)),
    (install_commands.MODULES, _named("modules", parse_modules)),
    (install_commands.VPC, _fields(parse_vpc)),
    (_SMU, _fields(parse_smu)),
    (_IMPACT, _fields(parse_install_impact)),
    (_REPORT, _fields(parse_install_report)),
    (_INCOMPATIBLE, _known("incompatibilities", parse_incompatibilities)),
    (_PACKAGES_CONF, _fields(parse_packages_conf)),
)
