"""The jump test: log in to each hop once and see how the last one passes connections on; a process of its own does it,
as the engine's loop does no SSH."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from swim_tui.engine.reach import Membership, jump_chain
from swim_tui.engine.services import jumpprobe
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.services.inventory_checks import get_device
from swim_tui.engine.services.jumpprobe import ITSELF, LENGTH, Asked, Findings, Order, frame
from swim_tui.engine.services.serverways import hop_of
from swim_tui.engine.services.settings import DEFAULT_PROFILE, SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, JumpError, NotFound
from swim_tui.model.device import Device, HopMethod, JumpHost
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.secret import Login
from swim_tui.model.views import HopReport, PendingQuestion

LIMIT_S = 90.0
ANSWER_LIMIT_S = 840.0


@dataclass
class _Pending:
    question: PendingQuestion
    answer: asyncio.Future[str | None]


class JumpTester:
    """Tests the way to and through a jump host of one engine."""

    def __init__(self, state: State, credentials: CredentialsService, settings: SettingsService) -> None:
        self._state = state
        self._credentials = credentials
        self._settings = settings
        self._pending: dict[str, _Pending] = {}

    async def test(self, name: str, device: str = "") -> list[HopReport]:
        """One report per hop, up to the first that fails; a refused login parks its profile.

        A one-time code is asked for as a question of run `jumps test NAME`.
        """
        if name not in self._state.tables.jumps:
            raise NotFound(kind="jump host", name=name, listing="jumps list")
        order = await asyncio.to_thread(self._order, name, device)
        findings = await self._in_process(order, name)
        for key in findings.learned:
            kept = replace(key, origin=TRUSTED, at=self._state.clock.now())
            await asyncio.wrap_future(self._state.tables.host_keys.put(kept))
        for report in findings.hops:
            self._state.hops.worked([report.name] if report.ok else ())
            self._state.hops.failed(report.problem)
            if report.problem is not None:
                keep_offer(self._state, report.problem)
        if findings.refused_profile:
            await self._credentials.park(findings.refused_profile, f"jump host {name} refused its login")
        return list(findings.hops)

    def questions(self) -> list[PendingQuestion]:
        """Codes that running tests wait for."""
        return [pending.question for pending in self._pending.values()]

    def answer(self, run_id: str, text: str | None) -> bool:
        """Give a code to the test that waits for it; False when none of this name does."""
        pending = self._pending.pop(run_id, None)
        if pending is None:
            return False
        if not pending.answer.done():
            pending.answer.set_result(text.strip() if text else None)
        return True

    def _order(self, name: str, device_name: str) -> Order:
        tables = self._state.tables
        jumps = {jump.name: jump for jump in tables.jumps.all()}
        chain = jump_chain((name,), jumps)
        for jump in chain:
            self._may_log_in(jump)
        hops = tuple(hop_of(jump, self._credentials) for jump in chain)
        device = get_device(self._state, device_name) if device_name else self._behind(name)
        if device is None and hops[-1].method is HopMethod.USER:
            detail = f"{name} takes its target in the user name"
            raise BadValue(name="device", value="", detail=detail, allowed="a device behind it")
        endpoint = Endpoint(
            device="",
            address=device.address if device else "127.0.0.1",
            port=device.port if device else hops[-1].port,
            login=self._name_only(device),
            hops=hops,
            known_hosts=tuple(tables.host_keys.all()),
            host_keys=self._settings.host_key_policy(),
            trust_epoch=self._state.trust_epoch,
        )
        return Order(endpoint, device.name if device else ITSELF)

    def _name_only(self, device: Device | None) -> Login:
        """The user of the target, for a user name that carries it; its secrets are not needed here."""
        if device is None:
            return Login("", "")
        membership = Membership(self._state.tables.groups.all())
        profile = membership.profile_of(device, self._settings.value(DEFAULT_PROFILE))
        kept = self._state.tables.profiles.get(profile)
        return Login(profile, kept.username if kept else "")

    def _behind(self, name: str) -> Device | None:
        """The first device, by name, whose last hop this is."""
        found = [d for d in self._state.tables.devices.all() if d.jump and d.jump[-1] == name]
        return min(found, key=lambda d: d.name, default=None)

    def _may_log_in(self, jump: JumpHost) -> None:
        if not jump.credentials:
            raise BadValue(
                name=f"jump host {jump.name}",
                value="",
                detail="it has no credentials",
                allowed="a profile: --credentials",
            )
        profile = self._state.tables.profiles.get(jump.credentials)
        if profile is not None and profile.parked:
            raise Conflict(
                detail=f"credential profile '{profile.name}' is parked: {profile.parked_reason}",
                action=f"confirm it first: swim-tui credentials confirm {profile.name}",
            )

    async def _in_process(self, order: Order, name: str) -> Findings:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            jumpprobe.__name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        last = order.endpoint.hops[-1]
        where: dict[str, Any] = {"address": last.address, "port": last.port, "hop": last.name}
        needs_person = any(hop.login.one_time_code for hop in order.endpoint.hops)
        limit_s = LIMIT_S + (ANSWER_LIMIT_S if needs_person else 0.0)
        try:
            async with asyncio.timeout(limit_s):
                process.stdin.write(frame(order))
                while not isinstance(said := await _read(process.stdout), Findings):
                    answer = await self._ask(name, said)
                    process.stdin.write(frame(answer))
                return said
        except TimeoutError:
            raise JumpError(**where, detail=f"no end after {limit_s:g} s") from None
        except (asyncio.IncompleteReadError, OSError):
            raise JumpError(**where, detail="the test itself failed") from None
        finally:
            self.answer(_run_id(name), None)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, name: str, asked: Asked) -> str | None:
        now = self._state.clock.now()
        until = now + timedelta(seconds=ANSWER_LIMIT_S)
        text = f"{asked.hop}: {asked.prompt}"
        question = PendingQuestion(_run_id(name), asked.hop, "one-time-code", text, now, until)
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._pending[question.run_id] = _Pending(question, answer)
        self._state.notify("warning", f"waiting for a person: {text}")
        return await answer


def _run_id(name: str) -> str:
    return f"jumps test {name}"


async def _read(stream: asyncio.StreamReader) -> Asked | Findings:
    (size,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
    found = pickle.loads(await stream.readexactly(size))
    assert isinstance(found, Asked | Findings)
    return found
