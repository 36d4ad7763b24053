"""Fetch a batch of pages, for the first time or again, and archive their bytes."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict

from wirewatch.archive import Archive
from wirewatch.batches import Batches
from wirewatch.fetch import loop, signals
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.fetch.retry import outcome
from wirewatch.fetch.robots import AGENT
from wirewatch.pipeline import budget, revisit
from wirewatch.pipeline.batch_records import Fetched
from wirewatch.pipeline.body_store import BodyStore
from wirewatch.pipeline.canonical import Elsewhere
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
from wirewatch.store import connect

SLOWEST = 10  # hosts that a batch reports: what an operator can look into


def fetch(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Fetches a claimed batch; passes on the pages whose bytes it has, and those that are gone.

    The bytes are archived, unless the page asks for no copy: then they are kept for this run alone.
    The other pages are saved at once: as ``retry``, ``rejected`` or ``dead`` with their reason.

    An indexed page is asked for what changed, and stays indexed. ``unchanged`` counts 304 answers
    and the same bytes. Gone is what answers 410, or 404 at two looks with a pause
    (``revisit.confirm``) in between; the first of them counts as ``missing``. Every other failure
    counts by its reason, and the story stays as it is.
    """
    batches = Batches(settings.state)
    claimed = list(batches.read(batch.file, Page))
    archive = archive_of(settings)
    # An earlier run fetched these.
    here = [
        Fetched(page=page, held=page.location, seen=page.fetched)
        for page in claimed
        if page.location is not None and page.fetched is not None and _archived(archive, page)
    ]
    ids = {row.page.id for row in here}
    tick(len(here))
    work = _Work(settings, batch, tick)
    loop.run(work.fetch([page for page in claimed if page.id not in ids]))
    with connect(settings, prepare=False) as store:
        saved = [*(row.page for row in work.fetched if row.before is None), *work.left]
        store.pages.save(saved, batch.run).raise_refused("pages")
    rows = sorted([*here, *work.fetched], key=lambda row: row.page.id)
    return batches.hand_on(
        batch.run,
        "fetch",
        batch.partition,
        rows,
        taken=len(claimed),
        outcomes=work.outcomes,
        notes={
            "noarchive": sum(row.page.noarchive for row in work.fetched),
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

    def __init__(self, settings: Settings, batch: Batch, tick: Tick) -> None:
        self._settings = settings
        self._batch = batch
        self._tick = tick
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._pages: Counter[str] = Counter()
        self.fetched: list[Fetched] = []
        self.left: list[Page] = []  # that go no further in this run
        self.outcomes: Counter[str] = Counter()  # of these

    async def fetch(self, pages: list[Page]) -> None:
        settings, started = self._settings, utc_now()

        def conditional(page: Page) -> bool:
            return _again(page) and revisit.conditional(page, settings, started)

        async with Client(settings, budget=budget.for_first(settings)) as client:
            elsewhere = Elsewhere(client)
            with BodyStore(settings, self._batch) as bodies:
                async for page, answer in fetch_pages(client, pages, settings, conditional):
                    self._seconds[page.host] += answer.elapsed
                    self._pages[page.host] += 1
                    if _again(page):
                        self._look_again(page, answer, bodies)
                    elif isinstance(answer, Failure):
                        self._leave(answer.reason.value, outcome(page, answer, utc_now(), settings))
                    else:
                        self.fetched.append(kept(page, answer, bodies))
                        elsewhere.ask(page.id, answer)
                    self._tick(1)
            believed = await elsewhere.believed()
        self.fetched = [
            replace(row, page=replace(row.page, canonical=believed.get(row.page.id, "")))
            if row.before is None
            else row
            for row in self.fetched
        ]

    def _leave(self, why: str, page: Page) -> None:
        self.outcomes[why] += 1
        self.left.append(page)

    def _look_again(self, page: Page, answer: Response | Failure, bodies: BodyStore) -> None:
        settings, now = self._settings, utc_now()
        if isinstance(answer, Failure):
            absent = answer.reason == Reason.NOT_FOUND
            if answer.reason == Reason.GONE or (absent and revisit.confirmed(page, settings, now)):
                gone = replace(page, missing_since=page.missing_since or now)
                self.fetched.append(Fetched(page=gone, seen=now, before=page))
            elif absent:
                after = revisit.missing(page, settings, now, answer.detail)
                self._leave(revisit.MISSING, after)
            else:
                after = revisit.failed(page, answer, settings, now)
                self._leave(answer.reason.value, after)
        elif page.missing_since is None and (
            answer.status == 304 or body_hash(answer) == page.body_hash
        ):
            self._leave("unchanged", revisit.released(page, settings, now))
        else:
            got = kept(page, answer, bodies)
            stays = replace(got.page, status=PageStatus.INDEXED, attempts=page.attempts)
            self.fetched.append(replace(got, page=stays, before=page))

    def hosts(self) -> tuple[HostTime, ...]:
        """The slowest hosts."""
        slowest = sorted(self._seconds.items(), key=lambda item: -item[1])[:SLOWEST]
        return tuple(
            HostTime(host=host, pages=self._pages[host], seconds=round(spent, 3))
            for host, spent in slowest
        )


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
