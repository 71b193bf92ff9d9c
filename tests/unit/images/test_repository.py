"""The repository on disk: hashes, one file per content, nothing left behind."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import image_samples as sample
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui import parts
from swim_tui.errors import ImageError, ImageHashWrong, StoreFull
from swim_tui.images import Repository, safe_name
from swim_tui.model.image import SoftwareImage

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
NAME = "c2960-lanbasek9-mz.150-2.SE11.bin"
CONTENT = sample.ios_bin()


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing sleeps here")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "images", FixedClock())


def receive(repository: Repository, name: str = NAME, content: bytes = CONTENT, **expected: object) -> SoftwareImage:
    with repository.begin(name, "test") as incoming:
        for at in range(0, len(content), 65_537):
            incoming.write(content[at : at + 65_537])
        return incoming.finish(**expected)  # type: ignore[arg-type]


def files(repository: Repository) -> list[Path]:
    return sorted(p for p in repository.root.rglob("*") if p.is_file())


def test_a_received_file_becomes_an_image_with_its_hashes_and_identity(repository: Repository) -> None:
    md5, sha512 = hashlib.md5(CONTENT).hexdigest(), hashlib.sha512(CONTENT).hexdigest()
    image = receive(repository, expect_md5=md5.upper(), expect_sha512=sha512, expect_size=len(CONTENT))
    assert (image.md5, image.sha512, image.size_bytes) == (md5, sha512, len(CONTENT))
    assert image.id == sha512[:16]
    assert (image.family, image.version, image.imported_at, image.source) == ("C2960", "15.0(2)SE11", NOW, "test")
    path = repository.path_of(image)
    assert path.read_bytes() == CONTENT
    assert files(repository) == [path]


def test_files_and_directories_are_private(repository: Repository) -> None:
    path = repository.path_of(receive(repository))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for directory in (repository.root, repository.incoming, path.parent):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "expected", [{"expect_md5": "0" * 32}, {"expect_sha512": "0" * 128}, {"expect_size": len(CONTENT) + 1}]
)
def test_a_wrong_declared_hash_or_size_leaves_nothing_behind(
    repository: Repository, expected: dict[str, object]
) -> None:
    with pytest.raises(ImageHashWrong) as caught:
        receive(repository, **expected)
    assert caught.value.file == NAME
    assert files(repository) == []


def test_the_same_content_is_stored_once_under_two_names(repository: Repository) -> None:
    first, second = receive(repository), receive(repository, "copy of it.bin")
    assert first.id == second.id
    assert repository.path_of(first) == repository.path_of(second)
    assert len(files(repository)) == 1
    assert (first.file_name, second.file_name) == (NAME, "copy of it.bin")


def test_a_damaged_stored_file_is_replaced_by_a_whole_one(repository: Repository) -> None:
    image = receive(repository)
    repository.path_of(image).write_bytes(b"short")
    assert not repository.has(image)
    receive(repository)
    assert repository.has(image)
    assert repository.path_of(image).read_bytes() == CONTENT


def test_an_aborted_or_failed_reception_leaves_nothing_behind(repository: Repository) -> None:
    incoming = repository.begin(NAME)
    incoming.write(CONTENT)
    incoming.abort()
    incoming.abort()
    other = repository.begin(NAME)
    with pytest.raises(TypeError), other:
        other.write("text is no image")  # type: ignore[arg-type]
    assert files(repository) == []


def test_a_full_disk_is_told_plainly_and_leaves_nothing_behind(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming = repository.begin(NAME)
    incoming.write(CONTENT[:1000])

    def refuse(fd: int, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(StoreFull, match="No space left on device"):
        incoming.write(CONTENT)
    assert files(repository) == []


def test_a_directory_that_cannot_be_written_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file stands in the way")
    with pytest.raises(StoreFull):
        Repository(tmp_path / "images").begin(NAME)


def test_parts_that_nobody_will_go_on_with_are_removed_at_start(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use = repository.begin(NAME)
    in_use.write(b"part")
    stale = repository.incoming / "00ff.part"
    stale.write_bytes(b"left over")
    left = repository.begin(NAME, "http://h/x", "one")
    left.write(b"half")
    left.leave()
    monkeypatch.setattr(parts, "_boot", lambda: "0" * 8)
    of_another_start = repository.incoming / parts.part_name("x")
    of_another_start.write_bytes(b"half")
    monkeypatch.undo()

    again = Repository(repository.root, FixedClock())
    assert (stale.exists(), of_another_start.exists()) == (False, False)
    assert (in_use.path.exists(), left.path.exists()) == (True, True)
    os.utime(left.path, (1, 1))
    os.utime(in_use.path, (1, 1))
    assert again.clean_incoming() == (left.path.name,), "nobody came back for it within a day; the other is written"
    in_use.abort()


def test_a_part_is_gone_on_with_by_the_same_version_only(repository: Repository) -> None:
    first = repository.begin(NAME, "http://h/x", "one")
    first.write(CONTENT[:1000])
    beside = repository.begin(NAME, "http://h/x", "one")
    assert (beside.size_bytes, beside.path != first.path) == (0, True), "two at once do not share a file"
    beside.abort()
    first.leave()
    other = repository.begin(NAME, "http://h/x", "two")
    assert other.size_bytes == 0
    other.abort()
    again = repository.begin(NAME, "http://h/x", "one")
    assert again.size_bytes == 1000
    again.write(CONTENT[1000:])
    assert again.finish().sha512 == hashlib.sha512(CONTENT).hexdigest()
    assert list(repository.incoming.iterdir()) == []


def test_a_workers_file_is_adopted_after_hashing(repository: Repository) -> None:
    repository.incoming.mkdir(parents=True, exist_ok=True)
    written = repository.incoming / "phase-7"
    written.write_bytes(CONTENT)
    image = repository.adopt(written, NAME, expect_md5=hashlib.md5(CONTENT).hexdigest(), source="backup of sw1")
    assert not written.exists()
    assert repository.path_of(image).read_bytes() == CONTENT
    assert image.source == "backup of sw1"


def test_a_workers_file_with_another_hash_is_not_kept(repository: Repository) -> None:
    repository.incoming.mkdir(parents=True, exist_ok=True)
    written = repository.incoming / "phase-7"
    written.write_bytes(CONTENT)
    with pytest.raises(ImageHashWrong):
        repository.adopt(written, NAME, expect_sha512="0" * 128)
    assert files(repository) == []


def test_a_deleted_image_is_gone(repository: Repository) -> None:
    image = receive(repository)
    repository.delete(image)
    repository.delete(image)
    assert not repository.has(image)
    with pytest.raises(ImageError, match="no longer"):
        repository.path_of(image)
    assert files(repository) == []


def test_an_empty_file_is_refused_and_leaves_nothing(repository: Repository) -> None:
    incoming = repository.begin("empty.bin")
    with pytest.raises(ImageError, match=r"empty\.bin.*no bytes"):
        incoming.finish()
    assert not incoming.path.exists()


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\images\\x.bin", "x.bin"),
        ("bild für Köln 図.bin", "bild für Köln 図.bin"),
        ("a\x00b\x1b[31m\n.bin", "ab[31m.bin"),
        ("\u202egnp.bin", "gnp.bin"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("dir/", "unnamed"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_from_outside_are_harmless_data(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@given(st.text())
def test_any_name_becomes_a_plain_one(name: str) -> None:
    kept = safe_name(name)
    assert kept
    assert "/" not in kept
    assert kept not in (".", "..")
    assert kept.isprintable() or " " in kept or not kept.isascii()
    assert len(kept.encode()) <= 200


def test_a_forged_hash_does_not_lead_out_of_the_repository(repository: Repository) -> None:
    image = SoftwareImage(id="x", file_name="x", size_bytes=0, md5="", sha512="../../x", imported_at=NOW)
    with pytest.raises(ImageError):
        repository.path_of(image)
