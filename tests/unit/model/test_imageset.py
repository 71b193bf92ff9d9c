"""Which files go together: kickstart and system, XR mini with packages and SMUs, what would be left behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.model.image import SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.imageset import (
    ImageSet,
    matching_packages,
    needs_kickstart,
    package_of_file,
    pair_kickstart,
    pairs,
    set_problems,
    without_successor,
)


def image(name: str, size: int = 100) -> SoftwareImage:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    return SoftwareImage(name, name, size, "a" * 32, "b" * 128, at, identity=identify_name(name))


N7K = image("n7700-s2-dk9.8.4.3.bin")
N7K_KICK = image("n7700-s2-kickstart.8.4.3.bin")
N5K = image("n5000-uk9.7.3.8.N1.1.bin")
N5K_KICK = image("n5000-uk9-kickstart.7.3.8.N1.1.bin")
OTHERS = [
    image("n7700-s2-kickstart.8.4.4.bin"),
    image("n7000-s2-kickstart.8.4.3.bin"),
    image("n7700-s3-kickstart.8.4.3.bin"),
    image("n6000-uk9-kickstart.7.3.8.N1.1.bin"),
]
MINI = image("asr9k-mini-px.pie-6.1.4")
MGBL = image("asr9k-mgbl-px.pie-6.1.4")
K9SEC = image("asr9k-k9sec-px.pie-6.1.4")
SMU = image("asr9k-px-6.1.4.CSCvd12345.pie")
OLD_MGBL = image("asr9k-mgbl-px.pie-5.3.3")
X64_PACKAGE = image("asr9k-mgbl-x64-2.1.0.0-r614.x86_64.rpm")


def test_a_kickstart_image_is_paired_by_supervisor_and_version() -> None:
    assert pair_kickstart(N7K, [*OTHERS, N7K_KICK, N5K_KICK]) is N7K_KICK
    assert pair_kickstart(N5K, [*OTHERS, N7K_KICK, N5K_KICK]) is N5K_KICK
    assert pair_kickstart(N7K, OTHERS) is None


def test_a_kickstart_image_that_is_there_twice_under_other_content_is_no_pair() -> None:
    twin = image("n7700-s2-kickstart.8.4.3.bin")
    other = SoftwareImage("other", twin.file_name, 5, "c" * 32, "d" * 128, twin.imported_at, identity=twin.identity)
    assert pair_kickstart(N7K, [N7K_KICK, other]) is None


def test_all_pairs_of_a_repository_are_found() -> None:
    found = pairs([N7K, N5K, N5K_KICK, *OTHERS, MINI, N7K_KICK, image("nxos.9.3.10.bin")])
    assert {(s.main.file_name, s.kickstart.file_name if s.kickstart else "") for s in found} == {
        (N7K.file_name, N7K_KICK.file_name),
        (N5K.file_name, N5K_KICK.file_name),
    }


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("n7700-s2-dk9.8.4.3.bin", True),
        ("n3000-uk9.6.0.2.U6.10.bin", True),
        ("n7700-s2-kickstart.8.4.3.bin", False),
        ("nxos.9.3.10.bin", False),
        ("n9000-dk9.6.1.2.I3.1.bin", False),
        ("cat9k_iosxe.17.09.05.SPA.bin", False),
    ],
)
def test_only_images_of_the_two_file_kind_need_a_kickstart_image(name: str, needed: bool) -> None:
    assert needs_kickstart(image(name)) is needed


def test_packages_and_smus_of_the_same_release_and_architecture_belong_to_a_mini() -> None:
    found = matching_packages(MINI, [SMU, MGBL, OLD_MGBL, K9SEC, MINI, X64_PACKAGE, N7K])
    assert [i.file_name for i in found.packages] == [K9SEC.file_name, MGBL.file_name]
    assert found.smus == (SMU,)
    assert found.files() == (MINI, K9SEC, MGBL, SMU)
    assert found.size_bytes() == 400
    assert set_problems(found) == ()


def test_an_smu_of_a_catalyst_belongs_to_its_release() -> None:
    main = image("cat9k_iosxe.17.06.03.SPA.bin")
    fix, other = (
        image("cat9k_iosxe.17.06.03.CSCwa85257.SPA.smu.bin"),
        image("cat9k_iosxe.17.06.04.CSCwa85257.SPA.smu.bin"),
    )
    assert matching_packages(main, [fix, other]).smus == (fix,)


def test_packages_of_xr7_have_no_family_and_go_by_version() -> None:
    main = image("8000-x64-7.9.2.iso")
    fits, not_fits = image("xr-bgp-7.9.2v1.0.0-1.x86_64.rpm"), image("xr-bgp-7.9.1v1.0.0-1.x86_64.rpm")
    assert matching_packages(main, [fits, not_fits]).packages == (fits,)


def test_what_does_not_go_together_is_said_in_words() -> None:
    assert set_problems(ImageSet(N7K)) == ("n7700-s2-dk9.8.4.3.bin needs its kickstart image",)
    assert set_problems(ImageSet(N7K, N5K_KICK)) == (
        "n5000-uk9-kickstart.7.3.8.N1.1.bin is not the kickstart image of n7700-s2-dk9.8.4.3.bin",
    )
    (old,) = set_problems(ImageSet(MINI, packages=(OLD_MGBL,)))
    assert "it is of 5.3.3, not 6.1.4" in old
    (arch,) = set_problems(ImageSet(MINI, packages=(X64_PACKAGE,)))
    assert "another architecture" in arch
    (family,) = set_problems(ImageSet(MINI, packages=(image("hfr-mgbl-px.pie-6.1.4"),)))
    assert "it is for CRS, not ASR9K" in family
    assert set_problems(ImageSet(SMU))[0] == "no image that boots: asr9k-px-6.1.4.CSCvd12345.pie is an SMU"


ACTIVE = (
    "disk0:asr9k-mini-px-5.3.3",
    "disk0:asr9k-mgbl-px-5.3.3",
    "disk0:asr9k-k9sec-px-5.3.3",
    "disk0:asr9k-services-infra-5.3.3",
    "disk0:asr9k-9000v-nV-px-5.3.3",
    "disk0:asr9k-px-5.3.3.CSCuy81837-1.0.0",
)


def test_active_packages_without_a_successor_are_named() -> None:
    left = without_successor(ACTIVE, ImageSet(MINI, packages=(MGBL,)))
    assert left == ("disk0:asr9k-k9sec-px-5.3.3", "disk0:asr9k-services-infra-5.3.3", "disk0:asr9k-9000v-nV-px-5.3.3")
    services = image("asr9k-services-infra.pie-6.1.4")
    nv = image("asr9k-9000v-nV-px.pie-6.1.4")
    assert without_successor(ACTIVE[:3], ImageSet(MINI, packages=(MGBL, K9SEC))) == ()
    assert without_successor(ACTIVE[4:], ImageSet(MINI, packages=(nv, services))) == ()


def test_packages_of_64_bit_xr_are_compared_by_name_and_a_golden_iso_brings_all() -> None:
    active = ("ncs5500-xr-6.6.3", "ncs5500-mgbl-3.0.0.0-r663", "ncs5500-k9sec-3.1.0.0-r663")
    mini = image("ncs5500-mini-x-7.3.2.iso")
    mgbl = image("ncs5500-mgbl-3.0.0.0-r732.x86_64.rpm")
    assert without_successor(active, ImageSet(mini, packages=(mgbl,))) == ("ncs5500-k9sec-3.1.0.0-r663",)
    assert without_successor(active, ImageSet(image("ncs5500-goldenk9-x-7.3.2-site.iso"))) == ()


@pytest.mark.parametrize(
    ("file", "package"),
    [
        ("asr9k-mini-px.pie-6.1.4", "asr9k-mini-px-6.1.4"),
        ("asr9k-px-5.3.3.CSCuy81837.pie", "asr9k-px-5.3.3.CSCuy81837-1.0.0"),
        ("nxos.9.3.10.bin", ""),
    ],
)
def test_a_pie_file_becomes_a_package_of_another_name(file: str, package: str) -> None:
    assert package_of_file(file) == package


names = st.sampled_from([N7K, N7K_KICK, N5K, N5K_KICK, *OTHERS, MINI, MGBL, K9SEC, SMU, OLD_MGBL, X64_PACKAGE])


@given(names, st.lists(names, max_size=6), st.lists(st.text(max_size=40), max_size=4))
def test_any_choice_of_files_is_judged_without_an_exception(
    main: SoftwareImage, others: list[SoftwareImage], active: list[str]
) -> None:
    chosen = matching_packages(main, others)
    problems = set_problems(chosen)
    assert not any("does not belong" in problem for problem in problems)
    assert set(without_successor(active, chosen)) <= set(active)
