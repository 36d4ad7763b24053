"""An installation that has run for long: old and new of everything that grows."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from tests import makers
from wirewatch.batches import Batches, file_name
from wirewatch.records import (
    Delivery,
    DeliveryState,
    Entry,
    Host,
    Lease,
    Page,
    PageStatus,
    Revision,
    RevisionKind,
    Run,
    Story,
    stable_id,
    to_dict,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.bulk import write

NOW = utc_now()
OLD, NEW = NOW - timedelta(days=1_000), NOW - timedelta(hours=3)


def put(store: Store, noun: str, *records: object) -> None:
    """Writes records as they are."""
    actions = (
        {"_op_type": "index", "_index": f"{store.prefix}-{noun}", "_id": one.id,
         "_source": to_dict(one)}
        for one in records
    )  # fmt: skip
    write(store.es, actions, refresh=True).raise_refused(noun)


def ids(store: Store, noun: str) -> set[str]:
    """The ids of a noun's documents."""
    store.refresh()
    found = store.es.search(index=f"{store.prefix}-{noun}", size=1_000, source=False)
    return {hit["_id"] for hit in found["hits"]["hits"]}


def page(
    name: str, found: datetime, status: PageStatus = PageStatus.INDEXED, **more: object
) -> Page:
    """A page that a feed with a full text named."""
    entry = Entry(feed_id="f", guid=name, title="A title", content="<p>The whole text</p>")
    return makers.page(
        name, discovered=found, status=status, entry=entry, **{"feed_id": "f", **more}
    )


def run(name: str, began: datetime, **more: object) -> Run:
    """A run that ended."""
    given = {"kind": "ingest", "state": "done", "finished": began}
    return Run(id=name, started=began, **{**given, **more})


def batch(settings: Settings, name: str, written: datetime) -> Path:
    """The folder of a run's batch files, last written at a moment."""
    for stage in ("claim", "fetch"):
        file = file_name(name, stage, 0)
        Batches(settings.state).write(file, [makers.page("p")])
        path = Path(settings.state) / file
        os.utime(path, (written.timestamp(), written.timestamp()))
    return path.parent


def archived(root: Path, day: datetime, name: str, size: int = 1_000) -> Path:
    """A file of the archive with its index."""
    folder = root / f"{day:%Y/%m/%d}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.index.jsonl").write_bytes(b"i")
    (folder / f"{name}.warc.gz").write_bytes(b"w" * size)
    return folder / f"{name}.warc.gz"


def revision(story: Story, number: int, seen: datetime) -> Revision:
    """A later version of a story."""
    return Revision(
        id=stable_id("revision", story.id, str(number)),
        story_id=story.id,
        cluster_id=story.cluster_id,
        number=number,
        kind=RevisionKind.CHANGED,
        seen=seen,
    )


def fill(store: Store, settings: Settings) -> None:
    """Of each kind one that may go, named ``old…``, and others that must stay."""
    newest = [page(f"new-{n}", NEW - timedelta(minutes=n)) for n in range(3)]
    lease = Lease(run="at-work", until=NOW + timedelta(hours=1))
    put(
        store,
        "pages",
        page("old", OLD),
        page("old-dead", OLD, PageStatus.DEAD),
        page("unfinished", OLD, PageStatus.RETRY),
        page("held", OLD, lease=lease),
        page("of-a-small-feed", OLD, feed_id="small"),
        *newest,
    )
    put(
        store,
        "runs",
        run("old-run", OLD),
        run("old-failed", OLD, state="failed"),
        run("at-work", OLD, state="running", finished=None),
        run("young", NEW),
    )
    for name in ("old-run", "at-work", "unknown"):
        batch(settings, name, OLD)
    batch(settings, "young", NEW)
    one = makers.story("s")
    alerts = {"old-alert": OLD, "starred": OLD, "untold": OLD, "new-alert": NEW}
    put(
        store,
        "alerts",
        *(
            makers.alert(one, "s", id=name, created=when, starred=name == "starred")
            for name, when in alerts.items()
        ),
    )
    messages = {"old-sent": DeliveryState.SENT, "untold": DeliveryState.PENDING}
    put(
        store,
        "deliveries",
        *(
            Delivery(
                id=name,
                search_id="s",
                channel="log",
                alerts=(name,),
                state=state,
                created=OLD,
                next_try=OLD,
            )
            for name, state in messages.items()
        ),
    )
    put(store, "hosts", Host(id="old-host", next_at=OLD), Host(id="new-host", next_at=NEW),
        Host(id="asked", next_at=OLD, holder="x", until=NOW))  # fmt: skip
    put(store, "revisions", revision(one, 1, OLD))
