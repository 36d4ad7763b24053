"""Makes pages, stories, clusters and revisions anew from the WARC archive and ``config/``.

The archive's files are replayed in the order they were written, those of one run together, by the
pipeline's own stages, into indices and a fingerprint index of their own; so every id is what it
was: a story's is its address, a cluster's its first story, an alert's its search and cluster. The
indices are then put behind the aliases in one step. Alerts are noted as known and never sent.

What no archive knows stays as the old index has it, where that is still there: pages without
bytes, and what feeds said of pages. What is lost with an index: that a page vanished, and by
whom clusters were changed by hand; that is refused unless it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import fsspec

from wirewatch.alerts.match import match
from wirewatch.alerts.searches import load as load_searches
from wirewatch.archive import Indexed
from wirewatch.archive.records import FILE, INDEX
from wirewatch.batches import Batches, file_name
from wirewatch.feeds import opml
from wirewatch.fetch import urls
from wirewatch.pipeline.batch_records import Fetched, Revisited
from wirewatch.pipeline.body_store import FURTHER
from wirewatch.pipeline.by_hand import rebuild_fingerprints
from wirewatch.pipeline.deduplicate import deduplicate
from wirewatch.pipeline.done import Done
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.index import index
from wirewatch.pipeline.pagination import from_archive
from wirewatch.pipeline.paths import archive_of, archive_root
from wirewatch.pipeline.revise import revise
from wirewatch.pipeline.revisit import extract_revisits
from wirewatch.pipeline.run import finish
from wirewatch.pipeline.tag import tag
from wirewatch.records import (
    Batch,
    Feed,
    Lease,
    Page,
    PageStatus,
    Record,
    Run,
    replace,
    stable_id,
    to_dict,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Store, connect
from wirewatch.store.bulk import write
from wirewatch.store.exchange import Exchanged, clean, exchange, lost_ids

REPLAYED = ("extract", "deduplicate", "tag", "index")
HELD = timedelta(days=36_500)  # a page's lease while it is replayed: nobody else asks there
NAMED = 5  # of what is missing


class RebuildRefused(RuntimeError):
    """Nothing was put behind the aliases; the message says why and what to do."""


class Rebuilt(Record, frozen=True, kw_only=True):
    """What was made."""

    files: int  # of the archive
    pages: int
    stories: int
    clusters: int
    revisions: int
    lost: int = 0  # stories of the old index that the archive has not
    alerts_known: int = 0  # noted now; what was known before is not counted
    held: float = 0.0  # seconds that writers were held


Tell = Callable[[str, int, int], None]  # what is done, how many files of how many


def rebuild(
    settings: Settings,
    *,
    lose: bool = False,
    drop_decisions: bool = False,
    patience: float = 420.0,
    tell: Tell = lambda _what, _done, _all: None,
) -> Rebuilt:
    """Replays the archive and puts what comes of it behind the aliases; killed, it goes on.

    ``lose`` lets stories go that are in the index but not in the archive, ``drop_decisions`` the
    clusters that a person split or merged. Not to be done while a run is under way: pause the
    DAGs. Raises RebuildRefused, and what the stages raise.
    """
    shadow = _shadow(settings)
    with connect(settings) as store:
        _configured(store, settings)
        _refuse_runs(store, settings)
        if not drop_decisions:
            _refuse_decisions(store)
        with _Opened(shadow) as there:
            files = _replay_all(store, there, shadow, tell)
            lost = list(lost_ids(store, there))
            if lost and not lose:
                raise RebuildRefused(
                    f"{len(lost)} stories are in the index but not in the archive "
                    f"({', '.join(lost[:NAMED])}): they would be gone; --lose lets them go"
                )
            _refuse_runs(store, settings)
            known = _note_alerts(store, there, shadow)

            def still() -> None:
                """The last look, with the writers held."""
                if set(_files(settings)) - set(files):
                    raise RebuildRefused("pages were archived meanwhile: begin again, it goes on")

            done = exchange(store, there, still, patience)
        rebuild_fingerprints(store, settings, utc_now())
    _forget(shadow)
    return _told(done, len(files), len(lost), known)


def _told(done: Exchanged, files: int, lost: int, alerts: int) -> Rebuilt:
    return Rebuilt(
        files=files,
        lost=lost,
        alerts_known=alerts,
        held=done.held,
        **{noun: done.documents.get(noun, 0) for noun in
           ("pages", "stories", "clusters", "revisions")},
    )  # fmt: skip


def _shadow(settings: Settings) -> Settings:
    """Where the replay keeps its indices, batches and fingerprints; the archive is the real one."""
    return settings.with_options(
        elasticsearch__prefix=f"{settings['elasticsearch.prefix']}-rebuild",
        state=f"{settings.state}/rebuild",
        archive__root=archive_root(settings),
    )


class _Opened:
    """The replay's store; what a killed replay of another version left there is thrown away."""

    def __init__(self, shadow: Settings) -> None:
        self._shadow = shadow

    def __enter__(self) -> Store:
        self._connection = connect(self._shadow, prepare=False)
        store = self._connection.__enter__()
        try:
            store.prepare()
        except MappingDiffers:
            _forget(self._shadow)
            store.prepare()
        return store

    def __exit__(self, *trouble: object) -> None:
        self._connection.__exit__(*trouble)  # type: ignore[arg-type]


def _forget(shadow: Settings) -> None:
    with connect(shadow, prepare=False) as store:
        clean(store)
    files, root = fsspec.core.url_to_fs(shadow.state)
    if files.exists(root):
        files.rm(root, recursive=True)


def _configured(store: Store, settings: Settings) -> None:
    """Feeds and saved searches out of ``config/``, where the index has none of them."""
    if not sum(store.feeds.count().values()):
        file = settings.config_dir / "feeds.opml"
        store.feeds.add(opml.read_file(file) if file.exists() else ()).raise_refused("feeds")
    searches = load_searches(settings.config_dir / "searches")
    store.searches.sync(searches).raise_refused("saved searches")


def _refuse_runs(store: Store, settings: Settings) -> None:
    since = utc_now() - timedelta(seconds=settings["run.lease"])
    under_way = [r.id for r in store.runs.latest(50) if r.state == "running" and r.started > since]
    if under_way:
        raise RebuildRefused(
            f"{', '.join(under_way[:NAMED])} is under way: pause the DAGs and let it end; one "
            f"that was killed counts for {settings['run.lease']:g} seconds (run.lease)"
        )
    if waiting := store.runs.alerts_pending():
        raise RebuildRefused(
            f"the alerts of {len(waiting)} runs were not raised yet, and would never be: "
            "run 'wirewatch alert' first"
        )


def _refuse_decisions(store: Store) -> None:
    decided = {"bool": {"should": [{"exists": {"field": f}} for f in ("pinned", "apart")]}}
    count = store.es.count(index=f"{store.prefix}-clusters", query=decided)["count"]
    if count:
        raise RebuildRefused(
            f"{count} clusters were split or merged by hand, which no archive knows: "
            "--drop-decisions makes them as they would be without that"
        )


def _files(settings: Settings) -> list[str]:
    """The archive's files that are whole."""
    names = archive_of(settings).names()
    return [name for name in names if name.endswith(FILE) and FURTHER not in name]


def _runs_of(settings: Settings, files: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The files by the run that wrote them, in the order in which runs fetched."""
    archive = archive_of(settings)
    there = set(archive.names())
    groups: defaultdict[str, list[str]] = defaultdict(list)
    first: dict[str, str] = {}
    for name in files:
        run = name.removesuffix(FILE).rpartition("-")[0].rpartition("/")[2]
        index_name = name.removesuffix(FILE) + INDEX
        if index_name not in there:
            raise RebuildRefused(f"{name} has no index: run 'wirewatch archive index --rebuild'")
        rows = archive.index(index_name, _refuse)
        if rows:
            groups[run].append(name)
            moment = min(row.when for row in rows).isoformat()
            first[run] = min(first.get(run, moment), moment)
    return sorted(groups.items(), key=lambda group: (first[group[0]], group[0]))


def _refuse(problem: str) -> None:
    raise RebuildRefused(problem)


def _replay_all(store: Store, there: Store, shadow: Settings, tell: Tell) -> list[str]:
    """Replays every file, also those that come meanwhile; returns their names."""
    done: list[str] = []
    feeds = _feeds_by_host(store)
    while new := sorted(set(_files(shadow)) - set(done)):
        for run, files in _runs_of(shadow, new):
            tell("replayed", len(done), len(done) + len(new))
            _Replay(store, there, shadow, f"rebuild__{run}", feeds).files(sorted(files))
        done += new
    tell("replayed", len(done), len(done))
    return done


def _feeds_by_host(store: Store) -> dict[str, Feed]:
    """Whose a page is, for pages of which no index tells."""
    found: dict[str, Feed] = {}
    for feed in store.feeds.all():
        for address in (feed.site, feed.url):
            host = (urlsplit(address).hostname or "").removeprefix("www.")
            if host:
                found.setdefault(host, feed)
    return found


class _Replay:
    """One run, from the bytes that it archived to what it indexed."""

    def __init__(
        self, store: Store, there: Store, shadow: Settings, run: str, feeds: dict[str, Feed]
    ) -> None:
        self._store, self._there, self._shadow, self._run = store, there, shadow, run
        self._feeds = feeds
        self._batches = Batches(shadow.state)
        self._done = Done(shadow, run)

    def files(self, names: list[str]) -> None:
        self._there.runs.begin(Run(id=self._run, kind="rebuild", started=utc_now()))
        fetched, again = [], []
        for part, name in enumerate(names):
            fetched += self._done.once("fetch", lambda n=name, p=part: self._begin(n, p), part)  # type: ignore[misc]
        first = [batch for batch in fetched if batch.stage == "fetch"]
        further = from_archive(archive_of(self._shadow))
        read = partial(extract, further=further)
        extracted = [self._done.batch("extract", batch, read) for batch in first]
        placed = self._done.once("deduplicate", lambda: deduplicate(self._shadow, extracted))
        tagged = [self._done.batch("tag", batch, tag) for batch in placed]
        indexed = [self._done.batch("index", batch, index) for batch in tagged]
        finish(self._shadow, self._run, [*extracted, *placed, *tagged, *indexed], REPLAYED)
        again = [batch for batch in fetched if batch.stage == "revisit"]
        for batch in again:
            reread = self._done.batch("reread", batch, partial(extract_revisits, further=further))
            self._done.batch("revise", reread, revise)

    def _begin(self, name: str, part: int) -> list[Batch]:
        """What the run fetched into a file: pages seen for the first time, and seen again."""
        rows: dict[str, Indexed] = {}
        index_name = name.removesuffix(FILE) + INDEX
        for row in archive_of(self._shadow).index(index_name, _refuse):
            if 200 <= row.status < 300:
                rows[stable_id("page", urls.normalise(row.requested_url))] = row
        known = self._there.pages.get(list(rows))
        old = self._store.pages.get(list(rows))
        first: list[Fetched] = []
        again: list[Revisited] = []
        for identity, row in sorted(rows.items()):
            before = known.get(identity)
            page = self._page(identity, row, before or old.get(identity))
            if before is not None and before.status == PageStatus.INDEXED:
                seen = replace(page, status=PageStatus.INDEXED, story_id=before.story_id)
                again.append(Revisited(before=before, page=seen, held=row.location, seen=row.when))
            else:
                first.append(Fetched(page=page, held=row.location))
        held = [*(row.page for row in first), *(row.page for row in again)]
        _put(self._there, held)
        self._there.refresh()
        made = []
        for stage, records in (("fetch", first), ("revisit", again)):
            file = file_name(self._run, stage, part)
            count = self._batches.write(file, records)
            made.append(
                Batch(
                    run=self._run, stage=stage, partition=part, file=file, taken=count, passed=count
                )
            )
        return made

    def _page(self, identity: str, row: Indexed, known: Page | None) -> Page:
        """The page as it stood when the run had fetched it."""
        archived = archive_of(self._shadow).read(row.location)
        url = urls.normalise(row.requested_url)
        host = urlsplit(url).hostname or ""
        feed = self._feeds.get(host.removeprefix("www."))
        page = known or Page(
            id=identity,
            url=url,
            host=host,
            discovered=row.when,
            feed_id=feed.id if feed else "",
            outlet=feed.outlet if feed else "",
            country=feed.country if feed else "",
        )
        return replace(
            page,
            status=PageStatus.FETCHED,
            parts=(),
            lease=Lease(run=self._run, until=utc_now() + HELD),
            run=self._run,
            fetched=row.when,
            http_status=row.status,
            final_url=row.url,
            content_type=archived.header("Content-Type"),
            etag=archived.header("ETag"),
            last_modified=archived.header("Last-Modified"),
            location=row.location,
            reason=None,
            detail="",
            story_id="",
        )


def _put(store: Store, pages: Iterable[Page]) -> None:
    """Writes pages as they are, held by their run."""
    actions = (
        {
            "_op_type": "index",
            "_index": f"{store.prefix}-pages",
            "_id": page.id,
            "_source": {**to_dict(page), "status": page.status.value},
        }
        for page in pages
    )
    write(store.es, actions).raise_refused("pages")


def _note_alerts(store: Store, there: Store, shadow: Settings) -> int:
    """Alerts for what the stories match, as if they had been sent: who saw them needs no second.

    Returns how many no index knew of.
    """
    runs = [run.id for run in there.runs.latest(10_000)]
    if not runs:
        return 0
    now = utc_now()
    alerts, _ = match(
        there,
        list(store.searches.all()),
        runs,
        now=now,
        most_clauses=shadow["alerts.clauses"],
    )
    outcome = store.alerts.create(replace(alert, delivered=now) for alert in alerts)
    outcome.raise_refused("alerts")
    return len(outcome.done)
