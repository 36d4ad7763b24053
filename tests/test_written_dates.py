"""Written dates to instants, and dates in URLs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.month_names import LOCALES
from wirewatch.written_dates import from_url, parse_date, rfc5322


@pytest.mark.parametrize(
    ("written", "instant", "precision"),
    [
        ("2026-11-23T10:05:00Z", "2026-11-23T10:05:00", "instant"),
        ("2026-11-23T10:05:00+0100", "2026-11-23T09:05:00", "instant"),
        ("2026-11-23T10:05:00.123+05:30", "2026-11-23T04:35:00", "instant"),
        ("2026-11-23 10:05", "2026-11-23T10:05:00", "instant"),
        ("2026-11-23", "2026-11-23T00:00:00", "day"),
        ("20261123", "2026-11-23T00:00:00", "day"),
        ("Mon, 23 Nov 2026 10:05:00 -0500", "2026-11-23T15:05:00", "instant"),
        ("23.11.2026, 10:05 Uhr", "2026-11-23T10:05:00", "instant"),
        ("23. November 2026", "2026-11-23T00:00:00", "day"),
        ("November 3rd, 2026 at 4:30 p.m. EST", "2026-11-03T21:30:00", "instant"),
        ("23 de noviembre de 2026", "2026-11-23T00:00:00", "day"),
        ("1er décembre 2026", "2026-12-01T00:00:00", "day"),
        ("٢٣ نوفمبر ٢٠٢٦", "2026-11-23T00:00:00", "day"),
        ("23 تشرين الثاني 2026", "2026-11-23T00:00:00", "day"),
        ("23 كانون الأول 2026", "2026-12-23T00:00:00", "day"),
        (1795428300, "2026-11-23T10:05:00", "instant"),
        ("1795428300000", "2026-11-23T10:05:00", "instant"),
    ],
)
def test_written_dates(written: object, instant: str, precision: str) -> None:
    found = parse_date(written)
    assert found is not None
    assert found[0].astimezone(UTC) == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert found[1] == precision


def test_slashes_are_read_by_the_languages_habit() -> None:
    for month_first, day in ((True, "2026-03-04"), (False, "2026-04-03")):
        found = parse_date("3/4/2026", month_first=month_first)
        assert found is not None
        assert found[0].date().isoformat() == day
    found = parse_date("23/11/2026", month_first=True)
    assert found is not None
    assert found[0].date().isoformat() == "2026-11-23"


@pytest.mark.parametrize(
    "written", ["", "yesterday", "0000-00-00", "2026-13-45", "99999", None, True, []]
)
def test_what_is_no_date(written: object) -> None:
    assert parse_date(written) is None


def test_dates_in_urls() -> None:
    for path, day in (
        ("/2026/11/23/bridge", "2026-11-23"),
        ("/news/2026-11-23-bridge.html", "2026-11-23"),
        ("/2026/nov/23/bridge", "2026-11-23"),
        ("/a/20261123/x", "2026-11-23"),
    ):
        found = from_url(f"https://news.example.org{path}")
        assert found is not None, path
        assert found[0].date().isoformat() == day
    for path in ("/bridge-204404", "/2026/11/bridge", "/id/1234567890", "/?d=2026/11/23"):
        assert from_url(f"https://news.example.org{path}") is None, path


@given(st.text(max_size=60) | st.floats() | st.integers())
def test_any_value_is_a_date_or_none(value: object) -> None:
    found = parse_date(value)
    assert found is None or found[0].tzinfo is not None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Opublikowano 23 listopada 2026", "2026-11-23"),
        ("23 de novembro de 2026", "2026-11-23"),
        ("23 november 2026", "2026-11-23"),
        ("23. listopadu 2026", "2026-11-23"),
        ("23 ноября 2026", "2026-11-23"),
        ("23 Kasım 2026", "2026-11-23"),
        ("23 marraskuuta 2026", "2026-11-23"),
        ("23 novembre 2026", "2026-11-23"),
        ("2026年11月23日", "2026-11-23"),
    ],
)
def test_days_in_the_words_of_many_languages(written: str, day: str) -> None:
    found = parse_date(written)
    assert found is not None
    assert found[0].date().isoformat() == day


@pytest.mark.parametrize("locale", LOCALES)
def test_days_as_every_locale_writes_them(locale: str) -> None:
    for month in range(1, 13):
        day = date(2026, month, 12 + month)
        for length in ("long", "full"):
            written = format_date(day, length, locale=locale)
            found = parse_date(written, language=locale.split("_")[0])
            assert found is not None, written
            assert found[0].date() == day, written


@pytest.mark.parametrize(
    ("written", "language", "month"),
    [
        ("23. listopada 2026.", "hr", 10),
        ("23 listopada 2026", "pl", 11),
        ("23 listopada 2026", "", 11),
        ("23 DECEMBRE 2026", "", 12),
        ("23-Nov-2026", "", 11),
        ("23/Nov/2026 10:05", "", 11),
        ("on Monday, Nov. 23rd, 2026", "", 11),
        ("11.23.2026", "", 11),
    ],
)
def test_names_by_language_without_accents_and_between_signs(
    written: str, language: str, month: int
) -> None:
    found = parse_date(written, language=language)
    assert found is not None
    assert (found[0].month, found[0].day) == (month, 23)


@pytest.mark.parametrize(
    "written",
    ["5 men in March 2020", "Room 3, Mary 2020", "12 Monkeys 2026", "May 2026", "2026 23:15"],
)
def test_a_day_is_not_made_of_other_words(written: str) -> None:
    assert parse_date(written) is None


def test_the_form_of_feeds_is_read_as_the_standard_library_reads_it() -> None:
    for written, hour in (
        ("Mon, 23 Nov 2026 10:05:00 GMT", 10),
        ("23 Nov 2026 10:05:00 -0530", 15),
        ("Mon, 23 Nov 2026 10:05 +0100", 9),
    ):
        assert rfc5322(written).astimezone(UTC).hour == hour
    for written in ("Mon, 31 Feb 2026 10:05:00 GMT", "yesterday"):
        with pytest.raises((ValueError, TypeError)):
            rfc5322(written)
