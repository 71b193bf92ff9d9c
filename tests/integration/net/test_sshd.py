"""Transfers, hops, host keys and logins against real OpenSSH servers."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.errors import (
    AuthError,
    Cancelled,
    ConnectRefused,
    HostKeyError,
    HostKeyUnknown,
    JumpError,
    NoCommonAlgorithm,
    Stalled,
    SwimError,
    TransferLost,
    TransferRefused,
)
from swim_tui.model.device import HopMethod
from swim_tui.model.endpoint import Hop, HostKey, HostKeyPolicy, fingerprint_of
from swim_tui.model.secret import Login, Secret
from swim_tui.net.contract import ProbeStage, PushProgress, PushResult
from swim_tui.net.service import SshNet
from tests.integration.net.conftest import StartSshd, Watcher, endpoint
from tests.integration.net.sshd import USER, Sshd, free_port, make_key

pytestmark = pytest.mark.sshd
MB = 1_000_000


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.bin"
    path.write_bytes(os.urandom(5 * MB + 4_321))
    return path


def push(net: SshNet, place: object, watcher: Watcher, source: Path, remote: Path | str, **more: object) -> PushResult:
    """Push with limits fit for a test."""
    limits: dict[str, object] = {"on_progress": lambda _p: None, "stall_s": 20.0, "last_answer_s": 20.0, **more}
    return net.push_scp(place, watcher, str(source), str(remote), **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_file_goes_and_comes_back_whole_through_any_number_of_hops(
    count: int, net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    place = endpoint(target, key_login, [start_sshd(f"jump{i}") for i in range(count)])
    seen: list[PushProgress] = []
    result = push(net, place, watcher, image, tmp_path / "there.bin", on_progress=seen.append)
    assert (tmp_path / "there.bin").read_bytes() == image.read_bytes()
    assert result.sent == image.stat().st_size == seen[-1].sent == seen[-1].size
    back = bytearray()
    net.pull_scp(place, watcher, str(tmp_path / "there.bin"), back.extend, on_progress=lambda _p: None, stall_s=20)
    assert bytes(back) == image.read_bytes()
    assert len(watcher.keys) == count + 1


@pytest.mark.parametrize("cipher", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr"])
@pytest.mark.parametrize("size", [0, 1, 32_703, 32_704, 32_705, 261_632, 261_633, 3 * MB])
def test_every_cipher_and_every_odd_size_arrives_whole(
    cipher: str, size: int, net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, tmp_path: Path
) -> None:
    target = start_sshd("target", [f"Ciphers {cipher}"])
    source = tmp_path / "source"
    source.write_bytes(os.urandom(size))
    push(net, endpoint(target, key_login), watcher, source, tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == source.read_bytes()


def test_a_server_that_renegotiates_its_keys_in_the_middle_gets_the_file(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target", ["RekeyLimit 1M"])
    push(net, endpoint(target, key_login, [start_sshd("jump", ["RekeyLimit 1M"])]), watcher, image, tmp_path / "there")
    assert hashlib.sha256((tmp_path / "there").read_bytes()).digest() == hashlib.sha256(image.read_bytes()).digest()


def test_many_at_once_share_one_connection_to_the_jump_host(
    net: SshNet, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target, jump = start_sshd("target"), start_sshd("jump")
    place = endpoint(target, key_login, [jump])

    def one(number: int) -> bool:
        push(net, place, Watcher(), image, tmp_path / f"there{number}")
        return (tmp_path / f"there{number}").read_bytes() == image.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(8)))
    assert jump.log_text().count("Accepted publickey") == 1
    assert target.log_text().count("Accepted publickey") == 8


def test_a_known_key_is_accepted_by_a_strict_policy_and_an_unknown_one_is_not(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    known = (HostKey("127.0.0.1", target.port, target.public_key),)
    place = endpoint(target, key_login, known_hosts=known, host_keys=HostKeyPolicy.STRICT)
    push(net, place, watcher, image, tmp_path / "there")
    assert watcher.keys == []
    with pytest.raises(HostKeyUnknown) as caught:
        push(net, replace(place, known_hosts=()), watcher, image, tmp_path / "there")
    assert caught.value.offered == fingerprint_of(target.public_key)


@pytest.mark.parametrize("policy", list(HostKeyPolicy))
def test_a_changed_key_stops_with_both_fingerprints(
    policy: HostKeyPolicy,
    net: SshNet,
    watcher: Watcher,
    start_sshd: StartSshd,
    key_login: Login,
    image: Path,
    tmp_path: Path,
) -> None:
    target, other = start_sshd("target"), make_key(tmp_path / "other")
    old = " ".join(other.with_suffix(".pub").read_text().split()[:2])
    place = endpoint(target, key_login, known_hosts=(HostKey("127.0.0.1", target.port, old),), host_keys=policy)
    with pytest.raises(HostKeyError) as caught:
        push(net, place, watcher, image, tmp_path / "there")
    assert caught.value.known == fingerprint_of(old)
    assert caught.value.offered == fingerprint_of(target.public_key)
    assert not (tmp_path / "there").exists()
    assert "Accepted" not in target.log_text()


def test_a_changed_key_of_a_hop_stops_before_its_login(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target, jump, other = start_sshd("target"), start_sshd("jump"), make_key(tmp_path / "other")
    old = " ".join(other.with_suffix(".pub").read_text().split()[:2])
    place = endpoint(target, key_login, [jump], known_hosts=(HostKey("127.0.0.1", jump.port, old),))
    with pytest.raises(HostKeyError) as caught:
        push(net, place, watcher, image, tmp_path / "there")
    assert caught.value.hop == "jump0"
    assert "Accepted" not in jump.log_text()


def test_a_key_trusted_at_first_use_is_held_to_afterwards(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    place = endpoint(target, key_login)
    push(net, place, watcher, image, tmp_path / "there")
    assert [(k.port, shown) for k, shown in watcher.keys] == [(target.port, fingerprint_of(target.public_key))]
    target.kill()
    impostor = Sshd(tmp_path / "impostor", target.login_key, port=target.port).start()
    try:
        with pytest.raises(HostKeyError):
            push(net, place, watcher, image, tmp_path / "there")
    finally:
        impostor.kill()


def test_the_known_hosts_file_of_the_user_is_read(
    watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    hosts = tmp_path / "known_hosts"
    hosts.write_text(f"# mine\n@revoked * ssh-ed25519 AAAA\nbroken\n[127.0.0.1]:{target.port} {target.public_key} me\n")
    before = hosts.read_bytes()
    service = SshNet(hosts)
    push(service, endpoint(target, key_login, host_keys=HostKeyPolicy.STRICT), watcher, image, tmp_path / "there")
    service.close()
    assert watcher.keys == []
    assert hosts.read_bytes() == before


def test_a_server_with_several_keys_is_asked_for_the_one_on_record(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    second = make_key(tmp_path / "second", "ecdsa")
    target = start_sshd("target", [f"HostKey {tmp_path / 'target' / 'host_key'}\nHostKey {second}"])
    ecdsa = " ".join(second.with_suffix(".pub").read_text().split()[:2])
    place = endpoint(target, key_login, known_hosts=(HostKey("127.0.0.1", target.port, ecdsa),))
    push(net, place, watcher, image, tmp_path / "there")
    assert watcher.keys == []


def test_a_wrong_password_is_tried_once(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    wrong = Login("wrong", USER, password=Secret("not-the-password"))
    with pytest.raises(AuthError) as caught:
        push(net, endpoint(target, wrong), watcher, image, tmp_path / "there")
    assert caught.value.profile == "wrong"
    assert target.log_text().count("Failed password") == 1


def test_a_wrong_password_at_a_hop_is_tried_once_for_all_who_wait(
    net: SshNet, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target, jump = start_sshd("target"), start_sshd("jump")
    wrong = Login("wrong", USER, password=Secret("not-the-password"))
    place = endpoint(target, key_login, [jump], hop_login=wrong)

    def one(_number: int) -> SwimError:
        with pytest.raises(AuthError) as caught:
            push(net, place, Watcher(), image, tmp_path / "there")
        return caught.value

    with ThreadPoolExecutor(8) as pool:
        errors = list(pool.map(one, range(8)))
    assert jump.log_text().count("Failed password") == 1
    assert {(e.profile, e.hop) for e in errors if isinstance(e, AuthError)} == {("wrong", "jump0")}


def test_a_key_that_is_refused_is_not_followed_by_a_password(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    login = Login("both", USER, password=Secret("x"), key_file=str(make_key(tmp_path / "stranger")))
    with pytest.raises(AuthError):
        push(net, endpoint(target, login), watcher, image, tmp_path / "there")
    assert "Failed password" not in target.log_text()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """An ssh-agent of our own; call it to add a key."""
    sock = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(sock)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(sock))
    limit = time.monotonic() + 10
    while not sock.exists():
        assert time.monotonic() < limit
    yield lambda key: subprocess.run(["ssh-add", "-q", str(key)], check=True, stderr=subprocess.DEVNULL) and None
    process.kill()
    process.wait()


def test_the_agent_logs_in_and_shows_three_keys_at_most(
    agent: Callable[[Path], None],
    net: SshNet,
    watcher: Watcher,
    start_sshd: StartSshd,
    login_key: Path,
    image: Path,
    tmp_path: Path,
) -> None:
    target = start_sshd("target")
    login = Login("agent", USER, password=Secret("x"), use_agent=True)
    for number in range(3):
        agent(make_key(tmp_path / f"stranger{number}"))
    agent(login_key)
    with pytest.raises(AuthError):  # the right key is the fourth
        push(net, endpoint(target, login), watcher, image, tmp_path / "there")
    assert target.log_text().count("Failed publickey") == 3
    assert "Failed password" not in target.log_text()
    subprocess.run(["ssh-add", "-q", "-d", str(tmp_path / "stranger0")], check=True, stderr=subprocess.DEVNULL)
    push(net, endpoint(target, login), watcher, image, tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == image.read_bytes()


def test_a_key_file_that_is_missing_is_said_before_anything_is_tried(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, image: Path, tmp_path: Path
) -> None:
    target = start_sshd("target")
    login = Login("lost", USER, password=Secret("x"), key_file=str(tmp_path / "nowhere"))
    with pytest.raises(AuthError) as caught:
        push(net, endpoint(target, login), watcher, image, tmp_path / "there")
    assert "does not exist" in caught.value.detail
    assert "Failed" not in target.log_text()


def test_a_server_with_old_algorithms_only_is_named_with_its_offer_and_reached_as_legacy(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    old = ["KexAlgorithms diffie-hellman-group14-sha1", "Ciphers aes128-cbc", "MACs hmac-sha1"]
    target = start_sshd("target", old)
    with pytest.raises(NoCommonAlgorithm, match="diffie-hellman-group14-sha1"):
        push(net, endpoint(target, key_login), watcher, image, tmp_path / "there")
    push(net, endpoint(target, key_login, legacy_ssh=True), watcher, image, tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == image.read_bytes()


def test_a_jump_host_that_forbids_forwarding_is_named(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path
) -> None:
    place = endpoint(start_sshd("target"), key_login, [start_sshd("jump", ["AllowTcpForwarding no"])])
    with pytest.raises(JumpError, match="prohibited") as caught:
        push(net, place, watcher, image, "x")
    assert caught.value.hop == "jump0"


RELAY = """import os, selectors, socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
sel = selectors.DefaultSelector()
sel.register(0, 1, lambda: (os.read(0, 65536), s.sendall))
sel.register(s, 1, lambda: (s.recv(65536), lambda d: os.write(1, d)))
while True:
    for key, _ in sel.select():
        data, put = key.data()
        if not data:
            sys.exit(0)
        put(data)
"""


def test_a_jump_host_that_forbids_forwarding_is_passed_by_a_command_on_it(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target, jump = start_sshd("target"), start_sshd("jump", ["AllowTcpForwarding no"])
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY)
    place = endpoint(target, key_login, [jump])

    def by(command: str) -> object:
        hop = replace(place.hops[0], method=HopMethod.EXEC, template=command)
        return replace(place, hops=(hop,))

    there = tmp_path / "there.bin"
    push(net, by(f"{sys.executable} {relay} %h %p"), watcher, image, there)
    assert there.read_bytes() == image.read_bytes()
    with pytest.raises(JumpError, match="cannot run 'no-such-command"):
        push(net, by("no-such-command %h %p"), watcher, image, there)
    target.kill()
    with pytest.raises(ConnectRefused):
        push(net, by(f"{sys.executable} {relay} %h %p"), watcher, image, there)


def test_a_jump_host_that_is_down_is_named_and_a_device_that_is_down_is_not_blamed_on_it(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path
) -> None:
    target, jump = start_sshd("target"), start_sshd("jump")
    down = endpoint(target, key_login, [jump])
    nowhere = replace(down, port=free_port())
    with pytest.raises(ConnectRefused):
        push(net, nowhere, watcher, image, "x")
    gone = replace(down, hops=(Hop("gone", "127.0.0.1", free_port(), key_login),))
    with pytest.raises(JumpError, match="gone"):
        push(net, gone, watcher, image, "x")
    with pytest.raises(ConnectRefused):
        push(net, replace(nowhere, hops=()), watcher, image, "x")


def test_probes_say_how_far_they_came(net: SshNet, start_sshd: StartSshd, key_login: Login) -> None:
    target, jump = start_sshd("target"), start_sshd("jump")
    for hops in ([], [jump]):
        place = endpoint(target, key_login, hops)
        assert net.probe(place, timeout_s=5).stage is ProbeStage.BANNER
        assert net.probe(replace(place, port=free_port()), timeout_s=5).stage is ProbeStage.REFUSED
    jump.kill()
    assert net.probe(endpoint(target, key_login, [jump]), timeout_s=5).stage is ProbeStage.UNREACHABLE
    assert "Accepted" not in target.log_text()


def test_a_key_learned_by_a_probe_is_told_to_the_next_session(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target, jump = start_sshd("target"), start_sshd("jump")
    place = endpoint(target, key_login, [jump])
    net.probe(place, timeout_s=5)
    push(net, place, watcher, image, tmp_path / "there")
    assert {k.port for k, _ in watcher.keys} == {target.port, jump.port}


class SlowSink:
    """An sshd whose scp never reads: a FIFO nobody opens stands where the file would go."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fifo"
        os.mkfifo(self.path)
        self._end = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def close(self) -> None:
        os.close(self._end)


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(200 * MB)
    return path


def _after(seconds: float, act: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


@pytest.mark.parametrize("through_jump", [False, True])
def test_a_transfer_that_stands_still_is_stalled(
    through_jump: bool,
    net: SshNet,
    watcher: Watcher,
    start_sshd: StartSshd,
    key_login: Login,
    big: Path,
    tmp_path: Path,
) -> None:
    sink = SlowSink(tmp_path)
    place = endpoint(start_sshd("target"), key_login, [start_sshd("jump")] if through_jump else [])
    began = time.monotonic()
    try:
        with pytest.raises(Stalled) as caught:
            push(net, place, watcher, big, sink.path, stall_s=2.0)
    finally:
        sink.close()
    assert 0 < caught.value.sent < big.stat().st_size
    assert 2 <= time.monotonic() - began < 8


@pytest.mark.parametrize("through_jump", [False, True])
def test_a_transfer_that_is_cancelled_stops_within_a_second_even_when_it_stands_still(
    through_jump: bool, net: SshNet, start_sshd: StartSshd, key_login: Login, big: Path, tmp_path: Path
) -> None:
    sink = SlowSink(tmp_path)
    stop = threading.Event()
    watcher = Watcher(is_cancelled=stop.is_set)
    place = endpoint(start_sshd("target"), key_login, [start_sshd("jump")] if through_jump else [])
    asked: list[float] = []
    timer = _after(1.5, lambda: (asked.append(time.monotonic()), stop.set()))  # type: ignore[arg-type,func-returns-value]
    try:
        with pytest.raises(Cancelled):
            push(net, place, watcher, big, sink.path, stall_s=60.0)
        assert time.monotonic() - asked[0] < 1.5
    finally:
        timer.cancel()
        sink.close()


@pytest.mark.parametrize("victim", ["target", "jump"])
def test_a_server_that_dies_in_the_middle_is_a_lost_transfer_at_once(
    victim: str, net: SshNet, start_sshd: StartSshd, key_login: Login, big: Path, tmp_path: Path
) -> None:
    sink = SlowSink(tmp_path)
    servers = {"target": start_sshd("target"), "jump": start_sshd("jump")}
    place = endpoint(servers["target"], key_login, [servers["jump"]])
    died: list[float] = []

    def die() -> None:
        died.append(time.monotonic())
        servers[victim].kill()

    timer = _after(1.5, die)

    def one(number: int) -> TransferLost:
        with pytest.raises(TransferLost) as caught:
            push(net, place, Watcher(), big, sink.path, stall_s=60.0)
        return caught.value

    try:
        with ThreadPoolExecutor(3) as pool:
            lost = list(pool.map(one, range(3)))
        assert time.monotonic() - died[0] < 5
    finally:
        timer.cancel()
        sink.close()
    assert all(0 < err.sent < err.size == big.stat().st_size for err in lost)


def test_a_jump_connection_that_died_is_made_anew_for_the_next(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    target, jump = start_sshd("target"), start_sshd("jump")
    place = endpoint(target, key_login, [jump])
    push(net, place, watcher, image, tmp_path / "one")
    for pid in jump.children():
        os.kill(pid, signal.SIGKILL)
    limit = time.monotonic() + 10
    while net._pool.transport(place, watcher).is_active() and jump.log_text().count("Accepted publickey") < 2:
        assert time.monotonic() < limit
    push(net, place, watcher, image, tmp_path / "two")
    assert (tmp_path / "two").read_bytes() == image.read_bytes()
    assert jump.log_text().count("Accepted publickey") == 2


@pytest.mark.parametrize("remote", ["/nonexistent/dir/x.bin", "/proc/version"])
def test_the_words_of_a_refusal_come_back(
    remote: str, net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path
) -> None:
    with pytest.raises(TransferRefused) as caught:
        push(net, endpoint(start_sshd("target"), key_login), watcher, image, remote)
    assert Path(remote).name in caught.value.detail or "No such file" in caught.value.detail


def test_a_file_that_is_not_there_cannot_be_pulled(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, tmp_path: Path
) -> None:
    with pytest.raises(TransferRefused, match="No such file"):
        net.pull_scp(
            endpoint(start_sshd("target"), key_login),
            watcher,
            str(tmp_path / "nothing"),
            lambda _data: None,
            on_progress=lambda _p: None,
            stall_s=10,
        )


def test_a_name_with_blanks_and_quotes_reaches_the_server_as_it_is(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, image: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "a b'; touch injected; $(touch injected2) ü.bin"
    push(net, endpoint(start_sshd("target"), key_login), watcher, image, odd)
    assert odd.read_bytes() == image.read_bytes()
    assert not list(tmp_path.rglob("injected*"))


def test_progress_comes_at_most_a_few_times_a_second(
    net: SshNet, watcher: Watcher, start_sshd: StartSshd, key_login: Login, big: Path, tmp_path: Path
) -> None:
    seen: list[PushProgress] = []
    result = push(net, endpoint(start_sshd("target"), key_login), watcher, big, tmp_path / "x", on_progress=seen.append)
    assert 1 <= len(seen) <= 4 * result.seconds + 2
