"""The matcher against Elasticsearch itself: the same searches, the same stories, one answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest

from tests.alerts import wording
from tests.indices import store_of
from tests.makers import NOW
from wirewatch.alerts.match import Matches, match
from wirewatch.records import SavedSearch
from wirewatch.search import languages
from wirewatch.search.dsl import translate
from wirewatch.search.language import parse
from wirewatch.store import Store

pytestmark = pytest.mark.es

STORIES = wording.stories(random.Random(5), 280)
NEW = [story.id for story in STORIES[::2]]  # the others are in the index, too, and not asked for


@pytest.fixture(scope="module")
def archive(es_url: str) -> Iterator[Store]:
    """A store with the stories by chance; no test here changes it."""
    with store_of(es_url, STORIES) as store:
        yield store


def saved(queries: Sequence[str]) -> list[SavedSearch]:
    return [SavedSearch(id=f"s{n}", name=query, query=query) for n, query in enumerate(queries)]


def found(store: Store, queries: Sequence[str], ids: Sequence[str], now: datetime = NOW) -> Matches:
    return match(store, saved(queries), ids, now=now)


def by_server(store: Store, queries: Sequence[str], ids: Sequence[str]) -> dict[str, set[str]]:
    """What Elasticsearch answers, asked query by query."""
    keys = languages.present(store, keep=0)
    bodies: list[dict[str, object]] = []
    for query in queries:
        asked = translate(parse(query), languages=keys, now=NOW)
        only = {"ids": {"values": list(ids)}}
        bodies.append({"index": store.stories.alias})
        bodies.append({"query": {"bool": {"filter": [only, asked]}}, "size": 1_000})
    answers = store.es.msearch(searches=bodies)["responses"]
    return {
        f"s{number}": {hit["_id"] for hit in answer["hits"]["hits"]}
        for number, answer in enumerate(answers)
    }


@pytest.mark.parametrize("seed", range(4))
def test_chance_searches_find_what_elasticsearch_finds(archive: Store, seed: int) -> None:
    queries = wording.queries(random.Random(seed), 400)
    matches = found(archive, queries, NEW)
    assert matches.refused == {}
    differing = {
        queries[number]: (expected ^ set(matches.stories.get(f"s{number}", ())))
        for number, expected in enumerate(by_server(archive, queries, NEW).values())
        if expected != set(matches.stories.get(f"s{number}", ()))
    }
    assert differing == {}
    assert len(matches.stories) > 150  # of 400: the searches are not beside the matter
