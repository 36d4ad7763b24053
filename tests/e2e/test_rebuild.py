"""Every index made anew from the archive: the same stories, clusters and alerts, none sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import flows
from tests.indices import clear
from wirewatch.pipeline.by_hand import split_cluster
from wirewatch.pipeline.fingerprints import check_fingerprints
from wirewatch.pipeline.rebuild import RebuildRefused, Rebuilt, rebuild
from wirewatch.records import Page, PageStatus, Run, Story, Unmatched, replace, utc_now
from wirewatch.search.search import search
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.indices import status

pytestmark = pytest.mark.es


@pytest.fixture(scope="module")
def options(ingested: Settings) -> Settings:
    return ingested


@pytest.fixture(scope="module")
def before(options: Settings) -> dict[str, Story]:
    """The stories of a first run, whose alerts went out, by id."""
    counts = flows.alert(options)
    assert counts["alerts"] > 0, counts
    with connect(options) as store:
        found = {story.id: story for story in store.stories.all()}
    assert len(found) > 50
    return found


def settled(story: Story) -> Story:
    """Without what tells when and by which run it was written."""
    return replace(story, indexed=None, run="", corrected=False)


def archived(store: Store, stories: dict[str, Story]) -> set[str]:
    """Those whose page let itself be archived."""
    pages = store.pages.get([story.article.page_id for story in stories.values()])
    return {
        story.id
        for story in stories.values()
        if (page := pages.get(story.article.page_id)) and page.location is not None
    }


def test_a_run_under_way_and_unsent_alerts_are_in_the_way(
    options: Settings, before: dict[str, Story]
) -> None:
    with connect(options) as store:
        store.runs.begin(Run(id="busy", kind="ingest", started=utc_now()))
        with pytest.raises(RebuildRefused, match="busy is under way: pause the DAGs"):
            rebuild(options)
        store.runs.update("busy", state="done")
        one = next(iter(before))
        story, version = store.stories.read([one])[one]
        store.stories.change([(replace(story, unmatched=Unmatched.REVISED), version)])
        with pytest.raises(RebuildRefused, match="wirewatch alert"):
            rebuild(options)
        flows.alert(options)


def test_it_is_the_same_again_and_searched_all_the_while(
    options: Settings, before: dict[str, Story]
) -> None:
    end = threading.Event()
    seen: list[int] = []

    def look() -> None:
        with connect(options) as store:
            while not end.is_set():
                seen.append(search(store, "*", collapse="none", size=1).stories)

    with connect(options) as store:
        kept = archived(store, before)
        pages = {page.id: page for page in store.pages.all()}
        alerts = {alert.id for alert in store.alerts.all()}
        clusters = {one.id: set(one.stories) for one in store.clusters.all()}
        lost = set(before) - kept
        if lost:
            with pytest.raises(RebuildRefused, match=f"{len(lost)} stories are in the index"):
                rebuild(options, patience=5)
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(look)
            made = rebuild(options, lose=bool(lost), patience=5)
            end.set()
            looking.result()
        assert min(seen) >= len(kept)
        after = {story.id: story for story in store.stories.all()}
        assert set(after) == kept
        assert made == Rebuilt(
            files=made.files,
            pages=len(pages),
            stories=len(kept),
            clusters=made.clusters,
            revisions=0,
            lost=len(lost),
            alerts_known=0,
            held=made.held,
        )
        wrong = {
            identity: (settled(before[identity]), settled(after[identity]))
            for identity in kept
            if after[identity].cluster_id != before[identity].cluster_id
            or after[identity].article.text != before[identity].article.text
            or after[identity].article.first_seen != before[identity].article.first_seen
            or after[identity].article.outlet != before[identity].article.outlet
        }
        assert wrong == {}
        again = {one.id: set(one.stories) for one in store.clusters.all()}
        assert again == {i: members & kept for i, members in clusters.items() if members & kept}
        assert {page.id for page in store.pages.all()} == set(pages)
        assert statuses(store.pages.all()) == statuses(pages.values())
        assert {alert.id for alert in store.alerts.all()} == alerts
        assert {one.state for one in status(store)} == {"current"}
    with connect(options) as store:
        assert check_fingerprints(store, options, utc_now()) == []
    counts = flows.alert(options)
    assert (counts["alerts"], counts["sent"], counts["failed"]) == (0, 0, 0)


def statuses(pages: Iterator[Page] | object) -> dict[str, PageStatus]:
    return {page.id: page.status for page in pages}  # type: ignore[attr-defined]


def test_clusters_changed_by_hand_are_in_the_way(
    options: Settings, before: dict[str, Story]
) -> None:
    with connect(options) as store:
        largest = max(store.clusters.all(), key=lambda one: len(one.stories))
        out = next(one for one in largest.stories if one != largest.lead)
        split_cluster(store, options, largest.id, [out])
        with pytest.raises(RebuildRefused, match=r"by hand.*--drop-decisions"):
            rebuild(options)


def test_out_of_the_archive_alone(options: Settings, before: dict[str, Story]) -> None:
    """Every index lost: feeds and searches come from config/, the rest from the archive."""
    with connect(options) as store:
        kept = archived(store, before)
        alerts = {alert.id for alert in store.alerts.all()}
        feeds = list(store.feeds.all())
    clear(options["elasticsearch.url"], options["elasticsearch.prefix"])
    with connect(options) as store:
        store.feeds.add(feeds)  # the newsroom's are not those of config/
    made = rebuild(options, patience=0)
    with connect(options) as store:
        after = {story.id: story for story in store.stories.all()}
        assert set(after) <= set(before)
        assert len(after) >= 0.9 * len(kept)
        assert made.stories == len(after)
        moved = [i for i, story in after.items() if story.cluster_id != before[i].cluster_id]
        assert len(moved) <= 0.1 * len(after)
        known = {alert.id for alert in store.alerts.all()}
        assert len(known & alerts) >= 0.9 * len(alerts)
        assert made.alerts_known == len(known)
    assert flows.alert(options)["sent"] == 0
    again = flows.ingest(options, "after")  # nothing comes twice
    assert again.state == "done"
    assert flows.alert(options)["alerts"] <= len(alerts) - len(known & alerts)
