"""NX-OS in the lab: install all on one image and on two, boot variables, copies, SFTP, vPC."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from swim_tui.lab.images import ImageBytes
from swim_tui.lab.lab import Lab
from tests.unit.lab.labkit import Cli, login, push, running_lab, until_phase

A, B, N5 = "ny-n9k-a", "ny-n9k-b", "ny-n5k-a"
OLD, NEW = "nxos.9.3.5.bin", "nxos.9.3.10.bin"
KICK, SYSTEM = "n5000-uk9-kickstart.7.3.5.N1.1.bin", "n5000-uk9.7.3.5.N1.1.bin"
PROMPT = r"[\w-]+(\([\w-]+\))?# $"
GO = r"continue with the installation \(y/n\)\?  \[n\] $"


@asynccontextmanager
async def nexus(lab: Lab, name: str = A) -> AsyncIterator[Cli]:
    async with login(lab, name) as conn:
        cli = Cli(await conn.create_process(term_type="vt100", encoding=None))
        await cli.until(PROMPT)
        for line in ("terminal width 511", "terminal length 0"):
            assert "%" not in await cli.run(line, PROMPT)
        yield cli


def put(lab: Lab, *names: str, device: str = A) -> None:
    """Lay images on the bootflash as a copy would."""
    found = lab.devices[device]
    system = found.storage.system("bootflash")
    assert system is not None
    for name in names:
        system.put(name, ImageBytes(lab.services.software[name]), found.booted_at)


async def test_show_version_dir_and_boot_read_as_on_a_nexus(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        text = await cli.run("show version", PROMPT)
        assert "Cisco Nexus Operating System (NX-OS) Software" in text
        assert " NXOS: version 9.3(5)\n" in text
        assert f"NXOS image file is: bootflash:///{OLD}\n" in text
        assert re.search(r"Kernel uptime is \d+ day\(s\), \d+ hour\(s\), \d+ minute\(s\), \d+ second\(s\)", text)
        text = await cli.run("dir bootflash:", PROMPT)
        assert re.search(rf"^ +\d+    \w\w\w \d\d \d\d:\d\d:\d\d \d{{4}}  {re.escape(OLD)}$", text, re.M)
        assert re.search(
            r"Usage for bootflash://sup-local\n +\d+ bytes used\n +\d+ bytes free\n +\d+ bytes total", text
        )
        assert "No such file or directory" in await cli.run("dir bootflash:none", PROMPT)
        text = await cli.run("show boot", PROMPT)
        assert text.count(f"NXOS variable = bootflash:/{OLD}") == 2
        assert "% Invalid command at '^' marker." in await cli.run("show nonsense", PROMPT)
        digest = hashlib.md5(ImageBytes(lab.services.software[OLD]).read(0, 1 << 30)).hexdigest()
        assert f"\n{digest}\n" in await cli.run(f"show file bootflash:{OLD} md5sum", PROMPT)


async def test_install_all_shows_the_impact_asks_with_no_as_default_and_boots_the_new_image(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab:
        put(lab, NEW)
        device = lab.devices[A]
        async with nexus(lab) as cli:
            cli.type(f"install all nxos bootflash:{NEW}\n")
            text = (await cli.until(GO)).replace("\r\n", "\n")
            for line in (
                "Installer will perform compatibility check first. Please wait. ",
                "Installer is forced disruptive",
            ):
                assert f"{line}\n" in text
            assert f'Verifying image bootflash:/{NEW} for boot variable "nxos".' in text
            assert "[####################] 100% -- SUCCESS" in text
            assert re.search(r"1       yes      disruptive         reset  default upgrade is not hitless", text)
            assert re.search(r"1        nxos +9\.3\(5\) +9\.3\(10\) +yes", text)
            cli.type("\n")
            assert "aborted by the user" in await cli.until(PROMPT)
            assert device.counters["installs"] == 0
        async with nexus(lab) as cli:
            # for some seconds after an install has ended, refused ones too, the next is refused
            cli.type(f"install all nxos bootflash:{NEW}\n")
            while "Another install procedure" in await cli.until(rf"({GO}|{PROMPT})"):
                cli.type(f"install all nxos bootflash:{NEW}\n")
            cli.type("y\n")
            text = await cli.until("switch will reboot in 10 seconds")
            assert "Performing configuration copy." in text
            await until_phase(device, "down")
        await until_phase(device, "up")
        async with nexus(lab) as cli:
            text = await cli.run("show version", PROMPT)
            assert " NXOS: version 9.3(10)" in text
            assert "Reason: Disruptive upgrade" in text
            status = await cli.run("show install all status", PROMPT)
            assert status.index("This is the log of last installation.") < status.index("Install has been successful.")
        assert (device.counters["installs"], device.counters["reloads"]) == (1, 1)
        assert lab.services.journal.count(A, "install") == 1


async def test_the_impact_alone_changes_nothing(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        put(lab, NEW)
        text = await cli.run(f"show install all impact nxos bootflash:{NEW} non-disruptive", PROMPT)
        assert "non-disruptive" in text
        assert "continue with the installation" not in text
        lab.devices[A].set_fault("forced_disruptive")
        text = await cli.run(f"show install all impact nxos bootflash:{NEW} non-disruptive", PROMPT)
        assert re.search(r"yes      disruptive", text)
        assert "No incompatible configurations" in await cli.run(
            f"show incompatibility-all nxos bootflash:{NEW}", PROMPT
        )
        assert lab.devices[A].counters["changing_lines"] == 0


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("verify", r"25% -- FAIL\.\r?\nReturn code 0x40930011"),
        ("precheck", r"Pre-upgrade check failed\. Return code 0x40930013"),
        ("incompatible", r"strict incompatibility"),
        ("icam", r'Service "icam" in vdc 1:'),
        ("busy", r"Another install procedure may be in progress"),
    ],
)
async def test_a_failing_check_ends_the_install_before_the_question(tmp_path: Path, fault: str, says: str) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        put(lab, NEW)
        lab.devices[A].set_fault(f"nxos_install_fails={fault}")
        text = await cli.run(f"install all nxos bootflash:{NEW}", PROMPT)
        assert re.search(says, text)
        assert "continue with the installation" not in text
        assert lab.devices[A].counters["installs"] == 0


@pytest.mark.parametrize("fault", ["runtime", "late"])
async def test_a_late_failure_leaves_the_boot_variable_alone(tmp_path: Path, fault: str) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        put(lab, NEW)
        lab.devices[A].set_fault(f"nxos_install_fails={fault}")
        cli.type(f"install all nxos bootflash:{NEW}\n")
        await cli.until(GO)
        assert "Install has failed. Return code 0x" in await cli.run("y", PROMPT)
        assert (await cli.run("show boot", PROMPT)).count(f"NXOS variable = bootflash:/{OLD}") == 2


async def test_a_missing_or_broken_image_is_refused(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        assert "No such file or directory" in await cli.run(f"install all nxos bootflash:{NEW}", PROMPT)
        bad = (lab.folder / "images" / "broken" / NEW).read_bytes()
        async with login(lab, A) as conn:
            assert await push(conn, f"bootflash:{NEW}", bad) == b"\0"
        text = await cli.run(f"install all nxos bootflash:{NEW}", PROMPT)
        assert "-- FAIL." in text


async def test_boot_variables_by_hand_count_after_the_save(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab:
        put(lab, NEW)
        device = lab.devices[A]
        async with nexus(lab) as cli:
            await cli.run("configure terminal", PROMPT)
            assert "No such file" in await cli.run("boot nxos bootflash:/none.bin", PROMPT)
            text = await cli.run(f"boot nxos bootflash:/{NEW}", PROMPT)
            assert "Performing image verification and compatibility check" in text
            await cli.run("end", PROMPT)
            text = await cli.run("show boot", PROMPT)
            now, _, later = text.partition("Boot Variables on next reload:")
            assert (NEW in now, NEW in later) == (True, False)
            cli.type("reload\n")
            assert "unsaved configuration" in await cli.until(r"reboot the system\. \(y/n\)\?  \[n\] $")
            await cli.run("n", PROMPT)
            text = await cli.run("copy running-config startup-config", PROMPT)
            assert "100%\nCopy complete, now saving to disk (please wait)...\nCopy complete.\n" in text
            cli.type("reload\n")
            await cli.until(r"\[n\] $")
            cli.type("y\n")
            await until_phase(device, "down")
        await until_phase(device, "up")
        assert device.running_software.version == "9.3(10)"


async def test_a_nexus_5500_refuses_images_of_two_releases_and_takes_the_right_ones_in_the_same_session(
    tmp_path: Path,
) -> None:
    async with running_lab(tmp_path, "story6") as lab:
        put(lab, KICK, SYSTEM, device=N5)
        async with nexus(lab, N5) as cli:
            mixed = f"install all kickstart bootflash:{KICK} system bootflash:n5000-uk9.7.1.4.N1.1.bin"
            assert "Pre-upgrade check failed" in await cli.run(mixed, PROMPT)
            right = f"install all kickstart bootflash:{KICK} system bootflash:{SYSTEM}\n"
            cli.type(right)
            while "Another install procedure" in await cli.until(rf"({GO}|{PROMPT})"):
                cli.type(right)  # busy for some seconds after an install that was refused
            cli.type("n\n")
            assert "aborted by the user" in await cli.until(PROMPT)


async def test_a_nexus_5500_boots_its_two_images_together(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab:
        device = lab.devices[N5]
        put(lab, KICK, SYSTEM, device=N5)
        async with nexus(lab, N5) as cli:
            text = await cli.run("show version", PROMPT)
            assert "kickstart: version 7.1(4)N1(1)" in text
            assert "system image file is:    bootflash:///n5000-uk9.7.1.4.N1.1.bin" in text
            cli.type(f"install all kickstart bootflash:{KICK} system bootflash:{SYSTEM}\n")
            text = await cli.until(GO)
            assert 'for boot variable "kickstart"' in text
            cli.type("y\n")
            await until_phase(device, "down")
        await until_phase(device, "up")
        async with nexus(lab, N5) as cli:
            text = await cli.run("show boot", PROMPT)
            assert text.count(f"kickstart variable = bootflash:/{KICK}") == 2
            assert "system:    version 7.3(5)N1(1)" in await cli.run("show version", PROMPT)
        system = device.storage.system("bootflash")
        assert system is not None
        del system.files[SYSTEM]
        device.reload("test", "test")
        await until_phase(device, "loader")


async def test_a_copy_asks_for_vrf_key_and_password_and_is_done_at_the_second_line(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        shutil.copy(lab.folder / "images" / NEW, lab.servers["NY_Region"].root / "swim" / NEW)
        cli.type(f"copy scp://swim@10.197.71.129/swim/{NEW} bootflash:\n")
        await cli.until(r"Enter vrf \(If no input, current vrf 'default' is considered\): $")
        assert "No route to host" in await cli.run("", PROMPT)
        command = f"copy scp://swim@10.197.71.129/swim/{NEW} bootflash:{NEW} vrf management\n"
        cli.type(command)
        await cli.until(r"continue connecting \(yes/no\)\? $")
        cli.type("yes\n")
        await cli.until(r"swim@10.197.71.129's password: $")
        cli.type("wrong\n")
        assert "Permission denied, please try again." in await cli.until(r"password: $")
        text = await cli.run(lab.services.credentials.server_password, PROMPT)
        assert re.search(rf"\r{re.escape(NEW)} +100% ", text)
        assert "Copy complete, now saving to disk (please wait)...\nCopy complete.\n" in text
        cli.type(command)
        await cli.until(r"overwrite \(y/n\)\?\[n\] $")
        assert "aborted" in await cli.run("", PROMPT)
        cli.type(command)
        await cli.until(r"overwrite \(y/n\)\?\[n\] $")
        cli.type("y\n")
        await cli.until(r"password: $")
        lab.devices[A].set_fault("drop_at=50%*1")
        assert "lost connection" in await cli.run(lab.services.credentials.server_password, PROMPT)


async def test_sftp_and_scp_push_need_their_features(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab:
        source = lab.folder / "images" / NEW
        async with login(lab, A) as conn, conn.start_sftp_client() as sftp:
            await sftp.put(str(source), f"bootflash:{NEW}")
            assert (await sftp.stat(f"bootflash:{NEW}")).size == source.stat().st_size
            await sftp.get(f"bootflash:/{NEW}", str(tmp_path / "back"))
        assert (tmp_path / "back").read_bytes() == source.read_bytes()
        async with login(lab, A) as conn:
            assert await push(conn, "bootflash:x.bin", source.read_bytes()) == b"\0"
        lab.devices[A].running.enter("no feature sftp-server")
        lab.devices[A].running.enter("no feature scp-server")
        async with login(lab, A) as conn:
            with pytest.raises(asyncssh.ChannelOpenError):
                await conn.start_sftp_client()
        async with login(lab, A) as conn:
            assert (await push(conn, "bootflash:y.bin", b"abc")).startswith(b"\x01")


async def test_the_vpc_peers_see_each_other_go(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab, A) as one:
        assert "vPC role                          : primary " in await one.run("show vpc brief", PROMPT)
        async with nexus(lab, B) as two:
            text = await two.run("show vpc", PROMPT)
            assert re.search(r"vPC role +: secondary +\n", text)
            assert "peer adjacency formed ok" in text
        lab.devices[B].reload("test", "test")
        await until_phase(lab.devices[B], "down")
        assert "peer is not reachable" in await one.run("show vpc", PROMPT)
        await until_phase(lab.devices[B], "up")
        lab.devices[B].set_fault("peer_link_down")
        async with nexus(lab, B) as two:
            assert "peer link is down" in await two.run("show vpc", PROMPT)


async def test_deleting_asks_and_checkpoints_roll_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story6") as lab, nexus(lab) as cli:
        put(lab, NEW)
        cli.type(f"delete bootflash:{NEW}\n")
        await cli.until(rf'Do you want to delete "/{re.escape(NEW)}" \? \(yes/no/abort\)   \[y\] $')
        await cli.run("no", PROMPT)
        assert NEW in await cli.run("dir", PROMPT)
        await cli.run(f"delete bootflash:{NEW} no-prompt", PROMPT)
        assert NEW not in await cli.run("dir", PROMPT)
        await cli.run("checkpoint before", PROMPT)
        for line in ("configure terminal", "feature ospf", "end"):
            await cli.run(line, PROMPT)
        assert "+ feature ospf" in await cli.run("show running-config diff", PROMPT)
        await cli.run("rollback running-config checkpoint before", PROMPT)
        assert "feature ospf" not in await cli.run("show running-config", PROMPT)


async def test_two_supervisors_change_places_in_an_install_and_each_has_its_flash(tmp_path: Path) -> None:
    kick, system = "n7000-s2-kickstart.8.4.3.bin", "n7000-s2-dk9.8.4.3.bin"
    go = f"install all kickstart bootflash:{kick} system bootflash:{system}"
    async with running_lab(tmp_path, "chassis", scale=1000) as lab:
        device = lab.devices["ny-n7k-01"]
        put(lab, kick, system, device="ny-n7k-01")
        async with nexus(lab, "ny-n7k-01") as cli:
            assert kick not in await cli.run("dir bootflash://sup-remote/", PROMPT)
            device.set_fault("standby_full")
            text = await cli.run(go, PROMPT)
            assert "0x4093001E (No space left on device)" in text
            assert "Install has failed." in text
            device.clear_fault("standby_full")
            for line in (f"copy bootflash:{kick} bootflash://sup-remote/{kick}",):
                assert "\nCopy complete.\n" in await cli.run(line, PROMPT)
            listing = await cli.run("dir bootflash://sup-standby/", PROMPT)
            assert (kick in listing, "Usage for bootflash://sup-remote" in listing) == (True, True)
            assert "Active with HA standby" in await cli.run("show redundancy status", PROMPT)
            assert "sup-2" in await cli.run("show boot", PROMPT)
