"""The flows: each one table of stages, in the order in which a run goes through them.

From a table come the DAG (``wirewatch.airflow.dags``), the run without Airflow
(``wirewatch.pipeline.runner``), the account's sums and ``docs/dags.md``. A stage is added or moved
by one entry here. The tables name their functions and import none: the DAG processor reads them
every few seconds.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Told that a stage begins (its name, how many items it has), and how many more items are done.
Begin = Callable[[str, int], None]
Tick = Callable[[int], None]

FETCH, EXTRACT, DEDUP = "wirewatch_fetch", "wirewatch_extract", "wirewatch_dedup"  # Airflow's pools
TRIES = 3  # of a task, the first included
STORIES = "stories"  # the asset that tells of new stories


class Shape(StrEnum):
    """What a stage's function takes, and how often a run calls it."""

    START = "start"  # (settings, run): once; begins a chain of batches
    EACH = "each"  # (settings, batch): once for each batch of the stage before
    ALL = "all"  # (settings, run, batches): once, with all batches of the stage before


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of a flow: a function that returns a batch, or batches where it is not ``EACH``."""

    name: str
    shape: Shape
    minutes: int  # the time-out of one call
    does: str  # for the documentation, in words
    fails: str  # what to do when it fails, in words
    call: str = ""  # "module:function"; "": of the stage's name, in the module of that name
    tries: int = TRIES
    pool: str = ""  # "": Airflow's own
    # What else the function takes: the name of its argument, and of the run's parameter.
    params: Mapping[str, str] = field(default_factory=dict)
    ticks: bool = False  # the function takes ``tick`` and reports its progress item by item
    together: bool = False  # its batches may run at once in one process: they wait for others
    once: bool = False  # called again it gives what it gave: what was handed out is not shuffled
    despite_losses: bool = False  # goes on with what is left where a batch was lost
    counted: bool = True  # its batches are in the account; what it takes was counted before
    announces: str = ""  # the asset that is emitted when it passed something on

    @property
    def function(self) -> Callable[..., Any]:
        """What the stage calls, imported now."""
        found: Callable[..., Any] = pkgutil.resolve_name(
            self.call or f"wirewatch.pipeline.{self.name}:{self.name}"
        )
        return found


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The stages that a run of one kind goes through."""

    kind: str  # also the DAG's id
    stages: tuple[Stage, ...]
    framed: bool = True  # a run is noted, and gives an account at its end
    prefix: str = ""  # of the run's id: runs of two DAGs may have one id in Airflow

    def __str__(self) -> str:
        return f"{self.kind}: {' → '.join(stage.name for stage in self.stages)}"

    def stage(self, name: str) -> Stage:
        """The stage of that name; raises StopIteration where the flow has none."""
        return next(stage for stage in self.stages if stage.name == name)


# The frame of a run in its documentation: the task, what it does, what to do when it fails.
BEGINS = (
    "begin",
    "makes sure of the state folder, Elasticsearch and its mappings",
    "its message says what to do; nothing was asked for",
)
FINISHES = (
    "finish",
    "adds up: counts in = counts out + counts rejected",
    "its message names the stage; the pages of a lost batch are due again at once",
)
AGAIN = "clear that mapped task"

INGEST = Flow(
    kind="ingest",
    stages=(
        Stage(
            name="poll",
            shape=Shape.START,
            pool=FETCH,
            minutes=15,
            ticks=True,
            does="polls due feeds, notes new pages",
            fails="Elasticsearch went away: clear it. A feed's own failure never fails the task: "
            "see `wirewatch feeds list`",
        ),
        Stage(
            name="claim",
            shape=Shape.START,
            minutes=10,
            once=True,
            does="leases due pages to this run, in batches by host",
            fails="clear it: it hands out the same batches",
        ),
        Stage(
            name="fetch",
            shape=Shape.EACH,
            pool=FETCH,
            minutes=20,
            ticks=True,
            together=True,  # no two batches ask one host at once
            does="fetches a batch politely, archives it",
            fails=AGAIN,
        ),
        Stage(
            name="extract",
            shape=Shape.EACH,
            pool=EXTRACT,
            minutes=45,
            ticks=True,
            does="reads the articles, in processes that may die",
            fails=AGAIN,
        ),
        Stage(
            name="deduplicate",
            shape=Shape.ALL,
            pool=DEDUP,
            minutes=30,
            despite_losses=True,
            does="places every story in a cluster",
            fails="clear it: its own earlier work is replaced",
        ),
        Stage(
            name="tag",
            shape=Shape.EACH,
            minutes=15,
            does="gives topics",
            fails="the message names the rule file and line",
        ),
        Stage(
            name="index",
            shape=Shape.EACH,
            minutes=15,
            ticks=True,
            does="writes stories, clusters and page states",
            fails="`ClustersChanged`: clear `deduplicate` and what follows",
        ),
        Stage(
            name="publish",
            call="wirewatch.pipeline.frame:publish",
            shape=Shape.ALL,
            minutes=5,
            despite_losses=True,
            counted=False,
            announces=STORIES,
            does="announces new stories to `alerts`",
            fails="clear it; it is skipped when nothing is new",
        ),
    ),
)

REVISIT = Flow(
    kind="revisit",
    prefix="revisit__",
    stages=(
        Stage(
            name="claim",
            call="wirewatch.pipeline.claim:claim_revisits",
            shape=Shape.START,
            minutes=10,
            once=True,
            does="leases the pages whose time has come, in batches by host",
            fails="clear it: it hands out the same batches",
        ),
        Stage(
            name="fetch",
            shape=Shape.EACH,
            pool=FETCH,
            minutes=20,
            ticks=True,
            together=True,
            does="fetches a batch again, archives what is new",
            fails=AGAIN,
        ),
        Stage(
            name="extract",
            shape=Shape.EACH,
            pool=EXTRACT,
            minutes=45,
            ticks=True,
            does="reads the articles",
            fails=AGAIN,
        ),
        Stage(
            name="revise",
            shape=Shape.EACH,
            minutes=30,
            ticks=True,
            does="compares, writes revisions, then stories",
            fails="clear that mapped task: what was written stays, once",
        ),
    ),
)

REPROCESS = Flow(
    kind="reprocess",
    prefix="reprocess__",
    stages=(
        Stage(
            name="select",
            call="wirewatch.pipeline.reprocess.choose:select_stories",
            shape=Shape.START,
            minutes=30,
            once=True,
            params={"query": "query", "since": "from", "until": "to", "stage": "stage"},
            does="finds the stories that the query names, in batches",
            fails="`BadQuery` names the place in the query",
        ),
        Stage(
            name="examine",
            call="wirewatch.pipeline.reprocess.examine:examine",
            shape=Shape.EACH,
            pool=EXTRACT,
            minutes=45,
            params={"stage": "stage"},
            ticks=True,
            does="does the stage anew for a batch and notes what differs",
            fails=AGAIN,
        ),
        Stage(
            name="report",
            call="wirewatch.pipeline.reprocess.report:report_changes",
            shape=Shape.ALL,
            minutes=15,
            params={"stage": "stage", "dry_run": "dry_run"},
            counted=False,
            does="adds up what would change, by field, with samples",
            fails="clear it",
        ),
        Stage(
            name="apply",
            call="wirewatch.pipeline.reprocess.apply:apply",
            shape=Shape.EACH,
            minutes=30,
            params={"stage": "stage"},
            ticks=True,
            does="writes the stories that changed; skipped by `dry_run`",
            fails="clear that mapped task: it goes on where it stopped",
        ),
    ),
)

ALERTS = Flow(
    kind="alerts",
    framed=False,
    prefix="alerts__",
    stages=(
        Stage(
            name="alert",
            shape=Shape.START,
            minutes=30,
            does="matches saved searches with what is new, writes alerts, queues their messages",
            fails="`BadSearches` names the file in `config/searches/` and what is wrong in it; all "
            "others had their alerts. Otherwise Elasticsearch went away, and it is tried again",
        ),
    ),
)

DELIVER = Flow(
    kind="deliver",
    framed=False,
    prefix="deliver__",
    stages=(
        Stage(
            name="deliver",
            shape=Shape.START,
            minutes=20,
            tries=1,  # the next run is a minute away
            does="sends the messages whose time has come, and makes digests",
            fails="Elasticsearch went away: the next run goes on",
        ),
    ),
)

MAINTAIN = Flow(
    kind="maintain",
    framed=False,
    prefix="maintain__",
    stages=(
        Stage(
            name="maintain",
            shape=Shape.START,
            minutes=120,
            does="frees what is past its time, part by part, and measures the disks",
            fails="its message names the part and the reason; the other parts are done. Clear it: "
            "it goes on where it stopped",
        ),
    ),
)

WATCH = Flow(
    kind="watch",
    framed=False,
    prefix="watch__",
    stages=(
        Stage(
            name="watch",
            shape=Shape.START,
            minutes=5,
            tries=1,  # the next run is near
            does="looks for troubles; queues a message for each that is new or over",
            fails="Elasticsearch is away: that is told without it, and its message says what to do",
        ),
    ),
)

FLOWS = {flow.kind: flow for flow in (INGEST, REVISIT, REPROCESS, ALERTS, DELIVER, MAINTAIN, WATCH)}
# Share of a stage's time-out that an option may let it wait for other people's servers: the rest is
# for what it does with their answers.
WAITING = 0.5


def longest_wait(*names: str) -> float:
    """Seconds that an option may let the stages of these names wait; without a name, any stage."""
    minutes = [
        stage.minutes
        for flow in FLOWS.values()
        for stage in flow.stages
        if not names or stage.name in names
    ]
    return WAITING * 60 * min(minutes)


def documented(flow: Flow) -> str:
    """The flow's stages as a table in Markdown: what each does, and what to do when it fails."""
    rows = [(stage.name, stage.does, stage.fails) for stage in flow.stages]
    if flow.framed:
        rows = [BEGINS, *rows, FINISHES]
    lines = ["| task | does | when it fails |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {does} | {fails} |" for name, does, fails in rows)])
