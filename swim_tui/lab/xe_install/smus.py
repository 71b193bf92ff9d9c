"""SMUs: added, activated and deactivated one file at a time; they go onto one release, and some reload the device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..content import identify
from ..ios.shell import Shell
from ..model import Software
from .database import Point, Smu
from .steps import InstallFailed, Steps
from .words import Options, parse

if TYPE_CHECKING:
    from .sixteen import InstallCommands


class SmuCommands:
    """What `install` does when its file is an SMU."""

    def __init__(self, commands: InstallCommands) -> None:
        self.commands = commands
        self.owner = commands.owner
        self.device = commands.device
        self.database = commands.database

    def of_file(self, path: str) -> Software | None:
        """The SMU of a path; None when it is another file, or none."""
        found = self.device.storage.locate(path)
        file = found[0].files.get(found[2]) if found else None
        software = identify(file.content, file.name) if file is not None else None
        return software if software is not None and software.patches else None

    def needs_reload(self) -> bool:
        """Whether giving up what is not committed restarts the device: an image does, and an SMU of that kind."""
        opened = [smu for smu in self.database.smus.values() if smu.state in "UD"]
        return self.database.is_pending or any(smu.software.reloads for smu in opened)

    def differs_only(self, point: Point) -> bool:
        """Whether a rollback point is this release with other SMUs."""
        same = point.software.file == self.device.running_software.file
        return same and point.smus != self.database.running_smus()

    # -- operations ------------------------------------------------------------------------

    async def add(self, steps: Steps, options: Options, software: Software) -> str:
        """`install add file SMU [activate commit]`."""
        steps.report.say("install_add: Adding SMU")
        running = self.device.running_software
        if not self.owner.is_install_mode:
            raise InstallFailed("ERROR: SMU operations are supported in install mode only")
        if software.patches != running.file:
            raise InstallFailed(
                f"ERROR: {software.file} is not compatible with the running version {running.xe_version}"
            )
        if software.file in self.database.smus and not options.activate:
            raise InstallFailed(f"ERROR: {software.file} is already added")
        await steps.sync(options.path)
        await steps.phase("SMU_ADD", 20)
        self.database.smus.setdefault(software.file, Smu(software))
        steps.report.done(f"install_add {options.path}")
        if not options.activate:
            return steps.success()
        return await self.activate(steps, options, software)

    async def activate(self, steps: Steps, options: Options, software: Software) -> str:
        """`install activate file SMU [auto-abort-timer N]`, and the end of the one-step form."""
        smu = self.database.smus.get(software.file)
        if smu is None or smu.state != "I":
            raise InstallFailed(f"ERROR: {software.file} is not an inactive package")
        return await self._change(steps, options, smu, "U", "SMU_ACTIVATE")

    async def install_deactivate(self, shell: Shell, args: list[str]) -> str:
        """`install deactivate file SMU`."""
        options = parse(args[0].split())
        if options.bad or not options.path:
            return "% Incomplete command.\n\n"

        async def work(steps: Steps) -> str:
            smu = self.database.smus.get(options.path.partition(":")[2].strip("/"))
            if smu is None or smu.state != "C":
                raise InstallFailed(f"ERROR: {options.path} is not active")
            return await self._change(steps, options, smu, "D", "SMU_DEACTIVATE")

        return await self.commands.operation(shell, "install_deactivate", work)

    async def _change(self, steps: Steps, options: Options, smu: Smu, state: str, step: str) -> str:
        if self.database.is_pending or self.database.has_open_smus:
            raise InstallFailed(
                f"ERROR: {steps.name} is not allowed: there are uncommitted changes, commit or abort them"
            )
        await self._ask(steps, options)
        await steps.phase(step, 30)
        smu.state = state
        steps.report.installed(f"{steps.name} {smu.software.file}")
        if options.commit:
            await steps.phase("SMU_COMMIT", 10)
            self.database.commit()
        else:
            self.commands.start_timer(options)
        return self._end(steps, reloads=smu.software.reloads)

    async def abort(self, steps: Steps, options: Options) -> str:
        """`install abort` of an SMU that is not committed."""
        steps.report.say("install_abort: Aborting SMU")
        reloads = self.needs_reload()
        await self._ask(steps, options)
        await steps.phase("SMU_ABORT", 30)
        self.database.give_up()
        steps.report.installed("install_abort")
        return self._end(steps, reloads=reloads)

    async def back_to(self, steps: Steps, options: Options, point: Point) -> str:
        """`install rollback to id N` where only SMUs differ; it is committed at once."""
        changed = [s for n, s in self.database.smus.items() if (n in point.smus) != (s.state == "C")]
        await self._ask(steps, options)
        await steps.phase("Rollback", 30)
        for name, smu in self.database.smus.items():
            smu.state = "C" if name in point.smus else "I"
        steps.report.installed(f"install_rollback id {point.number}")
        return self._end(steps, reloads=any(smu.software.reloads for smu in changed))

    async def _ask(self, steps: Steps, options: Options) -> None:
        question = "This operation may require a reload of the system. Do you want to proceed? [y/n]"
        if not options.is_silent and await steps.report.ask(question) == "n":
            raise InstallFailed("", "exit(1): aborted by user")

    def _end(self, steps: Steps, *, reloads: bool) -> str:
        return self.commands.reload_now(steps) if reloads else steps.success()
