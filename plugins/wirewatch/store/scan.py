"""Reading every document of a query, in a stable order, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elasticsearch import Elasticsearch

PAGE = 1_000  # documents a request
KEEP = "2m"  # how long the server keeps the point in time between two requests


def scan(
    es: Elasticsearch,
    index: str,
    query: dict[str, Any],
    *,
    sort: list[dict[str, Any]] | None = None,
    source: bool = True,
    limit: int | None = None,
    versions: bool = False,
    pit: str = "",
) -> Iterator[dict[str, Any]]:
    """The hits of a query, each once, under a point in time; sorted by ``sort``, then by shard doc.

    ``versions`` adds ``_seq_no`` and ``_primary_term`` to each hit, for compare-and-set. ``pit`` is
    an open point in time, which whoever opened it closes.
    """
    given = bool(pit)
    pit = pit or es.open_point_in_time(index=index, keep_alive=KEEP)["id"]
    after: list[Any] | None = None
    left = limit
    try:
        while left is None or left > 0:
            answer = es.search(
                query=query,
                sort=[*(sort or []), {"_shard_doc": "asc"}],
                size=PAGE if left is None else min(PAGE, left),
                pit={"id": pit, "keep_alive": KEEP},
                search_after=after,
                source=source,
                seq_no_primary_term=versions,
                track_total_hits=False,
            )
            pit = answer.get("pit_id", pit)
            hits = answer["hits"]["hits"]
            if not hits:
                return
            yield from hits
            after = hits[-1]["sort"]
            left = None if left is None else left - len(hits)
    finally:
        if not given:
            es.close_point_in_time(id=pit)


def missing(es: Elasticsearch, index: str, other: str) -> Iterator[str]:
    """The ids that the first index has and the second has not, both read in order."""
    order = [{"id": "asc"}]
    there = (hit["_id"] for hit in scan(es, other, {"match_all": {}}, sort=order, source=False))
    at = next(there, None)
    for hit in scan(es, index, {"match_all": {}}, sort=order, source=False):
        while at is not None and at < hit["_id"]:
            at = next(there, None)
        if at != hit["_id"]:
            yield hit["_id"]
