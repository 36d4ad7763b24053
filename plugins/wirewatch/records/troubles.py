"""What stands in the way of an installation, as somebody is told of it."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records.base import Record


class Trouble(Record, frozen=True, kw_only=True):
    """One trouble, as a look found it; with what became of it where it is kept."""

    id: str  # its kind, and what it is about: "run-failed:ingest"
    kind: str
    since: datetime
    what: str  # in words, without a full stop
    do: str  # what a person does about it
    number: int = 0  # the how many-th of this id; 0: it is not kept
    opened: datetime | None = None  # when a look found it first
    seen: datetime | None = None  # when a look found it last
    told: datetime | None = None  # when its messages were queued
    ended: datetime | None = None  # when it was over
    cleared: datetime | None = None  # when the messages of its end were queued
