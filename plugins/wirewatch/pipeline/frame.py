"""The frame of a run: its beginning, its announcement, and the account it gives at its end."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from elastic_transport import TransportError
from elasticsearch import ApiError

from wirewatch.backup.restore import must_be_whole
from wirewatch.batches import Batches
from wirewatch.pipeline import body_store, turns
from wirewatch.pipeline.flow import Flow, Shape
from wirewatch.records import Batch, HostTime, Run, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Unavailable, connect
from wirewatch.upkeep.disk import must_have_room

log = logging.getLogger("wirewatch.run")

SLOWEST = 10  # hosts in the account

# What each stage gave; None: it failed. A stage that had nothing to do gave no batch.
Given = Mapping[str, Sequence[Batch] | None]


class RunFailed(RuntimeError):
    """The run lost items or a batch; the message says which and what to do."""


def begin(settings: Settings, run: str, kind: str, *, holder: str = "", wait: float = 0.0) -> str:
    """Notes the run and returns its id, once it is sure of the state folder, the store and room.

    With a ``holder`` the run takes the turn of its kind, and waits for it so many seconds.

    Raises Unavailable, MappingDiffers, BadFile, BadBackup or NoRoom when the run could not keep
    what it would fetch, and Busy when another run of its kind is under way.
    """
    Batches(settings.state).must_be_writable()
    must_be_whole(settings)
    with connect(settings) as store:
        must_have_room(settings, store.es)
        if holder:
            turns.take(store, settings, kind, run, holder, wait=wait)
        store.runs.begin(Run(id=run, kind=kind, started=utc_now()))
    return run


def publish(settings: Settings, run: str, indexed: Sequence[Batch]) -> list[Batch]:
    """Announces the run's stories to the alerts; one batch that counts them.

    None without any, unless stories of a run that died, or that were revised, still wait.
    """
    stories = sum(batch.passed for batch in indexed)
    with connect(settings, prepare=False) as store:
        store.refresh()
        if not stories and not store.stories.waiting():
            return []
    return [Batch(run=run, stage="publish", partition=0, file="", taken=stories, passed=stories)]


def finish(settings: Settings, flow: Flow, run: str, given: Given) -> Run:
    """Adds up what the run's stages gave, keeps the account and returns it.

    Pages that the run still holds were lost with a batch: their leases are given back, so that the
    next run takes them. Raises RunFailed when a stage failed, when counts in are not counts out
    plus counts rejected at some stage, or when a batch was lost.
    """
    counted = [stage.name for stage in flow.stages if stage.counted]
    batches = [batch for name in counted for batch in given.get(name) or ()]
    stages = _stages(batches)
    if not flow.framed:
        return Run(id=run, kind=flow.kind, state="done", started=utc_now(), stages=stages)
    problems = [*_failures(flow, given), *_problems(batches, _chain(flow, given))]
    hosts = _slowest(batches)
    with connect(settings, prepare=False) as store:
        store.refresh()
        problems += _released(store.pages.release(run))
        store.runs.update(
            run,
            state="failed" if problems else "done",
            finished=utc_now().isoformat(),
            stages=stages,
            problems=problems,
            hosts=[{"host": h.host, "pages": h.pages, "seconds": h.seconds} for h in hosts],
            seconds=_seconds(batches),
        )
        store.locks.release(flow.kind, run)
        account = store.runs.get(run)
    if account is None:
        raise RunFailed(f"run {run} never began: nothing is recorded of it")
    if problems:
        raise RunFailed(f"run {run}: " + "; ".join(problems))
    body_store.forget(settings, run, utc_now())
    return account


def fail(settings: Settings, kind: str, run: str, problem: str) -> None:
    """Notes that a run ended at a failure, and gives back its turn and the leases that it holds."""
    try:
        with connect(settings, prepare=False) as store:
            released = store.pages.release(run)
            store.runs.update(
                run,
                state="failed",
                finished=utc_now().isoformat(),
                problems=[problem, *_released(released)],
            )
            store.locks.release(kind, run)
    except (Unavailable, ApiError, TransportError) as error:
        log.error("it could not be noted that the run %s failed: %s", run, error)


def _released(pages: int) -> list[str]:
    return [f"{pages} pages that it held are due again at once"] if pages else []


def _stages(batches: Iterable[Batch]) -> dict[str, dict[str, int]]:
    stages: dict[str, Counter[str]] = {}
    for batch in batches:
        counts = stages.setdefault(batch.stage, Counter())
        counts["taken"] += batch.taken
        counts["passed"] += batch.passed
        counts["batches"] += 1
        counts.update(batch.outcomes)
        counts.update(batch.notes)
    return {stage: dict(counts) for stage, counts in stages.items()}


def _seconds(batches: Iterable[Batch]) -> dict[str, float]:
    """Seconds that each stage's calls worked, to the millisecond."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for batch in batches:
        seconds[batch.stage] += batch.seconds
    return {stage: round(worked, 3) for stage, worked in seconds.items()}


def _chain(flow: Flow, given: Given) -> list[str]:
    """The stages that handed items on: what one passed, the next must have taken.

    A stage that only lets through (it counts nothing) and let nothing through ends them.
    """
    starts = [place for place, stage in enumerate(flow.stages) if stage.shape == Shape.START]
    chain = []
    for stage in flow.stages[starts[-1] :]:
        if stage.counted:
            chain.append(stage.name)
        elif given.get(stage.name) is not None and not given[stage.name]:
            break
    return chain


def _failures(flow: Flow, given: Given) -> Iterable[str]:
    """The first stage that gave nothing though it had to, where the sums would not miss it.

    That is one that begins a chain, or one that counts nothing and was handed something.
    """
    handed = 0
    for stage in flow.stages:
        batches = given.get(stage.name)
        if batches is None and (stage.shape == Shape.START or (handed and not stage.counted)):
            yield f"{stage.name} failed: see its log, and clear it"
            return
        if stage.counted:
            handed = sum(batch.passed for batch in batches or ())


def _problems(batches: Sequence[Batch], chain: Sequence[str]) -> Iterable[str]:
    passed: int | None = None
    before = ""
    for stage in chain:
        mine = [batch for batch in batches if batch.stage == stage]
        for batch in mine:
            out = batch.passed + sum(batch.outcomes.values())
            if out != batch.taken:
                yield (
                    f"{stage} batch {batch.partition} took {batch.taken} items, "
                    f"{out} are accounted for"
                )
        taken = sum(batch.taken for batch in mine)
        if passed is not None and taken != passed:
            yield (
                f"{before} passed {passed} items on, {stage} took {taken}: a batch of {stage} "
                "failed"
            )
        passed, before = sum(batch.passed for batch in mine), stage


def _slowest(batches: Iterable[Batch]) -> tuple[HostTime, ...]:
    hosts = [host for batch in batches for host in batch.hosts]
    return tuple(sorted(hosts, key=lambda host: -host.seconds)[:SLOWEST])
