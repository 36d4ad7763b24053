"""Which cluster a story belongs to, as a forest of links.

Every story but the first of its cluster links to the earlier story it resembles most; a cluster is
a tree of such links. Because the best link follows from the texts and the times, the clusters
follow from the set of stories and hardly from the order in which they came: a story that comes late
but was published early takes over the links it deserves, and a tree whose root links elsewhere is
merged there, with that link as the evidence.

A cluster keeps its id for life; where two become one, the elder's id stays and the other redirects.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from wirewatch.dedup.features import Pair
from wirewatch.records import Cluster, Link, Story

MOST = 0.8  # share of a text found in another from which the two are of one report
CHAIN = 8  # links followed upwards; copies of copies of copies are rarer than that


@dataclass(frozen=True, slots=True)
class Match:
    """Two stories of which one drew on the other.

    ``later`` was published after ``earlier`` (or has the greater id); in ``pair`` a is the later.
    """

    later: str
    earlier: str
    copy: bool
    joins: bool
    pair: Pair
    score: float

    @property
    def rank(self) -> tuple[float, float]:
        """Which of several matches is the best: the one that explains most of the later story (to
        a tenth), then the nearest text. By nearness alone a brief would go to a round-up that
        quotes it and not to its report."""
        return round(self.pair.containment, 1), round(self.pair.resemblance, 3)

    @property
    def loose(self) -> bool:
        """Whether neither story has most of the other."""
        return max(self.pair.containment, self.pair.containment_of) < MOST


def rank_of(link: Link) -> tuple[float, float]:
    """The rank of a link that an earlier run made."""
    return round(link.containment, 1), round(link.resemblance, 3)


@dataclass(frozen=True, slots=True)
class Forest:
    """What matching says: the parent of each story that has a new one, and what else it drew on."""

    parents: dict[str, Match]  # by the later story
    sources: dict[str, list[Match]]  # further copies that are no parents, best first
    freed: Mapping[str, str]  # stories of earlier runs that lose their parent, with it


def plant(
    matches: Iterable[Match],
    stories: Mapping[str, Story],
    movable: Iterable[str],
    denied: Mapping[str, set[str]],
    cuts: Collection[tuple[str, str]],
    freed: Mapping[str, str],
    alike: Callable[[str, str], bool],
) -> Forest:
    """Choose the parents among matches.

    ``movable`` are the stories that may get a parent: the new ones, and earlier ones not placed by
    hand. An earlier story changes its parent only for a better one. ``denied`` names for a story
    others that are another issue of its template: it joins none of their copies. ``cuts`` are pairs
    (later, earlier) that must not be linked; the ``freed`` have lost their parent by one.
    ``alike`` says whether of two stories one has a good part of the other.
    """
    by_later: dict[str, list[Match]] = {}
    for match in matches:
        by_later.setdefault(match.later, []).append(match)
    allowed = set(movable)
    parents: dict[str, Match] = {}
    sources: dict[str, list[Match]] = {}

    def written(identity: str) -> Link | None:
        return None if identity in freed else stories[identity].link

    def above(identity: str) -> tuple[str, bool]:
        """The parent of a story, and whether it is linked to that loosely."""
        if identity in parents:
            return parents[identity].earlier, parents[identity].loose
        known = written(identity) if identity in stories else None
        if known is None:
            return "", False
        return known.story_id, max(known.containment, known.containment_of) < MOST

    def refused(later: str, earlier: str) -> bool:
        """Whether a chain of links from ``earlier`` leads to a story that ``later`` is denied."""
        for _ in range(CHAIN):
            if earlier in denied.get(later, ()):
                return True
            earlier = above(earlier)[0]
            if not earlier:
                break
        return False

    def drifts(match: Match) -> bool:
        """Whether a loose link would go on from a loose one to a story that has nothing of it: of
        three texts that share parts in turn, the first and the last may have nothing in common."""
        one = match.earlier
        for _ in range(CHAIN if match.loose else 0):
            upper, loose = above(one)
            if not loose:
                break
            if not alike(match.later, upper):
                return True
            one = upper
        return False

    # By time, so that a parent's own parent is known before its children choose.
    for later in sorted(by_later, key=lambda one: (stories[one].time, one)):
        options = sorted(
            by_later[later],
            key=lambda match: (
                -match.rank[0],
                -match.rank[1],
                stories[match.earlier].time,
                match.earlier,
            ),
        )
        known = written(later)
        best = next(
            (
                match
                for match in options
                if match.joins
                and later in allowed
                and (later, match.earlier) not in cuts
                and not refused(later, match.earlier)
                and not drifts(match)
            ),
            None,
        )
        if best and (known is None or best.rank > rank_of(known)):
            parents[later] = best
        chosen = parents.get(later)
        rest = [match for match in options if match is not chosen]
        if rest:
            sources[later] = rest
    return Forest(parents, sources, freed)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Stories by cluster: ``members`` by cluster id, ``redirects`` from merged id to survivor."""

    members: dict[str, list[str]]
    redirects: dict[str, str]


def group(
    stories: Mapping[str, Story],
    clusters: Mapping[str, Cluster],
    links: Mapping[str, str],
    moved: Iterable[str],
) -> Grouping:
    """The clusters that the links make of stories.

    ``stories``: all members of the clusters given and the new stories. ``links``: each story's
    parent, where it has one. ``moved``: earlier stories whose parent is new. A story whose parent
    is not among the stories (it was deleted) stays where it is; so does one placed by hand.
    """
    root: dict[str, str] = {}

    def find(node: str) -> str:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    def unite(a: str, b: str) -> None:
        first, second = find(a), find(b)
        if first != second:
            root[max(first, second)] = min(first, second)

    changed = set(moved)
    pinned = {story: cluster.id for cluster in clusters.values() for story in cluster.pinned}
    for identity, story in stories.items():
        find(identity)
        parent = links.get(identity, "")
        if identity in pinned:
            unite(identity, _anchor(pinned[identity]))
        elif parent in stories and not _kept_apart(identity, parent, stories, clusters):
            unite(identity, parent)
        elif identity not in changed and story.cluster_id in clusters:
            unite(identity, _anchor(story.cluster_id))

    parts: dict[str, list[str]] = {}
    for identity in stories:
        parts.setdefault(find(identity), []).append(identity)
    claims: dict[str, list[Cluster]] = {}
    for cluster in clusters.values():
        # A cluster goes where its first story is, or, that being gone, where the rest of it is;
        # one that a person had a hand in stays with what was pinned.
        kept = cluster.id in stories and not cluster.pinned
        first = cluster.id if kept else _anchor(cluster.id)
        if first in root:
            claims.setdefault(find(first), []).append(cluster)
    members: dict[str, list[str]] = {}
    redirects: dict[str, str] = {}
    for part, identities in parts.items():
        identities.sort(key=lambda one: (stories[one].time, one))
        claimed = sorted(claims.get(part, ()), key=lambda cluster: (cluster.first, cluster.id))
        survivor = claimed[0].id if claimed else identities[0]
        members[survivor] = identities
        redirects |= {cluster.id: survivor for cluster in claimed[1:]}
    return Grouping(members, redirects)


def _anchor(cluster_id: str) -> str:
    return "\x00" + cluster_id  # no story has such an id


def _kept_apart(
    child: str, parent: str, stories: Mapping[str, Story], clusters: Mapping[str, Cluster]
) -> bool:
    """Whether a person has split the clusters of two stories."""
    one, other = stories[child].cluster_id, stories[parent].cluster_id
    cluster = clusters.get(one)
    return bool(one and other and cluster and other in cluster.apart)


def span(times: Iterable[datetime]) -> tuple[datetime, datetime]:
    """The earliest and the latest of times; raises ValueError for none."""
    ordered = sorted(times)
    return ordered[0], ordered[-1]
