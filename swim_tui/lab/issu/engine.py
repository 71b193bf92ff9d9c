"""The steps of an ISSU: load on the standby, run by switchover, accept, commit; a timer rolls back in between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..chassis.boot import startable
from ..chassis.personality import UnitPersonality
from ..device import Phase
from ..model import Software
from ..units import Unit
from ..xe_install.issu import is_hot, take_over, until_hot

DEFAULT_TIMER_S = 2700.0


class IssuError(Exception):
    """A step is refused; the text is what the device prints."""


@dataclass
class IssuState:
    """Where an ISSU is: the last operation, both images, and when it rolls back."""

    step: str = ""
    old_path: str = ""
    new_path: str = ""
    started: datetime | None = None
    deadline: datetime | None = None
    is_accepted: bool = False

    @property
    def shown(self) -> str:
        """Init, Load Version or Run Version."""
        return {"": "Init", "loadversion": "Load Version"}.get(self.step, "Run Version")


class IssuEngine:
    """The ISSU of one device."""

    def __init__(self, owner: UnitPersonality, *, timer_from: str) -> None:
        self.owner = owner
        self.device = owner.device
        self.units = owner.units
        self.state = IssuState()
        self.timer_s = DEFAULT_TIMER_S
        # On 4500 the timer starts with runversion, on ASR1000 with loadversion.
        self._timer_from = timer_from
        self.device.details["issu"] = lambda: {"step": self.state.step, "is_accepted": self.state.is_accepted}

    # -- helpers ---------------------------------------------------------------------------

    def _fault(self, step: str) -> None:
        fault = self.device.faults.get("issu_fails")
        if fault is not None and fault.value == step:
            raise IssuError(f"% ISSU {step} failed: the images are not compatible")

    def _standby(self) -> Unit:
        standby = self.units.standby
        if standby is None:
            raise IssuError("% There is no STANDBY present.")
        if not is_hot(self.device, self.units):
            raise IssuError("% Standby not ready for switchover.")
        return standby

    def _image(self, unit: Unit, path: str) -> tuple[Software, str]:
        """The software of a path on a unit, and that path as the unit itself names it."""
        prefix, _, rest = path.partition(":")
        base = next((base for base, system in unit.systems.items() if prefix in (base, system.prefix)), prefix)
        own = f"{base}:{rest.strip('/')}"
        software = startable(self.device, self.units, unit, own)
        if software is None:
            raise IssuError(f"%Error opening {path} (No such file or directory)")
        return software, own

    def _wait_timer(self) -> None:
        fault = self.device.faults.get("auto_abort_after")
        seconds = self.device.services.seconds(fault.number if fault else self.timer_s)
        at = self.state.deadline = datetime.now(UTC) + timedelta(seconds=seconds)
        self.device.start_task(self._roll_back(at, seconds))

    async def _roll_back(self, at: datetime, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await until_hot(self.device, self.units)
        if self.state.deadline == at:
            self.device.log("install", "issu rollback timer expired")
            self._back()

    def reset(self) -> None:
        """After a reload of everything nothing is left of an ISSU."""
        self.state = IssuState()

    # -- steps -----------------------------------------------------------------------------

    def load(self, active_path: str, standby_path: str) -> None:
        """The standby restarts with the new image."""
        if self.state.step:
            raise IssuError("% ISSU is already in progress")
        standby = self._standby()
        self._fault("loadversion")
        software, own = self._image(standby, standby_path)
        if active_path:
            self._image(self.units.active, active_path)
        self.state = IssuState("loadversion", self.device.running_path, own, datetime.now(UTC))
        standby.software, standby.path = software, own
        self.units.restart(standby)
        self._count(f"issu loadversion {standby_path}")
        if self._timer_from == "loadversion":
            self._wait_timer()

    def _count(self, line: str) -> None:
        self.device.counters["installs"] = self.device.counters.get("installs", 0) + 1
        self.device.log("install", line)

    def check_run(self) -> None:
        """Whether a runversion would be taken."""
        if self.state.step != "loadversion":
            raise IssuError("% ISSU state is not Load Version")
        self._standby()
        self._fault("runversion")

    def run(self, by: str) -> None:
        """Switchover: the new image runs, the old active restarts with the old one."""
        self.check_run()
        self.state.step = "runversion"
        self.device.log("install", "issu runversion")
        take_over(self.device, self.units, self._standby(), "redundancy force-switchover", by)
        if self._timer_from == "runversion":
            self._wait_timer()

    def accept(self) -> None:
        """The timer stops."""
        if self.state.step != "runversion":
            raise IssuError("% ISSU state is not Run Version")
        self._fault("acceptversion")
        self.state.is_accepted, self.state.deadline = True, None
        self.state.step = "acceptversion"
        self.device.log("install", "issu acceptversion")

    def commit(self, *, restart: bool) -> None:
        """The new image is in the boot variable of both; the other processor restarts with it."""
        if self.state.step not in ("runversion", "acceptversion"):
            raise IssuError("% ISSU state is not Run Version")
        standby = self._standby()
        self._fault("commitversion")
        self._image(standby, self.state.new_path)
        form = self.device.platform.boot_line.partition("boot system ")[2].partition(self.device.platform.boot_fs)[0]
        entries = [f"{form}{path}" for path in (self.state.new_path, self.state.old_path)]
        self.device.running.set_boot_lines(entries)
        self.device.save_config()
        self.device.log("install", "issu commitversion")
        self.state = IssuState()
        if restart:
            self.owner.restart_unit(standby)

    def abort(self) -> None:
        """Back to the old image, from wherever it stands."""
        if not self.state.step:
            raise IssuError("% No ISSU operation is in progress")
        self.device.log("install", "issu abortversion")
        self._back()

    def _back(self) -> None:
        step, old_path = self.state.step, self.state.old_path
        self.reset()
        standby = self.units.standby
        if standby is None:
            return
        if step == "loadversion":
            standby.software, standby.path = self.device.running_software, old_path
            self.units.restart(standby)
            return
        old, was_path = standby.software, standby.path
        take_over(self.device, self.units, standby, "redundancy force-switchover", "issu rollback")
        other = self.units.standby
        if other is not None:
            other.software, other.path = old, was_path

    async def change(self, active_path: str, standby_path: str) -> None:
        """All four steps, one after the other."""
        self.load(active_path, standby_path)
        self.device.start_task(self._change())

    async def _change(self) -> None:
        await until_hot(self.device, self.units)
        self.run("issu changeversion")
        await asyncio.sleep(0.05)
        await until_hot(self.device, self.units)
        if self.device.phase is Phase.UP and self.state.step == "runversion":
            self.accept()
            self.commit(restart=True)
