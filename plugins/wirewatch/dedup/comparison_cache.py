"""The stories at hand while a batch is placed: fetched in bulk, prepared once, compared once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.candidates import Candidates
from wirewatch.dedup.cluster import Match
from wirewatch.dedup.compare import FLOOR, Rule, is_other_issue, judge, link
from wirewatch.dedup.features import Pair, Profile, containments, measure
from wirewatch.dedup.model import load_model
from wirewatch.records import Cluster, Link, Story
from wirewatch.settings import Settings

FETCH = 1_000  # ids of one request to the store: some 4 MB of stories
NEAR = 0.5  # share of a text found in another, from which both are of one report or kind of it


class StorySource(Protocol):
    """Where stories and clusters of earlier runs are; every call is one bulk request."""

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """The stories of these ids; missing ones are absent."""
        ...

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """The clusters of these ids as they are written, redirects not followed."""
        ...


class Work:
    """The stories at hand while a batch is placed, with their texts prepared once."""

    def __init__(self, source: StorySource, settings: Settings) -> None:
        self._source = source
        self._rule = Rule.of(settings)
        self._limit = settings["dedup.text_limit"]
        self.growth: int = settings["dedup.growth"]
        self.found: dict[str, Story] = {}
        self.texts: dict[str, Profile] = {}
        self._compared: set[tuple[str, str]] = set()
        self._related: set[tuple[str, str]] = set()  # those of them of which one is a copy
        self._clusters: dict[str, Cluster] = {}
        self._asked: set[str] = set()  # ids of clusters, those that there are not among them
        self.denied: dict[str, set[str]] = {}  # by story: other issues of its template
        self.near: dict[str, set[str]] = {}  # by story: others with half of it, or it of them

    def stories(self, ids: Iterable[str]) -> dict[str, Story]:
        """Stories out of the source, a thousand a request."""
        listed = sorted(set(ids))
        got: dict[str, Story] = {}
        for at in range(0, len(listed), FETCH):
            got |= self._source.stories(listed[at : at + FETCH])
        return got

    def clusters(self, ids: Iterable[str]) -> dict[str, Cluster]:
        """Clusters out of the source, redirects followed; each is asked for once."""
        got: dict[str, Cluster] = {}
        wanted, seen = set(ids) - {""}, set[str]()
        while wanted:
            asked = sorted(wanted - self._asked)
            self._asked |= wanted
            for at in range(0, len(asked), FETCH):
                self._clusters |= self._source.clusters(asked[at : at + FETCH])
            got |= {one: self._clusters[one] for one in wanted & self._clusters.keys()}
            seen |= wanted
            wanted = {cluster.redirect for cluster in got.values()} - {""} - seen
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
            self.texts[identity] = Profile(story.article.text, story.article.title, self._limit)
        return self.texts[identity]

    def related(self, one: str, other: str, *, compared: bool = False) -> bool:
        """Whether one of two stories is a copy of the other; ``compared``: as far as is known, else
        they are compared unless it was done."""
        key = (min(one, other), max(one, other))
        if not compared:
            self.compare([key])
        return key in self._related

    def alike(self, one: str, other: str) -> bool:
        """Whether one of two stories is a copy of the other, or has half of it."""
        return self.related(one, other) or other in self.near.get(one, ())

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
            same = bool(later.article.outlet) and later.article.outlet == earlier.article.outlet
            texts = self.text(later.id), self.text(earlier.id)
            verdict = judge(*texts, pair, score, self._rule, same_outlet=same)
            if max(pair.containment, pair.containment_of) >= NEAR:
                self.near.setdefault(later.id, set()).add(earlier.id)
                self.near.setdefault(earlier.id, set()).add(later.id)
            if is_other_issue(pair):
                self.denied.setdefault(later.id, set()).add(earlier.id)
                self.denied.setdefault(earlier.id, set()).add(later.id)
            if verdict.copy:
                self._related.add((min(later.id, earlier.id), max(later.id, earlier.id)))
            if verdict.source:
                matches.append(
                    Match(later.id, earlier.id, verdict.copy, verdict.joins, pair, verdict.score)
                )
        return matches

    def look_into(self, candidates: Candidates, ids: Sequence[str]) -> tuple[int, list[Match]]:
        """How many candidates the source does not have, and the matches among the others."""
        wanted = {
            (min(ids[row], other), max(ids[row], other))
            for row, other in zip(candidates.query.tolist(), candidates.ids, strict=True)
        }
        missing = self.fetch(identity for pair in wanted for identity in pair)
        return missing, self.compare(sorted(wanted))

    def prints(self, matches: Iterable[Match]) -> dict[str, NDArray[np.uint32]]:
        """The fingerprints of every story in the matches."""
        return {one: self.text(one).prints for m in matches for one in (m.later, m.earlier)}

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
            same_outlet=bool(later.article.outlet)
            and later.article.outlet == earlier.article.outlet,
        )
