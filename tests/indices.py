"""Index prefixes that are a test's own, and stores behind them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Story, utc_now
from wirewatch.settings import Settings, load
from wirewatch.store import Store, connect


def clear(url: str, prefix: str) -> None:
    """Deletes the indices and templates of a prefix, by name: a server refuses wildcards."""
    with Elasticsearch(url, request_timeout=60) as es:
        for name in es.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            es.indices.delete(index=name)
        for template in es.indices.get_index_template()["index_templates"]:
            if template["name"].startswith(f"{prefix}-"):
                es.indices.delete_index_template(name=template["name"])


@contextmanager
def own_prefix(url: str) -> Iterator[str]:
    """A prefix that nobody else has; what was made under it is deleted at the end."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    try:
        yield prefix
    finally:
        clear(url, prefix)


@contextmanager
def store_of(url: str, stories: Iterable[Story] = ()) -> Iterator[Store]:
    """A store under a prefix of its own, with the stories, ready to be searched."""
    with own_prefix(url) as prefix:
        settings = load({}).with_options(elasticsearch__url=url, elasticsearch__prefix=prefix)
        with connect(settings) as store:
            store.stories.create(stories).raise_refused("stories")
            store.refresh()
            yield store


def change(store: Store, noun: str, query: dict[str, Any], script: str, **params: Any) -> int:
    """Changes what a query finds among a noun's documents; how many they are. What the last
    request of a killed process changes meanwhile is looked at once more.
    """
    while True:
        store.refresh()
        answer = store.es.update_by_query(
            index=f"{store.prefix}-{noun}",
            query=query,
            script={"source": script, "params": params},
            conflicts="proceed",
            refresh=True,
        )
        if not answer["version_conflicts"]:
            return int(answer["updated"])


def make_due(options: Settings) -> None:
    """Every page that is to be looked at again is due now."""
    with connect(options) as store:
        script = "ctx._source.revisit_at = params.now"
        change(
            store, "pages", {"exists": {"field": "revisit_at"}}, script, now=utc_now().isoformat()
        )
