"""The dates of entries: of the texts that may be one the best, with what is certain of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from wirewatch.written_dates import Reading, order_of, read

EARLY = timedelta(days=1)  # a date further ahead than this is a mistake, not an embargo
FIRST_YEAR = 1990  # no feed is older than the web; an earlier date is a default of some software
SAME = timedelta(hours=38)  # apart at most: a day by its clock, and the same day's instant
SHOWN = 40  # characters of a date that a doubt quotes
# Languages in which 3/4/2026 is the month first, or no habit at all. "en-US" is what much software
# says unless it is told otherwise, so it tells nothing.
_NO_HABIT = frozenset({"", "en", "zh", "ja", "ko", "hu", "lt", "mn", "fil", "tl", "fa"})
_DAY_FIRST = frozenset({"en-gb", "en-ie", "en-au", "en-nz", "en-in"})


def order(texts: Iterable[str], language: str) -> str:
    """How a document means 3/4/2026: "dmy" or "mdy", by its other dates, else by its language.

    "" where neither tells.
    """
    shown = {found for text in texts if (found := order_of(text))}
    if shown:
        return shown.pop() if len(shown) == 1 else ""
    language = language.lower()
    habit = language in _DAY_FIRST or language.split("-")[0] not in _NO_HABIT
    return "dmy" if habit else ""


def date(text: str, now: datetime | None = None, *, order: str = "", language: str = "") -> Reading:
    """What is certain of one date, in UTC; what is too early or too late to be one is none."""
    found = read(text.strip(), order=order, language=language)
    if found.when is None:
        return found
    try:
        when = found.when.astimezone(UTC)
    except OverflowError:
        return Reading(None, "", "no such day")
    if when.year < FIRST_YEAR:
        return Reading(None, "", f"before {FIRST_YEAR}")
    if now and when > now + EARLY:
        return Reading(None, "", "in the future")
    return found._replace(when=when)


def best(texts: list[str], now: datetime | None, order: str, language: str) -> Reading:
    """The first of the texts that is a date, or a later one that says the same day better.

    The doubt quotes what is no date or no more than a day.
    """
    chosen = Reading(None)
    doubts: list[str] = []
    for text in texts:
        found = date(text, now, order=order, language=language)
        if found.doubt:
            doubts.append(f"“{' '.join(text.split())[:SHOWN]}”: {found.doubt}")
        if found.when is None:
            continue
        if chosen.when is None or (
            found.precision == "instant" and abs(found.when - chosen.when) <= SAME
        ):
            chosen = found
        if found.precision == "instant":
            break
    if chosen.precision == "instant":
        return chosen._replace(doubt="")
    return chosen._replace(doubt="; ".join(doubts[:2]))
