"""Stories 2 and 3 with canary secrets: none of them is in any byte left behind, any output, any process."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from swim_tui.paths import DataPaths
from tests.integration.acceptance.canary_screens import seen_on_screens
from tests.support.world import NETWORKS, Lab, World, wait_until

ASR = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"
XR = "8000-x64-7.9.2.iso"
CONFIGURED = (
    "CANARYcommunity01",
    "CANARYtacacs01",
    "CANARYuser01",
    "CANARYenable01",
    "CANARYradius01",
)
TYPED = {
    "key passphrase": "CANARYkeyphrase01",
    "wrong password": "CANARYwrong01",
    "url password": "CANARYurl01",
    "vault passphrase": "CANARYvault phrase 01",
}


class Watch:
    """Looks at the command line and the environment of every process of ours, all the time."""

    def __init__(self, root: Path) -> None:
        self._root = str(root).encode()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.seen: dict[str, bytes] = {}
        self.every_s = 0.02

    def _run(self) -> None:
        while not self._stop.wait(self.every_s):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    line = (folder / "cmdline").read_bytes()
                    if b"swim_tui" not in line or b"swim_tui.lab" in line:
                        continue
                    environment = (folder / "environ").read_bytes()
                except OSError:
                    continue
                if self._root in line + environment:
                    self.seen[f"{folder.name} {line[:200]!r}"] = line + b"\0" + environment

    @contextmanager
    def looking(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()


class Events:
    """Keeps the raw event stream that every client is sent."""

    def __init__(self, data: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(DataPaths(data).socket()))
        self._socket.sendall(b"GET /v1/events HTTP/1.1\r\nHost: engine\r\n\r\n")
        self.raw = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while data := self._socket.recv(65536):
            self.raw += data

    def close(self) -> bytes:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        return self.raw


class Said:
    """Runs commands in this process and keeps everything they say."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.texts: dict[str, str] = {}

    def __call__(self, *arguments: str, code: int | None = 0, stdin: str | None = None) -> str:
        done = self._world.here(*arguments, code=code, stdin=stdin)
        self.texts[" ".join(arguments)] = f"{self.texts.get(' '.join(arguments), '')}{done.stdout}{done.stderr}"
        return done.stdout


def spellings(secret: str) -> list[bytes]:
    """A secret as it is, and as careless code might have left it."""
    raw = secret.encode()
    shifted = [base64.b64encode(b"x" * pad + raw)[4 * (pad > 0) : -4] for pad in range(3)]
    return [raw, raw.hex().encode(), raw.hex().upper().encode(), *(part for part in shifted if len(part) > 10)]


def found_in(data: bytes, canaries: dict[str, str]) -> list[str]:
    return [what for what, secret in canaries.items() if _is_in(data, secret)]


def _is_in(data: bytes, secret: str) -> bool:
    """Six digits are a code where they stand alone: not as part of a number, nor as the fraction of a second."""
    if secret.isdigit():
        return re.search(rb"(?<![\d.])%s(?!\d)" % secret.encode(), data) is not None
    return any(text in data for text in spellings(secret))


def keys_and_network(tmp_path: Path) -> Path:
    """An SSH key under a passphrase, and the network that it logs in to."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", TYPED["key passphrase"], "-f", str(key)], check=True)
    text = (Path(__file__).parent / "canary.yaml").read_text()
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    network = tmp_path / "canary.yaml"
    network.write_text(text.replace("LAB", str(NETWORKS)).replace("PUBLIC_KEY", public))
    return network


def prepared(world: World, lab: Lab, say: Said, tmp_path: Path) -> dict[str, str]:
    """Inventory, profiles and jump host with every kind of secret; the canaries by name."""
    held: dict[str, str] = lab.ready["credentials"]
    names = ("password", "enable", "jump_password", "server_password")
    canaries = {**{name: held[name] for name in names}, **TYPED, **{text: text for text in CONFIGURED}}
    document = yaml.safe_load(Path(lab.ready["inventory"]).read_text())
    document["credentials"].append({"name": "bad", "username": "admin", "password": canaries["wrong password"]})
    document["credentials"] += [
        {"name": name, "username": user, "enable": held["enable"], "key_file": str(tmp_path / "key"),
         "key_passphrase": canaries["key passphrase"]}
        for name, user in (("key-jump", "jump"), ("key-admin", "admin"))
    ]  # fmt: skip
    for device in document["devices"]:
        device["credentials"] = {"r1": "key-admin", "r2": "bad"}.get(device["name"], device["credentials"])
    for jump in document["jumps"]:
        jump["credentials"] = "key-jump" if jump["name"] == "jump-inner" else jump["credentials"]
    text = yaml.safe_dump(document)
    say("devices", "import", "-", stdin=text)
    lines = f"{held['password']}\n{held['enable']}\n"
    stdin = ("--password-stdin", "--enable-stdin")
    say("credentials", "add", "lab-admin", "--username", "admin", *stdin, stdin=lines)
    keyed = ("--enable-stdin", "--passphrase-stdin", "--key-file", str(tmp_path / "key"))
    phrase = f"{held['enable']}\n{canaries['key passphrase']}\n"
    say("credentials", "add", "key-admin", "--username", "admin", *keyed, stdin=phrase)
    one_time = ("--username", "jump", "--one-time-code", "--password-stdin")
    say("credentials", "add", "lab-jump", *one_time, stdin=f"{held['jump_password']}\n")
    lab.fault("jump-sf", "otp")
    return canaries


def begin(say: Said, *arguments: str) -> str:
    """Submit a job; its run."""
    started = json.loads(say(*arguments, "--json"))
    return str(started["run"]["id"] if "run" in started else started["runs"][0]["id"])


def with_codes(world: World, lab: Lab, say: Said, canaries: dict[str, str], *runs: str) -> list[dict[str, Any]]:
    """Give runs the one-time codes they wait for, until all are over."""

    def ended(run: str) -> Any:
        detail = world.json_here("runs", "show", run)
        for task in detail["tasks"]:
            if task["waiting_for"].startswith("Waiting for code"):
                code = str(lab.ask(command="status")["jumps"][0]["code"])
                canaries[f"code {code}"] = code
                say("jobs", "answer", run, "--code-stdin", stdin=f"{code}\n")
        return detail if detail["run"]["ended_at"] else None

    found = [wait_until(lambda run=run: ended(run), limit_s=90, what="the run ends", poll_s=0.2) for run in runs]
    assert all(isinstance(detail, dict) for detail in found)
    return found


def walk(world: World, say: Said, runs: list[str], tmp_path: Path) -> None:
    """Everything that shows something, as text and as JSON."""
    for words in (
        "devices list", "devices show r1", "devices show r2", "devices show x1", "devices export", "groups list",
        "credentials list", "credentials vault", "jumps list", "hostkeys list", "servers list", "images list",
        f"images show {ASR}", "jobs list", "runs list", "settings list", "configs list", "configs show r1",
        "engine status", "engine log", "info", "doctor", "packs list", "analyze --device r1",
        *(f"runs show {run}" for run in runs), *(f"runs export {run}" for run in runs),
        *(f"jobs log {run}" for run in runs),
        *(f"runs show {run} --plan --format {form}" for run in runs for form in ("markdown", "csv", "json")),
    ):  # fmt: skip
        say(*words.split(), code=None)
        if words.split()[0] in ("devices", "credentials", "runs", "jobs", "servers", "settings"):
            say(*words.split(), "--json", code=None)
    say("configs", "export", "r1", "--out", str(tmp_path / "exported.cfg"))
    for form in ("md", "csv", "json"):
        out = str(tmp_path / f"plan.{form}")
        say("plan", "distribute", "--image", ASR, "--device", "r1", "--out", out, code=None)


@pytest.mark.timeout(600)
def test_no_secret_is_in_any_byte_that_two_stories_leave_behind(
    lab_up: Callable[..., Lab], world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = lab_up(str(keys_and_network(tmp_path)), "--size-scale", "400", "--time-scale", "200")
    say, watch, events = Said(world), Watch(tmp_path), Events(world.data)
    with watch.looking():
        canaries = prepared(world, lab, say, tmp_path)
        first = begin(say, "devices", "sync", "r1", "x1"), begin(say, "devices", "sync", "r2")
        _, refused = with_codes(world, lab, say, canaries, *first)
        assert "refuses the login" in refused["tasks"][0]["message"]
        say("servers", "verify", "NY_Region", code=None)
        url = f"http://someone:{canaries['url password']}@127.0.0.1:9/x.bin"
        say("images", "import", url, "--wait", code=None)
        images = [str(Path(lab.ready["images_dir"]) / name) for name in (ASR, XR)]
        say("images", "import", *images, "--wait")
        common = ("--activate", "sequential", "--yes")
        second = (
            begin(say, "distribute", "--image", ASR, "--device", "r1", "--insert-boot-command", "--backup", *common),
            begin(say, "distribute", "--image", XR, "--device", "x1", *common),
        )
        for done in with_codes(world, lab, say, canaries, *second):
            assert done["run"]["status"] == "Success", done["tasks"][0]["message"]
        runs = [*first, *second]
        say("credentials", "rotate-key", "--to", "passphrase", "--passphrase-stdin", "--yes",
            stdin=f"{canaries['vault passphrase']}\n")  # fmt: skip
        real = [sys.executable, "-m", "swim_tui.cli", "credentials", "unlock", "--passphrase-stdin"]
        subprocess.run(real, input=f"{canaries['vault passphrase']}\n", text=True, env=world.env(), check=True)
        walk(world, say, runs, tmp_path)
        say("engine", "stop")
        world.start_engine("--scale", "200")
        watch.every_s = 1.0  # keys are waited for until this process is idle
        unlocking = seen_on_screens(world, tmp_path, canaries["vault passphrase"], monkeypatch)
        shown, screens = asyncio.run(unlocking)
    stream = events.close()
    assert b'"kind":"output"' in stream
    for spelled in (b"CANARYurl01", base64.b64encode(b"user:CANARYurl01@x"), b"CANARYurl01".hex().encode()):
        assert found_in(b"... " + spelled + b" ...", canaries) == ["url password"]
    assert any(key.startswith("code ") for key in canaries)
    masked = say("configs", "show", "r1")
    assert "snmp-server community" in masked
    leaks = {f"output of {name}": found_in(text.encode(), canaries) for name, text in say.texts.items()}
    assert {row["line"] for device in ("jump-inner", "r1") for row in lab.events(device, "login")} == {
        "jump",
        "admin key",
    }
    assert screens > 30
    assert b"lab-jump" in shown["screen credentials "]
    assert any(name.startswith("table ") for name in shown)
    leaks |= {name: found_in(data, canaries) for name, data in shown.items()}
    leaks["events"] = found_in(stream, canaries)
    leaks |= {f"process {name}": found_in(data, canaries) for name, data in watch.seen.items()}
    assert any("swim_tui.worker" in name for name in watch.seen)
    assert any("swim_tui.engine" in name for name in watch.seen)
    ours = [world.data, tmp_path / "config", tmp_path / "state", tmp_path / "home"]
    files = [path for root in ours for path in root.rglob("*") if path.is_file()]
    files += [tmp_path / "exported.cfg", *tmp_path.glob("plan.*")]
    assert len(files) > 20
    leaks |= {str(path): found_in(path.read_bytes() + path.name.encode(), canaries) for path in files}
    assert {where: what for where, what in leaks.items() if what} == {}
