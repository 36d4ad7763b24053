"""When a feed is polled next, and what its state says: the one place for the rule.

News comes in clusters: after an entry the next is near, after a silence it is far. So

- a poll that brought entries sets the interval to the gap between them, and to no more than half
  an hour; drifting shorter, so that a rush is noticed early;
- a poll that brought none lengthens it by half, but beyond half an hour only in step with the
  silence itself: to an eighth of it. A paper that sleeps at night is asked every two hours towards
  morning, one that has been quiet for a week once a day, and a dead one no oftener than that;
- a document that is new from end to end may have lost entries between two polls: a quarter at once.

``benchmarks/polling.py`` shows what the constants cost and win.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from wirewatch.feeds.parse import ParsedFeed
from wirewatch.fetch.answers import Failure, Response
from wirewatch.records import Feed, FeedState, Reason, replace
from wirewatch.settings import Settings

SEVERAL = 2  # new entries from which the interval is halved at least
HALVED = 0.5
EASED = 0.85  # after one new entry
LENGTHENED = 1.5  # after none
AWAKE = 1_800.0  # seconds: the longest interval after an entry; some 35 polls more a week and feed
SILENCE_SHARE = 1 / 8  # of the time since the last new entry; a smaller one costs polls at night
OVERRUN = 0.25  # when every entry was new: some may have come and gone unseen
OVERRUN_ENTRIES = 3  # a document of fewer entries is always new from end to end
MAX_AGE_COUNTS = 3_600.0  # seconds; a longer max-age is set for the files of a site, not its feed
FAILURE_STEP = 900.0  # seconds added to the wait by each failure in a row: linear, never for ever
FULL_POLL = timedelta(hours=24)  # servers give wrong "unchanged" answers: ask afresh once a day
POSTPONED = 60.0  # seconds until a feed that did not get its turn is due again
MOVED_POLLS = 3  # polls a permanent redirect must hold before the feed's URL follows it
SPREAD = 0.05  # share by which an interval differs from feed to feed, so that they do not bunch
LONGEST_ERROR = 500  # characters of an error kept with a feed

# An index of sitemaps says nothing of whether these have changed, so it is read each time.
_UNKEPT: dict[str, Any] = {"etag": "", "last_modified": "", "body_hash": ""}
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")


def conditional(feed: Feed, now: datetime) -> bool:
    """Whether this poll may ask "only if changed"; at least once a day it may not."""
    return feed.last_full is not None and now - feed.last_full < FULL_POLL


def after_success(
    feed: Feed,
    response: Response,
    parsed: ParsedFeed,
    new_entries: int,
    now: datetime,
    settings: Settings,
    body_hash: str = "",
) -> Feed:
    """The feed after a poll that brought a document, ``new_entries`` of it unseen."""
    count = len(parsed.entries)
    interval = feed.interval or settings["feeds.first"]
    if feed.last_success is None or feed.last_poll is None:
        pass  # at the first poll everything is new, which says nothing
    elif new_entries:
        gap = (now - feed.last_poll).total_seconds() / new_entries
        interval = min(interval * (HALVED if new_entries >= SEVERAL else EASED), gap, AWAKE)
        if new_entries >= count >= OVERRUN_ENTRIES:
            interval *= OVERRUN
    else:
        interval = _lengthened(feed, now, settings)
    least = max(parsed.ttl, _max_age(response))
    feed = _answered(feed, response, now)
    return _next(
        replace(
            feed,
            title=feed.title or parsed.title,
            site=feed.site or parsed.site,
            language=feed.language or parsed.language,
            **({"body_hash": body_hash} if parsed.kind != "sitemap-index" else _UNKEPT),
            entries=feed.entries + count + parsed.rejected,
            new_entries=feed.new_entries + new_entries,
            rejected_entries=feed.rejected_entries + parsed.rejected,
            last_new=now if new_entries else feed.last_new,
            last_entry=_newest(feed, parsed, now),
            state=FeedState.ACTIVE if new_entries else _calm(feed),
            note=_note(feed, parsed, new_entries),
        ),
        interval,
        least,
        now,
        settings,
        parsed,
    )


def _newest(feed: Feed, parsed: ParsedFeed, now: datetime) -> datetime | None:
    """The newest date that the feed's entries have shown, none of them in the future."""
    dates = [entry.published or entry.updated for entry in parsed.entries]
    past = [date for date in (*dates, feed.last_entry) if date is not None and date <= now]
    return max(past, default=None)


def _note(feed: Feed, parsed: ParsedFeed, new_entries: int) -> str:
    """What was odd; a feed that is silent keeps the words for it until it speaks."""
    if feed.state == FeedState.SILENT and not new_entries:
        return feed.note
    return parsed.note if parsed.entries or parsed.note else "no entries"


def after_unchanged(feed: Feed, response: Response, now: datetime, settings: Settings) -> Feed:
    """The feed after a poll that brought nothing: a 304, or the same bytes as before."""
    interval = _lengthened(feed, now, settings)
    feed = _answered(feed, response, now)
    feed = replace(feed, state=_calm(feed))
    return _next(feed, interval, _max_age(response), now, settings, None)


def after_failure(feed: Feed, failure: Failure, now: datetime, settings: Settings) -> Feed:
    """The feed after a poll that failed on the way; 410 retires it."""
    if not failure.attempted and failure.reason in (Reason.RATE_LIMITED, Reason.POSTPONED):
        wait = max(failure.retry_after or 0.0, POSTPONED)
        return replace(feed, next_poll=now + timedelta(seconds=wait))
    if failure.reason == Reason.GONE:
        gone = _failed(feed, f"gone: {failure.detail}", failure.status, now)
        return replace(gone, state=FeedState.GONE, next_poll=None)
    feed = _failed(feed, words(failure), failure.status, now)
    return _back_off(feed, failure.retry_after or 0.0, now, settings)


def after_unreadable(
    feed: Feed, response: Response, why: str, now: datetime, settings: Settings
) -> Feed:
    """The feed after an answer that is no feed; ``why`` says what it is."""
    feed = _failed(feed, why, response.status, now)
    return _back_off(feed, 0.0, now, settings)


def words(failure: Failure) -> str:
    """A failure as an operator reads it beside a feed."""
    if failure.reason == Reason.ROBOTS:
        return f"blocked by robots.txt: {failure.detail}"
    if failure.reason == Reason.NOT_FOUND:
        return f"not found: {failure.detail}"
    if failure.reason == Reason.FORBIDDEN:
        return f"refused to us: {failure.detail}"
    return failure.detail


def _lengthened(feed: Feed, now: datetime, settings: Settings) -> float:
    """The interval after a poll without news, in seconds."""
    interval: float = feed.interval or settings["feeds.first"]
    since = feed.last_new or feed.added
    if since is None:  # it never had an entry
        return interval * LENGTHENED
    most = max(AWAKE, (now - since).total_seconds() * SILENCE_SHARE)
    return max(interval, min(interval * LENGTHENED, most))


def _answered(feed: Feed, response: Response, now: datetime) -> Feed:
    changes: dict[str, Any] = {}
    moved = response.permanent_redirect_to
    polls = feed.moved_polls + 1 if moved and moved == feed.moved_to else int(bool(moved))
    if polls >= MOVED_POLLS:
        changes = {"url": moved, "moved_to": "", "moved_polls": 0}
    else:
        changes = {"moved_to": moved, "moved_polls": polls}
    full = not any(name.lower().startswith("if-") for name, _ in response.request_headers)
    if response.status != 304:
        changes["etag"] = response.header("ETag")[:500]
        changes["last_modified"] = response.header("Last-Modified")[:100]
    return replace(
        feed,
        **changes,
        polls=feed.polls + 1,
        last_poll=now,
        last_success=now,
        last_full=now if full else feed.last_full,
        http_status=response.status,
        failures=0,
        error="",
    )


def _calm(feed: Feed) -> FeedState:
    """The state of a feed that answers without news: silent stays silent, failing is over."""
    return FeedState.SILENT if feed.state == FeedState.SILENT else FeedState.ACTIVE


def _failed(feed: Feed, error: str, status: int, now: datetime) -> Feed:
    return replace(
        feed,
        polls=feed.polls + 1,
        last_poll=now,
        http_status=status,
        failures=feed.failures + 1,
        error=error[:LONGEST_ERROR],
        state=FeedState.FAILING,
    )


def _back_off(feed: Feed, retry_after: float, now: datetime, settings: Settings) -> Feed:
    wait = max(feed.interval or settings["feeds.first"], FAILURE_STEP * feed.failures)
    wait = max(min(wait, settings["feeds.longest"]), retry_after)
    return replace(feed, next_poll=now + timedelta(seconds=wait))


def _max_age(response: Response) -> float:
    found = _MAX_AGE.search(response.header("Cache-Control").lower())
    return min(float(found[1]), MAX_AGE_COUNTS) if found else 0.0


def _next(
    feed: Feed,
    interval: float,
    least: float,
    now: datetime,
    settings: Settings,
    parsed: ParsedFeed | None,
) -> Feed:
    shortest, longest = settings["feeds.shortest"], settings["feeds.longest"]
    interval = min(max(interval, shortest), longest)
    wait = min(max(interval, least), longest)
    wait *= 1 + SPREAD * (int(feed.id[:4] or "0", 16) / 0xFFFF)
    at = now + timedelta(seconds=wait)
    if parsed is not None:
        at = _past_skipped(at, parsed)
    return replace(feed, interval=interval, next_poll=at)


def _past_skipped(at: datetime, parsed: ParsedFeed) -> datetime:
    """The first instant from ``at`` outside the hours and days (UTC) the feed asks to skip."""
    for _ in range(24 * 7):
        day = at.strftime("%A").lower()
        if at.hour not in parsed.skip_hours and day not in parsed.skip_days:
            return at
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at - timedelta(days=7)  # it asks never to be polled, which is no wish to be listed
