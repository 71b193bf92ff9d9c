"""What running phases tell besides their progress: facts, configurations, host keys, rates; each goes to its place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from swim_tui.engine import uncommitted
from swim_tui.engine.reach import jump_chain
from swim_tui.engine.records import DeviceSync, Rate, ServerNotes
from swim_tui.engine.runstate import AUTH_REFUSED
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.state import State
from swim_tui.errors import NotFound, SecretMissing, SwimError, describe
from swim_tui.model.device_path import same_file
from swim_tui.model.events import InventoryChanged
from swim_tui.model.facts import Facts
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ConfigCaptured, HostKeyLearned, PhaseResult, PhaseStatus, RateMeasured
from swim_tui.model.plan import Phase, ServerPlan
from swim_tui.paths import private_dir

log = logging.getLogger(__name__)

CONFIG_KEY = "engine/configs"
_NONCE_BYTES = 12
_UNREACHABLE = frozenset(f"SWIM-{number}" for number in (4000, 4010, 4015, 4020, 4040, 4045, 4050, 4060))


class Background:
    """Small jobs beside the loop that must not be forgotten while they run."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._patient: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], *, ends_with_engine: bool = False) -> None:
        """Run it; an error that nobody expected is logged. `ends_with_engine`: `settle` does not wait for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        if ends_with_engine:
            self._patient.add(task)
        task.add_done_callback(self._ended)

    async def settle(self) -> None:
        """Wait for everything that was begun, but for what only waits itself."""
        for task in list(self._patient):
            task.cancel()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._patient.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a background job failed", exc_info=task.exception())


def config_path(configs: Path, device: str, name: str, at: datetime) -> Path:
    """Where a captured configuration is kept."""
    return configs / quote(device, safe="") / f"{at:%Y%m%dT%H%M%S.%fZ}-{quote(name, safe='')}.enc"


class ConfigStore:
    """Captured configurations, encrypted under a key that is itself kept in the vault."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._cipher: AESGCM | None = None

    def save(self, device: str, captured: ConfigCaptured, at: datetime) -> Path:
        """Encrypt and write one configuration; blocks, so call it in a thread."""
        path = config_path(self._state.paths.configs, device, captured.name, at)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        box = nonce + self._key().encrypt(nonce, captured.text.encode("utf-8", "replace"), path.name.encode())
        private_dir(path.parent)
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(box)
        fresh.replace(path)
        return path

    def load(self, path: Path) -> str:
        """A configuration in plain text; blocks."""
        box = path.read_bytes()
        return self._key().decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], path.name.encode()).decode()

    def _key(self) -> AESGCM:
        if self._cipher is None:
            try:
                key = self._state.vault.get(CONFIG_KEY)["key"]
            except SecretMissing:
                key = secrets.token_hex(32)
                self._state.vault.put(CONFIG_KEY, {"key": key})
            self._cipher = AESGCM(bytes.fromhex(key))
        return self._cipher


class Effects:
    """Puts what phases learn where the rest of the engine finds it."""

    def __init__(self, state: State, background: Background) -> None:
        self._state = state
        self._background = background
        self.configs = ConfigStore(state)
        self.on_deadline: Callable[[], None] = lambda: None

    def facts_read(self, facts: Facts) -> None:
        """A fresh reading: the device answers, and what it will boot is known."""
        tables = self._state.tables
        self._state.keep(tables.facts.put(facts))
        known = tables.syncs.get(facts.device)
        sync = DeviceSync(facts.device, facts.read_at, reachable=True)
        if known is not None:
            boots = facts.boot_state().next_reload
            is_armed = bool(boots) and not same_file(boots[0], facts.version.image_file, facts)
            kept = replace(known, at=facts.read_at, reachable=True, problem=None, recovery=())
            sync = replace(kept, armed=known.armed if is_armed else "")
        self._state.keep(tables.syncs.put(uncommitted.as_read(sync, facts)))
        self.on_deadline()
        self._detect(facts)
        self._state.hub.publish(InventoryChanged((facts.device,)))

    def _detect(self, facts: Facts) -> None:
        device = self._state.tables.devices.get(facts.device)
        pack = self._state.packs.detect(facts.version) if device is not None and not device.platform else None
        if device is not None and pack is not None:
            self._state.keep(self._state.tables.devices.put(replace(device, platform=pack.name)))

    def config_captured(self, device: str, captured: ConfigCaptured) -> None:
        """Encrypt a configuration into configs/."""
        self._background.spawn(self._save_config(device, captured))

    async def _save_config(self, device: str, captured: ConfigCaptured) -> None:
        try:
            await asyncio.to_thread(self.configs.save, device, captured, self._state.clock.now())
        except (SwimError, OSError) as err:
            self._state.notify("error", f"configuration was not kept: {describe(err).one_line()}", device=device)

    def host_key_learned(self, learned: HostKeyLearned) -> None:
        """Write down a key that was trusted on first use; a key that is known is never replaced by this."""
        key = replace(learned.key, origin=TRUSTED, at=self._state.clock.now())
        if key.place not in self._state.tables.host_keys:
            self._state.keep(self._state.tables.host_keys.put(key))
            self._state.notify("info", f"host key of {key.place} trusted: {learned.fingerprint}")

    def rate_measured(self, device: str, pack: str, measured: RateMeasured) -> None:
        """Remember a rate for the device and, smoothed, for its platform."""
        now = self._state.clock.now()
        rates = self._state.tables.rates
        self._state.keep(rates.put(Rate(device, measured.bytes_per_s, now)))
        if pack:
            known = rates.get(pack)
            rate = measured.bytes_per_s if known is None else 0.7 * known.bytes_per_s + 0.3 * measured.bytes_per_s
            self._state.keep(rates.put(Rate(pack, rate, now)))

    def park(self, profile: str, reason: str, run_id: str) -> None:
        """Nobody logs in with this profile until a person confirms it again."""
        known = self._state.tables.profiles.get(profile)
        if known is None or known.parked:
            return
        self._state.keep(self._state.tables.profiles.put(replace(known, parked=True, parked_reason=reason)))
        self._state.notify("error", f"credential profile '{profile}' is parked: {reason}", run_id=run_id)

    def activation_announced(self, device: str, at: datetime, within_s: float) -> Future[None]:
        """The deadline of its commit counts from now; resolves when that is on the disk."""
        known = self._state.tables.syncs.get(device) or DeviceSync(device, at, reachable=True)
        written = self._state.tables.syncs.put(uncommitted.activated(known, at, within_s))
        self.on_deadline()
        return written

    def upload_ended(self, plan: ServerPlan, result: PhaseResult) -> None:
        """What lies on a SWIM server now."""
        if result.status is not PhaseStatus.SUCCESS:
            return
        notes = self._state.tables.server_notes
        known = notes.get(plan.server) or ServerNotes(plan.server)
        images = known.images | {op.path.rpartition("/")[2]: op.digest for op in plan.images}
        self._state.keep(notes.put(replace(known, images=images)))
        self._state.hub.publish(InventoryChanged())

    def _told_of_hops(self, device: str, result: PhaseResult) -> None:
        """What the end of a phase says of the jump hosts on the way to the device."""
        self._state.hops.failed(result.problem)
        known = self._state.tables.devices.get(device)
        if known is not None and result.status is PhaseStatus.SUCCESS:
            jumps = {jump.name: jump for jump in self._state.tables.jumps.all()}
            with contextlib.suppress(NotFound):  # removed from the inventory meanwhile
                self._state.hops.worked(jump.name for jump in jump_chain(known.jump, jumps))

    def phase_ended(self, device: str, phase: Phase, result: PhaseResult) -> None:
        """What the end of a phase says of the device itself."""
        known = self._state.tables.syncs.get(device) or DeviceSync(device, self._state.clock.now(), reachable=True)
        code = result.problem.code if result.problem else ""
        if result.problem is not None:
            keep_offer(self._state, result.problem)
        self._told_of_hops(device, result)
        is_down = code in _UNREACHABLE or result.outcome is Outcome.UNREACHABLE
        if result.status is PhaseStatus.SUCCESS:
            known = replace(known, reachable=True, problem=None, recovery=())
        elif code in _UNREACHABLE or code == AUTH_REFUSED or is_down:
            known = replace(known, reachable=not is_down, problem=result.problem, recovery=result.recovery)
        if result.outcome is Outcome.ARMED:
            known = replace(known, armed=result.message or "boots another image at its next reload")
        elif result.outcome is Outcome.UPGRADED:
            known = replace(known, armed="")
        known = uncommitted.ended(known, phase, result)
        self.on_deadline()
        self._state.keep(self._state.tables.syncs.put(replace(known, at=self._state.clock.now())))
        self._state.hub.publish(InventoryChanged((device,)))
