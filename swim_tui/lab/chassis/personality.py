"""The personality of devices with units: every member boots for itself, and shows so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ..config import Configuration
from ..device import Device
from ..grammar import Grammar
from ..ios.bootstate import boot_paths
from ..ios.personality import IosPersonality
from ..ios.shell import Handler, Shell
from ..ios.system import boot_manual, config_grammar
from ..model import Software
from ..services import BootChoice
from ..sessions import Link
from ..units import Unit, Units
from . import boot, show


def texts(make: Callable[[], str]) -> Handler:
    """A handler for a command without arguments that only prints."""

    async def handler(shell: Shell, args: list[str]) -> str:
        return make()

    return handler


def has_ssh(software: Software) -> bool:
    """Images without `k9` have no crypto; the 9000s' names say nothing of it."""
    return "k9" in software.image.lower() or software.image.upper().startswith("CAT9K")


class UnitPersonality(IosPersonality):
    """IOS and IOS-XE with one or several units."""

    device: Device
    units: Units

    def __init__(self) -> None:
        self.microcode = ""
        self.at_boot: dict[int, list[str]] = {}

    # -- start -----------------------------------------------------------------------------

    def first_config(self, device: Device) -> Configuration:
        """Make the units, and the configuration they start with."""
        self.device = device
        self.units = Units(device)
        self.microcode = device.running_software.microcode
        device.details["members"] = self.units.as_state
        device.extra_boot_s = self.extra_boot_s
        if self.units.style == "xe" and len(self.units.all) > 1:
            device.reload_notice = "Reload command is being issued on Active unit, this will reload the whole stack"
        files = self.prepare(device)
        config = super().first_config(device)
        line = device.platform.texts.get("stack_boot_line", "") if len(self.units.all) > 1 else ""
        lead = "boot system "
        form = line or device.platform.boot_line
        config.set_boot_lines(form.format(file=file)[len(lead) :] for file in files if file != "-")
        for unit in self.units.all:
            entries = boot.entries_for(config, self.units, unit)
            self.at_boot[unit.number] = boot_paths(entries, device.platform.boot_fs)
        return config

    def prepare(self, device: Device) -> tuple[str, ...]:
        """Put on flash what the device runs; the files its boot lines name."""
        return device.spec.boot or (device.spec.running,)

    # -- boot ------------------------------------------------------------------------------

    def extra_boot_s(self) -> float:
        """A first boot with other microcode takes its time."""
        software = boot.pick(self.device, self.units, self.units.active).software
        changes = software is not None and software.microcode not in ("", self.microcode)
        return self.units.rules.microcode_s if changes else 0.0

    def choose_boot(self, device: Device) -> BootChoice:
        """Every unit by its own boot variable; another one is active when the active starts nothing."""
        register = int(device.register, 16)
        if register & 0xF == 0:
            return BootChoice(None, note="boot field 0: boot loader")
        if register & 0x40 or device.startup is None:
            return BootChoice(None, note="started without its configuration: unreachable")
        if device.manual_boot:
            return BootChoice(None, note="manual boot")
        others = sorted((u for u in self.units.all if u is not self.units.active), key=lambda u: -u.priority)
        picks = {unit.number: boot.pick(device, self.units, unit) for unit in self.units.all}
        first = next((unit for unit in (self.units.active, *others) if picks[unit.number].software), None)
        device.boot_notes = list(picks[self.units.active.number].notes)
        if first is None:
            return BootChoice(None, note="no bootable image on flash")
        self.units.active = first
        self._start_units(picks)
        chosen = picks[first.number]
        assert chosen.software is not None
        if not has_ssh(chosen.software):
            return BootChoice(None, note=f"{chosen.path} has no SSH: unreachable")
        self.microcode = chosen.software.microcode or self.microcode
        self.booted(chosen.software, chosen.path)
        return BootChoice(chosen.software, chosen.path)

    def _start_units(self, picks: dict[int, boot.Pick]) -> None:
        device = self.device
        stays, gone = device.faults.take("v_mismatch"), device.faults.get("member_removed")
        until = datetime.now(UTC) + timedelta(
            seconds=device.services.seconds(device.boot_times.early_s + self.units.join_s())
        )
        for unit in self.units.all:
            found = picks[unit.number]
            unit.ready_at = until
            unit.is_removed = found.software is None or bool(gone and int(gone.number) == unit.number)
            if not (stays and int(stays.number) == unit.number and unit is not self.units.active):
                unit.software, unit.path = found.software, found.path
            self.at_boot[unit.number] = boot.paths_for(device, self.units, unit)
        self.units.rename()

    def booted(self, software: Software, path: str) -> None:
        """The device has started this; classes with install state look at it here."""

    # -- commands --------------------------------------------------------------------------

    def _exec_grammar(self, device: Device) -> Grammar[Handler]:
        grammar = super()._exec_grammar(device)
        units, forms = self.units, device.platform.boot_forms
        grammar.add("show version", texts(lambda: show.show_version(device, units)), 0)
        if units.is_switch:
            grammar.add("show switch", texts(lambda: show.show_switch(units)), 1)
            grammar.add("show switch detail", texts(lambda: show.show_switch_detail(units)), 1)
        if "switch" in forms:
            grammar.add("show boot", texts(lambda: boot.show_boot_path_list(device, units)), 1)
        if "switches" in forms:
            grammar.add("show boot", texts(lambda: boot.show_boot_per_switch(device, units, self.at_boot)), 1)
        if "flat" in forms:
            for name in ("show boot", "show bootvar"):
                grammar.add(name, texts(lambda: boot.show_boot_flat(device, units)), 1)
        elif "bootvar" in forms:
            grammar.add("show bootvar", texts(lambda: boot.show_bootvar_router(device, units)), 1)
            if "boot" in forms:
                grammar.add("show boot", texts(lambda: boot.show_bootvar_router(device, units)), 1)
        if units.style not in ("", "classic"):
            grammar.add("show redundancy", texts(lambda: show.show_redundancy(device, units, self.boot_text())), 1)
            grammar.add("show redundancy states", texts(lambda: show.show_redundancy_states(device, units)), 1)
        for name in ("inventory", "module", "platform"):
            if name in device.platform.texts:
                grammar.add(f"show {name}", texts(lambda name=name: self.platform_text(name)), 1)  # type: ignore[misc]
        grammar.add("reload slot <number>", self.reload_slot, 15)
        self.add_commands(grammar)
        return grammar

    async def reload_slot(self, shell: Shell, args: list[str]) -> str:
        """`reload slot N`: one member restarts, by its own boot variable."""
        unit = self.units.find(int(args[0])) if args[0].isdigit() else None
        if unit is None or unit is self.units.active:
            return "% Invalid slot\n" if unit is None else "% Cannot reload the active this way\n"
        if not await shell.term.confirm("Proceed with reload? [confirm]"):
            return ""
        self.restart_unit(unit)
        return ""

    def restart_unit(self, unit: Unit) -> None:
        """A unit other than the active boots again."""
        found = boot.pick(self.device, self.units, unit)
        unit.is_removed = found.software is None
        unit.software, unit.path = found.software, found.path
        self.units.restart(unit)
        self.units.rename()
        self.device.log("unit-reload", f"{unit.number} {found.path}")

    def add_commands(self, grammar: Grammar[Handler]) -> None:
        """The commands of the class."""

    def add_config(self, grammar: Grammar[Handler]) -> None:
        """The configuration commands of the class."""

    def boot_text(self) -> str:
        """The boot variable of the active, as redundancy prints it."""
        paths = boot.paths_for(self.device, self.units, self.units.active)
        return boot.variable(self.device, paths).partition(" = ")[2]

    def platform_text(self, name: str) -> str:
        """A text of the platform file; `name_unit` is repeated for each unit."""
        device = self.device
        base = show.fields(device, self.units)
        text = device.platform.texts[name].format_map(base)
        per_unit = device.platform.texts.get(f"{name}_unit", "")
        for unit in self.units.present if per_unit else []:
            own = {"number": unit.number, "pid": unit.pid, "serial": unit.serial, "mac": unit.mac}
            own |= {"state": self.units.state(unit), "role": self.units.role(unit), "label": self.unit_word(unit)}
            own |= {"status": "ok, active" if unit is self.units.active else "ok, standby"}
            own |= {"unit_version": unit.software.shown_version if unit.software else ""}
            text += per_unit.format_map({**base, **own})
        return text

    def unit_word(self, unit: Unit) -> str:
        """`Active` or `Standby hot`, for module tables."""
        return "Active" if unit is self.units.active else "Standby hot" if self.units.is_ready(unit) else "Standby cold"

    def _shell(self, link: Link) -> Shell:
        assert link.terminal is not None
        is_switch = any(form in link.device.platform.boot_forms for form in ("switch", "switches", "flat"))
        config = config_grammar(is_switch=is_switch)
        if is_switch:
            config.add("boot manual switch all", boot_manual)
            config.add("no boot manual switch all", boot_manual)
        self.add_config(config)
        return Shell(link, link.terminal, self._exec_grammar(link.device), config)
