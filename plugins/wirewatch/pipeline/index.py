"""Index a batch of stories, and whatever clustering changed beside them."""

from __future__ import annotations

from collections.abc import Sequence

from wirewatch.batches import Batches
from wirewatch.pipeline.batch_records import ClusterRow, JoinedRow, MovedRow, StoryRow, read_rows
from wirewatch.pipeline.flow import Tick
from wirewatch.records import Batch, Cluster, Page, PageStatus, Reason, replace, utc_now
from wirewatch.revisions.schedule import next_revisit
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.clusters import Version


class ClustersChanged(RuntimeError):
    """Somebody changed a cluster between reading and writing it: deduplicate the run again."""


def index(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Writes a tagged batch to Elasticsearch and its pages as ``indexed``.

    A story that Elasticsearch refuses is counted, and its pages are rejected with the server's
    words. Raises ClustersChanged when a cluster is no longer the one that was read.
    """
    rows = list(read_rows(Batches(settings.state), batch.file))
    with connect(settings, prepare=False) as store:
        clusters = [(row.cluster, row.version) for row in rows if isinstance(row, ClusterRow)]
        _write_clusters(store, clusters)
        stories = [row for row in rows if isinstance(row, StoryRow)]
        refused = _create_stories(store, stories)
        moved = store.stories.place(row.story for row in rows if isinstance(row, MovedRow))
        moved.raise_refused("changes of stories' clusters")
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


def _write_clusters(store: Store, clusters: list[tuple[Cluster, Version | None]]) -> None:
    outcome = store.clusters.write(clusters)
    outcome.raise_refused("clusters")
    if outcome.conflicts:
        named = ", ".join(outcome.conflicts[:5])
        raise ClustersChanged(
            f"{len(outcome.conflicts)} clusters changed while the run placed its stories "
            f"({named}): clear 'deduplicate' and what follows it in this run"
        )


def _create_stories(store: Store, rows: list[StoryRow]) -> dict[str, str]:
    """Creates the stories; returns those that were refused, with the server's words.

    One that is there already was written by this run before it was killed, or has come in by
    another way since it was placed: either way it is searchable, once.
    """
    now = utc_now()
    outcome = store.stories.create(replace(row.story, indexed=now) for row in rows)
    return outcome.refused


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
