"""Every stage killed by SIGKILL half-way and run again: the same index as without the kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.e2e.compare import Found
from tests.e2e.conftest import EPOCH, forget, newsroom_options, prepare
from tests.faults.killed import POINTS, RUN
from wirewatch.fetch.urls import page_id
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import PageStatus, flat_story
from wirewatch.settings import Settings, project_root
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
def room() -> Iterator[Newsroom]:
    with Newsroom(port=0, epoch=EPOCH) as running:
        yield running


def options_in(es_url: str, room: Newsroom, folder: Path) -> Settings:
    made = newsroom_options(es_url, room, folder)
    prepare(made, room)
    return made


def die_at(options: Settings, point: str) -> None:
    died = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed", point],
        cwd=project_root(),
        env={
            **os.environ,
            **settings_environ(options),
            "PYTHONPATH": os.pathsep.join([str(project_root()), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert died.returncode == -signal.SIGKILL, (point, died.stdout, died.stderr[-2000:])


def test_a_run_killed_in_every_stage_ends_as_one_that_was_not(
    es_url: str, room: Newsroom, tmp_path: Path
) -> None:
    calm = options_in(es_url, room, tmp_path / "calm")
    stormy = options_in(es_url, room, tmp_path / "stormy")
    try:
        flows.ingest(calm, RUN)
        flows.alert(calm)
        for point in POINTS:
            if point == "alert":
                account = flows.ingest(stormy, RUN)
                assert account.problems == ()
            die_at(stormy, point)
        told = flows.alert(stormy)
        assert told["alerts"] == 0  # they were written before the kill, and are not written twice
        assert told["delivered"] > 0
        expected, got = picture(calm, room), picture(stormy, room)
        for part in expected:
            assert got[part] == expected[part], part
        with connect(stormy) as store:
            assert not store.runs.alerts_pending()
            assert Found(store, room.truth()).wrong_clusters() == []
            left = [p.url for p in store.pages.all([PageStatus.FETCHED, PageStatus.DISCOVERED])]
            assert left == []
    finally:
        forget(calm)
        forget(stormy)
