"""The part of Facts that install, ISSU, chassis and Nexus commands fill."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallState, IssuState, NodePair
from swim_tui.parse.answers import Answers, show_command
from swim_tui.parse.chassis_xr import (
    parse_failed_config,
    parse_fpds,
    parse_node_pairs,
    parse_xe_platform,
    parse_xr_platform,
)
from swim_tui.parse.install_xe import (
    parse_install_log,
    parse_install_state,
    parse_member_timers,
    parse_rollback_points,
    parse_version_packages,
)
from swim_tui.parse.install_xr import parse_install_request, parse_package_sets, parse_xr_install_log
from swim_tui.parse.issu import parse_issu_state, parse_issu_timer
from swim_tui.parse.nxos import parse_modules, parse_vpc
from swim_tui.parse.refusal import device_refusal

T = TypeVar("T")

INSTALL = show_command(r"install (?:summary|active|inactive|committed|uncommitted|commit)(?: summary)?$")
INSTALL_ROLLBACK = show_command(r"install rollback(?: id \d+)?$")
INSTALL_LOG = show_command(r"install log(?: \d+)?(?: detail)?$")
INSTALL_REQUEST = show_command(r"install request$")
RUNNING_PACKAGES = show_command(r"ver(?:sion)? running$")
PROVISIONED = show_command(r"ver(?:sion)?(?: rp active)? (?:installed|provisioned)$")
MEMBER_TIMERS = show_command(r"software (?:installer )?rollback(?:-timer)?$")
ISSU = show_command(r"issu state(?: detail)?$")
ISSU_TIMER = show_command(r"issu rollback-timer$")
PLATFORM = show_command(r"platform$")
NODE_PAIRS = show_command(r"redundancy summary$")
FPDS = show_command(r"hw-module fpd(?: location all)?$")
FAILED_CONFIG = show_command(r"configuration failed startup$")
MODULES = show_command(r"module(?: all)?$")
VPC = show_command(r"vpc(?: role| brief)?$")


def with_install(answers: Answers, facts: Facts) -> Facts:
    """Facts with everything these commands say; what was asked and not understood is noted."""
    fpds = _read(answers, FPDS, parse_fpds)
    failed = _read(answers, FAILED_CONFIG, parse_failed_config)
    vpc = _read(answers, VPC, parse_vpc, may_refuse=True)
    nodes = _read(answers, PLATFORM, lambda text: parse_xr_platform(text) or parse_xe_platform(text) or None)
    modules = _read(answers, MODULES, lambda text: parse_modules(text) or None)
    return replace(
        facts,
        install=_install(answers),
        issu=_issu(answers),
        nodes=nodes or (),
        node_pairs=_pairs(answers),
        fpds=fpds,
        failed_config=failed,
        modules=modules or (),
        vpc=vpc,
    )


def _read(
    answers: Answers, pattern: re.Pattern[str], reader: Callable[[str], T | None], *, may_refuse: bool = False
) -> T | None:
    """What the first such answer says; a command an older release does not know may be refused."""
    text = answers.text(pattern)
    if text is None:
        return None
    said = reader(text)
    answers.check(pattern, said is not None or (may_refuse and device_refusal(text) is not None))
    return said


def _install(answers: Answers) -> InstallState | None:
    state = InstallState()
    for command, text in answers.all(INSTALL):
        read = _with_packages(state, text)
        if read is None and device_refusal(text) is None:  # XE 3.x and bundle-only software have no such command
            answers.note(command)
        state = read or state
    points = [_points for _, text in answers.all(INSTALL_ROLLBACK) if (_points := parse_rollback_points(text))]
    answers.check(INSTALL_ROLLBACK, points)
    log = _read(answers, INSTALL_LOG, lambda text: parse_install_log(text) or parse_xr_install_log(text))
    state = replace(
        state,
        rollback_points=tuple(point for some in points for point in some),
        log=log or (),
        request=_read(answers, INSTALL_REQUEST, parse_install_request),
        running=_read(answers, RUNNING_PACKAGES, parse_version_packages, may_refuse=True) or (),
        provisioned=_read(answers, PROVISIONED, parse_version_packages, may_refuse=True) or (),
        member_timers=_read(answers, MEMBER_TIMERS, parse_member_timers, may_refuse=True) or (),
    )
    return None if state == InstallState() else state


def _with_packages(state: InstallState, text: str) -> InstallState | None:
    """XE has one table with states, XR a list for each state; the forms are told apart by their content."""
    table = parse_install_state(text)
    if table is not None:
        rows = tuple(dict.fromkeys((*state.packages, *table.packages)))
        return replace(state, packages=rows, auto_abort=state.auto_abort or table.auto_abort)
    sets = parse_package_sets(text)
    if not sets:
        return None
    return replace(
        state,
        active=sets.get("active") or state.active,
        committed=sets.get("committed") or state.committed,
        inactive=sets.get("inactive") or state.inactive,
    )


def _issu(answers: Answers) -> IssuState | None:
    state = _read(answers, ISSU, parse_issu_state, may_refuse=True)
    timer = _read(answers, ISSU_TIMER, parse_issu_timer, may_refuse=True)
    if timer is None or (state is not None and state.timer is not None):
        return state
    return replace(state or IssuState(), timer=timer)


def _pairs(answers: Answers) -> tuple[NodePair, ...]:
    """Nothing is noted here: the redundancy of XR is read from the same answer, which notes it."""
    text = answers.text(NODE_PAIRS)
    return parse_node_pairs(text) if text is not None else ()
