"""How the flow stands: backlogs, freshness, how long each step took, what the stages did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import Metric

from wirewatch.records import Run
from wirewatch.store.progress import HostsFare, Progress
from wirewatch.web.metrics.families import gauges, instants, waits

# The steps of a story, and in words what each is counted of.
STEPS = {
    "seen_to_fetched": "from a page's discovery to its first fetch, of the fetches",
    "seen_to_searchable": "from a page's discovery to its story's being searchable, of the stories",
    "searchable_to_alerted": "from searchable to alerted, of the alerts",
}


def figures(now: Progress) -> Iterator[Metric]:
    """All of it."""
    of = ("queue",)
    counts = {(name,): float(one.count) for name, one in now.backlogs.items()}
    yield gauges("backlog", "What waits and could be done now, by queue.", of, counts)
    since = {(name,): one.oldest for name, one in now.backlogs.items()}
    about = "Since when the oldest of a queue could be done; absent where nothing waits."
    yield instants("backlog_oldest_timestamp_seconds", about, of, since)
    about = "When the newest story became searchable; absent without any."
    yield instants("newest_story_timestamp_seconds", about, (), {(): now.newest})
    for step, words in STEPS.items():
        yield waits(
            f"{step}_seconds", f"Seconds {words} of the last 24 hours.", (), {(): now.waits[step]}
        )
    yield from _runs(now.ended)
    yield from _hosts(now.hosts)


def _runs(ended: Sequence[Run]) -> Iterator[Metric]:
    """What the runs that ended in the last hour did, the newest first."""
    states = Counter((run.kind, run.state) for run in ended)
    about = "Runs that ended in the last hour, by how they ended."
    yield gauges("runs", about, ("kind", "state"), states)
    took = {
        (run.kind,): (run.finished - run.started).total_seconds()
        for run in reversed(ended)
        if run.finished
    }
    yield gauges("run_seconds", "Seconds that the newest of them took.", ("kind",), took)
    items: Counter[tuple[str, ...]] = Counter()
    worked: dict[tuple[str, ...], float] = {}
    for run in ended:
        for stage, counts in run.stages.items():
            items.update({(run.kind, stage, outcome): n for outcome, n in counts.items()})
        for stage, seconds in run.seconds.items():
            worked[run.kind, stage] = worked.get((run.kind, stage), 0.0) + seconds
    about = "Items that a stage took, passed on, or left out and why, in the runs of the last hour."
    yield gauges("stage_items", about, ("kind", "stage", "outcome"), items)
    about = "Seconds that a stage worked in the runs of the last hour, its batches added up."
    yield gauges("stage_seconds", about, ("kind", "stage"), worked)


def _hosts(fare: HostsFare) -> Iterator[Metric]:
    states = {("seen",): fare.seen, ("failing",): fare.failing, ("slow",): fare.slow}
    about = "Hosts of the last day's pages (seen), with pages that wait after a failure, and slow."
    yield gauges("hosts", about, ("state",), states)
    waiting = {(host,): float(pages) for host, pages in fare.waiting.items()}
    about = "Pages that wait after a failure, of the hosts that have most."
    yield gauges("host_waiting_pages", about, ("host",), waiting)
    slowest = {(host,): seconds for host, seconds in fare.seconds.items()}
    yield gauges("host_seconds", "Seconds a page takes, of the slowest hosts.", ("host",), slowest)
