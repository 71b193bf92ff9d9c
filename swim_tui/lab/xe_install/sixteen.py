"""`install add`, `activate`, `commit`, `abort`, `rollback` and `auto-abort-timer` of IOS-XE 16.x and later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from ..chassis.work import Report, on_device, stamp
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..ios.system import write_memory
from ..model import Software
from ..packages import has_packages, provision
from ..terminal import Aborted, SessionClosed
from .issu import install_issu
from .remove import remove
from .smus import SmuCommands
from .steps import InstallFailed, Steps
from .words import Options, parse

if TYPE_CHECKING:
    from .personality import XeInstallPersonality

DEFAULT_TIMER_S = 7200
RELOAD_QUESTION = "This operation may require a reload of the system. Do you want to proceed? [y/n]"
MODIFIED = (
    "System configuration has been modified.\n"
    "Press Yes(y) to save the configuration and proceed.\n"
    "Press No(n) for proceeding without saving the configuration.\n"
    "Press Quit(q) to exit, you may save configuration and re-enter the command. [y/n/q]"
)
ALREADY_ADDED = (
    "Error: Super package already added. Add operation not allowed. "
    "install remove inactive can be used to discard added packages"
)
INVALID = "% Invalid input detected at '^' marker.\n\n"
REASON = "Image Install "
RELOADING = (
    "\nChassis 1 reloading, reason - Reload command\n"
    "%PMAN-5-EXITACTION: F0/0: pvp: Process manager is exiting: process exit with reload chassis code\n"
)
Work = Callable[[Steps], Awaitable[str]]


class InstallCommands:
    """The `install` commands of one device."""

    def __init__(self, personality: XeInstallPersonality) -> None:
        self.owner = personality
        self.device = personality.device
        self.units = personality.units
        self.database = personality.database
        self.smus = SmuCommands(self)

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        for pattern, handler in (
            ("install add <options...>", self.install_add),
            ("install activate", self.install_activate),
            ("install activate <options...>", self.install_activate),
            ("install commit", self.install_commit),
            ("install deactivate <options...>", self.smus.install_deactivate),
            ("install abort", self.install_abort),
            ("install abort <options...>", self.install_abort),
            ("install rollback to <options...>", self.install_rollback),
            ("install remove <options...>", self.install_remove),
            ("install auto-abort-timer stop", self.stop_timer),
            ("install label <number> <options...>", self.label),
            ("clear install state", self.clear_state),
        ):
            grammar.add(pattern, handler, 15)

    # -- frame -----------------------------------------------------------------------------

    async def operation(self, shell: Shell, name: str, work: Work) -> str:
        """One operation: alone, logged, ended by SUCCESS or FAILED."""
        return await on_device(shell, self._operation(Steps(self.owner, Report(shell), name), work))

    async def _operation(self, steps: Steps, work: Work) -> str:
        name, log = steps.name, self.database.log
        steps.start()
        if self.database.operation or self.device.faults.has("install_running"):
            return (
                f"ERROR: {name}: cannot start new install operation, some operation is already running\n"
                f"FAILED: {name} exit(1) {stamp()}\n"
            )
        if self.database.issu or steps.cause == "issu":
            return f"Install ISSU in progress. Abort the ISSU upgrade to proceed\nFAILED: {name} exit(1) {stamp()}\n"
        self.database.operation = name
        log.append(f"[0|{name}]: START {stamp()}")
        try:
            text = await work(steps)
        except InstallFailed as err:
            log.append(f"[0|{name}]: END FAILED  {stamp()}")
            self.device.log("install-failed", f"{name} {err.reason}", steps.report.shell.link.session)
            reason = f"{err.reason}\n" if err.reason else ""
            return f"{reason}FAILED: {name} {err.words} {stamp()}\n"
        except (SessionClosed, Aborted):  # its question has nobody left to answer it
            log.append(f"[0|{name}]: END FAILED  {stamp()}")
            raise
        finally:
            self.database.operation = ""
        log.append(f"[0|{name}]: END SUCCESS  {stamp()}")
        return text

    async def _ask_save(self, steps: Steps, options: Options) -> None:
        if not self.device.is_dirty or options.is_silent:
            return
        answer = await steps.report.ask(MODIFIED, "ynq")
        if answer == "q":
            raise InstallFailed("", "exit(1): quit by user")
        if answer == "y":
            steps.report.say((await write_memory(steps.report.shell, [])).rstrip("\n"))

    async def _ask_reload(self, steps: Steps, options: Options) -> None:
        if not options.is_silent and await steps.report.ask(RELOAD_QUESTION) == "n":
            raise InstallFailed("", "exit(1): aborted by user")

    def reload_now(self, steps: Steps, name: str = "") -> str:
        """Success, and a little later the sessions are gone."""
        steps.report.say("Install will reload the system now!")
        self.device.reload(REASON, steps.report.shell.link.session)
        # The prompt is back when these lines come; a little later the sessions are gone.
        asyncio.get_running_loop().call_later(
            self.device.services.seconds(self.device.boot_times.drop_s) / 2, self.device.broadcast, RELOADING
        )
        return steps.success(name)

    # -- add -------------------------------------------------------------------------------

    async def install_add(self, shell: Shell, args: list[str]) -> str:
        """`install add file X [activate [issu] [commit]]`."""
        options = parse(args[0].split())
        if options.bad or not options.path or (options.commit and not options.activate):
            return INVALID if options.bad else "% Incomplete command.\n\n"
        name = "install_add" + "_activate" * options.activate + "_commit" * options.commit
        return await self.operation(shell, name, lambda steps: self._add(steps, options))

    async def _add(self, steps: Steps, options: Options) -> str:
        say = steps.report.say
        patch = self.smus.of_file(options.path)
        if patch is not None:
            return await self.smus.add(steps, options, patch)
        if options.activate:
            await self._ask_save(steps, options)
            await self._ask_bundle(steps)
        if steps.is_17:
            if options.activate:
                steps.start("install_add")
            say(f"install_add: Adding {steps.kind}")
        else:
            say(f"{steps.name}: Adding {steps.kind}", "", "Checking whether new add is allowed ....")
        if steps.cause == "xfsu":
            say("SUCCESS: xFSU-pre-check finished", "FAILED: xFSU requirement pre-check")
            raise InstallFailed("", ": Abort xFSU install since requirement does not met")
        software = steps.find(options.path)
        if software.file == self.device.running_software.file and self.owner.is_install_mode:
            say("Same Image File-No Change")
            return steps.success()
        if software.file in self.database.added:
            if not options.activate:
                raise InstallFailed(ALREADY_ADDED)
        else:
            software = await steps.add(options.path)
        if not options.activate:
            return (
                steps.success() if steps.is_17 else f"SUCCESS: install_add {steps.fs_path}/{software.file} {stamp()}\n"
            )
        return await self._activate(steps, options, software)

    async def _ask_bundle(self, steps: Steps) -> None:
        if self.owner.is_install_mode:
            return
        question = f"Please confirm you have changed boot config to {self.device.platform.boot_fs}:packages.conf [y/n]"
        if await steps.report.ask(question) == "n":
            raise InstallFailed("ERROR: boot config has to be changed first")

    # -- activate --------------------------------------------------------------------------

    async def install_activate(self, shell: Shell, args: list[str]) -> str:
        """`install activate [auto-abort-timer N] [issu] [prompt-level none]`."""
        options = parse(args[0].split() if args else [])
        if options.bad:
            return INVALID

        async def work(steps: Steps) -> str:
            await self._ask_save(steps, options)
            patch = self.smus.of_file(options.path) if options.path else None
            if patch is not None:
                return await self.smus.activate(steps, options, patch)
            if not self.database.added:
                raise InstallFailed("ERROR: there is no added package to activate")
            return await self._activate(steps, options, list(self.database.added.values())[-1])

        return await self.operation(shell, "install_activate", work)

    async def _activate(self, steps: Steps, options: Options, software: Software) -> str:
        steps.report.say(f"install_activate: Activating {steps.kind}")
        steps.list_packages(software)
        if options.issu:
            return await install_issu(self, steps, options, software)
        await self._ask_reload(steps, options)
        await steps.activate(software)
        if options.commit:
            await steps.commit()
        else:
            self.start_timer(options)
        steps.report.say("", "[1]: Performing Upgrade_Service", "300+0 records in", "300+0 records out")
        steps.report.say("SUCCESS: Upgrade_Service finished", "")
        return self.reload_now(steps)

    def start_timer(self, options: Options) -> None:
        """The auto-abort timer of an activation without commit."""
        seconds = options.timer_minutes * 60 or DEFAULT_TIMER_S
        at = self.database.deadline = self.owner.later(seconds)
        self.device.broadcast(
            f"\n%INSTALL-5-INSTALL_AUTO_ABORT_TIMER_PROGRESS: {self.units.active.number}/0/0: install_engine: "
            f"Install auto abort timer will expire in {seconds} seconds\n"
        )
        self.device.start_task(self._auto_abort(at))

    async def _auto_abort(self, at: datetime) -> None:
        await self.owner.until(at)
        if self.database.deadline != at:
            return
        self.device.log("install", "auto-abort timer expired")
        if not self.smus.needs_reload():
            self.database.give_up()
            return
        self._restore(self.database.committed)
        self.database.give_up()
        self.device.reload("Install ", "auto-abort timer")

    def _restore(self, software: Software | None) -> bool:
        """Provision a release again everywhere; False when packages are gone."""
        systems = [self.units.boot_system(unit) for unit in self.units.present]
        if software is None or not all(has_packages(system, software) for system in systems):
            return False
        for system in systems:
            provision(system, software)
        return True

    # -- commit, abort, rollback -----------------------------------------------------------

    async def install_commit(self, shell: Shell, args: list[str]) -> str:
        """`install commit`."""

        async def work(steps: Steps) -> str:
            steps.report.say(f"install_commit: Committing {steps.kind}")
            await steps.commit()
            return steps.success()

        return await self.operation(shell, "install_commit", work)

    async def install_abort(self, shell: Shell, args: list[str]) -> str:
        """`install abort`: back to what is committed, while nothing is committed yet."""
        options = parse(args[0].split() if args else [])

        async def work(steps: Steps) -> str:
            if self.database.has_open_smus:
                return await self.smus.abort(steps, options)
            if not self.database.is_pending:
                raise InstallFailed("ERROR: install_abort: abort is not allowed, nothing is uncommitted")
            steps.report.say(f"install_abort: Aborting {steps.kind}")
            await self._ask_reload(steps, options)
            await steps.phase("Abort", 60)
            if not self._restore(self.database.committed):
                raise InstallFailed("FAILED: No rollback file found for /flash/packages.conf")
            self.database.give_up()
            steps.report.installed("install_abort")
            return self.reload_now(steps)

        return await self.operation(shell, "install_abort", work)

    def _rollback_target(self, words: list[str]) -> Software | None:
        database = self.database
        if words[0] == "committed":
            return database.committed
        if words[0] == "base":
            others = [p.software for p in database.points if p.software.file != self.device.running_software.file]
            return others[-1] if others else None
        point = database.point(int(words[1])) if words[0] == "id" and len(words) > 1 and words[1].isdigit() else None
        if words[0] == "label" and len(words) > 1:
            point = next((point for point in database.points if point.label == words[1]), None)
        return point.software if point else None

    async def install_rollback(self, shell: Shell, args: list[str]) -> str:
        """`install rollback to base|committed|id N|label X`."""
        words = args[0].split()
        options = Options(is_silent="none" in words)

        async def work(steps: Steps) -> str:
            target = self._rollback_target(words)
            point = self.database.point(int(words[1])) if words[0] == "id" and words[-1].isdigit() else None
            if point is not None and self.smus.differs_only(point):
                return await self.smus.back_to(steps, options, point)
            steps.report.say(f"install_rollback: Rolling back to {' '.join(words[:2]) if len(words) > 1 else words[0]}")
            if target is not None and target.file == self.device.running_software.file:
                steps.report.say("No change: the system runs that already")
                return steps.success()
            systems = [self.units.boot_system(unit) for unit in self.units.present]
            has_all = target is not None and all(has_packages(system, target) for system in systems)
            if target is None or not has_all or steps.cause == "rollback":
                raise InstallFailed(f"FAILED: No rollback file found for {steps.fs_path}/packages.conf")
            steps.report.say("Following packages shall be rolled back/activated:")
            steps.report.say(*(f"{steps.fs_path}/{name}" for name in target.packages))
            await self._ask_reload(steps, options)
            await steps.phase("Rollback", 60)
            self._restore(target)
            self.database.give_up()
            steps.report.installed(f"install_rollback {target.shown_version}")
            return self.reload_now(steps)

        return await self.operation(shell, "install_rollback", work)

    # -- the rest --------------------------------------------------------------------------

    async def install_remove(self, shell: Shell, args: list[str]) -> str:
        """`install remove inactive|file X|version V`."""
        words = args[0].split()
        options = parse(words[1:] if words[0] == "inactive" else words)
        if options.bad or (words[0] != "inactive" and not options.path and not options.version):
            return INVALID
        return await self.operation(shell, "install_remove", lambda steps: remove(steps, options))

    async def stop_timer(self, shell: Shell, args: list[str]) -> str:
        """`install auto-abort-timer stop`."""

        async def work(steps: Steps) -> str:
            steps.report.say("install_auto_abort_timer: Stopping auto abort timer")
            self.database.deadline = None
            steps.report.done("install_auto_abort_timer stop")
            return steps.success()

        return await self.operation(shell, "install_auto_abort_timer", work)

    async def label(self, shell: Shell, args: list[str]) -> str:
        """`install label N label-name X` and `description X`."""
        words = args[1].split(maxsplit=1)
        point = self.database.point(int(args[0])) if args[0].isdigit() else None
        if point is None or len(words) < 2 or words[0] not in ("label-name", "description"):
            return INVALID
        setattr(point, {"label-name": "label"}.get(words[0], words[0]), words[1])
        return ""

    async def clear_state(self, shell: Shell, args: list[str]) -> str:
        """`clear install state` wants a service line, and then reloads."""
        if not self.device.running.has("service internal"):
            return INVALID
        steps = Steps(self.owner, Report(shell), "clear_install_state")
        if await steps.report.ask(RELOAD_QUESTION) == "n":
            return ""
        self.database.added.clear()
        return self.reload_now(steps)
