"""A simulated device: its state, its connections, its reloads. What it says is its personality's business."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import asyncssh

from .algorithms import new_host_key
from .config import Configuration
from .content import Growing, Text, identify
from .faults import DEVICE_FAULTS, FaultSet
from .flash import FileSystem
from .model import BootTimes, DeviceSpec, Software
from .services import BootChoice, Personality, Services
from .stock import build_storage
from .wire import Listener, Wire

if TYPE_CHECKING:
    from .sessions import Link


class Phase(StrEnum):
    """Where a device is in its life."""

    UP = "up"
    ENDING = "ending"
    DOWN = "down"
    EARLY = "early"
    LOADER = "loader"


class Device:
    """One device of the network."""

    def __init__(
        self,
        spec: DeviceSpec,
        services: Services,
        personality: Personality,
        key: asyncssh.SSHKey,
        opener: Callable[[Device, Wire], None],
    ) -> None:
        self._opener = opener
        self.spec = spec
        self.services = services
        self.personality = personality
        self.key = key
        self.name = spec.name
        self.platform = spec.platform
        self.faults = FaultSet(DEVICE_FAULTS)
        self.links: list[Link] = []
        self.listener: Listener | None = None
        self.phase = Phase.UP
        self.counters = dict.fromkeys(("reloads", "boots", "logins", "failed_logins", "changing_lines", "bytes"), 0)
        self.options: asyncssh.SSHServerConnectionOptions | None = None
        self.booted_at = datetime.now(UTC) - timedelta(days=spec.uptime_days)
        self.auth_from = self.booted_at
        self.reload_reason = "power-on"
        self.register = spec.config_register or spec.platform.config_register
        self.next_register = ""
        self.manual_boot = spec.manual_boot
        self.is_dirty = False
        self.reload_at: datetime | None = None
        self.reload_note = ""
        self.boot_notes: list[str] = []
        # Personalities hang in what they know: rows of state(), and seconds a boot takes beyond the usual.
        self.details: dict[str, Callable[[], Any]] = {}
        self.extra_boot_s: Callable[[], float] = lambda: 0.0
        self.reload_notice = ""
        self.storage = build_storage(self)
        self.running_software = services.software[spec.running]
        self.running_path = f"{spec.platform.boot_fs}:{'/' if spec.platform.dir_slash else ''}{spec.running}"
        self.startup: Configuration | None = personality.first_config(self)
        self.startup_version = self.running_software.version
        self.running = self.startup.copy()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.Task[None] | None = None
        for text in spec.faults:
            self.set_fault(text)

    # -- facts -----------------------------------------------------------------------------

    @property
    def boot_times(self) -> BootTimes:
        """Its own boot times, or its platform's."""
        return self.spec.boot_times or self.platform.boot

    @property
    def serial(self) -> str:
        """A serial number that is always the same for this name."""
        return "FOX" + hashlib.md5(self.name.encode()).hexdigest()[:8].upper()

    @property
    def mac(self) -> str:
        """A MAC address that is always the same for this name."""
        digits = hashlib.md5(f"mac {self.name}".encode()).hexdigest()
        return f"00{digits[:2]}.{digits[2:6]}.{digits[6:10]}"

    def is_listening(self) -> bool:
        """Whether its SSH port is open."""
        return self.phase in (Phase.UP, Phase.ENDING, Phase.EARLY) and not self.faults.has("refuse_connection")

    def log(self, event: str, line: str = "", session: str = "") -> None:
        """Write to the lab's log."""
        self.services.journal.write(self.name, event, line, session)

    def changed(self) -> None:
        """Count a line that changes the device."""
        self.counters["changing_lines"] += 1

    # -- faults ----------------------------------------------------------------------------

    def set_fault(self, text: str) -> None:
        """Give it a fault, now."""
        fault = self.faults.add(text)
        self.log("fault", text)
        if fault.name == "dirty_config":
            self.running.enter("alias exec sv show version")
            self.is_dirty = True
        elif fault.name == "manual_boot":
            self.manual_boot = True
        elif fault.name == "config_register_next":
            self.next_register = fault.value
        elif fault.name == "legacy_kex":
            self.options = None
        elif fault.name == "new_host_key":
            self.key = new_host_key(is_legacy=self.key.get_algorithm() == "ssh-rsa")
            self.options = None
        self.apply_listening()

    def clear_fault(self, name: str = "") -> list[str]:
        """Take one fault away, or all."""
        gone = self.faults.clear(name)
        for fault in gone:
            self.log("fault-cleared", fault)
            if fault == "manual_boot":
                self.manual_boot = self.spec.manual_boot
            elif fault == "config_register_next":
                self.next_register = ""
            elif fault == "legacy_kex":
                self.options = None
        self.apply_listening()
        return gone

    def apply_listening(self) -> None:
        """Open or close the TCP port, if it has one of its own."""
        if self.listener is not None:
            if self.is_listening():
                self.listener.open()
            else:
                self.listener.close()

    # -- connections -----------------------------------------------------------------------

    def accept(self, wire: Wire) -> None:
        """Serve a new connection."""
        if not self.is_listening():
            wire.close()
        elif self.phase is Phase.EARLY:
            # The listener is up before the SSH process is: a banner, then the end.
            wire.write(f"SSH-2.0-{self.platform.ssh_version}\r\n".encode())
            wire.close()
        elif self.faults.has("vty_full") or len(self.links) >= self.platform.vty_lines:
            self.log("refused", "no free vty")
            wire.close()
        else:
            self._opener(self, wire)

    def start_task(self, work: Any) -> asyncio.Task[None]:
        """Run a coroutine for as long as the device lives."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def stop(self) -> None:
        """End everything at once (the lab goes down)."""
        self.cancel_reload()
        for task in list(self._tasks):
            task.cancel()
        for link in list(self.links):
            link.wire.abort()
        if self.listener is not None:
            self.listener.give_up()

    def broadcast(self, text: str) -> None:
        """A line on every terminal."""
        for link in self.links:
            if link.terminal is not None:
                link.terminal.write(text)

    # -- configuration ---------------------------------------------------------------------

    def save_config(self) -> None:
        """Copy running to startup."""
        self.startup = self.running.copy()
        self.startup_version = self.running_software.version
        self.is_dirty = False

    # -- reload ----------------------------------------------------------------------------

    def schedule_reload(self, seconds: float, note: str) -> None:
        """Reload after a while (already scaled)."""
        self.cancel_reload()
        self.reload_at = datetime.now(UTC) + timedelta(seconds=seconds)
        self.reload_note = note

        async def later() -> None:
            await asyncio.sleep(seconds)
            self._timer = None
            self.reload(note or "Reload Command", "scheduled")

        self._timer = asyncio.get_running_loop().create_task(later())

    def cancel_reload(self) -> bool:
        """Stop a scheduled reload; whether there was one."""
        timer, self._timer = self._timer, None
        self.reload_at = None
        if timer is not None:
            timer.cancel()
        return timer is not None

    def reload(self, reason: str, by: str) -> None:
        """Go down now and come back with whatever the boot state says."""
        if self.phase is not Phase.UP:
            return
        self.cancel_reload()
        self.phase = Phase.ENDING
        self.counters["reloads"] += 1
        self.log("reload", reason, by)
        self.start_task(self._reload(reason))

    async def _reload(self, reason: str) -> None:
        times = self.boot_times
        await asyncio.sleep(self.services.seconds(times.drop_s))
        self.phase = Phase.DOWN
        self.apply_listening()
        wires = [link.wire for link in self.links]
        for link in list(self.links):
            link.die(times.death)
        await asyncio.sleep(self.services.seconds(times.dead_s + self.extra_boot_s()))
        for wire in wires:
            # Whoever still waits on a session from before gets a RST from the system that has started.
            wire.reset()
        choice = self._boot_choice()
        if choice.software is None:
            self.phase = Phase.LOADER
            self.log("boot", choice.note or "no image: boot loader")
            return
        self._start(choice, reason)
        self.phase = Phase.EARLY
        self.apply_listening()
        await asyncio.sleep(self.services.seconds(times.early_s))
        self.phase = Phase.UP
        self.log("ready", self.running_path)
        crash = self.faults.take("crash_again")
        if crash is not None:
            await asyncio.sleep(self.services.seconds(crash.number))
            self.reload("Critical software exception, check bootflash:crashinfo_RP_00_00", "crash")

    def switch_over(self, choice: BootChoice, reason: str, by: str, dead_s: float) -> None:
        """The standby takes over with what it runs: sessions end, the address answers again soon."""
        if self.phase is not Phase.UP:
            return
        self.phase = Phase.ENDING
        self.log("switchover", reason, by)
        self.start_task(self._switch_over(choice, reason, dead_s))

    async def _switch_over(self, choice: BootChoice, reason: str, dead_s: float) -> None:
        await asyncio.sleep(self.services.seconds(2))
        self.phase = Phase.DOWN
        self.apply_listening()
        for link in list(self.links):
            link.die(self.boot_times.death)
        await asyncio.sleep(self.services.seconds(dead_s))
        self._start(choice, reason)
        self.phase = Phase.UP
        self.apply_listening()
        self.log("ready", self.running_path)

    def _boot_choice(self) -> BootChoice:
        if self.faults.take("never_back"):
            return BootChoice(None, note="never_back")
        if self.faults.has("manual_boot"):
            return BootChoice(None, note="manual boot")
        if self.next_register:
            self.register, self.next_register = self.next_register, ""
        if self.faults.take("back_on_old"):
            return BootChoice(self.running_software, self.running_path, "back_on_old")
        return self.personality.choose_boot(self)

    def clock(self, at: datetime) -> datetime:
        """What the device's own clock shows at that instant."""
        slow = self.faults.get("clock_slow")
        return at - timedelta(seconds=slow.number) if slow is not None else at

    def _start(self, choice: BootChoice, reason: str) -> None:
        assert choice.software is not None
        self.running_software = choice.software
        self.running_path = choice.path
        self.running = self.startup.copy() if self.startup else Configuration.of("version 15.4\n!\nend")
        self.is_dirty = False
        self.booted_at = self.auth_from = datetime.now(UTC)
        late = self.faults.get("late_auth")
        if late is not None:
            self.auth_from += timedelta(seconds=self.services.seconds(late.number))
        self.reload_reason = reason
        self.counters["boots"] += 1
        self.log("boot", choice.path)

    def bootable(self, path: str) -> Software | None:
        """The software of an image on flash, if this device can start it."""
        found = self.storage.locate(path)
        file = found[0].files.get(found[2]) if found else None
        if file is None or isinstance(file.content, Text):
            return None
        software = identify(file.content, file.name)
        return software if software is not None and not software.inner and self.fits(software) else None

    def fits(self, software: Software) -> bool:
        """Whether a software is made for this device."""
        known = not software.platforms or self.platform.name in software.platforms
        return known and software.family in self.platform.families

    def state(self) -> dict[str, Any]:
        """Everything about it, for the control socket."""
        return {
            "name": self.name,
            "phase": self.phase.value,
            "version": self.running_software.xe_version or self.running_software.version,
            "image": self.running_path,
            "booted_at": self.booted_at.isoformat(),
            "reload_reason": self.reload_reason,
            "config_register": self.register,
            "next_register": self.next_register,
            "manual_boot": self.manual_boot,
            "is_dirty": self.is_dirty,
            "boot_lines": {
                "running": self.running.boot_lines(),
                "startup": self.startup.boot_lines() if self.startup else [],
            },
            "running_config": self.running.text(),
            "startup_config": self.startup.text() if self.startup else "",
            "file_systems": {
                system.prefix: {
                    "total": system.total,
                    "free": self.free(system),
                    "files": {
                        file.name: {"size": file.size, "is_whole": not isinstance(file.content, Growing)}
                        for file in system.files.values()
                    },
                }
                for system in self.storage.systems
                if system.has_sizes
            },
            "faults": self.faults.texts(),
            "counters": {**self.counters, "sessions": len(self.links)},
            "boot_notes": self.boot_notes,
            **{name: make() for name, make in self.details.items()},
        }

    def free(self, system: FileSystem) -> int:
        """Free bytes of a file system, the flash_full and member_full faults included."""
        full = self.faults.get("member_full")
        names = {system.prefix, *system.aliases}
        if full and names & {f"{self.platform.boot_fs}{dash}{full.value}" for dash in ("", "-")}:
            return 0
        return 0 if system.prefix == self.platform.boot_fs and self.faults.has("flash_full") else system.free
