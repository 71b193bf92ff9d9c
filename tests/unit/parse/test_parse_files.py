"""`dir` and `show file systems`."""

from __future__ import annotations

import device_samples as sample

from swim_tui.parse import parse_dir, parse_dirs, parse_file_systems


def test_an_ios_directory_gives_files_sizes_and_space() -> None:
    listing = parse_dir(sample.DIR_BOOTFLASH)
    assert listing.is_read
    assert listing.file_system == "bootflash:"
    assert (listing.total_bytes, listing.free_bytes) == (7451738112, 6912004096)
    assert [f.path for f in listing.files if f.is_dir] == ["lost+found"]
    image = listing.find("/asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin")
    assert image is not None
    assert image.size_bytes == 379404288
    spaced = listing.find("empty file")
    assert spaced is not None
    assert spaced.size_bytes == 0


def test_a_syslog_line_inside_a_listing_is_no_file() -> None:
    lines = sample.DIR_BOOTFLASH.split("\n")
    lines.insert(4, "000123: Nov  3 10:00:01.123 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up")
    assert parse_dir("\n".join(lines)) == parse_dir(sample.DIR_BOOTFLASH)


def test_a_missing_file_is_an_error_and_not_an_empty_directory() -> None:
    listing = parse_dir(sample.DIR_MISSING)
    assert not listing.is_read
    assert "No such file" in listing.error


def test_an_empty_directory_is_read_and_empty() -> None:
    text = "Directory of flash:/\n\nNo files in directory\n\n32514048 bytes total (32514048 bytes free)\n"
    listing = parse_dir(text)
    assert listing.is_read
    assert listing.files == ()
    assert listing.free_bytes == 32514048


def test_the_listing_of_one_file_names_that_file() -> None:
    text = (
        "Directory of bootflash:/img/x.bin\n\n   12  -rw-   379404288   Mar 4 2024 11:36:36 +00:00  x.bin\n\n"
        "7451738112 bytes total (6912004096 bytes free)\n"
    )
    assert [f.path for f in parse_dir(text).files] == ["img/x.bin"]


def test_a_recursive_listing_keeps_the_directories_of_its_files() -> None:
    listing = parse_dir(sample.DIR_RECURSIVE)
    assert listing.find("c2960-lanbasek9-mz.150-2.SE9/c2960-lanbasek9-mz.150-2.SE9.bin") is not None
    assert listing.free_bytes == 18013184


def test_several_file_systems_keep_their_own_totals() -> None:
    both = sample.DIR_RECURSIVE + sample.DIR_BOOTFLASH
    assert [(d.file_system, d.free_bytes) for d in parse_dirs(both)] == [
        ("flash:", 18013184),
        ("bootflash:", 6912004096),
    ]


def test_nxos_prints_space_below_and_directories_with_a_slash() -> None:
    listing = parse_dir(sample.DIR_NXOS)
    assert listing.file_system == "bootflash:"
    assert (listing.free_bytes, listing.total_bytes) == (44848728000, 53298520000)
    assert [(f.path, f.is_dir) for f in listing.files] == [(".patch", True), ("nxos.10.1.2.bin", False)]


def test_xr_64_bit_counts_space_in_kilobytes() -> None:
    listing = parse_dir(sample.DIR_XR64)
    assert listing.free_bytes == 939092 * 1024
    assert [f.path for f in listing.files] == ["cvac.log", "asr9k-mini-x64-6.5.3.iso", "kim"]


def test_the_default_file_system_and_all_its_names_are_read() -> None:
    systems = parse_file_systems(sample.FILE_SYSTEMS)
    flash = next(fs for fs in systems if fs.is_default)
    assert flash.prefixes == ("flash:", "bootflash:", "flash-1:")
    assert (flash.total_bytes, flash.free_bytes, flash.member) == (11353194496, 4835155968, 1)
    assert next(fs for fs in systems if fs.name == "flash-2:").member == 2
    assert next(fs for fs in systems if fs.name == "system:").total_bytes is None
    assert len(systems) == 7


def test_the_second_card_of_a_router_is_no_stack_member() -> None:
    systems = parse_file_systems(sample.FILE_SYSTEMS_G2)
    default = next(fs for fs in systems if fs.is_default)
    assert default.prefixes == ("flash0:", "flash:")
    assert all(fs.member is None for fs in systems)
