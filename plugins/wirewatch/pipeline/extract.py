"""Read articles out of a batch of fetched pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from wirewatch.archive import ArchiveError
from wirewatch.batches import Batches
from wirewatch.extract.hosts import drop_repeated
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.pipeline import body_store, revisit
from wirewatch.pipeline.batch_records import Extracted, Fetched
from wirewatch.pipeline.canonical import known_as
from wirewatch.pipeline.flow import Tick
from wirewatch.pipeline.pagination import Source, from_network, joined
from wirewatch.records import Article, Batch, Page, PageStatus, Part, Reason, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect


def extract(
    settings: Settings,
    batch: Batch,
    tick: Tick = lambda _: None,
    further: Source | None = None,
) -> Batch:
    """Extracts a fetched batch; passes on the pages that hold an article, and those that are gone.

    An article that goes on on further pages is joined: they are fetched, or come from ``further``.
    The other pages are saved at once: as ``rejected``, or ``dead`` where extraction itself died of
    them. An indexed page that gives no article now keeps what it was before; one that says in words
    that there is nothing (``soft_404``) is taken as one that answers 404.
    """
    batches = Batches(settings.state)
    rows = {row.page.id: row for row in batches.read(batch.file, Fetched)}
    left = _Left(settings)
    extracted = [
        Extracted(page=row.page, seen=row.seen) for row in rows.values() if row.held is None
    ]
    articles: dict[str, Article] = {}
    lost: list[tuple[Fetched, str]] = []
    for page_id, result in extract_all(_jobs(settings, rows.values(), lost), settings):
        row = rows[page_id]
        if not isinstance(result, Rejection):
            articles[page_id] = result
        elif found_gone := left.reject(row, result):
            extracted.append(found_gone)
        tick(1)
    for row, why in lost:
        left.lose(row, why)
    unarchived = frozenset(row.page.id for row in rows.values() if row.page.noarchive)
    whole = joined(
        settings,
        articles.values(),
        lambda identity: next(_jobs(settings, [rows[identity]], [])),
        further or from_network(settings, batch, unarchived),
    )
    with connect(settings, prepare=False) as store:
        store.pages.save(left.pages, batch.run).raise_refused("pages")
    extracted += _read(rows, articles, whole)
    extracted.sort(key=lambda row: row.page.id)
    return batches.hand_on(
        batch.run,
        "extract",
        batch.partition,
        extracted,
        taken=len(rows),
        outcomes=left.outcomes,
        notes={"joined": len(whole)},
    )


def _read(
    rows: dict[str, Fetched],
    articles: dict[str, Article],
    whole: dict[str, tuple[Article, tuple[Part, ...]]],
) -> Iterator[Extracted]:
    """The pages with their articles, joined where they go on on further pages."""
    pages = {identity: rows[identity].page for identity in articles}
    for identity, (longer, parts) in whole.items():
        articles[identity] = longer
        pages[identity] = replace(pages[identity], parts=parts)
    # A story's text's furniture was settled when its page was first read.
    first = sorted(
        (
            known_as(article, pages[identity])
            for identity, article in articles.items()
            if rows[identity].before is None
        ),
        key=lambda article: article.page_id,
    )
    # Lines that stand on several pages of a host are its furniture; a host is in one batch.
    articles.update({one.page_id: one for one in drop_repeated(first)})
    for identity, article in articles.items():
        yield Extracted(page=pages[identity], article=article, seen=rows[identity].seen)


def _jobs(
    settings: Settings, rows: Iterable[Fetched], lost: list[tuple[Fetched, str]]
) -> Iterator[Job]:
    """The pages with their bytes, read one by one: a batch's bodies need not fit in memory.

    Those that cannot be read are ``lost``, with the reason: damaged in the archive, or of a page
    that asks for no copy, whose bytes went when the run ended.
    """
    for row in rows:
        page = row.page
        if row.held is None:
            continue
        if page.fetched is None:
            raise ValueError(f"page {page.id} ({page.url}) was passed on without its bytes")
        try:
            body = body_store.read(settings, page, row.held).body
        except ArchiveError as error:
            gone = "it asks for no copy, and what was fetched went with the run"
            lost.append((row, gone if page.noarchive else str(error)))
            continue
        yield Job(
            page=page,
            body=body,
            content_type=page.content_type,
            url=page.final_url or page.url,
            fetched=page.fetched,
        )


class _Left:
    """The pages of a batch that go no further, and why."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._now = utc_now()
        self.pages: list[Page] = []
        self.outcomes: Counter[str] = Counter()

    def reject(self, row: Fetched, rejection: Rejection) -> Extracted | None:
        """Notes a page that holds no article; the page where that tells that it is gone."""
        settings, now, before = self._settings, self._now, row.before
        if before is None:
            self._add(rejection.reason.value, _refused(row.page, rejection))
        elif rejection.reason != Reason.SOFT_404:
            after = revisit.released(before, settings, now, f"looked at again: {rejection.detail}")
            self._add(rejection.reason.value, after)
        elif revisit.confirmed(before, settings, now):
            return Extracted(page=before, seen=row.seen)
        else:
            self._add(revisit.MISSING, revisit.missing(before, settings, now, rejection.detail))
        return None

    def lose(self, row: Fetched, why: str) -> None:
        """Notes a page whose bytes cannot be read: it is fetched again."""
        self._add(
            Reason.POSTPONED.value,
            replace(row.before, lease=None)
            if row.before
            else replace(
                row.page,
                status=PageStatus.RETRY,
                reason=Reason.POSTPONED,
                detail=f"{why}: it is fetched again",
                location=None,
                lease=None,
                next_attempt=self._now,
            ),
        )

    def _add(self, why: str, page: Page) -> None:
        self.outcomes[why] += 1
        self.pages.append(page)


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
