"""A span of stories placed anew, and where that makes other clusters than there are.

The stories are placed in the order they came, by the rules as they are now, with an index of their
own. Compared are whole clusters, and only those that lie within the span: a cluster that reaches
beyond it, or that a person had a hand in, is left alone.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from wirewatch.dedup.agency import Agencies
from wirewatch.dedup.deduplicator import Placement, place
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.records import Cluster, Record, Story, replace
from wirewatch.settings import Settings

BATCH = 1_000  # stories placed at a time: as many as a busy run has

UNCHANGED, BY_HAND, OUTSIDE, NO_ID = "unchanged", "by_hand", "reaches_outside", "no_free_id"
MISSING = "cluster_missing"


class Regrouping(Record, frozen=True, kw_only=True):
    """Clusters whose stories, placed anew, make others."""

    before: tuple[Cluster, ...]  # as they are written
    after: tuple[Cluster, ...]  # of the same ids, and of new ones
    stories: tuple[Story, ...]  # as they are placed, without their text
    made: tuple[str, ...] = ()  # ids of the clusters that were parts of another
    gone: tuple[str, ...] = ()  # ids of the clusters that go into another


class Shelf:
    """Stories and clusters in memory, as deduplication asks for them."""

    def __init__(self) -> None:
        self._stories: dict[str, Story] = {}
        self._clusters: dict[str, Cluster] = {}

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """Those of the stories that were placed."""
        return {one: self._stories[one] for one in ids if one in self._stories}

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """Those of the clusters that there are, redirects not followed."""
        return {one: self._clusters[one] for one in ids if one in self._clusters}

    def keep(self, placed: Placement) -> None:
        """Takes what became of a batch."""
        for story in (*placed.stories, *placed.changed):
            self._stories[story.id] = story
        for cluster in placed.clusters:
            self._clusters[cluster.id] = cluster

    def groups(self) -> list[Cluster]:
        """The clusters that are not merged into another."""
        return [cluster for cluster in self._clusters.values() if not cluster.redirect]


def place_anew(
    stories: Iterable[Story],
    settings: Settings,
    agencies: Agencies,
    standing: Mapping[str, int],
    tick: Callable[[int], None] = lambda _: None,
) -> Shelf:
    """The stories placed in the order they came, as if nothing had been placed before."""
    ordered = sorted(stories, key=lambda story: (story.article.first_seen, story.id))
    shelf = Shelf()
    with tempfile.TemporaryDirectory(prefix="wirewatch-regroup-") as folder:
        index = FingerprintIndex(folder)
        for start in range(0, len(ordered), BATCH):
            part = ordered[start : start + BATCH]
            placed = place(
                [_bare(story) for story in part],
                shelf,
                index,
                settings,
                agencies,
                run="regroup",
                batch=str(start),
                now=part[-1].article.first_seen,
                standing=standing,
            )
            shelf.keep(placed)
            tick(len(part))
    return shelf


def _bare(story: Story) -> Story:
    return replace(
        story, cluster_id="", lead=False, link=None, sources=(), agency="", agency_evidence=""
    )


def compare(
    shelf: Shelf, homes: Mapping[str, str], known: Mapping[str, Cluster]
) -> tuple[list[Regrouping], Counter[str]]:
    """Where the clusters on the shelf are others than there are, and why the other stories stay.

    ``homes`` has the cluster of each story of the span, redirects followed; ``known`` the written
    clusters of these ids and of those that are the stories' own.
    """
    made: list[Regrouping] = []
    stay: Counter[str] = Counter()
    for old, new in _touching(shelf, homes):
        members = [story for group in new for story in group.stories]
        found = _regroup(shelf, old, new, set(homes), known)
        if isinstance(found, str):
            stay[found] += len(members)
        else:
            made.append(found)
    return made, stay


def _touching(shelf: Shelf, homes: Mapping[str, str]) -> Iterator[tuple[list[str], list[Cluster]]]:
    """Old cluster ids and new clusters that share stories, directly or by way of others."""
    left = {group.id: group for group in shelf.groups()}
    group_of = {story: group.id for group in left.values() for story in group.stories}
    residents: dict[str, list[str]] = {}
    for story, home in homes.items():
        residents.setdefault(home, []).append(story)
    for first in sorted(left):
        if first not in left:
            continue
        old: set[str] = set()
        new = [left.pop(first)]
        for group in new:  # grows while it is read
            for story in group.stories:
                home = homes[story]
                if home in old:
                    continue
                old.add(home)
                near = {group_of[one] for one in residents[home]}
                new += [left.pop(one) for one in sorted(near & left.keys())]
        yield sorted(old), new


def _regroup(
    shelf: Shelf,
    old: list[str],
    new: list[Cluster],
    inside: set[str],
    known: Mapping[str, Cluster],
) -> Regrouping | str:
    if any(one not in known for one in old):
        return MISSING
    clusters = [known[one] for one in old]
    if {frozenset(one.stories) for one in clusters} == {frozenset(one.stories) for one in new}:
        return UNCHANGED
    if any(one.pinned or one.apart for one in clusters):
        return BY_HAND
    if any(not inside.issuperset(one.stories) for one in clusters):
        return OUTSIDE
    before = {one.id: one for one in clusters}
    after: dict[str, Cluster] = {}
    stories: list[Story] = []
    created: list[str] = []
    gone: list[str] = []
    heirs = _heirs(clusters, new)
    for group in sorted(new, key=lambda one: (one.id not in heirs, one.id)):  # what stays first
        owners = sorted(heirs.get(group.id, ()), key=lambda one: (before[one].first, one))
        key = owners[0] if owners else _free(group, known)
        if not key:
            return NO_ID
        if not owners:
            created.append(key)
            if key in known:
                before[key] = known[key]
        after[key] = replace(group, id=key, pinned=(), apart=(), evidence=None, run="")
        for other in owners[1:]:
            gone.append(other)
            after[other] = replace(before[other], stories=(), redirect=key, evidence=None)
        placed = shelf.stories(group.stories).values()
        stories += [
            replace(story, cluster_id=key, article=replace(story.article, text=""))
            for story in placed
        ]
    return Regrouping(
        before=tuple(before.values()),
        after=tuple(after.values()),
        stories=tuple(stories),
        made=tuple(created),
        gone=tuple(gone),
    )


def _heirs(clusters: Sequence[Cluster], new: Sequence[Cluster]) -> dict[str, list[str]]:
    """By new cluster, the old ids that it takes on: an id goes with the story that it names, else
    with most of its stories.
    """
    heirs: dict[str, list[str]] = {}
    for cluster in clusters:
        mine = set(cluster.stories)
        best = max(new, key=lambda one: (cluster.id in one.stories, len(mine & set(one.stories))))
        heirs.setdefault(best.id, []).append(cluster.id)
    return heirs


def _free(group: Cluster, known: Mapping[str, Cluster]) -> str:
    """The id of a cluster that is new: its first story's that names no cluster, else one that was
    merged away.
    """
    unused = [story for story in group.stories if story not in known]
    merged = [story for story in group.stories if story in known and known[story].redirect]
    return next(iter([*unused, *merged]), "")
