"""Queues from which nothing leaves: pages, messages, stories that wait to be matched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from wirewatch.records import Trouble
from wirewatch.store.progress import backlogs
from wirewatch.troubles.kinds import Kind, View, at

PAGES = Kind(
    name="pages-stuck",
    title="the queue of pages is stuck",
    what="pages due: {count}, the oldest since {at}, and none was fetched for {span}",
    do="'wirewatch pages list --status retry' says why pages fail; where none was tried, see "
    "the last run of ingest",
    options=("troubles.pages_hours",),
)
MESSAGES = Kind(
    name="messages-stuck",
    title="the queue of messages is stuck",
    what="messages that wait to be sent: {count}, the oldest since {at} ({channels})",
    do="'wirewatch alerts status' says how each channel fares; where all of them wait, see "
    "the last run of deliver",
    options=("troubles.messages_minutes",),
)
MARKS = Kind(
    name="matching-stuck",
    title="stories wait to be matched with saved searches",
    what="stories that wait for saved searches: {count}, the oldest since {at}",
    do="see the last run of alerts; 'wirewatch alert' does its work by hand",
    options=("troubles.match_minutes",),
)
DEAD = Kind(
    name="messages-dead",
    title="messages were given up",
    what="messages given up: {count} ({channels})",
    do="put the channel right; then 'wirewatch alerts retry' queues them again",
    options=("troubles.dead_days", "alerts.give_up"),
)


def look(view: View) -> Iterator[Trouble]:
    """Each queue by the age of what is in it."""
    yield from _pages(view)
    yield from _messages(view)
    yield from _marks(view)


def _pages(view: View) -> Iterator[Trouble]:
    """Nothing was fetched for hours though a page was due all the time.

    A long queue of one slow host is none: others are fetched meanwhile.
    """
    hours = timedelta(hours=view.settings["troubles.pages_hours"])
    backlog = backlogs(view.store, view.now)["pages"]
    fetched = view.store.standing.latest("pages", "fetched")
    if backlog.oldest is None or view.now - backlog.oldest < hours:
        return
    if fetched is None or view.now - fetched >= hours:
        since = max(backlog.oldest, fetched) if fetched else backlog.oldest
        span = f"{hours / timedelta(hours=1):g} hours"
        yield PAGES.found(since, count=f"{backlog.count:,}", at=at(backlog.oldest), span=span)


def _messages(view: View) -> Iterator[Trouble]:
    since = view.ago("troubles.messages_minutes", "minutes")
    late = view.store.standing.overdue(view.now, since)
    if late.oldest is not None:
        yield MESSAGES.found(
            late.oldest,
            count=f"{sum(late.channels.values()):,}",
            at=at(late.oldest),
            channels=_named(late.channels),
        )
    # One that was given up was due last when its hours were over: that is so many hours ago, when
    # it never had a turn again.
    given_up = timedelta(hours=view.settings["alerts.give_up"])
    dead = view.store.standing.dead(view.ago("troubles.dead_days", "days") - given_up)
    if dead.oldest is not None:
        count = f"{sum(dead.channels.values()):,}"
        yield DEAD.found(dead.oldest, count=count, channels=_named(dead.channels))


def _marks(view: View) -> Iterator[Trouble]:
    count, oldest = view.store.standing.unmatched(view.ago("troubles.match_minutes", "minutes"))
    if oldest is not None:
        yield MARKS.found(oldest, count=f"{count:,}", at=at(oldest))


def _named(channels: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(channels.items()))
