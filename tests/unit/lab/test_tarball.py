"""Catalyst archives are true tar files around the image they install."""

from __future__ import annotations

import dataclasses
import io
import tarfile

import pytest

from swim_tui.lab.content import identify
from swim_tui.lab.images import ImageBytes, broken_twin
from swim_tui.lab.model import Software
from swim_tui.lab.tarball import directory, html_size

INNER = Software(
    file="c2960-lanbasek9-mz.150-2.SE11.bin",
    family="C2960",
    image="C2960-LANBASEK9-M",
    version="15.0(2)SE11",
    xe_version="",
    size=11832946,
    seed="x",
    sysdescr="Cisco IOS Software",
    size_scale=16,
)
ARCHIVE = dataclasses.replace(
    INNER, file="c2960-lanbasek9-tar.150-2.SE11.tar", size=16312832, header="tar", inner=INNER, dram_mb=64
)


def test_an_archive_is_a_tar_with_info_image_and_pages() -> None:
    image = ImageBytes(ARCHIVE)
    data = image.read(0, image.size)
    folder = "c2960-lanbasek9-mz.150-2.SE11"
    assert directory(ARCHIVE) == folder
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
        assert names[0] == "info"
        assert names[-1] == "info.ver"
        member = tar.extractfile(f"{folder}/{INNER.file}")
        info = tar.extractfile(f"{folder}/info")
        assert member is not None
        assert info is not None
        assert member.read() == ImageBytes(INNER).read(0, INNER.size_bytes)
        text = info.read().decode()
    assert "MIN_DRAM_MEG=64" in text
    assert f"ios_image_file_size: {INNER.size_bytes}" in text


def test_its_size_is_the_declared_one_in_whole_blocks() -> None:
    size = ImageBytes(ARCHIVE).size
    assert size % 512 == 0
    assert 0 <= size - ARCHIVE.size_bytes < 512
    assert html_size(ARCHIVE) > 0


@pytest.mark.parametrize(("offset", "count"), [(0, 600), (1000, 3), (16380, 9000), (700_000, 400_000)])
def test_any_range_is_the_same_as_in_the_whole(offset: int, count: int) -> None:
    image = ImageBytes(ARCHIVE)
    whole = image.read(0, image.size)
    piece = whole[offset : offset + count]
    assert image.read(offset, count) == piece
    assert image.matches(offset, piece)
    assert not image.matches(offset, bytes([piece[0] ^ 1]) + piece[1:])


def test_its_broken_twin_holds_an_image_for_nothing() -> None:
    twin = broken_twin(ARCHIVE)
    assert ImageBytes(twin).size == ImageBytes(ARCHIVE).size
    assert twin.inner is not None
    assert twin.inner.family == "C0000"
    assert identify(ImageBytes(twin), "x.tar") == twin
