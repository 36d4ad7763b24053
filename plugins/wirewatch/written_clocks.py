"""The time of day beside a written date, and the zone it is in.

A zone is what follows the clock: an offset, or a name that stands for one offset. Names are read in
capitals only, since "cet", "ist" and "west" are words. Sources: RFC 822 (section 5) and RFC 5322
(section 4.3) for UT and the zones of America; the time zone database for the rest.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import NamedTuple

from wirewatch.date_words import BESIDE, DOUBTFUL, WEEKDAYS, half_of_day, split_words

WEST, EAST = timedelta(hours=-12), timedelta(hours=14)  # no clock on earth is further from UTC
_UTC_NAMES = frozenset({"Z", "UT", "UTC", "GMT"})
# Names of one offset, in hours. Those of RFC 822 first.
_FIXED: dict[str, float] = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "ADT": -3, "NDT": -2.5, "HNE": -5, "HAE": -4,
    "ART": -3, "BRT": -3, "UYT": -3, "COT": -5, "PET": -5,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "TRT": 3, "IDT": 3,
    "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "IRST": 3.5, "PKT": 5, "NPT": 5.75,
    "ICT": 7, "WIB": 7, "WITA": 8, "WIT": 9, "HKT": 8, "SGT": 8, "PHT": 8, "MYT": 8,
    "JST": 9, "KST": 9, "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip
# Names whose offset the season decides.
_SEASONAL = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "BST": "Europe/London",
}
_ONLY_IN_SUMMER = frozenset({"BST"})  # in winter Bangladesh's, or a mistake
# Names of several zones, by the languages (BCP 47, in lower case) that tell which is meant.
_BY_LANGUAGE: dict[str, dict[str, float]] = {
    "IST": {
        "he": 2, "ga": 1, "en-ie": 1, "en-il": 2,
        **dict.fromkeys(("en-in", "hi", "bn-in", "ta", "te", "mr", "gu", "kn", "ml", "pa", "or"),
                        5.5),
    },
    "AST": {"ar": 3, "en-ca": -4},
    "NST": {"ne": 5.75, "en-ca": -3.5},
    "GST": {"ar": 4},
}  # fmt: skip
# Where a name of RFC 822 is in common use for another zone: China, Australia, the Philippines.
_DOUBTED = {"CST": ("zh",), "EST": ("en-au",), "PST": ("fil", "tl", "en-ph")}

_CLOCK = re.compile(
    r"(?<![\d:.,+])(\d{1,2})(?:\s?[:.]\s?|\s?h\s?|\s?[時时点點시]\s?)(\d{1,2})(?!\d)"
    r"(?:\s?[:.分분]\s?(\d{1,2})(?!\d)(?:[.,]\d{1,9})?)?(?:\s?(?:[分분秒초]|(?:uhr|hrs?|h)\b))?",
    re.I,
)
_HOUR = re.compile(
    r"(?<![\d:.,+/-])(\d{1,2})\s?(?:h(?![^\W\d_])|uhr\b|[時时点點시]|(?=[ap]\.?\s?m\b))", re.I
)
_AHEAD = r"[\s,;|/¦]*[(\[]?\s?"
_OFFSET = re.compile(
    rf"{_AHEAD}(?:(?:GMT|UTC|UT|Z)\s?)?([+-])(\d{{1,2}})(?:[:.]?(\d{{2}}))?(?!\d)", re.I
)
_UTC_NAME = re.compile(rf"{_AHEAD}(?:UTC|GMT|UT|Z)(?![^\W_])", re.I)
_NAMED = re.compile(rf"{_AHEAD}([A-Z]{{2,5}})(?![^\W_])(?!\s[A-Z]{{2}})")
_PLACE = re.compile(rf"{_AHEAD}(Etc/GMT[+-]\d{{1,2}}|[A-Z][A-Za-z]+(?:/[A-Za-z_]+){{1,2}})(?!\w)")
_COMMENT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W\d_]+")
_SHORT_WORDS = re.compile(r"\s*([^\W\d_]+\.?)(\s?[^\W\d_]+\.?)?")
_LAST_WORDS = re.compile(r"([^\W\d_]+\.?\s?)?([^\W\d_]+\.?)\s*$")
# Words that may stand beside a clock and say nothing of its zone or half of the day.
_BESIDE_CLOCKS = BESIDE - DOUBTFUL | {
    "t", "at", "um", "uhr", "kl", "klo", "kello", "godz", "ore", "h", "hr", "hrs", "hours", "a",
    "as", "las", "la", "alle", "o", "om", "saat", "pukul", "jam", "luc", "min", "mn", "στις", "в",
    "г", "года", "у", "о", "日", "일", "号", "號", "分", "분", "秒", "초", "時", "时", "点", "點",
    "시", "الساعة", "בשעה", "เวลา", "น",
}  # fmt: skip


class Zone(NamedTuple):
    """A zone as it is written: one offset always, or a place whose season decides."""

    name: str = ""  # "" where there is none
    offset: timedelta | None = None
    place: str = ""  # in the time zone database
    doubt: str = ""


class Clock(NamedTuple):
    """A time of day as it is written. ``doubt`` says in words why it is no certain instant."""

    hour: int
    minute: int
    second: int
    zone: Zone
    doubt: str


def beside(text: str, start: int, end: int, language: str = "") -> Clock | None:
    """The clock of the date that stands at ``start`` to ``end`` of a text, after it or before it.

    The text has European digits. ``language`` is BCP 47 in lower case.
    """
    for lead, tail in ((text[end:], ""), (text[:start], text[end:])):
        found = _CLOCK.search(lead) or _HOUR.search(lead)
        if found:
            before = lead[: found.start()]
            return _read(found, before, f"{lead[found.end() :]}¦{tail}", language)
    return None


def _read(found: re.Match[str], before: str, after: str, language: str) -> Clock | None:
    groups = (*found.groups(), None, None)[:3]
    hour, minute, second = (int(group or 0) for group in groups)
    if hour > 23 or minute > 59 or second > 60:
        return None
    half, before, after = _half(before, after, language)
    doubts: list[str] = []
    if half is not None and hour <= 12:
        hour = hour % 12 + 12 * half
    elif half == 0:
        doubts.append(f"{hour} o'clock in the morning")
    zone, rest = _zone(after, language)
    unknown = [word for word in _words(before) + _words(rest) if word not in _BESIDE_CLOCKS]
    if unknown:
        doubts.append(f"words not understood: {' '.join(unknown)[:40]}")
    if zone.doubt:
        doubts.append(zone.doubt)
    return Clock(hour, minute, min(second, 59), zone, "; ".join(doubts))


def _half(before: str, after: str, language: str) -> tuple[int | None, str, str]:
    """0 for the morning, 1 for the afternoon, None where it is not said; and what else there is."""
    if found := _SHORT_WORDS.match(after):
        for last in (2, 1):
            if (
                found[last]
                and (half := half_of_day(after[: found.end(last)], language)) is not None
            ):
                return half, before, after[found.end(last) :]
    if found := _LAST_WORDS.search(before[-40:]):
        for first in (1, 2):
            at = len(before) - len(before[-40:]) + found.start(first)
            if found[first] and (half := half_of_day(before[at:], language)) is not None:
                return half, before[:at], after
    return None, before, after


def _zone(after: str, language: str) -> tuple[Zone, str]:
    """The zone that a text begins with, and the rest of the text."""
    if found := _PLACE.match(after):
        name = found[1]
        known = name in _places()
        doubt = "" if known else f"unknown zone {name[:40]}"
        return Zone(name, place=name if known else "", doubt=doubt), after[found.end() :]
    if found := _OFFSET.match(after):
        return _in_numbers(found, _COMMENT.sub(" ", after[found.end() :]))
    if found := _UTC_NAME.match(after):
        return Zone(_name(found), timedelta(0)), after[found.end() :]
    if found := _NAMED.match(after):
        zone = _named(found[1], language)
        return (zone, after[found.end() :]) if zone else (Zone(), after)
    return Zone(), after


def _name(found: re.Match[str]) -> str:
    return found[0].strip(" ,;|/¦([").upper()


def _in_numbers(found: re.Match[str], rest: str) -> tuple[Zone, str]:
    """The zone of an offset, and what is behind it but for a name that says the same."""
    offset, written = timedelta(hours=int(found[2]), minutes=int(found[3] or 0)), _name(found)
    offset = -offset if found[1] == "-" else offset
    if not WEST <= offset <= EAST or int(found[3] or 0) > 59:
        return Zone(written, doubt=f"no such offset: {written}"), rest
    name = _UTC_NAME.match(rest) or _NAMED.match(rest)
    other = _name(name) if name else ""
    if not name or (other not in _UTC_NAMES and _named(other, "") is None):
        return Zone(written, offset), rest
    hours = 0 if other in _UTC_NAMES else _FIXED.get(other, offset / timedelta(hours=1))
    if timedelta(hours=hours) != offset:
        return Zone(written, doubt=f"two zones: {written} and {other}"), rest[name.end() :]
    return Zone(written, offset), rest[name.end() :]


def _named(name: str, language: str) -> Zone | None:
    """The zone of a name in capitals; None for what is no zone's name."""
    if name in _SEASONAL:
        return Zone(name, place=_SEASONAL[name])
    if name in _FIXED and not language.startswith(_DOUBTED.get(name, ())):
        return Zone(name, timedelta(hours=_FIXED[name]))
    if name not in _BY_LANGUAGE and name not in _FIXED:
        return None
    own = _BY_LANGUAGE.get(name, {})
    hours = own.get(language, own.get(language.split("-")[0]))
    if hours is None:
        return Zone(name, doubt=f"{name} stands for several zones")
    return Zone(name, timedelta(hours=hours))


def at(day: datetime, clock: Clock) -> tuple[datetime, str]:
    """The day at that clock, aware, and a doubt: "" where it is one instant for certain.

    Where the zone is not known the clock is read as UTC's.
    """
    when = day.replace(hour=clock.hour, minute=clock.minute, second=clock.second, tzinfo=UTC)
    if clock.doubt:
        return when, clock.doubt
    zone = clock.zone
    if zone.offset is not None:
        return when.replace(tzinfo=timezone(zone.offset) if zone.offset else UTC), ""
    if not zone.place:
        return when, zone.doubt or "no zone"
    local = when.replace(tzinfo=zoneinfo.ZoneInfo(zone.place))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return when, f"a clock that {zone.name} has twice or never that day"
    if zone.name in _ONLY_IN_SUMMER and not local.dst():
        return when, f"{zone.name} is not in use that day"
    return when.replace(tzinfo=timezone(local.utcoffset() or timedelta(0))), ""


@cache
def _places() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _words(text: str) -> list[str]:
    words = (word for chunk in _WORD.findall(text) for word in split_words(chunk))
    return [word for word in words if word not in WEEKDAYS]
