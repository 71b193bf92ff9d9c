"""`install remove inactive`: deletes whatever is not running, an image that was just copied too."""

from __future__ import annotations

from ..chassis.show import train
from ..flash import FileSystem
from ..model import Software
from ..packages import CONF, conf_names, image_conf
from .steps import InstallFailed, Steps
from .words import Options

ENDINGS = (".pkg", ".bin", ".conf", ".conf.00-")


def in_use(steps: Steps, system: FileSystem) -> set[str]:
    """Files that are running, that the next boot needs, or that an abort needs."""
    kept = {steps.device.running_path.partition(":")[2].strip("/"), CONF, *conf_names(system)}
    database = steps.owner.database
    kept |= {name for name, smu in database.smus.items() if smu.state != "I"}
    for software in (database.active, database.committed if database.is_pending else None):
        if software is not None:
            kept |= {*software.packages, image_conf(software)}
    return kept


def _chosen(steps: Steps, options: Options, software: Software | None) -> set[str] | None:
    """With a file or a version: the names that go; None for everything inactive."""
    if options.path:
        return {options.path.partition(":")[2].strip("/")}
    if options.version:
        return {*software.packages, image_conf(software), software.file} if software else set()
    return None


async def remove(steps: Steps, options: Options) -> str:
    """The whole dialogue."""
    say, device, units = steps.report.say, steps.device, steps.units
    is_new = train(device.running_software)[0] >= 17
    say("", "install_remove: Removing IMG" if is_new else "Cleaning up unnecessary package files")
    if not options.path and not options.version:
        say(f"No path specified, will use booted path {steps.fs_path}/{CONF}")
    say(f"Cleaning {steps.fs_path}", "  Scanning boot directory for packages ... done.")
    say("  Preparing packages list to delete ...")
    await steps.report.take(10)
    releases = [s for s in steps.owner.database.added.values() if options.version and _is(s, options.version)]
    chosen = _chosen(steps, options, releases[0] if releases else None)
    doomed: dict[int, list[str]] = {}
    for unit in units.present:
        system = units.boot_system(unit)
        kept = in_use(steps, system)
        names = [file.name for file in system.listing() if not file.is_folder and file.name.endswith(ENDINGS)]
        if unit is units.active:
            for name in names:
                if name in kept:
                    say(f"    {name}", "      File is in use, will not delete.")
        doomed[unit.number] = [name for name in names if name not in kept and (chosen is None or name in chosen)]
    say("  done.")
    if chosen is not None and not any(doomed.values()):
        raise InstallFailed("ERROR: nothing there that can be removed")
    if not any(doomed.values()):
        say("", "SUCCESS: No extra package or provisioning files found on media. Nothing to clean.")
        return steps.success()
    return await _delete(steps, options, doomed)


def _is(software: Software, version: str) -> bool:
    return version.startswith(software.shown_version)


async def _delete(steps: Steps, options: Options, doomed: dict[int, list[str]]) -> str:
    say, units = steps.report.say, steps.units
    say("", "The following files will be deleted:")
    for unit in units.present:
        say(f"[{steps.word(unit)}]:", *(f"{steps.fs_path}/{name}" for name in doomed[unit.number]))
    if not options.is_silent and await steps.report.ask("\nDo you want to remove the above files? [y/n]") == "n":
        raise InstallFailed("", "exit(1): aborted by user")
    for unit in units.present:
        system = units.boot_system(unit)
        say(f"[{steps.word(unit)}]:")
        for name in doomed[unit.number]:
            system.files.pop(name, None)
            say(f"Deleting file {steps.device.platform.boot_fs}:{name} ... done.")
    say("SUCCESS: Files deleted.")
    for file in list(steps.owner.database.added):
        software = steps.owner.database.added[file]
        if set(software.packages) & {name for names in doomed.values() for name in names}:
            del steps.owner.database.added[file]
    gone = {name for names in doomed.values() for name in names}
    steps.owner.database.smus = {n: smu for n, smu in steps.owner.database.smus.items() if n not in gone}
    steps.report.done("install_remove")
    await steps.phase("Post_Remove_Cleanup", 5)
    return steps.success()
