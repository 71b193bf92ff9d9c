"""Host keys on record: the product's own, the user's known_hosts with its hashed names, and what was just learned."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from swim_tui.errors import HostKeyError, HostKeyUnknown
from swim_tui.model.endpoint import HostKey, HostKeyPolicy, fingerprint_of
from swim_tui.net.hosts import HostBook, Place
from tests.unit.net.scripted import Recorder

PLACE = Place("10.0.0.1", 22, device="sw1")


class Listener(Recorder):
    def __init__(self) -> None:
        super().__init__()
        self.keys: list[tuple[HostKey, str]] = []

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        self.keys.append((key, fingerprint))


@pytest.fixture
def key() -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


def text(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


def test_a_hashed_name_in_known_hosts_is_found(key: paramiko.PKey, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{paramiko.HostKeys.hash_host('10.0.0.1')} {text(key)}\n")
    book = HostBook(file)
    assert book.known(PLACE, ()) == (text(key),)
    book.check(PLACE, key, (), HostKeyPolicy.STRICT, Listener())
    assert book.known(Place("10.0.0.2", 22), ()) == ()
    assert book.known(Place("10.0.0.1", 2222), ()) == ()


def test_a_file_that_grows_is_read_again(key: paramiko.PKey, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    book = HostBook(file)
    assert book.known(PLACE, ()) == ()
    file.write_text(f"10.0.0.1,10.0.0.9 {text(key)}\n")
    assert book.known(PLACE, ()) == (text(key),)


def test_the_record_of_the_product_comes_before_the_file_of_the_user(key: paramiko.PKey, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"10.0.0.1 {text(key)}\n")
    other = paramiko.ECDSAKey.generate()
    with pytest.raises(HostKeyError) as caught:
        HostBook(file).check(PLACE, key, (HostKey("10.0.0.1", 22, text(other)),), HostKeyPolicy.TRUST_FIRST, Listener())
    assert (caught.value.known, caught.value.offered) == (fingerprint_of(text(other)), fingerprint_of(text(key)))


def test_strict_trusts_nobody_and_trust_first_tells_once(key: paramiko.PKey) -> None:
    book, listener = HostBook(), Listener()
    with pytest.raises(HostKeyUnknown):
        book.check(PLACE, key, (), HostKeyPolicy.STRICT, listener)
    book.check(PLACE, key, (), HostKeyPolicy.TRUST_FIRST, listener)
    book.check(PLACE, key, (), HostKeyPolicy.TRUST_FIRST, listener)
    assert [(k.key, shown) for k, shown in listener.keys] == [(text(key), fingerprint_of(text(key)))]
    with pytest.raises(HostKeyError):
        book.check(PLACE, paramiko.ECDSAKey.generate(), (), HostKeyPolicy.TRUST_FIRST, listener)


def test_a_fingerprint_is_that_of_openssh() -> None:
    known = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMCjK9WGtpj5oWFFoqY9o3nW7t0Ao6R7XCr5BjugyoO4"
    assert fingerprint_of(known).startswith("SHA256:")
    assert len(fingerprint_of(known)) == 50
    assert "unreadable" in fingerprint_of("nonsense")
