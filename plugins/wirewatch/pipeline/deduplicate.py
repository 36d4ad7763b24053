"""Place a run's articles: which are new stories, and which cluster each belongs to."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from wirewatch.batches import Batches
from wirewatch.dedup.agency import load_agencies
from wirewatch.dedup.deduplicator import Placement, place
from wirewatch.dedup.lead import read_standing
from wirewatch.pipeline.batch_records import (
    ClusterRow,
    Extracted,
    JoinedRow,
    MovedRow,
    Row,
    StoryRow,
)
from wirewatch.pipeline.earlier import Earlier, unfinished
from wirewatch.pipeline.fingerprints import open_index
from wirewatch.pipeline.identity import identify, possible_ids
from wirewatch.records import Article, Batch, Cluster, Story, replace, utc_now
from wirewatch.revisions.story import read_again
from wirewatch.settings import Settings
from wirewatch.store import connect

log = logging.getLogger("wirewatch.run")


def deduplicate(settings: Settings, run: str, extracted: Sequence[Batch]) -> list[Batch]:
    """Places the stories of all extracted batches of one run; returns batches for tagging.

    The one writer of the fingerprint index. Pages of one article make one story; a page whose story
    an earlier run indexed joins it. What a run that died wrote of these pages' stories is replaced.
    """
    batches = Batches(settings.state)
    given = [row for batch in extracted for row in batches.read(batch.file, Extracted)]
    if not given:
        return []
    with connect(settings, prepare=False) as store:
        store.refresh()  # candidates are looked up by search
        articles = [_article(row) for row in given]
        possible = {identity for article in articles for identity in possible_ids(article)}
        stored = store.stories.stories(sorted(possible))
        groups: dict[str, list[Extracted]] = defaultdict(list)
        for row, (identity, article) in zip(given, identify(articles, stored), strict=True):
            groups[identity].append(replace(row, article=article))
        pages = {
            identity: tuple(row.page for row in sorted(rows, key=_first))
            for identity, rows in groups.items()
        }
        left = unfinished(store, stored, {one: {p.id for p in of} for one, of in pages.items()})
        firsts = {
            identity: stored[identity].article
            if identity in left
            else _article(min(rows, key=_first))
            for identity, rows in groups.items()
            if identity in left or identity not in stored
        }
        stories = [_story(identity, article, run) for identity, article in firsts.items()]
        earlier = Earlier(store, firsts)
        placed = place(
            stories,
            earlier,
            open_index(store, settings, utc_now()),
            settings,
            load_agencies(settings),
            run=run,
            now=utc_now(),
            standing=read_standing(settings.config_dir / "outlets.toml"),
            also=earlier.naming,
        )
        clusters = [*placed.clusters, *_corrected(earlier, placed, run)]
        earlier.clusters([one.id for one in clusters if one.id not in earlier.versions])
    for warning in placed.warnings:
        log.warning(warning)
    rows: list[Row] = [
        *(ClusterRow(cluster=one, version=earlier.versions.get(one.id)) for one in clusters),
        *(MovedRow(story=story) for story in placed.changed),
        *(StoryRow(story=story, pages=pages[story.id]) for story in placed.stories),
        *(
            JoinedRow(story_id=identity, page=page)
            for identity, of in pages.items()
            if identity not in firsts
            for page in of
        ),
    ]
    return _spread(settings, batches, run, _together(rows, earlier.members), len(given), placed)


def _corrected(earlier: Earlier, placed: Placement, run: str) -> list[Cluster]:
    homes = {story.id: story.cluster_id for story in placed.stories}
    written = {cluster.id for cluster in placed.clusters}
    return [replace(one, run=run) for one in earlier.corrected(written, homes)]


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


def _together(rows: Sequence[Row], before: Mapping[str, Sequence[str]]) -> list[list[Row]]:
    """The rows in parts that need one another: each cluster with its stories, with those it gives
    to another, and with the other.

    ``before`` are the stories of the clusters as they are written now. A part is written by one
    task, so that its pages are done only when all of it is.
    """
    home = {
        row.story.id: row.story.cluster_id for row in rows if isinstance(row, StoryRow | MovedRow)
    }
    root: dict[str, str] = {}

    def find(node: str) -> str:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    for row in rows:
        if isinstance(row, ClusterRow):
            cluster = row.cluster
            for story in (*cluster.stories, *before.get(cluster.id, ())):
                root[find(home.get(story, cluster.id))] = find(cluster.id)
            root[find(cluster.redirect or cluster.id)] = find(cluster.id)
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if isinstance(row, ClusterRow):
            parts[find(row.cluster.id)].append(row)
        elif isinstance(row, JoinedRow):
            parts[row.page.id].append(row)
        else:
            parts[find(row.story.cluster_id)].append(row)
    return list(parts.values())


def _spread(
    settings: Settings,
    batches: Batches,
    run: str,
    parts: Sequence[list[Row]],
    taken: int,
    placed: Placement,
) -> list[Batch]:
    """Deals the parts out to as many batches as the run has partitions, the largest first."""
    dealt: list[list[Row]] = [
        [] for _ in range(max(1, min(settings["run.partitions"], len(parts))))
    ]
    for part in sorted(parts, key=len, reverse=True):
        min(dealt, key=len).extend(part)
    made = []
    for partition, rows in enumerate(dealt):
        stories = sum(isinstance(row, StoryRow) for row in rows)
        same = sum(isinstance(row, JoinedRow) for row in rows) + sum(
            len(row.pages) - 1 for row in rows if isinstance(row, StoryRow)
        )
        one = batches.hand_on(
            run,
            "deduplicate",
            partition,
            rows,
            taken=stories + same,
            outcomes={"same_story": same} if same else {},
            notes={} if partition else _notes(placed),
        )
        made.append(replace(one, passed=stories))  # what clustering changed is no new story
    if sum(batch.taken for batch in made) != taken:
        raise AssertionError(f"{taken} articles came in, {made} went on")
    return made


def _notes(placed: Placement) -> dict[str, int]:
    copies = sum(story.link is not None for story in placed.stories)
    return {"copies": copies, "clusters": len(placed.clusters), "warnings": len(placed.warnings)}
