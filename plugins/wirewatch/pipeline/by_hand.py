"""Clusters changed by hand, beside the pipeline."""

from __future__ import annotations

from collections.abc import Collection

from wirewatch.dedup.agency import load_agencies
from wirewatch.dedup.lead import read_standing
from wirewatch.dedup.manual import BadDecision, Decision, merge, split
from wirewatch.pipeline.index import ClustersChanged
from wirewatch.records import Cluster, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store

BY_HAND = "by-hand"  # what stands as the run of a cluster that a person changed


def split_cluster(store: Store, settings: Settings, cluster_id: str, out: Collection[str]) -> str:
    """Takes stories out of a cluster by hand; returns the id of the cluster that they make.

    Raises BadDecision when that cannot be done, ClustersChanged when a run wrote meanwhile.
    """
    cluster = _cluster(store, cluster_id)
    stories = store.stories.stories(list(cluster.stories))
    decision = split(cluster, out, stories, load_agencies(settings), _standing(settings))
    _carry_out(store, decision)
    return decision.switch.id


def merge_clusters(store: Store, settings: Settings, into_id: str, other_id: str) -> str:
    """Merges a cluster into another by hand; returns the id that stays. Raises as splitting does.

    The other's id redirects from then on, and alerts told of it are not told again.
    """
    into = _cluster(store, into_id)
    other = store.clusters.get([other_id]).get(other_id)
    if other is None:
        raise BadDecision(f"there is no cluster {other_id}")
    ids = dict.fromkeys((*into.stories, *other.stories))
    decision = merge(
        into, other, store.stories.stories(list(ids)), load_agencies(settings), _standing(settings)
    )
    _carry_out(store, decision)
    return into.id


def _cluster(store: Store, cluster_id: str) -> Cluster:
    cluster = store.clusters.resolve(cluster_id)
    if cluster is None:
        raise BadDecision(f"there is no cluster {cluster_id}")
    return cluster


def _standing(settings: Settings) -> dict[str, int]:
    return dict(read_standing(settings.config_dir / "outlets.toml"))


def _carry_out(store: Store, decision: Decision) -> None:
    """Writes the switch, then what follows from it; asked for again it writes the same."""
    run = f"{BY_HAND}__{utc_now():%Y%m%dT%H%M%S.%f}"
    wanted = [decision.switch, *decision.clusters]
    versions = {key: version for key, (_, version) in store.clusters.read(
        [cluster.id for cluster in wanted]).items()}  # fmt: skip
    for cluster in wanted:  # one by one: the switch decides, the others follow
        outcome = store.clusters.write([(replace(cluster, run=run), versions.get(cluster.id))])
        outcome.raise_refused("clusters")
        if outcome.conflicts:
            raise ClustersChanged(f"cluster {cluster.id} was changed meanwhile: try again")
    store.stories.place(decision.stories).raise_refused("changes of stories' clusters")
    store.refresh()
