"""Everything the engine owns, opened once and handed to every service."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from swim_tui.clock import Clock, SystemClock
from swim_tui.engine.attention import Attention
from swim_tui.engine.hops import HopStates
from swim_tui.engine.hub import EventHub
from swim_tui.engine.records import DeviceSync, KeptNotice, Rate, ServerNotes, SettingValue
from swim_tui.engine.vaultkey import Asked, key_source
from swim_tui.errors import PackError, describe
from swim_tui.images.repository import Repository
from swim_tui.model.device import Device, Group, JumpHost
from swim_tui.model.endpoint import HostKey
from swim_tui.model.events import Notice
from swim_tui.model.facts import Facts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import DeviceTask, Job, Run
from swim_tui.model.secret import CredentialProfile
from swim_tui.model.server import SwimServer
from swim_tui.packs.loading import PackSet, load_packs, pack_directories
from swim_tui.paths import DataPaths, config_dir
from swim_tui.store import Database, LogWriter, TypedTable
from swim_tui.vault import Vault

log = logging.getLogger(__name__)

NOTICES_KEPT = 2000


def group_key(group: Group) -> str:
    """A group's key: its tree and its name, as two trees may use the same name."""
    return f"{group.kind}/{group.name}"


def task_key(run_id: str, device: str) -> str:
    """A device task's key."""
    return f"{run_id}/{device}"


class Tables:
    """The typed tables of the store."""

    def __init__(self, db: Database) -> None:
        self.devices: TypedTable[Device] = db.table("devices", Device, lambda d: d.name)
        self.facts: TypedTable[Facts] = db.table("facts", Facts, lambda f: f.device)
        self.syncs: TypedTable[DeviceSync] = db.table("syncs", DeviceSync, lambda s: s.device)
        self.groups: TypedTable[Group] = db.table("groups", Group, group_key)
        self.jumps: TypedTable[JumpHost] = db.table("jumps", JumpHost, lambda j: j.name)
        self.servers: TypedTable[SwimServer] = db.table("servers", SwimServer, lambda s: s.name)
        self.server_notes: TypedTable[ServerNotes] = db.table("server_notes", ServerNotes, lambda n: n.server)
        self.profiles: TypedTable[CredentialProfile] = db.table("profiles", CredentialProfile, lambda p: p.name)
        self.host_keys: TypedTable[HostKey] = db.table("host_keys", HostKey, lambda k: k.place)
        self.offered_keys: TypedTable[HostKey] = db.table("offered_keys", HostKey, lambda k: k.place)
        self.images: TypedTable[SoftwareImage] = db.table("images", SoftwareImage, lambda i: i.id)
        self.jobs: TypedTable[Job] = db.table("jobs", Job, lambda j: j.id)
        self.runs: TypedTable[Run] = db.table("runs", Run, lambda r: r.id)
        self.tasks: TypedTable[DeviceTask] = db.table("tasks", DeviceTask, lambda t: task_key(t.run_id, t.device))
        self.settings: TypedTable[SettingValue] = db.table("settings", SettingValue, lambda s: s.key)
        self.rates: TypedTable[Rate] = db.table("rates", Rate, lambda r: r.key)
        self.notices: TypedTable[KeptNotice] = db.table("notices", KeptNotice, lambda n: n.id)


@dataclass
class State:
    """Paths, clock, store, vault, repository, packs and event hub of one engine.

    Tables answer from memory on any thread; `put` returns a future of the disk: give it to `keep` when nobody waits.
    """

    paths: DataPaths
    clock: Clock
    writer: LogWriter
    db: Database
    tables: Tables
    vault: Vault
    repository: Repository
    packs: PackSet
    hub: EventHub
    scale: float = 1.0
    environment: str = ""
    pack_problems: tuple[str, ...] = ()
    """Why the packs of a person were left out; the shipped ones are always there."""
    busy: dict[str, str] = field(default_factory=dict)
    """Device name -> id of the run whose task owns it now; written by the run service only."""
    key_folder: Path = field(default_factory=config_dir)
    """Where new key files of the vault are made."""
    asked: Asked = field(default_factory=Asked)
    """The passphrase of the vault between the moment a person gives it and the moment it opens the vault."""
    attention: Attention = field(default_factory=Attention)
    """Rings when a person did something that tasks wait for: unlocked the vault, attached with an agent."""
    agent_socket: str = ""
    """The SSH agent of the client that attached last."""
    hops: HopStates = field(default_factory=HopStates)
    """Which jump hosts answered when they were last needed."""
    trust_epoch: int = 0
    """Grows when a person accepts or removes a host key, so that workers forget what they learned before."""
    on_inventory_changed: list[Callable[[], None]] = field(default_factory=list)
    _notice_numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def open(
        cls,
        data_dir: Path,
        *,
        clock: Clock | None = None,
        key_file: Path | None = None,
        packs_dirs: tuple[Path, ...] = (),
        scale: float = 1.0,
        environment: str = "",
    ) -> State:
        """Open everything; blocks for reading the store, so call it in a thread. StoreLocked if another engine runs."""
        paths = DataPaths(data_dir)
        paths.prepare()
        packs, problems = _packs(packs_dirs)
        clock = clock or SystemClock()
        asked = Asked()
        writer = LogWriter()
        db = Database(paths.store, writer=writer)
        try:
            return cls(
                paths=paths,
                clock=clock,
                writer=writer,
                db=db,
                tables=Tables(db),
                vault=Vault(paths.vault, key_source(paths.vault, key_file or config_dir() / "vault.key", asked)),
                asked=asked,
                key_folder=key_file.parent if key_file else config_dir(),
                repository=Repository(paths.images),
                packs=packs,
                hub=EventHub(clock),
                scale=scale,
                environment=environment,
                pack_problems=problems,
            )
        except BaseException:
            db.close()
            writer.close()
            raise

    def close(self) -> None:
        """Write what is under way and let the next engine in; blocks for the disk."""
        self.hub.close()
        self.db.close()
        self.writer.close()

    def keep(self, future: Future[None]) -> None:
        """See that a failed write is heard of, where nobody waits for it."""
        future.add_done_callback(_report_failure)

    def notify(self, level: str, text: str, *, run_id: str = "", device: str = "") -> None:
        """Publish a notice and keep it for the Log view."""
        notice = Notice(self.clock.now(), level, text, run_id, device)
        number = next(self._notice_numbers)
        kept = KeptNotice(f"{notice.at:%Y%m%dT%H%M%S.%f}-{number:06d}", notice)
        self.keep(self.tables.notices.put(kept))
        if number % 200 == 199:
            for old in self.tables.notices.all()[:-NOTICES_KEPT]:
                self.keep(self.tables.notices.delete(old.id))
        self.hub.publish(notice)


def _packs(directories: tuple[Path, ...]) -> tuple[PackSet, tuple[str, ...]]:
    """Shipped packs and those of the user; one that is wrong must not keep the engine, and its runs, from starting."""
    shipped, *own = directories or pack_directories()
    try:
        return load_packs(shipped, *own), ()
    except PackError as err:
        return load_packs(shipped), err.problems


def _report_failure(future: Future[None]) -> None:
    error = future.exception()
    if error is not None:
        log.error("a change was not stored: %s", describe(error).one_line())
