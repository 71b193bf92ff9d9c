"""From the options of distribute and activate to a JobRequest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from swim_tui.cli.jobedit import edited
from swim_tui.cli.jobform import Defaults, job_options, make_request, when_options
from swim_tui.errors import BadValue, ConfigError, Refused
from swim_tui.model.job import JobRequest, JobType, RecurKind, Schedule, Window
from swim_tui.model.options import ActivateMode, JobOptions, Protocol, UpgradeMode

BASE = Defaults(JobOptions(), "Europe/Berlin")


def request(*words: str, kind: JobType = JobType.DISTRIBUTION, defaults: Defaults = BASE) -> JobRequest:
    made: list[JobRequest] = []

    @click.command()
    @job_options(when=True)
    def command(given: dict[str, Any]) -> None:
        made.append(make_request(kind, given, defaults))

    result = CliRunner().invoke(command, list(words), standalone_mode=False)
    if result.exception:
        raise result.exception
    return made[0]


def test_without_options_the_settings_hold() -> None:
    settings = JobOptions(erase_flash=True, insert_boot_command=True, max_distribution=7, soak_s=3.0)
    assert request(defaults=Defaults(settings, "UTC")).options == settings


def test_options_go_before_the_settings() -> None:
    settings = JobOptions(erase_flash=True, activate=ActivateMode.PARALLEL)
    made = request(
        "--no-erase-flash", "--activate", "sequential", "--upgrade-mode", "bundle", "--stop-on-failure", "--max", "3",
        "--protocol", "sftp", "--protocol", "SCP", "--consent", "lower-version", "--location", "flash2:",
        defaults=Defaults(settings, "UTC"),
    ).options  # fmt: skip
    assert made.erase_flash is False
    assert made.activate is ActivateMode.SEQUENTIAL
    assert made.upgrade_mode is UpgradeMode.BUNDLE
    assert made.continue_on_failure is False
    assert (made.max_distribution, made.max_activation) == (3, 3)
    assert made.protocol_order == (Protocol.SFTP, Protocol.SCP)
    assert made.consents == ("lower-version",)
    assert made.location == "flash2:"


def test_images_devices_and_groups_are_collected_in_order() -> None:
    made = request("--image", "a", "--image", "b", "--device", "r2", "--device", "r1", "--group", "G")
    assert (made.images, made.devices, made.groups) == (("a", "b"), ("r2", "r1"), ("G",))


def test_an_activation_sets_the_boot_variable_and_reloads_one_by_one_unless_told_otherwise() -> None:
    made = request(kind=JobType.ACTIVATION).options
    assert made.activate is ActivateMode.SEQUENTIAL
    assert made.insert_boot_command
    with pytest.raises(Refused, match="does nothing"):
        request("--activate", "off", kind=JobType.ACTIVATION)


def test_servers_are_named_for_all_devices_and_for_one() -> None:
    made = request("--server", "SanFranRegion", "--server-of", "r1=local", "--server-of", "r2=NY_Region")
    assert made.options.server == "SanFranRegion"
    assert made.server_of == {"r1": "local", "r2": "NY_Region"}
    with pytest.raises(BadValue, match="not DEVICE=NAME"):
        request("--server-of", "r1")


def test_a_schedule_is_in_utc_with_the_zone_it_was_meant_in() -> None:
    made = request("--at", "2099-01-15T02:00", "--recur", "daily:2", "--until", "2099-02-01").schedule
    assert made.at is not None
    assert made.at.isoformat() == "2099-01-15T01:00:00+00:00"
    assert (made.recur, made.interval, made.zone) == (RecurKind.DAILY, 2, "Europe/Berlin")
    assert made.until is not None
    assert request("--recur", "Weekly").schedule.recur is RecurKind.WEEKLY


@pytest.mark.parametrize(
    "words",
    [
        ("--at", "2001-01-01T00:00"),
        ("--recur", "sometimes"),
        ("--recur", "daily:0"),
        ("--until", "2099-01-01"),
        ("--window", "22:00"),
        ("--window", "22:00/04:00/zulu"),
        ("--window", "22:00/25:00/local"),
    ],
)
def test_a_wrong_schedule_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(BadValue, match=words[0]):
        request(*words)


def test_a_window_is_one_instant_or_local() -> None:
    assert request("--window", "22:00/04:00/local").window == Window("22:00", "04:00", local=True)
    assert request("--window", "2099-01-01T22:00/2099-01-02T04:00").window == Window(
        "2099-01-01T22:00", "2099-01-02T04:00"
    )


def test_an_order_file_has_a_name_a_line_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "order"
    path.write_text("# first the branch\nr2\n\nr1  # then the core\n")
    assert request("--order", str(path)).options.order == ("r2", "r1")
    with pytest.raises(ConfigError, match="cannot be read"):
        request("--order", str(tmp_path / "nothing"))


KEPT = JobRequest(
    JobType.INVENTORY_SYNC,
    devices=("r1",),
    schedule=Schedule(datetime(2026, 1, 1, tzinfo=UTC), RecurKind.DAILY, 2, datetime(2099, 1, 1, tzinfo=UTC), "UTC"),
    window=Window("22:00", "04:00", local=True),
    name="Nightly",
)


def changed(*words: str, no_window: bool = False) -> JobRequest:
    made: list[JobRequest] = []

    @click.command()
    @when_options(window=True)
    def command(given: dict[str, Any]) -> None:
        made.append(edited(KEPT, given, "UTC", no_window=no_window))

    result = CliRunner().invoke(command, list(words), standalone_mode=False)
    if result.exception:
        raise result.exception
    return made[0]


def test_an_edit_changes_what_was_typed_and_nothing_else() -> None:
    assert changed("--reason", "because") == replace(KEPT, reason="because")
    assert changed("--name", "Late").schedule == KEPT.schedule
    at = datetime(2098, 5, 1, 2, tzinfo=UTC)
    assert changed("--at", "2098-05-01T02:00").schedule == replace(KEPT.schedule, at=at)
    weekly = changed("--recur", "weekly:3").schedule  # no time: the engine keeps the one it has
    assert (weekly.at, weekly.recur, weekly.interval, weekly.until) == (None, RecurKind.WEEKLY, 3, KEPT.schedule.until)
    once = changed("--recur", "none").schedule
    assert (once.recur, once.interval, once.until) == (RecurKind.NONE, 1, None)
    assert changed("--window", "01:00/03:00").window == Window("01:00", "03:00")
    assert changed(no_window=True).window is None
    with pytest.raises(BadValue, match="nothing recurs"):
        changed("--recur", "none", "--until", "2099-01-01T00:00")
