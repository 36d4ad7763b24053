"""Texts made of unrelated reports, and the links they must not have.

A round-up, a mix or a page with two reports resembles stories that have nothing to do with each
other. Linked to both, it would make one cluster of them. So of the stories that come near such a
text, only those stay linked to it that belong to the report which gave most of it. Which one that
is follows from the texts, not from who came first: a story of an earlier run that is linked to a
mix is freed when the report that gave more of it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.cluster import Match
from wirewatch.dedup.comparison_cache import Work
from wirewatch.dedup.features import in_phrases

# Share of a text found in another from which nothing worth a name is left for a third one. Two
# unrelated texts of one language share .15 to .3 of their 5-grams, so three quarters look like .8.
WHOLE = 0.9
# Of the words that two stories explain of a third, the share of the fewer that both explain, up to
# which they give different parts. A line that both end with may stand there twice.
COMMON = 0.2
FEWEST = 8  # words explained: fewer are a phrase that everybody uses
REACH = 64  # stories looked at around a text; a wide cluster has its kinds of copies among them
CHECKED = 8  # parts of a text held against a further one
SIBLINGS = 3  # freed stories that a freed one is compared with


@dataclass(frozen=True, slots=True)
class Cuts:
    """Pairs (later, earlier) that must not be linked, and the earlier runs' stories that lose
    their link by it, each with what was its parent."""

    pairs: frozenset[tuple[str, str]]
    freed: Mapping[str, str]


def cut_links(work: Work, pairs: Iterable[tuple[str, str]]) -> Cuts:
    """The cuts of pairs (later, earlier), with the stories at hand that have such a link."""
    cut = frozenset(pairs)
    freed = {
        later: earlier
        for later, earlier in cut
        if (link := work.found[later].link) and link.story_id == earlier
    }
    return Cuts(cut, freed)


Shares = dict[str, dict[str, float]]  # by story and neighbour: the share of the story found there


def untangle(work: Work, matches: Sequence[Match]) -> Cuts:
    """The links that would tie unrelated reports together by way of a text made of both."""
    fresh: Shares = {}
    for match in matches:
        if match.joins:
            fresh.setdefault(match.later, {})[match.earlier] = match.pair.containment
            fresh.setdefault(match.earlier, {})[match.later] = match.pair.containment_of
    suspects = sorted(
        one
        for one, near in fresh.items()
        if min(near.values()) < WHOLE or _ties_clusters(work, one, near)
    )
    known = _written(work, {*suspects, *(one for text in suspects for one in fresh[text])})
    cut: set[tuple[str, str]] = set()
    # Its own links first: cut, they lead nowhere else.
    for further in (False, True):
        for text in suspects:
            for one in _strangers(work, text, fresh, known, further):
                cut.add(in_time(work, text, one))
                for shares in (fresh, known):
                    shares.get(text, {}).pop(one, None)
                    shares.get(one, {}).pop(text, None)
    return cut_links(work, cut)


def siblings(work: Work, freed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs to compare: the stories freed of one text, of which some are copies of each other."""
    by_parent: dict[str, list[str]] = {}
    for one in sorted(freed, key=lambda one: (work.found[one].time, one)):
        by_parent.setdefault(freed[one], []).append(one)
    return [
        (one, other)
        for group in by_parent.values()
        for at, one in enumerate(group)
        for other in group[: min(at, SIBLINGS)]
    ]


def _ties_clusters(work: Work, text: str, near: Iterable[str]) -> bool:
    """Whether a text would make one of several clusters: reprints of a mix lie in each of them."""
    return len({work.found[one].cluster_id for one in (text, *near)} - {""}) > 1


def _written(work: Work, ids: Iterable[str]) -> Shares:
    """The links that the clusters of these stories have already."""
    homes = work.clusters(work.found[one].cluster_id for one in ids)
    members = [one for cluster in homes.values() if not cluster.redirect for one in cluster.stories]
    work.fetch(members)
    known: Shares = {}
    for one in members:
        link = work.found[one].link if one in work.found else None
        if link and link.story_id in work.found:
            known.setdefault(one, {})[link.story_id] = link.containment
            known.setdefault(link.story_id, {})[one] = link.containment_of
    return known


def _strangers(work: Work, text: str, fresh: Shares, known: Shares, further: bool) -> set[str]:
    """The neighbours of a text that belong, or lead, to another report than most of it does.

    ``further``: also what lies behind its neighbours is looked at.
    """
    near = {**known.get(text, {}), **fresh.get(text, {})}
    reached = _around(text, fresh, known) if further else {one: (near[one], one) for one in near}
    # A pair of parts is looked at when one of them is new here.
    news = fresh.get(text, {}).keys() | (reached.keys() - near.keys())
    order = sorted(reached, key=lambda one: (-round(reached[one][0], 2), work.found[one].time, one))
    taken: list[str] = []
    strangers: set[str] = set()
    masks: dict[str, NDArray[np.bool_]] = {}
    for one in order:
        share, by = reached[one]
        if share >= WHOLE or by in strangers:
            continue
        others = [
            other
            for other in taken
            if (one in news or other in news)
            and reached[other][1] not in strangers
            and (by != reached[other][1])
        ]
        if any(
            not work.related(one, other, compared=True)
            and _apart(work, text, one, other, masks)
            and not work.alike(one, other)
            for other in others[:CHECKED]
        ):
            strangers.add(by)
        else:
            taken.append(one)
    return strangers


def _around(text: str, fresh: Shares, known: Shares) -> dict[str, tuple[float, str]]:
    """By story about which share of a text it has, and the text's neighbour that leads to it."""
    reached: dict[str, tuple[float, str]] = {text: (1.0, "")}
    queue = [text]
    for at in queue:  # grows while it is read
        through, by = reached[at]
        near = {**known.get(at, {}), **fresh.get(at, {})}
        for one, share in sorted(near.items()):
            if one in reached or len(reached) > REACH:
                continue
            reached[one] = through * share, by or one
            queue.append(one)
    del reached[text]
    return reached


def _apart(
    work: Work, text: str, one: str, other: str, masks: dict[str, NDArray[np.bool_]]
) -> bool:
    """Whether two stories explain different parts of a text."""
    for part in (one, other):
        if part not in masks:
            masks[part] = in_phrases(work.text(text), work.text(part))
    a, b = masks[one], masks[other]
    fewer = min(int(a.sum()), int(b.sum()))
    return fewer >= FEWEST and int((a & b).sum()) <= COMMON * fewer


def in_time(work: Work, one: str, other: str) -> tuple[str, str]:
    """A pair of stories as (later, earlier)."""
    earlier, later = sorted((one, other), key=lambda each: (work.found[each].time, each))
    return later, earlier
