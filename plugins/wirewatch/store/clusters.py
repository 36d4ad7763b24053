"""Clusters in Elasticsearch, changed only by compare-and-set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Cluster, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan
from wirewatch.store.versions import Version, version_of

STORIES = 1_000  # ids in one query


class Clusters:
    """The index ``clusters``, one document a cluster; a merged one redirects."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def get(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """The clusters of these ids as they are written, redirects not followed."""
        return {identity: cluster for identity, (cluster, _) in self.read(ids).items()}

    def read(self, ids: Sequence[str]) -> dict[str, tuple[Cluster, Version]]:
        """The clusters of these ids with the version that was read; a missing one is absent."""
        if not ids:
            return {}
        answer = self._es.mget(index=self._index, ids=list(ids))
        return {
            doc["_id"]: (
                from_dict(Cluster, doc["_source"]),
                version_of(doc),
            )
            for doc in answer["docs"]
            if doc["found"]
        }

    def naming(self, stories: Sequence[str]) -> dict[str, tuple[Cluster, Version]]:
        """The clusters that name one of the stories or have its id, with their versions."""
        found = {}
        for at in range(0, len(stories), STORIES):
            part = list(stories[at : at + STORIES])
            either = [{"ids": {"values": part}}, {"terms": {"stories": part}}]
            query = {"bool": {"should": either}}
            for hit in scan(self._es, self._index, query, versions=True):
                version = version_of(hit)
                found[hit["_id"]] = from_dict(Cluster, hit["_source"]), version
        return found

    def resolve(self, cluster_id: str) -> Cluster | None:
        """The cluster that an id names today, redirects followed; None when there is none."""
        seen: set[str] = set()
        while cluster_id not in seen:
            seen.add(cluster_id)
            cluster = self.get([cluster_id]).get(cluster_id)
            if cluster is None or not cluster.redirect:
                return cluster
            cluster_id = cluster.redirect
        raise ValueError(f"the redirects of cluster {cluster_id} run in a circle")

    def write(self, clusters: Iterable[tuple[Cluster, Version | None]]) -> Outcome:
        """Creates clusters (no version) or changes them if still at the version that was read.

        A conflict with a document that the same run wrote is that run's own earlier write and
        counts as done; ``conflicts`` keeps the true ones.
        """
        wanted = {cluster.id: (cluster, version) for cluster, version in clusters}
        outcome = write(self._es, (self._action(*pair) for pair in wanted.values()))
        if outcome.conflicts:
            there = self.get(outcome.conflicts)
            own = [
                identity
                for identity in outcome.conflicts
                if identity in there and there[identity].run == wanted[identity][0].run
            ]
            outcome.done.extend(own)
            outcome.conflicts[:] = [i for i in outcome.conflicts if i not in set(own)]
        return outcome

    def _action(self, cluster: Cluster, version: Version | None) -> dict[str, Any]:
        action: dict[str, Any] = {
            "_op_type": "index" if version else "create",
            "_index": self._index,
            "_id": cluster.id,
            "_source": to_dict(cluster),
        }
        if version:
            action["if_seq_no"], action["if_primary_term"] = version
        return action

    def absorbed(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """For each cluster the ids of those merged into it, directly or by way of another."""
        found: dict[str, list[str]] = {}
        owner = {identity: identity for identity in ids}
        asked = set(owner)
        while asked:
            hits = scan(self._es, self._index, {"terms": {"redirect": sorted(asked)}})
            new = {hit["_id"]: hit["_source"]["redirect"] for hit in hits}
            asked = set()
            for old, into in new.items():
                if old not in owner:
                    owner[old] = owner[into]
                    found.setdefault(owner[old], []).append(old)
                    asked.add(old)
        return found

    def all(self) -> Iterator[Cluster]:
        """Every cluster that is not merged into another."""
        for hit in scan(self._es, self._index, {"term": {"redirect": ""}}):
            yield from_dict(Cluster, hit["_source"])
