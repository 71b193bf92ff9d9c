"""Settings: the table of what can be set, with types, ranges, defaults and help, and the values a person changed."""

from __future__ import annotations

import asyncio
import difflib
import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from swim_tui.engine.records import SettingValue
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, NotFound
from swim_tui.images.cisco import API_URL, TOKEN_URL, CiscoApi
from swim_tui.model.endpoint import HostKeyPolicy
from swim_tui.model.events import SettingsChanged
from swim_tui.model.fileserver import DEFAULT_PORTS, LocalFileServer, parse_ports
from swim_tui.model.options import ActivateMode, JobOptions, Protocol, UpgradeMode
from swim_tui.model.views import SettingRow

Read = Callable[[str], str]
"""The canonical spelling of a value; ValueError with words for one that is not usable."""

DEFAULT_PROFILE = "credentials.default"
MAX_PULLS = "servers.max_pulls"
MAX_PER_JUMP = "jumps.max_pushes"
FLASH_TOLERANCE = "flash.tolerance_percent"
KEEP_DAYS = "records.keep_days"
NOTIFY_COMMAND = "notify.command"
NOTIFY_ON = "notify.on"
NOTIFY_LIMIT = "notify.limit_s"
ON = frozenset({"on", "yes", "true", "1"})
OFF = frozenset({"off", "no", "false", "0"})


def _switch(text: str) -> str:
    if text.lower() in ON:
        return "on"
    if text.lower() in OFF:
        return "off"
    raise ValueError("it is neither on nor off")


def _number(low: float, high: float, *, whole: bool = True) -> Read:
    def read(text: str) -> str:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            raise ValueError("it is not a whole number" if whole else "it is not a number") from None
        if not low <= value <= high:
            raise ValueError(f"it is not between {low:g} and {high:g}")
        return f"{value:g}" if not whole else str(value)

    return read


@dataclass(frozen=True)
class _Words:
    """Reads one of these words."""

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        if text.lower() not in self.words:
            raise ValueError("it is none of the choices")
        return text.lower()


def _choice(*words: str) -> Read:
    return _Words(words)


def _protocols(text: str) -> str:
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in Protocol.__members__]
    if unknown:
        raise ValueError(f"{unknown[0]} is no transfer protocol")
    if len(set(names)) != len(names):
        raise ValueError("a protocol stands twice")
    if not names:
        raise ValueError("at least one protocol must be on")
    return ",".join(names)


def _zone(text: str) -> str:
    if not text or text == "machine":
        return "machine"
    try:
        return ZoneInfo(text).key
    except (KeyError, OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("the zone database does not know it") from None


def _host(text: str) -> str:
    """An address or name as it can stand in a device's command."""
    if text and not re.fullmatch(r"[A-Za-z0-9.:_-]{1,100}", text):
        raise ValueError("it is no address")
    return text


def _served(text: str) -> str:
    return _protocols(text) if text else ""


def _ports(text: str) -> str:
    return ",".join(f"{name}={port}" for name, port in {**parse_ports(DEFAULT_PORTS), **parse_ports(text)}.items())


def _name(text: str) -> str:
    if not text.isprintable() or len(text) > 128 or "/" in text:
        raise ValueError("no profile has such a name")
    return text


def _address(text: str) -> str:
    """An https address; http only on this machine, for a mirror or a test."""
    parts = urlsplit(text)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc or not text.isprintable():
        raise ValueError("it is no https:// address")
    if parts.scheme == "http" and not is_here:
        raise ValueError("a secret would travel in the clear: it must be https://")
    return text.rstrip("/")


def _text(text: str) -> str:
    if not text.isprintable() or len(text) > 20:
        raise ValueError("it is longer than 20 characters or not printable")
    return text


@dataclass(frozen=True)
class Setting:
    """One setting: its default, how a value is read, what is allowed in words, and help."""

    key: str
    default: str
    read: Read
    allowed: str
    help: str


def _command(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark has no end") from None
    if words and not (Path(words[0]).is_absolute() and os.access(words[0], os.X_OK) and Path(words[0]).is_file()):
        raise ValueError(f"{words[0]} is not the full path of a program")
    return text


_SWITCH = "on or off"

SETTINGS: tuple[Setting, ...] = (
    Setting("continue_on_failure", "on", _switch, _SWITCH, "other devices go on after one failed"),
    Setting(
        "collect_images_with_inventory",
        "off",
        _switch,
        _SWITCH,
        "after an inventory sync the images that devices run and the repository lacks are collected",
    ),
    Setting("insert_boot_command", "off", _switch, _SWITCH, "write and save the boot variable after distribution"),
    Setting("activate", "off", _choice(*ActivateMode), ", ".join(ActivateMode), "what happens after distribution"),
    Setting("backup_current_image", "off", _switch, _SWITCH, "copy the running image into the repository first"),
    Setting("tftp_fallback", "off", _switch, _SWITCH, "a last boot line that loads over TFTP"),
    Setting("erase_flash", "off", _switch, _SWITCH, "smart erase before distribution, only where space is short"),
    Setting("upgrade_mode", "current", _choice(*UpgradeMode), ", ".join(UpgradeMode), "device upgrade mode"),
    Setting("verify_hash", "on", _switch, _SWITCH, "hash on the device after the copy"),
    Setting("distribution.max_devices", "20", _number(1, 1000), "1 to 1000", "devices that copy at once"),
    Setting("activation.max_devices", "10", _number(1, 200), "1 to 200", "devices in a parallel activation batch"),
    Setting(
        "activation.failures_before_stop", "0", _number(0, 1000), "0 to 1000", "activation failures before a run stops"
    ),
    Setting("activation.soak_s", "120", _number(0, 3600), "0 to 3600 seconds", "wait before the post-checks"),
    Setting(MAX_PER_JUMP, "0", _number(0, 1000), "0 (no limit) to 1000", "pushes at once through one jump host"),
    Setting(MAX_PULLS, "10", _number(1, 200), "1 to 200", "pulls at once from one SWIM server"),
    Setting(
        "reload.limit_s", "0", _number(0, 7200), "0 (the pack's) to 7200 seconds", "how long a reload may take at most"
    ),
    Setting(
        "protocols.order",
        "SCP,SFTP,HTTPS",
        _protocols,
        "SCP, SFTP, HTTPS, FTP, HTTP, TFTP in the order to try, commas between",
        "image transfer protocols, first to last; what is not named is never tried",
    ),
    Setting("config_protocol.order", "ssh", _choice("ssh"), "ssh", "how configurations are read"),
    Setting("file_server.address", "", _host, "an address, or nothing: off", "where devices reach the engine"),
    Setting(
        "file_server.protocols",
        "",
        _served,
        "HTTPS, HTTP, SFTP, SCP, FTP, TFTP, commas between; nothing: off",
        "what devices may pull with, while a run needs it",
    ),
    Setting("file_server.bind", "", _host, "an address of this machine; nothing: the same", "where it listens"),
    Setting("file_server.ports", DEFAULT_PORTS, _ports, "HTTP, HTTPS, SSH, FTP, TFTP with = and a port", "its ports"),
    Setting("file_server.tftp", "off", _switch, _SWITCH, "TFTP for the fallback boot line, while a device needs it"),
    Setting("sync.wait", "on", _switch, _SWITCH, "a job waits for a sync of its device; off: the sync gives way"),
    Setting("sync.wait_limit_min", "30", _number(0, 1440), "0 (no limit) to 1440", "how many minutes it waits"),
    Setting(FLASH_TOLERANCE, "0", _number(0, 20), "0 to 20", "how far minimum flash may be undercut"),
    Setting(DEFAULT_PROFILE, "", _name, "a credential profile, or nothing", "profile of devices that name none"),
    Setting("host_keys", "trust-first", _choice(*HostKeyPolicy), ", ".join(HostKeyPolicy), "unknown SSH host keys"),
    Setting("cisco.token_url", TOKEN_URL, _address, "an https:// address", "Cisco.com's tokens for API clients"),
    Setting("cisco.api_url", API_URL, _address, "an https:// address", "Cisco.com's software download API"),
    Setting("time_zone", "machine", _zone, "machine, or a zone such as America/New_York", "zone of schedules"),
    Setting("environment", "", _text, "up to 20 characters", "badge in the header, such as PROD"),
    Setting(KEEP_DAYS, "0", _number(0, 3650), "0 (for ever) to 3650", "days that the records of runs are kept"),
    Setting(
        NOTIFY_COMMAND,
        "",
        _command,
        "full path and arguments; no shell",
        "started when a run ends or stops for a person; it reads JSON from its standard input",
    ),
    Setting(NOTIFY_ON, "end", _choice("end", "failure"), "end, failure", "which ends it hears of: all, or bad ones"),
    Setting(NOTIFY_LIMIT, "30", _number(1, 600), "1 to 600 seconds", "how long it may run"),
    Setting("waits.scale", "1", _number(0.1, 1000, whole=False), "0.1 to 1000", "divides every wait; 1 but for a lab"),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


class SettingsService:
    """The settings of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state
        if state.scale == 1.0:
            state.scale = float(self.value("waits.scale"))

    async def settings(self) -> list[SettingRow]:
        """Every setting, in the order of the settings page."""
        return [self._row(setting) for setting in SETTINGS]

    async def set_setting(self, key: str, value: str) -> SettingRow:
        """Change one; BadValue for a value outside its range, NotFound for an unknown key."""
        setting = find(key)
        try:
            canonical = setting.read(value.strip())
        except ValueError as err:
            raise BadValue(name=key, value=value, detail=str(err), allowed=setting.allowed) from None
        if key == DEFAULT_PROFILE and canonical and canonical not in self._state.tables.profiles:
            known = ", ".join(sorted(profile.name for profile in self._state.tables.profiles.all()))
            raise BadValue(name=key, value=value, detail="there is no such profile", allowed=known or "none: add one")
        table = self._state.tables.settings
        future = table.delete(key) if canonical == setting.default else table.put(SettingValue(key, canonical))
        await asyncio.wrap_future(future)
        if key == "waits.scale":
            self._state.scale = float(canonical)
        self._state.hub.publish(SettingsChanged(key))
        return self._row(setting)

    def value(self, key: str) -> str:
        """The value that holds now, as text."""
        return value_of(self._state, key)

    def is_on(self, key: str) -> bool:
        """A switch."""
        return self.value(key) == "on"

    def number(self, key: str) -> float:
        """A number."""
        return float(self.value(key))

    def cisco_api(self) -> CiscoApi:
        """Where Cisco.com's download API is."""
        return CiscoApi(self.value("cisco.token_url"), self.value("cisco.api_url"))

    def local_file_server(self) -> LocalFileServer:
        """The engine as a server that devices pull from."""
        names = [name for name in self.value("file_server.protocols").split(",") if name]
        if self.is_on("file_server.tftp") and Protocol.TFTP not in names:
            names.append(Protocol.TFTP.value)
        return LocalFileServer(
            self.value("file_server.address"),
            tuple(Protocol(name) for name in names),
            self.value("file_server.bind"),
            parse_ports(self.value("file_server.ports")),
            legacy=any(device.legacy_ssh for device in self._state.tables.devices.all()),
        )

    def host_key_policy(self) -> HostKeyPolicy:
        """What happens at an unknown host key."""
        return HostKeyPolicy(self.value("host_keys"))

    def default_options(self) -> JobOptions:
        """The options a new job starts with."""
        return JobOptions(
            backup_current_image=self.is_on("backup_current_image"),
            tftp_fallback=self.is_on("tftp_fallback"),
            erase_flash=self.is_on("erase_flash"),
            insert_boot_command=self.is_on("insert_boot_command"),
            activate=ActivateMode(self.value("activate")),
            upgrade_mode=UpgradeMode(self.value("upgrade_mode")),
            continue_on_failure=self.is_on("continue_on_failure"),
            verify_hash=self.is_on("verify_hash"),
            max_distribution=int(self.value("distribution.max_devices")),
            max_activation=int(self.value("activation.max_devices")),
            failures_before_stop=int(self.value("activation.failures_before_stop")),
            soak_s=self.number("activation.soak_s"),
            protocol_order=tuple(Protocol(name) for name in self.value("protocols.order").split(",")),
        )

    def _row(self, setting: Setting) -> SettingRow:
        if setting.key == "waits.scale":
            value = f"{self._state.scale:g}"
        elif setting.key == "environment":
            value = self._state.environment or self.value(setting.key)
        else:
            value = self.value(setting.key)
        kept = setting.key in self._state.tables.settings
        origin = "set" if kept else "default" if value == setting.default else "command line"
        text = f"{setting.help} ({setting.allowed})"
        return SettingRow(setting.key, value, setting.default, text, origin, choices_of(setting))


def choices_of(setting: Setting) -> tuple[str, ...]:
    """The words that a person chooses among; none where the value is typed."""
    if setting.read is _switch:
        return ("on", "off")
    return setting.read.words if isinstance(setting.read, _Words) else ()


def value_of(state: State, key: str) -> str:
    """The value of a setting that holds now, as text."""
    kept = state.tables.settings.get(key)
    return kept.value if kept else find(key).default


def find(key: str) -> Setting:
    """The setting of this key; NotFound names the nearest one."""
    found = _BY_KEY.get(key)
    if found is None:
        near = difflib.get_close_matches(key, _BY_KEY, 1, 0.4)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise NotFound(kind="setting", name=key, detail=hint, listing="settings list")
    return found
