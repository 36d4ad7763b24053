"""What a kind of trouble says, and what a look at an installation takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wirewatch.alerts.messages import one_line
from wirewatch.records import Trouble
from wirewatch.settings import Settings
from wirewatch.store import Store

LONGEST = 600  # characters of what is told: an error of Elasticsearch's may have thousands
TOLD_BY_AIRFLOW = "task-failed"  # the kind that no look finds: Airflow tells of it, and of its end


@dataclass(frozen=True, slots=True)
class View:
    """What a look takes."""

    store: Store
    settings: Settings
    now: datetime

    def ago(self, option: str, unit: str) -> datetime:
        """The instant that lies so far back as an option says, in units of ``timedelta``."""
        return self.now - timedelta(**{unit: self.settings[option]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of trouble, in its words."""

    name: str
    title: str  # says no more than anybody may know: the health route shows it to all
    what: str  # with its figures as {fields}
    do: str
    options: tuple[str, ...] = ()  # that say from when it is one

    def found(self, since: datetime, about: str = "", **fields: object) -> Trouble:
        """The trouble of this kind; ``about`` tells it from others of the kind."""
        return Trouble(
            id=f"{self.name}:{about}" if about else self.name,
            kind=self.name,
            since=since,
            what=one_line(self.what.format(**fields), LONGEST),
            do=self.do,
        )


def at(when: datetime) -> str:
    """An instant in a message."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def lasted(span: timedelta) -> str:
    """A span of time in a message: ``12 minutes``, ``30 hours``, ``4 days``."""
    minutes = max(1, round(span.total_seconds() / 60))
    for unit, size in (("days", 1_440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {unit}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
