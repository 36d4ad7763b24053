"""The sample newsroom taken through the whole pipeline, once for all tests that look at it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from newsroom.server import Newsroom
from wirewatch.feeds import opml
from wirewatch.records import utc_now
from wirewatch.settings import Settings, load
from wirewatch.store import connect

EPOCH = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


@pytest.fixture(scope="session")
def room() -> Iterator[Newsroom]:
    with Newsroom(port=0, epoch=EPOCH) as running:
        yield running


def newsroom_options(es_url: str, room: Newsroom, state: Path) -> Settings:
    """Options for the newsroom: its hosts open to the guard, pauses short, waits bounded."""
    base = load({})
    agencies = base.root / "plugins/newsroom/agencies.toml"
    return base.with_options(
        elasticsearch__url=es_url,
        elasticsearch__prefix=f"e2e-{uuid.uuid4().hex[:8]}",
        state=str(state),
        fetch__allow=f"*.localhost:{room.port}",
        fetch__delay=0.01,
        fetch__timeout=6,
        fetch__retry_pause=0.2,
        dedup__agencies_extra=str(agencies),
    )


def prepare(options: Settings, room: Newsroom) -> None:
    with connect(options) as store:
        store.feeds.add(opml.read(room.opml().encode())).raise_refused("feeds")


def forget(options: Settings) -> None:
    """Deletes every index and template under the options' prefix."""
    prefix = options["elasticsearch.prefix"]
    with Elasticsearch(options["elasticsearch.url"], request_timeout=60) as es:
        for name in es.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            es.indices.delete(index=name)
        es.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-stories")
