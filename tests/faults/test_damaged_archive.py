"""Two bytes of one WARC member changed: that page alone is fetched again, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.sample import Sample, add_feeds
from wirewatch.archive.records import INDEX
from wirewatch.fetch.urls import page_id
from wirewatch.pipeline.paths import archive_of, archive_root
from wirewatch.pipeline.rebuild import RebuildRefused, rebuild
from wirewatch.records import Location, Page, PageStatus, replace, to_dict, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es


@pytest.fixture
def given(sample: Sample, room: Newsroom, tmp_path: Path) -> Iterator[Settings]:
    """Options of an index in which there are only the newsroom's feeds."""
    with sample.empty(tmp_path) as made:
        add_feeds(made, sample.port)
        yield made


@pytest.fixture
def stored(sample: Sample, room: Newsroom, tmp_path: Path) -> Iterator[Settings]:
    """Options of an index with the newsroom's stories."""
    with sample.copied(tmp_path) as made:
        yield made


def change_two_bytes(given: Settings, place: Location) -> None:
    file = Path(archive_root(given)) / place.file
    data = bytearray(file.read_bytes())
    middle = place.offset + place.length // 2
    data[middle] ^= 0xFF
    data[middle + 1] ^= 0xFF
    file.write_bytes(data)


def damaging(given: Settings, when: str, chosen: Callable[[list[Page]], Page]) -> list[Page]:
    """Damages the member of one page when a stage begins; the list then has that page."""
    hit: list[Page] = []

    def begins(stage: str, _items: int) -> None:
        if stage == when and not hit:
            with connect(given) as store:
                store.refresh()
                page = chosen(list(store.pages.all([PageStatus.FETCHED])))
            assert page.location is not None
            change_two_bytes(given, page.location)
            hit.append(page)

    flows.ingest(given, "first", begins)
    return hit


def an_article(pages: list[Page]) -> Page:
    return next(
        page
        for page in sorted(pages, key=lambda one: one.url)
        if page.location and page.location.length > 2_000
    )


def test_ingest_fetches_that_page_again(given: Settings) -> None:
    [page] = damaging(given, "extract", an_article)
    with connect(given) as store:
        left = store.pages.get([page.id])[page.id]
        account = store.runs.get("first")
    assert account is not None and account.problems == ()
    assert account.stages["index"]["passed"] > 80
    assert left.status is PageStatus.RETRY
    assert "damaged" in left.detail and "fetched again" in left.detail
    assert left.detail.isascii() and left.detail.isprintable()
    assert flows.ingest(given, "second").problems == ()
    with connect(given) as store:
        after = store.pages.get([page.id])[page.id]
    assert after.status is not PageStatus.RETRY
    assert after.location is not None and after.location.file != page.location.file


def test_rebuild_goes_on_and_that_page_is_fetched_again(stored: Settings) -> None:
    flows.alert(stored)
    with connect(stored) as store:
        stories = {story.article.page_id: story for story in store.stories.all()}
        page = an_article(list(store.pages.get(list(stories)).values()))
        before = len(stories)
    assert page.location is not None
    change_two_bytes(stored, page.location)
    with pytest.raises(RebuildRefused, match="are in the index but not in the archive"):
        rebuild(stored)
    rebuild(stored, lose=True)
    with connect(stored) as store:
        store.refresh()
        left = store.pages.get([page.id])[page.id]
        assert left.status is PageStatus.RETRY
        assert "damaged" in left.detail
        assert store.stories.count()["stories"] >= before - 20  # and those never archived
    assert flows.ingest(stored, "after").problems == ()
    with connect(stored) as store:
        assert store.pages.get([page.id])[page.id].status is PageStatus.INDEXED


def test_reprocess_counts_it_and_goes_on(stored: Settings) -> None:
    with connect(stored) as store:
        stories = {story.article.page_id: story for story in store.stories.all()}
        page = an_article(list(store.pages.get(list(stories)).values()))
    assert page.location is not None
    change_two_bytes(stored, page.location)
    account = flows.reprocess(stored, "*")
    assert account.problems == ()
    examined = account.stages["examine"]
    assert examined["not_archived"] == 1
    assert examined["unchanged"] > 50


def test_revisit_fetches_that_page_again(stored: Settings) -> None:
    with connect(stored) as store:
        pages = {page.id: page for page in store.pages.all([PageStatus.INDEXED])}
        for page in pages.values():
            due = replace(page, revisit_at=utc_now(), body_hash="older", etag="", last_modified="")
            store.es.index(index=f"{store.prefix}-pages", id=page.id, document=to_dict(due))
        store.refresh()
    hit: list[str] = []

    def begins(stage: str, _items: int) -> None:
        if stage == "extract":
            archive = archive_of(stored)
            name = next(n for n in archive.names() if "/revisit" in n and n.endswith(INDEX))
            row = max(archive.index(name), key=lambda row: row.location.length)
            change_two_bytes(stored, row.location)
            hit.append(page_id(row.requested_url))

    account = flows.revisit(stored, "revisit__first", begins)
    assert account.problems == ()
    assert account.stages["extract"]["postponed"] == 1
    assert account.stages["revise"]["taken"] > 50
    with connect(stored) as store:
        left = store.pages.get(hit)[hit[0]]
    assert (left.status, left.lease) == (PageStatus.INDEXED, None)
    assert left.revisit_at is not None and left.revisit_at <= utc_now()
    assert left.location == pages[left.id].location
