"""The sample newsroom taken through the whole pipeline, once for all tests that look at it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tests import makers
from tests.indices import clear
from wirewatch.feeds import opml
from wirewatch.records import utc_now
from wirewatch.settings import Settings, project_root
from wirewatch.store import connect

EPOCH = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


@pytest.fixture(scope="session")
def room() -> Iterator[Newsroom]:
    with Newsroom(port=0, epoch=EPOCH) as running:
        yield running


def newsroom_options(es_url: str, room: Newsroom, folder: Path) -> Settings:
    """Options for the newsroom: its hosts open to the guard, pauses short, waits bounded."""
    return makers.options(
        es_url,
        f"e2e-{uuid.uuid4().hex[:8]}",
        folder,
        fetch__allow=f"*.localhost:{room.port}",
        fetch__delay=0.01,
        fetch__timeout=6,
        fetch__retry_pause=0.2,
        dedup__agencies_extra=str(project_root() / "plugins/newsroom/agencies.toml"),
    )


def prepare(options: Settings, room: Newsroom) -> None:
    with connect(options) as store:
        store.feeds.add(opml.read(room.opml().encode())).raise_refused("feeds")


def forget(options: Settings) -> None:
    """Deletes every index and template under the options' prefix."""
    clear(options["elasticsearch.url"], options["elasticsearch.prefix"])
