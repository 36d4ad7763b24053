"""Fetch a batch of pages and archive their bytes."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable

from wirewatch.archive import Archive
from wirewatch.batches import Batches, file_name
from wirewatch.fetch import loop, signals
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.fetch.retry import outcome
from wirewatch.fetch.robots import AGENT
from wirewatch.pipeline.batch_records import Fetched
from wirewatch.pipeline.body_store import BodyStore
from wirewatch.pipeline.canonical import Elsewhere
from wirewatch.pipeline.paths import archive_of
from wirewatch.records import Batch, HostTime, Location, Page, PageStatus, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

SLOWEST = 10  # hosts that a batch reports: what an operator can look into

Tick = Callable[[int], None]  # told how many more items are done


def fetch(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Fetches a claimed batch; passes on the pages whose bytes it has.

    The bytes are archived, unless the page asks for no copy: then they are kept for this run alone.
    The other pages are saved at once as ``retry``, ``rejected`` or ``dead`` with their reason.
    """
    batches = Batches(settings.state)
    claimed = list(batches.read(batch.file, Page))
    archive = archive_of(settings)
    # An earlier run fetched these.
    here = [
        Fetched(page=page, held=page.location)
        for page in claimed
        if page.location is not None and _archived(archive, page)
    ]
    ids = {row.page.id for row in here}
    tick(len(here))
    missing = [page for page in claimed if page.id not in ids]
    fetched, failed, hosts = loop.run(_fetch(settings, batch, missing, tick))
    with connect(settings, prepare=False) as store:
        saved = [*(row.page for row in fetched), *failed]
        store.pages.save(saved, batch.run).raise_refused("pages")
    file = file_name(batch.run, "fetch", batch.partition)
    held = sorted([*here, *fetched], key=_page_id)
    passed = batches.write(file, held)
    unkept = sum(row.page.noarchive for row in fetched)
    return Batch(
        run=batch.run,
        stage="fetch",
        partition=batch.partition,
        file=file,
        taken=len(claimed),
        passed=passed,
        outcomes=dict(Counter(page.reason.value for page in failed if page.reason)),
        notes={"noarchive": unkept} if unkept else {},
        hosts=hosts,
    )


def _page_id(row: Fetched) -> str:
    return row.page.id


def _archived(archive: Archive, page: Page) -> bool:
    return (
        page.status == PageStatus.FETCHED
        and page.location is not None
        and archive.exists(page.location)
    )


async def _fetch(
    settings: Settings, batch: Batch, pages: list[Page], tick: Tick
) -> tuple[list[Fetched], list[Page], tuple[HostTime, ...]]:
    fetched: list[Fetched] = []
    failed: list[Page] = []
    seconds: defaultdict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    async with Client(settings) as client:
        elsewhere = Elsewhere(client)
        with BodyStore(settings, batch) as keeper:
            async for page, answer in fetch_pages(client, pages, settings):
                seconds[page.host] += answer.elapsed
                counts[page.host] += 1
                if isinstance(answer, Failure):
                    failed.append(outcome(page, answer, utc_now(), settings))
                else:
                    fetched.append(kept(page, answer, keeper))
                    elsewhere.ask(page.id, answer)
                tick(1)
        believed = await elsewhere.believed()
    fetched = [
        replace(row, page=replace(row.page, canonical=believed.get(row.page.id, "")))
        for row in fetched
    ]
    slowest = tuple(
        HostTime(host=host, pages=counts[host], seconds=round(spent, 3))
        for host, spent in sorted(seconds.items(), key=lambda item: -item[1])[:SLOWEST]
    )
    return fetched, failed, slowest


def body_hash(answer: Response) -> str:
    """SHA-256 of the body in hex: what tells whether a page was sent with other bytes."""
    return hashlib.sha256(answer.body).hexdigest()


def kept(page: Page, answer: Response, keeper: BodyStore) -> Fetched:
    """The page as it stands once its bytes are kept, in the archive or for this run alone."""
    said = signals.read(answer, AGENT)
    held = keeper.write(answer, noarchive=said.noarchive)
    return Fetched(page=_fetched_page(page, answer, said, held), held=held)


def _fetched_page(page: Page, answer: Response, said: signals.Signals, held: Location) -> Page:
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
        location=None if said.noarchive else held,
        parts=(),  # those of the bytes before; extraction looks for them anew
        noarchive=said.noarchive,
        opt_outs=said.opt_outs,
        missing_since=None,
        reason=None,
        detail="",
    )
