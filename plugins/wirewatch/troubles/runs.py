"""Runs that failed, take too long, or do not come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from wirewatch.pipeline.flow import INGEST, REVISIT
from wirewatch.records import Run, Trouble
from wirewatch.troubles.kinds import Kind, View, at, lasted

FAILED = Kind(
    name="run-failed",
    title="the newest run failed",
    what="the run of {kind} that began {at} failed: {why}",
    do="its page in Airflow shows which task failed: clear that task. Nothing is lost, and its "
    "pages are due again",
)
LONG = Kind(
    name="run-long",
    title="the newest run takes too long",
    what="the run of {kind} that began {at} has not ended for {span}",
    do="see in Airflow which of its tasks is at work. Where none is, the run was killed: its pages "
    "come again when its lease is over",
    options=("troubles.run_minutes",),
)
LATE = Kind(
    name="run-late",
    title="no run has begun for too long",
    what="no scheduled run of ingest has begun since {at}",
    do="see that Airflow's scheduler runs, and that the DAG ingest is not paused",
    options=("troubles.late_minutes",),
)

KINDS = (INGEST.kind, REVISIT.kind)  # by the clock; who starts another by hand sees its end
PAST = 20  # runs whose distances say what is usual
USUAL = 3  # times the usual distance between two runs is late
SCHEDULED = "scheduled__"  # how Airflow's names of runs by the clock begin


def look(view: View) -> Iterator[Trouble]:
    """Of each kind of run the newest, and whether the next one is late."""
    for kind in KINDS:
        newest = _newest(view, kind, 1)
        ended = _newest(view, kind, 1, "done", "failed")
        if ended and ended[0].state == "failed":
            yield _failed(ended[0])
        if newest and newest[0].state == "running":
            yield from _long(view, newest[0])
    yield from _late(view, _newest(view, INGEST.kind, PAST))


def newest_ingest(view: View) -> Run | None:
    """The newest run of ``ingest`` that gave its account."""
    found = _newest(view, INGEST.kind, 1, "done", "failed")
    return found[0] if found else None


def _newest(view: View, kind: str, size: int, *states: str) -> Sequence[Run]:
    return view.store.lists.runs(size=size, kind=(kind,), state=states).rows


def _failed(run: Run) -> Trouble:
    why = run.problems[0] if run.problems else "it gave no reason"
    return FAILED.found(
        run.finished or run.started, run.kind, kind=run.kind, at=at(run.started), why=why
    )


def _long(view: View, run: Run) -> Iterator[Trouble]:
    if run.started < view.ago("troubles.run_minutes", "minutes"):
        span = lasted(view.now - run.started)
        yield LONG.found(run.started, run.kind, kind=run.kind, at=at(run.started), span=span)


def _late(view: View, runs: Sequence[Run]) -> Iterator[Trouble]:
    """By how far runs were apart: a schedule of once an hour is late after three.

    An installation whose runs are all started by hand is never late.
    """
    least = timedelta(minutes=view.settings["troubles.late_minutes"])
    began = [one.started for one in runs if SCHEDULED in one.id]
    if not began or not least:
        return
    gaps = sorted(later - sooner for later, sooner in pairwise(began))
    usual = gaps[len(gaps) // 2] if gaps else timedelta()
    if view.now - began[0] > max(least, USUAL * usual):
        yield LATE.found(began[0], at=at(began[0]))
