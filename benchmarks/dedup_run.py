"""Runs stories through the product's own deduplication, against a real Elasticsearch."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from es_server import with_elasticsearch
from wirewatch.dedup.agency import load_agencies
from wirewatch.dedup.deduplicator import Placement, StorySource, place
from wirewatch.dedup.fingerprint_index import FingerprintIndex, IndexState
from wirewatch.records import Cluster, Story
from wirewatch.settings import Settings, load
from wirewatch.store import Store, connect

BATCH = 500  # stories of one call, as a run of a few minutes brings


class StoryStore(StorySource, Protocol):
    """A source of stories that keeps what was placed."""

    def keep(self, placement: Placement) -> None:
        """Write a placement."""
        ...


class Memory:
    """Keeps stories in memory: for runs that measure deduplication alone."""

    def __init__(self) -> None:
        self.by_id: dict[str, Story] = {}
        self.groups: dict[str, Cluster] = {}

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """The stories of these ids."""
        return {one: self.by_id[one] for one in ids if one in self.by_id}

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """The clusters of these ids."""
        return {one: self.groups[one] for one in ids if one in self.groups}

    def keep(self, placement: Placement) -> None:
        """Write a placement."""
        self.by_id |= {story.id: story for story in (*placement.stories, *placement.changed)}
        self.groups |= {cluster.id: cluster for cluster in placement.clusters}


class Indexed:
    """Keeps stories in Elasticsearch, as the pipeline does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """The stories of these ids."""
        return self._store.stories.stories(ids)

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """The clusters of these ids."""
        return self._store.clusters.get(ids)

    def keep(self, placement: Placement) -> None:
        """Write a placement and make it searchable."""
        versions = self._store.clusters.read([cluster.id for cluster in placement.clusters])
        pairs = [
            (cluster, versions[cluster.id][1] if cluster.id in versions else None)
            for cluster in placement.clusters
        ]
        self._store.clusters.write(pairs).raise_refused("clusters")
        self._store.stories.create(placement.stories).raise_refused("stories")
        self._store.stories.place(placement.changed).raise_refused("changes")
        self._store.refresh()


@contextmanager
def story_store(memory: bool) -> Iterator[StoryStore]:
    """A store of its own: indices that are deleted afterwards, or memory."""
    if memory:
        yield Memory()
        return
    prefix = f"bench-{uuid.uuid4().hex[:8]}"
    with (
        with_elasticsearch() as settings,
        connect(settings.with_options(elasticsearch__prefix=prefix)) as store,
    ):
        try:
            yield Indexed(store)
        finally:
            names = store.es.indices.get(index=f"{store.prefix}-*").body
            for name in names:
                store.es.indices.delete(index=name)
            for template in store.es.indices.get_index_template().body["index_templates"]:
                if template["name"].startswith(store.prefix):
                    store.es.indices.delete_index_template(name=template["name"])


@dataclass
class Outcome:
    """What a run made of the stories."""

    stories: dict[str, Story]
    clusters: dict[str, Cluster]
    cpu: float  # seconds of this process in deduplication, the store's answers read included
    state: IndexState
    warnings: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Stories a CPU second."""
        return len(self.stories) / self.cpu

    def linked(self, one: str, other: str) -> bool:
        """Whether two stories are in one cluster, or a link of one names the other's cluster."""
        a, b = self.stories[one], self.stories[other]
        if a.cluster_id == b.cluster_id:
            return True
        return self._names(a, b.cluster_id) or self._names(b, a.cluster_id)

    def _names(self, story: Story, cluster: str) -> bool:
        links = (story.link, *story.sources)
        return any(link and self.stories[link.story_id].cluster_id == cluster for link in links)


def deduplicate(
    stories: Sequence[Story],
    source: StoryStore,
    settings: Settings | None = None,
    batch: int = BATCH,
) -> Outcome:
    """Place stories batch by batch in the order given; each batch is a run of its own."""
    settings = settings or load()
    agencies = load_agencies(settings)
    folder = tempfile.mkdtemp(prefix="wirewatch-bench-")
    try:
        index = FingerprintIndex(folder)
        cpu = 0.0
        warnings: list[str] = []
        for at in range(0, len(stories), batch):
            part = stories[at : at + batch]
            now = max(story.time for story in part) + timedelta(minutes=1)
            begun = time.process_time()
            placed = place(part, source, index, settings, agencies, run=f"run{at}", now=now)
            cpu += time.process_time() - begun
            warnings += placed.warnings
            source.keep(placed)
        ids = [story.id for story in stories]
        kept: dict[str, Story] = {}
        for at in range(0, len(ids), 1_000):
            kept |= source.stories(ids[at : at + 1_000])
        groups: dict[str, Cluster] = {}
        wanted = sorted({story.cluster_id for story in kept.values()})
        for at in range(0, len(wanted), 1_000):
            groups |= source.clusters(wanted[at : at + 1_000])
        return Outcome(kept, groups, cpu, index.state(), warnings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
