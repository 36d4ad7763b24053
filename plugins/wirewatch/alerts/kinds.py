"""What each kind of saved search makes of a round of new stories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace as changed

from wirewatch.alerts.events import Find, finds, too_old
from wirewatch.alerts.searches import named
from wirewatch.alerts.view import View
from wirewatch.records import Copies, SavedSearch, SearchKind

BY_STORY = frozenset({SearchKind.MATCH, SearchKind.OUTLETS, SearchKind.CHANGE})

# What was made of the stories found, for the searches that find the same: there are thousands.
Known = dict[tuple[tuple[str, ...], int, int, Copies], list[Find]]


def found_by(search: SavedSearch, found: tuple[str, ...], view: View, known: Known) -> list[Find]:
    """The clusters that a search has to tell of and has not told; ``found`` are what it matches.

    Of a change, which its alert's id tells apart, also those that were told.
    """
    if search.kind == SearchKind.CHANGE:
        return _changes(search, found, view)
    key = found, search.age_limit, search.threshold, search.copies
    if key not in known:
        known[key] = _clusters(search, found, view)
    told = view.told.get(search.id)
    return [one for one in known[key] if one.cluster.id not in told] if told else known[key]


def _clusters(search: SavedSearch, found: tuple[str, ...], view: View) -> list[Find]:
    fresh: Collection[str] = view.fresh
    of_outlets = search.kind == SearchKind.OUTLETS
    if of_outlets:  # the copy that comes as the last need not match itself
        fresh = found
    made = finds(found, fresh, view.stories, view.homes, search.age_limit)
    if search.copies == Copies.NOT:
        made = [one for one in made if not one.copy_only]
    if not of_outlets:
        return made
    return [
        changed(one, detail=f"passed {search.threshold} outlets: {one.cluster.outlets} now")
        for one in made
        if one.cluster.outlets >= search.threshold
    ]


def _changes(search: SavedSearch, found: Sequence[str], view: View) -> list[Find]:
    """Changes of stories that match as they are now, or that a search it names has told of."""
    if not view.changed:
        return []
    matched = set(found)
    followed = named(search)
    made = []
    for identity, words in view.changed.items():
        story, cluster = view.fresh[identity], view.homes[identity]
        told = [view.told.get(name, {}).get(cluster.id) for name in followed]
        if identity not in matched and not any(one and identity in one[0].stories for one in told):
            continue
        if too_old(story, search.age_limit):
            continue
        made.append(
            Find(
                cluster=cluster,
                story=story,
                copy_only=False,
                matched=(identity,),
                searchable=story.revised,
                occasion=f"{identity} {story.revisions}",
                detail=words,
            )
        )
    return sorted(made, key=lambda one: one.order)
