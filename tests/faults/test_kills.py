"""Every stage killed by SIGKILL half-way and run again: the same index as without the kill."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.e2e.compare import Found
from tests.faults.killed import POINTS, RUN, killed, main
from tests.sample import Sample, add_feeds
from wirewatch.fetch.urls import page_id
from wirewatch.records import PageStatus, flat_story
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es


def picture(options: Settings, room: Newsroom) -> dict[str, Any]:
    """Everything in the index that must not depend on how the run went."""
    hidden = {page_id(page.url) for page in room.truth().pages if page.hidden}
    with connect(options) as store:
        store.refresh()
        stories = {
            story.article.canonical_url: {
                key: value
                for key, value in flat_story(story).items()
                if key not in ("indexed", "first_seen", "run")
            }
            for story in store.stories.all()
            if story.article.page_id not in hidden
        }
        unexpected = {story.id for story in store.stories.all() if story.article.page_id in hidden}
        clusters = {
            cluster.id: (cluster.lead, cluster.lead_reason, cluster.stories)
            for cluster in store.clusters.all()
            if not set(cluster.stories) <= unexpected
        }
        pages = {
            page.url: (page.status, page.reason, page.story_id)
            for page in store.pages.all()
            if page.id not in hidden
        }
        alerts = {
            (alert.search_id, alert.cluster_id)
            for alert in store.alerts.all()
            if alert.story_id not in unexpected
        }
    return {"stories": stories, "clusters": clusters, "pages": pages, "alerts": alerts}


@pytest.fixture(scope="module")
def stormy(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Options of the index that one and the same run goes into, killed again and again."""
    with sample.empty(tmp_path_factory.mktemp("stormy")) as options:
        add_feeds(options, sample.port)
        yield options


@pytest.mark.parametrize("point", POINTS)
def test_a_run_dies_in_the_middle_of_its_work(stormy: Settings, room: Newsroom, point: str) -> None:
    """In the order of the stages: each time it goes on where it was killed before."""
    if point == "alert":
        account = flows.ingest(stormy, RUN)
        assert account.problems == ()
    assert killed(main, point, stormy) == -signal.SIGKILL


def test_a_run_killed_in_every_stage_ends_as_one_that_was_not(
    sample: Sample, stormy: Settings, room: Newsroom, tmp_path: Path
) -> None:
    told = flows.alert(stormy)
    assert told["alerts"] == 0  # they were written before the kill, and are not written twice
    assert told["sent"] > 0
    with sample.copied(tmp_path) as calm:
        flows.alert(calm)
        expected = picture(calm, room)
    got = picture(stormy, room)
    for part in expected:
        assert got[part] == expected[part], part
    with connect(stormy) as store:
        assert store.stories.waiting() == 0
        assert Found(store, room.truth()).wrong_clusters() == []
        left = [p.url for p in store.pages.all([PageStatus.FETCHED, PageStatus.DISCOVERED])]
        assert left == []
