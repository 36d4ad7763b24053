"""Elasticsearch's answers as records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wirewatch.records import replace
from wirewatch.search.results import Count, Highlight, Hit, Piece
from wirewatch.store.stories import story_from

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


def hits(answer: Mapping[str, Any], *, grouped: bool) -> tuple[Hit, ...]:
    """The hits of an answer; ``grouped``: it was collapsed, with the inner hit ``lead``."""
    return tuple(_hit(found, grouped) for found in answer["hits"]["hits"])


def facets(answer: Mapping[str, Any], names: Iterable[str]) -> dict[str, tuple[Count, ...]]:
    """The counts of each facet, the commonest value first."""
    return {
        name: tuple(
            Count(value=bucket["key"], stories=bucket["doc_count"])
            for bucket in answer["aggregations"][name]["buckets"]
        )
        for name in names
    }


def with_copies(found: Sequence[Hit], buckets: Iterable[Mapping[str, Any]]) -> tuple[Hit, ...]:
    """The hits with the figures of their clusters."""
    figures = {b["key"]: (b["doc_count"], b["outlets"]["value"]) for b in buckets}
    counted = []
    for hit in found:
        # A cluster may have been merged away since the hit was found: then it counts as it stands.
        copies, outlets = figures.get(hit.story.cluster_id, (hit.matching, 1))
        counted.append(replace(hit, copies=copies, outlets=outlets))
    return tuple(counted)


def _hit(found: Mapping[str, Any], grouped: bool) -> Hit:
    score = found.get("_score") or 0.0
    if not grouped:
        return Hit(story=story_from(found["_source"]), score=score, highlights=_highlights(found))
    inner = found["inner_hits"]["lead"]["hits"]
    shown = inner["hits"][0]
    return Hit(
        story=story_from(shown["_source"]),
        score=score,
        highlights=_highlights(shown),
        matching=inner["total"]["value"],
    )


def _highlights(found: Mapping[str, Any]) -> tuple[Highlight, ...]:
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
