"""When a story's page is looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


def next_revisit(discovered: datetime, ages: Iterable[str], now: datetime) -> datetime | None:
    """The first instant after ``now`` at which the page is of one of the ages; None: never again.

    ``ages`` are hours in rising order, as the option ``revisit.ages`` has them. Ages that passed
    while nothing ran are not made up for one by one: one look tells what all of them would.
    """
    for age in ages:
        due = discovered + timedelta(hours=float(age))
        if due > now:
            return due
    return None
