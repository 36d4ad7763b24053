"""Which due pages a run takes: hosts in turn, the oldest pages of each first.

As StormCrawler's aggregation spout does it: the server counts what is due by host, so a host's
backlog is never read, and however long it is it takes no other host's turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.store.scan import PAGE, scan

HOSTS = 1_000  # hosts counted, or named, in one request

# How many pages each of these hosts can be asked for in a run; one that is not named: any number.
Most = Callable[[Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Due:
    """A host's due pages: how many there are, and how many a run may take."""

    count: int
    most: int
    oldest: float  # milliseconds since 1970


def chosen(
    es: Elasticsearch, index: str, query: dict[str, Any], order: str, limit: int, most: Most
) -> Iterator[dict[str, Any]]:
    """The hits of a query that a run takes, with their versions; no more than ``limit``.

    ``order`` is the date field whose smallest value comes first.
    """
    due = _due(es, index, query, order, most)
    taken = shares(due, limit)
    sort = [{order: "asc"}]
    whole = [host for host, share in taken.items() if share == due[host].count]
    for at in range(0, len(whole), HOSTS):
        hosts = whole[at : at + HOSTS]
        wanted = sum(taken[host] for host in hosts)
        named = _of(query, {"terms": {"host": hosts}})
        yield from scan(es, index, named, sort=sort, limit=wanted, versions=True)
    chunk: list[str] = []
    for host, share in taken.items():
        if share == due[host].count:
            continue
        if share > PAGE:
            named = _of(query, {"term": {"host": host}})
            yield from scan(es, index, named, sort=sort, limit=share, versions=True)
            continue
        if sum(taken[one] for one in chunk) + share > PAGE:
            yield from _oldest(es, index, query, sort, {one: taken[one] for one in chunk})
            chunk = []
        chunk.append(host)
    yield from _oldest(es, index, query, sort, {one: taken[one] for one in chunk})


def shares(due: Mapping[str, Due], limit: int) -> dict[str, int]:
    """How many pages of each host are taken: every host gets one before any gets a second.

    Where there are more hosts than pages to take, those with the oldest page come first.
    """
    wanted = {
        host: min(one.count, one.most)
        for host, one in sorted(due.items(), key=lambda item: (item[1].oldest, item[0]))
        if min(one.count, one.most) > 0
    }
    taken = dict.fromkeys(wanted, 0)
    left = limit
    while left > 0 and wanted:
        each = max(1, left // len(wanted))
        for host in list(wanted):
            got = min(each, wanted[host], left)
            taken[host] += got
            left -= got
            wanted[host] -= got
            if not wanted[host]:
                del wanted[host]
    return {host: share for host, share in taken.items() if share}


def _due(
    es: Elasticsearch, index: str, query: dict[str, Any], order: str, most: Most
) -> dict[str, Due]:
    found: dict[str, Due] = {}
    after: dict[str, Any] = {}
    while True:
        composite = {"size": HOSTS, "sources": [{"host": {"terms": {"field": "host"}}}], **after}
        answer = es.search(
            index=index,
            size=0,
            query=query,
            track_total_hits=False,
            aggs={
                "hosts": {
                    "composite": composite,
                    "aggs": {"oldest": {"min": {"field": order}}},
                }
            },
        )["aggregations"]["hosts"]
        buckets = answer["buckets"]
        at_most = most([bucket["key"]["host"] for bucket in buckets]) if buckets else {}
        for bucket in buckets:
            host, count = bucket["key"]["host"], bucket["doc_count"]
            oldest = bucket["oldest"]["value"] or 0.0
            found[host] = Due(count=count, most=at_most.get(host, count), oldest=oldest)
        if "after_key" not in answer:
            return found
        after = {"after": answer["after_key"]}


def _oldest(
    es: Elasticsearch,
    index: str,
    query: dict[str, Any],
    sort: list[dict[str, Any]],
    taken: Mapping[str, int],
) -> Iterator[dict[str, Any]]:
    if not taken:
        return
    searches: list[dict[str, Any]] = []
    for host, share in taken.items():
        named = _of(query, {"term": {"host": host}})
        searches += [
            {},
            {
                "query": named,
                "sort": sort,
                "size": share,
                "seq_no_primary_term": True,
                "track_total_hits": False,
            },
        ]
    for answer in es.msearch(index=index, searches=searches)["responses"]:
        if "error" in answer:
            raise RuntimeError(f"Elasticsearch could not look for due pages: {answer['error']}")
        yield from answer["hits"]["hits"]


def _of(query: dict[str, Any], hosts: dict[str, Any]) -> dict[str, Any]:
    return {"bool": {"filter": [query, hosts]}}
