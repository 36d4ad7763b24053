"""Fetch a batch of pages and archive their bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable

from wirewatch.archive import Archive
from wirewatch.batches import Batches, file_name, slug
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.pages import fetch_pages
from wirewatch.fetch.retry import outcome
from wirewatch.pipeline.places import archive_of
from wirewatch.records import Batch, HostTime, Location, Page, PageStatus, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

SLOWEST = 10  # hosts that a batch reports: what an operator can look into

Tick = Callable[[int], None]  # told how many more items are done


def fetch(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Fetches a claimed batch; passes on the pages whose bytes are in the archive.

    The others are saved at once as ``retry``, ``rejected`` or ``dead`` with their reason.
    """
    batches = Batches(settings.state)
    claimed = list(batches.read(batch.file, Page))
    archive = archive_of(settings)
    here = [page for page in claimed if _archived(archive, page)]  # an earlier run fetched them
    ids = {page.id for page in here}
    tick(len(here))
    missing = [page for page in claimed if page.id not in ids]
    fetched, failed, hosts = asyncio.run(_fetch(settings, archive, batch, missing, tick))
    with connect(settings, prepare=False) as store:
        store.pages.save([*fetched, *failed], batch.run).raise_refused("pages")
    file = file_name(batch.run, "fetch", batch.partition)
    archived = sorted([*here, *fetched], key=lambda page: page.id)
    passed = batches.write(file, archived)
    return Batch(
        run=batch.run,
        stage="fetch",
        partition=batch.partition,
        file=file,
        taken=len(claimed),
        passed=passed,
        outcomes=dict(Counter(page.reason.value for page in failed if page.reason)),
        hosts=hosts,
    )


def _archived(archive: Archive, page: Page) -> bool:
    return (
        page.status == PageStatus.FETCHED
        and page.location is not None
        and archive.exists(page.location)
    )


async def _fetch(
    settings: Settings, archive: Archive, batch: Batch, pages: list[Page], tick: Tick
) -> tuple[list[Page], list[Page], tuple[HostTime, ...]]:
    fetched: list[Page] = []
    failed: list[Page] = []
    seconds: defaultdict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    name = f"{utc_now():%Y/%m/%d}/{slug(batch.run)}-{batch.partition:04d}.warc.gz"
    async with Client(settings) as client:
        with archive.writer(name) as writer:
            async for page, answer in fetch_pages(client, pages, settings):
                seconds[page.host] += answer.elapsed
                counts[page.host] += 1
                if isinstance(answer, Failure):
                    failed.append(outcome(page, answer, utc_now(), settings))
                else:
                    fetched.append(fetched_page(page, answer, writer.write(answer)))
                tick(1)
    slowest = tuple(
        HostTime(host=host, pages=counts[host], seconds=round(spent, 3))
        for host, spent in sorted(seconds.items(), key=lambda item: -item[1])[:SLOWEST]
    )
    return fetched, failed, slowest


def body_hash(answer: Response) -> str:
    """SHA-256 of the body in hex: what tells whether a page was sent with other bytes."""
    return hashlib.sha256(answer.body).hexdigest()


def fetched_page(page: Page, answer: Response, location: Location) -> Page:
    """The page as it stands once its bytes are in the archive."""
    return replace(
        page,
        status=PageStatus.FETCHED,
        attempts=page.attempts + 1,
        next_attempt=None,
        fetched=answer.when,
        http_status=answer.status,
        final_url=answer.final_url,
        content_type=answer.header("Content-Type"),
        body_hash=body_hash(answer),
        etag=answer.header("ETag"),
        last_modified=answer.header("Last-Modified"),
        location=location,
        reason=None,
        detail="",
    )
