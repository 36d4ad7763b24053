"""The silence alarm: by a feed's own habit, once, and cleared."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from tests import makers
from wirewatch.feeds.silence import alarm_at, check, learn
from wirewatch.records import Feed, FeedState, replace

NOW = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


def feed(state: FeedState = FeedState.ACTIVE) -> Feed:
    return makers.feed("0", state=state)


def office(days: int, until: datetime) -> list[datetime]:
    """Four entries a working day, 9 to 17 UTC, none at night or at the weekend."""
    chance = random.Random(1)
    times = []
    for back in range(days):
        day = until - timedelta(days=back + 1)
        if day.weekday() < 5:
            times += [day + chance.uniform(9, 17) * HOUR for _ in range(4)]
    return sorted(times)


def test_a_weekend_without_news_is_no_silence_but_two_working_days_are() -> None:
    times = office(56, NOW)  # until Friday evening
    noon = check(feed(), times, NOW + 12 * HOUR)  # of Monday
    assert (noon.state, noon.note) == (FeedState.ACTIVE, "")
    looks = [noon]  # each at the moment the one before set
    while looks[-1].state == FeedState.ACTIVE:
        at = looks[-1].silence_check
        assert at is not None
        looks.append(check(looks[-1], times, at))
    assert len(looks) <= 4
    assert at < NOW + timedelta(days=3)
    quiet = looks[-1]
    assert quiet.state == FeedState.SILENT
    assert quiet.note.startswith("silent since 2026-02-27")


def test_a_night_is_no_silence_for_a_busy_feed_but_a_day_is() -> None:
    times = [
        NOW - timedelta(days=day) + hour * HOUR / 2
        for day in range(1, 40)
        for hour in range(12, 44)
    ]
    habit = learn(times, NOW)
    assert habit is not None
    last = max(times)
    assert last + 9 * HOUR < alarm_at(habit, last) < last + 24 * HOUR


def test_the_alarm_comes_once_and_is_cleared() -> None:
    times = office(56, NOW)
    late = NOW + timedelta(days=3)
    silent = check(feed(), times, late)
    again = check(silent, times, late + HOUR)
    assert (again.state, again.note) == (silent.state, silent.note)
    spoken = check(silent, [*times, late + HOUR], late + 2 * HOUR)
    assert (spoken.state, spoken.note) == (FeedState.ACTIVE, "")


def test_a_long_silence_does_not_become_the_habit() -> None:
    silent = feed(FeedState.SILENT)
    assert check(silent, office(56, NOW), NOW + timedelta(days=300)).state == FeedState.SILENT


def test_steady_feeds_of_any_pace_raise_no_false_alarm() -> None:
    for per_day in (1, 4, 12):
        chance = random.Random(per_day)
        times, at = [], NOW
        for _ in range(70 * per_day):
            at += timedelta(days=chance.expovariate(per_day))
            times.append(at)
        alarms = 0
        for n in range(len(times) - 40, len(times)):
            habit = learn(times[:n], times[n - 1])
            alarms += habit is not None and alarm_at(habit, times[n - 1]) < times[n]
        assert alarms == 0


def test_little_history_says_nothing_and_other_troubles_come_first() -> None:
    times = office(56, NOW)
    late = NOW + timedelta(days=30)
    assert learn(times[-10:], NOW) is None
    assert learn(times[-30:], NOW) is None  # a week and a half
    assert check(feed(), [], late) == replace(feed(), silence_check=late + 24 * HOUR)
    for state in (FeedState.FAILING, FeedState.GONE):
        assert check(feed(state), times, late).state == state


def test_entries_that_another_feed_named_first_are_a_sign_of_life() -> None:
    late = NOW + timedelta(days=3)
    spoken = replace(feed(), last_entry=late - HOUR)
    assert check(spoken, office(56, NOW), late).state == FeedState.ACTIVE
