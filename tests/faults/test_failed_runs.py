"""A run that failed holds no page, says why, and the next one takes what it lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.sample import Sample, add_feeds
from wirewatch.pipeline import frame
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.flow import INGEST
from wirewatch.pipeline.frame import RunFailed
from wirewatch.pipeline.poll import poll
from wirewatch.records import PageStatus
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es


@pytest.fixture
def given(sample: Sample, room: Newsroom, tmp_path: Path) -> Iterator[Settings]:
    """Options of an index in which there are only the newsroom's feeds."""
    with sample.empty(tmp_path) as made:
        add_feeds(made, sample.port)
        yield made


def held(given: Settings) -> list[str]:
    with connect(given) as store:
        store.refresh()
        return [page.url for page in store.pages.all() if page.lease is not None]


def test_the_last_task_gives_back_what_was_lost(given: Settings) -> None:
    frame.begin(given, "lost", "ingest")
    polled = poll(given, "lost")
    batches = claim(given, "lost")
    pages = sum(batch.passed for batch in batches)
    assert len(held(given)) == pages > 50
    with pytest.raises(RunFailed, match=f"{pages} pages that it held are due again at once"):
        frame.finish(given, INGEST, "lost", {"poll": [polled], "claim": batches, "fetch": None})
    assert held(given) == []
    assert sum(batch.passed for batch in claim(given, "next")) == pages


def test_a_run_without_airflow_is_noted_as_failed(
    given: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wirewatch.pipeline.extract.extract_all", lost)
    with pytest.raises(OSError, match="No space left"):
        flows.ingest(given, "full")
    with connect(given) as store:
        run = store.runs.get("full")
    assert run is not None
    assert (run.state, run.finished is not None) == ("failed", True)
    assert "extract failed" in run.problems[0] and "No space left on device" in run.problems[0]
    assert held(given) == []
    monkeypatch.undo()
    assert flows.ingest(given, "after").problems == ()
    with connect(given) as store:
        assert not list(store.pages.all([PageStatus.FETCHED]))
