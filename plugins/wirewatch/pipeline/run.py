"""The frame of a run: its beginning, its announcement, and the account it gives at its end."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence

from wirewatch.pipeline import body_store
from wirewatch.records import Batch, HostTime, RevisionKind, Run, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

log = logging.getLogger("wirewatch.run")

# The stages that hand items on, in order: what one passed the next must have taken.
CHAIN = ("claim", "fetch", "extract", "deduplicate", "tag", "index")
SLOWEST = 10  # hosts in the account


class RunFailed(RuntimeError):
    """The run lost items or a batch; the message says which and what to do."""


def begin(settings: Settings, run: str, kind: str = "ingest") -> str:
    """Notes the run and returns its id; before anything is polled it makes sure of the store.

    Raises Unavailable or MappingDiffers when the run could not keep what it would fetch.
    """
    with connect(settings) as store:
        store.runs.begin(Run(id=run, kind=kind, started=utc_now()))
    return run


def publish(settings: Settings, run: str, indexed: Sequence[Batch]) -> int:
    """Announces the run's stories to the alerts; returns how many there are."""
    stories = sum(batch.passed for batch in indexed)
    if stories:
        with connect(settings, prepare=False) as store:
            store.refresh()
            store.runs.update(run, alerts="pending")
    return stories


def finish(
    settings: Settings, run: str, handed: Iterable[Batch], chain: Sequence[str] = CHAIN
) -> Run:
    """Adds up what the run's batches report, keeps the account and returns it.

    Raises RunFailed when counts in are not counts out plus counts rejected at some stage, or when
    a batch was lost: its pages are claimed again when their lease ends.
    """
    batches = list(handed)
    stages = _stages(batches)
    problems = list(_problems(batches, chain))
    hosts = _slowest(batches)
    with connect(settings, prepare=False) as store:
        store.refresh()
        store.runs.update(
            run,
            state="failed" if problems else "done",
            finished=utc_now().isoformat(),
            stages=stages,
            problems=problems,
            hosts=[{"host": h.host, "pages": h.pages, "seconds": h.seconds} for h in hosts],
        )
        account = store.runs.get(run)
    if account is None:
        raise RunFailed(f"run {run} never began: there is no note of it")
    if problems:
        raise RunFailed(f"run {run}: " + "; ".join(problems))
    body_store.forget(settings, run, utc_now())
    return account


def tell(account: Run) -> None:
    """Writes the account to the log."""
    for line in lines(account):
        log.info(line)


def lines(account: Run) -> list[str]:
    """The account in lines that a person reads."""
    told = [f"run {account.id}: {account.state}"]
    known = ("poll", *CHAIN)
    others = (stage for stage in account.stages if stage not in known)
    for stage in (*known, *others):
        if stage not in account.stages:
            continue
        counts = account.stages[stage]
        rest = ", ".join(
            f"{count} {name.replace('_', ' ')}"
            for name, count in counts.items()
            if name not in ("taken", "passed", "batches")
        )
        told.append(
            f"{stage}: {counts['taken']} in, {counts['passed']} on" + (f"; {rest}" if rest else "")
        )
    told += [f"slow: {h.host}, {h.pages} pages in {h.seconds:.1f} s" for h in account.hosts[:3]]
    return told


def gist(run: Run) -> str:
    """What a run did, in a few words of its own kind."""
    if not run.stages:
        return "" if run.state == "running" else "nothing was due"
    counts = {stage: Counter(found) for stage, found in run.stages.items()}

    def of(stage: str, name: str = "passed") -> int:
        return counts.get(stage, Counter())[name]

    if run.kind == "revisit":
        revise = counts.get("revise", Counter())
        kinds = [(revise[kind.value], kind.value) for kind in RevisionKind]
        same = of("fetch", "unchanged") + revise["cosmetic"]
        others = [(of("fetch", "missing") + of("extract", "missing"), "missing")]
        told = [
            f"{count} {name}" for count, name in [*kinds, (same, "unchanged"), *others] if count
        ]
        return f"{of('claim')} pages looked at again: {', '.join(told) or 'none could be read'}"
    if run.kind == "reprocess":
        examined = f"{of('examine', 'taken')} stories examined, {of('examine')} differ"
        return f"{examined}, {of('apply')} written" if "apply" in counts else examined
    if "index" in counts or run.kind == "ingest":
        return f"{of('index')} stories of {of('claim')} pages"
    return ", ".join(f"{stage}: {found['passed']}" for stage, found in counts.items())


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
                "failed; its pages are claimed again when their lease ends"
            )
        passed, before = sum(batch.passed for batch in mine), stage


def _slowest(batches: Iterable[Batch]) -> tuple[HostTime, ...]:
    hosts = [host for batch in batches for host in batch.hosts]
    return tuple(sorted(hosts, key=lambda host: -host.seconds)[:SLOWEST])
