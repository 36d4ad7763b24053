"""Written dates to instants: ISO 8601 and its slips, RFC 5322, epochs, days in the words of many
languages, and the paths of URLs.

The month names are CLDR's (``month_names.json``). dateparser was measured beside this reader
(``benchmarks/written_dates.py``): of 1,440 dates as CLDR writes them in 40 languages this one reads
1,440 right, dateparser 1,352 (2 wrong); of 2,030 written on real pages 2,002 (16 wrong) against
1,779 (20 wrong), in a hundredth of the time.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("month_names.json")  # what month_names.py takes from CLDR
_CLDR = json.loads(FILE.read_text("utf-8"))
_UNLISTED = {"mrz": 3, "maerz": 3, "feber": 2}  # in use, and not in CLDR
_NAMES: dict[str, int] = _UNLISTED | _CLDR["names"]
_DIFFERENT: dict[str, dict[str, int]] = _CLDR["different"]
_BESIDE = frozenset({"", "of", *_CLDR["beside"]})
_ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

_ISO = re.compile(
    r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T\s_]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{1,2}:?(?:\d{2})?)?)?(?![\d])",
    re.I,
)
_RFC_5322 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC|Z|([+-])([0-9]{2})([0-9]{2}))"
)
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})[:.h](\d{2})(?::(\d{2}))?(?!\d)\s*([ap])?\.?(?:m\b\.?)?", re.I
)
_YEAR = r"((?:19|20)\d{2})(?!\d)"
_NAME = r"([^\d,،;:|/\[\]]{3,30}?)"  # a month, and words such as "de" beside it
_ORDINAL = r"(?:st|nd|rd|th|er|[ºª])?"
_SLASHES = re.compile(rf"(?<!\d)(\d{{1,2}})[/-](\d{{1,2}})[/-]{_YEAR}")  # in either order
# The forms of a date, in the order in which they are looked for, and what their groups are: year,
# month, day in digits, or a month's name (M).
_FORMS = (
    ("ymd", re.compile(
        r"(?<!\d)((?:19|20)\d{2})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")),
    ("dmy", re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d{2}|\d{2}(?=\D|$))(?!\d)")),
    ("dmy", re.compile(rf"(?<!\d)(\d{{1,2}})\s(?:tháng|thg)\s(\d{{1,2}}),?\s(?:năm\s)?{_YEAR}")),
    ("dMy", re.compile(rf"(?<!\d)(\d{{1,2}}){_ORDINAL}[\s./-]*{_NAME}[\s,،./-]*{_YEAR}")),
    ("Mdy", re.compile(
        rf"(?<![^\s\d,:|/-])((?:[^\s\d,:|/-]+\s)?[^\s\d,:|/-]+)[\s/-]+(\d{{1,2}}){_ORDINAL}[\s,،./-]+(?:del?\s)?{_YEAR}")),
    ("yMd", re.compile(rf"(?<!\d){_YEAR}[\s.,-]*{_NAME}[\s.-]*(\d{{1,2}})(?![\d:])")),
    ("ydM", re.compile(rf"(?<!\d){_YEAR}\.?\s(?:gada|ж)\.?\s(\d{{1,2}})\.?\s([^\s\d,;:|/]+)")),
    ("dmy", _SLASHES),
)  # fmt: skip
YEARS = re.compile(r"(?:19|20)\d\d|\d\.\s?\d\d?\.\s?\d\d|[٠-٩۰-۹]{4}")  # in all of these
_URL_DATE = re.compile(
    r"[/_.-]((?:19|20)\d{2})[/_-]?(0[1-9]|1[0-2]|[1-9](?=[/_-])|[a-z]{3}(?=/))[/_-]?(0[1-9]|[12]\d|3[01]|[1-9](?=[/_.-]))(?=[/_.-]|$|[a-z])",
    re.I,
)
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
          "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "bst": 1, "ist": 5.5, "msk": 3, "jst": 9,
          "aest": 10, "utc": 0, "gmt": 0}  # fmt: skip
_ZONE_WORD = re.compile(r"\b(" + "|".join(_ZONES) + r")\b", re.I)
_DIRECTIONS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))  # marks that are not seen
_SEPARATORS = re.compile(r"[\s.'’()–—-]+")

Written = tuple[datetime, str]  # aware; "instant" or "day"


def parse_date(value: Any, *, month_first: bool = False, language: str = "") -> Written | None:
    """A written date as an aware datetime and its precision; None where it is not one.

    Takes ISO 8601 and its common slips, RFC 5322, epoch seconds or milliseconds, and dates in
    words. A time without offset counts as UTC. ``month_first`` says how to read 3/4/2026.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    text = western(str(value).strip()[:200])
    if not text:
        return None
    if text.isdecimal() and len(text) in (10, 13):
        return _epoch(float(text))
    if found := _ISO.match(text):
        return _from_iso(found)
    if len(text) > 10 and text[-4:].strip() and ("," in text[:5] or ":" in text):
        try:
            when = rfc5322(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
        else:
            return (when if when.tzinfo else when.replace(tzinfo=UTC)), "instant"
    return from_words(text, month_first=month_first, language=language)


def rfc5322(text: str) -> datetime:
    """The date of mail and of RSS; naive where it says -0000. Raises ValueError, TypeError,
    IndexError or OverflowError as parsedate_to_datetime does, which takes ten times as long for
    the form that nearly all have."""
    found = _RFC_5322.fullmatch(text)
    if found is None or found[2] not in _ENGLISH:
        return parsedate_to_datetime(text)
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    zone = UTC
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(offset if sign == "+" else -offset)
    clock = int(hour), int(minute), int(second)
    return datetime(int(year), _ENGLISH.index(month) + 1, int(day), *clock, tzinfo=zone)


def western(text: str) -> str:
    """The text with European digits in place of all others, and without marks of direction."""
    if text.isascii():
        return text
    text = text.translate(_DIRECTIONS)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def from_url(url: str) -> Written | None:
    """The day that stands in the path of a URL, as /2026/11/23/, /2026-11-23-, /20261123."""
    path = url.split("://", 1)[-1].split("?", 1)[0]
    found = _URL_DATE.search(path[path.find("/") :])
    if not found:
        return None
    month = found[2]
    number = int(month) if month.isdecimal() else month_number(month)
    return _day(int(found[1]), number, int(found[3]))


def from_words(text: str, *, month_first: bool = False, language: str = "") -> Written | None:
    """The first date in a text of European digits and its precision; None where there is none."""
    if not YEARS.search(text):
        return None
    lowered = text.lower()
    found, day = _first_day(lowered, month_first, language)
    if found is None or day is None:
        return None
    end = found.end()
    clock = _CLOCK.search(lowered, end) or _CLOCK.search(lowered[: max(end - 8, 0)])
    if clock is None:
        return day
    hour, minute = int(clock[1]), int(clock[2])
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] == "p" else 0)
    if hour > 23 or minute > 59:
        return day
    zone = _ZONE_WORD.search(lowered)
    tz = timezone(timedelta(hours=_ZONES[zone[1]])) if zone else UTC
    return day[0].replace(hour=hour, minute=minute, tzinfo=tz), "instant"


def _first_day(
    text: str, month_first: bool, language: str
) -> tuple[re.Match[str] | None, Written | None]:
    for order, pattern in _FORMS:
        for found in pattern.finditer(text):
            parts = dict(zip(order, found.groups(), strict=True))
            year, date = int(parts["y"]), int(parts["d"])
            year += 2000 if year < 100 else 0
            if words := parts.get("M"):
                month = month_number(words, language)
                if not month and order == "Mdy":  # "on November 23, 2026"
                    month = month_number(words.split()[-1], language)
                day = _day(year, month, date)
            else:
                month = int(parts["m"])
                if month_first and pattern is _SLASHES:
                    month, date = date, month
                day = _day(year, month, date) or _day(year, date, month)
            if day:
                return found, day
    return None, None


def month_number(words: str, language: str = "") -> int:
    """The month, 1 to 12, that the words name, with nothing else but "de" and the like; 0 for none.

    "listopada" is November, but October where ``language`` is "hr".
    """
    name = " ".join(word for word in split_words(words) if word not in _BESIDE)
    own = _DIFFERENT.get(language.split("-")[0], {})
    return own.get(name) or _NAMES.get(name, 0)


def split_words(text: str) -> list[str]:
    """The words in lower case without accents: "décembre", "Décembre" and "decembre" are one."""
    text = text.lower()
    if not text.isascii():
        kept = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = "".join(kept).replace("ı", "i")
    return _SEPARATORS.split(text)


def _epoch(seconds: float) -> Written | None:
    if seconds > 10**11:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC), "instant"
    except (ValueError, OverflowError, OSError):
        return None


def _day(year: int, month: int, day: int) -> Written | None:
    try:
        return datetime(year, month, day, tzinfo=UTC), "day"
    except ValueError:
        return None


def _from_iso(found: re.Match[str]) -> Written | None:
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
