"""Look at young stories' pages again, and keep what changed.

``claim_revisits`` → ``fetch_revisits`` → ``extract_revisits`` → ``revise``, each a batch in and a
batch out, with the lease, the politeness and the archive of a first fetch. A page that leaves the
chain is saved where it leaves: it stays ``indexed``, with the time of its next look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from wirewatch.archive import ArchiveError
from wirewatch.batches import Batches, file_name
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.fetch import loop
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.pipeline import body_store
from wirewatch.pipeline.batch_records import Reread, Revisited
from wirewatch.pipeline.body_store import BodyStore
from wirewatch.pipeline.claim import MANIFEST, by_host
from wirewatch.pipeline.done import Done
from wirewatch.pipeline.fetch import Tick, body_hash, kept
from wirewatch.pipeline.ingest import Begin, run_id
from wirewatch.pipeline.pagination import Source, from_network, joined
from wirewatch.pipeline.revise import revise
from wirewatch.pipeline.run import begin, finish
from wirewatch.records import Batch, Page, PageStatus, Reason, Run, replace, utc_now
from wirewatch.revisions.schedule import next_revisit
from wirewatch.settings import Settings
from wirewatch.store import connect

REVISIT_CHAIN = ("claim", "fetch", "extract", "revise")
MISSING = "missing"  # not found, for the first time: looked for again before it is called vanished
# A page that was not found, and of which later looks tell nothing (the host is down), is looked for
# no longer than this outside its ages.
LOOKED_FOR = timedelta(days=1)
# The host had no time for it in this run: it is due again in the next, not at the next age.
LATER = frozenset({Reason.POSTPONED, Reason.RATE_LIMITED})


def claim_revisits(settings: Settings, run: str) -> list[Batch]:
    """Leases the pages that are to be looked at again, in batches by host.

    Called again it returns the same batches.
    """
    batches = Batches(settings.state)
    manifest = file_name(run, MANIFEST, 0)
    if batches.exists(manifest):
        return list(batches.read(manifest, Batch))
    with connect(settings, prepare=False) as store:
        pages = store.pages.claim_revisits(
            run, utc_now(), lease=settings["run.lease"], limit=settings["revisit.pages"]
        )
    made = []
    for partition, part in sorted(by_host(pages, settings["run.partitions"]).items()):
        file = file_name(run, "claim", partition)
        part.sort(key=lambda page: (page.discovered, page.id))
        count = batches.write(file, part)
        made.append(
            Batch(run=run, stage="claim", partition=partition, file=file, taken=count, passed=count)
        )
    batches.write(manifest, made)
    return made


def fetch_revisits(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Fetches a claimed batch again; passes on the pages with other bytes and those that are gone.

    Gone is what answers 410, or 404 at two looks with a pause (``revisit.confirm``) in between; the
    first of them counts as ``missing``. ``unchanged`` counts 304 answers and the same bytes; every
    other failure counts by its reason, and the story stays as it is.
    """
    batches = Batches(settings.state)
    claimed = list(batches.read(batch.file, Page))
    rows, left, outcomes = loop.run(_fetch(settings, batch, claimed, tick))
    with connect(settings, prepare=False) as store:
        store.pages.save(left, batch.run).raise_refused("pages")
    file = file_name(batch.run, "fetch", batch.partition)
    rows.sort(key=lambda row: row.page.id)
    passed = batches.write(file, rows)
    return Batch(
        run=batch.run,
        stage="fetch",
        partition=batch.partition,
        file=file,
        taken=len(claimed),
        passed=passed,
        outcomes=dict(outcomes),
        notes={"gone": sum(row.gone for row in rows)},
    )


async def _fetch(
    settings: Settings, batch: Batch, pages: list[Page], tick: Tick
) -> tuple[list[Revisited], list[Page], Counter[str]]:
    rows: list[Revisited] = []
    left: list[Page] = []
    outcomes: Counter[str] = Counter()
    started = utc_now()
    ages = settings["revisit.ages"]

    def conditional(page: Page) -> bool:
        # Servers send the same ETag for a changed page: the last look does not believe them. A page
        # that was missing is asked for whole: its story may have been called vanished.
        last = next_revisit(page.discovered, ages, started) is None
        return not last and page.missing_since is None

    async with Client(settings) as client:
        with BodyStore(settings, batch) as keep:
            async for page, answer in fetch_pages(client, pages, settings, None, conditional):
                tick(1)
                now = utc_now()
                if isinstance(answer, Failure) and answer.reason == Reason.GONE:
                    rows.append(_gone(page, now))
                elif isinstance(answer, Failure) and answer.reason == Reason.NOT_FOUND:
                    if confirmed(page, settings, now):
                        rows.append(_gone(page, now))
                    else:
                        outcomes[MISSING] += 1
                        left.append(missing(page, settings, now, answer.detail))
                elif isinstance(answer, Failure):
                    outcomes[answer.reason.value] += 1
                    left.append(_failed(page, answer, settings, now))
                elif page.missing_since is None and (answer.status == 304 or _same(page, answer)):
                    outcomes["unchanged"] += 1
                    left.append(released(page, settings, now))
                else:
                    got = kept(page, answer, keep)
                    stays = replace(got.page, status=PageStatus.INDEXED, attempts=page.attempts)
                    rows.append(Revisited(before=page, page=stays, held=got.held, seen=answer.when))
    return rows, left, outcomes


def _gone(page: Page, now: datetime) -> Revisited:
    after = replace(page, missing_since=page.missing_since or now)
    return Revisited(before=page, page=after, seen=now, gone=True)


def confirmed(page: Page, settings: Settings, now: datetime) -> bool:
    """Whether a page that is not found now was not found long enough ago either."""
    pause = timedelta(seconds=settings["revisit.confirm"])
    return page.missing_since is not None and now - page.missing_since >= pause


def missing(page: Page, settings: Settings, now: datetime, detail: str) -> Page:
    """The page handed back, not found: when it is looked for again.

    One 404 is no end: servers answer so while they are changed over, or for a moment.
    """
    since = page.missing_since or now
    return replace(
        page,
        lease=None,
        missing_since=since,
        revisit_at=since + timedelta(seconds=settings["revisit.confirm"]),
        detail=f"looked at again: {detail}; looked for once more before it counts as vanished",
    )


def _same(page: Page, answer: Response) -> bool:
    return body_hash(answer) == page.body_hash


def _failed(page: Page, failure: Failure, settings: Settings, now: datetime) -> Page:
    after = released(page, settings, now, f"looked at again: {failure.detail}")
    if failure.reason in LATER and not failure.attempted:
        return replace(after, revisit_at=page.revisit_at)
    return after


def released(page: Page, settings: Settings, now: datetime, detail: str = "") -> Page:
    """The page handed back, with the time of its next look."""
    due = next_revisit(page.discovered, settings["revisit.ages"], now)
    if page.missing_since is not None and now - page.missing_since < LOOKED_FOR:
        due = now + timedelta(seconds=settings["revisit.confirm"])
    return replace(page, lease=None, revisit_at=due, detail=detail)


def extract_revisits(
    settings: Settings,
    batch: Batch,
    tick: Tick = lambda _: None,
    further: Source | None = None,
) -> Batch:
    """Extracts what was fetched again; passes on the articles, and the pages that are gone.

    A page that gives no article now counts by the reason, and keeps what it was before; one that
    says in words that there is nothing (``soft_404``) is taken as one that answers 404.
    """
    batches = Batches(settings.state)
    rows = {row.page.id: row for row in batches.read(batch.file, Revisited)}
    read = [Reread(page=row.page, seen=row.seen) for row in rows.values() if row.gone]
    left: list[Page] = []
    outcomes: Counter[str] = Counter()
    now = utc_now()
    lost: list[Page] = []
    for page_id, result in extract_all(_jobs(settings, rows.values(), lost), settings):
        row = rows[page_id]
        tick(1)
        if not isinstance(result, Rejection):
            read.append(Reread(page=row.page, seen=row.seen, article=result))
        elif result.reason == Reason.SOFT_404 and confirmed(row.before, settings, now):
            read.append(Reread(page=row.before, seen=row.seen))
        elif result.reason == Reason.SOFT_404:
            outcomes[MISSING] += 1
            left.append(missing(row.before, settings, now, result.detail))
        else:
            outcomes[result.reason.value] += 1
            left.append(released(row.before, settings, now, f"looked at again: {result.detail}"))
    whole = joined(
        settings,
        [one.article for one in read if one.article],
        lambda identity: next(_jobs(settings, [rows[identity]], [])),
        further
        or from_network(
            settings, batch, frozenset(row.page.id for row in rows.values() if row.page.noarchive)
        ),
    )
    read = [
        replace(
            one, article=whole[one.page.id][0], page=replace(one.page, parts=whole[one.page.id][1])
        )
        if one.page.id in whole
        else one
        for one in read
    ]
    if lost:
        outcomes[Reason.POSTPONED.value] += len(lost)
        left += [replace(page, lease=None) for page in lost]
    with connect(settings, prepare=False) as store:
        store.pages.save(left, batch.run).raise_refused("pages")
    file = file_name(batch.run, "extract", batch.partition)
    read.sort(key=lambda one: one.page.id)
    passed = batches.write(file, read)
    return Batch(
        run=batch.run,
        stage="extract",
        partition=batch.partition,
        file=file,
        taken=len(rows),
        passed=passed,
        outcomes=dict(outcomes),
    )


def _jobs(settings: Settings, rows: Iterable[Revisited], lost: list[Page]) -> Iterator[Job]:
    for row in rows:
        page = row.page
        if row.gone:
            continue
        if row.held is None or page.fetched is None:
            raise ValueError(f"page {page.id} ({page.url}) was passed on without its bytes")
        try:
            body = body_store.read(settings, page, row.held).body
        except ArchiveError:
            if not page.noarchive:
                raise
            lost.append(row.before)  # begun again after the run's end
            continue
        yield Job(
            page=page,
            body=body,
            content_type=page.content_type,
            url=page.final_url or page.url,
            fetched=page.fetched,
        )


def revisit(
    settings: Settings,
    run: str | None = None,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
) -> Run:
    """Looks at all pages that are due again, in this process; returns the account.

    Given the id of a run that was killed, it goes on with that run where it stopped.
    """
    run = begin(settings, run or run_id("revisit"), "revisit")
    done = Done(settings, run)
    claimed = claim_revisits(settings, run)
    begins("fetch", sum(batch.passed for batch in claimed))
    with ThreadPoolExecutor(max_workers=max(1, len(claimed))) as threads:
        # Batches share no host, so that fetching them at once is as polite as one by one.
        again = partial(fetch_revisits, tick=tick)
        fetched = list(threads.map(lambda one: done.batch("fetch", one, again), claimed))
    begins("extract", sum(batch.passed for batch in fetched))
    extracted = [
        done.batch("extract", one, partial(extract_revisits, tick=tick)) for one in fetched
    ]
    begins("revise", sum(batch.passed for batch in extracted))
    revised = [done.batch("revise", one, partial(revise, tick=tick)) for one in extracted]
    return finish(settings, run, [*claimed, *fetched, *extracted, *revised], REVISIT_CHAIN)
