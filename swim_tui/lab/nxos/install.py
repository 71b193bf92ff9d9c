"""`install all` of NX-OS: checks with bars, the impact table, the question, and the reload."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from ..device import Device
from ..flash import NoSpace
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..model import Software
from .files import locate
from .shell import NxosShell
from .state import BUSY_S, boot_paths, full_path, image, names, set_boot, stamp, state
from .supervisors import Supervisors

ANSWER_S = 600.0
BAR = 20
BUSY = "Another install procedure may be in progress. (0x401E0007)\n"


@dataclass
class Wish:
    """What `install all` is asked to do."""

    paths: dict[str, str] = field(default_factory=dict)
    is_non_disruptive: bool = False
    no_reload: bool = False

    def software(self, device: Device) -> dict[str, Software | None]:
        """The images the paths lead to; None where one is missing, damaged or of another kind."""
        return {name: image(device, path, name) for name, path in self.paths.items()}


def parse_wish(text: str, is_split: bool) -> Wish | None:
    """`nxos bootflash:x [non-disruptive]` or `kickstart K system S`; None when it is incomplete."""
    wish, words = Wish(), text.split()
    while words:
        word = words.pop(0)
        if word in names(is_split) and words:
            wish.paths[word] = full_path(words.pop(0))
        elif word == "non-disruptive":
            wish.is_non_disruptive = True
        elif word in ("no-reload", "noreload"):
            wish.no_reload = True
        elif word not in ("parallel", "no-save", "non-interruptive", "compact"):
            return None
    return wish if set(wish.paths) == set(names(is_split)) else None


class Installer:
    """One run of `install all`, or of its dry twin `show install all impact`."""

    def __init__(self, shell: NxosShell, wish: Wish) -> None:
        self.shell = shell
        self.device = shell.device
        self.wish = wish
        self.fault = shell.device.faults.get("nxos_install_fails")

    @property
    def is_disruptive(self) -> bool:
        """Downgrades always are, and so is everything that was not asked for otherwise."""
        if self.sups is not None:  # two supervisors: in service unless something forbids it
            can = self.sups.is_ready and not self._is_downgrade()
            return not can or self.device.faults.has("forced_disruptive")
        return not self.wish.is_non_disruptive or self.device.faults.has("forced_disruptive") or self._is_downgrade()

    @property
    def sups(self) -> Supervisors | None:
        """The two supervisors of a chassis."""
        return state(self.shell).sups

    def _is_downgrade(self) -> bool:
        def key(version: str) -> list[int]:
            digits = "".join(char if char.isdigit() else " " for char in version)
            return [int(part) for part in digits.split()]

        new = self.wish.software(self.device)[names(state(self.shell).is_split)[-1]]
        return new is not None and key(new.version) < key(self.device.running_software.version)

    def say(self, text: str) -> None:
        """Text for the terminal and for the install log."""
        self.shell.term.write(text)
        state(self.shell).install_log += text.splitlines()

    async def bar(self, title: str, seconds: float = 4.0, *, code: str = "") -> bool:
        """A bar that is rewritten in place, and its end."""
        self.say(f"{title}\n")
        stops = (0, 25) if code else (0, 20, 45, 70, 100)
        for percent in stops:
            filled = percent * BAR // 100
            self.shell.term.write(f"\r[{'#' * filled}{' ' * (BAR - filled)}] {percent:>3}%")
            await self.shell.term.wait(self.device.services.seconds(seconds / len(stops)))
        self.say(f" -- FAIL.\nReturn code {code}.\n" if code else " -- SUCCESS\n")
        self.shell.term.write("\n")
        return not code

    def _fails(self, kind: str) -> bool:
        return self.fault is not None and self.fault.value == kind

    async def check(self) -> bool:
        """Everything up to the tables."""
        found = self.wish.software(self.device)
        self.say("Installer will perform compatibility check first. Please wait. \n")
        if self.is_disruptive:
            self.say("Installer is forced disruptive\n")
        self.say("\n")
        for name, path in self.wish.paths.items():
            is_bad = found[name] is None or self._fails("verify")
            code = "0x40930011 (Image verification failed)" if is_bad else ""
            if not await self.bar(f'Verifying image {path} for boot variable "{name}".', 20, code=code):
                self.say("Pre-upgrade check failed. Return code 0x40930011 (Image verification failed).\n")
                return False
        await self.bar("Verifying image type.")
        for name, path in self.wish.paths.items():
            await self.bar(f'Preparing "{name}" version info using image {path}.')
        await self.bar(f'Preparing "bios" version info using image {next(iter(self.wish.paths.values()))}.')
        await self.bar("Performing module support checks.")
        versions = {software.version for software in found.values() if software}
        if self._fails("precheck") or len(versions) > 1:
            await self.bar("Notifying services about system upgrade.", code="0x40930013 (incompatible image)")
            self.say("Pre-upgrade check failed. Return code 0x40930013 (incompatible image).\n")
            return False
        if self._fails("incompatible"):
            self._incompatible()
            return False
        if self._fails("icam"):
            self.say('Service "icam" in vdc 1: icam does not support non-disruptive upgrade\n')
            self.say("Pre-upgrade check failed. Return code 0x41930034 (aborting due to failed upgrade).\n")
            return False
        if self.sups is not None and not await self._sync(self.sups):
            return False
        await self.bar("Notifying services about system upgrade.")
        return True

    async def _sync(self, sups: Supervisors) -> bool:
        for path in self.wish.paths.values():
            try:
                sups.sync(path.partition(":")[2].lstrip("/"))
            except NoSpace:
                await self.bar(f"Syncing image {path} to standby.", code="0x4093001E (No space left on device)")
                self.say("Pre-upgrade check failed. Return code 0x4093001E (No space left on device).\n")
                return False
            await self.bar(f"Syncing image {path} to standby.", 20)
        return True

    def _slots(self) -> list[tuple[int, bool]]:
        """Slot numbers, and whether it is a supervisor."""
        if self.sups is None:
            return [(1, True)]
        return [(slot, slot in (self.sups.active, self.sups.standby)) for slot, *_ in self.sups.rows()]

    def _incompatible(self) -> None:
        image_name = list(self.wish.paths.values())[-1]
        self.say(
            "Running-config contains configuration that is incompatible with the new image (strict incompatibility).\n"
            f"Please run 'show incompatibility-all nxos {image_name}' command to find out which feature needs to be "
            "disabled.\nPre-upgrade check failed. Return code 0x40930029 (Current running-config is not supported "
            "by new image).\n"
        )

    def tables(self) -> None:
        """The impact and the versions."""
        found = self.wish.software(self.device)
        kind = "disruptive" if self.is_disruptive else "non-disruptive"
        why = "default upgrade is not hitless" if self.is_disruptive else ""
        rows = ""
        for slot, is_sup in self._slots():
            how = "reset" if is_sup or self.is_disruptive else "rolling"
            rows += f"{slot:>6}       yes  {kind:>14}  {how:>12}  {why}\n"
        self.say(
            "Compatibility check is done:\nModule  bootable          Impact  Install-type  Reason\n"
            "------  --------  --------------  ------------  ------\n"
            f"{rows}\n\n"
            "Images will be upgraded according to following table:\n"
            "Module       Image                  Running-Version(pri:alt)           New-Version  Upg-Required\n"
            "------  ----------  ----------------------------------------  --------------------  ------------\n"
        )
        now = self.device.running_software.version
        for name, software in found.items():
            assert software is not None
            required = "yes" if software.version != now else "no"
            for slot, is_sup in self._slots():
                if is_sup:
                    self.say(f"{slot:>6}  {name:>10}  {now:>40}  {software.version:>20}  {required:>12}\n")
        bios = f"v{state(self.shell).bios}(06/12/2019)"
        self.say(f"     1        bios  {f'{bios}:{bios}':>40}  {bios:>20}            no\n\n")

    async def execute(self) -> None:
        """After the answer: boot variables, configuration, modules, and the reload."""
        term, device = self.shell.term, self.device
        device.changed()
        self.say("\nInstall is in progress, please wait.\n\n")
        if self._fails("runtime"):
            await self.bar("Performing runtime checks.", code="0x40930020 (Runtime check failed)")
            self.say("Install has failed. Return code 0x40930020 (Runtime check failed).\n")
            return
        await self.bar("Performing runtime checks.")
        if self._fails("late"):
            await self.bar("Setting boot variables.", code="0x40930023 (Boot variable could not be set)")
            self.say("Install has failed. Return code 0x40930023 (Boot variable could not be set).\n")
            return
        for name, path in self.wish.paths.items():
            set_boot(device.running, name, path)
        await self.bar("Setting boot variables.")
        await self.bar("Performing configuration copy.", 10)
        device.save_config()
        self.say("Module 1: Refreshing compact flash and upgrading bios/loader/bootrom.\n")
        await self.bar("Warning: please do not remove or power off the module at this time.", 40)
        device.counters["installs"] = device.counters.get("installs", 0) + 1
        device.log("install", " ".join(self.wish.paths.values()), self.shell.link.session)
        own = state(self.shell)
        own.install_boots = device.counters["boots"]
        if self.wish.no_reload:
            self.say("Install has been successful. The new image takes effect with the next reload.\n")
            return
        if self.sups is not None and not self.is_disruptive:
            await self._in_service(self.sups)
            return
        if self.sups is not None:
            self.sups.whole_reload(self._system().version)
        if self.is_disruptive:
            self.say("\nFinishing the upgrade, switch will reboot in 10 seconds.\n")
        else:
            self.say(
                "\nModule 1: Waiting for module online.\n -- SUCCESS\n\n"
                "Upgrade can no longer be aborted, any failure will result in a disruptive upgrade.\n"
            )
        await term.wait(device.services.seconds(10))
        reason = "Disruptive upgrade" if self.is_disruptive else "Reset due to non-disruptive upgrade"
        device.reload(reason, self.shell.link.session)
        await self.shell.die_with_device()

    def _system(self) -> Software:
        """The image that becomes the system."""
        found = self.wish.software(self.device)[names(state(self.shell).is_split)[-1]]
        assert found is not None  # checked before the question
        return found

    async def _in_service(self, sups: Supervisors) -> None:
        """The standby first, then the switchover; the old active follows as the new standby."""
        device, system = self.device, self._system()
        sups.restart(system.version)
        self.say(f"\nModule {sups.standby}: Waiting for module online.\n")
        while not sups.is_ready:
            if device.faults.has("standby_cold"):
                self.say(" -- FAIL.\nReturn code 0x40930040 (Standby did not come online).\nInstall has failed.\n")
                return
            await self.shell.term.wait(0.02)
        self.say(" -- SUCCESS\n\nNotifying services about the switchover.\n -- SUCCESS\n\n")
        self.say('"Switching over onto standby".\n')
        state(self.shell).install_log.append("Continuing with installation process, please wait.")
        own = state(self.shell)
        if own.is_split:
            own.kickstart_path = self.wish.paths["kickstart"]
        path = self.wish.paths[names(own.is_split)[-1]]
        sups.take_over(system, path, "Reset due to non-disruptive upgrade", self.shell.link.session)
        await self.shell.die_with_device()


def _missing(shell: Shell, wish: Wish) -> str:
    for path in wish.paths.values():
        where = locate(shell, path)
        if where is None or where[1] not in where[0].files:
            return f"Pre-upgrade check failed. Return code 0x40930019 (No such file or directory): {path}\n"
    return ""


def _is_busy(shell: Shell) -> bool:
    own, device = state(shell), shell.device
    fault = device.faults.get("nxos_install_fails")
    if own.is_installing or (fault is not None and fault.value == "busy"):
        return True
    if own.installed_at is None:
        return False
    return (datetime.now(UTC) - own.installed_at).total_seconds() < device.services.seconds(BUSY_S)


async def install_all(shell: Shell, args: list[str]) -> str:
    """`install all ...`."""
    own = state(shell)
    wish = parse_wish(args[0], own.is_split)
    if wish is None:
        return "% Incomplete command at '^' marker.\n"
    if _is_busy(shell):
        return BUSY
    missing = _missing(shell, wish)
    if missing:
        return missing
    installer = Installer(cast(NxosShell, shell), wish)
    own.install_log, own.is_installing = [stamp()], True
    try:
        if not await installer.check():
            return "Install has failed.\n"
        installer.tables()
        if installer.is_disruptive:
            installer.say("Switch will be reloaded for disruptive upgrade.\n")
        question = "Do you want to continue with the installation (y/n)?  [n] "
        if await _asked(cast(NxosShell, shell), question) != "y":
            return "Install has been aborted by the user.\n"
        await installer.execute()
    finally:
        own.is_installing, own.installed_at = False, datetime.now(UTC)
    return ""


async def _asked(shell: NxosShell, question: str) -> str:
    """The question times out as no."""
    import asyncio

    try:
        async with asyncio.timeout(shell.device.services.seconds(ANSWER_S)):
            return await shell.ask(question, "n")
    except TimeoutError:
        return "n"


async def impact(shell: Shell, args: list[str]) -> str:
    """`show install all impact ...`: the same checks and tables, no change."""
    wish = parse_wish(args[0], state(shell).is_split)
    if wish is None:
        return "% Incomplete command at '^' marker.\n"
    missing = _missing(shell, wish)
    if missing:
        return missing
    installer = Installer(cast(NxosShell, shell), wish)
    kept = state(shell).install_log
    if await installer.check():
        installer.tables()
    state(shell).install_log = kept
    return ""


async def install_status(shell: Shell, args: list[str]) -> str:
    """`show install all status`: the log of the last install, with its end after the reboot."""
    own, device = state(shell), shell.device
    if not own.install_log:
        return "There is no installation in progress.\nThere is no log of any previous installation.\n"
    text = "This is the log of last installation.\n\n" + "\n".join(own.install_log) + "\n"
    if own.sups is not None and any("Switching over onto standby" in line for line in own.install_log):
        if own.sups.is_ready:
            text += f"\n{stamp()}\nModule {own.sups.standby}: Waiting for module online.\n -- SUCCESS\n\n"
            text += "Install has been successful.\n"
        return text
    if device.counters["boots"] > own.install_boots and any(
        "Finishing the upgrade" in line for line in own.install_log
    ):
        text += (
            f"\n{stamp()}\nContinuing with installation process, please wait.\n"
            "The login will be disabled until the installation is completed.\n\n"
        )
        wanted = boot_paths(device.running, own.is_split).get(names(own.is_split)[-1], "")
        is_good = full_path(device.running_path) == full_path(wanted)
        text += "Install has been successful.\n" if is_good else "Install has failed. Return code 0x40930030.\n"
    return text


async def incompatibility(shell: Shell, args: list[str]) -> str:
    """`show incompatibility-all nxos bootflash:x`."""
    path = args[-1].split()[-1]
    if locate(shell, path) is None or image(shell.device, path, names(state(shell).is_split)[-1]) is None:
        return f"Image {path} could not be verified\n"
    fault = shell.device.faults.get("nxos_install_fails")
    if fault is not None and fault.value == "incompatible":
        return (
            "Checking incompatible configuration(s) for vdc 'switch':\n--------------------------------------------\n"
            "The following configurations on active are incompatible with the system image\n"
            "1) Service : nbm , Capability : CAP_FEATURE_NBM_ENABLED\n   Disable/Enable command : no feature nbm\n"
        )
    return (
        "Checking incompatible configuration(s) \n-----------------------------------------\n"
        "No incompatible configurations \n\nChecking dynamic incompatibilities: \n"
        "-------------------------------------\nNo incompatible configurations \n"
    )


def add_install_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module."""
    for pattern, handler in (
        ("install all <what...>", install_all),
        ("show install all impact <what...>", impact),
        ("show install all status", install_status),
        ("show incompatibility-all nxos <path...>", incompatibility),
        ("show incompatibility-all system <path...>", incompatibility),
        ("show incompatibility system <path...>", incompatibility),
    ):
        grammar.add(pattern, handler)
