"""What a run archived, put through the stages again: how ``rebuild`` makes stories anew.

A run is replayed in two flows: its pages that had a story by then, and those that were seen for the
first time. In this order, since the second gives the others their stories.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from wirewatch.archive import ArchiveError, Indexed
from wirewatch.archive.records import FILE, INDEX
from wirewatch.batches import Batches
from wirewatch.fetch import urls
from wirewatch.pipeline.batch_records import Fetched
from wirewatch.pipeline.body_store import partition_of
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.flow import INGEST, REVISIT, Flow, Shape, Stage
from wirewatch.pipeline.pagination import from_archive
from wirewatch.pipeline.paths import archive_of
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import (
    Batch,
    Feed,
    Lease,
    Page,
    PageStatus,
    Reason,
    replace,
    stable_id,
    to_dict,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.bulk import write

log = logging.getLogger("wirewatch.rebuild")

HELD = timedelta(days=36_500)  # a page's lease while it is replayed: nobody else asks there

_RESTORE = Stage(
    name="restore",
    call="wirewatch.pipeline.replay:restore",
    shape=Shape.START,
    minutes=60,
    params={name: name for name in ("files", "served", "feeds", "again")},
    does="finds what the run archived",
    fails="its message names the file",
)
_EXTRACT = dataclasses.replace(
    INGEST.stage("extract"), call="wirewatch.pipeline.replay:extract_archived"
)
REPLAY = Flow(
    kind="rebuild",
    stages=(_RESTORE, _EXTRACT, *map(INGEST.stage, ("deduplicate", "tag", "index"))),
)
REPLAY_AGAIN = Flow(kind="rebuild", stages=(_RESTORE, _EXTRACT, REVISIT.stage("revise")))


class RebuildRefused(RuntimeError):
    """Nothing was put behind the aliases; the message says why and what to do."""


def replay(
    served: Store, settings: Settings, run: str, files: Sequence[str], feeds: dict[str, Feed]
) -> None:
    """Puts what a run archived in these files into the indices that ``settings`` name.

    ``served`` are the indices in use, which know what feeds said of pages. Killed, it goes on.
    """
    params = {"files": files, "served": served, "feeds": feeds}
    run_flow(REPLAY_AGAIN, settings, f"{run}__again", {**params, "again": True})
    run_flow(REPLAY, settings, run, {**params, "again": False})


def refuse(problem: str) -> None:
    """What is done about an archive's index that cannot be read: raises RebuildRefused."""
    raise RebuildRefused(problem)


def feeds_by_host(store: Store) -> dict[str, Feed]:
    """Whose a page is, for pages of which no index tells."""
    found: dict[str, Feed] = {}
    for feed in store.feeds.all():
        for address in (feed.site, feed.url):
            host = (urlsplit(address).hostname or "").removeprefix("www.")
            if host:
                found.setdefault(host, feed)
    return found


def extract_archived(settings: Settings, batch: Batch, tick: object) -> Batch:  # noqa: ARG001
    """Extraction that asks no server: further pages of an article come from the archive."""
    fetched = {row.page.id: row.seen for row in Batches(settings.state).read(batch.file, Fetched)}
    return extract(settings, batch, further=from_archive(archive_of(settings), fetched))


def restore(
    settings: Settings,
    run: str,
    files: Sequence[str],
    served: Store,
    feeds: dict[str, Feed],
    again: bool,
) -> list[Batch]:
    """What a run fetched, in its batches: pages seen for the first time, or again.

    A page that is damaged in its file is left to be fetched again.
    """
    batches = Batches(settings.state)
    made = []
    with connect(settings, prepare=False) as store:
        for partition, names in enumerate(_by_partition(files)):
            rows = [
                row
                for name in names
                for row in _fetched(settings, run, name, store, served, feeds)
                if (row.before is not None) == again
            ]
            _put(store, [row.page for row in rows])
            rows = [row for row in rows if row.held is not None]
            made.append(batches.hand_on(run, "restore", partition, rows))
        store.refresh()
    return made


def _by_partition(files: Sequence[str]) -> list[list[str]]:
    """The files of each batch: what is read together knows all pages of a host."""
    found: dict[str, list[str]] = {}
    for name in files:
        found.setdefault(partition_of(name), []).append(name)
    return list(found.values())


def _fetched(
    settings: Settings, run: str, name: str, store: Store, served: Store, feeds: dict[str, Feed]
) -> Iterable[Fetched]:
    archive = archive_of(settings)
    rows: dict[str, Indexed] = {}
    for row in archive.index(name.removesuffix(FILE) + INDEX, refuse):
        if 200 <= row.status < 300:
            rows[stable_id("page", urls.normalise(row.requested_url))] = row
    known = store.pages.get(list(rows))
    old = served.pages.get(list(rows))
    for identity, row in sorted(rows.items()):
        before = known.get(identity)
        page = before or old.get(identity) or _unknown(identity, row, feeds)
        page = replace(
            page,
            status=PageStatus.FETCHED,
            parts=(),
            lease=Lease(run=run, until=utc_now() + HELD),
            run=run,
            fetched=row.when,
            http_status=row.status,
            final_url=row.url,
            location=row.location,
            reason=None,
            detail="",
            story_id="",
        )
        try:
            archived = archive.read(row.location)
        except ArchiveError as error:
            log.warning("%s: %s", row.requested_url, error)
            if before is None:
                yield Fetched(page=_lost(page, str(error)), held=None, seen=row.when)
            continue
        page = replace(
            page,
            content_type=archived.header("Content-Type"),
            etag=archived.header("ETag"),
            last_modified=archived.header("Last-Modified"),
        )
        if before is not None and before.status == PageStatus.INDEXED:
            page = replace(page, status=PageStatus.INDEXED, story_id=before.story_id)
        else:
            before = None
        yield Fetched(page=page, held=row.location, seen=row.when, before=before)


def _lost(page: Page, why: str) -> Page:
    """A page whose bytes are damaged, due at once."""
    return replace(
        page,
        status=PageStatus.RETRY,
        reason=Reason.POSTPONED,
        detail=f"{why}: it is fetched again",
        location=None,
        fetched=None,
        lease=None,
        next_attempt=utc_now(),
    )


def _unknown(identity: str, row: Indexed, feeds: dict[str, Feed]) -> Page:
    """A page of which no index tells."""
    url = urls.normalise(row.requested_url)
    host = urlsplit(url).hostname or ""
    feed = feeds.get(host.removeprefix("www."))
    return Page(
        id=identity,
        url=url,
        host=host,
        discovered=row.when,
        feed_id=feed.id if feed else "",
        outlet=feed.outlet if feed else "",
        country=feed.country if feed else "",
    )


def _put(store: Store, pages: Iterable[Page]) -> None:
    """Writes pages as they are, held by their run."""
    actions = (
        {
            "_op_type": "index",
            "_index": f"{store.prefix}-pages",
            "_id": page.id,
            "_source": to_dict(page),
        }
        for page in pages
    )
    write(store.es, actions).raise_refused("pages")
