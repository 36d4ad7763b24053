"""Written dates to instants, and dates in URLs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.month_names import LOCALES
from wirewatch.written_dates import from_url, order_of, parse_date, read


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
        ("Mon Nov 23 10:05:00 2026", "2026-11-23T10:05:00", "instant"),
        ("Mon Nov 23 10:05:00 CET 2026", "2026-11-23T09:05:00", "instant"),
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


def instant(written: str, order: str = "", language: str = "") -> str:
    found = read(written, order=order, language=language)
    assert found.precision == "instant", found
    assert found.when is not None
    return found.when.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("GMT", "21:40"), ("ut", "21:40"), ("z", "21:40"), ("-0000", "21:40"),
        ("+02:00", "19:40"), ("+0200", "19:40"), ("+02", "19:40"), ("+2", "19:40"),
        ("-03:30", "01:10"), ("+545", "15:55"), ("GMT+0200", "19:40"), ("UTC +2", "19:40"),
        ("(GMT+2)", "19:40"), ("UTC−03:30", "01:10"), ("+0200 (CEST)", "19:40"),
        ("GMT+0200 (Eastern European Standard Time)", "19:40"), ("+0000 GMT", "21:40"),
        ("+02:00[Africa/Cairo]", "19:40"), ("EST", "02:40"), ("PDT", "04:40"), ("CET", "20:40"),
        ("MESZ", "19:40"), ("(JST)", "12:40"), ("NPT", "15:55"), ("Asia/Tokyo", "12:40"),
        ("Etc/GMT+5", "02:40"), ("ET", "02:40"),
    ],
)  # fmt: skip
def test_zones_behind_the_clock(zone: str, utc: str) -> None:
    for written in (f"Tue, 19 Jan 2027 21:40:00 {zone}", f"2027-01-19 9:40 PM {zone}"):
        day = "2027-01-20" if utc < "05" else "2027-01-19"
        assert instant(written) == f"{day} {utc}", written


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [("ET", "20:00", "21:00"), ("PT", "23:00", "00:00"), ("Europe/Lisbon", "15:00", "16:00")],
)
def test_zones_by_the_season(zone: str, summer: str, winter: str) -> None:
    assert instant(f"Thu, 8 Jul 2027 16:00 {zone}")[-5:] == summer
    assert instant(f"8 Jan 2027 16:00 {zone}")[-5:] == winter
    assert instant("Thu, 8 Jul 2027 16:00 BST")[-5:] == "15:00"


@pytest.mark.parametrize(
    ("written", "language", "utc"),
    [
        ("8 Jan 2027 16:00 IST", "en-IN", "2027-01-08 10:30"),
        ("8 Jan 2027 16:00 IST", "he", "2027-01-08 14:00"),
        ("8 Jan 2027 16:00 CST", "en", "2027-01-08 22:00"),
        ("12:20 am, 8 Jan 2027 GMT", "en", "2027-01-08 00:20"),
        ("8 Jan 2027 4 p.m. GMT", "en", "2027-01-08 16:00"),
        ("2027. 1. 8.(금) 오후 4:00 KST", "ko", "2027-01-08 07:00"),
        ("2027年1月8日 下午4點05分 +0800", "zh-TW", "2027-01-08 08:05"),
        ("2027. január 8. du. 4:05 CET", "hu", "2027-01-08 15:05"),
        ("8 Ιανουαρίου 2027 4:05 μ.μ. EET", "el", "2027-01-08 14:05"),
        ("8. Januar 2027, 16:05 Uhr MEZ", "de", "2027-01-08 15:05"),
        ("vendredi 8 janvier 2027 à 16h05 +0100", "fr", "2027-01-08 15:05"),
        ("Fri Jan  8 16:05:09 PST 2027", "", "2027-01-09 00:05"),
        ("Fri, 8-Jan-27 16:05:09 GMT", "", "2027-01-08 16:05"),
        ("8 Jan 99 16:05:09 GMT", "", "1999-01-08 16:05"),
        ("20270108T160509Z", "", "2027-01-08 16:05"),
        ("２０２７／０１／０８　１６：０５ ＪＳＴ", "ja", "2027-01-08 07:05"),
        ("1799424309.25", "", "2027-01-08 16:05"),
        ("1799424309250", "", "2027-01-08 16:05"),
        ("08.01.2027 16.05.30 CET", "", "2027-01-08 15:05"),
    ],
)
def test_instants_in_many_forms(written: str, language: str, utc: str) -> None:
    assert instant(written, language=language) == utc


@pytest.mark.parametrize(
    ("written", "language", "doubt"),
    [
        ("2027/01/08 16:05:09", "", "no zone"),
        ("20270108160509", "", "no zone"),
        ("8 Jan 2027 16:05", "en", "no zone"),
        ("8 Jan 2027", "", "no clock"),
        ("8 Jan 2027 16:05 IST", "en", "IST stands for several zones"),
        ("8 Jan 2027 16:05 CST", "zh-CN", "CST stands for several zones"),
        ("8 Jan 2027 16:05 BST", "", "BST is not in use that day"),
        ("8 Jan 2027 16:05 +0100 GMT", "", "two zones"),
        ("8 Jan 2027 16:05 +26:00", "", "no such offset"),
        ("8 Jan 2027 16:05 AM GMT", "", "16 o'clock in the morning"),
        ("8 janvier 2027 16:05 Cet article", "fr", "words not understood"),
        ("8. Januar 2027 16:05 ist", "de", "words not understood: ist"),
        ("8 de enero de 2027, 4:05 de la tarde CET", "es", "words not understood: de tarde"),
        ("à 10:30 du 8 janvier 2027 CET", "fr", "words not understood: du"),
        ("Sun, 31 Oct 2027 01:30 Europe/London", "", "twice or never"),
    ],
)
def test_only_the_day_is_certain(written: str, language: str, doubt: str) -> None:
    found = read(written, language=language)
    assert found.when is not None
    assert (found.precision, found.when.tzinfo) == ("day", UTC)
    assert (found.when.day, found.when.year) in ((8, 2027), (31, 2027))
    assert doubt in found.doubt


@pytest.mark.parametrize(
    ("written", "doubt"),
    [
        ("5/6/2027 16:05 GMT", "day or month first"),
        ("5-6-2027", "day or month first"),
        ("8 Jan 2027 - 10 Jan 2027", "more than one date"),
        ("31 Jun 2027 16:05 GMT", "no such day"),
        ("2027-13-01", "no such day"),
        ("2027-01", "no date"),
        ("Invalid date", "no date"),
        ("last Tuesday", "no date"),
        ("0000-00-00", "no date"),
        ("", "no date"),
    ],
)
def test_no_day_is_certain(written: str, doubt: str) -> None:
    found = read(written)
    assert (found.when, found.precision) == (None, "")
    assert doubt in found.doubt


def test_the_order_of_day_and_month() -> None:
    assert instant("5/6/2027 16:05 GMT", order="dmy") == "2027-06-05 16:05"
    assert instant("5/6/2027 16:05 GMT", order="mdy") == "2027-05-06 16:05"
    assert instant("25-06-2027 16:05 GMT", order="mdy") == "2027-06-25 16:05"
    assert instant("6/6/2027 16:05 GMT") == "2027-06-06 16:05"
    assert [order_of(text) for text in ("25/6/2027", "6-25-2027", "5/6/2027", "2027-06-25")] == [
        "dmy", "mdy", "", "",
    ]  # fmt: skip


@given(st.text(st.sampled_from("019 :/.-+TZ(),aàpm年月日EST¦[]"), max_size=200))
def test_any_text_is_read_or_doubted(text: str) -> None:
    found = read(text)
    assert (found.when is None) == (found.precision == "")
    assert found.when is None or found.when.tzinfo is not None
    assert bool(found.doubt) == (found.precision != "instant")


def test_words_of_a_page_are_no_zones() -> None:
    for written, hour in (
        ("8 janvier 2027 16:05 Cet article a été modifié", 16),
        ("8. Januar 2027, 16:05 Uhr - er ist da", 16),
        ("8 Jan 2027 16:05 CET", 15),
        ("8 Jan 2027 16:05 +05:30", 10),
        ("17:30 am 8. Januar 2027", 17),
    ):
        found = parse_date(written)
        assert found is not None
        assert (found[0].astimezone(UTC).hour, found[1]) == (hour, "instant")
