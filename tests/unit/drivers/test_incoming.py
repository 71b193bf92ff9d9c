"""Files that workers receive for the repository."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from swim_tui.drivers.incoming import Receiver, receiving
from swim_tui.errors import StoreFull


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_of_the_engine_is_called_that() -> None:
    receiver = Receiver(Path("/dev/full"))
    with pytest.raises(StoreFull, match="No space left"):
        receiver.write(b"x" * 1_000_000)
