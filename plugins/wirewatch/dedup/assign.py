"""From matches to clusters: what each story, cluster and earlier story is after a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from wirewatch.dedup.agency import Agencies, of_cluster
from wirewatch.dedup.cluster import Forest, Match, group, span
from wirewatch.dedup.comparison_cache import Work
from wirewatch.dedup.features import in_phrases
from wirewatch.dedup.frame import same_passage
from wirewatch.dedup.lead import elect
from wirewatch.records import Cluster, Link, Record, Story, replace

COPIED = 0.6  # share of an unsigned story found in a signed one that makes it that agency's copy
SOURCES = 5  # further sources recorded with a story; a round-up of more names the best
SURE = 0.05  # certainty under which the model takes two texts for different reports
COMMON = 2  # reports that may give a story the same words: from a third on these belong to none
HALF = 0.5  # of a story: so much is more than a passage
PASSAGES = 16  # doubtful sources whose words are compared: twice the candidates of a story
BLAMED = 3  # passages named in a warning about growth


class Placement(Record, frozen=True, kw_only=True):
    """What became of a batch."""

    stories: tuple[Story, ...]  # the batch's, placed, in the order given
    clusters: tuple[Cluster, ...]  # every cluster made or changed, its whole new state
    changed: tuple[Story, ...]  # stories of earlier runs with a new cluster, lead or link
    warnings: tuple[str, ...] = ()


def assign(
    work: Work,
    forest: Forest,
    ids: Sequence[str],
    given: Sequence[Story],
    agencies: Agencies,
    standing: Mapping[str, int],
    also: Collection[str] = (),
    *,
    run: str,
    now: datetime,
) -> Placement:
    batch = set(ids)
    moved = {later for later in forest.parents if work.found[later].cluster_id}
    moved |= forest.freed.keys()
    parents = {match.earlier for match in forest.parents.values()}
    near = batch | parents | forest.parents.keys() | forest.freed.keys()
    read = work.clusters({*also, *(work.found[identity].cluster_id for identity in near)})
    clusters = {identity: cluster for identity, cluster in read.items() if not cluster.redirect}
    for identity in near:
        home = work.found[identity].cluster_id
        if home and home not in read:  # its document was lost or is yet to be written
            clusters[home] = _lost(home, [s for s in work.found.values() if s.cluster_id == home])

    def current(cluster_id: str) -> str:
        while cluster_id in read and read[cluster_id].redirect:
            cluster_id = read[cluster_id].redirect
        return cluster_id

    work.fetch(member for cluster in clusters.values() for member in cluster.stories)
    pool = {
        identity: replace(work.found[identity], cluster_id=current(work.found[identity].cluster_id))
        for identity in {
            *near,  # also one that its cluster does not name: its run died in between
            *(m for c in clusters.values() for m in c.stories if m in work.found),
        }
    }
    links = {identity: story.link.story_id for identity, story in pool.items() if story.link}
    pinned = {story for cluster in clusters.values() for story in cluster.pinned}
    freed = forest.freed.keys() - pinned
    for one in freed:
        del links[one]
    by_rank = sorted(forest.parents.items(), key=lambda item: item[1].rank)
    for later, match in by_rank:
        if later not in pinned and later in pool:
            links[later] = match.earlier
        elif match.earlier in batch and match.earlier not in forest.parents:
            # What was placed by hand stays; the elder copy that came late joins it instead.
            links[match.earlier] = later
    moved -= pinned
    grouping = group(pool, clusters, links, moved)
    cluster_of = {one: key for key, members in grouping.members.items() for one in members}

    updates = {one: _freed(pool[one], work.denied.get(one, ())) for one in freed}
    for later, match in forest.parents.items():
        if later in pool and cluster_of[later] == cluster_of.get(match.earlier):
            updates[later] = replace(updates.get(later, pool[later]), link=work.link(match))
    for later, matches in forest.sources.items():
        # Of a story that is placed: what it also has from elsewhere. Copies of its own cluster
        # are no further source.
        if later not in batch or pool[later].cluster_id:
            continue
        homes = {
            one.earlier: cluster_of.get(one.earlier) or work.found[one.earlier].cluster_id
            for one in matches
        }
        others: dict[str, Link] = {}
        for match in _uncommon(work, matches, homes):
            home = homes[match.earlier]
            if home != cluster_of[later] and home not in others and len(others) < SOURCES:
                others[home] = work.link(match)
        if others:
            updates[later] = replace(
                updates.get(later, pool[later]), sources=tuple(others.values())
            )

    for one in ids:  # by time, so that a copy of a copy is told too
        story = updates.get(one, pool[one])
        if not story.agency and story.link and story.link.containment >= COPIED:
            parent = updates.get(story.link.story_id, pool.get(story.link.story_id))
            if parent and parent.agency:
                where = f"copy of {parent.id}: {parent.agency_evidence}"
                updates[one] = replace(story, agency=parent.agency, agency_evidence=where)

    made: list[Cluster] = []
    warnings: list[str] = []
    for key, members in sorted(grouping.members.items()):
        stories = [updates.get(one, pool[one]) for one in members]
        lead, reason = elect(stories, agencies, standing)
        old = clusters.get(key)
        agency = of_cluster([story.agency for story in stories])
        placed = [
            replace(story, cluster_id=key, lead=story.id == lead)
            if story.cluster_id != key or story.lead != (story.id == lead)
            else story
            for story in stories
        ]
        updates |= {story.id: story for story in placed}
        first, last = span(story.time for story in stories)
        cluster = Cluster(
            id=key,
            lead=lead,
            lead_reason=reason,
            stories=tuple(members),
            outlets=len({story.article.outlet or story.article.host for story in stories}),
            agency=agency,
            first=first,
            last=last,
            pinned=_pinned(key, grouping.redirects, clusters),
            apart=_apart(key, grouping.redirects, clusters),
            run=old.run if old else run,
        )
        if cluster != (replace(old, evidence=None) if old else None):
            made.append(replace(cluster, run=run))
            warnings += _growth(cluster, placed, now, work.growth)
    for gone, survivor in sorted(grouping.redirects.items()):
        old = clusters[gone]
        root = forest.parents.get(gone)
        evidence = work.link(root) if root else None
        made.append(replace(old, stories=(), redirect=survivor, evidence=evidence, run=run))
    final = {identity: updates.get(identity, pool[identity]) for identity in pool}
    return Placement(
        stories=tuple(_as_given(story, final[story.id]) for story in given),
        clusters=tuple(made),
        changed=tuple(
            final[identity]
            for identity in sorted(pool.keys() - batch)
            if final[identity] != work.found[identity]
        ),
        warnings=tuple(warnings),
    )


def _uncommon(work: Work, matches: Sequence[Match], homes: Mapping[str, str]) -> list[Match]:
    """The matches of a story less those that the model is sure are no copies, and that explain the
    same words of it as several other reports: such a passage goes round, and comes from none of
    them. ``homes`` has the cluster of each earlier story: copies of one report are one."""
    doubtful = [
        match
        for match in matches
        if match.score < SURE and max(match.pair.containment, match.pair.containment_of) < HALF
    ][:PASSAGES]
    masks = [
        (homes[one.earlier], in_phrases(work.text(one.later), work.text(one.earlier)))
        for one in doubtful
    ]
    common = {
        match.earlier
        for match, (_, mask) in zip(doubtful, masks, strict=True)
        if len({home for home, other in masks if same_passage(mask, other)}) > COMMON
    }
    return [match for match in matches if match.earlier not in common]


def _freed(story: Story, denied: Collection[str]) -> Story:
    """A story without the link that it had: the text it led to is another source of it now, unless
    it is another issue of the same report."""
    gone = (story.link,) if story.link and story.link.story_id not in denied else ()
    return replace(story, link=None, sources=(*gone, *story.sources)[:SOURCES])


def _lost(key: str, members: Sequence[Story]) -> Cluster:
    first, last = span(story.time for story in members)
    ids = tuple(story.id for story in members)
    return Cluster(id=key, lead=key, stories=ids, first=first, last=last)


def _as_given(story: Story, placed: Story) -> Story:
    return replace(
        story,
        cluster_id=placed.cluster_id,
        lead=placed.lead,
        link=placed.link,
        sources=placed.sources,
        agency=placed.agency,
        agency_evidence=placed.agency_evidence,
    )


def _gathered(
    key: str, redirects: Mapping[str, str], clusters: Mapping[str, Cluster]
) -> list[Cluster]:
    gone = [clusters[one] for one, survivor in sorted(redirects.items()) if survivor == key]
    return ([clusters[key]] if key in clusters else []) + gone


def _pinned(
    key: str, redirects: Mapping[str, str], clusters: Mapping[str, Cluster]
) -> tuple[str, ...]:
    return tuple(story for c in _gathered(key, redirects, clusters) for story in c.pinned)


def _apart(
    key: str, redirects: Mapping[str, str], clusters: Mapping[str, Cluster]
) -> tuple[str, ...]:
    return tuple(other for c in _gathered(key, redirects, clusters) for other in c.apart)


def _growth(cluster: Cluster, members: Sequence[Story], now: datetime, cap: int) -> list[str]:
    recent = [story for story in members if now - story.article.first_seen <= timedelta(days=1)]
    if len(recent) <= cap:
        return []
    passages = Counter(passage for story in recent if story.link for passage in story.link.shared)
    blamed = "; ".join(f'"{passage}"' for passage, _ in passages.most_common(BLAMED))
    return [
        f"cluster {cluster.id} gained {len(recent)} stories in a day (dedup.growth is {cap});"
        f" most share: {blamed or 'no long passage'}"
    ]
