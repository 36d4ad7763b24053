"""Why a saved search found a story: the passages that it matched, as Elasticsearch marks them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wirewatch.alerts.portions import portions
from wirewatch.records import Alert, Passage, SavedSearch
from wirewatch.search.dsl import clauses, translate
from wirewatch.search.language import BadQuery, Limits, expand, limits_from, parse
from wirewatch.search.read import highlighting, highlights
from wirewatch.search.results import Highlight
from wirewatch.search.tree import Node
from wirewatch.store import Store

log = logging.getLogger("wirewatch.alerts")

AT_ONCE = 50  # questions in one request
STORIES = 100  # that one question asks for
LONGEST = 1_000  # characters of a passage: a title is marked whole, however long


@dataclass
class _Question:
    """Where one search matches stories of one language."""

    tree: Node
    language: str  # key of its sub-field
    alerts: list[Alert] = field(default_factory=list)


def passages(
    store: Store, searches: Mapping[str, SavedSearch], alerts: Iterable[Alert], now: datetime
) -> dict[str, tuple[Passage, ...]]:
    """The passages that each alert's search matches in the alert's story, by the alert's id.

    One that matches by its values alone (``outlet:``) has none, nor one that the server refuses to
    mark, which is logged.
    """
    found: dict[str, tuple[Passage, ...]] = {}
    most = store.settings["alerts.clauses"]
    asked = _questions(store, searches, alerts)
    for part in portions(
        asked, lambda one: clauses(one.tree, (one.language,)), most, count=AT_ONCE
    ):
        lines: list[dict[str, Any]] = []
        for one in part:
            lines += [{}, _body(one, now)]
        answer = store.es.msearch(index=store.stories.alias, searches=lines)
        for one, result in zip(part, answer["responses"], strict=True):
            if "error" in result:
                log.warning("%s: passages: %s", one.alerts[0].search_id, str(result["error"])[:300])
                continue
            marked = {hit["_id"]: highlights(hit) for hit in result["hits"]["hits"]}
            for alert in one.alerts:
                found[alert.id] = tuple(
                    _passage(alert, piece) for piece in marked.get(alert.story_id, ())
                )
    return found


def _questions(
    store: Store, searches: Mapping[str, SavedSearch], alerts: Iterable[Alert]
) -> list[_Question]:
    limits = limits_from(store.settings)
    queries = {one.id: one.query for one in searches.values()}
    trees: dict[str, Node | None] = {}
    open_ones: dict[tuple[str, str], _Question] = {}
    made: list[_Question] = []
    for alert in alerts:
        if alert.search_id not in trees:
            trees[alert.search_id] = _tree(queries, alert.search_id, limits)
        tree = trees[alert.search_id]
        if tree is None or not alert.story_id:
            continue
        key = alert.search_id, store.templates.language_key(alert.language)
        question = open_ones.get(key)
        if question is None or len(question.alerts) == STORIES:
            question = open_ones[key] = _Question(tree, key[1])
            made.append(question)
        question.alerts.append(alert)
    return made


def _tree(queries: Mapping[str, str], search_id: str, limits: Limits) -> Node | None:
    try:
        return expand(parse(queries[search_id], limits), queries.get, limits)
    except BadQuery:  # the matcher told of it, and raised no alert
        return None


def _body(one: _Question, now: datetime) -> dict[str, Any]:
    query = translate(one.tree, languages=(one.language,), now=now)
    ids = [alert.story_id for alert in one.alerts]
    return {
        "query": {"ids": {"values": ids}},
        "size": len(ids),
        "_source": False,
        "track_total_hits": False,
        "highlight": {**highlighting((one.language,)), "highlight_query": query},
    }


def _passage(alert: Alert, marked: Highlight) -> Passage:
    text, marks = "", []
    for piece in marked.pieces:
        begin = len(text)
        text += piece.text
        if piece.match and len(text) <= LONGEST:
            marks.append((begin, len(text)))
    return Passage(
        field=marked.field,
        text=text[:LONGEST],
        marks=tuple(marks),
        story_id=alert.story_id,
        outlet=alert.outlet,
        is_copy=alert.copy_only,
    )
