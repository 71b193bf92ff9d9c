"""The two supervisors of a Nexus 7000, each with its own bootflash: one active, one hot standby; they change places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..flash import File, FileSystem, NoSpace
from ..model import FlashFile, Software
from ..services import BootChoice
from ..stock import place

if TYPE_CHECKING:
    from ..device import Device

SWITCHOVER_S = 20.0
READY_S = 240.0
CARDS_S = 60.0
REMOTE = ("//sup-remote/", "//sup-standby/")


class Supervisors:
    """Slots, versions and the file system of the supervisor that is not active."""

    def __init__(self, device: Device, numbers: tuple[int, int]) -> None:
        self.device = device
        self.active, self.standby = numbers
        self.version = device.running_software.version  # of the standby
        self.ready_at = datetime.now(UTC)
        local = device.storage.system(device.platform.boot_fs)
        assert local is not None
        self.remote = FileSystem(local.prefix, local.total, local.kind, local.flags)
        names = (device.spec.running, *device.spec.boot)
        for name in dict.fromkeys(names):
            place(device, self.remote, FlashFile(name="", software=name))
        for item in device.spec.members[0].files if device.spec.members else ():
            place(device, self.remote, item)

    @property
    def is_ready(self) -> bool:
        """Whether the standby could take over now."""
        return datetime.now(UTC) >= self.ready_at and not self.device.faults.has("standby_cold")

    def is_remote(self, rest: str) -> str:
        """The part of a path that names the other supervisor; "" when it names this one."""
        return next((p for p in (*REMOTE, f"//sup-{self.sup_number(self.standby)}/") if rest.startswith(p)), "")

    def sup_number(self, slot: int) -> int:
        """sup-1 or sup-2 of a slot."""
        return 1 if slot == min(self.active, self.standby) else 2

    def sync(self, name: str) -> None:
        """`install all` brings its images to the standby. Errors: NoSpace."""
        local = self.device.storage.system(self.device.platform.boot_fs)
        assert local is not None
        file: File = local.files[name]
        kept = self.remote.files.get(name)
        if kept is None or kept.content != file.content:
            if self.device.faults.has("standby_full"):
                raise NoSpace
            self.remote.put(name, file.content, datetime.now(UTC))

    def restart(self, version: str) -> None:
        """The standby boots this version and is hot a while later."""
        self.version = version
        self.ready_at = datetime.now(UTC) + timedelta(seconds=self.device.services.seconds(READY_S))
        self.device.log("standby-reload", version)

    def whole_reload(self, version: str) -> None:
        """Both supervisors start again with the chassis."""
        times = self.device.boot_times
        self.restart(version)
        self.ready_at += timedelta(seconds=self.device.services.seconds(times.drop_s + times.dead_s))

    def take_over(self, software: Software, path: str, reason: str, by: str) -> None:
        """The standby becomes active; the supervisor that was active restarts as standby."""
        local = self.device.storage.system(self.device.platform.boot_fs)
        assert local is not None
        local.files, self.remote.files = self.remote.files, local.files
        self.active, self.standby = self.standby, self.active
        self.device.counters["switchovers"] = self.device.counters.get("switchovers", 0) + 1
        self.restart(software.version)
        self.device.switch_over(BootChoice(software, path), reason, by, SWITCHOVER_S)

    # -- what is shown ---------------------------------------------------------------------

    def rows(self) -> list[tuple[int, str, str, str]]:
        """(slot, ports and type, model, status) of every module, cards first or behind as the slots are."""
        texts = self.device.platform.texts
        model = texts["supervisor_model"]
        kind = f"0      {texts['module_type']}"
        other = "ha-standby" if self.is_ready else "powered-up"
        found = [(self.active, kind, model, "active *"), (self.standby, kind, model, other)]
        for word in texts.get("cards", "").split():
            slot, _, card = word.partition(":")
            found.append((int(slot), "48     10 Gbps Ethernet Module", card, "ok"))
        return sorted(found)

    def version_of(self, slot: int) -> str:
        """What a module runs."""
        return self.version if slot == self.standby else self.device.running_software.version

    def show_module(self) -> str:
        """`show module` of a chassis."""
        rule = "---  -----  ----------------------------------- ------------------ ----------"
        rows = self.rows()
        lines = ["Mod  Ports  Module-Type                         Model              Status", rule]
        lines += [f"{slot:<5}{kind:<43}{model:<19}{status}" for slot, kind, model, status in rows]
        lines += ["", "Mod  Sw               Hw", "---  ---------------  ------"]
        lines += [f"{slot:<5}{self.version_of(slot):<17}1.0" for slot, *_ in rows]
        lines += ["", "Mod  MAC-Address(es)                         Serial-Num"]
        lines.append("---  --------------------------------------  ----------")
        serial, mac = self.device.serial, self.device.mac
        lines += [f"{slot:<5}{mac} to {mac}        {serial[:-1]}{slot}" for slot, *_ in rows]
        return "\n".join([*lines, "", "* this terminal session"]) + "\n"

    def show_redundancy(self) -> str:
        """`show redundancy status` and `show system redundancy status`."""
        ready = self.is_ready
        mine = "Active with HA standby" if ready else "Active with no standby"
        other = ("HA standby", "HA standby") if ready else ("Unknown", "Other")
        return (
            "Redundancy mode\n---------------\n      administrative:   HA\n"
            f"         operational:   {'HA' if ready else 'None'}\n\n"
            f"This supervisor (sup-{self.sup_number(self.active)})\n-----------------------\n"
            "    Redundancy state:   Active\n    Supervisor state:   Active\n"
            f"      Internal state:   {mine}\n\n"
            f"Other supervisor (sup-{self.sup_number(self.standby)})\n------------------------\n"
            f"    Redundancy state:   Standby\n\n"
            f"    Supervisor state:   {other[0]}\n      Internal state:   {other[1]}\n"
        )
