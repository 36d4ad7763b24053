"""The volume of a search over time as bars, or of several as lines: figures for an inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wirewatch.search.counts import Counts, Point, counts
from wirewatch.search.request import BadRequest
from wirewatch.store import Store

WIDTH = 1_000  # of the drawing, in its own units: a pixel on a wide window
HEIGHT = 100
WIDEST = 28.0  # of a bar: three that fill the drawing are no bars any more
MOST_BARS = 92  # three months of days; more are drawn by week or month
SHORT = timedelta(days=3)  # up to which bars are hours
# Stories with a date far off (a page of 1999, say) would press all others into one bar: so many of
# a thousand at the begin are left out of the drawing, and counted.
STRAY = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval: where it stands in the drawing, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    begin: str  # as after published:
    end: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Volume:
    """A drawing of bars."""

    bars: tuple[Bar, ...]
    interval: str
    most: int  # stories in the highest bar
    first: str
    last: str
    earlier: int = 0  # stories before the first bar


def volume(store: Store, query: str, *, now: datetime) -> Volume | None:
    """The volume of a query; None when nothing matches. Raises what :func:`counts` raises."""
    try:
        (found,), interval = counts(store, [query], interval="day", now=now), "day"
    except BadRequest:  # more days than are counted
        (found,), interval = counts(store, [query], interval="month", now=now), "month"
    if not found.stories or not found.points:
        return None
    kept = _without_strays(found.points)
    earlier = sum(point.count for point in found.points[: len(found.points) - len(kept)])
    if interval == "month" and len(kept) * 31 <= MOST_BARS * 2:  # strays made it months
        begin = f"{kept[0].start:%Y-%m-%d}"
        (found,) = counts(store, [f"({query}) published:{begin}.."], interval="day", now=now)
        kept, interval = list(found.points), "day"
    if kept[-1].start - kept[0].start <= SHORT and interval == "day" and not earlier:
        (found,) = counts(store, [query], interval="hour", now=now)
        return _drawn(found.points, "hour", 0)
    if len(kept) > MOST_BARS and interval == "day":
        interval = "week" if len(kept) <= MOST_BARS * 7 else "month"
        kept = _together(kept, interval)  # asking again would cost more than adding up
    return _drawn(kept, interval, earlier)


def _together(points: Sequence[Point], interval: str) -> list[Point]:
    """Days added up by weeks, which begin on Mondays, or by months."""
    sums: dict[datetime, int] = {}
    for point in points:
        day = point.start
        start = day.replace(day=1) if interval == "month" else day - timedelta(days=day.weekday())
        sums[start] = sums.get(start, 0) + point.count
    return [Point(start=start, count=count) for start, count in sums.items()]


def counted(
    store: Store,
    queries: Sequence[str],
    *,
    now: datetime,
    share: bool = False,
    unit: str = "stories",
) -> tuple[tuple[Counts, ...], str]:
    """The volume of each query by an interval that fits its time, and which that is."""
    try:
        found = counts(store, queries, interval="day", now=now, share=share, unit=unit)
    except BadRequest:  # more days than are counted
        return counts(store, queries, interval="month", now=now, share=share, unit=unit), "month"
    points = max((one.points for one in found), key=len)
    if points and points[-1].start - points[0].start <= SHORT:
        return counts(store, queries, interval="hour", now=now, share=share, unit=unit), "hour"
    if len(points) <= MOST_BARS:
        return found, "day"
    wider = "week" if len(points) <= MOST_BARS * 7 else "month"
    return counts(store, queries, interval=wider, now=now, share=share, unit=unit), wider


def _without_strays(points: Sequence[Point]) -> list[Point]:
    """The points from where all but a few of a thousand stories lie, if that halves them."""
    total, left = sum(point.count for point in points), 0
    for row, point in enumerate(points):
        left += point.count
        if left * 1_000 > total * STRAY:
            return list(points[row:] if row * 2 > len(points) else points)
    return list(points)


def _drawn(points: Sequence[Point], interval: str, earlier: int) -> Volume:
    most = (
        max(1, *(point.count for point in points)) if len(points) > 1 else max(1, points[0].count)
    )
    step = WIDTH / len(points)
    gap = min(2.0, step * 0.2)
    bars = []
    for row, point in enumerate(points):
        height = HEIGHT * point.count / most
        if point.count:
            height = max(height, 1.5)  # a bar that cannot be seen says that there is nothing
        begin, end, label = _span(point.start, interval)
        width = min(step - gap, WIDEST)
        bars.append(
            Bar(
                x=round(row * step + (step - width) / 2, 2),
                y=round(HEIGHT - height, 2),
                width=round(width, 2),
                height=round(height, 2),
                begin=begin,
                end=end,
                label=label,
                count=point.count,
            )
        )
    return Volume(tuple(bars), interval, most, bars[0].label, bars[-1].label, earlier)


def _span(start: datetime, interval: str) -> tuple[str, str, str]:
    """The first and the last point of an interval, as after ``published:``, and its name."""
    if interval == "hour":
        return (
            f"{start:%Y-%m-%dT%H:00}",
            f"{start:%Y-%m-%dT%H:59}",
            f"{start.day} {start:%b}, {start:%H}:00",
        )
    if interval == "month":
        return f"{start:%Y-%m}", f"{start:%Y-%m}", f"{start:%b %Y}"
    last = start + timedelta(days=6) if interval == "week" else start
    name = f"{start.day} {start:%b %Y}"
    return (
        f"{start:%Y-%m-%d}",
        f"{last:%Y-%m-%d}",
        f"week of {name}" if interval == "week" else name,
    )


def spark(values: Sequence[int], width: int = 112, height: int = 20) -> str:
    """The points of a small curve, as SVG's ``polyline`` wants them."""
    most = max(1, *values) if len(values) > 1 else 1
    step = width / max(1, len(values) - 1)
    return " ".join(
        f"{row * step:.4g},{height - 1 - (height - 2) * value / most:.4g}"
        for row, value in enumerate(values)
    )


def lines(found: Sequence[Counts], *, share: bool) -> tuple[list[str], float]:
    """The points of a line for each query, in WIDTH × 2 HEIGHT, and the figure at the top."""
    series = [
        [(point.share or 0.0) if share else float(point.count) for point in one.points]
        for one in found
    ]
    top = max((value for one in series for value in one), default=0.0) or 1.0
    tall = 2 * HEIGHT
    return [
        " ".join(
            f"{row * WIDTH / max(1, len(one) - 1):.5g},{tall - 2 - (tall - 4) * value / top:.5g}"
            for row, value in enumerate(one)
        )
        for one in series
    ], top
