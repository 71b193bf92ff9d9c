"""Files that workers receive for the repository."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from swim_tui.drivers.incoming import Receiver, receiving
from swim_tui.drivers.run import run_phase
from swim_tui.drivers.serial import SerialContext
from swim_tui.errors import StoreFull
from swim_tui.model.phase import PhaseStatus
from swim_tui.model.plan import Phase
from tests.unit.drivers.conftest import Bench


def test_a_received_file_has_the_hashes_of_its_last_beginning(tmp_path: Path) -> None:
    with receiving(str(tmp_path), "run 1/../../etc") as receiver:
        receiver.write(b"from a connection that broke")
        receiver.begin_again()
        receiver.write(b"whole")
        file = receiver.finish("x.bin")
    assert Path(file.path).read_bytes() == b"whole"
    assert Path(file.path).parent == tmp_path
    assert (file.size_bytes, file.md5) == (5, hashlib.md5(b"whole").hexdigest())


def test_nothing_is_left_of_a_file_that_did_not_become_whole(tmp_path: Path) -> None:
    def half() -> None:
        with receiving(str(tmp_path), "x") as receiver:
            receiver.write(b"half")
            raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        half()
    assert list(tmp_path.iterdir()) == []


def test_a_later_attempt_goes_on_with_what_a_killed_one_received_of_the_same_version(tmp_path: Path) -> None:
    killed = Receiver(tmp_path, "run 7", "x.bin")
    killed.of_version("one")
    killed.write(b"half of it, ")
    killed.close()
    with receiving(str(tmp_path), "run 7", "x.bin") as receiver:
        receiver.of_version("one")
        assert receiver.size_bytes == 12
        receiver.write(b"and the rest")
        file = receiver.finish("x.bin")
    assert Path(file.path).read_bytes() == b"half of it, and the rest"
    assert file.md5 == hashlib.md5(b"half of it, and the rest").hexdigest()
    with receiving(str(tmp_path), "run 7", "x.bin") as receiver:
        receiver.of_version("two")
        assert receiver.size_bytes == 0


def test_a_full_disk_of_the_engine_is_called_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_fd: int, _data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def receive() -> None:
        with receiving(str(tmp_path), "x") as receiver:
            receiver.write(b"half")
            monkeypatch.setattr(os, "write", refuse)
            receiver.write(b"x" * 1_000_000)

    with pytest.raises(StoreFull, match="No space left"):
        receive()
    assert list(tmp_path.iterdir()) == []


def test_the_running_image_of_install_mode_is_no_file_to_import(bench: Bench) -> None:
    bench.device.files["packages.conf"] = b"names of packages"
    bench.device.running = "packages.conf"
    result = run_phase(bench.request(Phase.IMPORT, incoming_dir=str(bench.folder)), SerialContext(), bench.net)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert "packages, named by bootflash:packages.conf" in result.problem.message
    assert "--file" in result.problem.remedy
    named = bench.request(Phase.IMPORT, incoming_dir=str(bench.folder), source_file="bootflash:old.bin")
    assert run_phase(named, SerialContext(), bench.net).status is PhaseStatus.SUCCESS
