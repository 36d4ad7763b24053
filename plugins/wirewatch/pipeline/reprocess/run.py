"""All of it in this process: what ``wirewatch reprocess`` does."""

from __future__ import annotations

from collections.abc import Callable

from wirewatch.pipeline.done import Done
from wirewatch.pipeline.fetch import Tick
from wirewatch.pipeline.ingest import Begin, run_id
from wirewatch.pipeline.reprocess.apply import apply
from wirewatch.pipeline.reprocess.choose import select_stories
from wirewatch.pipeline.reprocess.examine import examine
from wirewatch.pipeline.reprocess.report import Report, report
from wirewatch.pipeline.reprocess.stages import REPROCESS_CHAIN, Stage, stage_of
from wirewatch.pipeline.run import begin, finish
from wirewatch.records import Run
from wirewatch.settings import Settings


def reprocess(
    settings: Settings,
    query: str,
    *,
    since: str = "",
    until: str = "",
    stage: str = Stage.EXTRACT.value,
    dry_run: bool = True,
    run: str | None = None,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
    told: Callable[[Report], None] = lambda _: None,
) -> Run:
    """Does a stage anew for a query's stories, in this process; returns the account.

    ``told`` gets the report before anything is written. Given the id of a run that was killed, it
    goes on where that stopped. Raises BadQuery, CannotReprocess.
    """
    wanted = stage_of(stage)
    run = begin(settings, run or run_id("reprocess"), "reprocess")
    done = Done(settings, run)
    selected = select_stories(settings, run, query, since, until, wanted)
    begins("examine", sum(batch.passed for batch in selected))
    examined = [
        done.once(
            "examine",
            lambda one=batch: [examine(settings, one, wanted, tick)],  # type: ignore[misc]
            batch.partition,
        )[0]
        for batch in selected
    ]
    told(report(settings, examined, wanted))
    if dry_run:
        return finish(settings, run, [*selected, *examined], REPROCESS_CHAIN[:-1])
    begins("apply", sum(batch.passed for batch in examined))
    applied = [
        done.batch("apply", one, lambda given, taken: apply(given, taken, wanted, tick))
        for one in examined
    ]
    return finish(settings, run, [*selected, *examined, *applied], REPROCESS_CHAIN)
