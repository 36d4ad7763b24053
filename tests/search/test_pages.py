"""Reading a result page by page: every row once, whatever arrives meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.indices import store_of
from tests.search.stories import story
from wirewatch.records import Story
from wirewatch.search.cursor import BadCursor
from wirewatch.search.search import search
from wirewatch.store import Store

pytestmark = pytest.mark.es
CLUSTERS = 40


def flood(number: int, copy: int, minute: int) -> Story:
    """A copy of report ``number``; clusters are of 1 to 5 copies, spread over the whole time."""
    return story(
        f"flood-{number}-{copy}",
        "Flood " * (1 + copy % 3) + f"in valley {number}",
        "Water rose. " * (1 + number % 4),
        day=f"2026-11-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}",
        cluster=f"flood-{number}",
        lead=copy == 0,
    )


# Copies of a cluster lie far apart, some share their minute with stories of others.
FLOODS = [
    flood(number, copy, (number * 37 + copy * 411) // 3 * 3)
    for number in range(CLUSTERS)
    for copy in range(1 + number % 5)
]


@pytest.fixture(scope="module")
def floods(es_url: str) -> Iterator[Store]:
    with store_of(es_url, FLOODS) as store:
        yield store


@pytest.mark.parametrize("sort", ["newest", "relevance"])
@pytest.mark.parametrize("collapse", ["cluster", "none"])
@pytest.mark.parametrize("size", [3, 7, 100])
def test_every_row_comes_once_while_stories_arrive(
    floods: Store, sort: str, collapse: str, size: int
) -> None:
    before = search(floods, "flood", collapse="none", size=1).stories
    rows: list[str] = []
    cursor, page, pages = "", None, 0
    while page is None or cursor:
        page = search(
            floods, "flood", sort=sort, collapse=collapse, size=size, cursor=cursor, pages=True
        )
        assert len(page.hits) <= size
        assert page.stories == before
        rows += [
            hit.story.cluster_id if collapse == "cluster" else hit.story.id for hit in page.hits
        ]
        cursor = page.cursor
        if pages % 10 == 0:  # each arrival is new to all pages, and newer than most rows
            number = 1_000 + len(sort) * 100 + len(collapse) * 1_000 + size * 10 + pages
            floods.stories.create([flood(number, 0, 20_000)])
            floods.refresh()
        pages += 1
    assert len(rows) == len(set(rows))
    expected = page.clusters if collapse == "cluster" else before
    assert len(rows) == expected


def test_pages_of_clusters_are_in_the_order_of_one_page(floods: Store) -> None:
    whole = search(floods, "flood", size=200)
    rows, cursor = [], ""
    while not rows or cursor:
        page = search(floods, "flood", size=6, cursor=cursor, pages=True)
        rows += [(h.story.id, h.matching, h.copies) for h in page.hits]
        cursor = page.cursor
    assert rows == [(h.story.id, h.matching, h.copies) for h in whole.hits]


def test_a_cursor_fits_its_own_search_only(floods: Store) -> None:
    cursor = search(floods, "flood", size=2, pages=True).cursor
    with pytest.raises(BadCursor, match="another search"):
        search(floods, "water", size=2, cursor=cursor)
    with pytest.raises(BadCursor, match="another search"):
        search(floods, "flood", sort="relevance", cursor=cursor)


@pytest.mark.parametrize("change", ["", "é", "long", "!!", "AAAA"])
def test_a_cursor_that_is_not_ours(floods: Store, change: str) -> None:
    cursor = search(floods, "flood", size=2, pages=True).cursor
    change = change * 100_000 if change == "long" else change
    wrong = change or cursor[:-4] + ("AAAA" if cursor[-4:] != "AAAA" else "BBBB")
    with pytest.raises(BadCursor, match="changed"):
        search(floods, "flood", cursor=wrong)
    with pytest.raises(BadCursor, match="changed"):
        search(floods, "flood", cursor=cursor, secret=b"another secret of the same length")


def test_a_cursor_whose_point_in_time_is_gone(floods: Store) -> None:
    from wirewatch.search import cursor as cursors

    cursor = search(floods, "flood", size=2, pages=True).cursor
    state = cursors.unseal(cursor, cursors.PROCESS_SECRET, cursors.Cursor)
    floods.es.close_point_in_time(id=state.pit)
    with pytest.raises(BadCursor, match="expired"):
        search(floods, "flood", cursor=cursor)


def test_the_last_page_leaves_nothing_open_on_the_server(floods: Store) -> None:
    def contexts() -> int:
        figures = floods.es.nodes.stats(metric="indices", index_metric="search")["nodes"]
        return sum(node["indices"]["search"]["open_contexts"] for node in figures.values())

    before = contexts()
    assert search(floods, "flood", size=300, pages=True).cursor == ""
    assert contexts() <= before
