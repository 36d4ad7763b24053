"""The stage that gives topics: copies of earlier runs and new ones share them."""

from __future__ import annotations

import pytest

from tests import makers
from wirewatch.batches import Batches, file_name
from wirewatch.pipeline.batch_records import ClusterRow, RetaggedRow, StoryRow, read_rows
from wirewatch.pipeline.index import index
from wirewatch.pipeline.tag import tag
from wirewatch.records import Batch, Story
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es

LEAD = "The measure was read out at noon and all of them were there."
REPORT = LEAD + (
    "\nParliament passed the law by two votes. The opposition left the chamber, and the prime "
    "minister called an election."
)


def placed(settings: Settings, *stories: Story, earlier: tuple[Story, ...] = ()) -> Batch:
    cluster = makers.cluster(*earlier, *stories)
    rows = [ClusterRow(cluster=cluster), *(StoryRow(story=one, pages=()) for one in stories)]
    file = file_name("run", "deduplicate", 0)
    Batches(settings.state).write(file, rows)
    count = len(stories)
    return Batch(run="run", stage="deduplicate", partition=0, file=file, taken=count, passed=count)


def test_a_longer_copy_gives_its_topics_to_the_cut_ones_before_it(options: Settings) -> None:
    cut = makers.story("cut", LEAD, title="At noon", cluster_id="cut")
    full = makers.story("full", REPORT, title="At noon", cluster_id="cut", outlet="The Post")
    late = makers.story("late", LEAD[:30], title="At noon", cluster_id="cut")
    with connect(options) as store:
        store.stories.create([cut])
        store.refresh()
    batch = tag(options, placed(options, full, late, earlier=(cut,)))
    assert (batch.taken, batch.passed) == (2, 2)
    assert batch.notes == {"without_topic": 0, "retagged": 1}
    rows = list(read_rows(Batches(options.state), batch.file))
    told = {row.story.id: row.story for row in rows if isinstance(row, StoryRow | RetaggedRow)}
    assert told.keys() == {"cut", "full", "late"}
    codes = [one.code for one in told["full"].topics]
    assert "medtop:11000000" in codes
    assert "The Post" not in told["full"].topics[0].why[0]
    for copy in ("cut", "late"):
        assert [one.code for one in told[copy].topics] == codes
        assert "The Post" in told[copy].topics[0].why[0]
    index(options, batch)
    with connect(options) as store:
        found = store.stories.stories(["cut", "full", "late"])
    assert {name: story.topics for name, story in found.items()} == {
        name: story.topics for name, story in told.items()
    }
    assert found["cut"] == makers.changed(cut, topics=told["cut"].topics)


def test_a_story_alone_needs_no_store(options: Settings) -> None:
    away = options.with_options(elasticsearch__url="http://127.0.0.1:9")
    alone = makers.story("alone", LEAD, title="At noon")
    assert tag(away, placed(away, alone)).notes == {"without_topic": 1}
