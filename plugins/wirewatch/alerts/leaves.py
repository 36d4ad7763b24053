"""Which stories of a round a leaf of a query finds, just as :mod:`wirewatch.search.dsl` asks it.

A set of stories is a whole number with a bit for each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from wirewatch.alerts.analysis import Asked, Form
from wirewatch.alerts.tokens import EXACT, TEXTS, Field, Round
from wirewatch.search import dates
from wirewatch.search.dsl import DATE_FIELDS, NAMES, UNSTEMMED, is_one
from wirewatch.search.tree import Dates, Leaf, Phrase, Prefix, Word

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = Field()


def has_words(leaf: Leaf) -> TypeGuard[Word | Prefix | Phrase]:
    """Whether it asks for words, not for a value or a date."""
    return isinstance(leaf, Word | Prefix | Phrase) and (
        leaf.field in ("", "title") or leaf.field in NAMES
    )


def analysed(leaf: Word | Prefix | Phrase, languages: Iterable[str]) -> Iterator[Asked]:
    """What must be analysed to find it in stories of these languages."""
    yield UNSTEMMED, leaf.text
    if isinstance(leaf, Word) and leaf.field not in NAMES:
        yield from ((key, leaf.text) for key in languages if key != UNSTEMMED)


def words(leaf: Word | Prefix | Phrase, held: Round, forms: Mapping[Asked, Form]) -> int:
    """The stories that have its words; of a phrase with slop, those that may."""
    found = 0
    for key, text in analysed(leaf, held.languages):
        form = forms[key, text]
        fields = [held.fields.get(name, _NOTHING) for name in _names(leaf, key)]
        if not form:
            continue  # stop words alone: nothing is found by them
        if isinstance(leaf, Prefix):
            found |= _begins(form, fields, whole=is_one(leaf.text))
        elif isinstance(leaf, Word) and not leaf.field and is_one(leaf.text):
            found |= _all(form, fields)
        elif isinstance(leaf, Phrase) and leaf.slop:
            for field in fields:
                found |= _all(form, [field])
        else:
            for field in fields:
                found |= _row(_places(form), field)
    return found


def dated(leaf: Dates, held: Round, now: datetime) -> int:
    """The stories of its days.

    ``7d`` counts back from when the story was first seen, or from ``now`` where a clock put that
    after it: a story that waited for an hour to be matched is none the older for it.
    """
    name = DATE_FIELDS[leaf.field]
    low, high = (None, None) if leaf.ago else dates.span(leaf.low, leaf.high)
    begin, end = _millis(low) if low else None, _millis(high) if high else None
    back = (now - dates.back_to(leaf.ago, now)) // _MILLISECOND if leaf.ago else 0
    latest = _millis(now)
    found = 0
    for number, story in enumerate(held.stories):
        time = story.times[name]
        if leaf.ago:
            begin = min(story.times[DATE_FIELDS["seen"]], latest) - back
        if (begin is None or time >= begin) and (end is None or time < end):
            found |= 1 << number
    return found


_MILLISECOND = timedelta(milliseconds=1)


def _millis(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _names(leaf: Word | Prefix | Phrase, key: str) -> list[str]:
    """The fields of a round that it is asked of, for one way of analysis."""
    if leaf.field in NAMES:
        return [NAMES[leaf.field]]
    end = EXACT if key == UNSTEMMED else key
    return [f"{name}.{end}" for name in ([leaf.field] if leaf.field else TEXTS)]


def _all(form: Form, fields: Iterable[Field]) -> int:
    """Every position's word in any of the fields, as ``combined_fields`` wants it."""
    found = -1
    for terms in _places(form).values():
        found &= _any(terms, fields)
    return found


def _any(terms: Iterable[str], fields: Iterable[Field]) -> int:
    found = 0
    for field in fields:
        for term in terms:
            found |= field.bits.get(term, 0)
    return found


def _begins(form: Form, fields: Iterable[Field], *, whole: bool) -> int:
    """A word whose last token is the beginning of one.

    One that is whole asks for any of its tokens (``match_bool_prefix``), else for all in a row.
    """
    places = _places(form)
    last = max(places)
    found = 0
    for field in fields:
        ended = {**places, last: [word for term in places[last] for word in _after(term, field)]}
        if whole:
            for terms in ended.values():
                found |= _any(terms, [field])
        else:
            found |= _row(ended, field)
    return found


def _after(prefix: str, field: Field) -> Iterator[str]:
    for number in range(bisect_left(field.terms, prefix), len(field.terms)):
        if not field.terms[number].startswith(prefix):
            return
        yield field.terms[number]


def _places(form: Form) -> dict[int, list[str]]:
    """The terms of each position."""
    places: dict[int, list[str]] = {}
    for position, term in form:
        places.setdefault(position, []).append(term)
    return places


def _row(places: Mapping[int, list[str]], field: Field) -> int:
    """Words at just these distances from one another."""
    may = -1
    for terms in places.values():
        may &= _any(terms, [field])
    if len(places) == 1 or not may:
        return may
    found = 0
    while may:
        lowest = may & -may
        if _in_row(places, field, lowest.bit_length() - 1):
            found |= lowest
        may ^= lowest
    return found


def _in_row(places: Mapping[int, list[str]], field: Field, story: int) -> bool:
    starts: set[int] | None = None
    for offset, terms in places.items():
        own = {
            position - offset
            for term in terms
            for position in field.positions.get(term, {}).get(story, ())
        }
        starts = own if starts is None else starts & own
        if not starts:
            return False
    return True
