"""A store with the stories of ``stories.py``, made once: no test here changes it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from tests.search.stories import STORIES
from wirewatch.settings import load
from wirewatch.store import Store, connect


def clear(url: str, prefix: str) -> None:
    """Deletes the indices and templates of a prefix, by name: wildcards are refused."""
    with Elasticsearch(url, request_timeout=60) as es:
        for name in es.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            es.indices.delete(index=name)
        es.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-stories")


@pytest.fixture(scope="session")
def library(es_url: str) -> Iterator[Store]:
    """The store of the dozen stories."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    settings = load({}).with_options(elasticsearch__url=es_url, elasticsearch__prefix=prefix)
    try:
        with connect(settings) as store:
            store.stories.create(STORIES)
            store.refresh()
            yield store
    finally:
        clear(es_url, prefix)
