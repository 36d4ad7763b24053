"""Many hosts that fail in one run: the fault is ours, so no feed is made to wait longer for it.

A host counts when its feed answered at the poll before. While the outage lasts its feeds stay as
they were, so that the next run sees the same, or that it is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from wirewatch.feeds.poll import Polled
from wirewatch.feeds.schedule import POSTPONED
from wirewatch.fetch import urls
from wirewatch.records import Feed, Reason, Record, replace

# What a name server or a line of our own that is down looks like from here.
NETWORK = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.TOO_SLOW, Reason.TLS})
EVERY = 3  # hosts that fail, where none answers, from which it is no chance
LEAST = 10  # hosts that fail, where others answer, from which a share says something
# Since a feed last answered, beyond its usual wait: what fails for longer is gone, as a rule.
LONGEST = timedelta(hours=24)

# How the run's account names what was found.
OUTCOME = "our_network"
HELD, FAILING, HOSTS = f"feeds_{OUTCOME}", "hosts_failing", "hosts_well_before"


class Outage(Record, frozen=True, kw_only=True):
    """How many hosts failed at once."""

    failing: int
    hosts: int  # that had answered at the poll before


class Hosts:
    """Which hosts answered in a run and which did not, of those whose feeds were well before."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._answered: set[str] = set()
        self._failing: set[str] = set()
        self._well: set[str] = set()

    def note(self, polled: Polled) -> None:
        """One feed that was polled."""
        host = _host(polled.before)
        well = _well(polled.before, self._now)
        if polled.reason in NETWORK:
            if well:
                self._failing.add(host)
                self._well.add(host)
        elif polled.outcome != "postponed":
            self._answered.add(host)
            if well:
                self._well.add(host)

    def outage(self, percent: float) -> Outage | None:
        """The outage, where every host fails or so many of a hundred do; else None."""
        failing = len(self._failing - self._answered)
        every = failing >= EVERY and not self._answered
        many = failing >= LEAST and failing * 100 >= percent * len(self._well)
        if not percent or not (every or many):
            return None
        return Outage(failing=failing, hosts=len(self._well))


def held(polls: Iterable[Polled], now: datetime) -> list[Polled]:
    """Polls that failed by our fault: their feeds as before, due again with the next run.

    A feed that had failed before waits as long as it did the last time.
    """
    return [
        replace(one, outcome=OUTCOME, after=replace(one.before, next_poll=_again(one.before, now)))
        for one in polls
    ]


def _again(feed: Feed, now: datetime) -> datetime:
    soon = now + timedelta(seconds=POSTPONED)
    if _well(feed, now) or feed.last_poll is None or feed.next_poll is None:
        return soon
    return max(soon, now + (feed.next_poll - feed.last_poll))


def _well(feed: Feed, now: datetime) -> bool:
    """Whether it answered at the poll before, and that not too long ago."""
    if feed.last_success is None or feed.failures:
        return False
    return now - feed.last_success < timedelta(seconds=feed.interval) + LONGEST


def _host(feed: Feed) -> str:
    try:
        return urls.host(feed.url)
    except urls.BadURL:
        return feed.url
