"""Times that people type."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from swim_tui.errors import BadValue
from swim_tui.model.when import machine_zone, moment, window_end, window_text, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # 13:00 in Berlin, the day before the clocks go forward


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-04-01T02:00", "2026-04-01T00:00"),
        ("2026-04-01 02:00", "2026-04-01T00:00"),
        ("2026-04-01T02:00:30", "2026-04-01T00:00:30"),
        ("2026-04-01T02:00Z", "2026-04-01T02:00"),
        ("2026-04-01T02:00-05:00", "2026-04-01T07:00"),
        ("2026-04-01", "2026-03-31T22:00"),
        ("23:30", "2026-03-28T22:30"),
        ("12:30", "2026-03-29T10:30"),
        ("04/01/2026 02:00 AM", "2026-04-01T00:00"),
        ("9:05", "2026-03-29T07:05"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # comes twice: the first
    ],
)
def test_a_time_is_understood(text: str, utc: str) -> None:
    assert moment(text, BERLIN, NOW) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-28T12:59", "it is past"),
        ("2026-03-28T12:00Z", "it is past"),
        ("2026-03-29T02:30", "after 02:30 comes 03:30"),
        ("02:30", "after 02:30 comes 03:30"),
        ("tomorrow", "it is not a time"),
        ("2026-13-01T00:00", "it is not a time"),
        ("25:00", "no such time of day"),
        ("", "it is not a time"),
    ],
)
def test_what_is_no_time_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        moment(text, BERLIN, NOW)


def test_the_machines_zone_has_a_name() -> None:
    assert machine_zone() == zone_named(machine_zone().key)


@pytest.mark.parametrize(("tz", "key"), [("Asia/Tokyo", "Asia/Tokyo"), (":Asia/Tokyo", "Asia/Tokyo")])
def test_tz_names_the_zone_as_for_every_other_program(monkeypatch: pytest.MonkeyPatch, tz: str, key: str) -> None:
    monkeypatch.setenv("TZ", tz)
    assert machine_zone().key == key
    monkeypatch.setenv("TZ", "EST5EDT,M3.2.0,M11.1.0")  # rules, no name
    assert machine_zone().key != tz


@pytest.mark.parametrize(
    ("typed", "wrong", "sent"),
    [
        ("9:00", False, "09:00"),
        ("22:00", False, "22:00"),
        ("2026-04-01 22:00", False, "2026-04-01T22:00"),
        ("04/01/2026 10:00 PM", False, "2026-04-01T22:00"),
        ("2026-04-01T22:00-05:00", False, "2026-04-01T22:00-05:00"),
        ("24:00", True, "24:00"),
        ("tonight", True, "tonight"),
    ],
)
def test_the_ends_of_a_window_are_times_of_day_or_dates(typed: str, wrong: bool, sent: str) -> None:
    assert (bool(window_end(typed)), window_text(typed)) == (wrong, sent)
