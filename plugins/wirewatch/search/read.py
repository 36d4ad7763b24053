"""Elasticsearch's answers as records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from wirewatch.records import replace
from wirewatch.search.request import Asked
from wirewatch.search.results import Count, Highlight, Hit, Piece
from wirewatch.store.stories import story_from
from wirewatch.topics.taxonomy import names_above

# A result's line needs neither the text nor the evidence of clustering.
NOT_SHOWN = ("text", "link", "sources", "credits")

# Marks around what matched: characters of no script (private use), told apart and taken out here.
BEGIN, END = "\ue000", "\ue001"
PASSAGES = 2  # of a text
PASSAGE = 180  # characters of a passage, about: two lines on a page
READ = 200_000  # characters of a text that are looked at for highlights: the longest kept
_MARKED = re.compile(f"{BEGIN}([^{BEGIN}{END}]*){END}")


def highlighting(languages: Iterable[str]) -> dict[str, Any]:
    """How to highlight titles and texts of these languages: stemmed and exact matches in one."""
    fields: dict[str, Any] = {}
    for key in languages:
        for name, asked in (
            ("title", {"number_of_fragments": 0}),
            ("text", {"number_of_fragments": PASSAGES, "fragment_size": PASSAGE}),
        ):
            field = f"{name}.{key}"
            fields[field] = {**asked, "matched_fields": [field, f"{field}.exact"]}
    return {
        "type": "unified",
        "pre_tags": [BEGIN],
        "post_tags": [END],
        "max_analyzed_offset": READ,
        "fields": fields,
    }


def shown(asked: Asked, highlight: bool) -> dict[str, Any]:
    """What to ask for of each hit."""
    parts: dict[str, Any] = {"source_excludes": list(NOT_SHOWN)}
    return {**parts, "highlight": highlighting(asked.languages)} if highlight else parts


def hits(answer: Mapping[str, Any]) -> tuple[Hit, ...]:
    """The hits of an answer, a story each."""
    return tuple(
        Hit(
            story=story_from(found["_source"]),
            score=found.get("_score") or 0.0,
            highlights=highlights(found),
        )
        for found in answer["hits"]["hits"]
    )


def facets(answer: Mapping[str, Any], names: Iterable[str]) -> dict[str, tuple[Count, ...]]:
    """The counts of each facet, the commonest value first, topics within others after these."""
    found = {}
    for name in names:
        buckets = answer["aggregations"][name]["buckets"]
        counts = [Count(value=bucket["key"], stories=bucket["doc_count"]) for bucket in buckets]
        found[name] = tuple(_nested(counts) if name == "topic" else counts)
    return found


def _nested(counts: list[Count]) -> list[Count]:
    """Topics with those that are within them behind each: a story that has one has both."""
    given = {one.value for one in counts}
    inner: dict[str, list[Count]] = {}
    for one in counts:
        within = next((name for name in names_above(one.value) if name in given), "")
        inner.setdefault(within, []).append(replace(one, within=within))
    ordered: list[Count] = []
    waiting = inner.get("", [])[::-1]
    while waiting:
        ordered.append(waiting.pop())
        waiting += inner.get(ordered[-1].value, [])[::-1]
    return ordered


def highlights(found: Mapping[str, Any]) -> tuple[Highlight, ...]:
    """The title where it matched, then passages of the text."""
    marked = found.get("highlight", {})
    return tuple(
        Highlight(field=path.split(".")[0], pieces=_pieces(fragment))
        for path in sorted(marked, reverse=True)
        for fragment in marked[path]
    )


def _pieces(fragment: str) -> tuple[Piece, ...]:
    pieces = []
    for number, text in enumerate(_MARKED.split(fragment)):
        if clean := text.replace(BEGIN, "").replace(END, ""):
            pieces.append(Piece(text=clean, match=number % 2 == 1))
    return tuple(pieces)
