"""Synthetic images and the store of received bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from pathlib import Path

import pytest

from swim_tui.lab.content import ContentStore, Damaged, Filler, Part, Receiver, Stored, identify
from swim_tui.lab.images import BLOCK, HEAD, ImageBytes, broken_twin, write_image
from swim_tui.lab.model import Software

SOFTWARE = Software(
    file="c2960-lanbasek9-mz.150-2.SE11.bin",
    family="C2960",
    image="C2960-LANBASEK9-M",
    version="15.0(2)SE11",
    xe_version="",
    size=3 * BLOCK + 12345,
    seed="c2960",
    sysdescr="Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11",
)


def test_an_image_has_a_true_head_a_cw_block_and_its_exact_size(tmp_path: Path) -> None:
    facts = write_image(SOFTWARE, tmp_path)
    data = (tmp_path / SOFTWARE.file).read_bytes()
    assert len(data) == SOFTWARE.size
    assert facts["md5"] == hashlib.md5(data).hexdigest()
    assert facts["sha512"] == hashlib.sha512(data).hexdigest()
    assert data[:6] == b"\x7fELF\x01\x02"
    assert b"\xfe\xed\xfa\xce" in data[:1024]
    for text in (
        b"CW_BEGIN$-lanbasek9-m$",
        b"CW_IMAGE$C2960-LANBASEK9-M$",
        b"CW_FAMILY$C2960$",
        b"CW_VERSION$15.0(2)SE11$",
    ):
        assert text in data[:HEAD]
    assert b"CW_VERSION$15.0(2)SE11$" in data[:HEAD]
    assert b"CW_END$-lanbasek9-m$" in data[:HEAD]


def test_sizes_are_divided_by_the_size_scale() -> None:
    assert dataclasses.replace(SOFTWARE, size=370973308, size_scale=16).size_bytes == 23185831


def test_any_range_reads_as_the_whole_file_does() -> None:
    image = ImageBytes(SOFTWARE)
    whole = image.read(0, image.size + 10)
    assert len(whole) == image.size
    rng = random.Random(7)
    for _ in range(50):
        offset = rng.randrange(image.size)
        count = rng.randrange(1, 3 * BLOCK)
        piece = image.read(offset, count)
        assert piece == whole[offset : offset + count]
        assert image.matches(offset, piece)
    assert not image.matches(BLOCK, whole[2 * BLOCK : 2 * BLOCK + 100])
    assert not image.matches(image.size - 3, b"abcd")


def test_two_seeds_give_different_bytes() -> None:
    other = dataclasses.replace(SOFTWARE, seed="other")
    assert ImageBytes(SOFTWARE).read(BLOCK, 4096) != ImageBytes(other).read(BLOCK, 4096)


def test_a_known_image_is_recognised_while_it_arrives_and_not_stored(tmp_path: Path) -> None:
    image = ImageBytes(SOFTWARE)
    store = ContentStore(tmp_path, [image, ImageBytes(broken_twin(SOFTWARE))])
    receiver = Receiver(store, image.size)
    for offset in range(0, image.size, 30000):
        receiver.write(image.read(offset, 30000))
    assert receiver.finish() == image
    assert not list(tmp_path.iterdir())


def test_the_broken_twin_is_told_from_the_good_image(tmp_path: Path) -> None:
    bad = ImageBytes(broken_twin(SOFTWARE))
    store = ContentStore(tmp_path, [ImageBytes(SOFTWARE), bad])
    receiver = Receiver(store, bad.size)
    receiver.write(bad.read(0, bad.size))
    content = receiver.finish()
    software = identify(content, "x.bin")
    assert software is not None
    assert software.family == "C0000"


@pytest.mark.parametrize("flip_at", [0, HEAD + 1, 2 * BLOCK + 5])
def test_a_changed_byte_makes_it_another_file(tmp_path: Path, flip_at: int) -> None:
    image = ImageBytes(SOFTWARE)
    data = bytearray(image.read(0, image.size))
    data[flip_at] ^= 1
    receiver = Receiver(ContentStore(tmp_path, [image]), image.size)
    for offset in range(0, image.size, 65536):
        receiver.write(bytes(data[offset : offset + 65536]))
    content = receiver.finish()
    assert isinstance(content, Stored)
    assert content.read(0, image.size) == bytes(data)


def test_a_cut_transfer_is_a_part_that_starts_nothing(tmp_path: Path) -> None:
    image = ImageBytes(SOFTWARE)
    receiver = Receiver(ContentStore(tmp_path, [image]), image.size)
    receiver.write(image.read(0, 100_000))
    content = receiver.finish()
    assert content == Part(image, 100_000)
    assert identify(content, "x.bin") is None


def test_an_image_from_elsewhere_is_known_by_its_cw_block(tmp_path: Path) -> None:
    foreign = dataclasses.replace(SOFTWARE, seed="foreign", version="15.2(7)E10")
    store = ContentStore(tmp_path, [])
    image = ImageBytes(foreign)
    receiver = Receiver(store, image.size)
    receiver.write(image.read(0, image.size))
    software = identify(receiver.finish(), "x.bin")
    assert software is not None
    assert (software.family, software.version) == ("C2960", "15.2(7)E10")


def test_damaged_and_plain_files_hold_no_software() -> None:
    image = ImageBytes(SOFTWARE)
    damaged = Damaged(image, 5000)
    assert identify(damaged, "x") is None
    assert identify(Filler(100), "x") is None
    good, bad = image.read(0, 6000), damaged.read(0, 6000)
    assert [at for at in range(6000) if good[at] != bad[at]] == [5000]
