"""Place a span of stories anew and tell, then change, the clusters that come out otherwise.

What holds for clusters changed by hand holds here: each document is written only as it was
examined, and an id that goes redirects. An alert knows its stories, so nothing is alerted again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from wirewatch.batches import Batches
from wirewatch.dedup import regroup
from wirewatch.dedup.agency import load_agencies
from wirewatch.dedup.lead import read_standing
from wirewatch.dedup.regroup import Regrouping
from wirewatch.pipeline.flow import Tick
from wirewatch.pipeline.reprocess.batch_records import FIELD, Selected
from wirewatch.records import Batch, Cluster, replace
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.versions import Version

IDS = 1_000  # documents a request
MEANWHILE = "changed_meanwhile"


def examine_clusters(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Places a batch's stories anew and writes down which clusters differ; stores nothing.

    ``passed`` counts the stories of clusters that change.
    """
    batches = Batches(settings.state)
    ids = [row.story_id for row in batches.read(batch.file, Selected)]
    with connect(settings, prepare=False) as store:
        stories = store.stories.stories(ids)
        homes, known = _homes(store, {one.id: one.cluster_id for one in stories.values()})
    shelf = regroup.place_anew(
        stories.values(),
        settings,
        load_agencies(settings),
        read_standing(settings.config_dir / "outlets.toml"),
        tick,
    )
    found, stay = regroup.compare(shelf, homes, known)
    stay["story_missing"] += len(ids) - len(stories)
    notes = {
        "joined": sum(len(one.gone) for one in found),
        "parted": sum(len(one.made) for one in found),
    }
    made = batches.hand_on(
        batch.run,
        "examine",
        batch.partition,
        found,
        taken=len(ids),
        outcomes=stay,
        notes={f"{FIELD}clusters_{name}": count for name, count in notes.items()},
    )
    return replace(made, passed=sum(len(one.stories) for one in found))  # a row is some clusters


def _homes(store: Store, written: dict[str, str]) -> tuple[dict[str, str], dict[str, Cluster]]:
    """The cluster of each story, redirects followed, and the documents of all ids that matter."""
    known = _read(store, {*written, *written.values()})
    while missing := {one.redirect for one in known.values() if one.redirect} - known.keys():
        found = _read(store, missing)
        known |= found
        if not found:
            break

    def home(cluster_id: str) -> str:
        seen: set[str] = set()
        while cluster_id in known and known[cluster_id].redirect and cluster_id not in seen:
            seen.add(cluster_id)
            cluster_id = known[cluster_id].redirect
        return cluster_id

    return {story: home(cluster_id) for story, cluster_id in written.items()}, known


def _read(store: Store, ids: Iterable[str]) -> dict[str, Cluster]:
    listed = sorted(set(ids) - {""})
    found: dict[str, Cluster] = {}
    for at in range(0, len(listed), IDS):
        found |= store.clusters.get(listed[at : at + IDS])
    return found


def apply_clusters(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Changes the clusters that were examined, where they are still as they were.

    One that is changed already was changed before a kill, and counts as written. ``passed`` counts
    the stories of the clusters written.
    """
    taken = 0
    outcomes: Counter[str] = Counter()
    with connect(settings, prepare=False) as store:
        for row in Batches(settings.state).read(batch.file, Regrouping):
            taken += len(row.stories)
            done = _write(store, row, batch.run)
            outcomes["written" if done else MEANWHILE] += len(row.stories)
            tick(len(row.stories))
        store.refresh()
    passed = outcomes.pop("written", 0)
    return Batch(
        run=batch.run,
        stage="apply",
        partition=batch.partition,
        file=batch.file,
        taken=taken,
        passed=passed,
        outcomes=dict(outcomes),
    )


def _write(store: Store, row: Regrouping, run: str) -> bool:
    """Whether the clusters of a row are now as placing anew makes them: all of them, or none."""
    before = {one.id: one for one in row.before}
    there = store.clusters.read([one.id for one in row.after])
    wanted: list[tuple[Cluster, Version | None]] = []
    for cluster in row.after:
        current, version = there.get(cluster.id, (None, None))
        if _same(current, cluster):
            continue
        if not _same(current, before.get(cluster.id)):
            return False
        wanted.append((replace(cluster, run=run), version))
    written: list[str] = []
    for cluster, version in wanted:
        outcome = store.clusters.write([(cluster, version)])
        outcome.raise_refused("clusters")
        if outcome.conflicts:
            _take_back(store, row, written, run)
            return False
        written.append(cluster.id)
    store.stories.place(row.stories).raise_refused("changes of stories' clusters")
    return True


def _same(one: Cluster | None, other: Cluster | None) -> bool:
    if one is None or other is None:
        return one is other
    return replace(one, run="") == replace(other, run="")


def _take_back(store: Store, row: Regrouping, written: list[str], run: str) -> None:
    """Undoes what was written of a row: somebody changed one of its clusters at that moment."""
    before = {one.id: one for one in row.before}
    home = next(one.id for one in row.before if not one.redirect)
    for cluster, version in store.clusters.read(written).values():
        if cluster.run != run:
            continue  # changed again since
        old = before.get(cluster.id) or replace(cluster, stories=(), redirect=home)
        store.clusters.write([(replace(old, run=run), version)]).raise_refused("clusters")
