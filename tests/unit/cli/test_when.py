"""Times that people type."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from swim_tui.cli.when import machine_zone, parse_at
from swim_tui.errors import BadValue

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
        ("9:05", "2026-03-29T07:05"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # comes twice: the first
    ],
)
def test_a_time_is_understood(text: str, utc: str) -> None:
    assert parse_at(text, NOW, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-28T12:59", "in the past"),
        ("2026-03-28T12:00Z", "in the past"),
        ("2026-03-29T02:30", "the clock skips this time"),
        ("02:30", "the clock skips this time"),
        ("tomorrow", "it is not a time"),
        ("2026-13-01T00:00", "it is not a time"),
        ("25:00", "no such time of day"),
        ("", "it is not a time"),
    ],
)
def test_what_is_no_time_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        parse_at(text, NOW, BERLIN)


def test_the_machines_zone_has_a_name() -> None:
    name, rules = machine_zone()
    assert name
    assert rules is None or str(rules) == name
