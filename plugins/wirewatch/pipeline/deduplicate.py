"""Place a run's articles: which are new stories, and which cluster each belongs to."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from wirewatch.batches import Batches
from wirewatch.dedup.agency import load_agencies
from wirewatch.dedup.deduplicator import Placement, place
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.dedup.lead import read_standing
from wirewatch.pipeline.batch_records import (
    ClusterRow,
    Extracted,
    JoinedRow,
    MovedRow,
    Row,
    StoryRow,
)
from wirewatch.pipeline.paths import fingerprints_root
from wirewatch.records import Article, Batch, Cluster, Page, Story, replace, stable_id, utc_now
from wirewatch.revisions.story import read_again
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.clusters import Version

log = logging.getLogger("wirewatch.run")


class _Source:
    """What deduplication reads from the store, remembering the version of each cluster."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.versions: dict[str, Version] = {}

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        return self._store.stories.stories(ids)

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        read = self._store.clusters.read(ids)
        self.versions.update({identity: version for identity, (_, version) in read.items()})
        return {identity: cluster for identity, (cluster, _) in read.items()}


def deduplicate(settings: Settings, run: str, extracted: Sequence[Batch]) -> list[Batch]:
    """Places the stories of all extracted batches of one run; returns batches for tagging.

    The one writer of the fingerprint index. Pages under one canonical URL make one story; a page
    whose story an earlier run indexed joins it.
    """
    batches = Batches(settings.state)
    groups: dict[str, list[Extracted]] = defaultdict(list)
    taken = 0
    for batch in extracted:
        for row in batches.read(batch.file, Extracted):
            groups[story_id(_article(row))].append(row)
            taken += 1
    if not taken:
        return []
    with connect(settings, prepare=False) as store:
        store.refresh()  # candidates are looked up by search
        known = store.stories.stories(list(groups))
        # A story that this very run indexed before it was killed is placed anew, not joined.
        earlier = {identity for identity, story in known.items() if story.run != run}
        firsts = {
            identity: sorted(rows, key=_first)
            for identity, rows in groups.items()
            if identity not in earlier
        }
        stories = [_story(identity, _article(rows[0]), run) for identity, rows in firsts.items()]
        source = _Source(store)
        placed = place(
            stories,
            source,
            FingerprintIndex(fingerprints_root(settings), settings["dedup.cache"]),
            settings,
            load_agencies(settings),
            run=run,
            now=utc_now(),
            standing=read_standing(settings.config_dir / "outlets.toml"),
        )
    for warning in placed.warnings:
        log.warning(warning)
    joined = [
        JoinedRow(story_id=identity, page=row.page)
        for identity in earlier
        for row in groups[identity]
    ]
    pages = {identity: tuple(row.page for row in rows) for identity, rows in firsts.items()}
    rows = _rows(placed, pages, joined, source.versions)
    return _spread(settings, batches, run, rows, taken, placed)


def story_id(article: Article) -> str:
    """The id of the story that an article is: a hash of its canonical URL."""
    return stable_id("story", article.canonical_url)


def _article(row: Extracted) -> Article:
    if row.article is None:
        raise ValueError(f"page {row.page.id} ({row.page.url}) was passed on without an article")
    return row.article


def _first(row: Extracted) -> tuple[bool, str, str]:
    """Of several pages of one story: the one at the canonical URL, then the first discovered."""
    article = _article(row)
    return (article.url != article.canonical_url, article.first_seen.isoformat(), article.page_id)


def _story(identity: str, article: Article, run: str) -> Story:
    return read_again(Story(id=identity, article=article, run=run), article)


def _rows(
    placed: Placement,
    pages: dict[str, tuple[Page, ...]],
    joined: Iterable[JoinedRow],
    versions: dict[str, Version],
) -> list[Row]:
    """The rows in the order they are dealt out: clusters and moves come first, in one batch."""
    rows: list[Row] = [
        ClusterRow(cluster=cluster, version=versions.get(cluster.id)) for cluster in placed.clusters
    ]
    rows += [MovedRow(story=story) for story in placed.changed]
    rows += joined
    rows += [StoryRow(story=story, pages=pages[story.id]) for story in placed.stories]
    return rows


def _spread(
    settings: Settings,
    batches: Batches,
    run: str,
    rows: list[Row],
    taken: int,
    placed: Placement,
) -> list[Batch]:
    """Deals the rows out to as many batches as the run has partitions, all but stories to the
    first, and counts them: the first batch's ``taken`` is that of the whole stage.
    """
    stories = [row for row in rows if isinstance(row, StoryRow)]
    others = [row for row in rows if not isinstance(row, StoryRow)]
    joined = sum(isinstance(row, JoinedRow) for row in others)
    pages = sum(len(row.pages) for row in stories)
    same = joined + pages - len(stories)
    parts = max(1, min(settings["run.partitions"], len(stories)))
    made = []
    for partition in range(parts):
        dealt: list[Row] = list(stories[partition::parts])
        first = partition == 0
        one = batches.hand_on(
            run,
            "deduplicate",
            partition,
            [*others, *dealt] if first else dealt,
            taken=len(dealt) + (same if first else 0),
            outcomes={"same_story": same} if first else {},
            notes=_notes(placed) if first else {},
        )
        made.append(replace(one, passed=len(dealt)))  # what clustering changed is no new story
    if sum(batch.taken for batch in made) != taken:
        raise AssertionError(f"{taken} articles came in, {made} went on")
    return made


def _notes(placed: Placement) -> dict[str, int]:
    copies = sum(story.link is not None for story in placed.stories)
    return {"copies": copies, "clusters": len(placed.clusters), "warnings": len(placed.warnings)}
