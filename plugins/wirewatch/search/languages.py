"""Which languages the stories are in: only their fields are asked."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from wirewatch.store import Store

KEEP = 60.0  # seconds: a story in a language new to the archive is found a minute later at most
MOST = 500  # language tags looked at: there are some 180 languages with news on the web

_known: WeakKeyDictionary[Store, tuple[float, tuple[str, ...]]] = WeakKeyDictionary()


def present(store: Store, *, keep: float = KEEP) -> tuple[str, ...]:
    """The language keys of the stories there are, the commonest first; learnt anew in a while."""
    known = _known.get(store)
    if known is not None and time.monotonic() - known[0] < keep:
        return known[1]
    answer = store.es.search(
        index=store.stories.alias,
        size=0,
        track_total_hits=False,
        aggs={"tags": {"terms": {"field": "language", "size": MOST}}},
    )
    tags = [bucket["key"] for bucket in answer["aggregations"]["tags"]["buckets"]]
    keys = tuple(dict.fromkeys(store.templates.language_key(tag) for tag in tags))
    if keys:  # of an empty archive nothing is remembered: the first stories may come any moment
        _known[store] = (time.monotonic(), keys)
    return keys
