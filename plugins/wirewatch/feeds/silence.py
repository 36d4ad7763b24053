"""A feed that falls silent: longer without news than its own habit explains.

What counts is not hours but expected entries. From the times of its past entries a feed has a rate
for each hour of the week, smoothed towards its average; the expectation of the hours since its last
entry adds up. A night or a weekend without news adds little for an outlet that rests then. The
threshold follows from the longest such gap the feed has itself shown, so a bursty feed is given
more time than a steady one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from wirewatch.records import Feed, FeedState, Record, replace

HISTORY = timedelta(days=56)  # eight weeks: each hour of the week seen eight times
LEAST_ENTRIES = 12  # fewer say nothing about a habit
LEAST_SPAN = timedelta(days=14)  # the habit of a week is not known from one week
SMOOTHING = 2.0  # hours of average behaviour mixed into each hour of the week
LEAST_EXPECTED = 6.0  # entries missed before an alarm: by chance a steady feed misses 6 once in 400
OWN_GAPS = 2.0  # times the longest gap the feed itself has shown
LEAST_GAP = timedelta(hours=6)  # nobody is called for less
LEARNT_AGAIN = timedelta(days=1)  # until a habit is learnt anew: habits change slowly
STILL_SILENT = timedelta(hours=1)  # until a silent feed is looked at again: a push may have come
_HOUR = timedelta(hours=1)
_WEEK = 168  # hours


class Habit(Record, frozen=True, kw_only=True):
    """What is usual for a feed."""

    rates: tuple[float, ...]  # entries expected in each hour of the week, Monday 00:00 UTC first
    threshold: float  # entries expected since the last one from which the feed counts as silent


def learn(times: Iterable[datetime], now: datetime) -> Habit | None:
    """The habit in the times of a feed's past entries; None where they are too few to tell."""
    seen = sorted(time for time in times if now - HISTORY <= time <= now)
    if len(seen) < LEAST_ENTRIES or seen[-1] - seen[0] < LEAST_SPAN:
        return None
    weeks = (seen[-1] - seen[0]) / timedelta(weeks=1)
    counts = Counter(_hour_of_week(time) for time in seen)
    mean = len(seen) / (weeks * _WEEK)
    rates = tuple((counts[hour] + SMOOTHING * mean) / (weeks + SMOOTHING) for hour in range(_WEEK))
    gaps = [_expected(rates, one, other) for one, other in pairwise(seen)]
    return Habit(rates=rates, threshold=max(LEAST_EXPECTED, OWN_GAPS * max(gaps)))


def expected(habit: Habit, since: datetime, until: datetime) -> float:
    """How many entries the habit lets expect between two instants."""
    return _expected(habit.rates, since, until)


def alarm_at(habit: Habit, last: datetime) -> datetime:
    """When the feed counts as silent if nothing comes after ``last``."""
    total, at = 0.0, last
    week = sum(habit.rates)
    whole = max(0, math.floor(habit.threshold / week) - 1)  # full weeks at once
    total, at = whole * week, at + timedelta(weeks=whole)
    while total < habit.threshold:
        end = _next_hour(at)
        part = habit.rates[_hour_of_week(at)] * ((end - at) / _HOUR)
        if total + part >= habit.threshold:
            at += (end - at) * ((habit.threshold - total) / part)
            break
        total, at = total + part, end
    return max(at, last + LEAST_GAP)


def check(feed: Feed, times: Sequence[datetime], now: datetime) -> Feed:
    """The feed, ``silent`` from the moment its habit is broken until it speaks again.

    ``times`` are when its past entries were published or first seen; to the hour is exact enough. A
    feed that fails or is gone has a louder trouble and is left as it is. The change of state is the
    alarm: it happens once. ``silence_check`` says when it is to be looked at again.
    """
    if feed.state not in (FeedState.ACTIVE, FeedState.SILENT):
        return feed
    feed = replace(feed, silence_check=now + LEARNT_AGAIN)
    spoken = [time for time in (*times, feed.last_entry) if time is not None and time <= now]
    last = max(spoken, default=None)
    # A history that ends with the silence would soon be too old to tell what was usual.
    habit = learn(times, last) if last else None
    if last is None or habit is None:
        return feed
    alarm = alarm_at(habit, last)
    if now < alarm:
        calm = replace(feed, silence_check=min(alarm, now + LEARNT_AGAIN))
        if feed.state == FeedState.SILENT:
            return replace(calm, state=FeedState.ACTIVE, note="")
        return calm
    feed = replace(feed, silence_check=now + STILL_SILENT)
    if feed.state == FeedState.SILENT:
        return feed
    missed = expected(habit, last, now)
    words = f"silent since {last:%Y-%m-%d %H:%M} UTC: about {missed:.0f} entries expected since"
    return replace(feed, state=FeedState.SILENT, note=words)


def _expected(rates: Sequence[float], since: datetime, until: datetime) -> float:
    weeks, rest = divmod(until - since, timedelta(weeks=1))
    total, at = weeks * sum(rates), since
    end = since + rest
    while at < end:
        step = min(_next_hour(at), end)
        total += rates[_hour_of_week(at)] * ((step - at) / _HOUR)
        at = step
    return total


def _hour_of_week(time: datetime) -> int:
    return time.weekday() * 24 + time.hour


def _next_hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0) + _HOUR
