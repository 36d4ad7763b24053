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

import fsspec

from wirewatch.alerts.match import match
from wirewatch.alerts.searches import load as load_searches
from wirewatch.archive.records import FILE, INDEX
from wirewatch.feeds import opml
from wirewatch.pipeline.body_store import FURTHER
from wirewatch.pipeline.by_hand import rebuild_fingerprints
from wirewatch.pipeline.paths import archive_of, archive_root
from wirewatch.pipeline.replay import RebuildRefused, feeds_by_host, refuse, replay
from wirewatch.records import (
    Record,
    replace,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Store, connect
from wirewatch.store.exchange import Exchanged, clean, exchange, lost_ids

NAMED = 5  # of what is missing


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
            files = _replay_all(store, shadow, tell)
            lost = list(lost_ids(store, there))
            if lost and not lose:
                raise RebuildRefused(
                    f"{len(lost)} stories are in the index but not in the archive "
                    f"({', '.join(lost[:NAMED])}): they would be lost; add --lose to give them up"
                )
            _refuse_runs(store, settings)
            known = _note_alerts(store, there, shadow)

            def still() -> None:
                """The last look, with the writers held."""
                if set(_files(settings)) - set(files):
                    raise RebuildRefused("pages were archived meanwhile: run it again to go on")

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
            "add --drop-decisions to make them as they would be without that"
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
        rows = archive.index(index_name, refuse)
        if rows:
            groups[run].append(name)
            moment = min(row.when for row in rows).isoformat()
            first[run] = min(first.get(run, moment), moment)
    return sorted(groups.items(), key=lambda group: (first[group[0]], group[0]))


def _replay_all(store: Store, shadow: Settings, tell: Tell) -> list[str]:
    """Replays every file, also those that come meanwhile; returns their names."""
    done: list[str] = []
    feeds = feeds_by_host(store)
    while new := sorted(set(_files(shadow)) - set(done)):
        for run, files in _runs_of(shadow, new):
            tell("replayed", len(done), len(done) + len(new))
            replay(store, shadow, f"rebuild__{run}", sorted(files), feeds)
        done += new
    tell("replayed", len(done), len(done))
    return done


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
