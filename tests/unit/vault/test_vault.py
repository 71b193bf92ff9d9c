"""The vault: what is put is read again, by the right key only, and nothing of it shows."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swim_tui.errors import SecretMissing, VaultError, describe
from swim_tui.vault import KeyFile, Keyring, Passphrase, Vault

SECRETS = {"password": "Tr0ub4dor&3", "enable": "s3cr3t-enable", "user": "operator"}


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "config" / "vault.key")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault.json"


def quick(passphrase: str) -> Passphrase:
    """A passphrase with a cheap derivation."""
    return Passphrase(lambda: passphrase, cost_log2=4)


def test_what_is_put_is_read_by_another_vault_with_the_same_key(path: Path, key: KeyFile) -> None:
    Vault(path, key).put("core", SECRETS)
    Vault(path, key).put("edge", {"password": "ü \n x"})
    vault = Vault(path, key)
    assert vault.names() == ("core", "edge")
    assert vault.get("core") == SECRETS
    assert vault.get("edge") == {"password": "ü \n x"}
    vault.put("core", {"password": "new"})
    assert Vault(path, key).get("core") == {"password": "new"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=20), values=st.dictionaries(st.text(max_size=9), st.text(max_size=50), max_size=4))
def test_any_text_survives(path: Path, key: KeyFile, name: str, values: dict[str, str]) -> None:
    Vault(path, key).put(name, values)
    assert Vault(path, key).get(name) == values


def test_files_are_private_and_hold_no_secret(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    vault.put("core", SECRETS)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert key.path.stat().st_mode & 0o777 == 0o600
    assert len(key.path.read_bytes()) == 32
    assert [file.name for file in path.parent.iterdir()] == ["vault.json"], "no temporary file is left"
    data = path.read_bytes()
    shown = repr(vault) + str(vault) + repr(key) + repr(quick("open sesame"))
    for secret in [*SECRETS.values(), *SECRETS.keys(), "open sesame"]:
        if secret != "user":
            assert secret.encode() not in data
        assert secret not in shown
    assert key.path.read_bytes().hex() not in data.decode()
    assert json.loads(data)["key_hints"] == {"path": str(key.path)}


def test_the_same_secret_is_never_encrypted_the_same_way_twice(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    boxes = set()
    for _ in range(5):
        vault.put("core", SECRETS)
        boxes.add(json.dumps(json.loads(path.read_bytes())["entries"]["core"]))
    assert len(boxes) == 5


def test_a_missing_name_is_told_with_the_command_to_add_it(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    for call in (vault.get, vault.delete):
        with pytest.raises(SecretMissing, match="credentials add core"):
            call("core")
    vault.put("core", SECRETS)
    vault.delete("core")
    assert vault.names() == ()
    assert not any(secret.encode() in path.read_bytes() for secret in SECRETS.values())


def test_another_key_does_not_open_and_changes_nothing(path: Path, key: KeyFile, tmp_path: Path) -> None:
    Vault(path, key).put("core", SECRETS)
    before = path.read_bytes()
    other = KeyFile(tmp_path / "other.key")
    other.create()
    vault = Vault(path, other)
    for action in (lambda: vault.get("core"), lambda: vault.put("x", {}), vault.names, lambda: vault.rotate(key)):
        with pytest.raises(VaultError, match="does not open"):
            action()
    assert path.read_bytes() == before
    assert describe(VaultError(detail="x")).remedy


def test_a_missing_key_file_is_not_made_anew_for_an_existing_vault(path: Path, key: KeyFile) -> None:
    Vault(path, key).put("core", SECRETS)
    key.path.unlink()
    with pytest.raises(VaultError, match="missing"):
        Vault(path, key).get("core")
    assert not key.path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused_with_the_command_to_mend_it(
    path: Path, key: KeyFile, mode: int
) -> None:
    Vault(path, key).put("core", SECRETS)
    key.path.chmod(mode)
    with pytest.raises(VaultError, match="chmod 600"):
        Vault(path, key).get("core")


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_key_file_of_the_wrong_size_is_refused(path: Path, key: KeyFile, content: bytes) -> None:
    key.path.parent.mkdir()
    key.path.write_bytes(content)
    key.path.chmod(0o600)
    with pytest.raises(VaultError, match="not 32"):
        Vault(path, key).put("core", SECRETS)
    assert not path.exists()


def test_any_changed_byte_of_the_file_is_noticed_and_the_file_is_left(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    vault.put("core", SECRETS)
    vault.put("edge", SECRETS)
    good = path.read_bytes()
    for at in range(0, len(good), 3):
        changed = bytearray(good)
        changed[at] = 0x31 if changed[at] != 0x31 else 0x32
        if changed == good or _same_meaning(bytes(changed), good):
            continue
        path.write_bytes(changed)
        with pytest.raises(VaultError):
            Vault(path, key).get("core")
        assert path.read_bytes() == changed


def _same_meaning(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def test_entries_cannot_be_swapped_removed_or_put_back(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    vault.put("core", {"password": "old"})
    old = json.loads(path.read_bytes())
    vault.put("core", {"password": "new"})
    vault.put("edge", SECRETS)
    good = json.loads(path.read_bytes())
    entries = good["entries"]
    for forged in (
        {"core": entries["edge"], "edge": entries["core"]},
        {"core": entries["core"]},
        {"core": old["entries"]["core"], "edge": entries["edge"]},
        {**entries, "copy": entries["core"]},
    ):
        path.write_text(json.dumps({**good, "entries": forged}))
        with pytest.raises(VaultError, match="changed outside"):
            Vault(path, key).names()
    path.write_text(json.dumps(good))
    assert Vault(path, key).get("core") == {"password": "new"}


@pytest.mark.parametrize("content", [b"", b"not json", b"{}", b"[]", b'{"format": 1}', b"\0" * 4096])
def test_a_file_that_is_no_vault_is_refused_and_left(path: Path, key: KeyFile, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(VaultError, match="not a vault file"):
        Vault(path, key).put("core", SECRETS)
    assert path.read_bytes() == content


def test_rotation_keeps_the_secrets_and_shuts_the_old_key_out(path: Path, key: KeyFile, tmp_path: Path) -> None:
    vault = Vault(path, key)
    vault.put("core", SECRETS)
    vault.put("edge", {"password": "p"})
    new = KeyFile(tmp_path / "config" / "vault-2.key")
    vault.rotate(new)
    assert vault.get("core") == SECRETS
    vault.put("third", {})
    assert Vault(path, new).names() == ("core", "edge", "third")
    with pytest.raises(VaultError, match="does not open"):
        Vault(path, key).names()
    with pytest.raises(VaultError, match="another name"):
        vault.rotate(new)


def test_a_vault_moves_from_a_key_file_to_a_passphrase(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    vault.put("core", SECRETS)
    vault.rotate(quick("open sesame"))
    assert vault.get("core") == SECRETS
    assert Vault(path, quick("open sesame")).get("core") == SECRETS
    with pytest.raises(VaultError, match="this passphrase does not open"):
        Vault(path, quick("open barley")).get("core")
    with pytest.raises(VaultError, match="locked with a passphrase, not with a key file"):
        Vault(path, key).get("core")
    with pytest.raises(VaultError, match="empty"):
        Vault(path, quick("")).get("core")


def test_a_passphrase_is_asked_once_and_each_vault_has_its_own_salt(tmp_path: Path) -> None:
    asked = []

    def ask() -> str:
        asked.append(1)
        return "open sesame"

    hints = []
    for name in ("one", "two"):
        vault = Vault(tmp_path / name, Passphrase(ask, cost_log2=4))
        vault.unlock()
        vault.put("core", SECRETS)
        vault.get("core")
        hints.append(json.loads((tmp_path / name).read_bytes())["key_hints"]["salt"])
    assert len(asked) == 2
    assert hints[0] != hints[1]


def test_a_file_cannot_make_the_derivation_take_all_memory(path: Path) -> None:
    Vault(path, quick("open sesame")).put("core", SECRETS)
    file = json.loads(path.read_bytes())
    for cost in ("40", "-1", "x"):
        path.write_text(json.dumps({**file, "key_hints": {**file["key_hints"], "cost_log2": cost}}))
        with pytest.raises(VaultError):
            Vault(path, quick("open sesame")).get("core")


def test_the_default_cost_of_a_passphrase_is_what_it_says(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault.json", Passphrase(lambda: "open sesame"))
    vault.put("core", SECRETS)
    assert json.loads((tmp_path / "vault.json").read_bytes())["key_hints"]["cost_log2"] == "16"


class FakeKeyring(ModuleType):
    """The part of the optional package that is used, in memory."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.held: dict[tuple[str, str], str] = {}
        self.errors = SimpleNamespace(KeyringError=RuntimeError, KeyringLocked=InterruptedError)

    def get_password(self, service: str, account: str) -> str | None:
        return self.held.get((service, account))

    def set_password(self, service: str, account: str, value: str) -> None:
        self.held[service, account] = value


def test_the_keyring_holds_the_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeKeyring()
    monkeypatch.setitem(sys.modules, "keyring", fake)
    Vault(path, Keyring()).put("core", SECRETS)
    assert Vault(path, Keyring()).get("core") == SECRETS
    fake.held[("swim-tui", "vault")] = "bm90IGEga2V5"
    with pytest.raises(VaultError, match="not a vault key"):
        Vault(path, Keyring()).get("core")
    fake.held.clear()
    with pytest.raises(VaultError, match="no entry"):
        Vault(path, Keyring()).get("core")
    assert fake.held == {}


def test_a_locked_keyring_is_told_without_its_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeKeyring()
    monkeypatch.setitem(sys.modules, "keyring", fake)

    def refuse(_service: str, _account: str) -> str:
        raise RuntimeError("locked")

    monkeypatch.setattr(fake, "get_password", refuse)
    with pytest.raises(VaultError, match="refuses"):
        Vault(path, Keyring()).put("core", SECRETS)


def test_without_the_keyring_package_the_remedy_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(VaultError, match="pip install"):
        Vault(path, Keyring()).put("core", SECRETS)


def test_threads_share_a_vault(path: Path, key: KeyFile) -> None:
    vault = Vault(path, key)
    threads = [threading.Thread(target=vault.put, args=(f"p{i}", {"password": str(i)})) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {name: vault.get(name)["password"] for name in vault.names()} == {f"p{i}": str(i) for i in range(8)}


def test_a_disk_that_refuses_leaves_the_vault_as_it_was(
    path: Path, key: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(path, key)
    vault.put("core", SECRETS)
    before = path.read_bytes()

    def refuse(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(VaultError, match="No space left"):
        vault.put("edge", SECRETS)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["vault.json"]
    assert vault.names() == ("core",)


def test_the_default_key_file_is_in_the_configuration_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert KeyFile.default().path == tmp_path / "swim-tui" / "vault.key"
