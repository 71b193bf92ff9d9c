"""What a file is: header first, name second, and never an exception."""

from __future__ import annotations

from pathlib import Path

import image_samples as sample
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swim_tui.errors import ImageError
from swim_tui.images import identify_file
from swim_tui.model.image import FieldOrigin, ImageFormat, ImageType

UNNAMED_TAR = sample.ios_tar("image_name: something\n")
C2960 = "c2960-lanbasek9-mz.150-2.SE11.bin"


def write(directory: Path, name: str, content: bytes) -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


def test_the_cw_block_of_a_classic_image_is_read(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "renamed file.bin", sample.ios_bin()))
    assert said.recognised
    assert (said.family, said.version, said.image_name) == ("C2960", "15.0(2)SE11", "C2960-LANBASEK9-M")
    assert (said.feature_set, said.media, said.format) == ("LANBASEK9", "RAM", ImageFormat.IOS_BIN)
    assert said.has_strong_crypto is True
    assert said.image_type is ImageType.SYSTEM_SW
    assert said.description.startswith("Cisco IOS Software, C2960 Software")
    assert said.origins["version"] is FieldOrigin.HEADER
    assert said.problems == ()


def test_header_and_name_that_agree_raise_no_problem(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, C2960, sample.ios_bin()))
    assert said.problems == ()
    assert said.origins["family"] is FieldOrigin.HEADER


def test_the_header_wins_over_a_name_that_lies_and_the_disagreement_is_told(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "c2960x-universalk9-mz.152-7.E10.bin", sample.ios_bin()))
    assert (said.family, said.version) == ("C2960", "15.0(2)SE11")
    assert said.problems == (
        "the header says family C2960, the name says C2960X",
        "the header says version 15.0(2)SE11, the name says 15.2(7)E10",
        "the header says feature set LANBASEK9, the name says UNIVERSALK9",
    )


def test_an_image_without_k9_has_no_strong_crypto_whatever_its_name_says(tmp_path: Path) -> None:
    values = {**sample.C2960_CW, "CW_IMAGE": "C2960-LANBASE-M"}
    said = identify_file(write(tmp_path, C2960, sample.ios_bin(values)))
    assert said.has_strong_crypto is False
    assert said.problems


def test_an_xe_3_image_has_the_ios_train_in_its_header_and_the_version_in_its_name(tmp_path: Path) -> None:
    name = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin"
    said = identify_file(write(tmp_path, name, sample.xe_bin()))
    assert (said.version, said.ios_version) == ("03.13.05.S", "15.4(3)S5")
    assert (said.origins["version"], said.origins["ios_version"]) == (FieldOrigin.NAME, FieldOrigin.HEADER)
    assert said.format is ImageFormat.XE_BIN
    assert said.problems == ()


def test_an_xe_3_name_with_another_ios_train_than_the_header_is_a_problem(tmp_path: Path) -> None:
    name = "asr1000rp1-adventerprisek9.03.16.04b.S.155-3.S4b-ext.SPA.bin"
    said = identify_file(write(tmp_path, name, sample.xe_bin()))
    assert any("IOS version 15.4(3)S5" in p for p in said.problems)


def test_package_text_gives_the_version_of_an_xe_16_image(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "x.bin", sample.xe_bin(None, "16.09.08")))
    assert said.recognised
    assert (said.version, said.format) == ("16.09.08", ImageFormat.XE_BIN)
    lies = identify_file(write(tmp_path, "isr4300-universalk9.16.06.04.SPA.bin", sample.xe_bin(None, "16.09.08")))
    assert lies.version == "16.09.08"
    assert lies.problems == ("the header says version 16.09.08, the name says 16.06.04",)


def test_a_catalyst_tar_tells_minimum_memory_and_flash(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "upload.tar", sample.ios_tar()))
    assert (said.family, said.version, said.format) == ("C2960", "15.0(2)SE11", ImageFormat.IOS_TAR)
    assert said.min_ram_bytes == 64 * 1024 * 1024
    assert said.min_flash_bytes == 16312832
    assert said.origins["min_ram_bytes"] is FieldOrigin.HEADER


def test_the_other_spelling_of_minimum_memory_in_a_tar(tmp_path: Path) -> None:
    info = sample.INFO.replace("|MIN_DRAM_MEG=64", "") + "image_min_dram: 128\n"
    assert identify_file(write(tmp_path, "x.tar", sample.ios_tar(info))).min_ram_bytes == 128 * 1024 * 1024


def test_an_rpm_names_itself_in_its_lead(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "download", sample.rpm()))
    assert (said.family, said.version, said.image_type) == ("NCS5500", "6.6.3", ImageType.PACKAGE)
    assert said.format is ImageFormat.XR_RPM


def test_an_iso_keeps_what_its_name_says(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "xrv9k-fullk9-x-25.2.2.iso", sample.iso()))
    assert (said.family, said.format) == ("XRV9K", ImageFormat.XR_ISO)
    assert said.origins["format"] is FieldOrigin.HEADER
    assert said.problems == ()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (C2960, b"", "the file is empty"),
        (C2960, b"<html>login first</html>" * 50, "an IOS image begins with an ELF header"),
        (C2960, b"\x7fELF" + bytes(400), "no CW block"),
        (C2960, sample.ios_bin()[:150_000], "the file is cut off: 150000 bytes are missing"),
        ("c2960-lanbasek9-tar.150-2.SE11.tar", b"nothing" * 100, "the content is none"),
        ("c2960-lanbasek9-tar.150-2.SE11.tar", UNNAMED_TAR[:200_000], "cut off"),
        ("xrv9k-fullk9-x-25.2.2.iso", b"x" * 50_000, "the content is none"),
    ],
)  # fmt: skip
def test_a_broken_file_is_described_and_has_a_problem(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    said = identify_file(write(tmp_path, name, content))
    assert any(problem in p for p in said.problems), said.problems


def test_an_empty_or_unknown_file_is_not_recognised(tmp_path: Path) -> None:
    assert not identify_file(write(tmp_path, C2960, b"")).recognised
    assert not identify_file(write(tmp_path, "notes.txt", b"hello")).recognised


def test_a_stored_file_is_known_by_the_name_it_was_given(tmp_path: Path) -> None:
    said = identify_file(write(tmp_path, "0" * 128, b"data"), "nxos.9.3.10.bin")
    assert (said.version, said.format) == ("9.3(10)", ImageFormat.NXOS_BIN)


def test_a_file_that_cannot_be_read_is_an_image_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="none"):
        identify_file(tmp_path / "none")


@given(
    st.sampled_from([sample.ios_bin(), sample.ios_tar(), sample.rpm(), sample.iso(), sample.xe_bin(None, "16.09.08")]),
    st.binary(max_size=40),
    st.integers(0, 70_000),
    st.integers(0, 300_000),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_never_raise(tmp_path: Path, content: bytes, damage: bytes, at: int, end: int) -> None:
    broken = content[:at] + damage + content[at + len(damage) : max(end, at)]
    identify_file(write(tmp_path, C2960, broken))
