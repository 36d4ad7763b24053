"""Reports that a desk repeats in the same words, told by its own past.

Two issues of a daily market notice differ in a few figures, and now and then in none: a verdict on
the two texts alone takes one for a reprint of the other. What tells them apart is the habit. Where
one outlet had the same words on two other occasions, a story is a copy only of what came within
hours of it and has the same figures. It does not matter which of the occasions is heard of last: a
story that was linked to another issue before is freed.

One report that is printed again and again teaches no habit, for nothing in it is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from wirewatch.dedup.comparison_cache import Work
from wirewatch.dedup.features import Profile, conflicts, in_forms, replaced
from wirewatch.dedup.mixes import REACH, Cuts, cut_links, in_time
from wirewatch.records import Story

# Between two occasions. Most copies of a report come sooner, the next daily one hardly does.
OCCASION = timedelta(hours=18)
OCCASIONS = 2  # beside the story's own; two alone may be a report and its correction
# Share of the shorter text's words in runs of five that the other has, with any number or name in
# the place of one, from which both are of one kind of report.
ALIKE = 0.7
WHOLE = 0.6  # the shorter over the longer: what is much shorter is no issue but a part of one
# Changes between a story and another issue of its kind up to which two issues may have none: where
# five figures differ from day to day, they are all equal in a reprint only.
BY_CHANCE = 2
# Passages that are replaced from one issue to the next, and words for one more: a correction or an
# update replaces one or two of a long report.
REPLACED, WORDS = 2, 100


@dataclass(frozen=True, slots=True)
class Issues:
    """Links that must not be, for they tie two issues together, and pairs to compare instead."""

    cuts: Cuts
    closer: tuple[tuple[str, str], ...]


def tell_apart(work: Work, ids: Iterable[str]) -> Issues:
    """The issues of regular reports among stories and what is near them; they are ``denied`` each
    other's copies."""
    cut: set[tuple[str, str]] = set()
    closer: set[tuple[str, str]] = set()
    for identity in ids:
        family = _family(work, identity)
        if _regular(work, family):
            family += _mates(work, family)
        for one, by_chance in _regular(work, family):
            for other in family:
                if other.id == one.id:
                    continue
                late = by_chance and abs(one.time - other.time) >= OCCASION
                if late or _other_figures(work, one, other):
                    cut.add(in_time(work, one.id, other.id))
                    work.denied.setdefault(one.id, set()).add(other.id)
                    work.denied.setdefault(other.id, set()).add(one.id)
                else:
                    closer.add(in_time(work, one.id, other.id))
    cuts = cut_links(work, cut)
    again = {pair for pair in closer if pair[0] in cuts.freed}
    return Issues(cuts, tuple(sorted(again)))


def _family(work: Work, identity: str) -> list[Story]:
    """A story and those near it that are of its kind of report; empty where they are of too few
    occasions to be regular."""
    near = [work.found[one] for one in sorted(work.near.get(identity, ()))]
    own = work.found[identity]
    times = [own.time, *(story.time for story in near)]
    if max(times) - min(times) < OCCASIONS * OCCASION:
        return []
    return [own, *(story for story in near if _alike(work, identity, story.id))]


def _mates(work: Work, family: Sequence[Story]) -> list[Story]:
    """The stories of the same kind that stand in one cluster with those of a family: of many copies
    a story is compared with the nearest alone."""
    here = {story.id for story in family}
    homes = work.clusters(story.cluster_id for story in family)
    listed = [one for cluster in homes.values() for one in cluster.stories if one not in here]
    wanted = list(dict.fromkeys(listed))[:REACH]
    work.fetch(wanted)
    return [
        work.found[one] for one in wanted if one in work.found and _alike(work, family[0].id, one)
    ]


def _alike(work: Work, one: str, other: str) -> bool:
    short, long = sorted((work.text(one), work.text(other)), key=lambda text: text.length)
    return bool(short.length) and int(in_forms(short, long).sum()) >= ALIKE * short.length


def _regular(work: Work, family: Sequence[Story]) -> list[tuple[Story, bool]]:
    """The stories of a family whose kind one outlet, or one agency, had on two other occasions, and
    whether two issues may be alike by chance."""
    desks: dict[tuple[str, str], list[Story]] = {}
    for story in sorted(family, key=lambda story: (story.time, story.id)):
        outlet = (story.article.outlet or story.article.host).casefold()
        for desk in (("outlet", outlet), ("agency", story.agency)):
            if desk[1]:
                desks.setdefault(desk, []).append(story)
    found: dict[str, tuple[Story, bool]] = {}
    for (kind, _), own in desks.items():
        occasions = _occasions(own)
        if len(occasions) < OCCASIONS:
            continue
        for story in family:
            others = [one for one in occasions if abs(one.time - story.time) >= OCCASION]
            if len(others) < OCCASIONS:
                continue
            mine = [story] if kind == "outlet" and story in own else []
            if any(_differ(work, a, b, kind) for a, b in combinations((*others, *mine), 2)):
                changes = (_changes(work, story, one) for one in others)
                found[story.id] = story, min(filter(None, changes), default=0) <= BY_CHANCE
    return list(found.values())


def _occasions(stories: Iterable[Story]) -> list[Story]:
    """Of stories in order of time, the first of each occasion."""
    found: list[Story] = []
    for story in stories:
        if not found or story.time - found[-1].time >= OCCASION:
            found.append(story)
    return found


def _differ(work: Work, one: Story, other: Story, desk: str) -> bool:
    """Whether one text is the other with passages replaced: an outlet's with any, an agency's,
    which many print and some reword, with other numbers."""
    short, long = _by_length(work, one, other)
    if short.length < WHOLE * long.length:
        return False
    if desk == "agency":
        return _other_figures(work, one, other)
    return replaced(short, long) >= REPLACED + short.length // WORDS


def _by_length(work: Work, one: Story, other: Story) -> tuple[Profile, Profile]:
    short, long = sorted((work.text(one.id), work.text(other.id)), key=lambda text: text.length)
    return short, long


def _changes(work: Work, one: Story, other: Story) -> int:
    """How many passages or numbers of one text are others in the other one."""
    short, long = _by_length(work, one, other)
    _, differing = conflicts(short.placed_numbers, long.placed_numbers)
    return max(replaced(short, long), int(differing.sum()))


def _other_figures(work: Work, one: Story, other: Story) -> bool:
    """Whether a third of the shorter text's numbers that stand in the same place differ."""
    short, long = _by_length(work, one, other)
    placed, differing = conflicts(short.placed_numbers, long.placed_numbers)
    return bool(placed.sum()) and 3 * int(differing.sum()) >= int(placed.sum())
