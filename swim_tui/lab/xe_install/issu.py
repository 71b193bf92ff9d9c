"""`install ... issu` on two supervisors or a virtual stack: the standby first, then the active by switchover."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..chassis.show import hot_state
from ..device import Device, Phase
from ..model import Software
from ..packages import CONF
from ..services import BootChoice
from ..units import Unit, Units
from .steps import InstallFailed, Steps
from .words import Options

if TYPE_CHECKING:
    from .sixteen import InstallCommands

SWITCHOVER_S = 20.0


def is_hot(device: Device, units: Units) -> bool:
    """Whether the standby could take over now."""
    standby = units.standby
    return standby is not None and "HOT" in hot_state(units, standby, is_cold=device.faults.has("standby_cold"))


async def until_hot(device: Device, units: Units) -> None:
    """Wait until the device is up and its standby hot."""
    while device.phase is not Phase.UP or not is_hot(device, units):  # noqa: ASYNC110 - a unit tells nobody
        await asyncio.sleep(0.02)


def take_over(device: Device, units: Units, standby: Unit, reason: str, by: str) -> None:
    """The standby becomes the active; the old active is the standby from now on, restarted."""
    old, units.active = units.active, standby
    assert standby.software is not None
    device.counters["switchovers"] = device.counters.get("switchovers", 0) + 1
    units.rename()
    units.restart(old)
    device.switch_over(BootChoice(standby.software, standby.path), reason, by, SWITCHOVER_S)


async def install_issu(commands: InstallCommands, steps: Steps, options: Options, software: Software) -> str:
    """Activate without an outage; the session ends in the switchover."""
    device, units, say = steps.device, steps.units, steps.report.say
    if not is_hot(device, units):
        raise InstallFailed("FAILED: ISSU pre-check: standby is not in STANDBY HOT state")
    if device.faults.has("issu_fails"):
        raise InstallFailed("FAILED: ISSU compatibility check failed: the images are not ISSU compatible")
    question = "This operation may require a reload of the system. Do you want to proceed? [y/n]"
    if not options.is_silent and await steps.report.ask(question) == "n":
        raise InstallFailed("", "exit(1): aborted by user")
    await steps.activate(software)
    standby = units.standby
    assert standby is not None
    steps.owner.database.issu, units.is_in_issu = "activate", True
    device.start_task(_go_on(commands, steps, options, software))
    say(
        "", "--- Starting Activate ISSU ---", "STAGE 0: System Level Sanity Check", "Finished System Level Sanity Check"
    )
    say("STAGE 1: Installing software on Standby", "Finished Installing software on Standby")
    say("STAGE 2: Restarting Standby", "--- Starting standby reload ---")
    await steps.report.take(5)
    return steps.success()


async def _go_on(commands: InstallCommands, steps: Steps, options: Options, software: Software) -> None:
    device, units, database = steps.device, steps.units, steps.owner.database
    standby = units.standby
    assert standby is not None
    standby.software, standby.path = software, f"{device.platform.boot_fs}:{CONF}"
    units.restart(standby)
    device.log("standby-reload", software.shown_version)
    await until_hot(device, units)
    device.broadcast("\nSTAGE 4: Restarting Active (switchover to standby)\n")
    old = units.active
    old.software, old.path = software, standby.path
    take_over(device, units, standby, "redundancy force-switchover", "install issu")
    await asyncio.sleep(0.05)
    await until_hot(device, units)
    database.started(software, is_install=True)
    database.issu, units.is_in_issu = "", False
    if options.commit:
        database.commit()
        device.log("install", "install_commit")
    else:
        commands.start_timer(options)


def show_issu_state(device: Device, units: Units, doing: str) -> str:
    """`show issu state detail` of 9400, 9500 and 9600."""
    standby = "Yes" if units.standby is not None else "No"
    rows = {
        "Platform ISSU Support": "Yes",
        "Standby Online": standby,
        "Autoboot Enabled": "No" if device.manual_boot else "Yes",
        "SSO Mode": "Yes" if is_hot(device, units) else "No",
        "Install Boot": "Yes" if device.running_path.endswith(".conf") else "No",
        "Valid Boot Media": "Yes",
        "Operational Mode": "HA-REMOTE" if units.standby is not None else "HA-STANDALONE",
    }
    table = "\n".join(f"  {name:<33}{value}" for name, value in rows.items())
    last = "ISSU operation is in progress" if doing else "No ISSU operation is in progress"
    return (
        "Current ISSU Status: Enabled\nPrevious ISSU Operation: N/A\n"
        "=======================================================\n"
        f"  {'System Check':<33}Status\n  {'-' * 55}\n{table}\n"
        f"=======================================================\n{last}\n\n"
    )
