"""Months of stories past their retention: the whole index goes, and what belongs to its stories.

Clusters and versions go first and the index last, so that a call that was killed finds the stories
again and ends it. A cluster that has stories of other months keeps those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from wirewatch.records import Cluster, Story, replace
from wirewatch.store import Store
from wirewatch.store.bulk import write
from wirewatch.store.scan import scan
from wirewatch.store.templates import STORIES
from wirewatch.store.versions import Version
from wirewatch.upkeep.documents import count, delete, each
from wirewatch.upkeep.work import Freed, Work

PART = 500  # stories looked at together
RUN = "maintain"  # stands as the run of a cluster that lost stories
PAST = "the lead before it was past its retention"
_MONTH = re.compile(r"(\d{4})\.(0[1-9]|1[0-2])")


def months(work: Work) -> Freed:
    """Drops the months of stories that ended ``keep.stories`` months ago, clusters with them."""
    kept = work.settings["keep.stories"]
    if not kept:
        return Freed(unit="stories", what="kept for ever (keep.stories = 0)")
    stories = size = 0
    dropped, notes = [], []
    for month, name, index in _past(work.store, work.now, kept):
        held = count(work.store, f"{STORIES}-{month}", {"match_all": {}})
        if not work.dry and (left := _clear(work.store, name)):
            notes.append(f"{month} stays until the next call: {left} clusters changed meanwhile")
            continue
        stories += held
        size += int(held * each(work.store, f"{STORIES}-{month}"))
        dropped.append(month)
        if not work.dry:
            work.store.es.options(ignore_status=404).indices.delete(index=index)
    what = f"stories of {', '.join(dropped)}" if dropped else "no month is past its retention"
    return Freed(items=stories, unit="stories", bytes=size, what=what, notes=tuple(notes))


def _past(store: Store, now: datetime, kept: int) -> Iterator[tuple[str, str, str]]:
    """The months that ended so many months ago: each with its name and its index, oldest first."""
    this = now.year * 12 + now.month - 1
    for name, served in sorted(store.templates.served().items()):
        month = name.removeprefix(f"{store.prefix}-{STORIES}-")
        found = _MONTH.fullmatch(month)
        if served["noun"] != STORIES or not found:
            continue
        if this - (int(found[1]) * 12 + int(found[2]) - 1) > kept:
            yield month, name, served["index"]


def _clear(store: Store, name: str) -> int:
    """Deletes what belongs to a month's stories; how many clusters somebody changed meanwhile."""
    store.refresh()
    conflicts = 0
    hits = scan(store.es, name, {"match_all": {}}, source=False)
    for part in _parts(hit["_id"] for hit in hits):
        delete(store, "revisions", {"terms": {"story_id": part}})
        conflicts += _clear_clusters(store, name, part)
        store.refresh()  # a cluster may have stories in the next part too
    return conflicts


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while part := list(islice(left, PART)):
        yield part


def _clear_clusters(store: Store, name: str, gone: Sequence[str]) -> int:
    naming = store.clusters.naming(gone)
    others = {one for cluster, _ in naming.values() for one in cluster.stories}
    stays = {
        identity: story
        for identity, (story, version) in store.stories.read(sorted(others)).items()
        if version.index != name
    }
    empty: dict[str, Version] = {}
    smaller: list[tuple[Cluster, Version]] = []
    leading: list[Story] = []
    for identity, (cluster, version) in naming.items():
        left = [stays[one] for one in cluster.stories if one in stays]
        if cluster.redirect:
            continue  # it goes with the cluster that it leads to
        if not left:
            empty[identity] = version
            continue
        after = _without_gone(cluster, left)
        smaller.append((after, version))
        leading += [replace(one, lead=True) for one in left if one.id == after.lead]
    outcome = store.clusters.write(smaller)
    outcome.raise_refused("clusters")
    store.stories.place(leading).raise_refused("changes of stories' leads")
    # Those that were merged into it are found by it: they go first.
    lost = [one for ids in store.clusters.absorbed(empty).values() for one in ids]
    _delete(store, {one: version for one, (_, version) in store.clusters.read(lost).items()})
    return len(outcome.conflicts) + _delete(store, empty)


def _without_gone(cluster: Cluster, left: Sequence[Story]) -> Cluster:
    """A cluster of the stories that stay; the earliest leads where the lead is gone."""
    ids = tuple(story.id for story in left)
    first = min(left, key=lambda story: (story.time, story.id))
    leads = cluster.lead in ids
    return replace(
        cluster,
        stories=ids,
        lead=cluster.lead if leads else first.id,
        lead_reason=cluster.lead_reason if leads else PAST,
        outlets=len({story.article.outlet for story in left}),
        first=first.time,
        last=max(story.time for story in left),
        pinned=tuple(one for one in cluster.pinned if one in ids),
        run=RUN,
    )


def _delete(store: Store, clusters: dict[str, Version]) -> int:
    """Deletes clusters that are still at their versions; how many are not."""
    outcome = write(
        store.es,
        (
            {
                "_op_type": "delete",
                "_index": f"{store.prefix}-clusters",
                "_id": identity,
                "if_seq_no": version[0],
                "if_primary_term": version[1],
            }
            for identity, version in clusters.items()
        ),
        refresh=True,
    )
    return len(outcome.conflicts)
