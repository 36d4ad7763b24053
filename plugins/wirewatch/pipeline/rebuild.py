"""Makes pages, stories, clusters and revisions anew from the WARC archive and ``config/``.

The archive is replayed (:mod:`wirewatch.pipeline.replay`) into indices and a fingerprint index of
their own; those are then put behind the aliases in one step (:mod:`wirewatch.store.exchange`).
Alerts are noted as known and never sent.

What no archive knows stays as the old index has it, where that is still there: pages without
bytes, and what feeds said of pages. What is lost with an index: that a page vanished, and by
whom clusters were changed by hand; that is refused unless it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import fsspec

from wirewatch.alerts.files import sync
from wirewatch.alerts.raising import raise_alerts
from wirewatch.alerts.searches import BadSearches
from wirewatch.archive.records import FILE, INDEX
from wirewatch.feeds import opml
from wirewatch.pipeline.body_store import FURTHER
from wirewatch.pipeline.fingerprints import rebuild_fingerprints
from wirewatch.pipeline.paths import archive_of, archive_root
from wirewatch.pipeline.replay import RebuildRefused, feeds_by_host, refuse, replay
from wirewatch.records import Record, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Store, connect
from wirewatch.store.exchange import PATIENCE, Replacement, delete_replaced, exchange
from wirewatch.store.scan import missing
from wirewatch.store.templates import STORIES

MADE = ("pages", "clusters", "revisions", STORIES)  # what the archive gives
NAMED = 5  # of what is in the way
AGE = 1_000_000  # days: no story is too old to be noted

Progress = Callable[[str, int, int], None]  # what is counted, how many are done, of how many


class Rebuilt(Record, frozen=True, kw_only=True):
    """What was made."""

    files: int  # of the archive
    pages: int
    stories: int
    clusters: int
    revisions: int
    lost: int = 0  # stories of the old index that the archive has not
    alerts_known: int = 0  # noted now; what was known before is not counted
    held: float = 0.0  # seconds that writers waited


def rebuild(
    settings: Settings,
    *,
    lose: bool = False,
    drop_decisions: bool = False,
    patience: float = PATIENCE,
    progress: Progress = lambda _what, _done, _all: None,
) -> Rebuilt:
    """Replays the archive and puts what comes of it behind the aliases; killed, it goes on.

    ``lose`` lets stories go that are in the index but not in the archive, ``drop_decisions`` the
    clusters that a person split or merged. Not to be done while a run is under way: pause the
    DAGs. Raises RebuildRefused, MigrationFailed, and what the stages raise.
    """
    shadow = settings.with_options(
        elasticsearch__prefix=f"{settings['elasticsearch.prefix']}-rebuild",
        state=f"{settings.state}/rebuild",
        archive__root=archive_root(settings),
    )
    with connect(settings) as store:
        _configure(store, settings)
        _refuse_runs(store, settings)
        if not drop_decisions:
            _refuse_decisions(store)
        with _empty_or_begun(shadow) as made:
            files = _replay_all(store, shadow, progress)
            lost = list(missing(store.es, store.stories.alias, made.stories.alias))
            if lost and not lose:
                raise RebuildRefused(
                    f"{len(lost)} stories are in the index but not in the archive "
                    f"({', '.join(lost[:NAMED])}): they would be lost; add --lose to give them up"
                )
            _refuse_runs(store, settings)
            known = _note_alerts(store, made)

            def nothing_new() -> None:
                if set(_archived_files(settings)) - set(files):
                    raise RebuildRefused("pages were archived meanwhile: run it again to go on")

            held = exchange(store, _replacements(store, made), check=nothing_new, progress=progress)
        rebuild_fingerprints(store, settings, utc_now())
        delete_replaced(store, patience)
        counts = {
            noun: int(store.es.count(index=f"{store.prefix}-{noun}")["count"]) for noun in MADE
        }
    _forget(shadow)
    return Rebuilt(files=len(files), lost=len(lost), alerts_known=known, held=held, **counts)


def _replacements(store: Store, made: Store) -> list[Replacement]:
    """What is to be behind each name; pages that only the old index has are kept."""
    old = {name: one for name, one in store.templates.served().items() if one["noun"] in MADE}
    new = {
        store.prefix + name.removeprefix(made.prefix): one
        for name, one in made.templates.served().items()
        if one["noun"] in MADE
    }
    wanted = []
    for name, one in {**old, **new}.items():
        served = old[name]["index"] if name in old else ""
        sources = [new[name]["index"]] if name in new else []
        if served and one["noun"] == "pages":
            sources.append(served)
        wanted.append(Replacement(name=name, noun=one["noun"], old=served, sources=tuple(sources)))
    return wanted


@contextmanager
def _empty_or_begun(shadow: Settings) -> Iterator[Store]:
    """The replay's store; what a killed replay of another version left there is thrown away."""
    with connect(shadow, prepare=False) as store:
        try:
            store.prepare()
        except MappingDiffers:
            _forget(shadow)
            store.prepare()
        yield store


def _forget(shadow: Settings) -> None:
    """Deletes the replay's indices, template and files."""
    with connect(shadow, prepare=False) as store:
        for index in store.templates.indices():
            store.es.indices.delete(index=index)
        store.es.options(ignore_status=404).indices.delete_index_template(
            name=f"{store.prefix}-{STORIES}"
        )
    files, root = fsspec.core.url_to_fs(shadow.state)
    if files.exists(root):
        files.rm(root, recursive=True)


def _configure(store: Store, settings: Settings) -> None:
    """Feeds and saved searches out of ``config/``, where the index has none of them."""
    if not sum(store.feeds.count().values()):
        file = settings.config_dir / "feeds.opml"
        store.feeds.add(opml.read_file(file) if file.exists() else ()).raise_refused("feeds")
    if problems := sync(store, settings.config_dir / "searches", utc_now()):
        raise BadSearches(problems)


def _refuse_runs(store: Store, settings: Settings) -> None:
    since = utc_now() - timedelta(seconds=settings["run.lease"])
    under_way = [r.id for r in store.runs.latest(50) if r.state == "running" and r.started > since]
    if under_way:
        raise RebuildRefused(
            f"{', '.join(under_way[:NAMED])} is under way: pause the DAGs and let it end; one "
            f"that was killed counts for {settings['run.lease']:g} seconds (run.lease)"
        )
    store.refresh()
    if waiting := store.stories.waiting():
        raise RebuildRefused(
            f"{waiting} stories were not matched with saved searches yet, and would never be: "
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


def _replay_all(store: Store, shadow: Settings, progress: Progress) -> list[str]:
    """Replays every file of the archive; returns their names."""
    files = _archived_files(shadow)
    feeds = feeds_by_host(store)
    done = 0
    for run, names in _by_run(shadow, files):
        progress("archive files", done, len(files))
        replay(store, shadow, f"rebuild__{run}", names, feeds)
        done += len(names)
    progress("archive files", len(files), len(files))
    return files


def _archived_files(settings: Settings) -> list[str]:
    """The archive's files that are whole."""
    names = archive_of(settings).names()
    return [name for name in names if name.endswith(FILE) and FURTHER not in name]


def _by_run(settings: Settings, files: Iterable[str]) -> list[tuple[str, list[str]]]:
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
    return [(run, sorted(groups[run])) for run in sorted(groups, key=lambda run: (first[run], run))]


def _note_alerts(store: Store, made: Store) -> int:
    """Alerts for what the stories match, without a message: who saw them needs no second.

    Returns how many no index knew of. How old a story is does not count here.
    """
    searches = [replace(one, age_limit=AGE) for one in store.searches.all()]
    return raise_alerts(made, searches, utc_now(), into=store, silent=True).counts["alerts"]
