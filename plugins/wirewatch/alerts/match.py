"""Which saved searches find which new stories: as Elasticsearch would answer, for far less.

The new stories' tokens are read once (:mod:`tokens`). Each distinct leaf of all searches is then a
set of stories, and a search puts sets together. ``docs/alerts.md`` says why, and what it costs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime

from wirewatch.alerts.analysis import Asked, Form, forms
from wirewatch.alerts.asked import asked
from wirewatch.alerts.costs import Spent
from wirewatch.alerts.leaves import analysed, dated, has_words, words
from wirewatch.alerts.tokens import Round, rounds
from wirewatch.records import Record, SavedSearch
from wirewatch.search.language import BadQuery, Limits, expand, limits_from, parse
from wirewatch.search.tree import And, Dates, Everything, Leaf, Node, Not, Or, Phrase
from wirewatch.store import Store

Code = int | tuple[str, tuple["Code", ...]]  # a leaf's number, or "&", "|", "-" and its parts


class Matches(Record, frozen=True, kw_only=True):
    """What was found; an enabled search in neither table found nothing."""

    stories: dict[str, tuple[str, ...]]  # a search's id to the ids of the stories it finds
    refused: dict[str, str]  # the id of a search that cannot be asked to the reason, in words
    seconds: dict[str, float]  # that each search took; what all have in common is not in it


@dataclass(frozen=True, slots=True)
class _Pool:
    """All searches' trees over numbered leaves, each distinct leaf once."""

    codes: dict[str, Code] = attribute(default_factory=dict)
    leaves: dict[Leaf, int] = attribute(default_factory=dict)
    spent: Spent = attribute(default_factory=Spent)


def match(
    store: Store, searches: Iterable[SavedSearch], story_ids: Sequence[str], *, now: datetime
) -> Matches:
    """The stories among these that each enabled search finds, in the order they were given.

    A date such as ``seen:1h`` counts back from when the story was first seen. A search that cannot
    be read, or that Elasticsearch refuses, is told of and stops no other. A story that is not
    searchable (any more) is found by none. Elasticsearch's other failures are raised as they are.
    """
    refused: dict[str, str] = {}
    pool = _pooled(searches, limits_from(store.settings), refused)
    found: dict[str, list[tuple[str, ...]]] = {}  # a part of each round
    order = {story: number for number, story in enumerate(story_ids)}
    known: dict[Asked, Form] = {}
    unread: dict[Asked, str] = {}
    for held in rounds(store, story_ids):
        sets, reasons = _sets(store, held, pool, known, unread, now)
        listed: dict[int, tuple[str, ...]] = {}  # many searches find the same stories
        for search_id, code in pool.codes.items():
            begun = time.perf_counter()
            try:
                bits = _evaluate(code, sets, held.everything)
            except KeyError as error:
                refused[search_id] = reasons[error.args[0]]
                continue
            pool.spent.searches[search_id] += time.perf_counter() - begun
            if bits:
                if bits not in listed:
                    ids = (one.id for n, one in enumerate(held.stories) if bits >> n & 1)
                    listed[bits] = tuple(sorted(ids, key=order.__getitem__))
                found.setdefault(search_id, []).append(listed[bits])
    return Matches(
        stories={
            search: _joined(parts, order)
            for search, parts in found.items()
            if search not in refused
        },
        refused=refused,
        seconds=pool.spent.by_search({one: _numbers(code) for one, code in pool.codes.items()}),
    )


def _joined(parts: list[tuple[str, ...]], order: dict[str, int]) -> tuple[str, ...]:
    if len(parts) == 1:
        return parts[0]
    return tuple(sorted((one for part in parts for one in part), key=order.__getitem__))


def _pooled(searches: Iterable[SavedSearch], limits: Limits, refused: dict[str, str]) -> _Pool:
    kept = list(searches)
    queries = {search.id: search.query for search in kept}  # an @name may name a disabled one
    pool = _Pool()
    known: dict[str, Code] = {}  # of queries that several people keep
    for search in kept:
        if search.enabled:
            try:
                if search.query not in known:
                    tree = expand(parse(search.query, limits), queries.get, limits)
                    known[search.query] = _coded(tree, pool.leaves)
                pool.codes[search.id] = known[search.query]
            except BadQuery as error:  # kept by another version, or names a search that is gone
                refused[search.id] = str(error)
    return pool


def _coded(tree: Node, leaves: dict[Leaf, int]) -> Code:
    if isinstance(tree, Not):
        return "-", (_coded(tree.part, leaves),)
    if isinstance(tree, And | Or):
        kind = "&" if isinstance(tree, And) else "|"
        return kind, tuple(_coded(part, leaves) for part in tree.parts)
    return leaves.setdefault(tree, len(leaves))


def _evaluate(code: Code, sets: dict[int, int], everything: int) -> int:
    """The stories of a tree. Raises KeyError with the number of a leaf that was refused."""
    if isinstance(code, int):
        return sets[code]
    kind, parts = code
    if kind == "-":
        return everything & ~_evaluate(parts[0], sets, everything)
    found = everything if kind == "&" else 0
    for part in parts:  # all of them, so that a refused leaf is told of
        bits = _evaluate(part, sets, everything)
        found = found & bits if kind == "&" else found | bits
    return found


def _numbers(code: Code) -> set[int]:
    """The leaves of a tree."""
    return {code} if isinstance(code, int) else set().union(*map(_numbers, code[1]))


def _sets(
    store: Store,
    held: Round,
    pool: _Pool,
    known: dict[Asked, Form],
    unread: dict[Asked, str],
    now: datetime,
) -> tuple[dict[int, int], dict[int, str]]:
    """The stories of each leaf, by its number; and why not, in words, of the refused ones."""
    sets: dict[int, int] = {}
    reasons: dict[int, str] = {}
    _analyse(store, held, pool, known, unread)
    to_ask: list[Leaf] = []
    for leaf, number in pool.leaves.items():
        begun = time.perf_counter()
        if isinstance(leaf, Everything):
            sets[number] = held.everything
        elif isinstance(leaf, Dates):
            sets[number] = dated(leaf, held, now)
        elif not has_words(leaf):
            to_ask.append(leaf)
        elif wrong := [unread[one] for one in analysed(leaf, held.languages) if one in unread]:
            reasons[number] = wrong[0]
        else:
            sets[number] = words(leaf, held, known)
            if isinstance(leaf, Phrase) and leaf.slop and sets[number]:
                to_ask.append(leaf)
        pool.spent.leaves[number] += time.perf_counter() - begun

    def took(seconds: float, part: Sequence[Leaf]) -> None:
        pool.spent.split(seconds, [pool.leaves[one] for one in part])

    answers, refused = asked(store, held, to_ask, took, now=now)
    sets |= {pool.leaves[leaf]: bits for leaf, bits in answers.items()}
    for leaf, reason in refused.items():
        sets.pop(pool.leaves[leaf], None)
        reasons[pool.leaves[leaf]] = reason
    return sets, reasons


def _analyse(
    store: Store, held: Round, pool: _Pool, known: dict[Asked, Form], unread: dict[Asked, str]
) -> None:
    """Adds what the round's languages make of the leaves' words, where it is not known yet."""
    wanted: dict[Asked, list[int]] = {}
    for leaf, number in pool.leaves.items():
        if has_words(leaf):
            for one in analysed(leaf, held.languages):
                if one not in known and one not in unread:
                    wanted.setdefault(one, []).append(number)
    begun = time.perf_counter()
    made, failed = forms(store, held.stories[0].index, wanted)
    seconds = time.perf_counter() - begun
    for numbers in wanted.values():
        pool.spent.split(seconds / len(wanted), numbers)
    known |= made
    unread |= failed
