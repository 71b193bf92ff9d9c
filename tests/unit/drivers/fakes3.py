"""A 3850 that runs packages of XE 3, as DEVICE_FACTS 5.2 and 6.3 show it."""

from __future__ import annotations

from dataclasses import dataclass

from swim_tui.model.plan import Line
from swim_tui.net.contract import Ended, Reply
from tests.unit.drivers.fakes16 import FakeSwitch

OLD3, NEW3 = "03.06.03E", "03.07.05E"
NEW3_FILE = "cat3k_caa-universalk9.SPA.03.07.05.E.152-3.E5.bin"


@dataclass
class FakeThree(FakeSwitch):
    """`install_text` replaces what an install says before it would ask for the reload."""

    install_text: str = ""
    asks_reload: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.version = OLD3
        self.files = {f"cat3k_caa-{part}.SPA.{OLD3}.pkg": b"p" * 400 for part in ("rpbase", "espbase")}
        self.files |= {"packages.conf": b"conf", "vlan.dat": b"v"}

    def answer(self, line: str) -> str:
        if line.startswith(("show install", "show software")):
            self.lines.append(line)
            return "% Invalid input detected at '^' marker."
        return super().answer(line)

    def _running(self) -> str:
        return (
            super()
            ._running()
            .replace("/flash/cat9k-", "cat3k_caa-")
            .replace(f".{self.version}.SPA", f".SPA.{self.version}")
        )

    def _version(self) -> str:
        text = super()._version().split("\n", 2)[2]
        head = (
            "Cisco IOS Software, IOS-XE Software, Catalyst L3 Switch Software (CAT3K_CAA-UNIVERSALK9-M), "
            f"Version {self.version} RELEASE SOFTWARE (fc3)\n"
        )
        return head + text.replace("CAT9K_IOSXE ", "cat3k_caa-universalk9 ").replace("C9300-24P", "WS-C3850-48P")

    def install(self, line: Line) -> Reply | None:
        if not line.text.startswith("software "):
            return None
        self.lines.append(line.text)
        if line.text == "software clean":
            return self._clean(line)
        if self.install_text:
            return Reply(f"Preparing install operation ...\n{self.install_text}", Ended.PROMPT)
        text = "[1]: Finished installing software.  New software will load on reboot."
        if line.text in self.loses:
            if self.loses.pop(line.text) == "after":
                self._boot_into(NEW3)
            return Reply("", Ended.LOST)
        question = "[1]: Do you want to proceed with reload? [yes/no]: "
        if self._ask(line, question) != "yes":
            return Reply(f"{text}\n{question}no", Ended.PROMPT)
        self._boot_into(NEW3 if line.text.startswith("software install") else OLD3)
        return Reply(f"{text}\n{question}yes\n[1]: Reloading", Ended.PROMPT, (question,))

    def _boot_into(self, version: str) -> None:
        self.next_version = version
        self.restart()

    def _clean(self, line: Line) -> Reply:
        in_use = f".SPA.{self.version}.pkg"
        listed = [n for n in self.files if n.endswith(".pkg") and not n.endswith(in_use)] + self.on_clean
        head = "Preparing clean operation ...\n[1]: Cleaning up unnecessary package files\n"
        if not listed:
            return Reply(f"{head}[1]: No files to delete", Ended.PROMPT)
        text = head + "[1]: Files that will be deleted:\n" + "\n".join(f"    {n}" for n in listed)
        question = "[1]: Do you want to proceed with the deletion? [yes/no]: "
        if self._ask(line, question) != "yes":
            return Reply(f"{text}\n{question}no", Ended.PROMPT)
        for name in listed:
            self.files.pop(name, None)
        return Reply(f"{text}\n{question}yes\n[1]: Clean up completed", Ended.PROMPT)
