"""Stories written flat, as documents and answers have them: the fields of the article inline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from wirewatch.records.base import defaults, from_dict, to_dict
from wirewatch.records.stories import Article, Story

# What of an article is not written: next_url is used up when its pages are joined, and
# published_day is another reading of ``published``, which is what stories are searched by.
UNWRITTEN = ("next_url", "published_day")


def flat_story(story: Story) -> dict[str, Any]:
    """The story as JSON-ready values by field, those of its article in that one's place."""
    fields = to_dict(story)
    return inline(fields, fields["article"])


def story_defaults() -> dict[str, Any]:
    """The fields of a flat story that have a default, each with that."""
    return inline(defaults(Story) | {"article": None}, defaults(Article))


def inline(fields: Mapping[str, Any], article: Mapping[str, Any]) -> dict[str, Any]:
    """What there is of a story by field, with what there is of its article in that one's place."""
    written: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "article":
            written |= {name: one for name, one in article.items() if name not in UNWRITTEN}
        else:
            written[name] = value
    return written


def read_story(fields: Mapping[str, Any]) -> Story:
    """The story of those fields; raises msgspec.ValidationError, which names one that is wrong."""
    return from_dict(Story, {**fields, "article": fields})


def flat(value: Any, left_out: Collection[str] = ()) -> Any:
    """Records, or mappings and lists of them, as JSON has them; every story in them is flat.

    ``left_out`` are fields that the stories come without.
    """
    if isinstance(value, Story):
        return {k: flat(v) for k, v in flat_story(value).items() if k not in left_out}
    if isinstance(value, msgspec.Struct):
        return {name: flat(getattr(value, name), left_out) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {key: flat(item, left_out) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [flat(item, left_out) for item in value]
    return msgspec.to_builtins(value)
