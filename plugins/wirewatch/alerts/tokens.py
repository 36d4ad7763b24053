"""A round of new stories, and their tokens as Elasticsearch indexed them: analysis is never ours.

A story has title and text under one language, so the sub-fields for exact words, which all have
one analyzer, are read as one field: ``title.exact``. A language without an analyzer of its own has
nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wirewatch.alerts.portions import portions
from wirewatch.search.dsl import DATE_FIELDS, NAMES, UNSTEMMED
from wirewatch.store import Store

ROUND = 500  # stories matched at once: a set of them is a whole number of 500 bits
LETTERS = 2_000_000  # of a round's texts: 300 MB of tokens if each letter is one, as in Chinese
ASKED = 200_000  # letters whose tokens one request asks for, or one story: 100 MB at the worst
TEXTS = ("title", "text")
EXACT = "exact"

# How long title and text are, by which rounds are cut: the texts themselves are not sent.
_LETTERS = """
int letters = 0;
for (name in ['title', 'text']) {
  def texts = params._source[name];
  if (texts instanceof Map) { for (one in texts.values()) { letters += one.length(); } }
}
return letters;
"""

Positions = dict[int, tuple[int, ...]]  # of a term, by the number of the story in its round


@dataclass(frozen=True, slots=True)
class Placed:
    """A story and where its tokens are."""

    id: str
    index: str
    key: str  # of its language's sub-field
    times: dict[str, int]  # milliseconds since 1970, by field
    letters: int


@dataclass(frozen=True, slots=True)
class Field:
    """What one analysed field holds over a round."""

    bits: dict[str, int] = field(default_factory=dict)  # the stories that have a term, a bit each
    positions: dict[str, Positions] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)  # in order, for what begins with a prefix


@dataclass(frozen=True, slots=True)
class Round:
    """Some new stories, numbered from 0, and what their fields hold."""

    stories: tuple[Placed, ...]
    fields: dict[str, Field]  # "title.exact", "text.es", "outlet.words"

    @property
    def everything(self) -> int:
        """The set of all stories."""
        return (1 << len(self.stories)) - 1

    @property
    def languages(self) -> tuple[str, ...]:
        """The language keys of the stories."""
        return tuple(sorted({story.key for story in self.stories}))


def rounds(store: Store, ids: Sequence[str]) -> Iterator[Round]:
    """The searchable ones of these stories, some hundreds at a time, with their tokens."""
    for part in portions(_placed(store, ids), _letters, LETTERS, count=ROUND):
        yield _round(store, part)


def _placed(store: Store, ids: Sequence[str]) -> Iterator[Placed]:
    unique = list(dict.fromkeys(ids))
    dates = [{"field": name, "format": "epoch_millis"} for name in DATE_FIELDS.values()]
    for start in range(0, len(unique), ROUND):
        part = unique[start : start + ROUND]
        answer = store.es.search(
            index=store.stories.alias,
            query={"ids": {"values": part}},
            size=len(part),
            source=False,
            docvalue_fields=[*dates, {"field": "language"}],
            script_fields={"letters": {"script": {"lang": "painless", "source": _LETTERS}}},
            sort=[{"id": "asc"}],
            allow_partial_search_results=False,
        )
        for hit in answer["hits"]["hits"]:
            values = hit["fields"]
            yield Placed(
                id=hit["_id"],
                index=hit["_index"],
                key=store.templates.language_key(values["language"][0]),
                times={name: int(values[name][0]) for name in DATE_FIELDS.values()},
                letters=values["letters"][0],
            )


def _round(store: Store, stories: Sequence[Placed]) -> Round:
    """The round, its tokens asked of the server a few stories at a time."""
    positions: dict[str, dict[str, Positions]] = {}
    numbers = itertools.count()
    for part in portions(stories, _letters, ASKED):
        answer = store.es.mtermvectors(
            docs=[
                {"_index": one.index, "_id": one.id, "fields": [*_asked(one.key)]} for one in part
            ],
            offsets=False,
            payloads=False,
            field_statistics=False,
            realtime=False,
        )
        for document in answer["docs"]:
            number = next(numbers)
            if "error" in document:
                raise RuntimeError(f"tokens of story {document['_id']}: {document['error']}")
            for asked, vector in document.get("term_vectors", {}).items():
                known = positions.setdefault(_asked(stories[number].key)[asked], {})
                for term, told in vector["terms"].items():
                    found = tuple(token["position"] for token in told["tokens"])
                    known.setdefault(term, {})[number] = found
    return Round(tuple(stories), {name: _field(terms) for name, terms in positions.items()})


def _letters(story: Placed) -> int:
    return story.letters


def _asked(key: str) -> dict[str, str]:
    """The fields to ask for of a story in a language, and what each is called here."""
    fields = {f"{name}.{key}.exact": f"{name}.{EXACT}" for name in TEXTS}
    if key != UNSTEMMED:
        fields |= {f"{name}.{key}": f"{name}.{key}" for name in TEXTS}
    return fields | {name: name for name in NAMES.values()}


def _field(positions: dict[str, Positions]) -> Field:
    bits = {term: sum(1 << number for number in found) for term, found in positions.items()}
    return Field(bits, positions, sorted(positions))
