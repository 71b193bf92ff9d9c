"""A small device made of a few dictionaries, behind the contracts of net: no SSH, no lab code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from swim_tui.errors import (
    AuthError,
    CommandRejected,
    ConnectRefused,
    NoFreeVty,
    NotAuthorised,
    Stalled,
    SwimError,
    TransferLost,
    UnknownPrompt,
)
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.phase import Direction
from swim_tui.model.plan import Line
from swim_tui.net.contract import Ended, Probe, ProbeStage, PushProgress, PushResult, Reply, SessionObserver

VERSIONS = {"old.bin": ("03.13.00.S", "15.4(3)S"), "new.bin": ("03.13.05.S", "15.4(3)S5")}


@dataclass
class FakeDevice:
    """State of a router; hooks make it misbehave."""

    files: dict[str, bytes] = field(default_factory=lambda: {"old.bin": b"old" * 1000})
    running: str = "old.bin"
    boot: list[str] = field(default_factory=lambda: ["bootflash:old.bin"])
    saved_boot: list[str] = field(default_factory=lambda: ["bootflash:old.bin"])
    total: int = 100_000
    booted: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=9))
    has_restart_line: bool = True
    clock_error: timedelta = timedelta(0)
    scp_on: bool = True
    register: str = "0x2102"
    dirty: list[str] = field(default_factory=list)
    pending: str = ""
    lines: list[str] = field(default_factory=list)
    reloads: int = 0
    up: bool = True
    boot_probes: int = 2  # probes that are refused while it boots
    refuse_logins: int = 0
    busy_vtys: int = 0  # logins that find no free vty
    bootable: Callable[[str], bool] = lambda path: True
    on_line: Callable[[str], Reply | None] = lambda line: None
    refuse_config: str = ""
    push_breaks: list[int] = field(default_factory=list)  # bytes after which a push breaks, one entry a push
    pull_breaks: list[int] = field(default_factory=list)  # the same of a file that is read; -1 = it stalls
    push_error: SwimError | None = None
    damage: int = 0  # pushes that are stored wrong
    logins: int = 0
    never_back: bool = False

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_error

    def restart(self) -> None:
        self.reloads += 1
        self.booted = datetime.now(UTC)
        self.up = False
        self.boot = list(self.saved_boot)
        paths = [b.partition(":")[2].lstrip("/") for b in self.boot]
        self.running = next((p for p in paths if p in self.files and self.bootable(p)), self.running)

    def answer(self, line: str) -> str:
        """Output of an exec line."""
        self.lines.append(line)
        if line == "show version":
            return self._version()
        if line == "show clock":
            return self._stamp(self.now(), ".123")
        if line.startswith("dir "):
            return self._dir(line[4:])
        if line.startswith("verify /md5 "):
            name = line.split(":", 1)[1].lstrip("/")
            digest = hashlib.md5(self.files[name], usedforsecurity=False).hexdigest()
            return f"....Done!\nverify /md5 (bootflash:{name}) = {digest}"
        if line == "show bootvar":
            value = "".join(f"{b},12;" for b in self.saved_boot)
            return f"BOOT variable = {value}\nConfiguration register is {self.register}"
        if line.startswith("show running-config | include boot"):
            return "\n".join(f"boot system {b}" for b in self.boot)
        if line.startswith("show running-config | include ip scp"):
            return "ip scp server enable" if self.scp_on else ""
        if line == "show running-config":
            return self._config(self.boot, self.dirty)
        if line == "show startup-config":
            return self._config(self.saved_boot, [])
        if line.startswith("delete /force "):
            self.files.pop(line.split(":", 1)[1].lstrip("/"), None)
            return ""
        if line == "write memory":
            self.saved_boot, self.dirty = list(self.boot), []
            return "Building configuration...\n[OK]"
        if line == "show reload":
            return self.pending or "No reload is scheduled."
        if line == "show privilege":
            return "Current privilege level is 15"
        if line.startswith("show "):
            raise CommandRejected(command=line, detail="% Invalid input detected at '^' marker.")
        raise AssertionError(f"the fake does not know {line!r}")

    def install(self, line: Line) -> Reply | None:
        """Install and copy commands, where a kind of device has them."""
        return None

    def config(self, line: str) -> None:
        self.lines.append(line)
        if self.refuse_config and self.refuse_config in line:
            raise NotAuthorised(command=line, detail="Command authorization failed.")
        if line == "no boot system":
            self.boot = []
        elif line.startswith("boot system "):
            self.boot.append(line.removeprefix("boot system "))
        elif line == "ip scp server enable":
            self.scp_on = True
        elif line == "no ip scp server enable":
            self.scp_on = False
        else:
            raise AssertionError(f"the fake does not know {line!r}")

    def free(self) -> int:
        return self.total - sum(len(data) for data in self.files.values())

    def _dir(self, target: str) -> str:
        name = target.partition(":")[2].lstrip("/")
        if name and name not in self.files:
            return f"%Error opening bootflash:/{name} (No such file or directory)"
        rows = [
            f"   {i}  -rw-  {len(data)}  Jan 10 2014 10:00:00 +00:00  {key}"
            for i, (key, data) in enumerate(self.files.items(), 1)
            if not name or key == name
        ]
        head = f"Directory of bootflash:/{name}\n\n"
        return head + "\n".join(rows) + f"\n\n{self.total} bytes total ({self.free()} bytes free)"

    def _stamp(self, at: datetime, fraction: str = "") -> str:
        return f"{at:%H:%M:%S}{fraction} UTC {at:%a %b} {at.day} {at.year}"

    def _version(self) -> str:
        xe, ios = VERSIONS.get(self.running, ("03.99.00.S", "15.9(1)S"))
        up = datetime.now(UTC) - self.booted
        minutes = int(up.total_seconds() // 60)
        words = f"{minutes // 1440} days, {minutes % 1440 // 60} hours, {minutes % 60} minutes"
        restart = (
            f"System restarted at {self._stamp(self.booted + self.clock_error)}\n" if self.has_restart_line else ""
        )
        return (
            f"Cisco IOS XE Software, Version {xe}\n"
            f"Cisco IOS Software, ASR1000 Software (PPC_LINUX_IOSD-ADVENTERPRISEK9-M), Version {ios}, "
            "RELEASE SOFTWARE (fc1)\n"
            f"ROM: IOS-XE ROMMON\n\nr1 uptime is {words}\nSystem returned to ROM by reload\n{restart}"
            f'System image file is "bootflash:{self.running}"\nLast reload reason: Reload Command\n\n'
            "cisco ASR1002 (2RU) processor with 1711494K/6147K bytes of memory.\n"
            f"4194304K bytes of physical memory.\n\nConfiguration register is {self.register}\n"
        )

    def _config(self, boot: list[str], extra: list[str]) -> str:
        scp = ["ip scp server enable"] if self.scp_on else []
        lines = ["version 15.4", "hostname r1", *(f"boot system {b}" for b in boot), *scp, *extra, "end"]
        return "Building configuration...\n\n" + "\n".join(lines) + "\n"


class FakeSession:
    """One login."""

    def __init__(self, device: FakeDevice, observer: SessionObserver, read_only: bool) -> None:
        self._device = device
        self._observer = observer
        self._open = True
        self.hostname = "r1"
        self.privilege: int | None = 15
        self.algorithms = ""
        self.read_only = read_only
        self._boots = device.reloads

    def run(self, line: Line) -> Reply:
        if not self.alive():
            return self._lost()
        self._observer.line(Direction.SENT, line.text, changes=line.changes)
        special = self._device.on_line(line.text)
        if special is not None:
            self._device.lines.append(line.text)
            if special.ended is Ended.LOST:
                self._open = False
            return special
        if line.text == "reload":
            return self._reload(line)
        installed = self._device.install(line)
        if installed is not None:
            if installed.ended is Ended.LOST:
                self._open = False
            return installed
        text = self._device.answer(line.text)
        for row in text.splitlines():
            self._observer.line(Direction.RECEIVED, row)
        return Reply(text, Ended.PROMPT)

    def _reload(self, line: Line) -> Reply:
        self._device.lines.append("reload")
        if self._device.dirty:
            question = "System configuration has been modified. Save? [yes/no]: "
            raise UnknownPrompt(command="reload", question=question)
        self._device.restart()
        return self._lost()

    def configure(self, lines: Sequence[Line]) -> Reply:
        for line in lines:
            self._observer.line(Direction.SENT, line.text, changes=True)
            self._device.config(line.text)
        return Reply("", Ended.PROMPT)

    def _lost(self) -> Reply:
        self._open = False
        return Reply("", Ended.LOST)

    def alive(self) -> bool:
        return self._open and self._boots == self._device.reloads

    def idle_s(self) -> float:
        return 0.0

    def close(self) -> None:
        self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass
class FakeNet:
    """Net over one fake device."""

    device: FakeDevice
    probes: int = 0
    pushes: int = 0

    def session(self, endpoint: Endpoint, observer: SessionObserver, *, read_only: bool = False) -> FakeSession:
        if not self.device.up:
            raise ConnectRefused(address="10.0.0.1")
        self.device.logins += 1
        if self.device.busy_vtys:
            self.device.busy_vtys -= 1
            raise NoFreeVty(address="10.0.0.1")
        if self.device.refuse_logins:
            self.device.refuse_logins -= 1
            raise AuthError(address="10.0.0.1", profile="p")
        return FakeSession(self.device, observer, read_only)

    def push_scp(
        self,
        endpoint: Endpoint,
        observer: SessionObserver,
        source: str,
        remote: str,
        *,
        on_progress: Callable[[PushProgress], None],
        stall_s: float,
        last_answer_s: float,
    ) -> PushResult:
        self.pushes += 1
        data = Path(source).read_bytes()
        name = remote.partition(":")[2].lstrip("/")
        if self.device.push_error is not None:
            raise self.device.push_error
        if self.device.push_breaks:
            at = self.device.push_breaks.pop(0)
            self.device.files[name] = data[:at]
            raise TransferLost(file=name, sent=at, size=len(data), detail="EOF")
        if self.device.damage:
            self.device.damage -= 1
            data = b"\0" + data[1:]
        self.device.files[name] = data
        on_progress(PushProgress(len(data), len(data), 1e6))
        return PushResult(len(data), 0.1)

    def pull_scp(
        self,
        endpoint: Endpoint,
        observer: SessionObserver,
        remote: str,
        sink: Callable[[bytes], None],
        *,
        on_progress: Callable[[PushProgress], None],
        stall_s: float,
    ) -> PushResult:
        data = self.device.files[remote.partition(":")[2].lstrip("/")]
        if self.device.pull_breaks:
            at = self.device.pull_breaks.pop(0)
            if at < 0:
                raise Stalled(file=remote, sent=0, idle_s=stall_s)
            sink(data[:at])
            raise TransferLost(file=remote, sent=at, size=len(data), detail="EOF")
        sink(data)
        return PushResult(len(data), 0.1)

    def probe(self, endpoint: Endpoint, *, timeout_s: float) -> Probe:
        self.probes += 1
        device = self.device
        if device.up:
            return Probe(ProbeStage.BANNER)
        if device.never_back:
            return Probe(ProbeStage.REFUSED)
        device.boot_probes -= 1
        if device.boot_probes <= 0:
            device.up = True
        return Probe(ProbeStage.REFUSED)

    def close(self) -> None:
        pass
