"""Written dates to instants: ISO 8601 and its slips, RFC 5322, epochs, words of many languages, and
the paths of URLs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "january jan enero ene januar jänner janvier janv gennaio gen janeiro januari janeiro "
        "stycznia ledna leden января ocak tammikuuta يناير",
        "february feb febrero februar feber février févr fevrier febbraio fevereiro fev februari "
        "lutego února únor февраля şubat helmikuuta فبراير شباط",
        "march mar marzo märz mär mrz maerz mars março marco maart marts marca března březen марта "
        "mart maaliskuuta مارس آذار",
        "april apr abril abr avril avr aprile kwietnia dubna duben апреля nisan huhtikuuta "
        "أبريل إبريل ابريل نيسان",
        "may mayo mai maggio mag maio mei maj maja května květen мая mayıs toukokuuta مايو أيار",
        "june jun junio juni juin giugno giu junho czerwca června červen июня haziran kesäkuuta "
        "يونيو حزيران",
        "july jul julio juli juillet juil luglio lug julho lipca července červenec июля temmuz "
        "heinäkuuta يوليو تموز",
        "august aug agosto ago août aout augustus augusti sierpnia srpna srpen августа ağustos "
        "elokuuta أغسطس اغسطس آب",
        "september sep sept septiembre setiembre septembre settembre set setembro września září "
        "сентября eylül syyskuuta سبتمبر أيلول",
        "october oct octubre oktober okt octobre ottobre ott outubro out października října říjen "
        "октября ekim lokakuuta أكتوبر اكتوبر",
        "november nov noviembre novembre novembro listopada listopadu listopad ноября kasım "
        "marraskuuta نوفمبر",
        "december dec diciembre dic dezember dez décembre déc decembre dicembre dezembro desember "
        "grudnia prosince prosinec декабря aralık joulukuuta ديسمبر",
    ),
    start=1,
):
    MONTHS.update(dict.fromkeys(_names.split(), _number))
# Months of the Levant that are told by their second word.
_LEVANT = {"كانون الثاني": 1, "تشرين الأول": 10, "تشرين الثاني": 11, "كانون الأول": 12}

_EASTERN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_ISO = re.compile(
    r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T\s_]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{1,2}:?(?:\d{2})?)?)?(?![\d])",
    re.I,
)
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})[:.h](\d{2})(?::(\d{2}))?(?!\d)\s*([ap])?\.?(?:m\b\.?)?", re.I
)
_YMD = re.compile(r"(?<!\d)((?:19|20)\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")
_DMY = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d{2}|\d{2}(?=\D|$))(?!\d)")
_SLASHES = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-]((?:19|20)\d{2})(?!\d)")
_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s+(?:of\s+|de\s+|d')?([^\W\d_]+)\.?\s*,?\s*(?:de[l]?\s+)?"
    r"((?:19|20)\d{2})(?!\d)"
)
_MONTH_DAY_YEAR = re.compile(
    r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d{2})(?!\d)"
)
_DAY_MONTH = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})$")
_URL_DATE = re.compile(
    r"[/_.-]((?:19|20)\d{2})[/_-]?(0[1-9]|1[0-2]|[1-9](?=[/_-])|[a-z]{3}(?=/))[/_-]?(0[1-9]|[12]\d|3[01]|[1-9](?=[/_.-]))(?=[/_.-]|$|[a-z])",
    re.I,
)
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
          "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "bst": 1, "ist": 5.5, "msk": 3, "jst": 9,
          "aest": 10, "utc": 0, "gmt": 0}  # fmt: skip
_ZONE_WORD = re.compile(r"\b(" + "|".join(_ZONES) + r")\b", re.I)


def parse_date(value: Any, *, month_first: bool = False) -> tuple[datetime, str] | None:
    """A written date as an aware datetime and its precision; None where it is not one.

    Takes ISO 8601 and its common slips, RFC 5322, epoch seconds or milliseconds, and dates in
    words (en, es, de, fr, it, pt, nl, sv, da, no, pl, cs, ru, tr, fi, ar). A time without offset
    counts as UTC. ``month_first`` says how to read 3/4/2026.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    text = str(value).strip().translate(_EASTERN_DIGITS)[:200]
    if not text:
        return None
    if text.isdecimal() and len(text) in (10, 13):
        return _epoch(float(text))
    if found := _ISO.match(text):
        return _from_iso(found)
    if len(text) > 10 and text[-4:].strip() and ("," in text[:5] or ":" in text):
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
        else:
            return (when if when.tzinfo else when.replace(tzinfo=UTC)), "instant"
    return from_words(text, month_first)


def western(text: str) -> str:
    """The text with European digits in place of Arabic and Persian ones."""
    return text.translate(_EASTERN_DIGITS)


def from_url(url: str) -> tuple[datetime, str] | None:
    """The day that stands in the path of a URL, as /2026/11/23/, /2026-11-23-, /20261123."""
    path = url.split("://", 1)[-1].split("?", 1)[0]
    found = _URL_DATE.search(path[path.find("/") :])
    if not found:
        return None
    month = found.group(2)
    number = int(month) if month.isdecimal() else MONTHS.get(month.lower(), 0)
    return _day(int(found.group(1)), number, int(found.group(3)))


def _epoch(seconds: float) -> tuple[datetime, str] | None:
    if seconds > 10**11:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC), "instant"
    except (ValueError, OverflowError, OSError):
        return None


def _day(year: int, month: int, day: int) -> tuple[datetime, str] | None:
    try:
        return datetime(year, month, day, tzinfo=UTC), "day"
    except ValueError:
        return None


def _from_iso(found: re.Match[str]) -> tuple[datetime, str] | None:
    year, month, day, hour, minute, second, zone = found.groups()
    start = _day(int(year), int(month), int(day))
    if start is None or hour is None:
        return start
    tz = UTC if not zone or zone.upper() in ("Z", "UTC", "GMT") else _offset(zone)
    try:
        when = start[0].replace(
            hour=int(hour), minute=int(minute), second=min(int(second or 0), 59), tzinfo=tz
        )
    except ValueError:
        return start
    return when, "instant"


def _offset(zone: str) -> timezone:
    digits = zone[1:].replace(":", "")
    hours = int(digits[:-2] or 0) if len(digits) > 2 else int(digits)
    minutes = int(digits[-2:]) if len(digits) > 2 else 0
    delta = timedelta(hours=hours, minutes=minutes)
    if delta > timedelta(hours=14) or minutes > 59:
        return UTC
    return timezone(-delta if zone[0] == "-" else delta)


def from_words(text: str, month_first: bool = False) -> tuple[datetime, str] | None:
    """The first date in a text and its precision; None where there is none."""
    day: tuple[datetime, str] | None = None
    end = 0
    lowered = text.lower()
    for words, number in _LEVANT.items():
        lowered = lowered.replace(words, f" {_BY_NUMBER[number]} ")
    for pattern, order in ((_YMD, "ymd"), (_DMY, "dmy"), (_DAY_MONTH_YEAR, "dMy"),
                           (_MONTH_DAY_YEAR, "Mdy"), (_SLASHES, "?")):  # fmt: skip
        for found in pattern.finditer(lowered):
            day = _ordered(found.groups(), order, month_first)
            if day:
                end = found.end()
                break
        if day:
            break
    if day is None:
        return None
    clock = _CLOCK.search(lowered, end) or _CLOCK.search(lowered[: max(end - 8, 0)])
    if clock is None:
        return day
    hour, minute = int(clock.group(1)), int(clock.group(2))
    if clock.group(4):
        hour = hour % 12 + (12 if clock.group(4) == "p" else 0)
    if hour > 23 or minute > 59:
        return day
    zone = _ZONE_WORD.search(lowered)
    tz = timezone(timedelta(hours=_ZONES[zone.group(1)])) if zone else UTC
    return day[0].replace(hour=hour, minute=minute, tzinfo=tz), "instant"


_BY_NUMBER = {number: name for name, number in reversed(MONTHS.items())}


def _ordered(groups: tuple[str, ...], order: str, month_first: bool) -> tuple[datetime, str] | None:
    first, second, third = groups
    if order == "ymd":
        return _day(int(first), int(second), int(third))
    if order == "dMy":
        return _day(int(third), MONTHS.get(second, 0), int(first))
    if order == "Mdy":
        return _day(int(third), MONTHS.get(first, 0), int(second))
    year = int(third) + (2000 if len(third) == 2 else 0)
    if order == "dmy":
        return _day(year, int(second), int(first))
    month, day = (int(first), int(second)) if month_first else (int(second), int(first))
    return _day(year, month, day) or _day(year, day, month)
