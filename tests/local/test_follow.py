from __future__ import annotations

import io

import pytest
from rich.console import Console

from wirewatch.local import follow
from wirewatch.local.airflow import RunState, TaskState
from wirewatch.local.paths import Trouble


class Scripted:
    """An Airflow that answers from a script; the last answer is repeated."""

    def __init__(self, **answers):
        self._answers = {name: list(given) for name, given in answers.items()}
        self.asked = []

    def __getattr__(self, name):
        def answer(*asked):
            self.asked.append((name, *asked))
            left = self._answers[name]
            return left.pop(0) if len(left) > 1 else left[0]

        return answer


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.0)


def _run(state, number=1):
    return RunState("ingest", f"run-{number}", state)


def test_a_run_that_is_under_way_is_followed_and_none_is_queued_behind_it():
    client = Scripted(runs=[(), (_run("queued", 2), _run("running", 1))])
    assert follow.begin(client, "ingest").id == "run-1"
    assert not [asked for asked in client.asked if asked[0] == "trigger"]


def test_a_run_is_triggered_where_none_begins_by_itself(monkeypatch):
    monkeypatch.setattr(follow, "BEGIN_SECONDS", 0.01)
    client = Scripted(runs=[(_run("success"),)], trigger=[_run("queued", 2)])
    assert follow.begin(client, "ingest").id == "run-2"


def test_every_task_is_told_once_when_all_its_batches_are_done():
    client = Scripted(
        tasks=[
            (TaskState("poll", -1, "running"),),
            (TaskState("poll", -1, "success"), TaskState("fetch", 0, "success")),
            (
                TaskState("poll", -1, "success"),
                TaskState("fetch", 0, "success"),
                TaskState("fetch", 1, "failed"),
            ),
        ],
        run=[_run("running"), _run("running"), _run("failed")],
    )
    console = Console(file=io.StringIO(), width=80)
    assert follow.follow(client, _run("queued"), console, 60).state == "failed"
    assert console.file.getvalue().splitlines() == [
        "ingest: poll: 1 success",
        "ingest: fetch: 1 success",
        "ingest: fetch: 1 success, 1 failed",
    ]


def test_on_a_terminal_it_is_one_bar():
    client = Scripted(tasks=[(TaskState("poll", -1, "success"),)], run=[_run("success")])
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    follow.follow(client, _run("queued"), console, 60)
    assert "1/1" in console.file.getvalue()


def test_a_run_that_does_not_end_is_given_up():
    client = Scripted(tasks=[()], run=[_run("running")])
    with pytest.raises(Trouble, match="has not ended"):
        follow.follow(client, _run("queued"), Console(file=io.StringIO()), 0.05)


def test_what_a_run_set_off_is_waited_for():
    done = RunState("alerts", "a", "success")
    client = Scripted(followers=[(), (RunState("alerts", "a", "running"),), (done,)])
    assert follow.followers(client, _run("success"), 60) == (done,)
    assert follow.followers(Scripted(followers=[None]), _run("success"), 60) == ()
    with pytest.raises(Trouble, match="set off"):
        follow.followers(Scripted(followers=[()]), _run("success"), 0.05)


def test_an_error_in_a_dag_file_is_told_when_it_stays(monkeypatch):
    client = Scripted(dags=[frozenset()], import_errors=[("ingest.py: NameError: x",)])
    monkeypatch.setattr(follow, "MEND_SECONDS", 0.02)
    with pytest.raises(Trouble, match="NameError"):
        follow.wait_for_dags(client, frozenset({"ingest"}))
    mended = Scripted(
        dags=[frozenset(), frozenset({"ingest"})], import_errors=[("ingest.py: NameError: x",)]
    )
    monkeypatch.setattr(follow, "MEND_SECONDS", 60)
    follow.wait_for_dags(mended, frozenset({"ingest"}))
