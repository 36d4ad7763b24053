"""One look at an installation, with all that follows from it."""

from __future__ import annotations

from collections import Counter

from wirewatch.records import stable_id, utc_now
from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Unavailable, connect
from wirewatch.troubles import away, telling
from wirewatch.troubles.looking import look


def watch(settings: Settings) -> Counter[str]:
    """Looks for troubles, and queues the messages of those that are new or over; counts them.

    While Elasticsearch is away, takes no writes or has other mappings, that is told without it,
    once; then raises Unavailable or MappingDiffers.
    """
    now = utc_now()
    try:
        with connect(settings) as store:
            counts = telling.tell(store, settings, look(store, settings, now), now)
            over = away.noted(settings, now)
            if over is not None:  # it takes writes again, too
                messages = telling.queued(over, telling.over_in_words(over), settings, now)
                store.deliveries.create(messages).raise_refused("messages")
                away.forget(settings)
            return counts
    except (Unavailable, MappingDiffers) as error:
        begun = away.begin(settings, str(error), now)
        if begun is not None:
            text = telling.in_words(begun, settings)
            away.send(settings, text, stable_id("trouble", begun.id, now.isoformat()), now)
        raise
