"""Which of a job's images a device gets."""

from __future__ import annotations

from datetime import UTC, datetime

from swim_tui.model.image import SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.packs.loading import load_packs
from swim_tui.planning.imagechoice import choose, set_of

PACKS = load_packs()
AT = datetime(2026, 1, 10, tzinfo=UTC)


def image(name: str) -> SoftwareImage:
    return SoftwareImage(name, name, 1000, "", "", AT, identity=identify_name(name))


def names(*files: str) -> list[SoftwareImage]:
    return [image(name) for name in files]


MINI, K9, SMU = "asr9k-mini-px.pie-6.1.4", "asr9k-k9sec-px.pie-6.1.4", "asr9k-px-6.1.4.CSCuy81837.pie"
OTHER_MINI = "asr9k-mini-px.pie-6.2.3"
SYSTEM, KICKSTART = "n5000-uk9.7.3.8.N1.1.bin", "n5000-uk9-kickstart.7.3.8.N1.1.bin"
OTHER_KICKSTART = "n5000-uk9-kickstart.7.1.4.N1.1.bin"
C9K = "cat9k_iosxe.17.09.05.SPA.bin"


def test_the_files_of_a_set_go_together_to_the_platforms_that_take_sets() -> None:
    everything = names(K9, C9K, SYSTEM, SMU, KICKSTART, MINI)
    router = choose(everything, None, PACKS.get("asr9k"))
    assert router.image is not None
    assert router.image.file_name == MINI
    assert set(router.ids) == {MINI, K9, SMU}
    nexus = choose(everything, None, PACKS.get("n5k"))
    assert nexus.image is not None
    assert nexus.image.file_name == SYSTEM
    assert nexus.ids == (KICKSTART, SYSTEM)
    switch = choose(everything, None, PACKS.get("c9300"))
    assert switch.image is not None
    assert (switch.image.file_name, switch.ids, switch.why) == (C9K, (), "")


def test_an_image_named_for_a_device_brings_only_what_belongs_to_it() -> None:
    router = choose(names(MINI, K9, OTHER_MINI), image(MINI), PACKS.get("asr9k"))
    assert set(router.ids) == {MINI, K9}
    nexus = choose(names(SYSTEM, OTHER_KICKSTART), image(SYSTEM), PACKS.get("n5k"))
    assert nexus.ids == ()
    assert choose(names(C9K, MINI), image(C9K), PACKS.get("c9300")).ids == ()


def test_two_releases_for_one_router_are_a_question_and_not_a_guess() -> None:
    chosen = choose(names(MINI, OTHER_MINI), None, PACKS.get("asr9k"))
    assert MINI in chosen.why
    assert OTHER_MINI in chosen.why


def test_nothing_that_applies_is_said_and_the_only_image_is_taken_as_it_is() -> None:
    assert choose(names(C9K, "x.bin"), None, PACKS.get("asr9k")).why == "none of the images applies to it"
    assert choose(names(C9K, MINI), None, None).image is None
    only = choose(names(C9K), None, PACKS.get("asr9k"))
    assert only.image is not None
    assert only.why == ""


def test_a_file_is_judged_in_the_set_of_the_image_it_goes_with() -> None:
    everything, router = names(MINI, K9, SMU, OTHER_MINI), PACKS.get("asr9k")
    for file in (MINI, K9, SMU):
        found = set_of(image(file), everything, router)
        assert found.image is not None
        assert found.image.file_name == MINI
        assert set(found.ids) == {MINI, K9, SMU}
    alone = set_of(image(K9), names(K9, OTHER_MINI), router)
    assert (alone.image, alone.ids) == (image(K9), ())
    assert set_of(image(C9K), everything, PACKS.get("c9300")).ids == ()
