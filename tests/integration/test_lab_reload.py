"""Reloads of lab devices: what starts, when the port answers, and how sessions end."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from pathlib import Path

import asyncssh
import pytest

from swim_tui.lab.content import Part
from swim_tui.lab.images import ImageBytes, broken_twin
from swim_tui.lab.lab import Lab
from swim_tui.lab.platforms import lab_data_dir
from tests.unit.lab.labkit import (
    ASR,
    LEGACY,
    NEW_ASR,
    OLD_ASR,
    PROMPT,
    Cli,
    jump,
    login,
    push,
    running_lab,
    shell,
    until_phase,
)


async def distribute(lab: Lab, name: str = NEW_ASR) -> None:
    async with login(lab) as conn:
        assert await push(conn, f"bootflash:{name}", (lab.folder / "images" / name).read_bytes()) == b"\0"


async def set_boot(cli: Cli, *names: str) -> None:
    await cli.run("configure terminal")
    await cli.run("no boot system")
    for name in names:
        await cli.run(f"boot system bootflash:{name}")
    await cli.run("end")


async def reload(cli: Cli) -> str:
    """Reload, saving nothing; everything the session still says."""
    text = await cli.run("reload", r"\[(confirm|yes/no)\](: )?$")
    if "yes/no" in text:
        cli.type("no\n")
        await cli.until(r"\[confirm\]$")
    cli.type("\n")
    try:
        return await cli.until("NEVER")
    except EOFError as err:
        return str(err)


async def version_after(lab: Lab, name: str = ASR) -> str:
    await until_phase(lab.devices[name], "up")
    async with shell(lab, name) as cli:
        return await cli.run("show version")


async def test_an_upgrade_comes_back_on_the_new_release(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        await distribute(lab)
        async with shell(lab) as cli:
            await set_boot(cli, NEW_ASR, OLD_ASR)
            assert "[OK]" in await cli.run("write memory")
            assert f"BOOT variable = bootflash:{NEW_ASR},12;bootflash:{OLD_ASR},12;" in await cli.run("show bootvar")
            last = await reload(cli)
        assert "%SYS-5-RELOAD: Reload requested by admin on vty0" in last
        text = await version_after(lab)
        assert "Version 15.4(3)S5" in text
        assert f'System image file is "bootflash:{NEW_ASR}"' in text
        assert "uptime is 0 minutes" in text
        assert "Last reload reason: Reload Command" in text
        assert re.search(r"System restarted at \d\d:\d\d:\d\d UTC", text)


async def test_a_forgotten_write_memory_comes_back_on_the_old_release(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        await distribute(lab)
        async with shell(lab) as cli:
            await set_boot(cli, NEW_ASR, OLD_ASR)
            assert f"BOOT variable = bootflash:{OLD_ASR},12;" in await cli.run("show bootvar")
            await reload(cli)
        assert "Version 15.4(3)S, RELEASE" in await version_after(lab)
        assert lab.devices[ASR].running.boot_lines() == [f"bootflash:{OLD_ASR}"]


@pytest.mark.parametrize("harm", ["partial", "missing", "foreign"])
async def test_what_cannot_start_is_passed_over_for_the_next_entry(tmp_path: Path, harm: str) -> None:
    async with running_lab(tmp_path) as lab:
        device = lab.devices[ASR]
        new = ImageBytes(lab.network.software[NEW_ASR])
        boot = device.storage.system("bootflash")
        assert boot is not None
        if harm == "partial":
            boot.put(NEW_ASR, Part(new, new.size - 1), device.booted_at)
        elif harm == "foreign":
            boot.put(NEW_ASR, ImageBytes(broken_twin(new.software)), device.booted_at)
        async with shell(lab) as cli:
            await set_boot(cli, NEW_ASR, OLD_ASR)
            await cli.run("write memory")
            await reload(cli)
        assert "Version 15.4(3)S, RELEASE" in await version_after(lab)
        assert device.boot_notes == [f"bootflash:{NEW_ASR} is not bootable"]


async def test_the_broken_variant_of_an_image_has_its_name_and_size_and_starts_nowhere(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20, mode="own") as lab:
        name = "c2960-lanbasek9-mz.150-2.SE11.bin"
        good, bad = (lab.folder / "images" / path for path in (name, f"broken/{name}"))
        assert good.stat().st_size == bad.stat().st_size
        device = lab.devices["br-oak-01"]
        for item in device.spec.files:
            del device.storage.systems[0].files[item.software]
        async with login(lab, "br-oak-01", **LEGACY) as conn:
            assert await push(conn, f"flash:{name}", bad.read_bytes()) == b"\0"
        assert device.bootable(f"flash:{name}") is None
        async with login(lab, "br-oak-01", **LEGACY) as conn:
            assert await push(conn, f"flash:{name}", good.read_bytes()) == b"\0"
        assert device.bootable(f"flash:{name}") is not None


async def test_without_any_image_a_router_stays_in_its_boot_loader(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        async with shell(lab) as cli:
            await cli.run(f"delete /force bootflash:{OLD_ASR}")
            await reload(cli)
        await until_phase(lab.devices[ASR], "loader")
        assert not lab.devices[ASR].is_listening()


@pytest.mark.parametrize("register", ["0x2142", "0x2100"])
async def test_a_pending_config_register_keeps_the_device_away(tmp_path: Path, register: str) -> None:
    async with running_lab(tmp_path) as lab:
        async with shell(lab) as cli:
            await cli.run("configure terminal")
            await cli.run(f"config-register {register}")
            await cli.run("end")
            pending = f"Configuration register is 0x2102 (will be {register} at next reload)"
            assert pending in await cli.run("show version")
            await reload(cli)
        await until_phase(lab.devices[ASR], "loader")


async def test_while_a_device_is_down_the_jump_host_reports_a_refused_connection(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].reload("Reload Command", "test")
        await until_phase(lab.devices[ASR], "down")
        async with jump(lab) as conn:
            with pytest.raises(asyncssh.ChannelOpenError, match="Connection refused"):
                await conn.open_connection("10.54.9.4", 22)


async def test_a_port_of_its_own_refuses_and_stays_taken_while_the_device_is_down(tmp_path: Path) -> None:
    async with running_lab(tmp_path, mode="own") as lab:
        where, device = lab.where[ASR], lab.devices[ASR]
        device.reload("Reload Command", "test")
        await until_phase(device, "down")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(where.address, where.port)
        with socket.socket() as sock, pytest.raises(OSError, match="in use"):
            sock.bind((where.address, where.port))
        assert "uptime is 0 minutes" in await version_after(lab)


async def test_the_first_connections_after_a_boot_get_a_banner_and_a_close(tmp_path: Path) -> None:
    network = one_device(tmp_path, "{dead_s: 1, early_s: 100}")
    async with running_lab(tmp_path / "lab", network, scale=100, mode="own") as lab:
        where, device = lab.where["one"], lab.devices["one"]
        device.reload("Reload Command", "test")
        await until_phase(device, "early")
        reader, writer = await asyncio.open_connection(where.address, where.port)
        assert await reader.read() == b"SSH-2.0-Cisco-1.25\r\n"
        writer.close()


def one_device(tmp_path: Path, boot_times: str) -> Path:
    network = tmp_path / "one.yaml"
    network.write_text(
        f"include: [{lab_data_dir()}/software/asr1000.yaml]\n"
        f"devices:\n  - {{name: one, address: 10.0.0.1, platform: asr1002, running: {OLD_ASR}, "
        f"boot_times: {boot_times}}}\n"
    )
    return network


@pytest.mark.parametrize("death", ["eof", "rst", "hang"])
async def test_sessions_die_in_the_shape_the_network_file_says(tmp_path: Path, death: str) -> None:
    network = one_device(tmp_path, f"{{death: {death}, dead_s: 400}}")
    async with running_lab(tmp_path / "lab", network, mode="own") as lab, shell(lab, "one") as cli:
        await cli.run("reload", r"\[confirm\]$")
        cli.type("\n")
        await cli.until("SYS-5-RELOAD")
        await until_phase(lab.devices["one"], "down")
        if death == "hang":
            cli.type("show clock\n")
            assert await cli.nothing_comes() == ""
            await until_phase(lab.devices["one"], "up")
            with pytest.raises(EOFError):
                await cli.until(PROMPT)
        else:
            with pytest.raises(EOFError):
                await cli.until(PROMPT)


async def test_reloads_can_be_counted_from_the_log(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        async with shell(lab) as cli:
            await reload(cli)
        await until_phase(lab.devices[ASR], "up")
        events = [json.loads(line) for line in lab.services.journal.path.read_text().splitlines()]
        assert [e["event"] for e in events if e["device"] == ASR and e["event"] in ("reload", "boot")] == [
            "reload",
            "boot",
        ]
        assert lab.devices[ASR].counters["reloads"] == lab.devices[ASR].counters["boots"] == 1


@pytest.mark.parametrize(
    ("fault", "phase"), [("never_back", "loader"), ("manual_boot", "loader"), ("back_on_old", "up")]
)
async def test_faults_decide_how_a_reload_ends(tmp_path: Path, fault: str, phase: str) -> None:
    async with running_lab(tmp_path) as lab:
        await distribute(lab)
        lab.devices[ASR].set_fault(fault)
        async with shell(lab) as cli:
            await set_boot(cli, NEW_ASR)
            await cli.run("write memory")
            await reload(cli)
        await until_phase(lab.devices[ASR], phase)
        assert lab.devices[ASR].running_software.version == "15.4(3)S"


async def test_a_denied_reload_says_so_and_does_nothing(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        lab.devices[ASR].set_fault("reload_denied")
        assert "Command authorization failed." in await cli.run("reload")
        assert lab.devices[ASR].phase.value == "up"


async def test_a_switch_with_a_broken_boot_list_stays_at_its_loader(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20) as lab:
        async with shell(lab, "br-oak-01", **LEGACY) as cli:
            assert "Manual Boot         : no" in await cli.run("show boot")
            await cli.run("configure terminal")
            await cli.run("no boot system")
            await cli.run("boot system flash:/nothing.bin")
            await cli.run("end")
            await cli.run("write memory")
            assert "BOOT path-list      : flash:/nothing.bin\n" in await cli.run("show boot")
            await reload(cli)
        await until_phase(lab.devices["br-oak-01"], "loader")
