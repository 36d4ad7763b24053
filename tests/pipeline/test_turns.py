"""One run of a kind at a time, be it a command's or a DAG's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from tests import flows, sites
from wirewatch.cli import app
from wirewatch.holders import this_process
from wirewatch.pipeline import turns
from wirewatch.pipeline.flow import INGEST
from wirewatch.pipeline.runner import run_flow
from wirewatch.pipeline.turns import Busy, holder_of
from wirewatch.records import Run, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.upkeep.disk import NoRoom

pytestmark = pytest.mark.es
OTHER = holder_of("other")  # Airflow's: no process that could be seen to be gone


def test_a_run_beside_another_is_refused_in_words_and_leaves_no_trace(
    store: Store, options: Settings
) -> None:
    turns.take(store, options, "ingest", "other", OTHER)
    with pytest.raises(Busy, match=r"ingest is under way since .*run other.*--wait SECONDS"):
        run_flow(INGEST, options, "mine", wait=0)
    assert store.runs.latest() == []
    store.locks.release("ingest", "other")
    assert run_flow(INGEST, options, "mine", wait=0).state == "done"
    assert store.locks.get("ingest").holder == ""


def test_it_waits_for_the_end_of_the_other(store: Store, options: Settings) -> None:
    turns.take(store, options, "ingest", "other", OTHER)
    told: list[str] = []

    def end(words: str) -> None:
        told.append(words)
        store.locks.release("ingest", "other")

    turns.take(store, options, "ingest", "mine", holder_of("mine"), wait=60, told=end)
    [words] = told
    assert "run other" in words and "waiting for its end, 60 s at the most" in words
    assert store.locks.get("ingest").run == "mine"


def test_runs_of_other_kinds_do_not_wait(store: Store, options: Settings) -> None:
    turns.take(store, options, "ingest", "other", OTHER)
    assert flows.revisit(options).state == "done"


def test_a_killed_command_holds_up_nobody(store: Store, options: Settings) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "from wirewatch import holders; print(holders.this_process())"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    turns.take(store, options, "ingest", "killed", holder_of("killed", gone))
    assert run_flow(INGEST, options, "mine", wait=0).state == "done"


def test_a_run_that_failed_without_giving_back_holds_up_nobody(
    store: Store, options: Settings
) -> None:
    turns.take(store, options, "ingest", "other", OTHER)
    store.runs.begin(Run(id="other", kind="ingest", started=utc_now(), state="failed"))
    assert run_flow(INGEST, options, "mine", wait=0).state == "done"


def test_a_turn_that_nobody_keeps_ends(store: Store, options: Settings) -> None:
    store.locks.take("ingest", "other", OTHER, 0.001)
    turns.take(store, options, "ingest", "mine", holder_of("mine"), wait=60)
    turns.keep(options, "ingest", "other", OTHER)
    assert store.locks.get("ingest").run == "mine"


def test_of_many_that_ask_at_once_one_gets_it(store: Store, options: Settings) -> None:
    ready, got = threading.Barrier(8), []

    def ask(name: str) -> None:
        ready.wait()
        if store.locks.take("ingest", name, holder_of(name), 60).run == name:
            got.append(name)

    threads = [threading.Thread(target=ask, args=(f"run-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert store.locks.get("ingest").run == got[0]


def test_a_failed_run_gives_its_turn_back(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("wirewatch.pipeline.claim.claim", broken)
    with pytest.raises(RuntimeError, match="broken"):
        flows.ingest(options, "mine")
    assert store.locks.get("ingest").run == ""


def test_several_kinds_are_held_together(store: Store, options: Settings) -> None:
    with turns.all_of(store, options, ["ingest", "revisit"], "backup"):
        assert {store.locks.get(kind).run for kind in ("ingest", "revisit")} == {"backup"}
        with pytest.raises(Busy), turns.all_of(store, options, ["revisit", "other"], "again"):
            pass
    assert {store.locks.get(kind).run for kind in ("ingest", "revisit", "other")} == {""}


def test_the_command_says_who_is_at_work(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", options["elasticsearch.url"])
    monkeypatch.setenv("WIREWATCH_ELASTICSEARCH_PREFIX", options["elasticsearch.prefix"])
    monkeypatch.setenv("WIREWATCH_STATE", options["state"])
    turns.take(store, options, "ingest", "other", holder_of("other", this_process()))
    ran = CliRunner().invoke(app, ["ingest", "--wait", "0"])
    assert isinstance(ran.exception, Busy)
    assert f"process {os.getpid()} on " in str(ran.exception)


def test_too_little_room_stops_a_run_before_it_asks_anybody(
    store: Store, options: Settings
) -> None:
    with sites.serve(lambda _: sites.rss([])) as site:
        given = sites.followed(options, site).with_options(disk__reserve=10_000_000)
        with pytest.raises(NoRoom, match=r"only .* are free on the disk of state .*disk\.reserve"):
            flows.ingest(given)
        assert site.asked == []
        assert store.runs.latest() == []
        assert flows.ingest(given.with_options(disk__reserve=0)).stages["poll"]
        assert site.asked != []
