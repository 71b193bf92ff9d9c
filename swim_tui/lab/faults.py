"""The faults a device or jump host can be given, in the network file or while the lab runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum


class FaultError(Exception):
    """A fault that nobody knows, or a value that does not fit it."""


class Value(StrEnum):
    """What stands after the `=` of a fault."""

    NONE = "nothing"
    PERCENT = "a percentage like 50%"
    RATE = "bytes per second"
    SECONDS = "seconds"
    LEVEL = "a privilege level from 0 to 15"
    HEX = "a register like 0x2142"
    WORDS = "the beginning of a command"
    MEMBER = "the number of a member"
    CAUSE = "a cause (see data/lab/README.md)"
    STEP = "a step of the operation"


@dataclass(frozen=True)
class FaultKind:
    """One fault: what value it takes, the value when none is given, and what it does."""

    value: Value
    default: str
    text: str


DEVICE_FAULTS: dict[str, FaultKind] = {
    "refuse_connection": FaultKind(Value.NONE, "", "nothing listens on the SSH port"),
    "drop_at": FaultKind(Value.PERCENT, "50", "a copy is cut after that part (100%: before its last answer)"),
    "new_host_key": FaultKind(Value.NONE, "", "it has another host key from now on"),
    "stall_at": FaultKind(Value.PERCENT, "50", "a copy stops moving after that part"),
    "wrong_hash": FaultKind(Value.NONE, "", "one byte of a received file is stored wrong"),
    "flash_full": FaultKind(Value.NONE, "", "no free byte on the boot file system"),
    "slow": FaultKind(Value.RATE, "65536", "SCP runs at that rate"),
    "vty_full": FaultKind(Value.NONE, "", "connections are closed before the SSH banner"),
    "wrong_enable": FaultKind(Value.NONE, "", "the enable password is another one"),
    "privilege": FaultKind(Value.LEVEL, "1", "logins get that privilege level"),
    "hang_in_command": FaultKind(Value.WORDS, "", "a command (or all) never answers"),
    "late_auth": FaultKind(Value.SECONDS, "60", "logins fail for that long after a boot (scaled)"),
    "never_back": FaultKind(Value.NONE, "", "the next reload ends in the boot loader"),
    "back_on_old": FaultKind(Value.NONE, "", "the next reload starts the running image again"),
    "scp_server_off": FaultKind(Value.NONE, "", "SCP is refused whatever the configuration says"),
    "legacy_kex": FaultKind(Value.NONE, "", "only SHA-1 key exchange, ssh-rsa and CBC are offered"),
    "no_answer_after_last_byte": FaultKind(Value.SECONDS, "15", "the answer to the last byte comes late"),
    "dirty_config": FaultKind(Value.NONE, "", "the running configuration has an unsaved line"),
    "manual_boot": FaultKind(Value.NONE, "", "manual boot is on: a reload stays in the boot loader"),
    "config_register_next": FaultKind(Value.HEX, "0x2142", "that register is used at the next reload"),
    "save_fails": FaultKind(Value.NONE, "", "the startup configuration cannot be written"),
    "boot_ignored": FaultKind(Value.NONE, "", "boot system lines are taken without a word and not kept"),
    "paging_stays": FaultKind(Value.NONE, "", "terminal length is refused: answers come page by page"),
    "crash_again": FaultKind(Value.SECONDS, "20", "that long after its next boot it crashes and boots once more"),
    "clock_slow": FaultKind(Value.SECONDS, "86400", "its clock is that far behind (device clocks are not scaled)"),
    "reload_denied": FaultKind(Value.NONE, "", "reload is refused by command authorization"),
}
# What a pull can meet.
DEVICE_FAULTS |= {
    "copy_error": FaultKind(Value.WORDS, "I/O error", "a pull is refused with that reason"),
    "copy_write_error": FaultKind(Value.WORDS, "Write failed", "the flash refuses half way through a pull"),
    "copy_read_error": FaultKind(Value.WORDS, "Timed out", "the server is silent half way through a pull"),
    "copy_timeouts": FaultKind(Value.NONE, "", "some progress marks are dots, O and E"),
    "copy_idle_out": FaultKind(Value.SECONDS, "600", "no marks, the session is closed then; the copy goes on"),
    "copy_idle_abort": FaultKind(Value.SECONDS, "600", "no marks, the session is closed then; a part stays"),
    "exclusive_flash": FaultKind(Value.NONE, "", "a second copy to the same flash is refused"),
    "low_memory": FaultKind(Value.NONE, "", "a copy is refused for lack of memory"),
    "no_pull": FaultKind(Value.NONE, "", "copy knows no remote file systems"),
}
# Stacks, install mode and archives.
DEVICE_FAULTS |= {
    "v_mismatch": FaultKind(Value.MEMBER, "2", "that member keeps its version at the next reload"),
    "member_removed": FaultKind(Value.MEMBER, "2", "that member does not come back from a reload"),
    "member_late": FaultKind(Value.SECONDS, "600", "members take that long to join after a boot"),
    "member_full": FaultKind(Value.MEMBER, "2", "no free byte on that member's flash"),
    "standby_cold": FaultKind(Value.NONE, "", "the standby never gets further than COLD"),
    "install_fails": FaultKind(Value.CAUSE, "space", "an install ends in FAILED, for that cause"),
    "install_running": FaultKind(Value.NONE, "", "another install operation is running"),
    "drop_in_install": FaultKind(Value.NONE, "", "the session is cut in an install; the work goes on"),
    "auto_abort_after": FaultKind(Value.SECONDS, "1800", "the auto-abort timer runs that long, whatever was asked for"),
    "issu_fails": FaultKind(Value.STEP, "loadversion", "that step of an ISSU fails"),
    "archive_fails": FaultKind(Value.CAUSE, "invalid", "archive download-sw ends in an error, for that cause"),
    "update_left": FaultKind(Value.NONE, "", "a directory of an aborted archive download is in the way"),
}
# NX-OS and IOS-XR.
DEVICE_FAULTS |= {
    "nxos_install_fails": FaultKind(Value.WORDS, "verify", "verify precheck incompatible icam late runtime busy"),
    "forced_disruptive": FaultKind(Value.NONE, "", "a non-disruptive install turns out to be disruptive"),
    "xr_install_fails": FaultKind(Value.WORDS, "aborted", "certificate incompatible aborted failure space md5 busy"),
    "xr_add_warns": FaultKind(Value.NONE, "", "the add says that packages were already there"),
    "commit_refused": FaultKind(Value.NONE, "", "install commit is refused while nodes come up"),
    "fpd_pending": FaultKind(Value.NONE, "", "FPDs want an upgrade"),
    "failed_config": FaultKind(Value.NONE, "", "part of the startup configuration is refused at the next boot"),
    "nodes_late": FaultKind(Value.SECONDS, "300", "line cards take that long after a boot"),
    "standby_full": FaultKind(Value.NONE, "", "no room on the other supervisor's flash"),
    "peer_link_down": FaultKind(Value.NONE, "", "the vPC peer link is down"),
    "config_locked": FaultKind(Value.NONE, "", "configuration mode is locked by somebody else"),
}
SERVER_FAULTS: dict[str, FaultKind] = {
    "gone": FaultKind(Value.NONE, "", "nothing listens; devices get no answer"),
    "hang": FaultKind(Value.NONE, "", "connections are taken and never answered"),
    "wrong_password": FaultKind(Value.NONE, "", "every password is wrong"),
    "disk_full": FaultKind(Value.NONE, "", "no free byte"),
    "slow": FaultKind(Value.RATE, "65536", "transfers run at that rate"),
    "drop_at": FaultKind(Value.PERCENT, "50", "an upload is cut after that part"),
    "wrong_hash": FaultKind(Value.NONE, "", "one byte of an upload is stored wrong"),
    "no_permission": FaultKind(Value.NONE, "", "files cannot be written"),
}
JUMP_FAULTS: dict[str, FaultKind] = {
    "dead": FaultKind(Value.NONE, "", "nothing listens"),
    "refuse_forwarding": FaultKind(Value.NONE, "", "forwarding is administratively prohibited"),
    "drop_connections": FaultKind(Value.NONE, "", "all connections are cut when it is set"),
    "otp": FaultKind(Value.NONE, "", "a one-time code is asked after the password"),
    "new_host_key": FaultKind(Value.NONE, "", "it has another host key from now on"),
}
TABLES = (DEVICE_FAULTS, SERVER_FAULTS, JUMP_FAULTS)
_PATTERN = re.compile(r"^(?P<name>[a-z_]+)(?:=(?P<value>[^*]+))?(?:\*(?P<times>\d+))?$")
_NUMBERS = {
    Value.PERCENT: re.compile(r"^\d{1,3}%?$"),
    Value.RATE: re.compile(r"^\d+$"),
    Value.SECONDS: re.compile(r"^\d+(\.\d+)?s?$"),
    Value.LEVEL: re.compile(r"^(\d|1[0-5])$"),
    Value.HEX: re.compile(r"^0x[0-9A-Fa-f]{1,4}$"),
    Value.WORDS: re.compile(r"^.+$"),
    Value.MEMBER: re.compile(r"^\d{1,2}$"),
    Value.CAUSE: re.compile(r"^[a-z_]+$"),
    Value.STEP: re.compile(r"^[a-z]+$"),
}


@dataclass(frozen=True)
class Fault:
    """A fault as given: `name`, `name=value`, and `*N` for the next N times only."""

    name: str
    value: str
    times: int = 0

    @property
    def text(self) -> str:
        """The fault as it would be given."""
        value = f"={self.value}" if self.value else ""
        return f"{self.name}{value}{f'*{self.times}' if self.times else ''}"

    @property
    def number(self) -> float:
        """The value as a number (a percentage as a fraction)."""
        text = self.value.rstrip("%s")
        if self.value.startswith("0x"):
            return float(int(self.value, 16))
        return float(text) / (100 if _kind(self.name).value is Value.PERCENT else 1)


def _kind(name: str) -> FaultKind:
    return DEVICE_FAULTS.get(name) or SERVER_FAULTS.get(name) or JUMP_FAULTS[name]


def parse_fault(text: str) -> Fault:
    """A fault from its text; FaultError names what is known."""
    match = _PATTERN.match(text.strip())
    name = match["name"] if match else text.strip()
    if match is None or (not any(name in table for table in TABLES)):
        others = [f"{key} (jump host)" for key in JUMP_FAULTS] + [f"{key} (server)" for key in SERVER_FAULTS]
        known = ", ".join([*DEVICE_FAULTS, *others])
        raise FaultError(f"no fault '{name}'; known are {known}")
    kind = _kind(name)
    value = (match["value"] or kind.default).strip()
    if kind.value is Value.NONE and match["value"]:
        raise FaultError(f"fault '{name}' takes no value")
    pattern = _NUMBERS.get(kind.value)
    if pattern is not None and not pattern.match(value) and (value or kind.value is not Value.WORDS):
        raise FaultError(f"fault '{name}' wants {kind.value}, not '{value}'")
    return Fault(name, value, int(match["times"] or 0))


class FaultSet:
    """The faults one device or jump host has now."""

    def __init__(self, known: dict[str, FaultKind], texts: tuple[str, ...] = ()) -> None:
        self._known = known
        self._faults: dict[str, Fault] = {}
        for text in texts:
            self.add(text)

    def add(self, text: str) -> Fault:
        """Set a fault; FaultError when it does not fit this kind of host."""
        fault = parse_fault(text)
        if fault.name not in self._known:
            raise FaultError(f"fault '{fault.name}' does not fit here; known are {', '.join(self._known)}")
        self._faults[fault.name] = fault
        return fault

    def clear(self, name: str = "") -> list[str]:
        """Remove one fault, or all; the names that were removed."""
        names = [name] if name else list(self._faults)
        return [gone for gone in names if self._faults.pop(gone, None) is not None]

    def get(self, name: str) -> Fault | None:
        """The fault if it is set."""
        return self._faults.get(name)

    def has(self, name: str) -> bool:
        """Whether the fault is set."""
        return name in self._faults

    def take(self, name: str) -> Fault | None:
        """The fault if it is set; a counted one is used up by this."""
        fault = self._faults.get(name)
        if fault is None or not fault.times:
            return fault
        if fault.times == 1:
            del self._faults[name]
        else:
            self._faults[name] = replace(fault, times=fault.times - 1)
        return fault

    def texts(self) -> list[str]:
        """All faults as text, for status."""
        return [fault.text for fault in self._faults.values()]
