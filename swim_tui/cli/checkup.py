"""What the doctor asks of the engine: vault, agent, profiles, host keys, SSH of devices, jump hosts."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from swim_tui.cli.app import App
from swim_tui.cli.output import moment
from swim_tui.errors import SwimError, describe

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.secret import CredentialProfile
    from swim_tui.model.views import DeviceRow, EngineStatus, HopReport, HostKeyRow, VaultStatus

NAMES_SHOWN = 5
_OLD = re.compile(r"sha1|cbc|md5|(^|[\s,])ssh-(rsa|dss)\b")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: verdict is ok, warning or failed."""

    name: str
    verdict: str
    actual: str
    action: str = ""


@dataclass(frozen=True)
class Answers:
    """What the engine said."""

    status: EngineStatus
    vault: VaultStatus
    profiles: list[CredentialProfile]
    keys: list[HostKeyRow]
    devices: tuple[DeviceRow, ...]
    hops: list[list[HopReport]]


def look_at_engine(app: App, *, jumps: bool, devices: bool) -> list[Finding]:
    """Findings about the engine that runs; with `jumps` one is started and logs in to every jump host once."""
    try:
        said = app.with_engine(_ask_with_jumps) if jumps else app.with_running_engine(_ask)
    except SwimError as err:
        problem = describe(err)
        is_off = problem.code == "SWIM-3010"
        words = "none runs; it starts with the first command" if is_off else problem.message
        return [Finding("engine", "ok" if is_off else "failed", words, "" if is_off else problem.remedy)]
    hello = said.status.hello
    found = [
        Finding("engine", "ok", f"{hello.version}, pid {hello.pid}, {said.status.workers} workers"),
        Finding("store", "ok", f"{said.status.devices} devices, {said.status.images} images"),
        _vault(said.vault),
        *_profiles(said.profiles),
        _host_keys(said.keys),
        *_ssh(said.devices, each=devices),
    ]
    for hops in said.hops:
        found += [_hop(hop) for hop in hops]
    return found


async def _ask_with_jumps(client: EngineClient) -> Answers:
    return await _ask(client, jumps=True)


async def _ask(client: EngineClient, *, jumps: bool = False) -> Answers:
    from swim_tui.cli.answer import answering

    api = client.api
    hops: list[list[HopReport]] = []
    for jump in await api.jumps() if jumps else []:
        testing = asyncio.ensure_future(api.test_jump(jump.name))
        async with answering(client, f"jumps test {jump.name}", testing):
            try:
                hops.append(await testing)
            except SwimError as err:
                hops.append([_not_tried(jump.name, jump.address, err)])
    return Answers(
        await api.status(),
        await api.vault(),
        await api.credentials(),
        await api.host_keys(),
        (await api.inventory()).devices,
        hops,
    )


def _not_tried(name: str, address: str, err: SwimError) -> HopReport:
    from swim_tui.model.views import HopReport

    return HopReport(name, address, ok=False, problem=describe(err))


def _vault(vault: VaultStatus) -> Finding:
    if vault.locked:
        return Finding("vault", "warning", "locked: tasks wait for its passphrase", "swim-tui credentials unlock")
    if vault.problem:
        words = "without its key the secrets must be given anew"
        return Finding("vault", "failed", vault.problem, f"{words}; which key: swim-tui credentials vault")
    return Finding("vault", "ok", f"open, locked with a {vault.kind}, {vault.entries} entries")


def _profiles(profiles: list[CredentialProfile]) -> list[Finding]:
    parked = [p for p in profiles if p.parked]
    found = [
        Finding(f"profile {p.name}", "failed", f"parked: {p.parked_reason}", f"swim-tui credentials confirm {p.name}")
        for p in parked
    ]
    return found or [Finding("credentials", "ok", f"{len(profiles)} profiles, none is parked")]


def _host_keys(keys: list[HostKeyRow]) -> Finding:
    waiting = [row for row in keys if row.state != "known"]
    if not waiting:
        return Finding("host keys", "ok", f"{len(keys)} known")
    names = _some([", ".join(row.names) or f"{row.host}:{row.port}" for row in waiting])
    verdict = "failed" if any(row.state == "changed" for row in waiting) else "warning"
    return Finding("host keys", verdict, f"changed or new, not trusted: {names}", "swim-tui hostkeys list")


def _ssh(rows: tuple[DeviceRow, ...], *, each: bool) -> list[Finding]:
    """What devices negotiated last: old algorithms are there for marked devices only."""
    read = [row for row in rows if row.ssh_algorithms]
    old = [row for row in read if _OLD.search(row.ssh_algorithms)]
    wrong = [row.name for row in old if not row.legacy_ssh]
    needless = [row.name for row in read if row.legacy_ssh and row not in old]
    marked = sum(row.legacy_ssh for row in rows)
    actual = f"{len(read)} read: {len(read) - len(old)} modern, {len(old)} with old algorithms; {marked} marked legacy"
    if wrong:
        found = [Finding("SSH of devices", "failed", f"{actual}; not marked: {_some(wrong)}", "this is a bug")]
    elif needless:
        words = f"{actual}; marked and do not need it: {_some(needless)}"
        found = [Finding("SSH of devices", "warning", words, "swim-tui devices edit NAME --modern-ssh")]
    else:
        found = [Finding("SSH of devices", "ok", actual)]
    if each:
        for row in sorted(read, key=lambda row: row.name):
            mark = " (marked legacy)" if row.legacy_ssh else ""
            verdict = "failed" if row.name in wrong else "ok"
            words = f"{row.ssh_algorithms}{mark}, {moment(row.facts_at)}"
            found.append(Finding(f"SSH of {row.name}", verdict, words))
    return found


def _hop(hop: HopReport) -> Finding:
    if hop.problem:
        return Finding(f"jump host {hop.name}", "failed", hop.problem.message, hop.problem.remedy)
    if hop.methods and not hop.methods[0].ok:
        advice = f"swim-tui jumps test {hop.name}"
        return Finding(f"jump host {hop.name}", "failed", hop.methods[0].detail, advice)
    return Finding(f"jump host {hop.name}", "ok", f"{hop.address}: {hop.algorithms}, passes on by {hop.method}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
