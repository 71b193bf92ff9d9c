"""A small switch that runs packages: install commands as DEVICE_FACTS 6.4 and 7 show them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from swim_tui.model.plan import Line
from swim_tui.net.contract import Ended, Reply
from tests.unit.drivers.fakes import FakeDevice

OLD, NEW = "17.03.01", "17.03.05"
NEW_FILE = f"cat9k_iosxe.{NEW}.SPA.bin"
OLD_FILE = f"cat9k_iosxe.{OLD}.SPA.bin"
PARTS = ("rpbase", "espbase")


def packages_of(version: str) -> list[str]:
    return [f"cat9k-{part}.{version}.SPA.pkg" for part in PARTS]


@dataclass
class FakeSwitch(FakeDevice):
    """One or more members with one package table; `fail` holds texts by command word."""

    members: int = 1
    version: str = OLD
    table: dict[str, str] = field(default_factory=lambda: {OLD: "C"})
    log: list[str] = field(default_factory=lambda: ["[0|install_op_boot]: START x", "[0|install_op_boot]: END SUCCESS"])
    timer_s: int | None = None
    points: dict[int, str] = field(default_factory=dict)
    fail: dict[str, str] = field(default_factory=dict)
    loses: dict[str, str] = field(default_factory=dict)  # command -> before, after: the session breaks there
    extra_question: str = ""  # asked by the activation before its own
    unready_reads: int = 0
    boots: str = ""  # version that comes up, whatever was activated
    mode: str = "INSTALL"
    busy_reads: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    on_clean: list[str] = field(default_factory=list)  # further files that the clean command lists
    next_version: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        self.total = 1_000_000
        self.boot = self.saved_boot = ["flash:packages.conf"]
        self.register = "0x102"
        self.files = dict.fromkeys(packages_of(OLD), b"p" * 400)
        self.files |= {"packages.conf": b"conf", "vlan.dat": b"v", OLD_FILE: b"o" * 900}

    # --- reading ---

    def answer(self, line: str) -> str:
        readers = {
            "show boot": self._boot,
            "show switch": self._switch,
            "show install summary": self._summary,
            "show install rollback": self._rollback,
            "show version running": self._running,
            "show install log": self._log,
            "show file systems": self._systems,
        }
        if line in readers:
            self.lines.append(line)
            return readers[line]()
        if line.startswith("show install rollback id "):
            self.lines.append(line)
            number = int(line.split()[-1])
            return (
                f"Rollback id - {number} (Created on 2020-06-22)\nLabel: No Label\nReload required: YES\n"
                f"Type  St   Filename/Version\nIMG   C    {self.points[number]}.0.351\n"
            )
        return super().answer(line)

    def _systems(self) -> str:
        rows = [f"*  {self.total}  {self.free()}  disk  rw  flash: flash-1:"]
        rows += [f"   {self.total}  {self.free()}  disk  rw  flash-{n}:" for n in range(2, self.members + 1)]
        return "File Systems:\n\n       Size(b)       Free(b)      Type  Flags  Prefixes\n" + "\n".join(rows)

    def _dir(self, target: str) -> str:
        return super()._dir(target).replace("bootflash:", target.partition(":")[0] + ":")

    def _boot(self) -> str:
        value = ";".join(self.saved_boot)
        block = (
            f"Current Boot Variables:\nBOOT variable = {value};\n\nBoot Variables on next reload:\n"
            f"BOOT variable = {value};\nManual Boot = no\nEnable Break = yes\n"
        )
        heads = (f"---------------------------\nSwitch {n}\n---------------------------\n" for n in self.numbers())
        return "".join(head + block for head in heads)

    def numbers(self) -> range:
        return range(1, self.members + 1)

    def _switch(self) -> str:
        head = (
            "Switch/Stack Mac Address : 689c.e2ff.b9d9 - Local Mac Address\n"
            "                                             H/W   Current\n"
            "Switch#   Role    Mac Address     Priority Version  State\n" + "-" * 60 + "\n"
        )
        late = self.unready_reads > 0
        self.unready_reads -= 1
        rows = []
        for n in self.numbers():
            role, mark = ("Active", "*") if n == 1 else ("Member", " ")
            state = "V-Mismatch" if late and n > 1 else "Ready"
            rows.append(f"{mark}{n}       {role}   689c.e2ff.b9d{n}     15     V01     {state}")
        return head + "\n".join(rows)

    def _summary(self) -> str:
        rows = "\n".join(f"IMG   {state}    {version}.0.351" for version, state in self.table.items())
        scope = "Switch " + " ".join(str(n) for n in self.numbers())
        left = "inactive"
        if self.timer_s is not None:
            left = f"active on install_activate, time before rollback - {timedelta(seconds=self.timer_s)!s:0>8}"
        line = "-" * 80
        return (
            f"[ {scope} ] Installed Package(s) Information:\n"
            "State (St): I - Inactive, U - Activated & Uncommitted,\n"
            "            C - Activated & Committed, D - Deactivated & Uncommitted\n"
            f"{line}\nType  St   Filename/Version\n{line}\n{rows}\n{line}\nAuto abort timer: {left}\n{line}"
        )

    def _rollback(self) -> str:
        rows = "\n".join(f"{n}       No Label                         No Description" for n in self.points)
        return f"ID      Label                            Description\n{'-' * 60}\n{rows}"

    def _running(self) -> str:
        return "\n".join(
            f"Package: {part}, version: {self.version}, status: active\n"
            f"  File: /flash/cat9k-{part}.{self.version}.SPA.pkg, on: RP0"
            for part in PARTS
        )

    def _log(self) -> str:
        if self.busy_reads > 0:
            self.busy_reads -= 1
            if self.busy_reads == 0:
                self.log.append("[9|install_add]: END SUCCESS")
            else:
                return "\n".join([*self.log, "[9|install_add]: START Mon"])
        return "\n".join(self.log)

    def _version(self) -> str:
        stamp = self._stamp(self.booted + self.clock_error)
        rows = "\n".join(
            f"{'*' if n == 1 else ' '}    {n} 41    C9300-24P          {self.version}          CAT9K_IOSXE           "
            f"{self.mode}"
            for n in self.numbers()
        )
        up = datetime.now(UTC) - self.booted
        return (
            f"Cisco IOS XE Software, Version {self.version}\n"
            f"Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version {self.version}, "
            f"RELEASE SOFTWARE (fc3)\nROM: IOS-XE ROMMON\nr1 uptime is {int(up.total_seconds() // 60)} minutes\n"
            f"System returned to ROM by Install\nSystem restarted at {stamp}\n"
            'System image file is "flash:packages.conf"\n'
            "Last reload reason: Image Install\n\n"
            "cisco C9300-24P (X86) processor with 1343576K/6147K bytes of memory.\n"
            "8388608K bytes of physical memory.\n\n"
            "Switch Ports Model              SW Version        SW Image              Mode\n"
            f"------ ----- -----              ----------        ----------            ----\n{rows}\n\n"
            f"Configuration register is {self.register}\n"
        )

    # --- changing ---

    def install(self, line: Line) -> Reply | None:
        """Install commands with their questions; None for every other line."""
        if not line.text.startswith("install "):
            return None
        self.lines.append(line.text)
        if self.loses.get(line.text) == "before":
            del self.loses[line.text]
            return Reply("", Ended.LOST)
        word = line.text.split()[1]
        if word in self.fail:
            self._log_op(f"install_{word}", "FAILED")
            return Reply(
                f"install_{word}: START Mon\n{self.fail[word]}\nFAILED: install_{word} exit(1) Mon", Ended.PROMPT
            )
        reply = self._do(word, line)
        if self.loses.get(line.text) == "after":
            del self.loses[line.text]
            return Reply("", Ended.LOST)
        return reply

    def _log_op(self, name: str, result: str = "SUCCESS") -> None:
        self.number += 1
        self.log += [f"[{self.number}|{name}]: START {self.number}", f"[{self.number}|{name}]: END {result} x"]

    def _do(self, word: str, line: Line) -> Reply:
        match word:
            case "add":
                self._add()
                if "activate commit" in line.text:
                    return self._activate(line, "C", "install_add_activate_commit")
            case "activate":
                return self._activate(line, "U", "install_activate")
            case "commit":
                self.table = {NEW: "C"} if self.version == NEW else {OLD: "C"}
                self.timer_s = None
            case "abort":
                self.next_version = OLD
                return self._reload(line, "install_abort")
            case "rollback":
                self.next_version = self.points[int(line.text.split()[-1])]
                return self._reload(line, "install_rollback")
            case "remove":
                return self._remove(line)
        self._log_op(f"install_{word}")
        return Reply(f"install_{word}: START Mon\nSUCCESS: install_{word}  Mon", Ended.PROMPT)

    def _add(self) -> None:
        self.table.setdefault(NEW, "I")
        self.files |= dict.fromkeys(packages_of(NEW), b"p" * 400)

    def _ask(self, line: Line, question: str) -> str:
        answer = next((a for a in line.answers if re.search(a.pattern, question, re.IGNORECASE)), None)
        given = answer.reply or "" if answer is not None else "y"
        self.asked.append((question, given))
        return given

    def _activate(self, line: Line, state: str, name: str) -> Reply:
        if self.extra_question and self._ask(line, self.extra_question) != "y":
            return Reply(f"{name}: START Mon\nFAILED: {name} aborted by user", Ended.PROMPT)
        self.table = {OLD: "C", NEW: "U"} if state == "U" else {NEW: "C"}
        self.timer_s = 7000 if state == "U" else None
        self.next_version = NEW
        return self._reload(line, name)

    def _reload(self, line: Line, name: str) -> Reply:
        question = "This operation may require a reload of the system. Do you want to proceed? [y/n]"
        if self._ask(line, question) != "y":
            return Reply(f"FAILED: {name} aborted by user", Ended.PROMPT)
        self._log_op(name)
        self.restart()
        return Reply(
            f"{name}: START Mon\n{question}y\nInstall will reload the system now!\nSUCCESS: {name}  Mon", Ended.PROMPT
        )

    def restart(self) -> None:
        self.reloads += 1
        self.booted = datetime.now(UTC)
        self.up = False
        self.boot = list(self.saved_boot)
        self.version = self.boots or self.next_version or self.version
        if self.version == OLD:
            self.table, self.timer_s = {OLD: "C"}, None

    def _remove(self, line: Line) -> Reply:
        kept = {*packages_of(self.version), "packages.conf", "vlan.dat"}
        listed = [name for name in self.files if name not in kept] + self.on_clean
        if not listed:
            return Reply("SUCCESS: Nothing to clean.", Ended.PROMPT)
        question = "Do you want to remove the above files? [y/n]"
        text = "The following files will be deleted:\n[switch 1]:\n" + "\n".join(f"/flash/{n}" for n in listed)
        if self._ask(line, question) != "y":
            return Reply(f"{text}\n{question}n", Ended.PROMPT)
        for name in listed:
            self.files.pop(name, None)
        return Reply(f"{text}\n{question}y\nSUCCESS: Files deleted.\nSUCCESS: install_remove  Mon", Ended.PROMPT)
