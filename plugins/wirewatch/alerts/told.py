"""What was told already: alerts by saved search and cluster, merges and splits followed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wirewatch.records import Alert, Cluster
from wirewatch.store import Store
from wirewatch.store.versions import Version

# By saved search, then by root cluster.
Told = dict[str, dict[str, tuple[Alert, Version]]]


def told(store: Store, alerts: Store, clusters: Collection[Cluster]) -> Told:
    """The alert of each saved search that tells of one of these clusters as an event.

    It counts for a cluster when it was raised for it, for one merged into it, or when a story that
    it told is in the cluster now: so a cluster that a person split is not news again, and a merge
    that is half written is seen. ``alerts`` is the store that has the alerts.
    """
    root_of = {one.id: one.id for one in clusters}
    for root, merged in store.clusters.absorbed(set(root_of)).items():
        root_of |= dict.fromkeys(merged, root)
    home = {story: one.id for one in clusters for story in one.stories}
    found: Told = {}
    for alert, version in alerts.alerts.telling(sorted(home), sorted(root_of)):
        own = root_of.get(alert.cluster_id)
        roots = {home[story] for story in (*alert.stories, alert.story_id) if story in home}
        for root in roots | ({own} if own else set()):
            of_search = found.setdefault(alert.search_id, {})
            known = of_search.get(root)
            if known is None or _rank(alert, root, root_of) < _rank(known[0], root, root_of):
                of_search[root] = alert, version
    return found


def _rank(alert: Alert, root: str, root_of: dict[str, str]) -> tuple[bool, datetime, str]:
    """The alert of a root is rather the one raised for it, and then the earlier."""
    return root_of.get(alert.cluster_id) != root, alert.created, alert.id
