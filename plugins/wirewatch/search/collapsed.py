"""Results folded into clusters: each comes once, where its first matching story stands.

Elasticsearch cannot go on after a given row of a collapsed result, so a later page reads stories
on from there, and asks of their clusters which story comes first: a cluster whose first story lies
further up has been shown already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wirewatch.records import replace
from wirewatch.search import read
from wirewatch.search.dsl import Query
from wirewatch.search.request import Asked
from wirewatch.search.results import Hit

STEP = 3  # stories read for a cluster on later pages: a cluster has two or three on average
MOST_STEP = 1_000  # stories a request
COLLAPSED: Query = {"collapse": {"field": "cluster_id"}, "source": False}
# Of the stories that match, the one to show.
BEST = [{"lead": "desc"}, {"time": "asc"}, {"id": "asc"}]

Asking = Callable[[Query], dict[str, Any]]  # one request: its body, its answer


@dataclass(frozen=True, slots=True)
class First:
    """The story of a cluster that comes first in a result."""

    id: str
    cluster: str
    score: float
    sort: list[Any]


def top(answer: Mapping[str, Any]) -> list[First]:
    """The clusters of an answer that was asked for as :data:`COLLAPSED`, in its order."""
    return [
        First(hit["_id"], hit["fields"]["cluster_id"][0], hit.get("_score") or 0.0, hit["sort"])
        for hit in answer["hits"]["hits"]
    ]


def later(
    asking: Asking, asked: Asked, order: list[dict[str, Any]], after: list[Any], size: int
) -> list[First]:
    """The clusters whose first story comes after those sort values: ``size`` or more, if any."""
    found: list[First] = []
    step = min(STEP * size, MOST_STEP)
    while len(found) < size:
        stories = asking(
            {
                "query": asked.dsl,
                "sort": order,
                "size": step,
                "search_after": after,
                "source": ["cluster_id"],
                "track_total_hits": False,
            }
        )["hits"]["hits"]
        if not stories:
            break
        after = stories[-1]["sort"]
        here = {hit["_id"] for hit in stories}
        clusters = list({hit["_source"]["cluster_id"] for hit in stories})
        firsts = asking(
            {
                "query": {"bool": {"must": [asked.dsl], "filter": [_of(clusters)]}},
                "sort": order,
                "size": len(clusters),
                "track_total_hits": False,
                "track_scores": True,
                **COLLAPSED,
            }
        )
        found += [first for first in top(firsts) if first.id in here]
        if len(stories) < step:
            break
    return found


def hits(asking: Asking, asked: Asked, firsts: Sequence[First], highlight: bool) -> tuple[Hit, ...]:
    """The clusters as lines of a result: the lead where it matches, copies counted."""
    if not firsts:
        return ()
    clusters = [first.cluster for first in firsts]
    terms = {"terms": {"field": "cluster_id", "size": len(clusters)}}
    outlets = {"outlets": {"cardinality": {"field": "outlet"}}}
    shown = read.shown(asked, highlight)
    if highlight:
        shown["highlight"]["highlight_query"] = asked.dsl
    answer = asking(
        {
            # All stories of these clusters are few, whatever the query finds: it only filters them.
            "query": {"bool": {"filter": [_of(clusters)]}},
            "post_filter": asked.dsl,
            "sort": BEST,
            "size": len(clusters),
            "track_total_hits": False,
            "collapse": {"field": "cluster_id"},
            **shown,
            "aggs": {
                "matching": {"filter": asked.dsl, "aggs": {"clusters": terms}},
                "clusters": {**terms, "aggs": outlets},
            },
        }
    )
    figures = answer["aggregations"]
    matching = {b["key"]: b["doc_count"] for b in figures["matching"]["clusters"]["buckets"]}
    whole = {b["key"]: b for b in figures["clusters"]["buckets"]}
    best = {hit.story.cluster_id: hit for hit in read.hits(answer)}
    return tuple(
        replace(
            best[first.cluster],
            score=first.score,
            matching=matching[first.cluster],
            copies=whole[first.cluster]["doc_count"],
            outlets=whole[first.cluster]["outlets"]["value"],
        )
        for first in firsts
        # Without a point in time, its stories may have moved to another cluster just now.
        if first.cluster in best
    )


def _of(clusters: Sequence[str]) -> Query:
    return {"terms": {"cluster_id": list(clusters)}}
