"""The dates a query may name: days, months, years, instants, spans of them, and ``7d``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
MOST_AGO = timedelta(days=36_600)  # a hundred years: further back there is no feed
EXPECTED = (
    "a day such as 2026-11-01, a month, a year, two of them with .. between, "
    "or a time back from now such as 7d (h, d or w)"
)

_AGO = re.compile(r"([0-9]{1,6})([hdw])")
_POINT = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?Z?)?)?)?"
)


class BadDate(ValueError):
    """Not a date, or not a span of dates; the message says what is wrong."""


def read(value: str) -> tuple[str, str, str]:
    """``(low, high, ago)`` of a value as written; one point is its own low and high.

    Raises BadDate when it is no date, ends before it begins, or lies too far back.
    """
    if back := _AGO.fullmatch(value):
        if int(back[1]) * UNITS[back[2]] > MOST_AGO or int(back[1]) == 0:
            raise BadDate(f"{value} is not between 1h and a hundred years")
        return "", "", value
    low, dots, high = value.partition("..")
    if not dots:
        high = low
    if not low and not high:
        raise BadDate(f"{value or 'nothing'!r} is not a date")
    begin, end = span(low, high)
    if begin is not None and end is not None and begin >= end:
        raise BadDate(f"{value} ends before it begins")
    return low, high, ""


def span(low: str, high: str) -> tuple[datetime | None, datetime | None]:
    """From when (inclusive) to when (exclusive), in UTC; None where that side is open.

    ``2026-11`` as a high end means to the end of November. Raises BadDate.
    """
    return (_point(low)[0] if low else None), (_point(high)[1] if high else None)


def back_to(ago: str, now: datetime) -> datetime:
    """The instant that far before ``now``; ``ago`` as :func:`read` gave it."""
    return now - int(ago[:-1]) * UNITS[ago[-1]]


def _point(written: str) -> tuple[datetime, datetime]:
    found = _POINT.fullmatch(written)
    if found is None:
        raise BadDate(f"{written!r} is not a date")
    year, month, day, hour, minute, second = (int(g) if g else None for g in found.groups())
    try:
        begin = datetime(
            year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC
        )
        if month is None:
            end = begin.replace(year=begin.year + 1)
        elif day is None:
            end = (begin + timedelta(days=32)).replace(day=1)  # no month has more than 31 days
        elif hour is None:
            end = begin + timedelta(days=1)
        else:
            end = begin + timedelta(minutes=1 if second is None else 0, seconds=second is not None)
    except (ValueError, OverflowError) as error:
        raise BadDate(f"{written!r} is not a date of the calendar") from error
    return begin, end
