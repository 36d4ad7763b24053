"""Runs of the pipeline, and the batches that their tasks hand on."""

from __future__ import annotations

from datetime import datetime

from msgspec import field

from wirewatch.records.base import Record


class HostTime(Record, frozen=True, kw_only=True):
    """How long a host took over a run's pages."""

    host: str
    pages: int
    seconds: float


class Batch(Record, frozen=True, kw_only=True):
    """A reference to a batch file; what tasks hand on instead of bodies."""

    run: str
    stage: str  # the stage that wrote it
    partition: int
    file: str  # relative to the state's root
    taken: int  # items that came in: always the sum of passed and of outcomes
    passed: int  # items that the next stage takes on
    # Why the others did not go on, each kept with its reason.
    outcomes: dict[str, int] = field(default_factory=dict)
    # Counts of other things than items: feeds polled, clusters made.
    notes: dict[str, int] = field(default_factory=dict)
    hosts: tuple[HostTime, ...] = ()  # where the time went: the slowest hosts of a fetch
    seconds: float = 0.0  # that its call worked; batches of one call share them


class Run(Record, frozen=True, kw_only=True):
    """One run of the pipeline, as operators read it."""

    id: str
    kind: str  # "ingest", "alerts", …
    state: str = "running"  # running, done, failed
    started: datetime
    finished: datetime | None = None
    stages: dict[str, dict[str, int]] = field(default_factory=dict)  # stage to counts by outcome
    problems: tuple[str, ...] = ()  # what does not add up, in words
    hosts: tuple[HostTime, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)  # that a stage's calls worked, added up
