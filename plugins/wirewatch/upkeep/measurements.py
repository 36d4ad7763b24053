"""How full the disks were at each look, kept in the state folder, and when they will be full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from wirewatch.batches import BadFile, Batches
from wirewatch.records import Record
from wirewatch.settings import Settings
from wirewatch.upkeep.disk import MB, Disk, in_words

FILE = "upkeep/measured.jsonl.gz"  # below the state's root
KEPT = 400  # looks: more than a year of one a day
LOOKED_AT = timedelta(days=30)  # of the past: what was before says little of the rate now
DAY = timedelta(days=1)
SPAN = DAY  # that looks must lie apart: a day has busy hours and quiet ones
LEAST = 3  # looks
LEFT_OUT = 0.1  # share of the steps between looks that is left out at each end
SOON = 3_650  # days: beyond, no rate of a month says anything


class Measured(Record, frozen=True, kw_only=True):
    """One look."""

    at: datetime
    disks: tuple[Disk, ...]


class Outlook(Record, frozen=True, kw_only=True):
    """A disk, and when less than the reserve will be free on it."""

    disk: Disk
    rate: float | None = None  # bytes a day that it fills by; None: not known yet
    days: float | None = None  # None: not known, or not at this rate
    words: str


def past(settings: Settings) -> tuple[list[Measured], str]:
    """The looks that were kept, oldest first; and what is wrong with their file, if anything."""
    try:
        return list(Batches(settings.state).read(FILE, Measured)), ""
    except FileNotFoundError:
        return [], ""
    except BadFile as error:
        return [], f"the measurements of the disks begin anew: {str(error).partition(':')[0]}"


def keep(settings: Settings, looks: Sequence[Measured]) -> None:
    """Keeps the newest of the looks. Raises BadFile where they cannot be written."""
    Batches(settings.state).write(FILE, looks[-KEPT:])


def outlooks(
    looks: Sequence[Measured], now: Sequence[Disk], at: datetime, reserve: int
) -> list[Outlook]:
    """When each disk will be full, by how it filled in the last month.

    ``reserve`` is in megabytes: a disk is full when less is free. The rate leaves
    out the tenth of the looks when it filled fastest, and slowest: one deletion bends nothing.
    """
    return [_outlook(disk, _of(looks, disk, at), at, reserve * MB) for disk in now]


def _of(looks: Sequence[Measured], disk: Disk, at: datetime) -> list[tuple[datetime, int]]:
    """When how much was free on a disk; a disk of another size is another one."""
    return [
        (look.at, one.free)
        for look in looks
        for one in look.disks
        if at - LOOKED_AT <= look.at < at and (one.name, one.total) == (disk.name, disk.total)
    ]


def _outlook(disk: Disk, seen: list[tuple[datetime, int]], at: datetime, reserve: int) -> Outlook:
    points = [*seen, (at, disk.free)]
    free = f"{in_words(disk.free)} of {in_words(disk.total)} free"
    if disk.free < reserve:
        return Outlook(disk=disk, days=0.0, words=f"{free}: disk full, less than disk.reserve")
    span = at - points[0][0]
    if len(points) < LEAST or span < SPAN:
        return Outlook(disk=disk, words=f"{free}; when it is full is told after a day of looks")
    rate = _rate(points)
    days = (disk.free - reserve) / rate if rate > 0 else None
    if days is None or days > SOON:
        words = f"{free}; it is not filling up"
        return Outlook(disk=disk, rate=rate, words=words)
    words = f"{free}; disk full in {days:.0f} days at this rate ({in_words(rate)} a day)"
    return Outlook(disk=disk, rate=rate, days=days, words=words)


def _rate(points: Sequence[tuple[datetime, int]]) -> float:
    """Bytes a day by which a disk fills."""
    steps = sorted(
        (
            ((early - late) / ((then - when) / DAY), (then - when) / DAY)
            for (when, early), (then, late) in pairwise(points)
            if then > when
        ),
    )
    out = max(1, round(LEFT_OUT * len(steps))) if len(steps) >= LEAST else 0
    steps = steps[out : len(steps) - out]
    return sum(rate * days for rate, days in steps) / sum(days for _, days in steps)
