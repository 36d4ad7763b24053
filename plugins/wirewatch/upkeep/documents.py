"""Documents of Elasticsearch deleted by query, some thousands at a time.

Each is deleted only as it was when it was found: one that somebody changes meanwhile stays, and is
looked at again by the next call. Killed, the next call goes on.
"""

from __future__ import annotations

from typing import Any

from wirewatch.store import Store
from wirewatch.upkeep.work import Freed, Work

MOST = 5_000  # documents a request: some seconds, so that none times out
SECONDS = 600.0  # that one request may take on a busy server


def delete(store: Store, noun: str, query: dict[str, Any]) -> int:
    """Deletes what a query finds among a noun's documents; returns how many that were."""
    gone = 0
    while True:
        answer = store.es.options(request_timeout=SECONDS).delete_by_query(
            index=f"{store.prefix}-{noun}",
            query=query,
            max_docs=MOST,
            conflicts="proceed",
            refresh=True,
        )
        gone += int(answer["deleted"])
        if int(answer["deleted"]) + int(answer["version_conflicts"]) < MOST:
            return gone


def count(store: Store, noun: str, query: dict[str, Any]) -> int:
    """How many of a noun's documents a query finds."""
    return int(store.es.count(index=f"{store.prefix}-{noun}", query=query)["count"])


def each(store: Store, noun: str) -> float:
    """Bytes that a document of a noun takes with its share of the index, on average."""
    stats = store.es.indices.stats(index=f"{store.prefix}-{noun}", metric="docs,store")
    figures = stats["_all"]["total"]
    documents = figures["docs"]["count"] + figures["docs"]["deleted"]
    return float(figures["store"]["size_in_bytes"] / documents) if documents else 0.0


def free(work: Work, noun: str, query: dict[str, Any], what: str) -> Freed:
    """Deletes what a query finds, or counts it; the bytes are an estimate."""
    size = each(work.store, noun)
    found = count(work.store, noun, query) if work.dry else delete(work.store, noun, query)
    return Freed(items=found, bytes=int(found * size), what=what)


def must(*queries: dict[str, Any]) -> dict[str, Any]:
    """What all of the queries find."""
    return {"bool": {"filter": list(queries)}}


def none_of(*queries: dict[str, Any]) -> dict[str, Any]:
    """What none of the queries finds."""
    return {"bool": {"must_not": list(queries)}}
