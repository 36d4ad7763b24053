"""No new story for longer than usual: by the installation's own past, hour by hour of the week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from wirewatch.feeds import silence
from wirewatch.records import Trouble
from wirewatch.troubles.kinds import Kind, View, at

QUIET = Kind(
    name="no-story",
    title="no new story for longer than usual",
    what="no new story since {at}, which is longer than usual",
    do="the page of sources, by worst health, says whether feeds fail; 'wirewatch status' says "
    "what the last runs did",
    options=("troubles.quiet_minutes",),
)

# Stories an hour that the habit is learnt from: enough to notice two hours without any, and few
# enough for a large installation's eight weeks to be counted in a moment.
AN_HOUR = 6
LEAST = 12  # stories; fewer say nothing about what is usual
YOUNG = 3  # times the longest gap so far is unusual, where there are not two weeks of past


def look(view: View) -> Iterator[Trouble]:
    """The trouble, where the newest story was seen longer ago than the past explains."""
    hours, last = view.store.standing.seen_by_hour(view.now - silence.HISTORY)
    if last is None or view.now - last < timedelta(minutes=view.settings["troubles.quiet_minutes"]):
        return
    if unusual(_thinned(hours), last, view.now):
        yield QUIET.found(last, at=at(last))


def unusual(times: list[datetime], last: datetime, now: datetime) -> bool:
    """Whether the silence since ``last`` is longer than the times of past stories explain."""
    habit = silence.learn(times, last)
    if habit is not None:
        return silence.expected(habit, last, now) >= habit.threshold
    gaps = [later - sooner for sooner, later in pairwise(sorted(times))]
    return len(times) >= LEAST and now - last > YOUNG * max(gaps)


def _thinned(hours: list[tuple[datetime, int]]) -> list[datetime]:
    """So many times an hour as there were stories, thinned out in proportion."""
    busy = max((count for _, count in hours), default=0)
    share = min(1.0, AN_HOUR / busy) if busy else 1.0
    return [hour for hour, count in hours for _ in range(max(1, round(count * share)))]
