"""Real servers for net: private OpenSSH servers, and the lab in a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from swim_tui.model.endpoint import Endpoint, Hop, HostKey, HostKeyPolicy
from swim_tui.model.phase import Direction
from swim_tui.model.secret import Login, Secret
from swim_tui.net.service import SshNet
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.nursery import fork_lab

StartSshd = Callable[..., Sshd]


@dataclass
class Watcher:
    """A SessionObserver for tests."""

    code: str | None = None
    lines: list[tuple[Direction, str, bool]] = field(default_factory=list)
    keys: list[tuple[HostKey, str]] = field(default_factory=list)
    codes_asked: list[tuple[str, str]] = field(default_factory=list)
    is_cancelled: Callable[[], bool] = lambda: False

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        self.lines.append((direction, text, changes))

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        self.keys.append((key, fingerprint))

    def cancelled(self) -> bool:
        return self.is_cancelled()

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        self.codes_asked.append((hop, prompt))
        return self.code

    def text(self) -> str:
        return "\n".join(text for _, text, _ in self.lines)


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def net(tmp_path: Path) -> Iterator[SshNet]:
    service = SshNet(tmp_path / "no-known-hosts")
    yield service
    service.close()


@pytest.fixture(scope="session")
def login_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not Path(SSHD).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("sshd must be installed in CI")
        pytest.skip("sshd is not installed")
    return make_key(tmp_path_factory.mktemp("keys") / "login_key")


@pytest.fixture
def start_sshd(tmp_path: Path, login_key: Path) -> Iterator[StartSshd]:
    started: list[Sshd] = []

    def start(name: str, options: Sequence[str] = ()) -> Sshd:
        server = Sshd(tmp_path / name, login_key, options).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def key_login(login_key: Path) -> Login:
    return Login("by-key", USER, key_file=str(login_key))


def endpoint(server: Sshd, login: Login, hops: Sequence[Sshd] = (), **more: Any) -> Endpoint:
    """An endpoint at an sshd, through others."""
    chain = tuple(Hop(f"jump{i}", "127.0.0.1", hop.port, more.get("hop_login") or login) for i, hop in enumerate(hops))
    more.pop("hop_login", None)
    return Endpoint("target", "127.0.0.1", server.port, login, hops=chain, **more)


@dataclass(frozen=True)
class RunningLab:
    """A lab in a process of its own, and how to get at it."""

    folder: Path
    ready: dict[str, Any]
    inventory: dict[str, Any]

    def endpoint(self, device: str = "", **more: Any) -> Endpoint:
        """The endpoint of a device (default: the first), with the lab's true host keys."""
        entry = next(d for d in self.inventory["devices"] if not device or d["name"] == device)
        held = self.ready["credentials"]
        login = Login("lab-admin", held["username"], Secret(held["password"]), Secret(held["enable"]))
        jump_login = Login("lab-jump", held["jump_username"], Secret(held["jump_password"]))
        jumps = {j["name"]: j for j in self.inventory["jumps"]}
        way = tuple(entry["jump"])
        spots = {(jumps[n]["address"], jumps[n]["port"]): way[:i] for i, n in enumerate(way)}
        spots[(entry["address"], entry["port"])] = way
        keys = [HostKey(**k, via=spots[place]) for k in self._host_keys() if (place := (k["host"], k["port"])) in spots]
        values: dict[str, Any] = {
            "login": login,
            "hops": tuple(Hop(n, jumps[n]["address"], jumps[n]["port"], jump_login) for n in entry["jump"]),
            "legacy_ssh": entry["legacy_ssh"],
            "known_hosts": tuple(keys),
            "host_keys": HostKeyPolicy.STRICT,
            **more,
        }
        return Endpoint(entry["name"], entry["address"], entry["port"], **values)

    def _host_keys(self) -> list[dict[str, Any]]:
        return [{name: key[name] for name in ("host", "port", "key")} for key in self.inventory["host_keys"]]

    def fault(self, device: str, fault: str) -> None:
        """Set a fault while the lab runs."""
        self.ask("fault", device=device, set=fault)

    def ask(self, command: str, **more: str) -> dict[str, Any]:
        """A command of the lab's control socket."""
        from swim_tui.lab.control import request

        answer: dict[str, Any] = request(self.folder, {"command": command, **more})
        return answer

    def clear(self, device: str) -> None:
        """Take every fault of a device away."""
        self.ask("fault", device=device, clear="")

    def log(self, event: str, device: str = "") -> list[dict[str, Any]]:
        """Lines of the lab's own log."""
        entries = [json.loads(line) for line in (self.folder / "lab-log.jsonl").read_text().splitlines()]
        return [e for e in entries if e["event"] == event and device in ("", e["device"])]


def run_lab(folder: Path, name: str, scale: float = 100) -> Iterator[RunningLab]:
    """Start the lab of network `name`, yield it, end it."""
    process = fork_lab("up", name, "--dir", str(folder), "--time-scale", str(scale), "--exit-with-parent")
    with process.stdout:
        ready = json.loads(process.stdout.readline())
        yield RunningLab(folder, ready, yaml.safe_load(Path(ready["inventory"]).read_text()))
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def routers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """Story 2: three modern routers behind a jump host."""
    yield from run_lab(tmp_path_factory.mktemp("story2"), "story2")


@pytest.fixture(scope="session")
def old_switches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """Story 4: classic switches with SHA-1 algorithms."""
    yield from run_lab(tmp_path_factory.mktemp("story4"), "story4")
