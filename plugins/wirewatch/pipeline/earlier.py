"""What earlier runs left in the store, less what a run is about to place anew.

A run that died in ``index`` has written some of its stories and clusters. Its pages, which are
written last, come again in a later run. That run places their stories as if the dead one had never
been, and replaces what it wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from wirewatch.records import Cluster, Story, replace
from wirewatch.store import Store
from wirewatch.store.versions import Version


def unfinished(
    store: Store, stored: Mapping[str, Story], pages: Mapping[str, Collection[str]]
) -> set[str]:
    """Which of the stored stories came from one of their pages at hand, which are not indexed yet.

    ``pages`` are the ids of a story's pages. A story that a person placed meanwhile is finished.
    """
    left = {
        one for one, ids in pages.items() if one in stored and stored[one].article.page_id in ids
    }
    clusters = store.clusters.get(sorted({stored[one].cluster_id for one in left}))
    return left - {story for cluster in clusters.values() for story in cluster.pinned}


class Earlier:
    """The stories and clusters of earlier runs, as deduplication reads them.

    Stories in ``anew`` are left out, of clusters as well; a cluster of no others is absent.
    ``versions`` has the version of every cluster that was read, ``members`` its stories as written.
    """

    def __init__(self, store: Store, anew: Collection[str]) -> None:
        self._store = store
        self._anew = frozenset(anew)
        self.versions: dict[str, Version] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        self._naming = self._note(store.clusters.naming(sorted(anew)))

    @property
    def naming(self) -> list[str]:
        """The clusters that name one of the stories, and have others as well."""
        return [one for one, cluster in self._naming.items() if self._rest(cluster)]

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """The stories of these ids; a missing one is absent."""
        return self._store.stories.stories([one for one in ids if one not in self._anew])

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        """The clusters of these ids, redirects not followed."""
        read = self._note(self._store.clusters.read(ids))
        return {
            identity: replace(cluster, stories=self._rest(cluster))
            for identity, cluster in read.items()
            if cluster.redirect or self._rest(cluster)
        }

    def corrected(self, written: Collection[str], homes: Mapping[str, str]) -> list[Cluster]:
        """The clusters that name one of the stories and are not among those to be written: they
        name it no more, and one that named no others redirects to where they are now.

        ``homes`` are the clusters of the stories placed.
        """
        made = []
        for identity, cluster in self._naming.items():
            gone = [one for one in cluster.stories if one in homes]
            if identity not in written and gone:
                rest = self._rest(cluster)
                redirect = "" if rest else homes[gone[0]]
                made.append(replace(cluster, stories=rest, redirect=redirect))
        return made

    def _rest(self, cluster: Cluster) -> tuple[str, ...]:
        kept = self._anew - set(cluster.pinned)
        return tuple(one for one in cluster.stories if one not in kept)

    def _note(self, read: Mapping[str, tuple[Cluster, Version]]) -> dict[str, Cluster]:
        self.versions |= {identity: version for identity, (_, version) in read.items()}
        self.members |= {identity: cluster.stories for identity, (cluster, _) in read.items()}
        return {identity: cluster for identity, (cluster, _) in read.items()}
