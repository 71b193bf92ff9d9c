"""Image Deployment and Activate Job Options: the job's options, with why one is not available here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from swim_tui.model.checks import Verdict
from swim_tui.model.device import DeviceClass, Role
from swim_tui.model.options import ActivateMode, CommitMode, DirtyConfig, JobOptions, UpgradeMode
from swim_tui.model.views import DeviceRow, PackRow
from swim_tui.ui.wizards.fields import SWITCH, FieldSpec
from swim_tui.ui.wizards.step import FormStep

_CARRIES = frozenset({Role.CORE, Role.DISTRIBUTION, Role.WAN, Role.PATH})
_ACTIVATE = (
    (ActivateMode.OFF, "OFF"),
    (ActivateMode.SEQUENTIAL, "Sequential"),
    (ActivateMode.SEQUENTIAL_PER_GROUP, "Sequential per group"),
    (ActivateMode.PARALLEL, "Parallel"),
)
_MODES = (
    (UpgradeMode.CURRENT, "Currently Existing"),
    (UpgradeMode.BUNDLE, "Bundle Mode"),
    (UpgradeMode.INSTALL, "Install Mode"),
)
_COMMIT = (
    (CommitMode.AFTER_PROOF, "after proof"),
    (CommitMode.WITH_ACTIVATION, "with the activation"),
    (CommitMode.BY_HAND, "by hand"),
)
_DIRTY = ((DirtyConfig.SAVE, "save with boot variable"), (DirtyConfig.EXCLUDE, "exclude the device"))
_XR = frozenset({DeviceClass.XR_32, DeviceClass.XR_64, DeviceClass.XR7})
_BOOTS_BY_ITSELF = _XR | {DeviceClass.NXOS}  # the install sets what boots
_ENUMS: dict[str, Any] = {
    "activate": ActivateMode, "upgrade_mode": UpgradeMode, "commit": CommitMode, "dirty_config": DirtyConfig,
}  # fmt: skip
_NUMBERS = {"max_distribution": (1, 1000), "max_activation": (1, 200)}


def _whole(low: int, high: int) -> Any:
    def check(text: str) -> str:
        good = text.isdecimal() and low <= int(text) <= high
        return "" if good else f"a whole number from {low} to {high}"

    return check


class OptionStep(FormStep):
    """Defaults are the settings'; what is changed here holds for this job only."""

    title: ClassVar[str] = "Image Deployment"
    brief: ClassVar[str] = "Deployment"
    hint: ClassVar[str] = "Space or the arrows change an option, for this job only."
    only_activation: ClassVar[bool] = False

    # --- what decides the availability ---

    @property
    def rows(self) -> list[DeviceRow]:
        """The selected devices."""
        held = self.wizard.mirror.devices
        return [held[name] for name in self.draft.devices if name in held]

    @property
    def platforms(self) -> list[PackRow]:
        """The device packs of the selected devices."""
        names = dict.fromkeys(row.platform for row in self.rows)
        return [self.wizard.packs[name] for name in names if name in self.wizard.packs]

    def _unsupported(self, word: str, what: str) -> str:
        """Why an option is of no use: no chosen platform has it. Unknown platforms get the benefit of the doubt."""
        platforms = self.platforms
        if platforms and not any(word in pack.supports for pack in platforms):
            return f"{', '.join(pack.name for pack in platforms[:2])}: {what}"
        return ""

    def _why_no_fallback(self) -> str:
        held = {row.key: row.value for row in self.wizard.settings}
        if held.get("file_server.tftp", "on") != "on":
            return "first switch on Local File Server: TFTP in Settings (,)"
        return self._unsupported("tftp-fallback", "no boot over TFTP")

    def _class_of(self, row: DeviceRow) -> str:
        pack = self.wizard.packs.get(row.platform)
        return pack.device_class if pack is not None else ""

    def _why_no_backup(self) -> str:
        """Where the system is a set of packages there is no file that one could copy."""
        if self.rows and all(row.mode == "install" or self._class_of(row) in _XR for row in self.rows):
            return "the devices run packages, no single image file"
        return ""

    def _why_no_boot(self) -> str:
        if self.rows and all(self._class_of(row) in _BOOTS_BY_ITSELF for row in self.rows):
            return "the installation sets what boots"
        return ""

    def _why_not_activate(self, options: JobOptions) -> str:
        needs_boot = any(row.mode != "install" and self._class_of(row) not in _BOOTS_BY_ITSELF for row in self.rows)
        if not self.only_activation and needs_boot and not options.insert_boot_command:
            return "needs Insert boot command"
        return ""

    def _why_not_ready(self, options: JobOptions) -> str:
        if options.activate is ActivateMode.OFF:
            return "Activate is OFF"
        carrier = next((row for row in self.rows if row.role in _CARRIES), None)
        return f"not with role {carrier.role}" if carrier is not None else ""

    def _why_no_mode(self) -> str:
        platforms = self.platforms
        if not platforms or any(len(pack.upgrade_modes) > 1 for pack in platforms):
            return ""
        modes = {mode for pack in platforms for mode in pack.upgrade_modes}
        return f"{modes.pop()} mode only" if len(modes) == 1 else "one mode each"

    def _mode_help(self) -> str:
        rows = [f"{pack.name}: {', '.join(pack.upgrade_modes)}" for pack in self.platforms if pack.upgrade_modes]
        words = "Bundle: one .bin in RAM. Install: packages.conf."
        return f"{words} {'; '.join(rows[:3])}." if rows else f"{words} Where it does not fit the plan says why."

    def _modes(self) -> Sequence[tuple[UpgradeMode, str]]:
        """Currently Existing, and the modes that some selected platform has."""
        known = {mode for pack in self.platforms for mode in pack.upgrade_modes}
        return [each for each in _MODES if not known or each[0] is UpgradeMode.CURRENT or each[0].value in known]

    # --- fields ---

    def only(self, names: Sequence[str]) -> list[FieldSpec]:
        """Some of the options, for jobs that have few."""
        return [spec for name in names for spec in self.all_specs() if spec.name == name]

    def specs(self) -> Sequence[FieldSpec]:
        """Those that only a copy has are left out of an activation."""
        return self.all_specs()

    def all_specs(self) -> list[FieldSpec]:
        """Options in the order of the reference."""
        o = self.wizard.options
        off = "" if o.activate is not ActivateMode.OFF else "Activate is OFF"
        copy = [
            _switch("backup_current_image", "Backup Current Image", o.backup_current_image, self._why_no_backup(),
                    help="Archives the running image first: slows the distribution considerably, helps a rollback."),
            _switch("tftp_fallback", "TFTP Fall Back", o.tftp_fallback, self._why_no_fallback(),
                    help="For devices that hold one image only: a last boot line loads the old one from here."),
            _switch("erase_flash", "Erase Flash Before Distribution", o.erase_flash,
                    help="Avoid if you can: it deletes old images where space is short, on every member (see plan)."),
            _switch("insert_boot_command", "Insert boot command", o.insert_boot_command, self._why_no_boot(),
                    help="Writes and saves the boot variable. In Bundle Mode a reload without it boots the OLD image."),
        ]  # fmt: skip
        active = [
            _choice("activate", "Activate", o.activate, _ACTIVATE[1:] if self.only_activation else _ACTIVATE,
                    self._why_not_activate(o),
                    help="Sequential: one down at a time (core, mixed jobs); per group: one in each location. "
                         "Parallel: edge devices only."),
            _choice("upgrade_mode", "Device Upgrade Mode", o.upgrade_mode, self._modes(), self._why_no_mode(),
                    help=self._mode_help()),
            _choice("commit", "Commit", o.commit, _COMMIT,
                    off or self._unsupported("commit", "no commit"),
                    help="What is not committed is gone at the next reload; a rollback goes back to the last commit."),
            _switch("issu", "ISSU", o.issu, off or self._unsupported("issu", "no in-service upgrade"),
                    help="Needs no reboot where the device can do it; the plan shows its own claims."),
            _switch("activate_when_ready", "Activate each device as soon as it is ready", o.activate_when_ready,
                    self._why_not_ready(o),
                    help="Does not wait for the other copies. Never with core, distribution, wan or path devices."),
            _choice("dirty_config", "Unsaved configuration", o.dirty_config, _DIRTY, off,
                    help="What happens to a device whose running configuration is not saved."),
            _switch("force_reload", "Reload what runs the target already", o.force_reload, off,
                    help="Needs a typed consent for each such device."),
        ]  # fmt: skip
        always = _choice(
            "insert_boot_command", "Insert boot command", "on", (("on", "on"),),
            self._why_no_boot() or "else the reload boots the OLD image",
            help="An activation always writes and saves the boot variable before it reloads.",
        )  # fmt: skip
        job = [
            _switch("continue_on_failure", "Continue on failure", o.continue_on_failure,
                    help="Other devices go on. Off: no new device starts after the first failure."),
            _switch("verify_hash", "Verify image hash after copy", o.verify_hash),
            _switch("enable_scp_for_copy", "Enable SCP server for the copy", o.enable_scp_for_copy,
                    help="The plan shows both lines; it is taken back before anything is saved."),
            _switch("without_config_backup", "Without configuration backup", o.without_config_backup,
                    help="Goes on where the configuration cannot be read; otherwise such a device is excluded."),
        ]  # fmt: skip
        numbers = [
            _number(
                "max_distribution", "Devices that copy at once", self.value("max_distribution") or o.max_distribution
            ),
            _number("max_activation", "Devices in a parallel batch", self.value("max_activation") or o.max_activation),
        ]
        dry = _switch("dry_run", "Dry run", o.dry_run, help="Real devices, read-only commands, nothing is changed.")
        if self.only_activation:
            return [*active[:2], always, *active[2:], job[0], job[3], numbers[1], dry]
        return [*copy, *active, *job, *numbers, dry]

    def field_changed(self, name: str) -> None:
        """Take it into the options, with what follows from it."""
        text = self.draft.form[name]
        options = self.wizard.options
        value: Any = text == "on"
        if name in _ENUMS:
            value = _ENUMS[name](text)
        elif name in _NUMBERS:
            low, high = _NUMBERS[name]
            if _whole(low, high)(text):
                return
            value = int(text)
        options = replace(options, **{name: value})
        if self._why_not_activate(options):
            options = replace(options, activate=ActivateMode.OFF)
        if self._why_not_ready(options):
            options = replace(options, activate_when_ready=False)
        if options.activate is ActivateMode.OFF:
            options = replace(options, force_reload=False, issu=False)
        self.draft.options = options
        self.draft.consents = []

    async def enter(self) -> None:
        """The devices may be others now: what is no longer available is off."""
        options = self.wizard.options
        if self._why_not_activate(options):
            options = replace(options, activate=ActivateMode.OFF)
        if self._why_no_backup():
            options = replace(options, backup_current_image=False)
        if options != self.wizard.options:
            self.draft.options = options
        plans = [plan for name in self.draft.devices if (plan := self.wizard.verifier.plan(name)) is not None]
        if plans and not any(plan.included for plan in plans):
            bad = [check.name for plan in plans for check in plan.checks if check.verdict is Verdict.FAILED]
            names = ", ".join(name.removesuffix(":") for name in dict.fromkeys(bad))
            self.app.notify(
                f"Nobody takes part yet ({names}): an option here may mend it, the plan says whether it does."
            )
        await super().enter()


class ActivateOptionStep(OptionStep):
    """Activate Job Options."""

    title: ClassVar[str] = "Activate Job Options"
    brief: ClassVar[str] = "Options"
    only_activation: ClassVar[bool] = True


def _switch(name: str, label: str, on: bool, why: str = "", help: str = "") -> FieldSpec:
    return FieldSpec(name, label, "on" if on else "off", SWITCH, why, help)


def _choice(
    name: str, label: str, value: str, choices: Sequence[tuple[str, str]], why: str = "", help: str = ""
) -> FieldSpec:
    plain = tuple((str(each), title) for each, title in choices)
    return FieldSpec(name, label, str(value), plain, why, help)


def _number(name: str, label: str, value: object) -> FieldSpec:
    low, high = _NUMBERS[name]
    return FieldSpec(name, label, str(value), help=f"{low} to {high}", check=_whole(low, high))
