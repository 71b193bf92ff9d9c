"""`archive download-sw`, `archive tar` and `archive copy-sw` of classic switches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..chassis.work import Report, on_device
from ..content import Content, Filler, Text, identify
from ..flash import FileSystem
from ..grammar import Grammar
from ..images import ImageBytes
from ..ios.shell import Handler, Shell
from ..model import Software
from ..tarball import directory, html_size, info_text, layout, total_size
from ..units import Unit
from .options import Options, parse
from .source import SourceError, read_archive

if TYPE_CHECKING:
    from .personality import TarPersonality

TEMP = "update"
INVALID = "% Invalid input detected at '^' marker.\n\n"
EXTRACT_S = 240.0
NOT_VALID = "ERROR: Image is not a valid IOS image archive."
ERRORS = {
    "invalid": NOT_VALID,
    "board": "ERROR: Image does not support this switch type (board of switch {number}).",
    "feature": "ERROR: The feature set of the image is another one; use /allow-feature-upgrade to change it.",
    "dram": "%Error: Minimum Dram required is {dram} MB, but switch {number} has {ram} MB.",
    "space": "ERROR: Not enough free space on device flash: for switch {number}.",
    "running": "ERROR: Another software download is in progress.",
}


class ArchiveError(Exception):
    """The archive is refused; the text is the switch's line."""


class ArchiveCommands:
    """The `archive` commands of one switch or stack."""

    def __init__(self, personality: TarPersonality) -> None:
        self.owner = personality
        self.device = personality.device
        self.units = personality.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        grammar.add("archive download-sw <options...>", self.download, 15)
        grammar.add("archive copy-sw <options...>", self.copy_sw, 15)
        grammar.add("archive tar /table <path>", self.table, 15)
        grammar.add("archive tar /xtract <path> <target>", self.extract, 15)

    # -- download-sw -----------------------------------------------------------------------

    async def download(self, shell: Shell, args: list[str]) -> str:
        """The whole upgrade: read, check, extract, set the boot variable, perhaps reload."""
        options = parse(args[0].split())
        if options.bad or (options.has("overwrite") and options.has("leave-old-sw")):
            return INVALID
        return await on_device(shell, self._download(Report(shell), options))

    async def _download(self, report: Report, options: Options) -> str:
        device = self.device
        try:
            if self.owner.is_downloading or device.faults.has("install_running"):
                raise ArchiveError(ERRORS["running"])
            self.owner.is_downloading = True
            try:
                await self._steps(report, options)
            finally:
                self.owner.is_downloading = False
        except (ArchiveError, SourceError) as err:
            device.log("install-failed", str(err), report.shell.link.session)
            return f"{err}\n"
        report.say("All software images installed.")
        return self._reload(report, options)

    async def _steps(self, report: Report, options: Options) -> None:
        self._check_temp()
        content = await read_archive(report, options.path)
        report.say("examining image...")
        await report.take(10)
        software = self._examine(report, content)
        units = [unit for unit in self.units.present if options.system in (0, unit.number)]
        for unit in units:
            self._check(software, unit, options)
        plans = {unit.number: self._plan(report, unit, software, options) for unit in units}
        for unit in units:
            if plans[unit.number] == "before":
                self._remove_old(unit)
                unit_name = self.units.boot_system(unit).prefix
                self.device.log("archive-deleted-old", unit_name, report.shell.link.session)
        report.say("Extracting images from archive into flash...")
        await self._extract(report, units, software, options)
        for unit in units:
            self._finish(report, unit, software, plans[unit.number])
        if not options.has("no-set-boot"):
            self._set_boot(software)
        report.installed(f"archive download-sw {options.path}")

    def _check_temp(self) -> None:
        boot = self.units.boot_system(self.units.active)
        if self.device.faults.clear("update_left"):
            boot.make_folder(TEMP, datetime.now(UTC))
            boot.put(f"{TEMP}/partial.bin", Filler(min(65536, boot.free)), datetime.now(UTC))
        if TEMP in boot.files:
            raise ArchiveError(f'ERROR: Unable to create temp dir "flash:{TEMP}" (File exists)')

    def _fault(self, software: Software, unit: Unit) -> None:
        fault = self.device.faults.get("archive_fails")
        if fault is not None:
            raise ArchiveError(self._error(fault.value, software, unit))

    def _error(self, cause: str, software: Software, unit: Unit) -> str:
        text = ERRORS.get(cause, NOT_VALID)
        return text.format(number=unit.number, dram=software.dram_mb, ram=self.owner.ram_mb)

    def _examine(self, report: Report, content: Content) -> Software:
        software = identify(content, "archive")
        if software is None or software.inner is None:
            raise ArchiveError(NOT_VALID)
        inner, folder = software.inner, directory(software)
        size = len(info_text(software))
        report.say("extracting info (106 bytes)", f"extracting {folder}/info ({size} bytes)")
        report.say(f"extracting info.ver ({size} bytes)", "")
        report.say("System Type:             0x00000000")
        report.say(f"  Ios Image File Size:   0x{inner.size_bytes:08X}")
        report.say(f"  Total Image File Size: 0x{software.size_bytes:08X}")
        report.say(f"  Minimum Dram required: 0x{software.dram_mb << 20:08X}")
        report.say(f"  Image Suffix:          {folder.partition('-')[2].replace('-mz', '').replace('.', '-', 1)}")
        report.say(f"  Image Directory:       {folder}", f"  Image Name:            {inner.file}")
        report.say(f"  Image Feature:         IP|LAYER_2|SSH|3DES|MIN_DRAM_MEG={software.dram_mb}", "")
        return software

    def _check(self, software: Software, unit: Unit, options: Options) -> None:
        inner = software.inner
        assert inner is not None
        self._fault(software, unit)
        if not self.device.fits(inner):
            raise ArchiveError(self._error("board", software, unit))
        if software.dram_mb > self.owner.ram_mb:
            raise ArchiveError(self._error("dram", software, unit))
        running = unit.software or self.device.running_software
        if running.image != inner.image and not options.has("allow-feature-upgrade"):
            raise ArchiveError(self._error("feature", software, unit))

    def _size(self, software: Software, options: Options) -> int:
        assert software.inner is not None
        own = len(info_text(software))
        return software.inner.size_bytes + own + (0 if options.has("imageonly") else html_size(software))

    def _old_size(self, unit: Unit) -> int:
        system, old = self.units.boot_system(unit), self.owner.image_place(unit)
        return sum(file.size for file in (*system.below(old), system.files[old])) if old in system.files else 0

    def _plan(self, report: Report, unit: Unit, software: Software, options: Options) -> str:
        """What becomes of the old image: left, deleted after or before the download."""
        system, old = self.units.boot_system(unit), self.owner.image_place(unit)
        free, needed = self.device.free(system), self._size(software, options)
        report.say(f"Old image for switch {unit.number}: flash:/{old}")
        stays = options.has("leave-old-sw") or old.partition("/")[0] == directory(software)
        plan = "left" if stays else "after"
        if needed > free:
            is_possible = options.has("overwrite") and not options.has("safe")
            if not is_possible or needed > free + self._old_size(unit):
                raise ArchiveError(self._error("space", software, unit))
            plan = "before"
        words = {"left": "will be left", "after": "will be deleted after download.", "before": ""}[plan]
        report.say(f"  Old image {words or 'will be deleted before download.'}")
        return plan

    def _remove_old(self, unit: Unit) -> None:
        system, old = self.units.boot_system(unit), self.owner.image_place(unit)
        for file in system.below(old):
            del system.files[file.name]
        system.files.pop(old, None)

    async def _extract(self, report: Report, units: list[Unit], software: Software, options: Options) -> None:
        inner, folder, now = software.inner, directory(software), datetime.now(UTC)
        assert inner is not None
        for unit in units:
            system = self.units.boot_system(unit)
            system.make_folder(TEMP, now)
            system.make_folder(f"{TEMP}/{folder}", now)
        report.say(f"{folder}/ (directory)", f"extracting {folder}/{inner.file} ({inner.size_bytes} bytes)")
        await report.take(EXTRACT_S)
        for unit in units:
            self._put(self.units.boot_system(unit), f"{TEMP}/{folder}", software, options)
        if not options.has("imageonly"):
            report.say(f"{folder}/html/ (directory)")
            report.say(f"extracting {folder}/html/homepage.htm ({html_size(software) // 3} bytes)")
        size = len(info_text(software))
        report.say(f"extracting {folder}/info ({size} bytes)", f"extracting info.ver ({size} bytes)", "")

    def _put(self, system: FileSystem, folder: str, software: Software, options: Options) -> None:
        assert software.inner is not None
        now, perms = datetime.now(UTC), self.device.platform.texts.get("file_perms", "-rw-")
        system.put(f"{folder}/{software.inner.file}", ImageBytes(software.inner), now, perms)
        system.put(f"{folder}/info", Text(info_text(software)), now, perms)
        if not options.has("imageonly"):
            system.make_folder(f"{folder}/html", now)
            system.put(f"{folder}/html/homepage.htm", Filler(html_size(software)), now, perms)

    def _finish(self, report: Report, unit: Unit, software: Software, plan: str) -> None:
        system, folder = self.units.boot_system(unit), directory(software)
        name = f"flash{unit.number}" if len(self.units.all) > 1 else "flash"
        report.say(f"Installing (renaming): `{name}:{TEMP}/{folder}' ->", f"                       `{name}:/{folder}'")
        for file in [system.files[f"{TEMP}/{folder}"], *system.below(f"{TEMP}/{folder}")]:
            del system.files[file.name]
            file.name = file.name[len(TEMP) + 1 :]
            system.files[file.name] = file
        del system.files[TEMP]
        report.say(f"New software image installed in {name}:/{folder}", "")
        old = self.owner.image_place(unit)
        if plan == "after":
            report.say(f"Removing old image: {name}:/{old}", "")
            self._remove_old(unit)

    def _set_boot(self, software: Software) -> None:
        """The boot variable is the boot loader's: it is in the startup configuration at once."""
        assert software.inner is not None
        path = f"flash:/{directory(software)}/{software.inner.file}"
        entry = f"switch all {path}" if len(self.units.all) > 1 else path
        for config in (self.device.running, self.device.startup):
            if config is not None:
                config.set_boot_lines([entry])

    def _reload(self, report: Report, options: Options) -> str:
        if not options.has("reload") and not options.has("force-reload"):
            return ""
        if self.device.is_dirty and not options.has("force-reload"):
            return "System configuration has been modified: the requested reload is not done. Save it and reload.\n"
        report.say("Requested system reload in progress...")
        self.device.reload("Reload Command", report.shell.link.session)
        return ""

    # -- the other archive commands --------------------------------------------------------

    async def copy_sw(self, shell: Shell, args: list[str]) -> str:
        """`archive copy-sw /destination-system N SOURCE`: the image of one member to another."""
        options = parse(args[0].split())
        source = self.units.find(int(options.path)) if options.path.isdigit() else None
        target = self.units.find(options.system)
        if source is None or target is None or source.software is None or target is source:
            return "ERROR: No such switch in the stack.\n"
        return await on_device(shell, self._copy_sw(Report(shell), options, source, target))

    async def _copy_sw(self, report: Report, options: Options, source: Unit, target: Unit) -> str:
        origin, goal, place = (
            self.units.boot_system(source),
            self.units.boot_system(target),
            self.owner.image_place(source),
        )
        files = [origin.files[place], *origin.below(place)]
        if not options.has("leave-old-sw") and sum(file.size for file in files) > self.device.free(goal):
            self._remove_old(target)
        if sum(file.size for file in files) > self.device.free(goal):
            return f"{ERRORS['space'].format(number=target.number)}\n"
        report.say(f"System software to be uploaded: switch {source.number}", "Copying images...")
        await report.take(EXTRACT_S)
        for file in files:
            if file.is_folder:
                goal.make_folder(file.name, datetime.now(UTC))
            else:
                goal.put(file.name, file.content, datetime.now(UTC), file.perms)
        report.installed(f"archive copy-sw switch {target.number}")
        report.say(f"New software image installed in flash{target.number}:/{place.partition('/')[0]}")
        return "All software images installed.\n"

    def _archive(self, path: str) -> Software | str:
        found = self.device.storage.locate(path)
        file = found[0].files.get(found[2]) if found else None
        if file is None:
            return f"%Error opening {path} (No such file or directory)\n"
        software = identify(file.content, file.name)
        return software if software is not None and software.inner else f"{NOT_VALID}\n"

    async def table(self, shell: Shell, args: list[str]) -> str:
        """`archive tar /table`: what is inside."""
        software = self._archive(args[0])
        if isinstance(software, str):
            return software
        rows = [f"Loading {args[0]} ", "info (106 bytes)", f"{directory(software)}/ (directory)"]
        assert software.inner is not None
        rows.append(f"{directory(software)}/{software.inner.file} ({software.inner.size_bytes} bytes)")
        rows += [
            f"{directory(software)}/html/ (directory)",
            f"{directory(software)}/info ({len(info_text(software))} bytes)",
        ]
        rows += [f"info.ver ({len(info_text(software))} bytes)", f"[OK - {total_size(software)} bytes]"]
        assert layout(software)
        return "\n".join(rows) + "\n\n"

    async def extract(self, shell: Shell, args: list[str]) -> str:
        """`archive tar /xtract`: unpacks without installing."""
        software = self._archive(args[0])
        if isinstance(software, str):
            return software
        found = self.device.storage.locate(args[1])
        if found is None:
            return f"%Error opening {args[1]} (No such device)\n"
        system, _, inside = found
        folder = f"{inside}/{directory(software)}".lstrip("/")
        if self._size(software, Options()) > self.device.free(system):
            return "ERROR: Not enough free space on device flash:\n"
        report = Report(shell)
        await report.take(EXTRACT_S)
        system.make_folder(folder, datetime.now(UTC))
        self._put(system, folder, software, Options())
        return f"Loading {args[0]} \nextracting {folder}\n[OK - {total_size(software)} bytes]\n"
