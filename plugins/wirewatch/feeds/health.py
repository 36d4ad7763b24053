"""How a feed fares, in plain words."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from wirewatch.records import Feed, FeedState


class Health(StrEnum):
    """How bad it is."""

    WELL = "well"
    WARN = "warn"  # somebody should look some time
    BAD = "bad"  # stories are being missed


def health(feed: Feed, now: datetime) -> tuple[Health, str]:
    """How bad it is, and a sentence that says why."""
    if feed.state is FeedState.GONE:
        return Health.BAD, f"Not polled any more: {_ended(feed.error or 'it is gone')}"
    if feed.last_poll is None:
        return Health.WARN, "Not polled yet."
    if feed.state is FeedState.FAILING or feed.failures:
        times = "once" if feed.failures == 1 else f"{feed.failures:,} times in a row"
        since = f", last well {ago(feed.last_success, now)}" if feed.last_success else ""
        again = f" Tried again {ahead(feed.next_poll, now)}." if feed.next_poll else ""
        words = f"Failed {times}{since}: {_ended(feed.error or 'no reason was kept')}{again}"
        return (Health.BAD if feed.failures > 1 else Health.WARN), words
    if feed.state is FeedState.SILENT:
        return Health.WARN, f"Answers, but is {_ended(feed.note or 'silent')}"
    words = f"Polled {ago(feed.last_poll, now)}"
    if feed.interval:
        words += f", every {_span(feed.interval)}"
    words += f"; last new entry {ago(feed.last_new, now)}." if feed.last_new else "; no entry yet."
    if feed.note:
        return Health.WARN, f"{words} {_ended(feed.note[:1].upper() + feed.note[1:])}"
    return Health.WELL, words


def ago(then: datetime | None, now: datetime) -> str:
    """``5 minutes ago``."""
    if then is None:
        return "never"
    seconds = (now - then).total_seconds()
    return "just now" if seconds < 60 else f"{_span(seconds)} ago"


def ahead(then: datetime, now: datetime) -> str:
    """``in 5 minutes``."""
    seconds = (then - now).total_seconds()
    return "with the next run" if seconds < 60 else f"in {_span(seconds)}"


def _span(seconds: float) -> str:
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size or (seconds >= size and name == "minute"):
            number = round(seconds / size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return str(timedelta(seconds=round(seconds)).seconds) + " seconds"


def _ended(words: str) -> str:
    words = words.strip()
    return words if words.endswith((".", "!", "?", "…")) else words + "."
