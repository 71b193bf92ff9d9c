"""The scripted engine's settings, credential profiles, jump hosts, groups, host keys and servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from swim_tui.engine.services.settings import SETTINGS, choices_of
from swim_tui.errors import Problem, SwimError
from swim_tui.model.device import Device, Group, GroupKind, GroupRule, JumpHost
from swim_tui.model.options import Protocol
from swim_tui.model.secret import CredentialProfile
from swim_tui.model.server import ServerCheck, ServerProtocol, ServerRow, SwimServer
from swim_tui.model.views import ConfigRow, DeviceRow, HopReport, HostKeyRow, SettingRow

_SHOWN = (
    "continue_on_failure", "collect_images_with_inventory", "insert_boot_command", "activate", "backup_current_image",
    "tftp_fallback", "erase_flash", "upgrade_mode", "verify_hash", "distribution.max_devices",
    "activation.max_devices", "activation.failures_before_stop", "activation.soak_s", "reload.limit_s",
    "protocols.order", "config_protocol.order", "flash.tolerance_percent", "host_keys", "time_zone", "environment",
)  # fmt: skip
"""Settings of the pictures: another one in the engine is no other picture."""


def setting_rows(changed: Mapping[str, str]) -> dict[str, SettingRow]:
    """Of the engine's own table of settings, with some values changed."""
    rows = (
        SettingRow(
            one.key,
            changed.get(one.key, one.default),
            one.default,
            f"{one.help} ({one.allowed})",
            "set" if one.key in changed else "default",
            choices_of(one),
        )
        for one in SETTINGS
        if one.key in _SHOWN
    )
    return {row.key: row for row in rows}


@dataclass
class AdminApi:
    """What the pages of names ask of an engine; `refuse` is what the next change is answered with."""

    refuse: SwimError | None = None
    now: datetime = datetime(2026, 3, 14, 1, 20, tzinfo=UTC)
    profiles: dict[str, CredentialProfile] = field(default_factory=dict)
    jumps_: dict[str, JumpHost] = field(default_factory=dict)
    groups_: dict[tuple[str, str], Group] = field(default_factory=dict)
    keys: list[HostKeyRow] = field(default_factory=list)
    configs_: list[ConfigRow] = field(default_factory=list)
    servers_: dict[str, ServerRow] = field(default_factory=dict)
    hops: list[HopReport] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    diffs: list[tuple[str, str, str]] = field(default_factory=list)
    devices: dict[str, DeviceRow] = field(default_factory=dict)
    inventory_: dict[str, Device] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse, if the test says so."""
        if self.refuse is not None:
            raise self.refuse

    def _did(self, *call: Any) -> None:
        self.check()
        self.calls.append(call)

    # --- devices and groups ---

    async def add_device(self, device: Device) -> None:
        self._did("add_device", device)
        self.inventory_[device.name] = device

    async def update_device(self, name: str, device: Device) -> None:
        self._did("update_device", name, device)
        self.inventory_[device.name] = device
        self.devices[device.name] = replace(self.devices.pop(name), name=device.name, description=device.description)

    async def remove_devices(self, names: list[str]) -> None:
        self._did("remove_devices", *names)
        for name in names:
            del self.devices[name]

    async def groups(self) -> list[Group]:
        return list(self.groups_.values())

    async def set_group(self, group: Group, devices: list[str]) -> None:
        self._did("set_group", group, tuple(devices))
        self.groups_[group.kind, group.name] = group

    async def rename_group(self, name: str, kind: GroupKind, new_name: str) -> None:
        self._did("rename_group", name, kind, new_name)
        self.groups_[kind, new_name] = replace(self.groups_.pop((kind, name)), name=new_name)

    async def remove_group(self, name: str, kind: GroupKind) -> None:
        self._did("remove_group", name, kind)
        del self.groups_[kind, name]

    # --- access ---

    async def credentials(self) -> list[CredentialProfile]:
        return list(self.profiles.values())

    async def add_credentials(self, name: str, username: str, **values: Any) -> CredentialProfile:
        self._did("add_credentials", name, username, values)
        self.profiles[name] = CredentialProfile(name, username, has_password=bool(values["password"]))
        return self.profiles[name]

    async def confirm_credentials(self, name: str, by: str = "") -> CredentialProfile:
        self._did("confirm_credentials", name)
        self.profiles[name] = replace(self.profiles[name], parked=False, parked_reason="")
        return self.profiles[name]

    async def remove_credentials(self, name: str) -> None:
        self._did("remove_credentials", name)
        del self.profiles[name]

    async def jumps(self) -> list[JumpHost]:
        return list(self.jumps_.values())

    async def add_jump(self, jump: JumpHost) -> None:
        self._did("add_jump", jump)
        self.jumps_[jump.name] = jump

    async def remove_jump(self, name: str) -> None:
        self._did("remove_jump", name)
        del self.jumps_[name]

    async def test_jump(self, name: str) -> list[HopReport]:
        self._did("test_jump", name)
        return self.hops

    async def host_keys(self) -> list[HostKeyRow]:
        return list(self.keys)

    async def accept_host_key(self, host: str, port: int, **values: Any) -> HostKeyRow:
        self._did("accept_host_key", host, port, values)
        index = next(n for n, row in enumerate(self.keys) if (row.host, row.port) == (host, port))
        self.keys[index] = replace(self.keys[index], state="known", fingerprint=values.get("fingerprint", ""))
        return self.keys[index]

    async def remove_host_key(self, host: str, port: int, via: list[str] = [], by: str = "") -> None:  # noqa: B006
        self._did("remove_host_key", host, port, tuple(via))
        self.keys = [row for row in self.keys if (row.host, row.port) != (host, port)]

    # --- SWIM servers ---

    async def servers(self) -> list[ServerRow]:
        return list(self.servers_.values())

    async def save_server(self, server: SwimServer, old_name: str = "") -> SwimServer:
        self._did("save_server", server, old_name)
        old = self.servers_.pop(old_name or server.name, None)
        self.servers_[server.name] = replace(old or ServerRow(server), server=server)
        return server

    async def set_server_protocol(self, server: str, protocol: Protocol, **values: Any) -> SwimServer:
        self._did("set_server_protocol", server, protocol, values)
        row = ServerProtocol(
            protocol,
            values["port"],
            values["username"],
            bool(values["password"]),
            values["credentials"],
            values["home"],
        )
        old = self.servers_[server].server
        fresh = replace(old, protocols=(*(r for r in old.protocols if r.protocol is not protocol), row))
        self.servers_[server] = ServerRow(fresh)
        return fresh

    async def remove_server_protocol(self, server: str, protocol: Protocol) -> SwimServer:
        self._did("remove_server_protocol", server, protocol)
        old = self.servers_[server].server
        fresh = replace(old, protocols=tuple(r for r in old.protocols if r.protocol is not protocol))
        self.servers_[server] = ServerRow(fresh)
        return fresh

    async def verify_server(self, name: str, protocol: str = "") -> ServerRow:
        self._did("verify_server", name)
        row = self.servers_[name]
        refused = Problem("SWIM-4020", "the server refused the login of 'swim'", "m sets another password")
        checks = tuple(
            ServerCheck(
                one.protocol,
                one.protocol is not Protocol.SCP,
                "probe written, read back, deleted; 412 GB free"
                if one.protocol is not Protocol.SCP
                else "login refused",
                self.now,
                refused if one.protocol is Protocol.SCP else None,
            )
            for one in row.server.protocols
        )
        self.servers_[name] = replace(row, checks=checks)
        return self.servers_[name]

    async def remove_servers(self, names: list[str]) -> None:
        self._did("remove_servers", *names)
        for name in names:
            del self.servers_[name]

    # --- configuration archive ---

    async def configs(self, device: str = "") -> list[ConfigRow]:
        return [row for row in self.configs_ if device in ("", row.device)]

    async def config(self, device: str, id: str = "") -> str:
        return f"! {device} {id}\nhostname {device}\nenable secret 5 ********\n"

    async def config_diff(self, device: str, old: str = "", new: str = "") -> str:
        self.diffs.append((device, old, new))
        return f"--- {old}\n+++ {new}\n@@ -1 +1 @@\n-vlan 10\n+vlan 20\n"


PRINTS = {
    "a": "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "b": "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDuEUaYlOGNUfHmJSE",
}


def populate(api: AdminApi, now: datetime) -> None:
    """Profiles, jump hosts, groups, keys and configurations, one of each interesting kind."""
    api.profiles = {
        one.name: one
        for one in (
            CredentialProfile("site-admin", "admin", has_password=True, has_enable=True),
            CredentialProfile("jump-key", "ops", key_file="~/.ssh/id_ed25519", use_agent=True),
            CredentialProfile("tacacs", "anna", has_password=True, one_time_code=True, push_answer="push"),
            CredentialProfile("auditor", "view", has_password=True, read_only=True),
            CredentialProfile(
                "old", "cisco", has_password=True, parked=True, parked_reason="sw-ams-3 refused its login"
            ),
        )
    }
    api.jumps_ = {
        "jump1": JumpHost("jump1", "192.0.2.10", 22, "jump-key"),
        "jump2": JumpHost("jump2", "198.51.100.7", 2222, "tacacs", "jump1"),
    }
    api.hops = [
        HopReport("jump1", "192.0.2.10:22", ok=True, fingerprint=PRINTS["a"], algorithms="curve25519 aes128-gcm"),
        HopReport(
            "jump2", "198.51.100.7:2222", ok=False,
            problem=Problem("SWIM-4010", "jump2 does not answer", "see whether it is up"),
        ),
    ]  # fmt: skip
    groups = [Group("Netherlands", GroupKind.LOCATION)]
    groups += [
        Group(name, GroupKind.LOCATION, "Netherlands" if name != "Berlin" else "", "Europe/Amsterdam")
        for name in ("Amsterdam", "Berlin", "Delft")
    ]
    groups += [
        Group("pilot", GroupKind.USER, credentials="site-admin"),
        Group("edge", GroupKind.USER, rule=GroupRule(role="access", name="sw-ams-*")),
    ]
    api.groups_ = {(group.kind, group.name): group for group in groups}
    then = now - timedelta(days=30)
    api.keys = [
        HostKeyRow("10.0.0.1", 22, ("jump1",), ("sw-ams-1",), "ssh-rsa", PRINTS["a"], "trusted on first use", then),
        HostKeyRow(
            "10.0.0.2", 22, ("jump1",), ("sw-ams-2",), "ssh-ed25519", PRINTS["a"], "accepted", then, "anna",
            state="changed", offered_type="ssh-ed25519", offered_fingerprint=PRINTS["b"], offered_at=now,
        ),
        HostKeyRow(
            "192.0.2.10", 22, (), ("jump1",), state="unknown", offered_type="ssh-ed25519",
            offered_fingerprint=PRINTS["b"], offered_at=now,
        ),
    ]  # fmt: skip
    plain = (ServerProtocol(Protocol.SFTP, username="swim", has_password=True),)
    for row in (
        ServerRow(
            SwimServer("NY_Region", "10.20.0.9", ("Berlin",), protocols=plain),
            images=("c2960-lanbasek9-mz.150-2.SE11.bin",),
        ),
        ServerRow(SwimServer("SF_Region", "10.30.0.9", ("Delft",))),
    ):
        api.servers_[row.server.name] = row
    api.configs_ = [
        ConfigRow(device, f"{at:%Y%m%dT%H%M%S.%fZ}-{name}", name, at, size)
        for device in ("sw-ams-1", "sw-ams-2")
        for at in (now - timedelta(hours=2), now - timedelta(days=3))
        for name, size in (("running", 12_345), ("startup", 12_001))
    ]


def regions(api: AdminApi) -> None:
    """Other servers: a verified one, one with two protocols, one without any."""
    api.servers_ = {}
    sftp = ServerProtocol(Protocol.SFTP, username="swim", has_password=True, home="/srv/images")
    scp = ServerProtocol(Protocol.SCP, 2222, credentials="site-admin", home="/srv/images")
    checked = (ServerCheck(Protocol.SFTP, True, "probe written, read back, deleted; 412 GB free", api.now),)
    for row in (
        ServerRow(SwimServer("AMS_Region", "198.51.100.20", ("Amsterdam", "Delft"), "old mill", (sftp,)), checked),
        ServerRow(SwimServer("BER_Region", "203.0.113.9", ("Berlin",), "", (sftp, scp), ("jump1",))),
        ServerRow(SwimServer("Spare", "203.0.113.10", ("Berlin",))),
    ):
        api.servers_[row.server.name] = row
