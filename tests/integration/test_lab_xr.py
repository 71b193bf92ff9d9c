"""IOS-XR in the lab: pies, ISOs and RPMs, XR7; operations in the background, commits, rollbacks, FPDs."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from swim_tui.lab.images import ImageBytes
from swim_tui.lab.lab import Lab
from swim_tui.lab.model import Software
from swim_tui.lab.xr.packages import package_of
from tests.unit.lab.labkit import Cli, login, push, running_lab, until_phase

PX, NCS, C8K = "xr-asr9k-01", "xr-ncs-01", "xr-8k-01"
PIES = ["asr9k-mini-px.pie-6.1.4", "asr9k-k9sec-px.pie-6.1.4", "asr9k-mgbl-px.pie-6.1.4"]
ISO, MINI, RPM = "ncs5500-goldenk9-x-7.3.2.iso", "ncs5500-mini-x-7.3.2.iso", "ncs5500-mgbl-4.0.0.0-r732.x86_64.rpm"
LNT = "8000-x64-7.9.2.iso"
PROMPT = r"RP/0/R\w+/CPU0:[\w-]+(\([\w-]+\))?#$"
TIME = r"^\w\w\w \w\w\w +\d+ \d\d:\d\d:\d\d\.\d\d\d UTC\n"


@asynccontextmanager
async def xr(lab: Lab, name: str = PX) -> AsyncIterator[Cli]:
    async with login(lab, name) as conn:
        cli = Cli(await conn.create_process(term_type="vt100", encoding=None))
        await cli.until(PROMPT)
        for line in ("terminal width 511", "terminal length 0"):
            assert "%" not in await cli.run(line, PROMPT)
        yield cli


def put(lab: Lab, device: str, *names: str) -> None:
    """Lay files on the first file system as a copy would."""
    found = lab.devices[device]
    for name in names:
        found.storage.systems[0].put(name, ImageBytes(lab.services.software[name]), found.booted_at)


async def idle(cli: Cli) -> None:
    """Wait for the end of the install operation."""
    async with asyncio.timeout(15):
        while True:
            text = await cli.run("show install request", PROMPT)
            if re.search(r"There are no install requests|No install operation|State: +(Success|Failure)", text):
                return
            await asyncio.sleep(0.05)


async def rebooted(lab: Lab, name: str) -> None:
    await until_phase(lab.devices[name], "down")
    await until_phase(lab.devices[name], "up")


async def activated_px(lab: Lab) -> None:
    """Bring the ASR 9000 to 6.1.4, not committed."""
    put(lab, PX, *PIES)
    async with xr(lab) as cli:
        await cli.run(f"admin install add source disk0:/ {' '.join(PIES)} synchronous", PROMPT)
        cli.type("admin install activate id 887\n")
        await cli.until(r"\(y/n\)\? \[y\]$")
        cli.type("\n")
        await rebooted(lab, PX)


async def test_every_answer_begins_with_the_time_and_dir_counts_as_the_generation_does(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        async with xr(lab) as cli:
            text = await cli.run("show version", PROMPT)
            assert re.search(TIME, text, re.M)
            assert "Cisco IOS XR Software, Version 5.3.3[Default]" in text
            assert 'System image file is "disk0:asr9k-os-mbi-5.3.3/' in text
            text = await cli.run("dir disk0:", PROMPT)
            assert re.search(r"^\d+ +-rwx  6142 +\w\w\w \w\w\w +\d+ \d\d:\d\d:\d\d \d{4}  cvac.log$", text, re.M)
            assert re.search(r"^\d+ bytes total \(\d+ bytes free\)$", text, re.M)
            assert "disk0:asr9k-k9sec-px-5.3.3" in await cli.run("show install active summary", PROMPT)
        async with xr(lab, NCS) as cli:
            text = await cli.run("show version", PROMPT)
            assert "Location     : /opt/cisco/XR/packages/" in text
            assert re.search(r"^\d+ kbytes total \(\d+ kbytes free\)$", await cli.run("dir harddisk:", PROMPT), re.M)
            text = await cli.run("show install active summary", PROMPT)
            assert "ncs5500-xr-6.6.3 version=6.6.3 [Boot image]" in text
            size = lab.devices[NCS].storage.systems[0].total
            assert f"{size} " in await cli.run("show filesystem", PROMPT)
        async with xr(lab, C8K) as cli:
            assert "Version 7.7.2 LNT" in await cli.run("show version", PROMPT)
            assert re.search(r"Software Hash: +[0-9a-f]{64}", await cli.run("show install active summary", PROMPT))


async def test_pies_are_added_in_the_background_and_the_news_lands_behind_the_prompt(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab, xr(lab) as cli:
        put(lab, PX, *PIES)
        text = await cli.run(f"admin install add source disk0:/ {' '.join(PIES)}", PROMPT)
        assert re.search(
            r"Install operation 887 '\(admin\) install add source disk0:/ .*' started by user 'admin' via CLI at", text
        )
        assert "The install operation will continue asynchronously." in text
        text = await cli.run("show install request", PROMPT)
        assert re.search(r"The operation is \d+% complete\nThe operation can", text)
        assert "another install command is currently in operation" in await cli.run(
            f"admin install add source disk0:/ {PIES[0]}", PROMPT
        )
        text = (await cli.until(r"Install operation 887 completed successfully at .* UTC .*\r\n$")).replace(
            "\r\n", "\n"
        )
        assert "Info:     The following packages are now available to be activated:\n" in text
        assert "Info:         disk0:asr9k-mini-px-6.1.4\n" in text
        cli.type("\n")
        await cli.until(PROMPT)
        assert "There are no install requests in operation." in await cli.run("show install request", PROMPT)
        assert "disk0:asr9k-mini-px-6.1.4" in await cli.run("admin show install inactive summary", PROMPT)
        assert "completed successfully" in await cli.run("show install log 887 detail", PROMPT)


async def test_an_activation_must_replace_all_packages_and_is_lost_without_a_commit(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        device = lab.devices[PX]
        put(lab, PX, *PIES)
        async with xr(lab) as cli:
            text = await cli.run(f"admin install add source disk0:/ {' '.join(PIES)} synchronous", PROMPT)
            assert re.search(r"\r[/\\|-] \d+% complete: The operation can still be aborted", text)
            text = await cli.run("admin install activate disk0:asr9k-mini-px-6.1.4", PROMPT)
            assert "incompatible" in text
            assert "disk0:asr9k-k9sec-px-5.3.3 needs to be upgraded/deactivated" in text
            cli.type("admin install activate id 887\n")
            text = await cli.until(r"Proceed with this install operation \(y/n\)\? \[y\]$")
            assert "Info:     Install Method: Parallel Reload" in text
            cli.type("\n")
            await rebooted(lab, PX)
        async with xr(lab) as cli:
            assert "Version 6.1.4[Default]" in await cli.run("show version", PROMPT)
            assert "5.3.3" in await cli.run("show install committed summary", PROMPT)
            cli.type("reload\n")
            assert "is not committed. If the system reboots" in await cli.until(r"\[confirm\]$")
            cli.type("\n")
            await rebooted(lab, PX)
        async with xr(lab) as cli:
            assert "Version 5.3.3[Default]" in await cli.run("show version", PROMPT)
        assert device.counters["installs"] == 3
        assert lab.services.journal.count(PX, "install") == 3


async def test_a_committed_release_stays_and_can_be_rolled_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        await activated_px(lab)
        async with xr(lab) as cli:
            text = await cli.run("admin install commit", PROMPT)
            assert "The currently active software is now the same as the committed software." in text
            assert "asr9k-mini-px-6.1.4" in await cli.run("show install committed summary", PROMPT)
            assert "already committed" in await cli.run("admin install commit", PROMPT)
            assert re.search(r"^0 ", await cli.run("show install rollback", PROMPT), re.M)
        lab.devices[PX].reload("power", "test")
        await rebooted(lab, PX)
        assert lab.devices[PX].running_software.version == "6.1.4"
        async with xr(lab) as cli:
            cli.type("admin install rollback to 0\n")
            await cli.until(r"\[y\]$")
            cli.type("y\n")
            await rebooted(lab, PX)
        assert lab.devices[PX].running_software.version == "5.3.3"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            "certificate",
            r"Error: +Cannot proceed with the add operation because the code signing certificate has expired",
        ),
        ("space", r"Not enough free disk space"),
        ("failure", r"Install operation 887 completed with failure"),
    ],
)
async def test_an_add_of_pies_fails_in_several_ways(tmp_path: Path, fault: str, says: str) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab, xr(lab) as cli:
        put(lab, PX, *PIES)
        lab.devices[PX].set_fault(f"xr_install_fails={fault}")
        text = await cli.run(f"admin install add source disk0:/ {PIES[0]} synchronous", PROMPT)
        assert re.search(says, text)
        assert "asr9k-mini-px-6.1.4" not in await cli.run("show install inactive", PROMPT)


async def test_a_smu_is_activated_without_a_reload_and_inactive_packages_are_removed(tmp_path: Path) -> None:
    smu = "asr9k-px-6.1.4.CSCuy81837.pie"
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        await activated_px(lab)
        put(lab, PX, smu)
        async with xr(lab) as cli:
            await cli.run("admin install commit", PROMPT)
            assert "px-6.1.4.CSCuy81837-1.0.0" in await cli.run(
                f"admin install add source disk0:/ {smu} synchronous", PROMPT
            )
            await cli.run(
                "admin install activate disk0:asr9k-px-6.1.4.CSCuy81837-1.0.0 prompt-level none synchronous", PROMPT
            )
            assert "CSCuy81837" in await cli.run("show install active summary", PROMPT)
            cli.type("admin install remove inactive synchronous\n")
            assert "rollback points will no longer be reachable" in await cli.until(r"\[confirm\]$")
            await cli.run("", PROMPT)
            assert "5.3.3" not in await cli.run("show install inactive", PROMPT)
            assert "no packages that can be removed" in await cli.run("admin install remove inactive", PROMPT)
        assert lab.devices[PX].counters["reloads"] == 1


async def test_exr_adds_prepares_activates_and_commits(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        put(lab, NCS, MINI, RPM)
        async with xr(lab, NCS) as cli:
            text = await cli.run(f"install add source harddisk: {MINI} {RPM}", PROMPT)
            assert re.search(
                r"^\w\w\w \d\d \d\d:\d\d:\d\d Install operation 12 started by admin:\n  install add source", text, re.M
            )
            assert "Install operation will continue in the background" in text
            assert re.search(
                r"The install add operation 12 is \d+% complete", await cli.run("show install request", PROMPT)
            )
            text = await cli.until(r"Install operation 12 finished successfully\r\n$")
            assert "Packages added:" in text
            assert "ncs5500-mgbl-4.0.0.0-r732.x86_64" in text
            await cli.run("install prepare id 12 synchronous", PROMPT)
            assert RPM.removesuffix(".rpm") in await cli.run("show install prepare", PROMPT)
            cli.type("install activate\n")
            await cli.until(r"This install operation will reload the system, continue\?\r\n \[yes/no\]:\[yes\] $")
            assert "will continue in the background" in await cli.run("yes", PROMPT)
            await rebooted(lab, NCS)
        async with xr(lab, NCS) as cli:
            text = await cli.run("show install active summary", PROMPT)
            assert "ncs5500-xr-7.3.2 version=7.3.2 [Boot image]" in text
            assert "Active Packages: 2" in text
            assert "6.6.3" in await cli.run("show install committed summary", PROMPT)
            assert "please perform install commit" in await cli.run("install activate id 12", PROMPT)
            lab.devices[NCS].set_fault("commit_refused*1")
            assert "aborted" in await cli.run("install commit synchronous", PROMPT)
            lab.devices[NCS].clear_fault()
            text = await cli.run("install commit synchronous", PROMPT)
            assert re.search(r"Install operation \d+ finished successfully", text)
            assert "7.3.2" in await cli.run("show install committed summary", PROMPT)
            assert "Packages removed:" in await cli.run("install remove inactive all synchronous", PROMPT)
            assert "no packages that can be removed" in await cli.run("install remove inactive all synchronous", PROMPT)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("space", "Not enough free disk space for installation"),
        ("md5", "Initrd md5sum does not match"),
        ("aborted", "failed"),
    ],
)
async def test_an_exr_add_says_why_it_was_aborted(tmp_path: Path, fault: str, says: str) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab, xr(lab, NCS) as cli:
        put(lab, NCS, MINI)
        lab.devices[NCS].set_fault(f"xr_install_fails={fault}")
        text = await cli.run(f"install add source harddisk: {MINI} synchronous", PROMPT)
        assert says in text
        assert "finished successfully" not in text


async def test_a_golden_iso_replaces_everything_in_one_command(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        put(lab, NCS, ISO)
        async with xr(lab, NCS) as cli:
            assert "not a valid ISO" in await cli.run("install replace /harddisk:/none.iso noprompt", PROMPT)
            await cli.run(f"install replace /harddisk:/{ISO} noprompt commit", PROMPT)
            await rebooted(lab, NCS)
        lab.devices[NCS].reload("power", "test")
        await rebooted(lab, NCS)
        assert lab.devices[NCS].running_software.version == "7.3.2"


async def test_xr7_replaces_applies_and_commits(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        put(lab, C8K, LNT)
        async with xr(lab, C8K) as cli:
            assert "no packaging changes" in await cli.run("install apply reload noprompt", PROMPT)
            before = await cli.run("show install active summary", PROMPT)
            text = await cli.run(f"install package replace /harddisk:/{LNT}", PROMPT)
            assert "Install package replace operation 2.1 has started" in text
            assert re.search(r"State: +In progress since", await cli.run("show install request", PROMPT))
            await idle(cli)
            assert "install apply reload" in await cli.run("show install request", PROMPT)
            cli.type("install apply reload\n")
            await cli.until(r"\[yes/no\]:\[yes\] $")
            cli.type("yes\n")
            await rebooted(lab, C8K)
        async with xr(lab, C8K) as cli:
            assert "Version 7.9.2 LNT" in await cli.run("show version", PROMPT)
            after = await cli.run("show install active summary", PROMPT)
            committed = await cli.run("show install committed summary", PROMPT)

            def digest(text: str) -> str:
                match = re.search(r"Software Hash: +(\w+)", text)
                assert match is not None
                return match[1]

            assert digest(before) == digest(committed) != digest(after)
            await cli.run("install commit synchronous", PROMPT)
            assert digest(await cli.run("show install committed summary", PROMPT)) == digest(after)


async def test_an_uncommitted_xr7_goes_back_at_a_reload(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        put(lab, C8K, LNT)
        async with xr(lab, C8K) as cli:
            await cli.run(f"install replace /harddisk:/{LNT} noprompt", PROMPT)
            await rebooted(lab, C8K)
        assert lab.devices[C8K].running_software.version == "7.9.2"
        lab.devices[C8K].reload("power", "test")
        await rebooted(lab, C8K)
        assert lab.devices[C8K].running_software.version == "7.7.2"


async def test_fpds_want_an_upgrade_and_then_a_reload(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        async with xr(lab, C8K) as cli:
            assert "NEED UPGD" in await cli.run("show hw-module fpd", PROMPT)
            assert "completed" in await cli.run("upgrade hw-module location all fpd all", PROMPT)
            assert "RLOAD REQ" in await cli.run("show hw-module fpd", PROMPT)
        lab.devices[C8K].reload("test", "test")
        await rebooted(lab, C8K)
        async with xr(lab, C8K) as cli:
            assert "CURRENT" in await cli.run("show hw-module fpd", PROMPT)


async def test_configuration_waits_for_its_commit(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab, xr(lab) as cli:
        await cli.run("configure terminal", PROMPT)
        await cli.run("domain name lab.example", PROMPT)
        cli.type("end\n")
        await cli.until(r"\(yes/no/cancel\)\? \[cancel\]:$")
        await cli.run("no", PROMPT)
        assert "domain name" not in await cli.run("show running-config", PROMPT)
        for line in ("configure", "domain name lab.example", "commit", "end"):
            await cli.run(line, PROMPT)
        assert "domain name lab.example" in await cli.run("show running-config", PROMPT)
        assert not lab.devices[PX].is_dirty


async def test_nodes_and_refused_configuration_show_after_a_boot(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story3", scale=1600) as lab:
        for fault in ("nodes_late=4000", "failed_config*1"):
            lab.devices[PX].set_fault(fault)
        async with xr(lab) as cli:
            assert (await cli.run("show platform", PROMPT)).count("IOS XR RUN") == 2
        lab.devices[PX].reload("test", "test")
        await rebooted(lab, PX)
        async with xr(lab) as cli:
            assert "BOOTING" in await cli.run("show platform", PROMPT)
            assert "telemetry" in await cli.run("show configuration failed startup", PROMPT)


async def test_a_copy_ends_in_the_words_of_xr_and_hashes_are_true(tmp_path: Path) -> None:
    name = PIES[1]
    async with running_lab(tmp_path, "story3", scale=1600) as lab, xr(lab) as cli:
        source = lab.folder / "images" / name
        shutil.copy(source, lab.servers["LA_Region"].root / "swim" / name)
        password = lab.services.credentials.server_password
        cli.type(f"copy ftp://swim:{password}@10.197.71.111/swim/{name} disk0:\n")
        await cli.until(r"Destination filename \[/disk0:/\S+\]\?$")
        text = await cli.run("", PROMPT)
        assert re.search(r"\d+ bytes copied in +\d+ sec \( *\d+\)bytes/sec\nCopy operation success", text)
        digest = hashlib.md5(source.read_bytes()).hexdigest()
        assert re.search(rf"^{digest}$", await cli.run(f"show md5 file /disk0:/{name}", PROMPT), re.M)
        assert f"{digest}  /disk0:/{name}" in await cli.run(f"run md5sum /disk0:/{name}", PROMPT)
        assert "No such file" in await cli.run(f"show md5 file disk0:/{name}", PROMPT)
        cli.type(f"scp swim@10.197.71.111:/swim/{name} harddisk:/\n")
        await cli.until(r"Password:$")
        assert "Copy operation success" in await cli.run(password, PROMPT)
        cli.type(f"delete disk0:/{name}\n")
        await cli.until(r"Delete filename \[\S+\]\?$")
        cli.type("\n")
        await cli.until(r"\[confirm\]$")
        cli.type("y")
        await cli.until(PROMPT)
        assert name not in await cli.run("dir disk0:", PROMPT)
        async with login(lab, PX) as conn:
            assert await push(conn, f"harddisk:/{PIES[2]}", (lab.folder / "images" / PIES[2]).read_bytes()) == b"\0"
        async with login(lab, PX) as conn, conn.start_sftp_client() as sftp:
            await sftp.put(str(source), f"disk0:/{name}")
        assert lab.devices[PX].storage.systems[0].files[name].size == source.stat().st_size


def _software(file: str) -> Software:
    return Software(file=file, family="X", image="X", version="", xe_version="", size=1, seed="", sysdescr="")


@pytest.mark.parametrize(
    ("file", "name", "part", "version"),
    [
        ("asr9k-mini-px.pie-6.1.4", "disk0:asr9k-mini-px-6.1.4", "mini", "6.1.4"),
        ("asr9k-px-5.3.3.CSCuy81837.pie", "disk0:asr9k-px-5.3.3.CSCuy81837-1.0.0", "CSCuy81837", "5.3.3"),
        ("ncs5500-mini-x-6.6.3.iso", "ncs5500-mini-x-6.6.3", "mini", "6.6.3"),
        ("8000-x64-7.9.2.iso", "8000-x64-7.9.2", "mini", "7.9.2"),
        ("ncs5500-mgbl-3.0.0.0-r663.x86_64.rpm", "ncs5500-mgbl-3.0.0.0-r663.x86_64", "mgbl", "6.6.3"),
    ],
)
def test_a_package_is_not_called_as_its_file(file: str, name: str, part: str, version: str) -> None:
    package = package_of(_software(file))
    assert package is not None
    assert (package.name, package.part, package.version) == (name, part, version)
