"""Write what was examined, to stories that are still as they were."""

from __future__ import annotations

from collections import Counter

from wirewatch.batches import Batches
from wirewatch.pipeline.flow import Tick
from wirewatch.pipeline.reprocess.batch_records import Altered
from wirewatch.pipeline.reprocess.cluster import apply_clusters
from wirewatch.pipeline.reprocess.stages import ReprocessStage
from wirewatch.records import Batch, flat, read_story
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

TRIES = 4  # a story that somebody changes at the same moment is read again


def apply(
    settings: Settings,
    batch: Batch,
    stage: str = ReprocessStage.EXTRACT,
    tick: Tick = lambda _: None,
) -> Batch:
    """Writes what an examined batch found, to stories that are still as they were examined.

    One that has the new values already was written before a kill, and counts as written.
    """
    if stage == ReprocessStage.CLUSTER:
        return apply_clusters(settings, batch, tick)
    left = list(Batches(settings.state).read(batch.file, Altered))
    taken = len(left)
    outcomes: Counter[str] = Counter()
    with connect(settings, prepare=False) as store:
        for _ in range(TRIES):
            if not left:
                break
            left = _write(store, left, outcomes, tick)
        store.refresh()
    outcomes["changed_meanwhile"] += len(left)
    passed = outcomes.pop("written", 0)
    return Batch(
        run=batch.run,
        stage="apply",
        partition=batch.partition,
        file=batch.file,
        taken=taken,
        passed=passed,
        outcomes={name: count for name, count in outcomes.items() if count},
    )


def _write(store: Store, rows: list[Altered], outcomes: Counter[str], tick: Tick) -> list[Altered]:
    """One try; returns the rows whose story was changed between reading and writing it."""
    store.es.indices.refresh(index=store.stories.alias)
    read = store.stories.read([row.story_id for row in rows])
    changes = []
    for row in rows:
        if row.story_id not in read:
            outcomes["story_missing"] += 1
            continue
        story, version = read[row.story_id]
        now = flat(story)
        current = {name: now[name] for name in row.after}
        if current == row.after:
            outcomes["written"] += 1
        elif current == row.before:
            changes.append((read_story({**now, **row.after}), version))
        else:
            outcomes["changed_meanwhile"] += 1
    outcome = store.stories.change(changes)
    outcome.raise_refused("stories")
    outcomes["written"] += len(outcome.done)
    again = set(outcome.conflicts)
    tick(len(rows) - len(again))
    return [row for row in rows if row.story_id in again]
