"""SCP to and from lab devices, flash accounting, and hashes that are true."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

import asyncssh
import pytest

from swim_tui.lab.flash import FileSystem
from swim_tui.lab.lab import Lab
from tests.unit.lab.labkit import ASR, NEW_ASR, OLD_ASR, login, push, running_lab, shell, until_phase


def target(lab: Lab) -> bytes:
    return (lab.folder / "images" / NEW_ASR).read_bytes()


def flash(lab: Lab) -> FileSystem:
    system = lab.devices[ASR].storage.system("bootflash")
    assert system is not None
    return system


async def wait_for_size(lab: Lab, name: str, size: int) -> None:
    async with asyncio.timeout(10):
        while name not in flash(lab).files or flash(lab).files[name].size != size:  # noqa: ASYNC110 - a device tells nobody
            await asyncio.sleep(0.01)


async def test_a_pushed_image_takes_its_space_and_verifies_to_its_true_hash(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data, free = target(lab), flash(lab).free
        async with login(lab) as conn:
            assert await push(conn, f"bootflash:/{NEW_ASR}", data) == b"\0"
        assert flash(lab).free == free - len(data)
        async with shell(lab) as cli:
            text = await cli.run(f"verify /md5 bootflash:{NEW_ASR}")
            assert f"verify /md5 (bootflash:{NEW_ASR}) = {hashlib.md5(data).hexdigest()}" in text
            assert re.search(r"\.{20,}Done!\n", text)
            text = await cli.run(f"verify /sha512 bootflash:{NEW_ASR}")
            assert hashlib.sha512(data).hexdigest() in text
            good = await cli.run(f"verify /md5 bootflash:{NEW_ASR} {hashlib.md5(data).hexdigest()}")
            assert f"Verified (bootflash:{NEW_ASR})" in good
            bad = await cli.run(f"verify /md5 bootflash:{NEW_ASR} {'0' * 32}")
            assert f"%Error verifying bootflash:{NEW_ASR}" in bad
            assert "Submitted signature = 0000" in bad


async def test_bytes_nobody_knows_are_kept_and_can_be_read_back(tmp_path: Path) -> None:
    data = b"\x00own file\xff" * 40_000
    async with running_lab(tmp_path) as lab:
        async with login(lab) as conn:
            assert await push(conn, "bootflash:own.bin", data) == b"\0"
        async with login(lab) as conn:
            process = await conn.create_process("scp -f bootflash:/own.bin", encoding=None)
            process.stdin.write(b"\0")
            assert await process.stdout.readline() == f"C0644 {len(data)} own.bin\n".encode()
            process.stdin.write(b"\0")
            assert await process.stdout.readexactly(len(data)) == data
            assert await process.stdout.readexactly(1) == b"\0"
            process.stdin.write(b"\0")


async def test_the_same_bytes_on_two_devices_are_stored_once(tmp_path: Path) -> None:
    data = b"something else" * 50_000
    async with running_lab(tmp_path) as lab:
        for name in (ASR, "ASR1002_large-54-9-9-5"):
            async with login(lab, name) as conn:
                assert await push(conn, "bootflash:x.bin", data) == b"\0"
        assert len(list((lab.folder / "content").iterdir())) == 1


async def test_an_interrupted_push_leaves_a_short_file_with_the_final_name(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data = target(lab)
        async with login(lab) as conn:
            await push(conn, f"bootflash:{NEW_ASR}", data, stop_at=200_000)
        await wait_for_size(lab, NEW_ASR, 200_000)
        assert lab.devices[ASR].bootable(f"bootflash:{NEW_ASR}") is None
        async with shell(lab) as cli:
            text = await cli.run(f"verify /md5 bootflash:{NEW_ASR}")
            assert hashlib.md5(data[:200_000]).hexdigest() in text


async def test_a_full_flash_ends_the_push_in_the_middle_with_a_text(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data = target(lab)
        flash(lab).total = flash(lab).used + 500_000
        async with login(lab) as conn:
            answer = await push(conn, f"bootflash:{NEW_ASR}", data)
        assert answer.startswith(b"\x01%Error writing bootflash:/")
        assert b"No space left on device" in answer
        await wait_for_size(lab, NEW_ASR, 500_000)
        assert flash(lab).free == 0


async def test_scp_needs_the_server_switched_on_and_privilege_fifteen(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        device = lab.devices[ASR]
        device.running.enter("no ip scp server enable")
        async with login(lab) as conn:
            assert b"\x01Administratively disabled." in await push(conn, "bootflash:x", b"abc")
        device.running.enter("ip scp server enable")
        device.set_fault("privilege=1")
        async with login(lab) as conn:
            assert b"\x01Privilege denied." in await push(conn, "bootflash:x", b"abc")
        assert "x" not in flash(lab).files


async def test_there_is_no_sftp_and_no_second_session_on_a_connection(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        async with login(lab) as conn:
            with pytest.raises(asyncssh.ChannelOpenError):
                await conn.start_sftp_client()
        async with shell(lab) as cli:
            connection = cli.process.channel.get_connection()
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process("scp -t bootflash:x")


async def test_drop_and_wrong_hash_faults_spoil_a_push(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data, device = target(lab), lab.devices[ASR]
        device.set_fault("drop_at=25%*1")
        async with login(lab) as conn:
            assert await push(conn, f"bootflash:{NEW_ASR}", data) == b""
        await wait_for_size(lab, NEW_ASR, len(data) // 4)
        device.set_fault("wrong_hash*1")
        async with login(lab) as conn:
            assert await push(conn, f"bootflash:{NEW_ASR}", data) == b"\0"
        async with shell(lab) as cli:
            text = await cli.run(f"verify /md5 bootflash:{NEW_ASR}")
            assert hashlib.md5(data).hexdigest() not in text
            assert re.search(r"= [0-9a-f]{32}\n", text)
        assert device.bootable(f"bootflash:{NEW_ASR}") is None
        async with login(lab) as conn:
            assert await push(conn, f"bootflash:{NEW_ASR}", data) == b"\0"
        assert device.bootable(f"bootflash:{NEW_ASR}") is not None


async def test_a_stalled_push_moves_no_more_bytes_and_never_answers(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data = target(lab)
        lab.devices[ASR].set_fault("stall_at=50%")
        async with login(lab) as conn:
            pushing = asyncio.create_task(push(conn, f"bootflash:{NEW_ASR}", data))
            await wait_for_size(lab, NEW_ASR, len(data) // 2)
            await asyncio.sleep(0.2)
            assert not pushing.done()
            assert flash(lab).files[NEW_ASR].size == len(data) // 2
            pushing.cancel()


async def test_the_answer_to_the_last_byte_can_come_late(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data = target(lab)
        lab.devices[ASR].set_fault("no_answer_after_last_byte=0.4")
        loop = asyncio.get_running_loop()
        async with login(lab) as conn:
            start = loop.time()
            assert await push(conn, f"bootflash:{NEW_ASR}", data) == b"\0"
            assert loop.time() - start >= 0.4


async def test_a_slow_device_takes_its_time(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data = target(lab)
        lab.devices[ASR].set_fault(f"slow={len(data) * 2}")
        loop = asyncio.get_running_loop()
        async with login(lab) as conn:
            start = loop.time()
            assert await push(conn, f"bootflash:{NEW_ASR}", data) == b"\0"
            assert 0.3 < loop.time() - start < 1.5


async def test_a_configuration_can_be_fetched_by_scp(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, login(lab) as conn:
        process = await conn.create_process("scp -f nvram:startup-config", encoding=None)
        process.stdin.write(b"\0")
        head = await process.stdout.readline()
        size = int(head.split()[1])
        process.stdin.write(b"\0")
        assert f"boot system bootflash:{OLD_ASR}".encode() in await process.stdout.readexactly(size)


async def test_a_missing_file_cannot_be_fetched(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, login(lab) as conn:
        process = await conn.create_process("scp -f bootflash:/none.bin", encoding=None)
        process.stdin.write(b"\0")
        assert (await process.stdout.readline()).startswith(b"\x01%Error opening bootflash:/none.bin")


async def test_a_push_uses_a_line_of_its_own(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("stall_at=0%")
        async with login(lab) as conn:
            pushing = asyncio.create_task(push(conn, f"bootflash:{NEW_ASR}", target(lab)))
            await wait_for_size(lab, NEW_ASR, 0)
            async with shell(lab) as cli:
                assert len(re.findall(r"vty \d", await cli.run("show users"))) == 2
            pushing.cancel()


async def test_a_reload_in_the_middle_of_a_push_leaves_a_part_and_the_device_comes_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        data, device = target(lab), lab.devices[ASR]
        device.set_fault("stall_at=50%")
        async with login(lab) as conn:
            pushing = asyncio.create_task(push(conn, f"bootflash:{NEW_ASR}", data))
            await wait_for_size(lab, NEW_ASR, len(data) // 2)
            device.reload("Reload Command", "test")
            await until_phase(device, "down")
            assert await pushing == b""
        await until_phase(device, "up")
        assert flash(lab).files[NEW_ASR].size == len(data) // 2
        assert not device.links


async def test_a_busy_file_is_neither_verified_nor_read(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("stall_at=50%")
        data = target(lab)
        async with login(lab) as conn:
            pushing = asyncio.create_task(push(conn, f"bootflash:{NEW_ASR}", data))
            await wait_for_size(lab, NEW_ASR, len(data) // 2)
            async with shell(lab) as cli:
                assert f"{len(data) // 2}" in await cli.run(f"dir bootflash:{NEW_ASR}")
                assert "(Device or resource busy)" in await cli.run(f"verify /md5 bootflash:{NEW_ASR}")
            async with login(lab) as other:
                process = await other.create_process(f"scp -f bootflash:{NEW_ASR}", encoding=None)
                process.stdin.write(b"\0")
                assert (await process.stdout.readline()).endswith(b"(Device or resource busy)\n")
            pushing.cancel()
