"""Index a batch of stories, and whatever clustering changed beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wirewatch.batches import Batches
from wirewatch.pipeline.batch_records import (
    ClusterRow,
    JoinedRow,
    MovedRow,
    RetaggedRow,
    StoryRow,
    read_rows,
)
from wirewatch.pipeline.flow import Tick
from wirewatch.records import Batch, Page, PageStatus, Reason, Story, Unmatched, replace, utc_now
from wirewatch.revisions.schedule import next_revisit
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.stories import TAGGED


class ClustersChanged(RuntimeError):
    """Somebody changed a cluster between reading and writing it: deduplicate the run again."""


def index(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Writes a tagged batch to Elasticsearch and its pages as ``indexed``.

    Stories come before the clusters that name them, and pages last: killed in between, their run or
    a later one does it again. A story that Elasticsearch refuses is counted, and its pages are
    rejected with the server's words. Raises ClustersChanged when a cluster is no longer the one
    that was read, Unavailable when the server takes no writes.
    """
    rows = list(read_rows(Batches(settings.state), batch.file))
    with connect(settings, prepare=False) as store:
        stories = [row for row in rows if isinstance(row, StoryRow)]
        refused = _write_stories(store, [row.story for row in stories])
        clusters = [row for row in rows if isinstance(row, ClusterRow)]
        placed = _write_clusters(store, clusters, refused)
        moved = [row.story for row in rows if isinstance(row, MovedRow)]
        store.stories.place([*moved, *placed]).raise_refused("changes of stories' clusters")
        retagged = [row.story for row in rows if isinstance(row, RetaggedRow)]
        store.stories.place(retagged, TAGGED).raise_refused("changes of stories' topics")
        ages = settings["revisit.ages"]
        pages = [page for row in stories for page in _pages(row, refused, ages)]
        pages += [_indexed(row.page, row.story_id) for row in rows if isinstance(row, JoinedRow)]
        store.pages.save(pages, batch.run).raise_refused("pages")
        store.refresh()
    tick(len(stories))
    outcomes = {Reason.INDEXING_FAILED.value: len(refused)} if refused else {}
    return Batch(
        run=batch.run,
        stage="index",
        partition=batch.partition,
        file=batch.file,
        taken=len(stories),
        passed=len(stories) - len(refused),
        outcomes=outcomes,
        notes={"clusters": len(clusters), "pages": len(pages)},
    )


def _write_stories(store: Store, stories: list[Story]) -> dict[str, str]:
    """Creates the stories; returns those that were refused, with the server's words.

    One that is there already was written by this run before it was killed, by another that died,
    or has come in by another way since it was placed: it is placed where this run has it.
    """
    now = utc_now()
    outcome = store.stories.create(
        replace(story, indexed=now, unmatched=Unmatched.NEW) for story in stories
    )
    there = set(outcome.conflicts)
    again = store.stories.place(story for story in stories if story.id in there)
    again.raise_refused("changes of stories' clusters")
    return outcome.refused


def _write_clusters(store: Store, rows: list[ClusterRow], refused: Collection[str]) -> list[Story]:
    """Writes the clusters, those that redirect last; returns stories that lead instead of one that
    was refused.
    """
    wanted = []
    leading: list[str] = []
    for row in sorted(rows, key=lambda row: bool(row.cluster.redirect)):
        cluster = row.cluster
        if left := [one for one in cluster.stories if one not in refused]:
            cluster = replace(cluster, stories=tuple(left))
            if cluster.lead in refused:
                leading.append(left[0])
                cluster = replace(cluster, lead=left[0], lead_reason="the lead was not indexed")
        if left or cluster.redirect:
            wanted.append((cluster, row.version))
    outcome = store.clusters.write(wanted)
    outcome.raise_refused("clusters")
    if outcome.conflicts:
        named = ", ".join(outcome.conflicts[:5])
        raise ClustersChanged(
            f"{len(outcome.conflicts)} clusters changed while the run placed its stories "
            f"({named}): clear 'deduplicate' and what follows it in this run"
        )
    if leading:
        store.refresh()
    return [replace(story, lead=True) for story in store.stories.stories(leading).values()]


def _pages(row: StoryRow, refused: dict[str, str], ages: Sequence[str]) -> list[Page]:
    why = refused.get(row.story.id)
    if why is None:
        now = utc_now()
        # Of several pages of one story, the one that it was read from is looked at again.
        return [
            replace(
                _indexed(page, row.story.id),
                revisit_at=next_revisit(page.discovered, ages, now)
                if page.id == row.story.article.page_id
                else None,
            )
            for page in row.pages
        ]
    return [
        replace(
            page,
            status=PageStatus.REJECTED,
            reason=Reason.INDEXING_FAILED,
            detail=f"Elasticsearch refused the story: {why}",
            lease=None,
        )
        for page in row.pages
    ]


def _indexed(page: Page, story_id: str) -> Page:
    return replace(
        page,
        status=PageStatus.INDEXED,
        story_id=story_id,
        reason=None,
        detail="",
        lease=None,
        next_attempt=None,
    )
