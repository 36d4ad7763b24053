"""Records as answers, and the schemas that say what is in them.

Stories are flat. In lists they come as lines: without their text and the evidence of their cluster.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args, get_type_hints

import msgspec
from fastapi import Response

from wirewatch.records import Story, flat, inline
from wirewatch.search.read import NOT_SHOWN

Struct = msgspec.Struct

REFS = "#/components/schemas/{name}"
LINE = "StoryLine"  # the schema of a story as a line

# The kinds of records that answers have, by name; and those whose stories are whole.
_kinds: dict[str, type[Struct]] = {}
_whole: set[str] = set()
_examples: dict[str, Any] = {}


def answer(record: Struct, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The record as JSON."""
    whole = type(record).__name__ in _whole
    body = msgspec.json.encode(flat(record, () if whole else NOT_SHOWN))
    return Response(body, status, headers, media_type="application/json")


def gives(
    example: Struct, about: str, *, status: int = 200, whole: bool = False
) -> dict[int | str, dict[str, Any]]:
    """What a route says of the answer that is like the example, for ``responses=``."""
    kind = type(example)
    if _kinds.setdefault(kind.__name__, kind) is not kind:
        raise TypeError(f"two kinds of answers are called {kind.__name__}")
    if whole:
        _whole.add(kind.__name__)
    _examples[REFS.format(name=kind.__name__)] = flat(example, () if whole else NOT_SHOWN)
    content = {"schema": {"$ref": REFS.format(name=kind.__name__)}}
    return {status: {"description": about, "content": {"application/json": content}}}


def example(schema: dict[str, Any]) -> Any:
    """The example of answers with that schema; None where it is none of records."""
    return _examples.get(schema.get("$ref", ""))


def schemas() -> dict[str, Any]:
    """The schemas of all that answers have, by name."""
    structs = _structs([*_kinds.values(), Story])
    _, components = msgspec.json.schema_components(list(structs.values()), ref_template=REFS)
    for name, kind in structs.items():
        _write_out(components[name], kind)
        if name not in _whole:
            for spec in components[name]["properties"].values():
                _to_lines(spec)
    story = components["Story"]
    story["properties"] = inline(story["properties"], components.pop("Article")["properties"])
    story["required"] = list(story["properties"])
    shown = {name: spec for name, spec in story["properties"].items() if name not in NOT_SHOWN}
    components[LINE] = {
        **story,
        "title": LINE,
        "description": "A story without its text and the evidence of its cluster.",
        "properties": shown,
        "required": list(shown),
    }
    return components


def _write_out(schema: dict[str, Any], kind: type[Struct]) -> None:
    """Says that every field is there, and which texts are instants."""
    schema["required"] = list(schema["properties"])
    hints = get_type_hints(kind)
    for name, spec in schema["properties"].items():
        spec.pop("default", None)
        if hints[name] is datetime:
            spec["format"] = "date-time"
        elif datetime in get_args(hints[name]):
            for one in spec["anyOf"]:
                if one["type"] == "string":
                    one["format"] = "date-time"


def _to_lines(spec: dict[str, Any]) -> None:
    """A story inside of another record is a line."""
    if spec.get("$ref") == REFS.format(name="Story"):
        spec["$ref"] = REFS.format(name=LINE)
    for inner in (spec.get("items"), spec.get("additionalProperties"), *spec.get("anyOf", ())):
        if isinstance(inner, dict):
            _to_lines(inner)


def _structs(kinds: list[type[Struct]]) -> dict[str, type[Struct]]:
    """The kinds and every struct inside of them, by name; raises TypeError for two of one name."""
    found: dict[str, type[Struct]] = {}
    left: list[Any] = list(kinds)
    while left:
        one = left.pop()
        if not (isinstance(one, type) and issubclass(one, Struct)):
            left += get_args(one)
        elif one.__name__ not in found:
            found[one.__name__] = one
            left += get_type_hints(one).values()
        elif found[one.__name__] is not one:
            raise TypeError(f"two kinds of records in answers are called {one.__name__}")
    return found
