"""The rows of an inventory file: which fields they have, and what each may hold."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from swim_tui.model.device import Device, Group, GroupKind, GroupRule, HopMethod, JumpHost, Role
from swim_tui.model.endpoint import ANY_WAY, HostKey
from swim_tui.model.job import SERVER_TASK
from swim_tui.model.options import Protocol
from swim_tui.model.secret import Secret
from swim_tui.model.server import DEFAULT_PORTS, NO_TFTP, ServerProtocol, SwimServer

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,62}))*\.?")
_FILE_NAME = 240  # of 255 bytes: folders and logs are named by it, with what is not plain quoted
_KEY = re.compile(r"(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]{16,}={0,3}")


def _name(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("a name has at least one character, and no space at its ends")
    if len(text) > 128 or not text.isprintable() or "/" in text or text.startswith((".", "-")):
        raise ValueError("a name has at most 128 printable characters, no '/', and does not begin with '.' or '-'")
    if len(quote(text, safe="", errors="replace")) > _FILE_NAME:
        raise ValueError("a name with that many letters that are not plain ones is too long for a file name")
    return text


def _address(text: str) -> str:
    if re.fullmatch(r"[0-9.]+", text) or ":" in text:
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            raise ValueError("it is not an IP address") from None
    if not _HOST.fullmatch(text):
        raise ValueError("it is neither an IP address nor a host name")
    return text


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    if text:
        try:
            ZoneInfo(text)
        except (KeyError, OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
            raise ValueError("the zone database does not know it") from None
    return text


def _key(text: str) -> str:
    words = " ".join(text.split()[:2])
    if not _KEY.fullmatch(words):
        raise ValueError("it is not a public key as in 'ssh-ed25519 AAAA...'")
    return words


def _template(text: str) -> str:
    if not text.isprintable() or len(text) > 200:
        raise ValueError("it is longer than 200 characters or not printable")
    wrong = re.sub(r"%[hpru%]", "", text)
    if "%" in wrong:
        raise ValueError("only %h, %p, %r, %u and %% are known")
    return text


def _home(text: str) -> str:
    if not text.isprintable() or "?" in text or "\\" in text or any(part == ".." for part in text.split("/")):
        raise ValueError("a directory is printable text without '?', '\\' and '..'")
    return text if text == "/" else text.rstrip("/")


def _user(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._@+-]{0,64}", text):
        raise ValueError("a user name on a server has letters, digits and . _ @ + - only: devices type it in a line")
    return text


def _sites(names: list[str]) -> list[str]:
    if not names:
        raise ValueError("at least one site is mandatory")
    return list(dict.fromkeys(names))


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Name = Annotated[str, AfterValidator(_name)]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Row(BaseModel):
    """A row: unknown fields are problems, and text is never taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class RuleRow(Row):
    """The rule of a user-defined group."""

    platform: str = ""
    role: Annotated[Role | None, Field(strict=False)] = None
    location: str = ""
    name: str = ""


class GroupRow(Row):
    """A group."""

    name: Name
    kind: Annotated[GroupKind, Field(strict=False)]
    parent: str = ""
    zone: Annotated[str, AfterValidator(_zone)] = ""
    rule: RuleRow = RuleRow()
    credentials: str = ""

    def made(self) -> Group:
        """The row as a value of the model."""
        role = self.rule.role.value if self.rule.role else ""
        rule = GroupRule(self.rule.platform, role, self.rule.location, self.rule.name)
        return Group(self.name, self.kind, self.parent, self.zone, rule, self.credentials)


class CredentialsRow(Row):
    """A credential profile; its values are never shown."""

    name: Name
    username: str
    password: str = ""
    enable: str = ""
    key_file: str = ""
    key_passphrase: str = ""
    use_agent: bool = False
    one_time_code: bool = False
    push_answer: str = ""
    read_only: bool = False

    def made(self) -> CredentialEntry:
        """The row as a value of the model."""
        return CredentialEntry(
            name=self.name,
            username=self.username,
            password=Secret(self.password),
            enable=Secret(self.enable),
            key_file=self.key_file,
            key_passphrase=Secret(self.key_passphrase),
            use_agent=self.use_agent,
            one_time_code=self.one_time_code,
            push_answer=self.push_answer,
            read_only=self.read_only,
        )


class JumpRow(Row):
    """A jump host."""

    name: Name
    address: Address
    port: Port = 22
    credentials: str = ""
    via: str = ""
    method: Annotated[HopMethod, Field(strict=False)] = HopMethod.FORWARD
    template: Annotated[str, AfterValidator(_template)] = ""

    def made(self) -> JumpHost:
        """The row as a value of the model."""
        return JumpHost(**self.__dict__)


def _device_name(text: str) -> str:
    if text.startswith(SERVER_TASK):
        raise ValueError(f"a device's name does not begin with '{SERVER_TASK}': rows of SWIM servers do")
    return text


class DeviceRow(Row):
    """A device."""

    name: Annotated[Name, AfterValidator(_device_name)]
    address: Address
    port: Port = 22
    platform: str = ""
    role: Annotated[Role, Field(strict=False)] = Role.ACCESS
    location: str = ""
    device_type: str = ""
    groups: list[str] = []
    credentials: str = ""
    jump: list[str] = []
    legacy_ssh: bool = False
    upstream: list[str] = []
    pair: str = ""
    vrf: str = ""
    source_interface: str = ""
    console: str = ""
    description: str = ""

    def made(self) -> Device:
        """The row as a value of the model."""
        lists = {name: tuple(getattr(self, name)) for name in ("groups", "jump", "upstream")}
        return Device(**{**self.__dict__, **lists})


class ServerProtocolRow(Row):
    """A protocol of a SWIM server; its password is never shown."""

    protocol: Annotated[Protocol, Field(strict=False), BeforeValidator(_upper)]
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    username: Annotated[str, AfterValidator(_user)] = ""
    password: str = ""
    credentials: str = ""
    home: Annotated[str, AfterValidator(_home)] = ""


class SwimServerRow(Row):
    """A SWIM server; `port` is that of its SSH protocols where a protocol has none of its own."""

    name: Name
    address: Address
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    sites: Annotated[list[str], AfterValidator(_sites)]
    protocols: list[ServerProtocolRow] = []
    description: str = ""
    jump: list[str] = []
    jump_host: str = ""
    device_address: str = ""
    max_pulls: Annotated[int, Field(ge=0, le=1000)] = 0
    mbit_per_s: Annotated[float, Field(ge=0, strict=False)] = 0.0

    def made(self) -> ServerEntry:
        """The row as a value of the model; a TFTP row is left out."""
        kept: dict[Protocol, ServerProtocolRow] = {}
        for row in self.protocols:
            if row.protocol is not Protocol.TFTP:
                kept[row.protocol] = row
        server = SwimServer(
            name=self.name,
            address=self.address,
            sites=tuple(self.sites),
            description=self.description,
            protocols=tuple(self._protocol(row) for row in kept.values()),
            jump=tuple(self.jump),
            jump_host=self.jump_host,
            device_address=_address(self.device_address) if self.device_address else "",
            max_pulls=self.max_pulls,
            mbit_per_s=self.mbit_per_s,
        )
        left_out = (NO_TFTP,) if any(row.protocol is Protocol.TFTP for row in self.protocols) else ()
        return ServerEntry(server, {row.protocol: Secret(row.password) for row in kept.values()}, left_out)

    def _protocol(self, row: ServerProtocolRow) -> ServerProtocol:
        shared = self.port if row.protocol in (Protocol.SCP, Protocol.SFTP) else 0
        port = row.port or shared
        return ServerProtocol(
            protocol=row.protocol,
            port=0 if port == DEFAULT_PORTS[row.protocol] else port,
            username=row.username,
            has_password=bool(row.password),
            credentials=row.credentials,
            home=row.home,
        )


class HostKeyRow(Row):
    """A known host key."""

    host: Address
    port: Port = 22
    key: Annotated[str, AfterValidator(_key)]
    via: list[str] | None = None  # jump hosts on the way; without it: on every way to the address

    def made(self) -> HostKey:
        """The row as a value of the model."""
        return HostKey(self.host, self.port, self.key, ANY_WAY if self.via is None else tuple(self.via))


@dataclass(frozen=True)
class CredentialEntry:
    """A credential profile of an inventory file, its secrets in memory only."""

    name: str
    username: str
    password: Secret
    enable: Secret
    key_file: str
    key_passphrase: Secret
    use_agent: bool
    one_time_code: bool
    push_answer: str = ""
    read_only: bool = False


@dataclass(frozen=True)
class ServerEntry:
    """A SWIM server of an inventory file with its passwords, in memory only; `left_out` says what was not taken."""

    server: SwimServer
    secrets: dict[Protocol, Secret]
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The server's name."""
        return self.server.name
