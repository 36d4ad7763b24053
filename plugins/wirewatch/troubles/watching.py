"""One look at an installation, with all that follows from it."""

from __future__ import annotations

from collections import Counter

from wirewatch.records import stable_id, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Unavailable, connect
from wirewatch.troubles import away, telling
from wirewatch.troubles.looking import look


def watch(settings: Settings) -> Counter[str]:
    """Looks for troubles, and queues the messages of those that are new or over; counts them.

    While Elasticsearch is away that is told without it, once; then raises Unavailable.
    """
    now = utc_now()
    try:
        with connect(settings) as store:
            over = away.over(settings, now)
            if over is not None:
                text = telling.over_in_words(over)
                store.deliveries.create(telling.queued(over, text, settings, now))
            return telling.tell(store, settings, look(store, settings, now), now)
    except Unavailable as error:
        begun = away.begin(settings, str(error), now)
        if begun is not None:
            text = telling.in_words(begun, settings)
            away.send(settings, text, stable_id("trouble", begun.id, now.isoformat()), now)
        raise
