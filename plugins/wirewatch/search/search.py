"""Searching stories: hits with highlights, copies folded into clusters, facets, pages.

Pages are read under a point in time with a unique sort, so that no row is lost or comes twice
while stories arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wirewatch.records import replace, utc_now
from wirewatch.search import collapsed, read
from wirewatch.search import cursor as cursors
from wirewatch.search.cursor import BadCursor, Cursor
from wirewatch.search.dsl import Query
from wirewatch.search.language import Resolver
from wirewatch.search.request import BadRequest, ask, prepare
from wirewatch.search.results import Results
from wirewatch.store import Store

SIZE = 20  # hits a page, when nothing else is asked for
MOST = 500  # hits a page; who wants all of them exports
KEEP = "5m"  # how long a reader may look at a page before the next one is gone
EXACT = 3_000  # clusters up to which they are counted nearly exactly: 24 kB a shard
FACETS = {
    "topic": "topics.name",
    "outlet": "outlet",
    "agency": "agency",
    "language": "language",
    "country": "country",
    "author": "authors",
}
FACET_VALUES = 10  # values of a facet
SORTS: dict[str, list[dict[str, Any]]] = {
    "newest": [{"time": "desc"}, {"id": "asc"}],
    "relevance": [{"_score": "desc"}, {"time": "desc"}, {"id": "asc"}],
}
COLLAPSE = ("cluster", "none")


def search(
    store: Store,
    query: str,
    *,
    sort: str = "newest",
    collapse: str = "cluster",
    size: int = SIZE,
    cursor: str = "",
    pages: bool = False,
    facets: Sequence[str] = (),
    facet_values: int = FACET_VALUES,
    highlight: bool = True,
    any_word: bool = False,
    now: datetime | None = None,
    resolve: Resolver | None = None,
    secret: bytes = cursors.PROCESS_SECRET,
) -> Results:
    """One page of the stories, or the clusters, that match.

    ``sort`` is ``newest`` or ``relevance``; ``collapse`` is ``cluster`` (a cluster comes once,
    where its first matching story stands, and shows its lead when that matches) or ``none``.
    With ``pages`` the answer has a cursor for the page after it; ``cursor`` is the last page's,
    and everything else asked must be as before. ``any_word``: see :func:`dsl.translate`.

    Raises BadQuery, BadRequest, BadCursor and TooSlow; Elasticsearch's own failures as they are.
    """
    _check(sort, collapse, size, facets, facet_values)
    state = cursors.unseal(cursor, secret, Cursor) if cursor else None
    now = (state.now if state else now) or utc_now()  # 7d is of the first page's moment
    asked = prepare(store, query, now=now, resolve=resolve, any_word=any_word)
    marks = cursors.fingerprint(store.prefix, asked.text, sort, collapse, any_word)
    if state and state.asked != marks:
        raise BadCursor("this cursor is of another search: send its own parameters")
    if pages and state is None:
        pit = store.es.open_point_in_time(index=store.stories.alias, keep_alive=KEEP)["id"]
        state = Cursor(pit=pit, after=[], asked=marks, now=now)
    asking = _Asking(store, state)
    later = state if state and state.after else None  # whose figures are those of the first page
    body: Query = {
        "query": asked.dsl,
        "sort": SORTS[sort],
        "track_total_hits": later is None,
        "track_scores": True,
        "aggs": _aggregations(facets, facet_values, count=later is None),
    }
    # One more than a page has, to know whether there is another.
    grouped = collapse == "cluster"
    answer: dict[str, Any] = {}
    if grouped and later:
        if facets:
            answer = asking({**body, "size": 0})
        firsts = collapsed.later(asking, asked, SORTS[sort], later.after, size + 1)
    elif grouped:
        answer = asking({**body, "size": size + 1, **collapsed.COLLAPSED})
        firsts = collapsed.top(answer)
    else:
        after = {"search_after": later.after} if later else {}
        answer = asking({**body, "size": size + 1, **after, **read.shown(asked, highlight)})
    if grouped:
        positions = [first.sort for first in firsts]
        hits = collapsed.hits(asking, asked, firsts[:size], highlight)
    else:
        positions = [hit["sort"] for hit in answer["hits"]["hits"]]
        hits = read.hits(answer)[:size]
    more = len(positions) > size
    stories = later.stories if later else answer["hits"]["total"]["value"]
    reports = later.clusters if later else answer["aggregations"]["clusters"]["value"]
    if state:
        state = replace(state, stories=stories, clusters=reports)
    return Results(
        query=asked.text,
        stories=stories,
        clusters=reports,
        clusters_approximate=reports > EXACT,
        hits=hits,
        facets=read.facets(answer, facets),
        notes=asked.notes,
        cursor=_next(store, state, positions[size - 1] if more else None, secret),
        took=asking.took,
    )


class _Asking:
    """Asks the store; under the point in time, where there is one. Adds up what it takes."""

    def __init__(self, store: Store, state: Cursor | None) -> None:
        self._store = store
        self._pit = {"pit": {"id": state.pit, "keep_alive": KEEP}} if state else {}
        self.took = 0  # milliseconds of the server

    def __call__(self, body: Query) -> dict[str, Any]:
        answer = ask(self._store, {**body, **self._pit})
        self.took += answer["took"]
        return answer


def _check(sort: str, collapse: str, size: int, facets: Sequence[str], facet_values: int) -> None:
    problems = []
    if sort not in SORTS:
        problems.append(f"sort {sort!r}: must be one of {', '.join(SORTS)}")
    if collapse not in COLLAPSE:
        problems.append(f"collapse {collapse!r}: must be one of {', '.join(COLLAPSE)}")
    if not 1 <= size <= MOST:
        problems.append(f"size {size}: must be from 1 to {MOST}")
    if not 1 <= facet_values <= MOST:
        problems.append(f"facet values {facet_values}: must be from 1 to {MOST}")
    problems += [
        f"facet {name!r}: must be one of {', '.join(FACETS)}"
        for name in facets
        if name not in FACETS
    ]
    if problems:
        raise BadRequest("; ".join(problems))


def _next(store: Store, state: Cursor | None, after: list[Any] | None, secret: bytes) -> str:
    """The cursor of the page after ``after``; closes the point in time when there is none."""
    if state is None:
        return ""
    if after is None:
        store.es.close_point_in_time(id=state.pit)
        return ""
    return cursors.seal(replace(state, after=after), secret)


def commonest(facet: str, values: int) -> Query:
    """The options of an aggregation of the commonest values of a facet; an empty text is none."""
    return {"field": FACETS[facet], "exclude": [""], "size": values}


def _aggregations(facets: Sequence[str], values: int, *, count: bool = True) -> Query:
    """Facets, and how many clusters there are."""
    asked: Query = {name: {"terms": commonest(name, values)} for name in facets}
    if count:
        counted = {"field": "cluster_id", "precision_threshold": EXACT}
        asked["clusters"] = {"cardinality": counted}
    return asked
