"""Classic switches: archive download-sw in all its ways, stacks, and the boot of members."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.unit.lab.labkit import LEGACY, PROMPT, running_lab, shell
from tests.unit.lab.unitkit import answer, events, files, send, state, until, until_boot

TAR = "c2960-lanbasek9-tar.150-2.SE11.tar"
NEW = "c2960-lanbasek9-mz.150-2.SE11"
OLD = "c2960-lanbasek9-mz.122-55.SE.bin"
BOX, SMALL, STACK, X = "br-oak-01", "br-oak-03", "br-oak-10", "br-oak-11"
X_TAR = "c2960x-universalk9-tar.152-7.E10.tar"
E_TAR = "c3750e-universalk9-tar.150-2.SE12.tar"


def clear_old(lab: object, name: str) -> None:
    """Take away the two old images that fill the flash."""
    device = lab.devices[name]  # type: ignore[attr-defined]
    for item in device.spec.files:
        del device.storage.systems[0].files[item.software]


async def test_an_archive_becomes_a_directory_and_the_boot_variable(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20) as lab:
        device = lab.devices[X]
        before = device.running_path
        for junk in ("c3750e-universalk9-mz.150-2.SE6/html/homepage.htm",):
            del device.storage.systems[0].files[junk]
        await send(lab, X, "flash", E_TAR, **LEGACY)
        async with shell(lab, X, **LEGACY) as cli:
            assert "c3750e-universalk9-mz.150-2.SE12/info" in await cli.run(f"archive tar /table flash:{E_TAR}")
            text = await cli.run(f"archive download-sw /overwrite flash:{E_TAR}")
            for part in (
                "examining image...",
                "Minimum Dram required: 0x08000000",
                "Old image will be deleted before download.",
                "New software image installed in flash:/c3750e-universalk9-mz.150-2.SE12",
                "All software images installed.",
            ):
                assert part in text
            wanted = "flash:/c3750e-universalk9-mz.150-2.SE12/c3750e-universalk9-mz.150-2.SE12.bin"
            assert f"BOOT path-list      : {wanted}\n" in await cli.run("show boot")
            assert device.running_path == before
            assert device.extra_boot_s() == 560
        device.reload("Reload Command", "test")
        await until_boot(device)
        assert device.running_path == wanted
        assert device.extra_boot_s() == 0
        assert events(lab, X, "install") == [f"archive download-sw flash:{E_TAR}"]


async def test_without_room_it_fails_and_overwrite_deletes_first(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20) as lab:
        device = lab.devices[X]
        await send(lab, X, "flash", E_TAR, **LEGACY)
        async with shell(lab, X, **LEGACY) as cli:
            for option in ("/leave-old-sw", "/overwrite /safe", ""):
                text = await cli.run(f"archive download-sw {option} flash:{E_TAR}")
                assert "ERROR: Not enough free space on device flash:" in text
                assert "All software images installed." not in text
            assert device.counters.get("installs", 0) == 0
            await cli.run(f"archive download-sw /overwrite /reload flash:{E_TAR}", "Requested system reload")
        await until_boot(device)
        assert device.running_software.version == "15.0(2)SE12"
        assert events(lab, X, "archive-deleted-old") == ["flash"]


async def test_the_old_image_can_stay(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20) as lab:
        clear_old(lab, BOX)
        device = lab.devices[BOX]
        device.storage.systems[0].total *= 2
        await send(lab, BOX, "flash", TAR, **LEGACY)
        async with shell(lab, BOX, **LEGACY) as cli:
            text = await cli.run(f"archive download-sw /leave-old-sw /imageonly flash:{TAR}")
            assert "Old image will be left" in text
        assert OLD in files(device, "flash")
        assert f"{NEW}/{NEW}.bin" in files(device, "flash")
        assert f"{NEW}/html" not in files(device, "flash")


async def test_unsaved_configuration_stops_the_reload_but_not_the_download(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4") as lab:
        device = lab.devices[STACK]
        device.set_fault("dirty_config")
        await send(lab, STACK, "flash", X_TAR)
        async with shell(lab, STACK) as cli:
            text = await cli.run(f"archive download-sw /reload flash:{X_TAR}")
        assert "All software images installed." in text
        assert "the requested reload is not done" in text
        assert device.phase.value == "up"


async def test_a_stack_gets_it_on_every_member(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash1", X_TAR)
        async with shell(lab, STACK) as cli:
            await cli.run(f"archive download-sw /reload flash:{X_TAR}", "Requested system reload")
        await until_boot(device)
        await until(lambda: state(device, 2)["state"] == "Ready")
        async with shell(lab, STACK) as cli:
            table = await cli.run("show version")
            assert table.count("WS-C2960X-48FPD-L  15.2(7)E10") == 2
            assert "*1       Master" in await cli.run("show switch")
        assert state(device, 2)["version"] == "15.2(7)E10"


async def test_an_image_on_the_master_alone_leaves_the_member_behind(tmp_path: Path) -> None:
    image = "c2960x-universalk9-mz.152-7.E10.bin"
    async with running_lab(tmp_path, "story4") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", image)
        async with shell(lab, STACK) as cli:
            for line in (
                "configure terminal",
                "no boot system switch all",
                f"boot system switch 1 flash:/{image}",
                "boot system switch 2 flash:/c2960x-universalk9-mz.152-2.E7.bin",
                "end",
                "write memory",
            ):
                await cli.run(line)
        device.reload("Reload Command", "test")
        await until_boot(device)
        await until(lambda: state(device, 2)["state"] == "V-Mismatch")
        async with shell(lab, STACK) as cli:
            text = await cli.run("archive copy-sw /destination-system 2 1")
            assert "All software images installed." in text
            await cli.run("configure terminal")
            await cli.run("no boot system switch 2")
            await cli.run(f"boot system switch 2 flash:/{image}")
            await cli.run("end")
            await cli.run("write memory", r"(\[confirm\]|#)$")
            cli.type("\n")
            await cli.nothing_comes()
            await cli.run("reload slot 2", r"\[confirm\]$")
            cli.type("\n")
            await cli.until(PROMPT)
        await until(lambda: state(device, 2)["state"] == "Ready")
        assert state(device, 2)["version"] == "15.2(7)E10"


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ("invalid", "ERROR: Image is not a valid IOS image archive."),
        ("board", "ERROR: Image does not support this switch type"),
        ("feature", "/allow-feature-upgrade"),
        ("dram", "%Error: Minimum Dram required is 256 MB"),
        ("space", "ERROR: Not enough free space"),
    ],
)
async def test_each_cause_of_a_failing_archive_can_be_switched_on(tmp_path: Path, cause: str, text: str) -> None:
    async with running_lab(tmp_path, "story4") as lab:
        lab.devices[STACK].set_fault(f"archive_fails={cause}")
        await send(lab, STACK, "flash", X_TAR)
        async with shell(lab, STACK) as cli:
            output = await cli.run(f"archive download-sw flash:{X_TAR}")
        assert text in output
        assert "All software images installed." not in output
        assert lab.devices[STACK].counters.get("installs", 0) == 0


async def test_what_is_no_archive_and_what_is_for_another_switch_is_refused(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4") as lab:
        await send(lab, STACK, "flash", E_TAR)
        async with shell(lab, STACK) as cli:
            assert "not a valid IOS image archive" in await cli.run("archive download-sw flash:config.text")
            assert "does not support this switch type" in await cli.run(f"archive download-sw flash:{E_TAR}")
            assert "(No such file or directory)" in await cli.run("archive download-sw flash:nothing.tar")
            assert "(Timed out)" in await cli.run("archive download-sw tftp://10.1.1.1/x.tar")
            assert "% Invalid input" in await cli.run("archive download-sw /overwrite /leave-old-sw flash:x.tar")


async def test_a_left_over_update_directory_blocks_until_it_is_deleted(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4") as lab:
        device = lab.devices[STACK]
        device.set_fault("update_left")
        await send(lab, STACK, "flash", X_TAR)
        async with shell(lab, STACK) as cli:
            for _ in range(2):
                assert "Unable to create temp dir" in await cli.run(f"archive download-sw flash:{X_TAR}")
            await cli.run("delete /force /recursive flash:update")
            assert "All software images installed." in await cli.run(f"archive download-sw flash:{X_TAR}")


async def test_the_download_goes_on_without_its_session_and_is_done_once(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", scale=200) as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", X_TAR)
        device.set_fault("drop_in_install*1")
        async with shell(lab, STACK) as cli:
            with pytest.raises(EOFError):
                await cli.run(f"archive download-sw flash:{X_TAR}", "NEVER")
        async with shell(lab, STACK) as cli:
            assert "in progress" in await cli.run(f"archive download-sw flash:{X_TAR}")
        await until(lambda: device.counters.get("installs", 0) == 1)
        await asyncio.sleep(0.05)
        assert events(lab, STACK, "install") == [f"archive download-sw flash:{X_TAR}"]


async def test_an_archive_can_be_unpacked_without_installing(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4") as lab:
        await send(lab, STACK, "flash", X_TAR)
        async with shell(lab, STACK) as cli:
            await cli.run(f"archive tar /xtract flash:{X_TAR} flash2:")
            assert "c2960x-universalk9-mz.152-7.E10" in await cli.run("dir flash2:")
        assert lab.devices[STACK].counters.get("installs", 0) == 0


async def test_a_switch_pulls_an_archive_from_a_server(tmp_path: Path) -> None:
    data = Path(__file__).resolve().parents[2] / "data" / "lab"
    network = tmp_path / "net.yaml"
    network.write_text(
        f"include: [{data}/software/c2960x.yaml]\n"
        "groups:\n  - {name: Here, kind: location}\n"
        "servers:\n  - {name: files, address: 10.9.9.9, protocols: [sftp, scp], sites: [Here]}\n"
        "devices:\n  - {name: one, address: 10.0.0.1, location: Here, platform: c2960x, "
        "running: c2960x-universalk9-mz.152-2.E7.bin}\n"
    )
    async with running_lab(tmp_path / "lab", network, mode="own") as lab:
        server = lab.servers["files"]
        home = server.root / "swim"
        home.mkdir(parents=True, exist_ok=True)
        (home / X_TAR).write_bytes((lab.folder / "images" / X_TAR).read_bytes())
        password = lab.services.credentials.server_password
        async with shell(lab, "one") as cli:
            line = f"archive download-sw scp://swim@10.9.9.9/{X_TAR}"
            await cli.run(line, "Password: $")
            text = await answer(cli, password, PROMPT)
        assert "All software images installed." in text
        assert X_TAR not in files(lab.devices["one"], "flash")
        assert "c2960x-universalk9-mz.152-7.E10" in files(lab.devices["one"], "flash")
