"""Leaves that are asked of Elasticsearch, each once a round: values, and phrases with slop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from wirewatch.alerts.portions import ask_all, portions
from wirewatch.alerts.tokens import Round
from wirewatch.search.dsl import clauses, translate
from wirewatch.search.tree import Leaf
from wirewatch.store import Store

# Told how many seconds one request for these leaves took.
Took = Callable[[float, Sequence[Leaf]], None]


def asked(
    store: Store, held: Round, leaves: Iterable[Leaf], took: Took, *, now: datetime
) -> tuple[dict[Leaf, int], dict[Leaf, str]]:
    """The stories of the round that each leaf finds, and why not, in words, of the refused ones."""
    numbers = {story.id: number for number, story in enumerate(held.stories)}
    indices = sorted({story.index for story in held.stories})
    found: dict[Leaf, int] = {}

    def ask(part: Sequence[Leaf]) -> None:
        named = [
            {"bool": {"filter": [translate(leaf, languages=held.languages, now=now)], "_name": n}}
            for n, leaf in ((str(n), leaf) for n, leaf in enumerate(part))
        ]
        answer = store.es.search(
            index=indices,
            query={
                "bool": {
                    "filter": [{"ids": {"values": list(numbers)}}],
                    "should": named,
                    "minimum_should_match": 1,
                }
            },
            size=len(numbers),
            sort=["_doc"],
            source=False,
            track_total_hits=False,
            allow_partial_search_results=False,
        )
        found.update(dict.fromkeys(part, 0))
        for hit in answer["hits"]["hits"]:
            for name in hit["matched_queries"]:
                found[part[int(name)]] |= 1 << numbers[hit["_id"]]

    refused: dict[Leaf, str] = {}
    most = store.settings["alerts.clauses"]
    for part in portions(leaves, lambda leaf: clauses(leaf, held.languages), most):
        begun = time.perf_counter()
        refused |= ask_all(part, ask)
        took(time.perf_counter() - begun, part)
    return found, refused
