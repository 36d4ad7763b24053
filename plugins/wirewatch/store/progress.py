"""How the flow stands: what waits and since when, how long each step took, how hosts fare.

All of it is asked in one request, of what the documents keep anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from wirewatch.records import PageStatus, Reason, Record, Run, from_dict
from wirewatch.store.client import Store
from wirewatch.store.deliveries import may_be_sent
from wirewatch.store.feeds import to_be_polled
from wirewatch.store.pages import to_be_fetched, to_be_revisited
from wirewatch.store.standing import as_instant
from wirewatch.store.stories import UNMATCHED
from wirewatch.store.waits import Wait, read_wait, seconds_between, wait_figures

DAY = timedelta(days=1)  # how long took what ended in this span
HOUR = timedelta(hours=1)  # runs that ended in it are added up
RUNS = 1_000  # of an hour, at the most: one of a kind goes on at a time, for seconds
NAMED = 10  # hosts told by name: Prometheus keeps a series for each that ever was
SLOW = 10.0  # seconds a page takes: ten times the pause that a host is left
Asked = Mapping[str, tuple[str, dict[str, Any]]]  # by name: a noun, and what is asked of it
# Waiting for these is no failure of the host.
POLITE = (Reason.POSTPONED.value, Reason.RATE_LIMITED.value)


class Backlog(Record, frozen=True, kw_only=True):
    """What waits to be done."""

    count: int
    oldest: datetime | None  # since when the first of it could have been done; None: nothing waits


class HostsFare(Record, frozen=True, kw_only=True):
    """How hosts fare: how many, and those that fare worst by name."""

    seen: int  # hosts of the pages of the last day
    failing: int  # hosts with pages that wait after a failure
    slow: int  # hosts that were asked in the last day, and a page took 10 s or more
    waiting: dict[str, int]  # most pages that wait after a failure, by host
    seconds: dict[str, float]  # longest that a page took, by host


class Progress(Record, frozen=True, kw_only=True):
    """How the flow stands at a moment."""

    backlogs: dict[str, Backlog]  # of "feeds", "pages", "revisits", "stories", "messages"
    waits: dict[str, Wait]  # "seen_to_fetched", "seen_to_searchable", "searchable_to_alerted"
    newest: datetime | None  # when the newest story became searchable
    hosts: HostsFare
    ended: tuple[Run, ...]  # runs that ended in the last hour, the newest first


def progress(store: Store, now: datetime) -> Progress:
    """How the flow stands. Raises what the store raises, and RuntimeError for part of an answer."""
    day = {"gte": (now - DAY).isoformat()}
    queues = _queues(now)
    asked: Asked = {
        **queues,
        "seen_to_fetched": ("pages", _took("discovered", "first_fetched", day)),
        "seen_to_searchable": ("stories", _took("first_seen", "indexed", day)),
        "searchable_to_alerted": ("alerts", _took("searchable", "created", day)),
        "newest": ("stories", {"aggs": {"newest": {"max": {"field": "indexed"}}}}),
        "seen": ("pages", {"query": {"range": {"discovered": day}}, "aggs": _hosts()}),
        "failing": ("pages", {"query": _failing(), "aggs": _hosts(NAMED)}),
        "slow": ("hosts", {"query": {"range": {"next_at": day}}, "aggs": _slow(),
                           "sort": [{"seconds": "desc"}], "size": NAMED}),
        "ended": ("runs", {"query": {"range": {"finished": {"gte": (now - HOUR).isoformat()}}},
                           "sort": [{"finished": "desc"}], "size": RUNS}),
    }  # fmt: skip
    told = _ask(store, asked)
    waits = [name for name in asked if "_to_" in name]
    return Progress(
        backlogs={name: _backlog(told[name]) for name in queues},
        waits={name: read_wait(told[name]["aggregations"], _total(told[name])) for name in waits},
        newest=as_instant(told["newest"]["aggregations"]["newest"]["value"]),
        hosts=_fare(told),
        ended=tuple(from_dict(Run, hit["_source"]) for hit in told["ended"]["hits"]["hits"]),
    )


def backlogs(store: Store, now: datetime) -> dict[str, Backlog]:
    """What waits in each queue; raises as :func:`progress` does."""
    return {name: _backlog(told) for name, told in _ask(store, _queues(now)).items()}


def _queues(now: datetime) -> Asked:
    return {
        "feeds": ("feeds", {"query": to_be_polled(now), "aggs": _oldest("next_poll")}),
        "pages": ("pages", {"query": to_be_fetched(now),
                            "aggs": _oldest("next_attempt", "discovered")}),
        "revisits": ("pages", {"query": to_be_revisited(now), "aggs": _oldest("revisit_at")}),
        "stories": ("stories", {"query": UNMATCHED, "aggs": _oldest("revised", "indexed")}),
        "messages": ("deliveries", {"query": may_be_sent(now), "aggs": _oldest("next_try")}),
    }  # fmt: skip


def _ask(store: Store, asked: Asked) -> dict[str, Any]:
    searches: list[dict[str, Any]] = []
    for noun, body in asked.values():
        searches += [
            {"index": f"{store.prefix}-{noun}"},
            {"size": 0, "track_total_hits": True, **body},
        ]
    answers = store.es.msearch(searches=searches)["responses"]
    for name, answer in zip(asked, answers, strict=True):
        if "error" in answer:
            raise RuntimeError(f"Elasticsearch could not tell {name}: {answer['error']}")
    return dict(zip(asked, answers, strict=True))


def _oldest(field: str, else_field: str = "") -> dict[str, Any]:
    """Since when the oldest waits: by ``field``, and by the other where a document lacks that."""
    least = {"min": {"field": field}}
    if not else_field:
        return {"oldest": least}
    unset = {"bool": {"must_not": [{"exists": {"field": field}}]}}
    others = {"filter": unset, "aggs": {"oldest": {"min": {"field": else_field}}}}
    return {"oldest": least, "others": others}


def _backlog(answer: Mapping[str, Any]) -> Backlog:
    figures = answer["aggregations"]
    found = [figures["oldest"]["value"], figures.get("others", {}).get("oldest", {}).get("value")]
    instants = [one for one in found if one is not None]
    return Backlog(count=_total(answer), oldest=as_instant(min(instants, default=None)))


def _took(begin: str, end: str, span: dict[str, Any]) -> dict[str, Any]:
    """How long it took between two dates, of documents whose second one lies in a span."""
    return {
        "query": {"bool": {"filter": [{"range": {end: span}}, {"exists": {"field": begin}}]}},
        "runtime_mappings": seconds_between("took", begin, end),
        "aggs": wait_figures("took"),
    }


def _failing() -> dict[str, Any]:
    waiting = {"term": {"status": PageStatus.RETRY.value}}
    polite = {"terms": {"reason": list(POLITE)}}
    return {"bool": {"filter": [waiting], "must_not": [polite]}}


def _hosts(named: int = 0) -> dict[str, Any]:
    counted: dict[str, Any] = {"hosts": {"cardinality": {"field": "host"}}}
    if named:
        counted["named"] = {"terms": {"field": "host", "size": named}}
    return counted


def _slow() -> dict[str, Any]:
    return {"slow": {"filter": {"range": {"seconds": {"gte": SLOW}}}}}


def _fare(told: Mapping[str, Any]) -> HostsFare:
    failing = told["failing"]["aggregations"]
    slowest = [hit["_source"] for hit in told["slow"]["hits"]["hits"]]
    return HostsFare(
        seen=told["seen"]["aggregations"]["hosts"]["value"],
        failing=failing["hosts"]["value"],
        slow=told["slow"]["aggregations"]["slow"]["doc_count"],
        waiting={one["key"]: one["doc_count"] for one in failing["named"]["buckets"]},
        seconds={one["id"]: one["seconds"] for one in slowest if one["seconds"]},
    )


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])
