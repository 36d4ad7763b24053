"""Stages killed by SIGKILL half-way, each in a run of its own: the index as without the kills."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.e2e.compare import Found
from tests.faults.killed import POINTS, killed, main
from tests.faults.test_kills import picture
from tests.faults.test_takeover import end_leases
from tests.sample import Sample, add_feeds
from wirewatch.records import PageStatus
from wirewatch.store import connect

pytestmark = pytest.mark.es


def test_new_runs_take_over_from_those_that_were_killed(
    sample: Sample, room: Newsroom, tmp_path: Path
) -> None:
    with sample.copied(tmp_path / "calm") as calm:
        flows.alert(calm)
        expected = picture(calm, room)
    with sample.empty(tmp_path / "stormy") as stormy:
        add_feeds(stormy, sample.port)
        for point in POINTS:
            if point == "alert":
                assert flows.ingest(stormy, "last").problems == ()
            work = partial(main, run=f"killed-in-{point}")
            assert killed(work, point, stormy) == -signal.SIGKILL, point
            end_leases(stormy)
        assert flows.alert(stormy)["alerts"] == 0  # they were written before the kill, each once
        got = picture(stormy, room)
        for part in expected:
            assert got[part] == expected[part], part
        with connect(stormy) as store:
            assert Found(store, room.truth()).wrong_clusters() == []
            pages = list(store.pages.all())
        unfinished = (PageStatus.FETCHED, PageStatus.DISCOVERED)
        assert [page.url for page in pages if page.status in unfinished or page.lease] == []
