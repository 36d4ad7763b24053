"""Read articles out of a batch of fetched pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wirewatch.archive import Archive
from wirewatch.batches import Batches, file_name
from wirewatch.extract.hosts import drop_repeated
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.pipeline.fetch import Tick
from wirewatch.pipeline.places import archive_of
from wirewatch.pipeline.rows import Extracted
from wirewatch.records import Article, Batch, Page, PageStatus, Reason, replace
from wirewatch.settings import Settings
from wirewatch.store import connect


def extract(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Extracts a fetched batch; passes on the pages that hold an article.

    The others are saved at once as ``rejected``, or ``dead`` where extraction itself died of them.
    """
    batches = Batches(settings.state)
    pages = {page.id: page for page in batches.read(batch.file, Page)}
    articles: list[Article] = []
    failed: list[Page] = []
    for page_id, result in extract_all(_jobs(archive_of(settings), pages), settings):
        page = pages[page_id]
        if isinstance(result, Rejection):
            failed.append(_refused(page, result))
        else:
            articles.append(result)
        tick(1)
    with connect(settings, prepare=False) as store:
        store.pages.save(failed, batch.run).raise_refused("pages")
    file = file_name(batch.run, "extract", batch.partition)
    articles.sort(key=lambda article: article.page_id)
    # Lines that stand on several pages of a host are its furniture; a host is in one batch.
    extracted = [
        Extracted(page=pages[article.page_id], article=article)
        for article in drop_repeated(articles)
    ]
    passed = batches.write(file, extracted)
    return Batch(
        run=batch.run,
        stage="extract",
        partition=batch.partition,
        file=file,
        taken=len(pages),
        passed=passed,
        outcomes=dict(Counter(page.reason.value for page in failed if page.reason)),
    )


def _jobs(archive: Archive, pages: dict[str, Page]) -> Iterator[Job]:
    """The pages with their bytes, read one by one: a batch's bodies need not fit in memory."""
    for page in pages.values():
        if page.location is None or page.fetched is None:
            raise ValueError(f"page {page.id} ({page.url}) was passed on without its bytes")
        archived = archive.read(page.location)
        yield Job(
            page=page,
            body=archived.body,
            content_type=page.content_type,
            url=page.final_url or page.url,
            fetched=page.fetched,
        )


def _refused(page: Page, rejection: Rejection) -> Page:
    died = rejection.reason == Reason.EXTRACTION_DIED
    return replace(
        page,
        status=PageStatus.DEAD if died else PageStatus.REJECTED,
        reason=rejection.reason,
        detail=rejection.detail,
        lease=None,
        next_attempt=None,
    )
