"""The vault of an engine: key file, passphrase and keyring; locked after a restart, unlocked once, locked anew."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from swim_tui.engine.attention import when_possible
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.vault import VaultService
from swim_tui.engine.state import State
from swim_tui.errors import AgentMissing, BadValue, VaultError, VaultLocked
from swim_tui.model.views import WAITS_FOR_AGENT, WAITS_FOR_UNLOCK
from swim_tui.vault import keys

PHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derivations of a passphrase that take a millisecond."""
    monkeypatch.setattr(keys.Passphrase.__init__, "__defaults__", (4,))


async def until(said: list[str]) -> None:
    async with asyncio.timeout(5):
        while not said:  # noqa: ASYNC110 - the first try is made in a thread
            await asyncio.sleep(0.001)


async def with_secret(state: State) -> CredentialsService:
    credentials = CredentialsService(state)
    await credentials.add_credentials("admin", "swim", password="hunter2")
    return credentials


def again(state: State, tmp_path: Path) -> State:
    """The same data directory after a restart."""
    root = state.paths.root
    state.close()
    return State.open(root, key_file=tmp_path / "config" / "vault.key")


async def test_a_new_key_file_takes_the_place_of_the_old_one_and_a_restart_finds_it(
    state: State, tmp_path: Path
) -> None:
    await with_secret(state)
    service = VaultService(state)
    old = tmp_path / "config" / "vault.key"
    before = await service.vault()
    assert (before.kind, before.key, before.locked, before.entries) == ("key file", str(old), False, 1)
    sealed = state.paths.vault.read_bytes()
    after = await service.rotate_vault_key("key-file")
    assert after.key != str(old)
    assert Path(after.key).stat().st_mode & 0o777 == 0o600
    assert not old.exists()
    assert state.paths.vault.read_bytes() != sealed
    fresh = again(state, tmp_path)
    try:
        assert CredentialsService(fresh).login("admin").password.reveal() == "hunter2"
    finally:
        fresh.close()


async def test_with_a_passphrase_the_vault_is_locked_after_a_restart_until_somebody_gives_it(
    state: State, tmp_path: Path
) -> None:
    await with_secret(state)
    with pytest.raises(BadValue, match="shorter than 10"):
        await VaultService(state).rotate_vault_key("passphrase", "short")
    status = await VaultService(state).rotate_vault_key("passphrase", PHRASE)
    assert (status.kind, status.locked) == ("passphrase", False)
    assert not (tmp_path / "config" / "vault.key").exists()
    fresh = again(state, tmp_path)
    try:
        service, credentials = VaultService(fresh), CredentialsService(fresh)
        assert (await service.vault()).locked
        with pytest.raises(VaultLocked):
            credentials.login("admin")
        said: list[str] = []
        waits = asyncio.ensure_future(
            when_possible(fresh, lambda: credentials.login("admin"), waiting=said.append, is_given_up=lambda: False)
        )
        await until(said)
        with pytest.raises(VaultError, match="does not open"):
            await service.unlock_vault("another passphrase")
        assert not waits.done()
        assert (await service.unlock_vault(PHRASE)).locked is False
        assert (await waits).password.reveal() == "hunter2"
        assert (said[0].startswith(WAITS_FOR_UNLOCK), said[-1]) == (True, "")
        assert PHRASE not in repr(vars(fresh.asked))
    finally:
        fresh.close()


async def test_a_keyring_holds_the_key(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_secret(state)
    held: dict[tuple[str, str], str] = {}
    ring = ModuleType("keyring")
    ring.errors = ModuleType("keyring.errors")  # type: ignore[attr-defined]
    ring.errors.KeyringError = ring.errors.KeyringLocked = RuntimeError  # type: ignore[attr-defined]
    ring.get_password = lambda service, account: held.get((service, account))  # type: ignore[attr-defined]
    ring.set_password = lambda service, account, text: held.update({(service, account): text})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    status = await VaultService(state).rotate_vault_key("keyring")
    assert status.kind == "keyring"
    fresh = again(state, tmp_path)
    try:
        assert CredentialsService(fresh).login("admin").password.reveal() == "hunter2"
    finally:
        fresh.close()


RING_CONFIG = "[backend]\ndefault-keyring=filering.FileRing\nkeyring-path={}\n"
RING = """
import json, pathlib
import keyring.backend, keyring.errors

class FileRing(keyring.backend.KeyringBackend):
    priority = 1
    place = pathlib.Path(__file__).with_name("ring.json")

    def held(self):
        if self.place.with_name("locked").exists():
            raise keyring.errors.KeyringLocked("the desktop says so")
        return json.loads(self.place.read_text()) if self.place.exists() else {}

    def get_password(self, service, name):
        return self.held().get(service + "/" + name)

    def set_password(self, service, name, text):
        self.place.write_text(json.dumps({**self.held(), service + "/" + name: text}))

    def delete_password(self, service, name):
        self.place.write_text(json.dumps({key: text for key, text in self.held().items() if not key.endswith(name)}))
"""


async def test_the_real_keyring_library_with_a_file_behind_it(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("keyring", reason="the extra keyring is not installed")
    (tmp_path / "mods").mkdir()
    (tmp_path / "mods" / "filering.py").write_text(RING)
    (tmp_path / "cfg" / "python_keyring").mkdir(parents=True)
    (tmp_path / "cfg" / "python_keyring" / "keyringrc.cfg").write_text(RING_CONFIG.format(tmp_path / "mods"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "cfg"))
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "filering", raising=False)
    ring = tmp_path / "mods" / "ring.json"
    await with_secret(state)
    assert (await VaultService(state).rotate_vault_key("keyring")).entries == 1
    assert next(iter(json.loads(ring.read_text()))).startswith("swim-tui/vault-")
    fresh = again(state, tmp_path)
    try:
        service = VaultService(fresh)
        (tmp_path / "mods" / "locked").touch()
        assert "the keyring is locked; unlock it on the desktop" in (await service.vault()).problem
        (tmp_path / "mods" / "locked").unlink()
        kept = ring.read_text()
        ring.write_text("{broken")
        assert "the keyring refuses: JSONDecodeError" in (await service.vault()).problem
        ring.unlink()
        assert "has no entry" in (await service.vault()).problem
        ring.write_text(kept)
        assert CredentialsService(fresh).login("admin").password.reveal() == "hunter2"
        assert (await service.rotate_vault_key("key-file")).problem == ""
        assert json.loads(ring.read_text()) == {}
    finally:
        fresh.close()


async def test_a_key_beside_what_it_opens_or_over_another_file_is_refused(state: State, tmp_path: Path) -> None:
    await with_secret(state)
    service = VaultService(state)
    there = tmp_path / "there.key"
    there.write_bytes(b"x")
    for wrong, words in (
        (str(state.paths.root / "x.key"), "outside of the data directory"),
        ("relative.key", "absolute path"),
        (str(there), "exists"),
    ):
        with pytest.raises(BadValue, match=words):
            await service.rotate_vault_key("key-file", key_file=wrong)
    with pytest.raises(BadValue, match="no kind of key"):
        await service.rotate_vault_key("magic")
    assert there.read_bytes() == b"x"


async def test_the_agent_is_that_of_the_client_that_attached_last_and_a_missing_one_is_waited_for(
    state: State, tmp_path: Path
) -> None:
    credentials, service = CredentialsService(state), VaultService(state)
    await credentials.add_credentials("by-agent", "swim", use_agent=True)
    with pytest.raises(AgentMissing, match="no client has attached"):
        credentials.login("by-agent")
    said: list[str] = []
    waits = asyncio.ensure_future(
        when_possible(state, lambda: credentials.login("by-agent"), waiting=said.append, is_given_up=lambda: False)
    )
    await service.attached("/no/such/socket")
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(path))
        agent.listen()
        await until(said)
        await service.attached(str(path))
        assert (await waits).agent_socket == str(path)
    assert said[0].startswith(WAITS_FOR_AGENT)
    with pytest.raises(AgentMissing, match="is gone"):
        credentials.login("by-agent")


async def test_nobody_waits_longer_than_the_limit_or_after_a_cancel(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> None:
        raise VaultLocked

    async def wait(is_given_up: Callable[[], bool]) -> None:
        await when_possible(state, locked, waiting=lambda words: None, is_given_up=is_given_up)

    with pytest.raises(VaultLocked):
        await wait(lambda: True)
    monkeypatch.setattr("swim_tui.engine.attention.PERSON_LIMIT_S", 0.05)
    with pytest.raises(VaultLocked):
        await wait(lambda: False)
