"""From a batch of stories to the clusters they belong to: the one entry point of the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from wirewatch.dedup.agency import Agencies, of_cluster
from wirewatch.dedup.candidates import find_candidates, without_batch
from wirewatch.dedup.cluster import Forest, Match, group, plant, span
from wirewatch.dedup.compare import FLOOR, Rule, is_other_issue, judge, link
from wirewatch.dedup.features import Pair, Profile, containments, measure
from wirewatch.dedup.index import FingerprintIndex
from wirewatch.dedup.lead import elect
from wirewatch.dedup.model import load_model
from wirewatch.dedup.segments import build_rows
from wirewatch.records import Cluster, Link, Record, Story, replace
from wirewatch.settings import Settings

COPIED = 0.6  # share of an unsigned story found in a signed one that makes it that agency's copy
SOURCES = 5  # further sources recorded with a story; a round-up of more names the best
FETCH = 1_000  # ids of one request to the store: some 4 MB of stories
KEPT = timedelta(days=2)  # beyond the window: a run that was delayed still finds its days
BLAMED = 3  # passages named in a warning about growth


class StorySource(Protocol):
    """Where stories and clusters of earlier runs are; every call is one bulk request."""

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """The stories of these ids; missing ones are absent."""
        ...

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """The clusters of these ids as they are written, redirects not followed."""
        ...


class Placement(Record, frozen=True, kw_only=True):
    """What became of a batch."""

    stories: tuple[Story, ...]  # the batch's, placed, in the order given
    clusters: tuple[Cluster, ...]  # every cluster made or changed, its whole new state
    changed: tuple[Story, ...]  # stories of earlier runs with a new cluster, lead or link
    warnings: tuple[str, ...] = ()


def place(
    stories: Sequence[Story],
    source: StorySource,
    index: FingerprintIndex,
    settings: Settings,
    agencies: Agencies,
    *,
    run: str,
    now: datetime,
    batch: str = "0",
    standing: Mapping[str, int] | None = None,
) -> Placement:
    """Place every story of a batch into a cluster and write its fingerprints to the index.

    A story that the source has with a cluster keeps it. What an earlier attempt of the same run
    and batch wrote to the index is not looked at, and is overwritten at the end.
    """
    index.refresh()
    work = _Work(source, settings)
    ordered = sorted({story.id: story for story in stories}.values(), key=lambda s: (s.time, s.id))
    ids = [story.id for story in ordered]
    known = {identity: story for identity, story in work.stories(ids).items() if story.cluster_id}
    limit = settings["dedup.text_limit"]
    for story in ordered:
        work.texts[story.id] = Profile(story.text, story.title, limit)
        before = known.get(story.id)
        work.found[story.id] = replace(
            story,
            cluster_id=before.cluster_id if before else "",
            lead=before.lead if before else False,
            link=before.link if before else None,
            sources=before.sources if before else (),
            **_credit(story, agencies),
        )
    prints = [work.texts[story.id].prints for story in ordered]
    times = [int(story.time.timestamp()) for story in ordered]
    segments = list(without_batch(index.segments, run, batch))
    pairs = find_candidates(
        segments,
        build_rows(ids, times, prints),
        ids,
        prints,
        times,
        window=settings["dedup.window_weak"] * 3600,
        cap=settings["dedup.frequency_cap"],
        limit=settings["dedup.candidates"],
    )
    wanted = {
        (min(ids[row], other), max(ids[row], other))
        for row, other in zip(pairs.query.tolist(), pairs.ids, strict=True)
    }
    missing = work.fetch(identity for pair in wanted for identity in pair)
    matches = work.compare(sorted(wanted))
    new = [identity for identity in ids if identity not in known]
    matches += work.compare(work.grandparents(matches))
    matches = [match for match in matches if match.later in new or match.earlier in new]
    forest = plant(matches, work.found, work.found.keys(), work.denied)
    placement = _settle(work, forest, ids, stories, agencies, standing or {}, run=run, now=now)
    index.write(run, batch, ids, times, prints, now)
    index.merge(now.date())
    window = timedelta(hours=settings["dedup.window_weak"])
    index.expire((now - window - KEPT).date())
    warnings = list(placement.warnings) + list(index.damaged)
    if missing:
        warnings.append(
            f"{missing} stories left fingerprints but are not in the store: the run that read them"
            " did not end, or they were deleted"
        )
    return replace(placement, warnings=tuple(warnings))


def _credit(story: Story, agencies: Agencies) -> dict[str, str]:
    credit = agencies.credit(story)
    return {"agency": credit.agency, "agency_evidence": credit.evidence}


class _Work:
    """The stories at hand while a batch is placed, with their texts prepared once."""

    def __init__(self, source: StorySource, settings: Settings) -> None:
        self._source = source
        self._rule = Rule.of(settings)
        self._limit = settings["dedup.text_limit"]
        self.growth: int = settings["dedup.growth"]
        self.found: dict[str, Story] = {}
        self.texts: dict[str, Profile] = {}
        self._compared: set[tuple[str, str]] = set()
        self.denied: dict[str, set[str]] = {}  # by story: other issues of its template

    def stories(self, ids: Iterable[str]) -> dict[str, Story]:
        """Stories out of the source, a thousand a request."""
        listed = sorted(set(ids))
        got: dict[str, Story] = {}
        for at in range(0, len(listed), FETCH):
            got |= self._source.stories(listed[at : at + FETCH])
        return got

    def clusters(self, ids: Iterable[str]) -> dict[str, Cluster]:
        """Clusters out of the source, redirects followed."""
        got: dict[str, Cluster] = {}
        asked = sorted(set(ids) - {""})
        while asked:
            for at in range(0, len(asked), FETCH):
                got |= self._source.clusters(asked[at : at + FETCH])
            asked = sorted({c.redirect for c in got.values() if c.redirect} - got.keys())
        return got

    def fetch(self, ids: Iterable[str]) -> int:
        """Have stories at hand; returns how many the source does not have in a cluster."""
        asked = set(ids) - self.found.keys()
        got = self.stories(asked)
        self.found |= {identity: story for identity, story in got.items() if story.cluster_id}
        return len(asked - self.found.keys())

    def text(self, identity: str) -> Profile:
        """A story's text, prepared."""
        if identity not in self.texts:
            story = self.found[identity]
            self.texts[identity] = Profile(story.text, story.title, self._limit)
        return self.texts[identity]

    def compare(self, pairs: Iterable[tuple[str, str]]) -> list[Match]:
        """The matches among pairs of stories; pairs compared before or not at hand are left."""
        measured: list[tuple[Story, Story, Pair]] = []
        for one, other in pairs:
            if one not in self.found or other not in self.found or one == other:
                continue
            key = (min(one, other), max(one, other))
            if key in self._compared:
                continue
            self._compared.add(key)
            stories = (self.found[one], self.found[other])
            earlier, later = sorted(stories, key=lambda story: (story.time, story.id))
            mine, other_text = self.text(later.id), self.text(earlier.id)
            cheap = containments(mine, other_text)
            if max(cheap[:2]) < FLOOR:
                continue  # many candidates end here
            hours = (later.time - earlier.time).total_seconds() / 3600
            measured.append((later, earlier, measure(mine, other_text, hours, cheap)))
        scores = load_model().probability([pair for _, _, pair in measured]).tolist()
        matches = []
        for (later, earlier, pair), score in zip(measured, scores, strict=True):
            same = bool(later.outlet) and later.outlet == earlier.outlet
            verdict = judge(pair, score, self._rule, same_outlet=same)
            if is_other_issue(pair):
                self.denied.setdefault(later.id, set()).add(earlier.id)
                self.denied.setdefault(earlier.id, set()).add(later.id)
            if verdict.source:
                matches.append(
                    Match(later.id, earlier.id, verdict.copy, verdict.joins, pair, verdict.score)
                )
        return matches

    def grandparents(self, matches: Sequence[Match]) -> list[tuple[str, str]]:
        """Pairs to compare as well: a story with what its match was itself copied from."""
        best: dict[str, list[str]] = {}
        for match in matches:
            if match.joins:
                best.setdefault(match.later, []).append(match.earlier)
        pairs = set()
        for later, earlier in best.items():
            for one in earlier:
                known = self.found[one].link
                for upper in [*best.get(one, ()), *([known.story_id] if known else [])]:
                    pairs.add((later, upper))
        self.fetch(upper for _, upper in pairs)
        return sorted(pairs)

    def link(self, match: Match) -> Link:
        """A match as the record kept with the later story."""
        later, earlier = self.found[match.later], self.found[match.earlier]
        return link(
            self.text(later.id),
            self.text(earlier.id),
            earlier.id,
            match.pair,
            joins=match.joins,
            score=match.score,
            same_outlet=bool(later.outlet) and later.outlet == earlier.outlet,
        )


def _settle(
    work: _Work,
    forest: Forest,
    ids: Sequence[str],
    given: Sequence[Story],
    agencies: Agencies,
    standing: Mapping[str, int],
    *,
    run: str,
    now: datetime,
) -> Placement:
    batch = set(ids)
    moved = {later for later in forest.parents if work.found[later].cluster_id}
    parents = {match.earlier for match in forest.parents.values()}
    near = batch | parents | forest.parents.keys()
    read = work.clusters(work.found[identity].cluster_id for identity in near)
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
            *batch,
            *(m for c in clusters.values() for m in c.stories if m in work.found),
        }
    }
    links = {identity: story.link.story_id for identity, story in pool.items() if story.link}
    pinned = {story for cluster in clusters.values() for story in cluster.pinned}
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

    updates: dict[str, Story] = {}
    for later, match in forest.parents.items():
        if later in pool and cluster_of[later] == cluster_of.get(match.earlier):
            updates[later] = replace(pool[later], link=work.link(match))
    for later, matches in forest.sources.items():
        # Of a story that is placed: what it also has from elsewhere. Copies of its own cluster
        # are no further source.
        if later not in batch or pool[later].cluster_id:
            continue
        others: dict[str, Link] = {}
        for match in matches:
            home = cluster_of.get(match.earlier) or work.found[match.earlier].cluster_id
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
            outlets=len({story.outlet or story.host for story in stories}),
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
    recent = [story for story in members if now - story.first_seen <= timedelta(days=1)]
    if len(recent) <= cap:
        return []
    passages = Counter(passage for story in recent if story.link for passage in story.link.shared)
    blamed = "; ".join(f'"{passage}"' for passage, _ in passages.most_common(BLAMED))
    return [
        f"cluster {cluster.id} gained {len(recent)} stories in a day (dedup.growth is {cap});"
        f" most share: {blamed or 'no long passage'}"
    ]
