"""Credentials, settings, repository and packs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swim_tui.engine.planner import tolerated
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.packs import PackService
from swim_tui.engine.services.repository import RepositoryService
from swim_tui.engine.services.settings import SETTINGS, SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, NotFound, SecretMissing
from swim_tui.model.device import Device
from swim_tui.model.facts import Facts, VersionFacts
from swim_tui.model.image import FieldOrigin, ImageType, SoftwareImage
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType
from swim_tui.model.options import JobOptions
from swim_tui.paths import shipped_data

# --- credentials ---


async def test_a_profile_shows_what_it_has_and_never_what_it_is(credentials: CredentialsService) -> None:
    profile = await credentials.add_credentials("admin", "swim", password="hunter2", enable="hunter3")
    assert (profile.has_password, profile.has_enable, profile.parked) == (True, True, False)
    assert "hunter" not in repr(await credentials.credentials())


async def test_one_refusal_parks_a_profile_and_a_person_confirms_it(
    state: State, credentials: CredentialsService
) -> None:
    await credentials.add_credentials("admin", "swim", password="a")
    await credentials.park("admin", "r1 refused its login")
    await credentials.park("admin", "r2 refused its login")
    [parked] = await credentials.credentials()
    assert (parked.parked, parked.parked_reason) == (True, "r1 refused its login")
    again = await credentials.add_credentials("admin", "swim", password="b")
    assert not again.parked
    assert credentials.login("admin").password.reveal() == "b"


async def test_a_profile_in_use_stays(state: State, credentials: CredentialsService) -> None:
    await credentials.add_credentials("admin", "swim", password="a")
    await asyncio.wrap_future(state.tables.devices.put(Device("r1", "192.0.2.1", credentials="admin")))
    with pytest.raises(Conflict, match="used by r1"):
        await credentials.remove_credentials("admin")
    await asyncio.wrap_future(state.tables.devices.delete("r1"))
    await credentials.remove_credentials("admin")
    with pytest.raises(SecretMissing):
        credentials.login("admin")
    with pytest.raises(NotFound):
        await credentials.remove_credentials("admin")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "username": "a", "password": "b"},
        {"name": "a/b", "username": "a", "password": "b"},
        {"name": "a", "username": "", "password": "b"},
        {"name": "a", "username": "a"},
        {"name": "a", "username": "a", "key_file": "/no/such/key"},
    ],
)
async def test_a_profile_that_cannot_log_in_is_refused(credentials: CredentialsService, wrong: dict[str, str]) -> None:
    with pytest.raises(BadValue):
        await credentials.add_credentials(**wrong)
    assert await credentials.credentials() == []


# --- settings ---


async def test_every_default_is_a_value_its_own_setting_accepts(state: State) -> None:
    service = SettingsService(state)
    for row in await service.settings():
        assert row.origin == "default"
        changed = await service.set_setting(row.key, row.default)
        assert (changed.value, changed.origin) == (row.default, "default")


def test_the_defaults_of_the_settings_are_those_of_a_job(state: State) -> None:
    assert SettingsService(state).default_options() == JobOptions()


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("erase_flash", "YES", "on"),
        ("activate", "Parallel", "parallel"),
        ("distribution.max_devices", " 50 ", "50"),
        ("protocols.order", "sftp, scp", "SFTP,SCP"),
        ("time_zone", "America/New_York", "America/New_York"),
        ("host_keys", "strict", "strict"),
        ("waits.scale", "60", "60"),
        ("environment", "PROD", "PROD"),
    ],
)
async def test_a_value_is_kept_in_one_spelling(state: State, key: str, value: str, kept: str) -> None:
    service = SettingsService(state)
    row = await service.set_setting(key, value)
    assert (row.value, row.origin) == (kept, "set")
    assert service.value(key) == kept


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("erase_flash", "perhaps", "neither on nor off"),
        ("activate", "now", "none of the choices"),
        ("distribution.max_devices", "0", "not between 1 and 1000"),
        ("distribution.max_devices", "many", "not a whole number"),
        ("protocols.order", "SCP,SCP", "stands twice"),
        ("protocols.order", "SCP,RCP", "RCP is no transfer protocol"),
        ("protocols.order", " ", "at least one"),
        ("time_zone", "Mars/Olympus", "the zone database"),
        ("time_zone", "../../etc/passwd", "the zone database"),
        ("waits.scale", "0", "not between"),
        ("waits.scale", "nan", "not between"),
        ("environment", "x" * 21, "longer than 20"),
    ],
)
async def test_a_wrong_value_is_refused_with_what_is_allowed(state: State, key: str, value: str, words: str) -> None:
    service = SettingsService(state)
    with pytest.raises(BadValue, match=words) as caught:
        await service.set_setting(key, value)
    assert caught.value.allowed
    assert service.value(key) == next(s.default for s in SETTINGS if s.key == key)


async def test_an_unknown_key_names_the_nearest(state: State) -> None:
    with pytest.raises(NotFound, match="did you mean 'erase_flash'"):
        await SettingsService(state).set_setting("erase_flsh", "on")


async def test_the_scale_of_waits_holds_at_once_and_after_a_restart(state: State) -> None:
    await SettingsService(state).set_setting("waits.scale", "20")
    assert state.scale == 20.0
    state.scale = 1.0
    SettingsService(state)
    assert state.scale == 20.0
    state.scale = 60.0  # as given on the command line
    SettingsService(state)
    assert state.scale == 60.0


# --- repository ---


async def put_image(state: State, name: str, content: bytes) -> SoftwareImage:
    with state.repository.begin(name) as incoming:
        incoming.write(content)
        image = incoming.finish()
    await asyncio.wrap_future(state.tables.images.put(image))
    return image


async def test_an_image_is_found_by_name_id_and_beginning_of_its_id(state: State) -> None:
    service = RepositoryService(state)
    image = await put_image(state, "c2960-lanbasek9-mz.150-2.SE11.bin", b"one")
    for name in (image.id, image.id[:6], image.file_name):
        assert service.find(name) == image
    with pytest.raises(NotFound, match=r"did you mean 'c2960-lanbasek9-mz\.150-2\.SE11\.bin'"):
        service.find("c2960-lanbasek9-mz.150-2.SE1.bin")
    other = await put_image(state, image.file_name, b"two")
    with pytest.raises(Conflict, match="2 images are named") as caught:
        service.find(image.file_name)
    assert other.id in caught.value.action


async def test_what_a_person_sets_is_marked_as_a_persons_word(state: State) -> None:
    service = RepositoryService(state)
    image = await put_image(state, "unknown.bin", b"one")
    assert not image.identity.recognised
    changed = await service.set_image(image.id, min_ram_bytes=2**31, family="C2960", version="15.0(2)SE11")
    assert changed.identity.origins["version"] is FieldOrigin.PERSON
    assert (changed.min_ram_bytes, changed.family, changed.identity.recognised) == (2**31, "C2960", True)
    cleared = await service.set_image(image.id, min_ram_bytes=0)
    assert (cleared.min_ram_bytes, cleared.version) == (None, "15.0(2)SE11")
    with pytest.raises(BadValue, match="no version"):
        await service.set_image(image.id, version="newest")
    with pytest.raises(BadValue, match="negative"):
        await service.set_image(image.id, min_flash_bytes=-1)


async def test_an_image_that_a_job_needs_is_not_deleted(state: State) -> None:
    service = RepositoryService(state)
    image = await put_image(state, "a.bin", b"one")
    request = JobRequest(JobType.DISTRIBUTION, images=("a.bin",), devices=("r1",))
    job = Job("7", request, "j", JobStatus.RUNNING, datetime(2026, 1, 2, tzinfo=UTC))
    await asyncio.wrap_future(state.tables.jobs.put(job))
    with pytest.raises(Conflict, match="in use by the running job 7"):
        await service.delete_image("a.bin")
    assert state.repository.has(image)
    await asyncio.wrap_future(state.tables.jobs.put(Job("7", request, "j", JobStatus.COMPLETED, job.created_at)))
    await service.delete_image("a.bin")
    assert not state.repository.has(image)
    assert await service.images() == []


async def test_the_image_page_names_devices_and_jobs(state: State) -> None:
    image = await put_image(state, "a.bin", b"one")
    at = datetime(2026, 1, 2, tzinfo=UTC)
    await asyncio.wrap_future(state.tables.facts.put(Facts("r1", at, VersionFacts(image_file="bootflash:/d/a.bin"))))
    request = JobRequest(JobType.DISTRIBUTION, images=(image.id,))
    await asyncio.wrap_future(state.tables.jobs.put(Job("7", request, "j", JobStatus.COMPLETED, at)))
    detail = await RepositoryService(state).image("a.bin")
    assert (detail.running_on, detail.jobs) == (("r1",), ("7",))


async def test_the_image_page_names_devices_whose_running_file_tells_no_image(state: State) -> None:
    image = await put_image(state, "x.iso", b"xr")
    whole = replace(image.identity, family="8000", version="7.9.2", image_type=ImageType.SYSTEM_SW)
    await asyncio.wrap_future(state.tables.images.put(replace(image, identity=whole)))
    for name, version in (
        ("xr", VersionFacts(family="8000", version="7.9.2")),
        ("installed", VersionFacts(family="8000", version="7.9.2", image_file="flash:packages.conf")),
        ("older", VersionFacts(family="8000", version="7.7.2")),
        ("another", VersionFacts(family="NCS5500", version="7.9.2")),
        ("by-file", VersionFacts(family="8000", version="7.9.2", image_file="flash:y.iso")),
    ):
        await asyncio.wrap_future(state.tables.facts.put(Facts(name, image.imported_at, version)))
    assert (await RepositoryService(state).image("x.iso")).running_on == ("installed", "xr")


async def test_names_are_identified_without_files(state: State) -> None:
    known, unknown = await RepositoryService(state).identify(
        ["flash:/x/c2960-lanbasek9-mz.150-2.SE11.bin", "holiday.jpg"]
    )
    assert (known.recognised, known.version) == (True, "15.0(2)SE11")
    assert not unknown.recognised


# --- packs ---


async def test_every_shipped_pack_is_good_and_says_what_it_may_send(state: State) -> None:
    service = PackService(state)
    rows = await service.packs()
    assert {"asr1002", "c2960"} <= {row.name for row in rows}
    for row in rows:
        assert await service.check_pack(Path(row.source).read_text("utf-8"), "it") == []
        assert row.read_commands
        assert "reload" not in row.read_commands
    with pytest.raises(NotFound, match="did you mean 'asr1002'"):
        await service.pack("asr1003")


async def test_a_platform_offers_every_mode_it_can_be_converted_to(state: State) -> None:
    modes = {row.name: row.upgrade_modes for row in await PackService(state).packs()}
    assert set(modes["c3850"]) == {"install", "bundle"}
    assert modes["c2960"] == ("bundle",)
    assert modes["asr9k"] == ("install",)


async def test_problems_of_a_pack_name_the_file_that_was_given(state: State) -> None:
    text = (shipped_data() / "packs" / "c2960.yaml").read_text("utf-8").replace("netmiko_type", "netmiko_tipe")
    found = await PackService(state).check_pack(text, "mine.yaml")
    assert found
    assert all(problem.startswith("mine.yaml:") for problem in found)


async def test_a_captured_show_version_is_read(state: State) -> None:
    text = (
        "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE, RELEASE SOFTWARE (fc2)\n"
        "sw1 uptime is 5 weeks, 2 days\n"
        'System image file is "flash:c2960-lanbasek9-mz.122-55.SE.bin"\n'
        "cisco WS-C2960-24TT-L (PowerPC405) processor (revision D0) with 65536K bytes of memory.\n"
        "Configuration register is 0xF\n"
    )
    found = await PackService(state).read_facts(text)
    assert found["platform"] == "c2960"
    version = found["version"]
    assert isinstance(version, VersionFacts)
    assert version.version == "12.2(55)SE"
    nothing = await PackService(state).read_facts("garbage", command="show version")
    assert nothing["platform"] == ""
    assert nothing["unread"] == ("show version",)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("file_server.ports", "SSH=70000", "not between 1 and 65535"),
        ("file_server.address", "10.0.0.1; reload", "it is no address"),
        ("cisco.api_url", "http://example.org/x", "must be https"),
    ],
)
async def test_a_setting_that_could_have_no_effect_is_refused_in_words(
    state: State, key: str, value: str, words: str
) -> None:
    service = SettingsService(state)
    with pytest.raises(BadValue, match=words):
        await service.set_setting(key, value)
    row = next(row for row in await service.settings() if row.key == key)
    assert (await service.set_setting(key, row.default)).value == row.default


async def test_the_flash_tolerance_lowers_the_minimum_that_planning_sees(state: State) -> None:
    image = await put_image(state, "cat9k_iosxe.17.09.04a.SPA.bin", b"any")
    repository = RepositoryService(state)
    image = await repository.set_image(image.id, min_flash_bytes=1000)
    assert tolerated(state, image).min_flash_bytes == 1000
    await SettingsService(state).set_setting("flash.tolerance_percent", "10")
    assert tolerated(state, image).min_flash_bytes == 900
    assert (await repository.set_image(image.id, min_flash_bytes=0)).min_flash_bytes is None
