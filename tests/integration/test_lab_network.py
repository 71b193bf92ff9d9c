"""Jump hosts, addresses, lines and algorithms of the lab."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import paramiko
import pytest
import yaml

from swim_tui.lab.lab import Lab
from tests.unit.lab.labkit import ASR, LEGACY, OLD_ASR, PROMPT, Cli, jump, login, running_lab, shell

DATA = Path(__file__).resolve().parents[2] / "data" / "lab"
CHAIN = f"""
include: [{DATA}/software/asr1000.yaml]
jumps:
  - {{name: jump-sf, address: 10.197.70.5}}
  - {{name: jump-ny, address: 10.197.70.6, via: jump-sf}}
devices:
  - name: far
    address: 10.1.1.1
    platform: asr1002
    running: {OLD_ASR}
    jump: [jump-sf, jump-ny]
    banner: "Authorised use only # >"
    motd: "Welcome # to > the device#"
"""


async def test_a_device_behind_two_jump_hosts_is_reached_through_both(tmp_path: Path) -> None:
    network = tmp_path / "chain.yaml"
    network.write_text(CHAIN)
    async with running_lab(tmp_path / "lab", network) as lab:
        users, where = lab.services.credentials, lab.where["jump-ny"]
        assert (where.address, where.port) == ("10.197.70.6", 22)
        second = {"username": users.jump_username, "password": users.jump_password, "known_hosts": None, "config": None}
        device = {"username": users.username, "password": users.password, "known_hosts": None, "config": None}
        async with (
            jump(lab) as first,
            asyncssh.connect(where.address, where.port, tunnel=first, **second) as ny,
            asyncssh.connect("10.1.1.1", 22, tunnel=ny, **device) as conn,
        ):
            result = await conn.run("show privilege", encoding=None)
            assert b"Current privilege level is 15" in result.stdout
        assert lab.jumps["jump-ny"].counters["channels"] == 1
        row = yaml.safe_load(lab.inventory_path.read_text())["devices"][0]
        assert row["jump"] == ["jump-sf", "jump-ny"]


async def test_banner_before_and_motd_after_the_login_hold_prompt_characters(tmp_path: Path) -> None:
    network = tmp_path / "chain.yaml"
    network.write_text(CHAIN)
    banners: list[str] = []

    class Client(asyncssh.SSHClient):
        def auth_banner_received(self, msg: str, lang: str) -> None:
            banners.append(msg)

    async with running_lab(tmp_path / "lab", network, mode="own") as lab:
        async with login(lab, "far", client_factory=Client) as conn:
            process = await conn.create_process(term_type="vt100", encoding=None)
            text = await Cli(process).until(r"far#$")
        assert banners == ["Authorised use only # >\r\n"]
        assert "Welcome # to > the device#\r\n" in text


async def test_an_address_nobody_has_is_no_route_and_a_wrong_port_is_refused(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, jump(lab) as conn:
        with pytest.raises(asyncssh.ChannelOpenError, match="No route to host"):
            await conn.open_connection("10.99.99.99", 22)
        with pytest.raises(asyncssh.ChannelOpenError, match="Connection refused"):
            await conn.open_connection("10.54.9.4", 23)


async def test_a_jump_host_can_refuse_forwarding_drop_everybody_and_die(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        host = lab.jumps["jump-sf"]
        async with jump(lab) as conn:
            host.set_fault("refuse_forwarding")
            with pytest.raises(asyncssh.ChannelOpenError) as refused:
                await conn.open_connection("10.54.9.4", 22)
            assert refused.value.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED
            host.clear_fault()
            host.set_fault("drop_connections")
            async with asyncio.timeout(5):
                await conn.wait_closed()
        host.set_fault("dead")
        with pytest.raises(ConnectionRefusedError):
            async with jump(lab):
                pass
        host.clear_fault("dead")
        async with jump(lab):
            assert host.counters["logins"] == 2


async def test_a_one_time_code_is_asked_after_the_password_and_good_once(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        host = lab.jumps["jump-sf"]
        host.set_fault("otp")
        code = host.state()["code"]
        answers = Answers(lab, code)
        async with jump(lab, password=None, client_factory=lambda: answers, preferred_auth="keyboard-interactive"):
            assert answers.questions == ["Password: ", "One-time code: "]
        with pytest.raises(asyncssh.PermissionDenied):
            async with jump(
                lab, password=None, client_factory=lambda: Answers(lab, code), preferred_auth="keyboard-interactive"
            ):
                pass


class Answers(asyncssh.SSHClient):
    """Answers keyboard-interactive questions."""

    def __init__(self, lab: Lab, code: str) -> None:
        self.questions: list[str] = []
        self._answers = {"Password: ": lab.services.credentials.jump_password, "One-time code: ": code}

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: list[tuple[str, bool]]
    ) -> list[str]:
        asked = [prompt for prompt, _ in prompts]
        if any(self.questions.count(question) for question in asked):
            raise asyncssh.PermissionDenied("asked twice")
        self.questions += asked
        return [self._answers[question] for question in asked]


async def test_a_device_closes_the_socket_before_the_banner_when_its_lines_are_taken(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        conns = [login(lab) for _ in range(5)]
        for conn in conns:
            await conn.__aenter__()
        async with jump(lab) as host:
            reader, _ = await host.open_connection("10.54.9.4", 22)
            assert await reader.read() == b""
        await conns.pop().__aexit__(None, None, None)
        await asyncio.sleep(0.05)
        async with login(lab):
            assert len(lab.devices[ASR].links) == 5
        for conn in conns:
            await conn.__aexit__(None, None, None)


async def test_the_vty_full_and_refuse_connection_faults_can_be_switched_while_it_runs(tmp_path: Path) -> None:
    async with running_lab(tmp_path, mode="own") as lab:
        device, where = lab.devices[ASR], lab.where[ASR]
        device.set_fault("vty_full")
        reader, writer = await asyncio.open_connection(where.address, where.port)
        assert await reader.read() == b""
        writer.close()
        device.clear_fault("vty_full")
        device.set_fault("refuse_connection")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(where.address, where.port)
        device.clear_fault()
        async with login(lab):
            assert device.counters["logins"] == 1


async def test_a_wrong_password_is_counted_and_the_third_ends_the_connection(tmp_path: Path) -> None:
    async with running_lab(tmp_path, mode="own") as lab:
        with pytest.raises(asyncssh.Error):
            async with login(lab, password="wrong"):
                pass
        assert lab.devices[ASR].counters["failed_logins"] >= 1
        assert "wrong" not in lab.services.journal.path.read_text()


async def test_old_switches_speak_only_sha1_and_cbc(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20, mode="own") as lab:
        with pytest.raises(asyncssh.KeyExchangeFailed):
            async with login(lab, "br-oak-01"):
                pass
        async with shell(lab, "br-oak-01", **LEGACY) as cli:
            text = await cli.run("show version")
            assert "C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE, RELEASE" in text
            assert "Configuration register is 0xF" in text
            assert "% Invalid input" in await cli.run("verify /sha512 flash:config.text")
            assert "% Invalid input" in await cli.run("show redundancy")


async def test_the_legacy_fault_takes_modern_algorithms_away_and_gives_them_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, mode="own") as lab:
        lab.devices[ASR].set_fault("legacy_kex")
        old = {key: value for key, value in LEGACY.items() if key != "server_host_key_algs"}
        async with login(lab, **old):
            pass
        with pytest.raises(asyncssh.KeyExchangeFailed):
            async with login(lab):
                pass
        lab.devices[ASR].clear_fault()
        async with login(lab):
            pass


async def test_another_ssh_library_reaches_old_and_new_devices(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "demo", mode="own") as lab:

        def talk(name: str) -> bytes:
            where, users = lab.where[name], lab.services.credentials
            with paramiko.Transport((where.address, where.port)) as transport:
                transport.connect(username=users.username, password=users.password)
                channel = transport.open_session()
                channel.exec_command("show clock")
                return channel.makefile("rb").read()

        for name in (ASR, "br-oak-01", "isr-4331-01"):
            assert b" UTC " in await asyncio.to_thread(talk, name)


async def test_loopback_mode_gives_every_device_a_port_and_no_jump_host(tmp_path: Path) -> None:
    async with running_lab(tmp_path, mode="loopback") as lab:
        document = yaml.safe_load(lab.inventory_path.read_text())
        addresses = {(row["address"], row["port"]) for row in document["devices"]}
        assert {address for address, _ in addresses} == {"127.0.0.1"}
        assert len({port for _, port in addresses}) == len(lab.devices)
        assert all(row["jump"] == [] for row in document["devices"])
        async with shell(lab) as cli:
            assert await cli.run("show clock")


async def test_the_inventory_holds_every_host_key_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "demo", size_scale=50) as lab:
        assert lab.inventory_path.stat().st_mode & 0o777 == 0o600
        document = yaml.safe_load(lab.inventory_path.read_text())
        assert document["swim_tui_inventory"] == 1
        keys = {(row["host"], row["port"]): row["key"] for row in document["host_keys"]}
        assert len(keys) == len(lab.devices) + len(lab.jumps)
        legacy = {row["name"] for row in document["devices"] if row["legacy_ssh"]}
        assert legacy == {"br-oak-01", "br-oak-02", "br-oak-03"}
        assert keys["10.198.1.2", 22].startswith("ssh-rsa AAAA")
        async with jump(lab) as conn:
            key = conn.get_server_host_key()
            assert key is not None
            shown = " ".join(key.export_public_key("openssh").decode().split()[:2])
            where = lab.where["jump-sf"]
            assert shown == keys[where.address, where.port]


async def test_a_hundred_devices_start_and_answer_at_once(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with running_lab(tmp_path, "hundred") as lab:
        assert loop.time() - start < 8
        assert len(lab.devices) == 100
        async with jump(lab) as first:
            users = lab.services.credentials
            options = {"username": users.username, "password": users.password, "known_hosts": None, "config": None}

            async def ask(name: str) -> bytes:
                where = lab.where[name]
                async with asyncssh.connect(where.address, where.port, tunnel=first, **options) as conn:
                    result = await conn.run("show version | include uptime", encoding=None)
                    return bytes(result.stdout)

            answers = await asyncio.gather(*(ask(name) for name in lab.devices))
        assert all(f"{name} uptime is".encode() in answer for name, answer in zip(lab.devices, answers, strict=True))


async def test_every_platform_has_its_own_version_text(tmp_path: Path) -> None:
    wanted = {
        "br-oak-12": "C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(2)E7",
        "isr-2911-01": "C2900 Software (C2900-UNIVERSALK9-M), Version 15.1(4)M4",
        "asr-1001x-01": "(X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 15.5(3)S4b",
        "isr-4331-01": "ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 15.5(3)S4b",
    }
    async with running_lab(tmp_path, "classes", mode="own") as lab:
        for name, text in wanted.items():
            async with shell(lab, name) as cli:
                shown = await cli.run("show version")
                assert text in shown
                assert f"{name} uptime is" in shown
                assert "System image file is" in shown
                assert "Configuration register is 0x" in shown
                assert (await cli.run("dir")).count("bytes total") == 1
                cli.type("exit\n")
                with pytest.raises(EOFError):
                    await cli.until(PROMPT + "never")
