"""The error tree: every leaf carries data, one sentence and one remedy; `describe` alone makes words of them.

SwimError
  ConfigError    a file or value the user gave: PackError InventoryError BadValue NotFound Conflict
  Refused        a check failed, consent missing: ConsentMissing ReadOnly PlanChanged
  EngineError    engine or data directory: EngineUnavailable EngineMismatch DataDirInUse
  StoreError     StoreLocked StoreCorrupt StoreNewer StoreFull
  VaultError     VaultLocked WrongPassphrase SecretMissing
  ConnectError   JumpError ConnectRefused ConnectTimeout AuthError HostKeyError HostKeyUnknown
                 NoCommonAlgorithm NoFreeVty
  CommandError   CommandRejected NotAuthorised PromptTimeout UnknownPrompt SessionLost
  TransferError  NoSpace SizeMismatch DigestMismatch Stalled TransferRefused TransferLost ServerError
  ImageError     SourceError ImageHashWrong
  InstallError   BootStateWrong ReloadTimeout VersionMismatch ConfigBusy
  CheckFailed, Cancelled, RemoteError
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


@dataclass(frozen=True)
class Problem:
    """An error as data that crosses processes: code, sentence, remedy, and the fields it was made from."""

    code: str
    message: str
    remedy: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def one_line(self) -> str:
        """The sentence and the remedy on one line, as the CLI prints it."""
        text = f"{self.message}; {self.remedy}" if self.remedy else self.message
        return " ".join(text.split())


def _rebuild(cls: type[SwimError], state: dict[str, Any]) -> SwimError:
    err = cls.__new__(cls)
    err.__dict__.update(state)
    return err


@dataclass(eq=False, kw_only=True)
class SwimError(Exception):
    """Base of all errors of this product; `detail` is free text from outside (always data, never instructions)."""

    code: ClassVar[str] = "SWIM-0000"
    text: ClassVar[str] = "{detail}"
    remedy: ClassVar[str] = ""
    exit_code: ClassVar[int] = 1

    detail: str = ""
    device: str = ""
    step: str = ""

    def __post_init__(self) -> None:
        self.args = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(self.__dict__))

    def __str__(self) -> str:
        return describe(self).one_line()


def describe(err: BaseException) -> Problem:
    """Turn any exception into words; the one place that does so for UI, CLI, journal and API."""
    if isinstance(err, RemoteError):
        return err.problem
    if not isinstance(err, SwimError):
        return Problem(
            code="SWIM-9999",
            message=f"internal error: {type(err).__name__}: {err}",
            remedy="this is a bug in swim-tui; the engine log has the details (swim-tui engine log)",
            data={"type": type(err).__name__},
        )
    data = {f.name: getattr(err, f.name) for f in fields(err)}
    values = {key: ("?" if value in ("", None) else value) for key, value in data.items()}
    values["detail"] = err.detail
    message = err.text.format(**values).rstrip(": ")
    if err.device and err.device not in message:
        message = f"{err.device}: {message}"
    shown = {key: value for key, value in data.items() if value not in ("", None, ())}
    return Problem(code=err.code, message=message, remedy=err.remedy.format(**values), data=shown)


# --- configuration and input ---


@dataclass(eq=False, kw_only=True)
class ConfigError(SwimError):
    """A file or value given by the user is not usable."""

    code: ClassVar[str] = "SWIM-1000"
    text: ClassVar[str] = "{source}: {detail}"
    remedy: ClassVar[str] = "correct it and try again"
    exit_code: ClassVar[int] = 2
    source: str = ""


@dataclass(eq=False, kw_only=True)
class PackError(ConfigError):
    """A device pack has problems; all of them at once, each with file and line."""

    code: ClassVar[str] = "SWIM-1010"
    text: ClassVar[str] = "device pack {source}: {detail}"
    remedy: ClassVar[str] = "mend the lines named and run: swim-tui packs check {source}"
    problems: tuple[str, ...] = ()


@dataclass(eq=False, kw_only=True)
class InventoryError(ConfigError):
    """An inventory has problems; all of them at once, each with file and line; nothing was imported."""

    code: ClassVar[str] = "SWIM-1020"
    text: ClassVar[str] = "inventory {source}: {detail}"
    remedy: ClassVar[str] = "nothing was imported; mend the lines named and import again"
    problems: tuple[str, ...] = ()


@dataclass(eq=False, kw_only=True)
class BadValue(ConfigError):
    """One value is outside what is allowed."""

    code: ClassVar[str] = "SWIM-1030"
    text: ClassVar[str] = "{name}: '{value}' is not usable: {detail}"
    remedy: ClassVar[str] = "give {allowed}"
    name: str = ""
    value: str = ""
    allowed: str = "another value"


@dataclass(eq=False, kw_only=True)
class NotFound(ConfigError):
    """A named thing does not exist."""

    code: ClassVar[str] = "SWIM-1040"
    text: ClassVar[str] = "no {kind} named '{name}'{detail}"
    remedy: ClassVar[str] = "see: swim-tui {listing}"
    kind: str = ""
    name: str = ""
    listing: str = "info"


@dataclass(eq=False, kw_only=True)
class Conflict(ConfigError):
    """The state of a thing does not allow the request."""

    code: ClassVar[str] = "SWIM-1050"
    text: ClassVar[str] = "{detail}"
    remedy: ClassVar[str] = "{action}"
    exit_code: ClassVar[int] = 3
    action: str = "look at its state first"


# --- refusals ---


@dataclass(eq=False, kw_only=True)
class Refused(SwimError):
    """A check failed or the request is not allowed."""

    code: ClassVar[str] = "SWIM-2000"
    text: ClassVar[str] = "refused: {detail}"
    remedy: ClassVar[str] = "{action}"
    exit_code: ClassVar[int] = 3
    action: str = "mend what is named and try again"


@dataclass(eq=False, kw_only=True)
class ConsentMissing(Refused):
    """Something needs a person's yes."""

    code: ClassVar[str] = "SWIM-2010"
    text: ClassVar[str] = "consent missing: {detail}"
    remedy: ClassVar[str] = "give {flag}"
    flag: str = "--yes"


@dataclass(eq=False, kw_only=True)
class ReadOnly(Refused):
    """A changing request reached a read-only client or profile."""

    code: ClassVar[str] = "SWIM-2020"
    text: ClassVar[str] = "read-only: {detail}"
    remedy: ClassVar[str] = "start swim-tui without --read-only"


@dataclass(eq=False, kw_only=True)
class PlanChanged(Refused):
    """The plan computed now is not the plan that was approved."""

    code: ClassVar[str] = "SWIM-2030"
    text: ClassVar[str] = "plan changed: {detail}"
    remedy: ClassVar[str] = "look at the new plan and submit that one"


# --- engine, store, vault ---


@dataclass(eq=False, kw_only=True)
class EngineError(SwimError):
    """The engine or its data directory is not usable."""

    code: ClassVar[str] = "SWIM-3000"
    remedy: ClassVar[str] = "see what it says: swim-tui engine log"
    exit_code: ClassVar[int] = 4
    data_dir: str = ""


@dataclass(eq=False, kw_only=True)
class EngineUnavailable(EngineError):
    """No engine answers on the socket."""

    code: ClassVar[str] = "SWIM-3010"
    text: ClassVar[str] = "no engine answers for {data_dir}: {detail}"
    remedy: ClassVar[str] = "start it: swim-tui engine start; its log: swim-tui engine log"


@dataclass(eq=False, kw_only=True)
class EngineMismatch(EngineError):
    """Client and engine are of different versions."""

    code: ClassVar[str] = "SWIM-3020"
    text: ClassVar[str] = "the engine is version {engine_version}, this program is {client_version}"
    remedy: ClassVar[str] = (
        "restart the engine: swim-tui engine restart (with --force while jobs run: they go on with the new engine)"
    )
    engine_version: str = ""
    client_version: str = ""


@dataclass(eq=False, kw_only=True)
class DataDirInUse(EngineError):
    """Another engine owns the data directory."""

    code: ClassVar[str] = "SWIM-3030"
    text: ClassVar[str] = "another engine (pid {pid}) owns {data_dir}"
    remedy: ClassVar[str] = "use that one, or stop it first: swim-tui engine stop"
    pid: int = 0


@dataclass(eq=False, kw_only=True)
class DataDirShared(EngineError):
    """A directory with other things in it that others may enter was named as the data directory."""

    code: ClassVar[str] = "SWIM-3040"
    text: ClassVar[str] = "{data_dir} is not for you alone: {detail}"
    remedy: ClassVar[str] = "name an empty directory, or make this one private: chmod 700 {data_dir}"


@dataclass(eq=False, kw_only=True)
class StoreError(SwimError):
    """The store on disk cannot be used."""

    code: ClassVar[str] = "SWIM-3100"
    exit_code: ClassVar[int] = 4
    path: str = ""
    text: ClassVar[str] = "store {path}: {detail}"
    remedy: ClassVar[str] = "look at the disk and at the permissions of the data directory"


@dataclass(eq=False, kw_only=True)
class StoreLocked(StoreError):
    """Another process writes this store."""

    code: ClassVar[str] = "SWIM-3110"
    text: ClassVar[str] = "store {path} is in use by another process"
    remedy: ClassVar[str] = "stop the other engine first: swim-tui engine stop"


@dataclass(eq=False, kw_only=True)
class StoreCorrupt(StoreError):
    """The snapshot cannot be read and no previous generation can replace it."""

    code: ClassVar[str] = "SWIM-3120"
    text: ClassVar[str] = "store {path} is damaged: {detail}"
    remedy: ClassVar[str] = (
        "the files were left untouched; restore the directory from a backup, or move it away to begin anew"
    )


@dataclass(eq=False, kw_only=True)
class StoreNewer(StoreError):
    """The store was written by a newer product version."""

    code: ClassVar[str] = "SWIM-3130"
    text: ClassVar[str] = "store {path} has schema {found}, this program knows up to {known}"
    remedy: ClassVar[str] = "use the newer swim-tui that wrote it"
    found: int = 0
    known: int = 0


@dataclass(eq=False, kw_only=True)
class StoreFull(StoreError):
    """The disk refused the write; the change was not made."""

    code: ClassVar[str] = "SWIM-3140"
    text: ClassVar[str] = "cannot write to {path}: {detail}"
    remedy: ClassVar[str] = "free disk space; nothing that was acknowledged is lost"


@dataclass(eq=False, kw_only=True)
class VaultError(SwimError):
    """Secrets cannot be read or written."""

    code: ClassVar[str] = "SWIM-3200"
    text: ClassVar[str] = "vault: {detail}"
    remedy: ClassVar[str] = "look at the key that swim-tui info names; without it the secrets must be given anew"
    exit_code: ClassVar[int] = 4


@dataclass(eq=False, kw_only=True)
class VaultLocked(VaultError):
    """The vault needs a passphrase that nobody has given since the engine started."""

    code: ClassVar[str] = "SWIM-3205"
    text: ClassVar[str] = "the vault is locked: nobody gave its passphrase since the engine started"
    remedy: ClassVar[str] = "give it: swim-tui credentials unlock (in the UI `: unlock`)"


@dataclass(eq=False, kw_only=True)
class WrongPassphrase(VaultError):
    """What a person typed is not the passphrase of the vault."""

    code: ClassVar[str] = "SWIM-3206"
    text: ClassVar[str] = "this passphrase does not open the vault {path}; nothing is lost"
    remedy: ClassVar[str] = "type it again: swim-tui credentials unlock; there is no limit, and no way around it"
    path: str = ""


@dataclass(eq=False, kw_only=True)
class SecretMissing(VaultError):
    """A credential profile does not exist or has no secret."""

    code: ClassVar[str] = "SWIM-3210"
    text: ClassVar[str] = "credential profile '{profile}' is not in the vault"
    remedy: ClassVar[str] = "add it: swim-tui credentials add {profile}"
    exit_code: ClassVar[int] = 2
    profile: str = ""


# --- connecting ---


@dataclass(eq=False, kw_only=True)
class ConnectError(SwimError):
    """A device or hop cannot be reached; `hop` names where on the way it failed."""

    code: ClassVar[str] = "SWIM-4000"
    text: ClassVar[str] = "cannot connect to {address}:{port}: {detail}"
    remedy: ClassVar[str] = "check address, port and jump chain: swim-tui jumps test"
    address: str = ""
    port: int = 22
    hop: str = ""


@dataclass(eq=False, kw_only=True)
class JumpError(ConnectError):
    """A jump host is down or refuses to forward."""

    code: ClassVar[str] = "SWIM-4010"
    text: ClassVar[str] = "jump host {hop} ({address}:{port}): {detail}"
    remedy: ClassVar[str] = "is it up, and are its address and port right? hop by hop: swim-tui jumps test {hop}"
    answers: bool = False
    """True when the jump host itself was reached and the way on from it is at fault."""


@dataclass(eq=False, kw_only=True)
class ConnectRefused(ConnectError):
    """TCP connection refused: nothing listens there (yet)."""

    code: ClassVar[str] = "SWIM-4015"
    text: ClassVar[str] = "{address}:{port} refuses connections"
    remedy: ClassVar[str] = "is SSH enabled there, and is the port right?"


@dataclass(eq=False, kw_only=True)
class ConnectTimeout(ConnectError, TimeoutError):
    """No answer within the limit."""

    code: ClassVar[str] = "SWIM-4020"
    text: ClassVar[str] = "no answer from {address}:{port} within {limit_s:g} s"
    limit_s: float = 0.0


SERVER_LOGIN = "server "
"""What stands before a SWIM server's name where the login is its own, and no profile's."""


@dataclass(eq=False, kw_only=True)
class AuthError(ConnectError):
    """Login refused; the profile is parked, nobody tries again by himself."""

    code: ClassVar[str] = "SWIM-4030"
    text: ClassVar[str] = "{address} refuses the login of {whose}: {detail}"
    remedy: ClassVar[str] = "correct it: {correct}; nothing is retried, so no account is locked"
    profile: str = ""
    whose: str = ""
    correct: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        server = self.profile.removeprefix(SERVER_LOGIN) if self.profile.startswith(SERVER_LOGIN) else ""
        self.whose = f"SWIM server {server}" if server else f"profile '{self.profile or '?'}'"
        command = f"servers protocol add {server} PROTOCOL" if server else f"credentials add {self.profile or '?'}"
        self.correct = f"swim-tui {command}"


@dataclass(eq=False, kw_only=True)
class CodeMissing(AuthError):
    """Nobody gave the one-time code in time: nothing was refused, so the profile is not parked."""

    code: ClassVar[str] = "SWIM-4031"
    text: ClassVar[str] = "{address} asked for a one-time code for profile '{profile}': {detail}"
    remedy: ClassVar[str] = "retry the failed devices, and give the code when it is asked: swim-tui jobs answer RUN"


@dataclass(eq=False, kw_only=True)
class AgentMissing(ConnectError):
    """A profile logs in with the SSH agent and none answers."""

    code: ClassVar[str] = "SWIM-4035"
    text: ClassVar[str] = "profile '{profile}' logs in with the SSH agent, and {detail}"
    remedy: ClassVar[str] = "attach from a terminal that has an agent (ssh-add -l): any swim-tui command will do"
    profile: str = ""


@dataclass(eq=False, kw_only=True)
class HostKeyError(ConnectError):
    """The host key is not the one known: stop."""

    code: ClassVar[str] = "SWIM-4040"
    text: ClassVar[str] = "the host key of {address}:{port} changed: known {known}, offered {offered}"
    remedy: ClassVar[str] = "find out why; if it is right: swim-tui hostkeys accept {place}"
    known: str = ""
    offered: str = ""
    place: str = ""  # how a person names it: the device, the jump host, or HOST:PORT
    via: tuple[str, ...] = ()  # jump hosts on the way
    key: str = ""  # the key that was offered, whole


@dataclass(eq=False, kw_only=True)
class HostKeyUnknown(HostKeyError):
    """Strict mode and no key known for this host."""

    code: ClassVar[str] = "SWIM-4045"
    text: ClassVar[str] = "no host key known for {address}:{port}; it offers {offered}"
    remedy: ClassVar[str] = "compare the fingerprint, then: swim-tui hostkeys accept {place}"


@dataclass(eq=False, kw_only=True)
class NoCommonAlgorithm(ConnectError):
    """No shared SSH algorithm: an old device that is not marked legacy."""

    code: ClassVar[str] = "SWIM-4050"
    text: ClassVar[str] = "{address} offers only old SSH algorithms: {detail}"
    remedy: ClassVar[str] = "if you accept them, edit the device and switch on Legacy SSH algorithms"


@dataclass(eq=False, kw_only=True)
class NoFreeVty(ConnectError):
    """The device closed before its banner: all vty lines are in use."""

    code: ClassVar[str] = "SWIM-4060"
    text: ClassVar[str] = "{address} closes before its SSH banner: probably no free vty"
    remedy: ClassVar[str] = "clear idle lines on the device (show users, clear line vty N) and retry"


# --- commands ---


@dataclass(eq=False, kw_only=True)
class CommandError(SwimError):
    """A command did not do what was planned."""

    code: ClassVar[str] = "SWIM-5000"
    text: ClassVar[str] = "'{command}' failed: {detail}"
    remedy: ClassVar[str] = "look at the device output of this step"
    command: str = ""
    output: str = ""


@dataclass(eq=False, kw_only=True)
class CommandRejected(CommandError):
    """The device's parser refused the line."""

    code: ClassVar[str] = "SWIM-5010"
    text: ClassVar[str] = "the device rejects '{command}': {detail}"
    remedy: ClassVar[str] = "is this the right device pack for this software?"


@dataclass(eq=False, kw_only=True)
class NotAuthorised(CommandError):
    """The device denies the command to this user; never retried."""

    code: ClassVar[str] = "SWIM-5020"
    text: ClassVar[str] = "not authorised for '{command}': {detail}"
    remedy: ClassVar[str] = "the user needs privilege 15, or the AAA rule for this command"


@dataclass(eq=False, kw_only=True)
class PromptTimeout(CommandError, TimeoutError):
    """No prompt within the limit."""

    code: ClassVar[str] = "SWIM-5030"
    text: ClassVar[str] = "no prompt {limit_s:g} s after '{command}'"
    remedy: ClassVar[str] = "the device may be busy; look at its output, then retry"
    limit_s: float = 0.0


@dataclass(eq=False, kw_only=True)
class UnknownPrompt(CommandError):
    """The device asks something that is not in the table: stopped without an answer."""

    code: ClassVar[str] = "SWIM-5040"
    text: ClassVar[str] = "'{command}' asks something unknown: {question}"
    remedy: ClassVar[str] = (
        "nothing was answered; do this step by hand, and report the question so that the pack can learn it"
    )
    question: str = ""


@dataclass(eq=False, kw_only=True)
class SessionLost(CommandError):
    """The session ended under a command."""

    code: ClassVar[str] = "SWIM-5050"
    text: ClassVar[str] = "session lost during '{command}': {detail}"
    remedy: ClassVar[str] = "the state is re-read before anything else happens"


# --- transfers ---


@dataclass(eq=False, kw_only=True)
class TransferError(SwimError):
    """A copy did not bring the right bytes to the right place."""

    code: ClassVar[str] = "SWIM-6000"
    text: ClassVar[str] = "copy of {file} failed: {detail}"
    remedy: ClassVar[str] = "the partial file was removed where that is safe; retry the job"
    file: str = ""


@dataclass(eq=False, kw_only=True)
class NoSpace(TransferError):
    """A file system is too small."""

    code: ClassVar[str] = "SWIM-6010"
    text: ClassVar[str] = "{file_system} has {available} bytes free, {required} are needed"
    remedy: ClassVar[str] = "allow the smart erase (--erase-flash) or free space by hand"
    file_system: str = ""
    required: int = 0
    available: int = 0


@dataclass(eq=False, kw_only=True)
class SizeMismatch(TransferError):
    """Right name, wrong size."""

    code: ClassVar[str] = "SWIM-6020"
    text: ClassVar[str] = "{file} on the device has {actual} bytes, {expected} expected"
    expected: int = 0
    actual: int = 0


@dataclass(eq=False, kw_only=True)
class DigestMismatch(TransferError):
    """Right size, wrong content."""

    code: ClassVar[str] = "SWIM-6030"
    text: ClassVar[str] = "{algorithm} of {file} is {actual}, expected {expected}"
    remedy: ClassVar[str] = "the file was removed; copy again, and suspect flash or link if it repeats"
    algorithm: str = "MD5"
    expected: str = ""
    actual: str = ""


@dataclass(eq=False, kw_only=True)
class Stalled(TransferError, TimeoutError):
    """No byte moved for too long."""

    code: ClassVar[str] = "SWIM-6040"
    text: ClassVar[str] = "copy of {file} stalled: no data for {idle_s:g} s after {sent} bytes"
    sent: int = 0
    idle_s: float = 0.0


@dataclass(eq=False, kw_only=True)
class TransferRefused(TransferError):
    """The device's SCP side said no."""

    code: ClassVar[str] = "SWIM-6050"
    text: ClassVar[str] = "the device refuses the copy of {file}: {detail}"
    remedy: ClassVar[str] = "is 'ip scp server enable' set and does the user log in at privilege 15?"


@dataclass(eq=False, kw_only=True)
class TransferLost(TransferError):
    """The connection broke; the file is checked before anything is called failed."""

    code: ClassVar[str] = "SWIM-6060"
    text: ClassVar[str] = "connection lost after {sent} of {size} bytes of {file}: {detail}"
    sent: int = 0
    size: int = 0


@dataclass(eq=False, kw_only=True)
class ServerError(TransferError):
    """A SWIM server did not do what was asked."""

    code: ClassVar[str] = "SWIM-6070"
    text: ClassVar[str] = "SWIM server {server}: {detail}"
    remedy: ClassVar[str] = "look at its protocols, home directory and disk, then: swim-tui servers verify {server}"
    server: str = ""


@dataclass(eq=False, kw_only=True)
class FileServerError(TransferError):
    """The Local File Server does not serve."""

    code: ClassVar[str] = "SWIM-6080"
    text: ClassVar[str] = "Local File Server: {detail}"
    remedy: ClassVar[str] = "look at its address, bind address and ports: swim-tui settings list (file_server...)"


# --- images ---


@dataclass(eq=False, kw_only=True)
class ImageError(SwimError):
    """An image file cannot be used."""

    code: ClassVar[str] = "SWIM-6500"
    text: ClassVar[str] = "image {file}: {detail}"
    remedy: ClassVar[str] = "get the file again and compare its hash with the vendor's page"
    exit_code: ClassVar[int] = 2
    file: str = ""


@dataclass(eq=False, kw_only=True)
class SourceError(ImageError):
    """An image cannot be had from where it is said to be; nothing was kept."""

    code: ClassVar[str] = "SWIM-6505"
    remedy: ClassVar[str] = "look at the address, the way to it from here and the login, then import again"


@dataclass(eq=False, kw_only=True)
class ImageHashWrong(ImageError):
    """The declared hash or size is not that of the bytes; nothing was kept."""

    code: ClassVar[str] = "SWIM-6510"
    text: ClassVar[str] = "image {file}: {algorithm} is {actual}, declared {expected}; nothing was kept"
    exit_code: ClassVar[int] = 1
    algorithm: str = "MD5"
    expected: str = ""
    actual: str = ""


# --- activation ---


@dataclass(eq=False, kw_only=True)
class InstallError(SwimError):
    """Activation did not end in the planned state."""

    code: ClassVar[str] = "SWIM-7000"
    remedy: ClassVar[str] = "look at the device; its outcome names the next step"


@dataclass(eq=False, kw_only=True)
class BootStateWrong(InstallError):
    """The boot variable re-read from the device is not the planned one: no reload."""

    code: ClassVar[str] = "SWIM-7010"
    text: ClassVar[str] = "boot variable is {actual}, planned {expected}; not reloaded"
    remedy: ClassVar[str] = (
        "compare 'show boot' with the plan; the recorded boot list was restored if the record says so"
    )
    expected: str = ""
    actual: str = ""


@dataclass(eq=False, kw_only=True)
class ReloadTimeout(InstallError, TimeoutError):
    """The device did not come back within its limit."""

    code: ClassVar[str] = "SWIM-7020"
    text: ClassVar[str] = "no SSH {limit_s:g} s after the reload; last probe: {detail}"
    remedy: ClassVar[str] = "go to the console; the recovery card of this platform has the steps"
    limit_s: float = 0.0


@dataclass(eq=False, kw_only=True)
class VersionMismatch(InstallError):
    """The device came back with other software than planned."""

    code: ClassVar[str] = "SWIM-7030"
    text: ClassVar[str] = "runs {actual} after the reload, planned {expected}"
    remedy: ClassVar[str] = "look at 'show boot' and at the boot messages on the console"
    expected: str = ""
    actual: str = ""


@dataclass(eq=False, kw_only=True)
class ConfigBusy(InstallError):
    """Somebody is editing the configuration: the device is left alone."""

    code: ClassVar[str] = "SWIM-7040"
    text: ClassVar[str] = "the configuration has changes that are not ours: {detail}"
    remedy: ClassVar[str] = "save or discard them with whoever made them, then retry"


@dataclass(eq=False, kw_only=True)
class CheckFailed(SwimError):
    """A named check failed."""

    code: ClassVar[str] = "SWIM-7100"
    text: ClassVar[str] = "check '{check}' failed: expected {expected}, is {actual}"
    remedy: ClassVar[str] = "{action}"
    exit_code: ClassVar[int] = 3
    check: str = ""
    expected: str = ""
    actual: str = ""
    action: str = "mend it and try again"


@dataclass(eq=False, kw_only=True)
class Cancelled(SwimError):
    """A person or the engine asked to stop, and this is the safe point."""

    code: ClassVar[str] = "SWIM-8000"
    text: ClassVar[str] = "cancelled at a safe point{detail}"
    exit_code: ClassVar[int] = 1


@dataclass(eq=False, kw_only=True)
class RemoteError(SwimError):
    """An error that another process described already."""

    code: ClassVar[str] = "SWIM-0001"
    problem: Problem = field(default_factory=lambda: Problem("SWIM-0001", "unknown"))
    remote_exit_code: int = 1


def exit_code_of(err: BaseException) -> int:
    """The process exit code an error leads to (CLI.md)."""
    if isinstance(err, RemoteError):
        return err.remote_exit_code
    return err.exit_code if isinstance(err, SwimError) else 1
