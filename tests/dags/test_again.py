"""The DAGs that look at stories again, through Airflow itself, over the sample newsroom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.utils.db import initdb

from newsroom.server import Newsroom
from tests import makers
from tests.indices import make_due
from tests.sample import Sample
from wirewatch.local.airflow.server import settings_environ
from wirewatch.settings import Settings, project_root
from wirewatch.store import connect

pytestmark = [pytest.mark.airflow, pytest.mark.es]


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    initdb()
    return dict(DagBag(dag_folder=str(project_root() / "dags")).dags)


@pytest.fixture
def options(
    sample: Sample, room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    with sample.copied(tmp_path) as made:
        for name, value in settings_environ(made).items():
            monkeypatch.setenv(name, value)
        yield made


def states(run: object) -> dict[str, str]:
    return {ti.task_id: str(ti.state) for ti in run.get_task_instances()}  # type: ignore[attr-defined]


def test_revisit_then_reprocess(dags: dict[str, DAG], options: Settings, room: Newsroom) -> None:
    grouped = dags["reprocess"].test(run_conf={"stage": "cluster"})
    assert (states(grouped)["report"], states(grouped)["apply"]) == ("success", "skipped")
    with connect(options) as store:
        account = store.runs.get(f"reprocess__{grouped.run_id}")
        assert account is not None
        # The stories came in one run: placed anew they are in the clusters that they are in.
        assert account.stages["examine"]["taken"] == account.stages["examine"]["unchanged"] > 50
    room.revise()
    make_due(options)
    run = dags["revisit"].test()
    assert set(states(run).values()) == {"success"}, states(run)
    with connect(options) as store:
        store.refresh()
        revised = [story for story in store.stories.all() if story.revisions]
        assert revised
        account = store.runs.get(f"revisit__{run.run_id}")
        assert account is not None
        assert account.stages["revise"]["passed"] == len(revised)
        [story, *_] = revised
        [(read, version)] = store.stories.read([story.id]).values()
        store.stories.change([(makers.changed(read, text="As an older version read it."), version)])
        store.refresh()

    def text() -> str:
        with connect(options) as store:
            store.refresh()
            return store.stories.stories([story.id])[story.id].article.text

    asked = {"query": f"cluster:{story.cluster_id}", "stage": "extract"}
    told = dags["reprocess"].test(run_conf=asked)
    assert (states(told)["report"], states(told)["apply"]) == ("success", "skipped")
    assert states(told)["finish"] == "success"
    assert text() == "As an older version read it."  # dry_run is the default
    done = dags["reprocess"].test(run_conf={**asked, "dry_run": False})
    assert set(states(done).values()) == {"success"}, states(done)
    assert text() == story.article.text


def test_nothing_due_is_a_run_that_succeeds(dags: dict[str, DAG], options: Settings) -> None:
    run = dags["revisit"].test()
    assert run.state == "success"
    assert (states(run)["fetch"], states(run)["finish"]) == ("skipped", "success")
