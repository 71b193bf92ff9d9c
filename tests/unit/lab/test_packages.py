"""Packages and provisioning files on a file system."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from swim_tui.lab.flash import FileSystem, NoSpace
from swim_tui.lab.model import Software
from swim_tui.lab.packages import (
    CONF,
    LAST_CONF,
    build_of,
    conf_names,
    expand,
    expanded_size,
    packages_of,
    provision,
    provisioned,
)


def release(version: str) -> Software:
    return Software(
        file=f"cat9k_iosxe.{version}.SPA.bin",
        family="CAT9K_IOSXE",
        image="CAT9K_IOSXE",
        version=version,
        xe_version=version,
        size=1_000_000,
        seed="x",
        sysdescr="",
        packages=tuple(f"cat9k-{name}.{version}.SPA.pkg" for name in ("rpboot", "rpbase", "webui")),
        build="351",
    )


OLD, NEW = release("17.03.01"), release("17.06.07")


def test_packages_take_almost_what_the_image_takes() -> None:
    assert 0.97 * OLD.size_bytes < expanded_size(OLD) < OLD.size_bytes
    assert packages_of(OLD)[0].size > packages_of(OLD)[1].size


def test_a_provisioning_file_names_the_release_until_a_package_is_gone() -> None:
    flash = FileSystem("flash", 10_000_000)
    assert provisioned(flash) is None
    assert expand(flash, OLD) == list(OLD.packages)
    provision(flash, OLD)
    assert provisioned(flash) == OLD
    assert conf_names(flash) == list(OLD.packages)
    del flash.files[OLD.packages[2]]
    assert provisioned(flash) is None


def test_the_release_of_before_is_kept_for_a_rollback() -> None:
    flash = FileSystem("flash", 10_000_000)
    for software in (OLD, NEW):
        expand(flash, software)
        provision(flash, software)
    assert provisioned(flash, CONF) == NEW
    assert provisioned(flash, LAST_CONF) == OLD
    provision(flash, NEW)
    assert provisioned(flash, LAST_CONF) == OLD


def test_a_provisioning_file_in_a_directory_means_the_packages_there() -> None:
    flash = FileSystem("bootflash", 10_000_000)
    expand(flash, OLD, "sub")
    provision(flash, OLD, f"sub/{CONF}")
    assert provisioned(flash, f"sub/{CONF}") == OLD
    assert provisioned(flash) is None


def test_packages_need_their_room() -> None:
    with pytest.raises(NoSpace):
        expand(FileSystem("flash", 900_000), OLD)


def test_a_package_reads_the_same_in_pieces() -> None:
    package = packages_of(OLD)[0]
    whole = package.read(0, package.size)
    assert len(whole) == package.size
    assert package.read(65000, 2000) == whole[65000:67000]


def test_the_build_stands_behind_the_version() -> None:
    assert build_of(OLD) == "17.03.01.0.351"
    flash = FileSystem("flash", 10_000_000)
    flash.make_folder("x", datetime.now(UTC))
    assert conf_names(flash) == []
