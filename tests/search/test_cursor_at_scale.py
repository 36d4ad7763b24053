"""The pages of a large result while stories arrive: each row exactly once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests import makers
from tests.indices import store_of
from tests.search.stories import story
from wirewatch.records import Story, stable_id
from wirewatch.search.search import MOST, search
from wirewatch.store import Store

pytestmark = pytest.mark.es
MONTHS = 3  # indices that the rows are spread over
TIED = 700  # stories of one and the same instant: the order among them must be kept too
BATCH = 500

_MODEL = story("model", "Flood", "Water rose.")


def made(number: int, prefix: str) -> Story:
    identity = stable_id("story", prefix, str(number))
    return makers.changed(
        _MODEL,
        id=identity,
        cluster_id=identity,
        url=f"https://a.example/{number}",
        canonical_url=f"https://a.example/{prefix}{number}",
        published=_MODEL.time - timedelta(minutes=number // TIED),
        first_seen=_MODEL.time - timedelta(days=31 * (number % MONTHS)),
    )


@pytest.fixture(params=[5_000, pytest.param(50_000, marks=pytest.mark.large)])
def rows(request: pytest.FixtureRequest) -> int:
    """Rows that are there; a fifth of them arrives."""
    return int(request.param)


@pytest.fixture
def archive(es_url: str, rows: int) -> Iterator[Store]:
    with store_of(es_url, (made(number, "old") for number in range(rows))) as store:
        yield store


def test_every_row_comes_exactly_once_while_others_arrive(archive: Store, rows: int) -> None:
    arriving = rows // 5
    begun, arrived = threading.Event(), 0

    def arrive() -> None:
        """Newer, older and equal in time to rows that are read, and visible to new searches."""
        nonlocal arrived
        begun.wait(60)
        for start in range(0, arriving, BATCH):
            part = [made((start + n) * 5, "new") for n in range(BATCH)]
            arrived += len(archive.stories.create(part).done)
            archive.refresh()

    read: list[str] = []
    cursor, pages, grown = "", 0, 0
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(arrive)
        while cursor or not pages:
            page = search(
                archive, "flood", collapse="none", size=MOST, cursor=cursor, pages=True,
                highlight=False,
            )  # fmt: skip
            begun.set()
            assert page.stories == rows
            read += [hit.story.id for hit in page.hits]
            cursor = page.cursor
            pages += 1
            if pages % 10 == 0:
                grown = search(archive, "flood", collapse="none", size=1).stories
        assert grown > rows, "nothing arrived while the pages were read"
        writing.result()
    assert len(read) == rows
    assert set(read) == {made(number, "old").id for number in range(rows)}
    assert arrived == arriving
    assert search(archive, "flood", collapse="none", size=1).stories == rows + arriving
