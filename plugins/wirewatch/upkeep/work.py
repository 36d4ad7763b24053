"""What the parts of the upkeep take and give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wirewatch.records import Record
from wirewatch.settings import Settings
from wirewatch.store import Store


@dataclass(frozen=True)
class Work:
    """What a part works with."""

    settings: Settings
    store: Store
    now: datetime
    dry: bool  # says what it would free, and frees nothing

    def before(self, option: str) -> datetime | None:
        """The instant before which things go, by an option in days; None: they stay for ever."""
        days = self.settings[option]
        return self.now - timedelta(days=days) if days else None


class Freed(Record, frozen=True, kw_only=True):
    """What a part freed, or would free."""

    part: str = ""
    items: int = 0
    unit: str = "documents"  # what the items are
    bytes: int = 0  # of documents an estimate: the server frees them when it merges
    what: str = ""  # which, in words
    notes: tuple[str, ...] = ()  # what was left, and why
    problem: str = ""  # why it could not be done, in words


FOR_EVER = "kept for ever"


def for_ever(option: str, unit: str = "documents") -> Freed:
    """What a part gives whose option keeps everything."""
    return Freed(unit=unit, what=f"{FOR_EVER} ({option} = 0)")


@dataclass(frozen=True)
class Part:
    """One kind of thing that grows."""

    name: str
    options: tuple[str, ...]  # that say how much of it stays
    free: Callable[[Work], Freed]
    about: str  # what goes, in words
