"""What a query is about: words and topics that are commoner in what it finds than elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wirewatch.records import Record
from wirewatch.search.dsl import Query
from wirewatch.search.language import Resolver
from wirewatch.search.lexer import words_of
from wirewatch.search.request import BadRequest, ask, prepare
from wirewatch.search.search import commonest
from wirewatch.search.tree import Phrase, Prefix, Word, leaves
from wirewatch.store import Store

SAMPLE = 300  # stories a shard whose texts are read, the best ones: 1 ms each
RARE = 2  # stories that must have a word, else a misprint is the most significant
MOST = 100  # terms
LANGUAGES = 3  # the query's commonest, whose words are looked at


class Term(Record, frozen=True, kw_only=True):
    """A word, or a value of a facet."""

    value: str
    score: float  # JLH: how much commoner, in difference and in ratio
    stories: int  # of the sample that have it
    sample: int  # stories of the sample
    background: int  # stories of the whole archive that have it
    everything: int  # stories of the whole archive


class Terms(Record, frozen=True, kw_only=True):
    """What is significant for a query against the rest, the most significant first."""

    query: str  # as understood
    words: tuple[Term, ...] = ()  # folded, as in the exact sub-fields
    topics: tuple[Term, ...] = ()
    outlets: tuple[Term, ...] = ()
    authors: tuple[Term, ...] = ()


def terms(
    store: Store,
    query: str,
    *,
    size: int = 25,
    now: datetime | None = None,
    resolve: Resolver | None = None,
) -> Terms:
    """Words, topics, outlets and authors significant for a query, by a sample of its best stories.

    Words that the query itself asks for are left out, and so are passages that copies share: a
    report that many outlets print counts once. Raises BadQuery, BadRequest and TooSlow.
    """
    if not 1 <= size <= MOST:
        raise BadRequest(f"size {size}: must be from 1 to {MOST}")
    asked = prepare(store, query, now=now, resolve=resolve)
    own = {
        word
        for leaf in leaves(asked.tree)
        if isinstance(leaf, Word | Prefix | Phrase) and not leaf.field
        for word in words_of(leaf.text)
    }
    inside: Query = {
        name: {"significant_terms": {**commonest(facet, size), "min_doc_count": RARE}}
        for name, facet in (("topics", "topic"), ("outlets", "outlet"), ("authors", "author"))
    }
    for key in asked.languages[:LANGUAGES]:
        inside[f"words_{key}"] = {
            "significant_text": {
                "field": f"text.{key}.exact",
                "source_fields": [f"text.{key}"],
                "size": size + len(own),
                "min_doc_count": RARE,
                "filter_duplicate_text": True,
            }
        }
    answer = ask(
        store,
        {
            "query": asked.dsl,
            "size": 0,
            "track_total_hits": False,
            "aggs": {"sample": {"sampler": {"shard_size": SAMPLE}, "aggs": inside}},
        },
    )
    sample = answer["aggregations"]["sample"]
    words: list[Term] = []
    for key in asked.languages[:LANGUAGES]:
        found = [term for term in values(sample[f"words_{key}"]) if term.value not in own]
        words += telling(store, key, found)
    words.sort(key=lambda term: (-term.score, term.value))
    return Terms(
        query=asked.text,
        words=tuple(words[:size]),
        topics=values(sample["topics"]),
        outlets=values(sample["outlets"]),
        authors=values(sample["authors"]),
    )


def telling(store: Store, key: str, words: Sequence[Term]) -> list[Term]:
    """The words that the language's analysis keeps: neither stop words nor bare numbers, nor what
    stands at an apostrophe (the s of Arden's).
    """
    words = [
        term
        for term in words
        if not term.value.isdigit() and (len(term.value) > 1 or not term.value.isascii())
    ]
    if not words:
        return []
    index = min(store.es.indices.get_alias(name=store.stories.alias).body)
    text = " ".join(term.value for term in words)
    tokens = store.es.indices.analyze(index=index, field=f"text.{key}", text=text)["tokens"]
    kept = {text[token["start_offset"] : token["end_offset"]] for token in tokens}
    return [term for term in words if term.value in kept]


def values(figures: Mapping[str, Any]) -> tuple[Term, ...]:
    """The terms of a significant_text or significant_terms aggregation."""
    return tuple(
        Term(
            value=bucket["key"],
            score=round(bucket["score"], 4),
            stories=bucket["doc_count"],
            sample=figures["doc_count"],
            background=bucket["bg_count"],
            everything=figures["bg_count"],
        )
        for bucket in figures["buckets"]
    )
