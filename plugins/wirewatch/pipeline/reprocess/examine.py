"""Do a stage anew for a batch of stories and write down what differs; stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wirewatch.archive import Archive, ArchiveError
from wirewatch.batches import Batches
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.pipeline.flow import Tick
from wirewatch.pipeline.pagination import with_parts
from wirewatch.pipeline.paths import archive_of
from wirewatch.pipeline.reprocess.batch_records import FIELD, Altered, Selected
from wirewatch.pipeline.reprocess.cluster import examine_clusters
from wirewatch.pipeline.reprocess.stages import ReprocessStage, stage_of
from wirewatch.records import Article, Batch, Page, Story, flat
from wirewatch.revisions.story import IDENTITY, read_again
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.topics.copies import shared
from wirewatch.topics.tagger import TAGGED_BY, Tagger

NOARCHIVE = "noarchive"


def examine(settings: Settings, batch: Batch, stage: str, tick: Tick = lambda _: None) -> Batch:
    """Does the stage anew for a batch of stories and writes down what differs; stores nothing."""
    if stage_of(stage) == ReprocessStage.CLUSTER:
        return examine_clusters(settings, batch, tick)
    batches = Batches(settings.state)
    ids = [row.story_id for row in batches.read(batch.file, Selected)]
    outcomes: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    altered: list[Altered] = []
    with connect(settings, prepare=False) as store:
        stories = store.stories.stories(ids)
        outcomes["story_missing"] = len(ids) - len(stories)
        tagger = Tagger.load(settings.config_dir / "topics")
        copies = store.stories.of_clusters(sorted({one.cluster_id for one in stories.values()}))
        if stage == ReprocessStage.TAG:
            found: Iterable[tuple[Story, Story | str]] = (
                (story, shared(story, copies.get(story.cluster_id, ()), tagger))
                for story in stories.values()
            )
        else:
            pages = store.pages.get(
                [story.article.page_id for story in stories.values() if story.article.page_id]
            )
            found = _extracted(settings, stories, pages, copies, tagger)
        for story, after in found:
            tick(1)
            if isinstance(after, str):
                outcomes[after] += 1
                continue
            differs = _differences(story, after)
            if differs is None:
                outcomes["unchanged"] += 1
                continue
            altered.append(differs)
            fields.update(name for name in differs.after if name != "extractor")
    altered.sort(key=lambda one: one.story_id)
    return batches.hand_on(
        batch.run,
        "examine",
        batch.partition,
        altered,
        taken=len(ids),
        outcomes=outcomes,
        notes={f"{FIELD}{name}": count for name, count in sorted(fields.items())},
    )


def _extracted(
    settings: Settings,
    stories: Mapping[str, Story],
    pages: Mapping[str, Page],
    copies: Mapping[str, Sequence[Story]],
    tagger: Tagger,
) -> Iterator[tuple[Story, Story | str]]:
    """Each story once: as extraction reads its page now, or why it cannot."""
    by_page: dict[str, Story] = {}
    for story in stories.values():
        page = pages.get(story.article.page_id)
        if page is not None and page.noarchive:
            yield story, NOARCHIVE
        elif page is None or page.location is None or page.fetched is None:
            yield story, "not_archived"
        elif page.lease is not None:
            yield story, "page_in_use"  # a run is reading it anew at this moment
        else:
            by_page[page.id] = story
    lost: list[str] = []
    jobs = _jobs(archive_of(settings), [pages[identity] for identity in by_page], lost)
    for page_id, result in extract_all(jobs, settings):
        story = by_page[page_id]
        if isinstance(result, Rejection):
            yield story, result.reason.value
        else:
            yield story, _reread(story, result, copies.get(story.cluster_id, ()), tagger)
    for page_id in lost:
        yield by_page[page_id], "not_archived"


def _jobs(archive: Archive, pages: Iterable[Page], lost: list[str]) -> Iterator[Job]:
    for page in pages:
        if page.location is None or page.fetched is None:
            raise ValueError(f"page {page.id} has no bytes")
        try:
            body = archive.read(page.location).body
            first = Job(
                page=page,
                body=body,
                content_type=page.content_type,
                url=page.final_url or page.url,
                fetched=page.fetched,
            )
            job = with_parts(first, archive)
        except ArchiveError:
            lost.append(page.id)  # counted by the caller
            continue
        yield job


def _reread(story: Story, article: Article, copies: Sequence[Story], tagger: Tagger) -> Story:
    after = read_again(story, article, IDENTITY)
    if all(getattr(story.article, name) == getattr(after.article, name) for name in TAGGED_BY):
        return after
    return shared(after, [copy for copy in copies if copy.id != story.id], tagger)


def _differences(before: Story, after: Story) -> Altered | None:
    """What differs; None where nothing does but the name of the extractor."""
    old, new = flat(before), flat(after)
    names = [name for name in old if old[name] != new[name]]
    if not set(names) - {"extractor"}:
        return None
    return Altered(
        story_id=before.id,
        title=before.article.title,
        before={name: old[name] for name in names},
        after={name: new[name] for name in names},
    )
