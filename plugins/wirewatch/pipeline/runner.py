"""A flow run in this process, and one stage of it for whoever else runs flows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wirewatch.holders import this_process
from wirewatch.pipeline import turns
from wirewatch.pipeline.checkpoints import Checkpoints
from wirewatch.pipeline.flow import Begin, Flow, Shape, Stage, Tick
from wirewatch.pipeline.frame import begin, fail, finish
from wirewatch.records import Batch, Run, replace, utc_now
from wirewatch.settings import Settings

Watch = Callable[[str, list[Batch]], None]  # told a stage's name and what it gave


def run_id(flow: Flow) -> str:
    """A fresh id of a run started by hand, sortable by time."""
    return f"{flow.prefix or 'manual__'}{utc_now():%Y%m%dT%H%M%S.%f}"


def run_flow(
    flow: Flow,
    settings: Settings,
    run: str | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
    watch: Watch = lambda _stage, _batches: None,
    wait: float | None = None,
) -> Run:
    """Runs all stages of a flow, one after another; returns the account.

    Given the id of a run that was killed, it goes on with that run where it stopped. ``watch`` sees
    what a stage gave before the next one begins. ``wait`` is how many seconds it waits for another
    run of its kind; the option ``run.wait`` where it is not given. Raises Busy when that did not
    end, and what the stages raise; then it notes the run as failed.
    """
    run = run or run_id(flow)
    holder = turns.holder_of(run, this_process())
    if flow.framed:
        patience = settings["run.wait"] if wait is None else wait
        begin(settings, run, flow.kind, holder=holder, wait=patience)
    given: dict[str, list[Batch]] = {}
    taken: list[Batch] = []
    for stage in flow.stages:
        items = 0 if stage.shape == Shape.START else sum(one.passed for one in taken)
        begins(stage.name, items)
        try:
            if flow.framed:
                turns.keep(settings, flow.kind, run, holder)
            taken = _whole(stage, settings, run, taken, params or {}, tick)
        except Exception as error:
            if flow.framed:
                fail(settings, flow.kind, run, f"{stage.name} failed: {error}")
            raise
        given[stage.name] = taken
        watch(stage.name, taken)
    return finish(settings, flow, run, given)


def _whole(
    stage: Stage,
    settings: Settings,
    run: str,
    taken: Sequence[Batch],
    params: Mapping[str, Any],
    tick: Tick,
) -> list[Batch]:
    """All calls of a stage; those that were finished before a kill are not made again."""

    def call(batches: Sequence[Batch]) -> list[Batch]:
        return perform_once(stage, settings, run, batches, params, tick)

    if stage.shape != Shape.EACH:
        return call(taken)
    with ThreadPoolExecutor(max_workers=max(1, len(taken)) if stage.together else 1) as threads:
        return [batch for part in threads.map(call, ([one] for one in taken)) for batch in part]


def perform_once(
    stage: Stage,
    settings: Settings,
    run: str,
    taken: Sequence[Batch],
    params: Mapping[str, Any],
    tick: Tick = lambda _: None,
) -> list[Batch]:
    """What one call of a stage gave before, else what it gives now; see :func:`perform`."""
    partition = taken[0].partition if stage.shape == Shape.EACH else 0
    return Checkpoints(settings, run).once(
        stage.name, lambda: perform(stage, settings, run, taken, params, tick), partition
    )


def perform(
    stage: Stage,
    settings: Settings,
    run: str,
    taken: Sequence[Batch],
    params: Mapping[str, Any],
    tick: Tick = lambda _: None,
) -> list[Batch]:
    """One call of a stage; ``taken`` is the one batch that it takes, or all that it takes."""
    named: dict[str, Any] = {name: params[param] for name, param in stage.params.items()}
    if stage.ticks:
        named["tick"] = tick
    begun = time.perf_counter()
    if stage.shape == Shape.START:
        got = stage.function(settings, run, **named)
    elif stage.shape == Shape.EACH:
        [batch] = taken
        got = stage.function(settings, batch, **named)
    else:
        got = stage.function(settings, run, taken, **named)
    batches = [got] if isinstance(got, Batch) else list(got)
    seconds = (time.perf_counter() - begun) / max(1, len(batches))
    return [replace(batch, seconds=seconds) for batch in batches]
