"""Read articles out of a batch of fetched pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from wirewatch.archive import ArchiveError
from wirewatch.batches import Batches, file_name
from wirewatch.extract.hosts import drop_repeated
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.pipeline import body_store
from wirewatch.pipeline.batch_records import Extracted, Fetched
from wirewatch.pipeline.canonical import apart, known_as
from wirewatch.pipeline.fetch import Tick
from wirewatch.pipeline.pagination import Source, from_network, joined
from wirewatch.records import Article, Batch, Page, PageStatus, Reason, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect


def extract(
    settings: Settings,
    batch: Batch,
    tick: Tick = lambda _: None,
    further: Source | None = None,
) -> Batch:
    """Extracts a fetched batch; passes on the pages that hold an article.

    An article that goes on on further pages is joined: they are fetched, or come from ``further``.
    The others are saved at once as ``rejected``, or ``dead`` where extraction itself died of them.
    """
    batches = Batches(settings.state)
    rows = {row.page.id: row for row in batches.read(batch.file, Fetched)}
    pages = {identity: row.page for identity, row in rows.items()}
    articles: list[Article] = []
    lost: list[Page] = []
    failed: list[Page] = []
    for page_id, result in extract_all(_jobs(settings, rows.values(), lost), settings):
        page = pages[page_id]
        if isinstance(result, Rejection):
            failed.append(_refused(page, result))
        else:
            articles.append(known_as(result, page))
        tick(1)
    failed += [_lost(page) for page in lost]
    unarchived = frozenset(page.id for page in pages.values() if page.noarchive)
    whole = joined(
        settings,
        articles,
        lambda identity: next(_jobs(settings, [rows[identity]], [])),
        further or from_network(settings, batch, unarchived),
    )
    for place, article in enumerate(articles):
        if article.page_id in whole:
            page = pages[article.page_id]
            longer, parts = whole[article.page_id]
            articles[place] = known_as(longer, page)
            pages[page.id] = replace(page, parts=parts)
    with connect(settings, prepare=False) as store:
        store.pages.save(failed, batch.run).raise_refused("pages")
    file = file_name(batch.run, "extract", batch.partition)
    articles.sort(key=lambda article: article.page_id)
    # Lines that stand on several pages of a host are its furniture; a host is in one batch.
    extracted = [
        Extracted(page=pages[article.page_id], article=article)
        for article in drop_repeated(apart(articles))
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
        notes={"joined": len(whole)} if whole else {},
    )


def _jobs(settings: Settings, rows: Iterable[Fetched], lost: list[Page]) -> Iterator[Job]:
    """The pages with their bytes, read one by one: a batch's bodies need not fit in memory.

    Those of pages that ask for no copy went when the run ended: begun again after that, they are
    ``lost``.
    """
    for row in rows:
        page = row.page
        if page.fetched is None:
            raise ValueError(f"page {page.id} ({page.url}) was passed on without its bytes")
        try:
            body = body_store.read(settings, page, row.held).body
        except ArchiveError:
            if not page.noarchive:
                raise
            lost.append(page)
            continue
        yield Job(
            page=page,
            body=body,
            content_type=page.content_type,
            url=page.final_url or page.url,
            fetched=page.fetched,
        )


def _lost(page: Page) -> Page:
    return replace(
        page,
        status=PageStatus.RETRY,
        reason=Reason.POSTPONED,
        detail="it asks for no copy, and what was fetched went with the run: it is fetched again",
        lease=None,
        next_attempt=utc_now(),
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
