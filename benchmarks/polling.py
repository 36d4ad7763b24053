"""A year of synthetic feeds polled adaptively and at fixed intervals: polls spent, delay won.

    python benchmarks/polling.py [--days 365] [--feeds 4] [--json FILE] [--plot FILE.svg]

Every feed shows its newest 30 entries and is polled at the five-minute ticks of the ``ingest`` run,
as in production. The delay is from published to seen; an entry that left the document before a poll
saw it is lost. The adaptive column runs the very functions of ``wirewatch.feeds.schedule``.
"""

from __future__ import annotations

import argparse
import bisect
import json
import random
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wirewatch.feeds import schedule
from wirewatch.feeds.parse import ParsedFeed
from wirewatch.fetch.answers import Response
from wirewatch.records import Entry, Feed
from wirewatch.settings import load

START = datetime(2026, 1, 1, tzinfo=UTC)
TICK = 300.0  # seconds between runs
SHOWN = 30  # entries in a document
DAY = 86_400.0
SETTINGS = load({})
ENTRY = Entry(feed_id="0", url="https://n.example/1")
FIXED = {"5 min": 300.0, "15 min": 900.0, "60 min": 3_600.0}


def poisson(
    rng: random.Random, rate: Callable[[float], float], most: float, days: int
) -> list[float]:
    """Instants (seconds) of a Poisson process with ``rate(t)`` entries a second, by thinning."""
    times, at = [], 0.0
    while (at := at + rng.expovariate(most)) < days * DAY:
        if rng.random() < rate(at) / most:
            times.append(at)
    return times


def hour(at: float) -> float:
    """The hour of the day of an instant."""
    return at % DAY / 3_600


def busy(rng: random.Random, days: int) -> list[float]:
    """A large outlet: 120 entries a day, three in four between 6 and 20 o'clock."""
    return poisson(rng, lambda t: 154 / DAY if 6 <= hour(t) < 20 else 72 / DAY, 154 / DAY, days)


def office(rng: random.Random, days: int) -> list[float]:
    """A trade paper: 15 entries a working day, 8 to 18 o'clock."""

    def rate(at: float) -> float:
        weekday = (int(at // DAY) + 3) % 7  # 2026 began on a Thursday
        return 36 / DAY if weekday < 5 and 8 <= hour(at) < 18 else 0.0

    return poisson(rng, rate, 36 / DAY, days)


def bursty(rng: random.Random, days: int) -> list[float]:
    """An agency's ticker: quiet for days, then 40 entries within three hours."""
    times: list[float] = []
    at = 0.0
    while (at := at + rng.expovariate(1 / (2 * DAY))) < days * DAY:
        times += [at + rng.random() * 10_800 for _ in range(40)]
    return sorted(time for time in times if time < days * DAY)


def nightly(rng: random.Random, days: int) -> list[float]:
    """Ten entries at once each night at three."""
    return [day * DAY + 10_800 + rng.random() * 600 for day in range(days) for _ in range(10)]


def weekly(rng: random.Random, days: int) -> list[float]:
    """One entry a week."""
    return [day * DAY + rng.random() * DAY for day in range(0, days, 7)]


def dead(_: random.Random, __: int) -> list[float]:
    """Nothing any more."""
    return []


KINDS = {"busy": busy, "office": office, "bursty": bursty, "nightly": nightly, "weekly": weekly,
         "dead": dead}  # fmt: skip


class Watched:
    """A synthetic feed: what a poll at an instant finds."""

    def __init__(self, times: list[float]) -> None:
        self._times = sorted(times)
        self._next = 0  # the first entry not yet published at the last poll
        self.delays: list[float] = []
        self.lost = 0
        self.polls = 0

    def poll(self, at: float) -> int:
        """How many new entries a poll finds."""
        self.polls += 1
        end = bisect.bisect_right(self._times, at)
        first = max(self._next, end - SHOWN)
        self.lost += first - self._next
        self.delays += [at - time for time in self._times[first:end]]
        self._next = end
        return end - first


def fixed(watched: Watched, days: int, interval: float) -> None:
    """Polls every ``interval`` seconds."""
    at = 0.0
    while at < days * DAY:
        watched.poll(at)
        at += interval


def adaptive(watched: Watched, days: int) -> None:
    """Polls when wirewatch would."""
    feed = Feed(id="8000", url="https://n.example/f")
    parsed = ParsedFeed(kind="rss", entries=(ENTRY,) * SHOWN)
    at = 0.0
    while at < days * DAY:
        now = START + timedelta(seconds=at)
        response = Response(url=feed.url, final_url=feed.url, status=200, when=now)
        new = watched.poll(at)
        if new or feed.last_success is None:
            feed = schedule.after_success(feed, response, parsed, new, now, SETTINGS)
        else:
            feed = schedule.after_unchanged(feed, response, now, SETTINGS)
        assert feed.next_poll is not None
        due = (feed.next_poll - START).total_seconds()
        at = max(at + TICK, -(-due // TICK) * TICK)


def measure(kind: str, days: int, feeds: int) -> list[dict[str, Any]]:
    """Figures of one kind of feed under each strategy."""
    rows = []
    for strategy in ["adaptive", *FIXED]:
        delays: list[float] = []
        polls = lost = entries = 0
        for seed in range(feeds):
            times = KINDS[kind](random.Random(seed), days)
            watched = Watched(times)
            if strategy == "adaptive":
                adaptive(watched, days)
            else:
                fixed(watched, days, FIXED[strategy])
            delays += watched.delays
            polls += watched.polls
            lost += watched.lost
            entries += len(times)
        rows.append(
            {
                "kind": kind,
                "strategy": strategy,
                "polls_per_day": polls / days / feeds,
                "entries_per_day": entries / days / feeds,
                "median_delay_min": statistics.median(delays) / 60 if delays else None,
                "p95_delay_min": statistics.quantiles(delays, n=20)[18] / 60 if delays else None,
                "lost": lost,
            }
        )
    return rows


def plot(rows: list[dict[str, Any]]) -> str:
    """Polls a day (across, logarithmic) against median delay (up, logarithmic) as SVG."""
    import math

    colours = {"adaptive": "#c0392b", "5 min": "#2c3e50", "15 min": "#7f8c8d", "60 min": "#bdc3c7"}

    def x(polls: float) -> float:
        return 60 + 520 * (math.log10(max(polls, 1)) / 2.6)

    def y(minutes: float) -> float:
        return 360 - 320 * (math.log10(max(minutes, 1)) / 3.2)

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="640" height="420" '
        'font-family="sans-serif" font-size="11">',
             '<rect width="640" height="420" fill="white"/>',
             '<text x="60" y="20">Median delay (minutes) against polls a day, a feed; '
             "lower left is better</text>"]  # fmt: skip
    for polls in (1, 10, 100, 288):
        parts.append(
            f'<line x1="{x(polls):.0f}" y1="40" x2="{x(polls):.0f}" y2="360" stroke="#eee"/>'
        )
        parts.append(f'<text x="{x(polls) - 6:.0f}" y="376">{polls}</text>')
    for minutes in (1, 5, 30, 120, 720):
        parts.append(
            f'<line x1="60" y1="{y(minutes):.0f}" x2="580" y2="{y(minutes):.0f}" stroke="#eee"/>'
        )
        parts.append(f'<text x="30" y="{y(minutes) + 4:.0f}">{minutes}</text>')
    for row in rows:
        if row["median_delay_min"] is not None:
            cx, cy = x(row["polls_per_day"]), y(row["median_delay_min"])
            parts.append(
                f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="4" fill="{colours[row["strategy"]]}"/>'
            )
            parts.append(
                f'<text x="{cx + 6:.0f}" y="{cy + 3:.0f}" fill="#555">{row["kind"]}</text>'
            )
    for n, (name, colour) in enumerate(colours.items()):
        parts.append(f'<circle cx="{80 + n * 110}" cy="400" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{90 + n * 110}" y="404">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--days", type=int, default=365)
    arguments.add_argument("--feeds", type=int, default=4, help="feeds of each kind")
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--plot", type=Path)
    given = arguments.parse_args()
    rows = [row for kind in KINDS for row in measure(kind, given.days, given.feeds)]
    titles = ("polls/day", "entries/day", "median min", "p95 min", "lost")
    print(f"{'feed':9}{'strategy':10}" + "".join(f"{title:>12}" for title in titles))
    for row in rows:
        keys = ("polls_per_day", "entries_per_day", "median_delay_min", "p95_delay_min")
        figures = [row[key] for key in keys]
        shown = "".join(f"{'-' if f is None else format(f, '.1f'):>12}" for f in figures)
        print(f"{row['kind']:9}{row['strategy']:10}{shown}{row['lost']:>12,}")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))
    if given.plot:
        given.plot.write_text(plot(rows))


if __name__ == "__main__":
    main()
