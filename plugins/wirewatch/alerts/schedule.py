"""When a saved search may speak: its digests, its quiet hours, its mute."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wirewatch.records import Every, SavedSearch

log = logging.getLogger("wirewatch.alerts")


def speaks(search: SavedSearch, now: datetime) -> datetime:
    """The instant from which a message that is ready at ``now`` may go; ``now`` for at once.

    A digest goes at the next hour of its schedule after ``now``. Whatever falls into a mute or into
    quiet hours goes at their end.
    """
    moment = now if search.every == Every.ONCE else next_slot(search, now)
    return resumes(search, moment)


def resumes(search: SavedSearch, moment: datetime) -> datetime:
    """The moment, or the end of the mute and the quiet hours that it falls into."""
    if search.muted_until and search.muted_until > moment:
        moment = search.muted_until
    if len(search.quiet) != 2:
        return moment
    begin, end = search.quiet
    hour = moment.astimezone(zone_of(search.zone)).hour
    inside = begin <= hour < end if begin < end else hour >= begin or hour < end
    return _next(search.zone, end, moment) if inside and begin != end else moment


def next_slot(search: SavedSearch, now: datetime) -> datetime:
    """The next instant of the search's digest after ``now``, in UTC.

    An hour that summer time leaves out is told an hour later, one that comes twice once.
    """
    zone = zone_of(search.zone)
    if search.every == Every.HOUR:
        local = now.astimezone(zone)
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return (now - past + timedelta(hours=1)).astimezone(UTC)
    return _next(search.zone, search.hour, now, search.weekday if _weekly(search) else None)


def _weekly(search: SavedSearch) -> bool:
    return search.every == Every.WEEK


def _next(zone_name: str, hour: int, now: datetime, weekday: int | None = None) -> datetime:
    """The next time after ``now`` that clocks in the zone show the hour, on that day of a week."""
    zone = zone_of(zone_name)
    day = now.astimezone(zone).date()
    for ahead in range(9):
        date = day + timedelta(days=ahead)
        moment = datetime(date.year, date.month, date.day, hour, tzinfo=zone).astimezone(UTC)
        if moment > now and weekday in (None, date.weekday()):
            return moment
    raise AssertionError("every weekday comes within nine days")


@cache
def zone_of(name: str) -> ZoneInfo:
    """The time zone; UTC, with a warning, where this machine does not know the name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("there is no time zone %r on this machine: UTC is taken", name[:100])
        return ZoneInfo("UTC")
