"""Tag a batch of stories with topics."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.batches import Batches, file_name
from wirewatch.pipeline.batch_records import (
    ClusterRow,
    MovedRow,
    RetaggedRow,
    Row,
    StoryRow,
    read_rows,
)
from wirewatch.records import Batch, Story, replace
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.topics.copies import shared
from wirewatch.topics.tagger import Tagger


def tag(settings: Settings, batch: Batch) -> Batch:
    """Tags a placed batch; every story goes on, with or without a topic.

    Copies share topics. Where a new one is longer than those of earlier runs, these take its own.
    """
    batches = Batches(settings.state)
    tagger = Tagger.load(settings.config_dir / "topics")
    rows = list(read_rows(batches, batch.file))
    members = _members(settings, rows)
    tagged: list[Row] = []
    for row in rows:
        if isinstance(row, StoryRow):
            story = row.story
            row = replace(row, story=shared(story, members.get(story.cluster_id, ()), tagger))
        tagged.append(row)
    retagged = list(_retagged(rows, members, tagger))
    new = [row.story for row in tagged if isinstance(row, StoryRow)]
    notes = {"without_topic": sum(not story.topics for story in new)}
    if retagged:
        notes["retagged"] = len(retagged)
    file = file_name(batch.run, "tag", batch.partition)
    batches.write(file, [*tagged, *retagged])
    return Batch(
        run=batch.run,
        stage="tag",
        partition=batch.partition,
        file=file,
        taken=len(new),
        passed=len(new),
        notes=notes,
    )


def _members(settings: Settings, rows: list[Row]) -> dict[str, list[Story]]:
    """The stories of the clusters of several that new ones are in, those of earlier runs too."""
    new = {row.story.id: row.story for row in rows if isinstance(row, StoryRow)}
    named = {
        row.cluster.id: row.cluster.stories
        for row in rows
        if isinstance(row, ClusterRow) and len(row.cluster.stories) > 1
    }
    named = {one: stories for one, stories in named.items() if not new.keys().isdisjoint(stories)}
    missing = sorted({story for stories in named.values() for story in stories} - new.keys())
    known = new | {row.story.id: row.story for row in rows if isinstance(row, MovedRow)}
    if missing:
        with connect(settings, prepare=False) as store:
            known = store.stories.stories(missing) | known
    return {
        one: [known[story] for story in stories if story in known] for one, stories in named.items()
    }


def _retagged(
    rows: list[Row], members: dict[str, list[Story]], tagger: Tagger
) -> Iterator[RetaggedRow]:
    """The stories of earlier runs whose topics are others, now that new copies are there."""
    new = {row.story.id for row in rows if isinstance(row, StoryRow)}
    for stories in members.values():
        for story in stories:
            if story.id not in new:
                after = shared(story, stories, tagger)
                if after.topics != story.topics:
                    yield RetaggedRow(story=after)
