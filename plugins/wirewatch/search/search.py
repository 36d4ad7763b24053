"""Searching stories: hits with highlights, copies folded into clusters, facets, pages.

Pages are read under a point in time with a unique sort, so that no row is lost or comes twice
while stories arrive. Elasticsearch cannot go on after a given row of a collapsed result, so a
later page of clusters reads stories on from there, and asks of their clusters which story comes
first: a cluster whose first story lies further up has been shown already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import ApiError, BadRequestError, NotFoundError

from wirewatch.records import utc_now
from wirewatch.search import cursor as cursors
from wirewatch.search import languages, read
from wirewatch.search.cursor import BadCursor, Cursor
from wirewatch.search.dsl import Query, languages_asked, translate
from wirewatch.search.language import BadQuery, Resolver, expand, limits_from, parse, to_text
from wirewatch.search.results import Hit, Results
from wirewatch.search.tree import Node, Saved, leaves
from wirewatch.store import Store

SIZE = 20  # hits a page, when nothing else is asked for
MOST = 500  # hits a page; who wants all of them exports
KEEP = "5m"  # how long a reader may look at a page before the next one is gone
EXACT = 3_000  # clusters up to which they are counted nearly exactly: 24 kB a shard
STEP = 3  # stories read for a cluster on later pages: a cluster has two or three on average
MOST_STEP = 1_000  # stories a request
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


class BadRequest(ValueError):
    """A wrong sort, collapse, size or facet; the message says what is allowed."""


class TooSlow(RuntimeError):
    """The server gave up after ``search.timeout`` seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query made ready: its tree with saved searches written out, and its DSL."""

    text: str
    tree: Node
    dsl: Query
    languages: tuple[str, ...]  # keys whose fields are asked


def prepare(
    store: Store,
    query: str,
    *,
    now: datetime | None = None,
    resolve: Resolver | None = None,
    any_word: bool = False,
) -> Asked:
    """The query read within the options' limits, and translated for the languages there are.

    ``resolve`` gives the query of a saved search; without it, the store's are taken. Raises
    BadQuery.
    """
    limits = limits_from(store.settings)
    tree = parse(query, limits)
    text = to_text(tree)
    if any(isinstance(leaf, Saved) for leaf in leaves(tree)):
        resolve = resolve or {s.id: s.query for s in store.searches.all()}.get
        tree = expand(tree, resolve, limits)
    keys = languages_asked(tree, languages.present(store))
    dsl = translate(tree, languages=keys, now=now or utc_now(), any_word=any_word)
    return Asked(text, tree, dsl, keys)


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
    key: bytes = cursors.PROCESS_KEY,
) -> Results:
    """One page of the stories, or the clusters, that match.

    ``sort`` is ``newest`` or ``relevance``; ``collapse`` is ``cluster`` (a cluster comes once,
    where its first matching story stands, and shows its lead when that matches) or ``none``.
    With ``pages`` the answer has a cursor for the page after it; ``cursor`` is the last page's,
    and everything else asked must be as before. ``any_word``: see :func:`dsl.translate`.

    Raises BadQuery, BadRequest, BadCursor and TooSlow; Elasticsearch's own failures as they are.
    """
    _check(sort, collapse, size, facets, facet_values)
    asked = prepare(store, query, now=now, resolve=resolve, any_word=any_word)
    marks = cursors.fingerprint(store.prefix, asked.text, sort, collapse, any_word)
    state = _state(store, cursor, marks, key, pages)
    reader = _Reader(store, asked, sort, state.pit if state else "", highlight)
    body: Query = {
        "query": asked.dsl,
        "sort": SORTS[sort],
        "track_total_hits": True,
        "aggs": _aggregations(facets, facet_values),
    }
    grouped = collapse == "cluster"
    if state and state.after and grouped:
        answer = reader.ask({**body, "size": 0})
        page = reader.later_clusters(state.after, size)
    else:
        answer = reader.ask(
            {
                **body,
                "size": size + 1,
                **({"search_after": state.after} if state and state.after else {}),
                **(reader.collapsed() if grouped else reader.plain()),
            }
        )
        page = _Page(
            read.hits(answer, grouped=grouped), [h["sort"] for h in answer["hits"]["hits"]]
        )
    more = len(page.hits) > size
    hits = page.hits[:size]
    return Results(
        query=asked.text,
        stories=answer["hits"]["total"]["value"],
        clusters=answer["aggregations"]["clusters"]["value"],
        clusters_approximate=answer["aggregations"]["clusters"]["value"] > EXACT,
        hits=_counted(store, hits) if grouped else hits,
        facets=read.facets(answer, facets),
        cursor=_next(store, state, page.after[size - 1] if more else None, marks, key),
        took=answer["took"],
    )


def ask(store: Store, body: Query) -> dict[str, Any]:
    """The answer to one request over all stories, whole and in time.

    Raises TooSlow; BadQuery and BadCursor for what these are to blame for.
    """
    place: Query = {"index": store.stories.alias, "allow_partial_search_results": False}
    if "pit" in body:  # a point in time knows its indices
        place = {}
    seconds = store.settings["search.timeout"]
    with understood():
        answer: dict[str, Any] = store.es.search(
            **place, **body, timeout=f"{int(seconds * 1000)}ms"
        ).body
    if answer["timed_out"]:
        raise TooSlow(
            f"this search took longer than {seconds:g} seconds: write fewer or longer words "
            "with a star, or add published: with fewer days"
        )
    return answer


@dataclass(frozen=True, slots=True)
class _Page:
    hits: tuple[Hit, ...]
    after: list[list[Any]]  # the sort values of each hit


class _Reader:
    """Requests of one search: its query, its sort, its point in time."""

    def __init__(self, store: Store, asked: Asked, sort: str, pit: str, highlight: bool) -> None:
        self._store = store
        self._asked = asked
        self._sort = sort
        self._pit = pit
        self._highlight = highlight
        self._marking = read.highlighting(asked.languages)

    def ask(self, body: Query) -> dict[str, Any]:
        if not self._pit:
            return ask(self._store, body)
        return ask(self._store, {**body, "pit": {"id": self._pit, "keep_alive": KEEP}})

    def plain(self) -> Query:
        shown = {"source_excludes": list(read.NOT_SHOWN), "track_scores": True}
        return {**shown, "highlight": self._marking} if self._highlight else shown

    def collapsed(self) -> Query:
        lead: Query = {
            "name": "lead",
            "size": 1,
            "sort": [{"lead": "desc"}, {"time": "asc"}, {"id": "asc"}],
            "_source": {"excludes": list(read.NOT_SHOWN)},
        }
        if self._highlight:
            lead["highlight"] = self._marking
        return {
            "collapse": {"field": "cluster_id", "inner_hits": [lead]},
            "source": False,
            "track_scores": True,
        }

    def later_clusters(self, after: list[Any], size: int) -> _Page:
        """The clusters whose first story comes after those sort values, one more than ``size``."""
        found: list[Hit] = []
        positions: list[list[Any]] = []
        step = min(STEP * (size + 1), MOST_STEP)
        order = SORTS[self._sort]
        while len(found) <= size:
            stories = self.ask(
                {
                    "query": self._asked.dsl,
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
            within = {
                "bool": {
                    "must": [self._asked.dsl],
                    "filter": [{"terms": {"cluster_id": clusters}}],
                }
            }
            answer = self.ask(
                {
                    "query": within,
                    "sort": order,
                    "size": len(clusters),
                    "track_total_hits": False,
                    **self.collapsed(),
                }
            )
            firsts = answer["hits"]["hits"]
            for hit, first in zip(read.hits(answer, grouped=True), firsts, strict=True):
                if first["_id"] in here:
                    found.append(hit)
                    positions.append(first["sort"])
            if len(stories) < step:
                break
        return _Page(tuple(found), positions)


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


def _state(store: Store, cursor: str, marks: str, key: bytes, pages: bool) -> Cursor | None:
    if not cursor:
        if not pages:
            return None
        pit = store.es.open_point_in_time(index=store.stories.alias, keep_alive=KEEP)["id"]
        return Cursor(pit=pit, after=[], asked=marks)
    state = cursors.unseal(cursor, key)
    if state.asked != marks:
        raise BadCursor("this cursor is of another search: ask as on the page that gave it")
    return state


def _next(
    store: Store, state: Cursor | None, after: list[Any] | None, marks: str, key: bytes
) -> str:
    """The cursor of the page after ``after``; closes the point in time when there is none."""
    if state is None:
        return ""
    if after is None:
        store.es.close_point_in_time(id=state.pit)
        return ""
    return cursors.seal(Cursor(pit=state.pit, after=after, asked=marks), key)


def _aggregations(facets: Sequence[str], values: int) -> Query:
    asked: Query = {
        "clusters": {"cardinality": {"field": "cluster_id", "precision_threshold": EXACT}}
    }
    for name in facets:
        asked[name] = {"terms": {"field": FACETS[name], "size": values}}
    return asked


def _counted(store: Store, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits with how many copies their clusters have in all, and in how many outlets."""
    if not hits:
        return hits
    answer = store.es.search(
        index=store.stories.alias,
        size=0,
        track_total_hits=False,
        query={"terms": {"cluster_id": [hit.story.cluster_id for hit in hits]}},
        aggs={
            "clusters": {
                "terms": {"field": "cluster_id", "size": len(hits)},
                "aggs": {"outlets": {"cardinality": {"field": "outlet"}}},
            }
        },
    )
    return read.with_copies(hits, answer["aggregations"]["clusters"]["buckets"])


@contextmanager
def understood() -> Iterator[None]:
    """Turns what a query or a cursor can be blamed for into BadQuery and BadCursor."""
    try:
        yield
    except NotFoundError as error:
        if "search_context_missing" in str(error.body):
            raise BadCursor("this cursor has expired: search again") from error
        raise
    except (BadRequestError, ApiError) as error:
        if "too_many" in str(error.body) or "TooManyClauses" in str(error.body):
            raise BadQuery(
                "this query stands for more words than the server compares at once",
                1,
                "fewer words, longer ones before a star, or lang: with one language",
            ) from error
        raise
