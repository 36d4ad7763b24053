"""Fetch a batch of pages, for the first time or again, and archive their bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict

from wirewatch.archive import Archive
from wirewatch.batches import Batches
from wirewatch.fetch import loop, signals
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages, with_pauses
from wirewatch.fetch.retry import outcome
from wirewatch.fetch.robots import AGENT
from wirewatch.pipeline import budget, revisit
from wirewatch.pipeline.batch_records import Asked, Fetched
from wirewatch.pipeline.body_store import BodyStore
from wirewatch.pipeline.canonical import Elsewhere
from wirewatch.pipeline.fetch_progress import FetchProgress
from wirewatch.pipeline.flow import Tick
from wirewatch.pipeline.paths import archive_of
from wirewatch.records import (
    Batch,
    HostTime,
    Location,
    Page,
    PageStatus,
    Reason,
    replace,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

# Seconds between two times at which what came is kept: so much a kill costs at the most. Each time
# that something came makes a file in the archive; with less there would be very many small ones.
KEPT_EVERY = 3.0
SLOWEST = 10  # hosts that a batch reports: what an operator can look into


def fetch(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Fetches a claimed batch; passes on the pages whose bytes it has, and those that are gone.

    The bytes are archived, unless the page asks for no copy: then they are kept for this run alone.
    The other pages are saved as ``retry``, ``rejected`` or ``dead`` with their reason. Both is done
    every few seconds: called again after a kill it asks only for what was not kept. ``tick`` counts
    what is kept.

    An indexed page is asked for what changed, and stays indexed. ``unchanged`` counts 304 answers
    and the same bytes. Gone is what answers 410, or 404 at two looks with a pause
    (``revisit.confirm``) in between; the first of them counts as ``missing``. Every other failure
    counts by its reason, and the story stays as it is.
    """
    batches = Batches(settings.state)
    claimed = list(batches.read(batch.file, Page))
    archive = archive_of(settings)
    progress = FetchProgress(settings, batch)
    here = {one.page.id: one for one in progress.earlier()}
    for page in claimed:  # those that an earlier run fetched
        if page.location is not None and page.fetched is not None and _archived(archive, page):
            got = Fetched(page=page, held=page.location, seen=page.fetched)
            here.setdefault(page.id, Asked(page=page, fetched=got))
    tick(len(here))
    with connect(settings, prepare=False) as store:
        work = _Work(settings, batch, store, progress, tick)
        loop.run(work.fetch([page for page in claimed if page.id not in here]))
    asked = [*here.values(), *work.asked]
    rows = sorted((one.fetched for one in asked if one.fetched), key=lambda row: row.page.id)
    return batches.hand_on(
        batch.run,
        "fetch",
        batch.partition,
        rows,
        taken=len(claimed),
        outcomes=Counter(one.why for one in asked if one.why),
        notes={
            "noarchive": sum(row.page.noarchive for row in rows),
            "gone": sum(row.held is None for row in rows),
        },
        hosts=work.hosts(),
    )


def _archived(archive: Archive, page: Page) -> bool:
    return (
        page.status == PageStatus.FETCHED
        and page.location is not None
        and archive.exists(page.location)
    )


class _Work:
    """One batch's fetching: what came of each page, and how long the hosts took."""

    def __init__(
        self, settings: Settings, batch: Batch, store: Store, progress: FetchProgress, tick: Tick
    ) -> None:
        self._settings = settings
        self._batch = batch
        self._store = store
        self._progress = progress
        self._tick = tick
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._pages: Counter[str] = Counter()
        self._new: list[Asked] = []  # that are not kept yet
        self.asked: list[Asked] = []  # that are kept

    async def fetch(self, pages: list[Page]) -> None:
        """Asks for the pages. What blocks (hashing, gzip, files, the store) is done in a thread."""
        settings, started = self._settings, utc_now()

        def conditional(page: Page) -> bool:
            return _again(page) and revisit.conditional(page, settings, started)

        async with Client(
            settings, budget=budget.for_first(settings), leases=self._store.hosts
        ) as client:
            elsewhere = Elsewhere(client)
            with BodyStore(settings, self._batch) as bodies:
                answers = fetch_pages(client, pages, settings, conditional)
                async for got in with_pauses(answers, KEPT_EVERY):
                    if got is None:
                        await asyncio.to_thread(self._keep, bodies, self._answered(elsewhere))
                        continue
                    page, answer = got
                    self._seconds[page.host] += answer.elapsed
                    self._pages[page.host] += 1
                    asked = await asyncio.to_thread(self._asked, page, answer, bodies)
                    self._new.append(asked)
                    if asked.fetched and isinstance(answer, Response) and not _again(page):
                        elsewhere.ask(page.id, answer)
                await elsewhere.all_answered()
                await asyncio.to_thread(self._keep, bodies, self._answered(elsewhere))

    def _answered(self, elsewhere: Elsewhere) -> list[Asked]:
        """Takes out what can be kept: all of it is known, also what its canonical link leads to."""
        ready = [one for one in self._new if elsewhere.answered(one.page.id)]
        self._new = [one for one in self._new if not elsewhere.answered(one.page.id)]
        return [_known_as(one, elsewhere.believed(one.page.id)) for one in ready]

    def _keep(self, bodies: BodyStore, asked: list[Asked]) -> None:
        """Keeps bytes, then the pages' states, then what came of them: none names what is not."""
        bodies.close()
        if not asked:
            return
        looked_again = {one.page.id for one in asked if one.fetched and one.fetched.before}
        saved = [one.page for one in asked if one.page.id not in looked_again]
        self._store.pages.save(saved, self._batch.run).raise_refused("pages")
        self._progress.keep(asked)
        self.asked += asked
        self._tick(len(asked))

    def _asked(self, page: Page, answer: Response | Failure, bodies: BodyStore) -> Asked:
        settings, now = self._settings, utc_now()
        if _again(page):
            return self._looked_again(page, answer, bodies)
        if isinstance(answer, Failure):
            return Asked(page=outcome(page, answer, now, settings), why=answer.reason.value)
        return _goes_on(kept(page, answer, bodies))

    def _looked_again(self, page: Page, answer: Response | Failure, bodies: BodyStore) -> Asked:
        settings, now = self._settings, utc_now()
        if isinstance(answer, Failure):
            absent = answer.reason == Reason.NOT_FOUND
            if answer.reason == Reason.GONE or (absent and revisit.confirmed(page, settings, now)):
                gone = replace(page, missing_since=page.missing_since or now)
                return _goes_on(Fetched(page=gone, seen=now, before=page))
            if absent:
                after = revisit.missing(page, settings, now, answer.detail)
                return Asked(page=after, why=revisit.MISSING)
            after = revisit.failed(page, answer, settings, now)
            return Asked(page=after, why=answer.reason.value)
        if page.missing_since is None and (
            answer.status == 304 or body_hash(answer) == page.body_hash
        ):
            return Asked(page=revisit.released(page, settings, now), why="unchanged")
        got = kept(page, answer, bodies)
        stays = replace(got.page, status=PageStatus.INDEXED, attempts=page.attempts)
        return _goes_on(replace(got, page=stays, before=page))

    def hosts(self) -> tuple[HostTime, ...]:
        """The slowest hosts."""
        slowest = sorted(self._seconds.items(), key=lambda item: -item[1])[:SLOWEST]
        return tuple(
            HostTime(host=host, pages=self._pages[host], seconds=round(spent, 3))
            for host, spent in slowest
        )


def _goes_on(fetched: Fetched) -> Asked:
    return Asked(page=fetched.page, fetched=fetched)


def _known_as(asked: Asked, canonical: str) -> Asked:
    """The page with the address on another site that was asked and believed."""
    got = asked.fetched
    if got is None or got.before is not None:
        return asked
    return _goes_on(replace(got, page=replace(got.page, canonical=canonical)))


def _again(page: Page) -> bool:
    return page.status == PageStatus.INDEXED


def body_hash(answer: Response) -> str:
    """SHA-256 of the body in hex: what tells whether a page was sent with other bytes."""
    return hashlib.sha256(answer.body).hexdigest()


def kept(page: Page, answer: Response, bodies: BodyStore) -> Fetched:
    """The page as it stands once its bytes are kept, in the archive or for this run alone."""
    said = signals.read(answer, AGENT)
    held = bodies.write(answer, noarchive=said.noarchive)
    return Fetched(page=_fetched_page(page, answer, said, held), held=held, seen=answer.when)


def _fetched_page(page: Page, answer: Response, said: signals.Signals, held: Location) -> Page:
    return replace(
        page,
        status=PageStatus.FETCHED,
        attempts=page.attempts + 1,
        next_attempt=None,
        fetched=answer.when,
        first_fetched=page.first_fetched or page.fetched or answer.when,
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
