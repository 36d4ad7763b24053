"""What the batch files of a reprocessing run hold."""

from __future__ import annotations

from typing import Any

import msgspec

from wirewatch.records import Record, Story, to_json

FIELD = "field_"  # begins the notes of an examined batch that count a field


class Selected(Record, frozen=True, kw_only=True):
    """One story of a run."""

    story_id: str


class Altered(Record, frozen=True, kw_only=True):
    """What the installed version makes of a story otherwise, JSON-ready, by field."""

    story_id: str
    title: str
    before: dict[str, Any]  # a field that has its default is absent
    after: dict[str, Any]


def plain(story: Story) -> dict[str, Any]:
    """The story's fields as a batch file gives them back: lists where the record has tuples."""
    fields: dict[str, Any] = msgspec.json.decode(to_json(story))
    return fields
