"""What the batch files of a reprocessing run hold."""

from __future__ import annotations

from typing import Any

from wirewatch.records import Record

FIELD = "field_"  # begins the notes of an examined batch that count a field


class Selected(Record, frozen=True, kw_only=True):
    """One story of a run."""

    story_id: str


class Altered(Record, frozen=True, kw_only=True):
    """What the installed version makes of a story otherwise, JSON-ready, by field."""

    story_id: str
    title: str
    before: dict[str, Any]
    after: dict[str, Any]  # the same fields
