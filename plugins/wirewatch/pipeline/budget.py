"""How a run's time for asking other people's servers is shared out: each share is one deadline."""

from __future__ import annotations

from wirewatch.settings import Settings

# Of ``fetch.budget``. An article goes on over ten pages at the most, and few do; but where a host
# used up the time for first pages, the second pages of all other hosts must still be had.
FIRST = 0.75
FURTHER = 1 - FIRST


def for_first(settings: Settings) -> float:
    """Seconds in which a batch's pages are asked for, with what their canonical links name."""
    return FIRST * float(settings["fetch.budget"])


def for_further(settings: Settings) -> float:
    """Seconds in which the further pages of a batch's articles are asked for."""
    return FURTHER * float(settings["fetch.budget"])
