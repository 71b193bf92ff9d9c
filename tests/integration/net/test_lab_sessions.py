"""Sessions and pushes against the lab's devices behind its jump host."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swim_tui.errors import (
    AuthError,
    CommandRejected,
    ConnectError,
    JumpError,
    NoCommonAlgorithm,
    NoFreeVty,
    ReadOnly,
    Stalled,
    TransferLost,
    TransferRefused,
    UnknownPrompt,
)
from swim_tui.model.endpoint import Endpoint, HostKeyPolicy
from swim_tui.model.plan import Answer, Line, LineMode
from swim_tui.model.secret import Login, Secret
from swim_tui.net.contract import Ended, ProbeStage, PushResult, Session
from swim_tui.net.service import SshNet
from tests.integration.net.conftest import RunningLab, Watcher

FIRST, SECOND, THIRD = (f"ASR1002_large-54-9-9-{n}" for n in (4, 5, 6))
SCP_ON = Line("ip scp server enable", mode=LineMode.CONFIG, changes=True)


@pytest.fixture
def lab(routers: RunningLab) -> Iterator[RunningLab]:
    yield routers
    for name in (FIRST, SECOND, THIRD, "jump-sf"):
        routers.clear(name)


def push(net: SshNet, lab: RunningLab, device: str, name: str, **more: Any) -> PushResult:
    image = lab.ready["images"][0]["path"]
    limits: dict[str, Any] = {"on_progress": lambda _p: None, "stall_s": 20.0, "last_answer_s": 20.0, **more}
    return net.push_scp(lab.endpoint(device), Watcher(), image, f"bootflash:/{name}", **limits)


def login_when_ready(net: SshNet, lab: RunningLab, limit: float) -> Session:
    """A device that greets again may still close connections for a while."""
    while True:
        try:
            return net.session(lab.endpoint(FIRST), Watcher())
        except ConnectError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def test_a_session_is_privileged_and_reads(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    began = time.monotonic()
    with net.session(lab.endpoint(FIRST), watcher) as session:
        assert time.monotonic() - began < 3
        assert session.hostname == FIRST
        assert session.privilege == 15
        assert "aes128-gcm@openssh.com" in session.algorithms
        reply = session.run(Line("show version"))
        assert reply.text.startswith("Cisco IOS XE Software")
        assert reply.text.endswith("0x2102")
        with pytest.raises(CommandRejected):
            session.run(Line("show nonsense"))
        assert session.alive()
        assert session.idle_s() < 5
    assert not session.alive()
    assert watcher.keys == []


def test_no_secret_of_a_login_is_seen(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    place = lab.endpoint(FIRST)
    with net.session(place, watcher) as session:
        session.run(Line("show running-config"))
    for secret in (*place.login.secrets(), *place.hops[0].login.secrets()):
        assert secret not in watcher.text()


def test_a_login_at_level_one_becomes_privileged_with_the_enable_secret(
    net: SshNet, lab: RunningLab, watcher: Watcher
) -> None:
    lab.fault(SECOND, "privilege=1")
    with net.session(lab.endpoint(SECOND), watcher) as session:
        assert session.privilege == 15
        assert session.run(Line("show running-config")).text


def test_a_wrong_enable_secret_parks_the_profile_and_is_typed_once(
    net: SshNet, lab: RunningLab, watcher: Watcher
) -> None:
    lab.fault(SECOND, "privilege=1")
    lab.fault(SECOND, "wrong_enable")
    with pytest.raises(AuthError) as caught:
        net.session(lab.endpoint(SECOND), watcher)
    assert caught.value.profile == "lab-admin"
    assert "enable" in caught.value.detail
    assert [text for _, text, _ in watcher.lines].count("***") == 1


def test_without_an_enable_secret_the_level_is_reported_as_it_is(
    net: SshNet, lab: RunningLab, watcher: Watcher
) -> None:
    lab.fault(SECOND, "privilege=1")
    place = lab.endpoint(SECOND)
    plain = Login("plain", place.login.username, place.login.password)
    with net.session(lab.endpoint(SECOND, login=plain), watcher) as session:
        assert session.privilege == 1


def test_a_read_only_session_lets_nothing_through(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    with net.session(lab.endpoint(FIRST), watcher, read_only=True) as session:
        assert session.run(Line("dir")).text
        for text in ("reload", "write memory", "delete bootflash:x"):
            with pytest.raises(ReadOnly):
                session.run(Line(text))
        with pytest.raises(ReadOnly):
            session.configure([SCP_ON])
    typed = [e["line"] for e in lab.log("line", FIRST)]
    assert not {"reload", "write memory", "configure terminal"} & set(typed[-6:])


def test_a_file_is_pushed_deleted_and_asked_about_with_one_key_each(
    net: SshNet, lab: RunningLab, watcher: Watcher
) -> None:
    image = lab.ready["images"][0]
    with net.session(lab.endpoint(FIRST), watcher) as session:
        session.configure([SCP_ON])
        push(net, lab, FIRST, "pushed.bin")
        reply = session.run(Line("verify /md5 bootflash:/pushed.bin", timeout_s=120))
        assert image["md5"] in reply.text
        reply = session.run(Line("delete bootflash:/pushed.bin", changes=True))
        assert len(reply.questions) == 2
        assert "pushed.bin" not in session.run(Line("dir")).text


def test_a_refused_configuration_line_leaves_the_session_usable(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    with net.session(lab.endpoint(FIRST), watcher) as session:
        with pytest.raises(CommandRejected):
            session.configure([Line("bogus line", mode=LineMode.CONFIG)])
        assert session.run(Line("show clock")).ended is Ended.PROMPT


def test_scp_that_is_off_is_refused_in_the_words_of_the_device(net: SshNet, lab: RunningLab) -> None:
    lab.fault(THIRD, "scp_server_off")
    with pytest.raises(TransferRefused) as caught:
        push(net, lab, THIRD, "x.bin")
    assert caught.value.detail


def test_pushes_that_are_cut_or_stand_still_tell_how_far_they_came(net: SshNet, lab: RunningLab) -> None:
    with net.session(lab.endpoint(THIRD), Watcher()) as session:
        session.configure([SCP_ON])
    lab.fault(THIRD, "drop_at=50%")
    with pytest.raises(TransferLost) as lost:
        push(net, lab, THIRD, "cut.bin")
    assert 0 < lost.value.sent <= lost.value.size
    lab.clear(THIRD)
    lab.fault(THIRD, "stall_at=50%")
    with pytest.raises(Stalled):
        push(net, lab, THIRD, "still.bin", stall_s=2.0, last_answer_s=2.0)


def test_a_late_last_answer_is_waited_for(net: SshNet, lab: RunningLab) -> None:
    with net.session(lab.endpoint(THIRD), Watcher()) as session:
        session.configure([SCP_ON])
    lab.fault(THIRD, "no_answer_after_last_byte=2")
    assert push(net, lab, THIRD, "late.bin", stall_s=1.0).seconds > 2


def test_no_free_vty_and_a_closed_port_are_told_apart(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    lab.fault(SECOND, "vty_full")
    with pytest.raises(NoFreeVty):
        net.session(lab.endpoint(SECOND), watcher)
    assert net.probe(lab.endpoint(SECOND), timeout_s=5).stage is ProbeStage.CLOSED
    lab.clear(SECOND)
    lab.fault(SECOND, "refuse_connection")
    assert net.probe(lab.endpoint(SECOND), timeout_s=5).stage is ProbeStage.REFUSED


def test_a_jump_host_that_forbids_forwarding(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    lab.fault("jump-sf", "refuse_forwarding")
    with pytest.raises(JumpError) as caught:
        net.session(lab.endpoint(FIRST), watcher)
    assert caught.value.hop == "jump-sf"


def coded_endpoint(lab: RunningLab, device: str) -> Endpoint:
    """The same way, with a jump profile that knows of one-time codes."""
    place = lab.endpoint(device)
    hop = place.hops[0]
    login = Login("coded", hop.login.username, hop.login.password, one_time_code=True)
    return replace(place, hops=(replace(hop, login=login),))


def test_a_one_time_code_is_asked_once_for_all_sessions(net: SshNet, lab: RunningLab) -> None:
    lab.fault("jump-sf", "otp")
    jumps = {jump["name"]: jump for jump in lab.ask("status")["jumps"]}
    watcher = Watcher(code=jumps["jump-sf"]["code"])

    def one(device: str) -> str:
        with net.session(coded_endpoint(lab, device), watcher) as session:
            return session.hostname

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(one, (FIRST, SECOND, THIRD))) == [FIRST, SECOND, THIRD]
    assert [hop for hop, _ in watcher.codes_asked] == ["jump-sf"]


@pytest.mark.parametrize("code", ["not-the-code", None])
def test_a_wrong_or_missing_code_is_one_attempt_for_everybody(code: str | None, net: SshNet, lab: RunningLab) -> None:
    lab.fault("jump-sf", "otp")
    watcher = Watcher(code=code)
    for _ in range(3):
        with pytest.raises(AuthError):
            net.session(coded_endpoint(lab, FIRST), watcher)
    assert len(watcher.codes_asked) == 1


def test_a_code_that_the_profile_does_not_know_of_is_said(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    lab.fault("jump-sf", "otp")
    with pytest.raises(AuthError) as caught:
        net.session(lab.endpoint(FIRST), watcher)
    assert "one-time code" in caught.value.detail
    assert watcher.codes_asked == []


def test_a_wrong_password_is_tried_once_on_a_device(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    before = len(lab.log("login-failed", SECOND))
    wrong = Login("wrong", "admin", Secret("no"), Secret("no"))
    with pytest.raises(AuthError):
        net.session(lab.endpoint(SECOND, login=wrong), watcher)
    assert len(lab.log("login-failed", SECOND)) == before + 1


def test_an_old_device_needs_the_legacy_mark(net: SshNet, lab: RunningLab, watcher: Watcher) -> None:
    lab.fault(THIRD, "legacy_kex")
    with pytest.raises(NoCommonAlgorithm, match="sha1"):
        net.session(lab.endpoint(THIRD), watcher)
    with net.session(
        lab.endpoint(THIRD, legacy_ssh=True, known_hosts=(), host_keys=HostKeyPolicy.TRUST_FIRST), watcher
    ) as session:
        assert "sha1" in session.algorithms


def test_a_reload_is_confirmed_with_one_key_and_the_session_is_lost(
    net: SshNet, lab: RunningLab, watcher: Watcher
) -> None:
    lab.fault(FIRST, "dirty_config")
    with net.session(lab.endpoint(FIRST), watcher) as session:
        with pytest.raises(UnknownPrompt, match="Save"):
            session.run(Line("reload", changes=True))
        session.run(Line("write memory", changes=True))
        reply = session.run(Line("reload", changes=True, timeout_s=60))
        assert reply.ended is Ended.LOST
        assert not session.alive()
    limit = time.monotonic() + 60
    while net.probe(lab.endpoint(FIRST), timeout_s=5).stage is not ProbeStage.BANNER:
        assert time.monotonic() < limit
        time.sleep(0.1)
    with login_when_ready(net, lab, limit) as session:
        assert "reload" in session.run(Line("show version")).text.lower()


def test_ten_sessions_at_once_share_the_jump_connection(net: SshNet, lab: RunningLab) -> None:
    before = len(lab.log("login", "jump-sf"))

    def one(number: int) -> str:
        with net.session(lab.endpoint((FIRST, SECOND, THIRD)[number % 3]), Watcher()) as session:
            return session.run(Line("show clock")).text

    with ThreadPoolExecutor(9) as pool:
        assert all(pool.map(one, range(9)))
    assert len(lab.log("login", "jump-sf")) == before + 1


def test_old_switches_answer_with_old_algorithms(net: SshNet, old_switches: RunningLab, watcher: Watcher) -> None:
    marked = [d["name"] for d in old_switches.inventory["devices"] if d["legacy_ssh"]]
    assert marked
    place = old_switches.endpoint(marked[0])
    with net.session(place, watcher) as session:
        assert "sha1" in session.algorithms
        assert "Version 12.2" in session.run(Line("show version")).text
        session.configure([SCP_ON])
        session.run(Line("write memory", changes=True, answers=(Answer(r"\[confirm\]", ""),)))
    small = Path(old_switches.folder) / "small.bin"
    small.write_bytes(bytes(range(256)) * 4000)
    net.push_scp(
        place, watcher, str(small), "flash:/small.bin", on_progress=lambda _p: None, stall_s=20, last_answer_s=20
    )
    with net.session(place, watcher) as session:
        assert "1024000" in session.run(Line("dir flash:")).text
