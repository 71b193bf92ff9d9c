"""What an action of the product is, and where it applies; the rows themselves are in `registry` and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where an action applies; a page lists its scopes from the nearest to the widest."""

    GLOBAL = "global"
    TABLE = "table"
    HOME = "home"
    JOBS = "jobs"
    JOB = "job"
    TASK = "task"
    OUTPUT = "output"
    RECOVERY = "recovery"
    WATCH = "watch"
    DEVICES = "devices"
    DEVICE = "device"
    REPOSITORY = "repository"
    IMAGE = "image"
    SERVERS = "servers"
    SETTINGS = "settings"
    LOG = "log"
    PLAN = "plan"
    WIZARD = "wizard"
    CREDENTIALS = "credentials"
    JUMPS = "jumps"
    GROUPS = "groups"
    HOST_KEYS = "host_keys"
    CONFIGS = "configs"


SCOPE_TITLES: Mapping[Scope, str] = {
    Scope.GLOBAL: "Everywhere",
    Scope.TABLE: "Any table",
    Scope.HOME: "Software Images",
    Scope.JOBS: "Jobs",
    Scope.JOB: "Job detail",
    Scope.TASK: "Device task",
    Scope.OUTPUT: "Output",
    Scope.RECOVERY: "Recovery card",
    Scope.WATCH: "Watch",
    Scope.DEVICES: "Devices",
    Scope.DEVICE: "Device",
    Scope.REPOSITORY: "Repository",
    Scope.IMAGE: "Image Information",
    Scope.SERVERS: "Servers",
    Scope.SETTINGS: "Settings",
    Scope.LOG: "Log",
    Scope.PLAN: "Plan",
    Scope.WIZARD: "Wizard",
    Scope.CREDENTIALS: "Credential profiles",
    Scope.JUMPS: "Jump hosts",
    Scope.GROUPS: "Groups",
    Scope.HOST_KEYS: "Host keys",
    Scope.CONFIGS: "Configuration Archive",
}


@dataclass(frozen=True)
class Action:
    """One thing a person can do; `footer` is its rank in the footer (1 first, 0 = only under help)."""

    id: str
    keys: tuple[str, ...]
    title: str
    description: str
    scope: Scope
    footer: int = 0
    aliases: tuple[str, ...] = ()
    changes: bool = False

    @property
    def handler(self) -> str:
        """Name of the method that carries it out, on the page or on the app."""
        return "do_" + self.id.replace(".", "_")


def actions_of(scope: Scope, *rows: tuple[str, str, str, str, int, str, bool]) -> tuple[Action, ...]:
    """Actions of one scope; a row is name, keys, short title, what it does, footer rank, aliases, changes something."""
    return tuple(
        Action(
            id=f"{scope}.{name}",
            keys=tuple(keys.split()),
            title=title,
            description=description,
            scope=scope,
            footer=footer,
            aliases=tuple(aliases.split()),
            changes=changes,
        )
        for name, keys, title, description, footer, aliases, changes in rows
    )
