"""Tag a batch of stories with topics."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.batches import Batches, file_name
from wirewatch.pipeline.batch_records import Row, StoryRow, read_rows
from wirewatch.records import Batch, replace
from wirewatch.settings import Settings
from wirewatch.topics.tagger import Tagger


def tag(settings: Settings, batch: Batch) -> Batch:
    """Tags a placed batch; every story goes on, with or without a topic."""
    batches = Batches(settings.state)
    tagger = Tagger.load(settings.config_dir / "topics")
    untagged = 0
    stories = 0

    def tagged() -> Iterator[Row]:
        nonlocal untagged, stories
        for row in read_rows(batches, batch.file):
            if isinstance(row, StoryRow):
                story = tagger.tagged(row.story)
                stories += 1
                untagged += not story.topics
                yield replace(row, story=story)
            else:
                yield row

    file = file_name(batch.run, "tag", batch.partition)
    batches.write(file, tagged())
    return Batch(
        run=batch.run,
        stage="tag",
        partition=batch.partition,
        file=file,
        taken=stories,
        passed=stories,
        notes={"without_topic": untagged},
    )
