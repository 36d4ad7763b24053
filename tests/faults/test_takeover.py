"""A run that died while it placed or indexed its stories, and another that goes on from there.

The dead run is a process of its own, killed by SIGKILL at each of its writes in turn, with half of
that write done.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from tests import makers
from tests.dedup.conftest import prose
from tests.dedup.test_deduplicator import cut
from tests.indices import change
from wirewatch.alerts.raising import raise_alerts
from wirewatch.batches import Batches
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.pipeline.batch_records import Extracted
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.deduplicate import deduplicate
from wirewatch.pipeline.frame import begin, publish
from wirewatch.pipeline.index import index
from wirewatch.pipeline.tag import tag
from wirewatch.records import (
    Article,
    Page,
    PageStatus,
    SavedSearch,
    replace,
    stable_id,
    to_dict,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, bulk, connect

pytestmark = pytest.mark.es
NOW = utc_now() - timedelta(hours=8)
TEXT, BRIDGED, OTHER = prose(1, 260), prose(3, 300), prose(2, 240)


def article(name: str, text: str, hours: float) -> Article:
    url = f"http://{name}.example/1"
    seen = NOW + timedelta(hours=hours)
    return makers.article(
        url, text, title=name, page_id=makers.page(url).id, host=f"{name}.example", outlet=name,
        first_seen=seen, published=seen,
    )  # fmt: skip


BEFORE = [
    article("first", TEXT, 1),
    article("left", cut(BRIDGED, 0, 170), 5),
    article("right", cut(BRIDGED, 130, 300), 6),
]
# A copy; an elder one of which both that were there are copies, so that two clusters merge; a new
# report with its own copies; one that stands alone.
NEW = [
    article("copy", TEXT, 2),
    article("whole", BRIDGED, 0),
    article("other", OTHER, 3),
    article("other-copy", OTHER, 4),
    article("other-brief", cut(OTHER, 0, 90), 4.5),
    article("alone", prose(7, 200), 4),
]


def ingest(options: Settings, run: str, articles: Sequence[Article]) -> None:
    """The stages after extraction, of the articles whose pages the run can claim."""
    begin(options, run, "ingest")
    pages = {
        page.id: page
        for batch in claim(options, run)
        for page in Batches(options.state).read(batch.file, Page)
    }
    rows = [
        Extracted(page=pages[one.page_id], article=one, seen=one.first_seen)
        for one in articles
        if one.page_id in pages
    ]
    batch = Batches(options.state).hand_on(run, "extract", 0, rows)
    placed = [tag(options, one) for one in deduplicate(options, run, [batch])]
    publish(options, run, [index(options, one) for one in placed])


def discover(store: Store, articles: Sequence[Article]) -> None:
    store.pages.discover(makers.page(one.url, discovered=one.first_seen) for one in articles)


def forget(options: Settings) -> None:
    with connect(options) as store:
        store.refresh()
        store.es.delete_by_query(
            index=f"{store.prefix}-*", query={"match_all": {}}, refresh=True, conflicts="proceed"
        )


def end_leases(options: Settings) -> None:
    with connect(options) as store:
        script = "ctx._source.lease.until = '2020-01-01T00:00:00Z'"
        change(store, "pages", {"exists": {"field": "lease.run"}}, script)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_write(number: int) -> None:
    """Dies with half of this write to the store done, or at this one of the fingerprints."""
    writes = count()
    send: Callable[..., Any] = bulk._send
    write: Callable[..., Any] = FingerprintIndex.write

    def sent(es: Any, chunk: list[Any], *args: Any) -> Any:
        if next(writes) != number:
            return send(es, chunk, *args)
        send(es, chunk[: len(chunk) // 2], *args)
        return die()

    def written(*args: Any) -> None:
        write(*args)
        if next(writes) == number:
            die()

    bulk._send = sent
    FingerprintIndex.write = written  # type: ignore[method-assign]


def died(options: Settings, run: str, articles: Sequence[Article], number: int) -> bool:
    """Whether the run was killed; false where it has no such write."""
    child = os.fork()
    if not child:
        at_write(number)
        try:
            ingest(options, run, articles)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def identity(name: str) -> str:
    return stable_id("story", f"http://{name}.example/1")


def alerted(options: Settings) -> set[str]:
    """The clusters that are alerted now; an hour on, stories of runs that died are met."""
    with connect(options) as store:
        known = {one.id for one in store.alerts.all()}
        every = SavedSearch(id="all", name="all", query="*", created=NOW)
        assert not raise_alerts(store, [every], utc_now() + timedelta(hours=2)).refused
        assert store.stories.waiting() == 0
        return {one.cluster_id for one in store.alerts.all() if one.id not in known}


def picture(options: Settings) -> dict[str, Any]:
    """Stories, clusters and pages, less what tells one run from another; checked to agree."""
    with connect(options) as store:
        store.refresh()
        stories = {story.id: story for story in store.stories.all()}
        clusters = {cluster.id: cluster for cluster in store.clusters.all()}
        for cluster in clusters.values():
            assert {one.id for one in stories.values() if one.cluster_id == cluster.id} == {
                *cluster.stories
            }
            leads = [one for one in cluster.stories if stories[one].lead]
            assert leads == [cluster.lead]
        assert {one.cluster_id for one in stories.values()} == clusters.keys()
        assert {page.status for page in store.pages.all()} == {PageStatus.INDEXED}
        pages = {page.id: (page.story_id, page.lease) for page in store.pages.all()}
    return {
        "stories": {i: {**to_dict(one), "run": "", "indexed": ""} for i, one in stories.items()},
        "clusters": {i: replace(one, run="") for i, one in clusters.items()},
        "pages": pages,
    }


def start(options: Settings, name: str) -> Settings:
    """An empty store with what was there before, and pages of the new articles that are due."""
    forget(options)
    made = options.with_options(state=f"{options.state}/{name}", run__partitions=2)
    with connect(made) as store:
        discover(store, BEFORE)
        ingest(made, "before", BEFORE)
        raise_alerts(store, [], utc_now())
        discover(store, NEW)
    return made


def kills(
    options: Settings, more: Sequence[Article], step: int = 1
) -> Iterator[tuple[int, Settings]]:
    """After a kill at each write in turn, or at every so many: a later run that ended well."""
    for number in count(0, step):
        stormy = start(options, str(number))
        if not died(stormy, "dead", NEW, number):
            assert number > 5
            return
        end_leases(stormy)
        with connect(stormy) as store:
            discover(store, more)
        ingest(stormy, "after", [*NEW, *more])
        yield number, stormy


def test_a_later_run_takes_over_what_one_that_died_left(options: Settings) -> None:
    calm = start(options, "calm")
    ingest(calm, "calm", NEW)
    expected = picture(calm)
    assert len(expected["clusters"]) == 4
    for number, stormy in kills(options, []):
        found = picture(stormy)
        for part in expected:
            assert found[part] == expected[part], (number, part)
        assert alerted(stormy) == expected["clusters"].keys(), number
        assert alerted(stormy) == set(), number


def test_a_later_run_that_has_an_elder_copy_takes_over_as_well(options: Settings) -> None:
    """The ids of the dead run's clusters may not stay; the stories in them do."""
    elder = article("eldest", OTHER, -1)
    for number, stormy in kills(options, [elder], step=2):
        found = {frozenset(one.stories) for one in picture(stormy)["clusters"].values()}
        assert found == {
            frozenset(map(identity, names))
            for names in (
                ("first", "copy"),
                ("left", "right", "whole"),
                ("eldest", "other", "other-copy", "other-brief"),
                ("alone",),
            )
        }, number
