"""Pull copies: the questions in every order, real content, marks, and every way to fail."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from pathlib import Path

import asyncssh
import pytest

from swim_tui.lab.device import Device
from swim_tui.lab.fetch import Url, parse_url
from swim_tui.lab.lab import Lab
from tests.unit.lab.labkit import LEGACY, NEW_ASR, OLD_ASR, PROMPT, Cli, running_lab, shell, until_phase

ASR, ASR2, FAR, OAK, OLD = "asr-sf-01", "asr-sf-02", "asr-la-01", "br-oak-21", "br-oak-22"
SERVER = "10.197.71.86"
C2960 = "c2960-lanbasek9-mz.150-2.SE11.bin"
DONE = r"(\d+) bytes copied in [\d.]+ secs \(\d+ bytes/sec\)"
PROMPT_OR_Q = r"(\? |: |confirm\]|#)$"


def put(lab: Lab, name: str = NEW_ASR, server: str = "SanFranRegion") -> bytes:
    shutil.copy(lab.folder / "images" / name, lab.servers[server].root / "swim" / name)
    return (lab.folder / "images" / name).read_bytes()


def secret(lab: Lab) -> str:
    return lab.services.credentials.server_password


def has(device: Device, name: str = NEW_ASR) -> int:
    system = device.storage.system(device.platform.boot_fs)
    assert system is not None
    return system.files[name].size if name in system.files else -1


async def answer(cli: Cli, text: str, question: str) -> str:
    """Type an answer and read until the next question."""
    cli.type(f"{text}\n")
    return (await cli.until(question)).replace("\r\n", "\n")


async def copied(cli: Cli, lab: Lab, url: str = f"scp://swim@{SERVER}//swim/{NEW_ASR}", password: str = "") -> str:
    """A whole copy with a full URL; everything from the password on."""
    await answer(cli, f"copy {url} bootflash:", r"Destination filename \[[^\]]+\]\? $")
    if not url.startswith("scp") and not url.startswith("sftp"):
        return await answer(cli, "", PROMPT)
    await answer(cli, "", r"Password: $")
    return await answer(cli, password or secret(lab), PROMPT)


async def test_a_copy_asks_everything_and_brings_the_true_content(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        data = put(lab)
        await answer(cli, "copy scp: bootflash:", r"Address or name of remote host \[\]\? $")
        await answer(cli, SERVER, r"Source username \[admin\]\? $")
        await answer(cli, "swim", r"Source filename \[\]\? $")
        await answer(cli, f"/swim/{NEW_ASR}", rf"Destination filename \[{re.escape(NEW_ASR)}\]\? $")
        asked = await answer(cli, "", r"Password: $")
        assert "over write" not in asked
        text = await answer(cli, secret(lab), PROMPT)
        assert f" Sending file modes: C0644 {len(data)} {NEW_ASR}\n" in text
        assert re.search(r"\n!{5,}\n", text)
        match = re.search(DONE, text)
        assert match is not None
        assert int(match[1]) == len(data)
        assert hashlib.md5(data).hexdigest() in await cli.run(f"verify /md5 bootflash:{NEW_ASR}")
        assert secret(lab) not in lab.services.journal.path.read_text()
        server = lab.servers["SanFranRegion"]
        assert server.downloads == {f"/swim/{NEW_ASR}": 1}
        assert server.counters["download_bytes"] == len(data)
        assert lab.devices[ASR].counters["pulls"] == 1


async def test_the_questions_come_in_the_order_of_the_release(tmp_path: Path) -> None:
    orders = {
        ASR2: ["remote host", "username", "Password", "Source filename", "Destination"],
        FAR: ["remote host", "Source filename", "username", "Destination", "yes/no", "Password"],
        OLD: ["remote host", "username", "Source filename", "Destination", "Erase flash: before", "Password"],
    }
    answers = {
        "remote host": SERVER,
        "username": "swim",
        "Source filename": "",
        "Destination": "",
        "yes/no": "yes",
        "Password": "",
    }
    async with running_lab(tmp_path, "servers") as lab:
        for name, questions in orders.items():
            image = C2960 if name == OLD else NEW_ASR
            put(lab, image)
            answers |= {"Source filename": f"/swim/{image}", "Password": secret(lab)}
            options = LEGACY if name == OLD else {}
            async with shell(lab, name, **options) as cli:
                cli.type("copy scp: flash:\n")
                for question in questions:
                    text = await cli.until(r"(\? |: |confirm\])$")
                    assert question in text.splitlines()[-1], text
                    cli.type("n" if "Erase" in question else f"{answers[question]}\n")
                assert re.search(DONE, await cli.until(PROMPT))
            assert has(lab.devices[name], image) > 0


async def test_the_erase_question_answered_with_return_twice_empties_the_flash(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, OLD, **LEGACY) as cli:
        put(lab, C2960)
        await answer(cli, f"copy scp://swim@{SERVER}//swim/{C2960} flash:", r"\]\? $")
        await answer(cli, "", r"before copying\? \[confirm\]$")
        await answer(cli, "", r"Continue\? \[confirm\]$")
        await answer(cli, "", "Password: $")
        await answer(cli, secret(lab), PROMPT)
        system = lab.devices[OLD].storage.system("flash")
        assert system is not None
        assert list(system.files) == [C2960]
        assert lab.services.journal.count(OLD, "erased") == 1


async def test_an_existing_file_is_asked_about_and_a_name_is_taken_as_typed(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        put(lab)
        url = f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:"
        await answer(cli, url, r"\]\? $")
        await answer(cli, OLD_ASR, r"over write\? \[confirm\]$")
        cli.type("n")
        await cli.until(PROMPT)
        await answer(cli, url, r"\]\? $")
        await answer(cli, "y", r"Password: $")
        await answer(cli, secret(lab), PROMPT)
        assert has(lab.devices[ASR], "y") > 0
        assert has(lab.devices[ASR]) == -1
        await cli.run("configure terminal")
        await cli.run("file prompt quiet")
        await cli.run("end")
        await answer(cli, url, r"Password: $")
        assert re.search(DONE, await answer(cli, secret(lab), PROMPT))


@pytest.mark.parametrize(
    ("url", "marks"),
    [
        (f"http://swim:PASSWORD@{SERVER}:8080/{NEW_ASR}", r"Loading http://[^ ]+ !+"),
        (f"ftp://swim:PASSWORD@{SERVER}//swim/{NEW_ASR}", r"Accessing ftp://\*:\*@[^ ]+\.\.\.\nLoading /swim/\S+ !+"),
        (f"tftp://{SERVER}/{NEW_ASR}", rf"Accessing tftp://{SERVER}/\S+\.\.\.\nLoading \S+ from {SERVER} \(via Gig"),
    ],
)
async def test_other_protocols_need_no_password_question(tmp_path: Path, url: str, marks: str) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        data = put(lab)
        text = await copied(cli, lab, url.replace("PASSWORD", secret(lab)))
        assert re.search(marks, text)
        assert re.search(r"\[OK - \d+(/4096)? bytes\]\n\n", text)
        assert re.search(DONE, text)
        assert has(lab.devices[ASR]) == len(data)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"scp://swim@{SERVER}//swim/none.bin", rf"%Error opening scp://\*:\*@{SERVER}//swim/none.bin \(No such file"),
        (
            f"scp://swim@{SERVER};Mgmt-intf//swim/{NEW_ASR}",
            r"%Error opening scp://.*;Mgmt-intf//swim/.* \(Invalid IP addr",
        ),
        (
            f"ftp://swim:PASSWORD@{SERVER}//swim/none.bin",
            r"%Error opening ftp://\*:\*@.*none.bin \(No such file or dir",
        ),
        ("tftp://10.9.9.9/x.bin", r"%Error opening tftp://10.9.9.9/x.bin \(Timed out\)"),
        ("scp://swim@10.9.9.9//swim/x.bin", r"% Connection timed out; remote host not responding\n%Error opening scp"),
        (f"https://{SERVER}/{NEW_ASR}", r"%Error opening https://.* \(I/O error\)"),
        ("ftp://nowhere.example/x.bin", r"\(Invalid IP address or hostname\)"),
    ],
)
async def test_a_copy_that_cannot_be_opened_says_why(tmp_path: Path, url: str, says: str) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        put(lab)
        assert re.search(says, await copied(cli, lab, url.replace("PASSWORD", secret(lab))))
        assert has(lab.devices[ASR]) == -1


async def test_a_wrong_password_is_asked_again_and_the_third_ends_it(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        put(lab)
        await answer(cli, f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:", r"\]\? $")
        await answer(cli, "", "Password: $")
        await answer(cli, "bad", "Password: $")
        await answer(cli, "bad", "Password: $")
        assert "(Authentication failed)" in await answer(cli, "bad", PROMPT)
        assert lab.servers["SanFranRegion"].counters["failed_logins"] == 3


@pytest.mark.parametrize(
    ("fault", "says", "part"),
    [
        ("copy_error=Socket error", r"%Error opening scp://.* \(Socket error\)", -1),
        ("low_memory", r"%% Low on memory; try again later", -1),
        ("flash_full", r"%Error copying scp://.* \(Not enough space on device\)", -1),
        ("copy_read_error", r"%Error reading scp://.* \(Timed out\)", 0.5),
        ("copy_write_error=No space left on device", r"%Error writing bootflash:/.* \(No space left on device\)", 0.5),
        ("copy_write_error", r"%Error copying scp://.* \(Write failed\)", 0.5),
        ("drop_at=25%", r"%Error reading scp://.* \(Timed out\)", 0.25),
    ],
)
async def test_a_fault_of_a_pull_shows_in_the_text_and_on_the_flash(
    tmp_path: Path, fault: str, says: str, part: float
) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        size = len(put(lab))
        lab.devices[ASR].set_fault(fault)
        assert re.search(says, await copied(cli, lab))
        found = has(lab.devices[ASR])
        assert found == -1 if part < 0 else 0 < found <= part * size
        lab.devices[ASR].clear_fault()
        if part < 0:
            assert re.search(DONE, await copied(cli, lab))
            assert has(lab.devices[ASR]) == size


async def test_a_small_switch_writes_until_its_flash_is_full(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, OAK, **LEGACY) as cli:
        put(lab, C2960)
        system = lab.devices[OAK].storage.system("flash")
        assert system is not None
        system.total = system.used + 30_000
        await answer(cli, f"copy scp://swim@{SERVER}//swim/{C2960} flash:", r"\]\? $")
        await answer(cli, "", "Password: $")
        assert "(No space left on device)" in await answer(cli, secret(lab), PROMPT)
        assert has(lab.devices[OAK], C2960) == 30_000


async def test_a_wrong_hash_fault_and_odd_marks(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        data = put(lab)
        for fault in ("wrong_hash*1", "copy_timeouts"):
            lab.devices[ASR].set_fault(fault)
        assert re.search(r"!\.!|!O!|!E!", await copied(cli, lab))
        assert hashlib.md5(data).hexdigest() not in await cli.run(f"verify /md5 bootflash:{NEW_ASR}")
        lab.devices[ASR].set_fault("no_pull")
        assert "% Invalid input detected" in await cli.run(f"copy scp://swim@{SERVER}//swim/x bootflash:")


@pytest.mark.parametrize(("fault", "is_whole"), [("copy_idle_out=100", True), ("copy_idle_abort=100", False)])
async def test_a_silent_copy_loses_its_session(tmp_path: Path, fault: str, is_whole: bool) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        size, device = len(put(lab)), lab.devices[ASR]
        device.set_fault(fault)
        device.set_fault(f"slow={size * 2}")
        await answer(cli, f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:", r"\]\? $")
        await answer(cli, "", "Password: $")
        cli.type(f"{secret(lab)}\n")
        with pytest.raises(EOFError) as end:
            await cli.until(PROMPT + "never")
        assert "!" not in str(end.value)
        async with asyncio.timeout(5):
            while lab.services.journal.count(ASR, "pull-end") == 0:  # noqa: ASYNC110 - a device tells nobody
                await asyncio.sleep(0.02)
        assert (has(device) == size) is is_whole
        assert 0 < has(device) <= size


async def test_ctrl_c_and_a_reload_end_a_copy_with_a_part(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        size, device = len(put(lab)), lab.devices[ASR]
        device.set_fault("stall_at=50%*1")
        async with shell(lab, ASR) as cli:
            await answer(cli, f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:", r"\]\? $")
            await answer(cli, "", "Password: $")
            await answer(cli, secret(lab), r"!$")
            cli.type("\x03")
            await cli.until(PROMPT)
            assert 0 < has(device) < size
        device.set_fault(f"slow={size}")
        async with shell(lab, ASR) as cli:
            await answer(cli, f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:again", r"\]\? $")
            await answer(cli, "", "Password: $")
            await answer(cli, secret(lab), r"!$")
            device.reload("test", "test")
            await until_phase(device, "down")
            await until_phase(device, "up")
        async with asyncio.timeout(5):
            while lab.services.journal.count(ASR, "pull-end") < 2:  # noqa: ASYNC110 - a device tells nobody
                await asyncio.sleep(0.02)
        assert 0 < has(device, "again") < size


async def test_a_second_copy_to_the_same_flash_can_be_refused(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        put(lab)
        for fault in ("stall_at=10%*1", "exclusive_flash"):
            lab.devices[ASR].set_fault(fault)
        async with shell(lab, ASR) as one, shell(lab, ASR) as two:
            await answer(one, f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:", r"\]\? $")
            await answer(one, "", "Password: $")
            one.type(f"{secret(lab)}\n")
            await one.until("Sending file modes")
            await answer(two, f"copy scp://swim@{SERVER}//swim/{NEW_ASR} bootflash:two", r"\]\? $")
            await answer(two, "", "Password: $")
            assert "(Device in exclusive use)" in await answer(two, secret(lab), PROMPT)


async def test_a_server_that_goes_away_in_the_middle_is_noticed(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        size = len(put(lab))
        lab.devices[ASR].set_fault(f"slow={size}")
        await answer(cli, f"copy tftp://{SERVER}/{NEW_ASR} bootflash:", r"\]\? $")
        await answer(cli, "", "!$")
        lab.servers["SanFranRegion"].set_fault("gone")
        text = await cli.until(PROMPT)
        assert "... [timed out]" in text
        assert f"%Error reading tftp://{SERVER}/{NEW_ASR} (Timed out)" in text


async def test_a_server_of_this_machine_outside_the_lab_is_fetched_for_real(tmp_path: Path) -> None:
    """The second lab's server is a foreign one to the first lab's device."""
    async with running_lab(tmp_path / "one", "servers") as lab, running_lab(tmp_path / "two", "servers") as other:
        data = put(other)
        where, password = other.where["SanFranRegion"], other.services.credentials.server_password
        http = other.servers["SanFranRegion"].http.port
        async with shell(lab, ASR) as cli:
            for number, url in enumerate(
                (
                    f"scp://swim@{where.address}:{where.port}//swim/{NEW_ASR}",
                    f"sftp://swim@{where.address}:{where.port}//swim/{NEW_ASR}",
                    f"http://swim:{password}@{where.address}:{http}/{NEW_ASR}",
                )
            ):
                await answer(cli, f"copy {url} bootflash:", r"Destination filename \[[^\]]+\]\? $")
                if number < 2:
                    await answer(cli, f"f{number}", "Password: $")
                    text = await answer(cli, password, PROMPT)
                else:
                    text = await answer(cli, f"f{number}", PROMPT)
                assert re.search(DONE, text), text
                assert has(lab.devices[ASR], f"f{number}") == len(data)
                assert hashlib.md5(data).hexdigest() in await cli.run(f"verify /md5 bootflash:f{number}")


async def test_copy_verify_looks_at_the_embedded_hash(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, shell(lab, ASR) as cli:
        put(lab)
        await answer(cli, f"copy /verify tftp://{SERVER}/{NEW_ASR} bootflash:", r"\]\? $")
        text = await answer(cli, "", PROMPT)
        assert re.search(DONE, text)
        assert "Digital signature successfully verified" in text


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("scp:", Url("scp")),
        ("scp://u@h//p/f", Url("scp", "h", 0, "/p/f", "u")),
        ("FTP://u:p%40@h;Mgmt-intf/f", Url("ftp", "h", 0, "f", "u", "p@", "Mgmt-intf")),
        ("http://h:8080/a/f", Url("http", "h", 8080, "a/f")),
        ("tftp://h/f", Url("tftp", "h", 0, "f")),
        ("flash:/x", None),
    ],
)
def test_remote_paths_are_understood(text: str, url: Url | None) -> None:
    assert parse_url(text) == url


async def test_six_devices_pull_at_once_and_the_server_got_the_image_once(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        where = lab.where["SanFranRegion"]
        options = {"username": "swim", "password": secret(lab), "known_hosts": None, "config": None}
        async with (
            asyncssh.connect(where.address, where.port, **options) as conn,
            conn.start_sftp_client() as sftp,
        ):
            await sftp.put(str(lab.folder / "images" / NEW_ASR), f"/swim/{NEW_ASR}")

        async def one(name: str) -> None:
            async with shell(lab, name) as cli:
                await answer(cli, f"copy tftp://{SERVER}/{NEW_ASR} bootflash:", r"\]\? $")
                assert re.search(DONE, await answer(cli, "", PROMPT))

        await asyncio.gather(one(ASR), one(ASR2), one(FAR))
        server = lab.servers["SanFranRegion"]
        assert server.uploads == {f"/swim/{NEW_ASR}": 1}
        assert server.downloads == {f"/swim/{NEW_ASR}": 3}
