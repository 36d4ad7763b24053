"""Moving an index to another mapping while it is searched, read page by page, and written."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wirewatch.records import (
    Cluster,
    Feed,
    Page,
    PageStatus,
    SavedSearch,
    Story,
    TopicTag,
    replace,
    stable_id,
)
from wirewatch.search.search import search
from wirewatch.settings import Settings, load, project_root
from wirewatch.store import MappingDiffers, Store, connect
from wirewatch.store.indices import status
from wirewatch.store.migrate import MigrationFailed, migrate, replaced

pytestmark = pytest.mark.es
NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def options(es_url: str, es_prefix: str, tmp_path: Path) -> Settings:
    """Settings with a configuration of their own, which a test may change."""
    shutil.copytree(project_root() / "config", tmp_path / "config")
    return load({}).with_options(
        elasticsearch__url=es_url,
        elasticsearch__prefix=es_prefix,
        config_dir=str(tmp_path / "config"),
        state=str(tmp_path / "state"),
    )


@pytest.fixture
def store(options: Settings) -> Iterator[Store]:
    with connect(options) as opened:
        yield opened


def change(options: Settings, noun: str, edit: Callable[[dict[str, Any]], None]) -> Settings:
    """The options with another mapping: a copy, since what was read of a file is remembered."""
    folder = Path(options["config_dir"])
    other = folder.with_name(folder.name + "x")
    shutil.copytree(folder, other)
    file = other / "elasticsearch" / f"{noun}.json"
    spec = json.loads(file.read_text("utf-8"))
    edit(spec)
    file.write_text(json.dumps(spec), "utf-8")
    return options.with_options(config_dir=str(other))


def story(number: int, **fields: Any) -> Story:
    identity = stable_id("story", str(number))
    made = Story(
        id=identity,
        cluster_id=identity,
        lead=True,
        url=f"https://a.example/{number}",
        canonical_url=f"https://a.example/{number}",
        title=f"Flood number {number}",
        text="Water rose in the valley.",
        first_seen=NOW - timedelta(days=40 * (number % 2)),
        published=NOW - timedelta(minutes=number),
        language="en",
        outlet="Herald",
        run="r1",
    )
    return replace(made, **fields)


def page(number: int) -> Page:
    return Page(id=f"p{number}", url=f"http://a.example/{number}", host="a.example", discovered=NOW)


def simple(spec: dict[str, Any]) -> None:
    """Another mapping for what every noun's index has: its id, not searchable any more."""
    spec["version"] += 1
    spec["mappings"]["properties"]["id"] = {"type": "keyword", "ignore_above": 64}


class Background:
    """A function called again and again in a thread until the end of the block; errors surface."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._end = threading.Event()
        self.turns = 0

    def __enter__(self) -> Background:
        self._pool = ThreadPoolExecutor(1)
        self._future = self._pool.submit(self._run)
        return self

    def _run(self) -> None:
        while not self._end.is_set():
            self._call()
            self.turns += 1

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._future.result(timeout=120)
        self._pool.shutdown()


def test_a_new_index_is_current(store: Store) -> None:
    found = {one.name.removeprefix(f"{store.prefix}-"): one for one in status(store)}
    assert {"feeds", "pages", "stories-0000.00", "clusters", "alerts"} <= set(found)
    assert {one.state for one in found.values()} == {"current"}
    assert all(one.version == one.wanted and one.index != one.name for one in found.values())
    assert [(m.what, m.documents) for m in migrate(store, ("pages",))] == [("current", 0)]


def test_a_new_field_is_added_to_the_index_there_is(store: Store, options: Settings) -> None:
    store.feeds.add([Feed(id="f", url="http://a/")])

    def edit(spec: dict[str, Any]) -> None:
        spec["version"] += 1
        spec["mappings"]["properties"]["mood"] = {"type": "keyword"}

    with connect(change(options, "feeds", edit), prepare=False) as later:
        with pytest.raises(MappingDiffers, match=r"mood \(is missing.*wirewatch index migrate"):
            later.prepare()
        [move] = migrate(later, ("feeds",))
        assert (move.what, move.documents) == ("extended", 1)
        later.prepare()
        assert move.index.endswith("-000001")
    store.prepare()  # the version before goes on with what a later one made


def test_everything_moves_while_it_is_searched_and_written(store: Store, options: Settings) -> None:
    """Searches never fail and never miss a story that was there; nothing written is lost."""
    stories, pages = 1_500, 1_200
    store.stories.create(story(n) for n in range(stories))
    store.pages.discover(page(n) for n in range(pages))
    store.searches.put([SavedSearch(id=f"s{n}", name="x", query="x") for n in range(3)])
    cluster = Cluster(id="c", lead="s", first=NOW, last=NOW, run="r1")
    store.clusters.write([(cluster, None)])
    store.refresh()
    [(old_cluster, old_version)] = store.clusters.read(["c"]).values()
    opened = search(store, "flood", size=100, collapse="none", pages=True)
    written = {"stories": stories, "pages": pages}
    counts: list[int] = []

    def look() -> None:
        found = search(store, "flood", size=1, collapse="none")
        counts.append(found.stories)
        assert found.stories >= max(counts[:-1], default=stories)

    def arrive() -> None:
        n = written["stories"]
        outcome = store.stories.create([story(n)])
        assert not outcome.refused
        written["stories"] = n + 1
        outcome = store.pages.discover([page(written["pages"])])
        assert not outcome.refused
        written["pages"] += 1
        # A change of an old one, compare-and-set: read anew when it conflicts.
        [(read, version)] = store.stories.read([story(n % 700).id]).values()
        tagged = replace(read, topics=(TopicTag(code="medtop:1", name=f"t{n}", score=1),))
        changed = store.stories.change([(tagged, version)])
        assert not changed.refused
        if changed.done:
            wanted[read.id] = tagged
        held = store.pages.claim(f"run{n}", NOW, lease=60, limit=1)
        done = [replace(one, status=PageStatus.INDEXED, lease=None) for one in held]
        assert not store.pages.save(done, f"run{n}").refused
        saved.update({one.id: one for one in done})

    def remove() -> None:
        identity = f"s{written['stories'] % 3}"
        store.es.options(ignore_status=404).delete(
            index=f"{store.prefix}-searches", id=identity, refresh=True
        )
        gone.add(identity)
        time.sleep(0.05)

    wanted: dict[str, Story] = {}
    saved: dict[str, Page] = {}
    gone: set[str] = set()
    changed = options
    for noun in ("stories", "pages", "searches", "clusters"):
        changed = change(changed, noun, simple)
    with (
        Background(look) as looking,
        Background(arrive) as arriving,
        Background(remove),
        connect(changed, prepare=False) as later,
    ):
        moves = {move.name: move for move in migrate(later, patience=0)}
        before = looking.turns, arriving.turns
        time.sleep(1)
        assert looking.turns > before[0]
        assert arriving.turns > before[1]
    store.refresh()
    with connect(changed) as later:
        assert {m.what for m in moves.values()} == {"moved", "current"}
        assert {one.state for one in status(later)} == {"current"}
        assert search(later, "flood", collapse="none").stories == written["stories"]
        assert sum(sum(v.values()) for v in later.pages.count().values()) == written["pages"]
        found = later.stories.stories(list(wanted))
        assert {i: s.topics for i, s in found.items()} == {i: s.topics for i, s in wanted.items()}
        kept = later.pages.get(list(saved))
        assert {one.status for one in kept.values()} == {PageStatus.INDEXED}
        assert {one.id for one in later.searches.all()} == {"s0", "s1", "s2"} - gone
        # What was read before the move fits nothing after it.
        late = replace(old_cluster, lead="t", run="r2")
        assert later.clusters.write([(late, old_version)]).conflicts == ["c"]
    assert arriving.turns > 5
    assert opened.cursor


def test_a_page_by_page_reader_goes_on_reading_what_it_began(
    store: Store, options: Settings
) -> None:
    store.stories.create(story(2 * n) for n in range(300))
    store.refresh()
    first = search(store, "flood", size=100, collapse="none", pages=True)
    rows = [hit.story.id for hit in first.hits]

    def read_on() -> None:
        cursor = first.cursor
        while cursor:
            time.sleep(0.7)
            result = search(store, "flood", size=100, collapse="none", pages=True, cursor=cursor)
            rows.extend(hit.story.id for hit in result.hits)
            cursor = result.cursor

    with connect(change(options, "stories", simple), prepare=False) as later:
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(read_on)
            migrate(later, ("stories",), patience=60)
            reading.result()
        assert replaced(later) == []
    assert len(rows) == len(set(rows)) == 300


def test_a_killed_migration_goes_on(store: Store, options: Settings, tmp_path: Path) -> None:
    """Killed at several moments, the last in its end with writers held, then run to its end."""
    store.pages.discover(page(n) for n in range(3_000))
    store.refresh()
    changed = change(options, "pages", simple)
    code = f"""
import sys
from wirewatch.settings import load
from wirewatch.store import connect, migrate
moment = sys.argv[1]
def stop(*_):
    print("at", moment, flush=True)
    import time; time.sleep(600)
if moment == "higher_term":
    migrate.higher_term = stop
elif moment != "tell":
    setattr(migrate._Copy, moment, stop)
tell = stop if moment == "tell" else (lambda *_: None)
options = load({{}}).with_options(
    elasticsearch__url={options["elasticsearch.url"]!r},
    elasticsearch__prefix={store.prefix!r},
    config_dir={changed["config_dir"]!r},
)
with connect(options, prepare=False) as store:
    migrate.migrate(store, ("pages",), patience=0, tell=tell)
"""
    for moment in ("higher_term", "tell", "_compare", "_switch"):
        process = subprocess.Popen(
            [sys.executable, "-c", code, moment], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == f"at {moment}"
        if moment == "tell":
            with (
                connect(changed, prepare=False) as later,
                pytest.raises(MigrationFailed, match=f"process {process.pid} on"),
            ):
                migrate(later, ("pages",))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        states = {one.index: one.state for one in status(store)}
        assert states[f"{store.prefix}-pages-000002"] == "being filled"
    [held] = [one for one in status(store) if one.index == f"{store.prefix}-pages-000001"]
    assert held.held
    with connect(changed, prepare=False) as later:
        [move] = migrate(later, ("pages",), patience=0)
    assert (move.what, move.documents) == ("moved", 3_000)
    with connect(changed) as later:
        later.pages.discover([page(3_000)])
        assert sum(sum(v.values()) for v in later.pages.count().values()) >= 3_000


def test_a_document_that_does_not_fit_stops_it_and_the_old_index_stays(
    store: Store, options: Settings
) -> None:
    store.feeds.add([Feed(id="f", url="http://a/", outlet="Herald")])

    def edit(spec: dict[str, Any]) -> None:
        spec["version"] += 1
        spec["mappings"]["properties"]["outlet"] = {"type": "integer"}

    with (
        connect(change(options, "feeds", edit), prepare=False) as later,
        pytest.raises(MigrationFailed, match=r"do not fit the new mapping; f: .*outlet"),
    ):
        migrate(later, ("feeds",))
    store.feeds.add([Feed(id="g", url="http://b/")])  # writers are not held
    assert [feed.id for feed in store.feeds.all()] == ["f", "g"]


def test_removed_fields_go_and_languages_change_their_analyzer(
    store: Store, options: Settings
) -> None:
    told = story(0, language="sk", title="Voľby v meste", text="Voľby", image="http://i/", run="r")
    store.stories.create([told])

    def keep_slovak_apart(spec: dict[str, Any]) -> None:
        spec["languages"]["cs"]["languages"].remove("sk")

    changed = change(options, "languages", keep_slovak_apart)

    def edit(spec: dict[str, Any]) -> None:
        spec["version"] += 1
        del spec["mappings"]["properties"]["image"]

    changed = change(changed, "stories", edit)
    with connect(changed, prepare=False) as later:
        migrate(later, ("stories",), patience=0)
        later.refresh()
        hit = later.es.search(index=later.stories.alias)["hits"]["hits"][0]
        assert hit["_source"]["title"] == {"other": "Voľby v meste"}
        assert "image" not in hit["_source"]


def test_an_index_under_the_plain_name_becomes_an_alias(store: Store, options: Settings) -> None:
    """As earlier versions made them."""
    name = f"{store.prefix}-runs"
    store.es.indices.delete(index=f"{name}-000001")
    store.es.indices.create(index=name, mappings={"properties": {"id": {"type": "keyword"}}})
    store.es.index(index=name, id="r", document={"id": "r"}, refresh=True)
    [move] = migrate(store, ("runs",), patience=0)
    assert move.index == f"{name}-000001"
    assert store.es.exists(index=name, id="r")
    store.prepare()


def test_force_makes_an_index_anew_with_other_shards(store: Store, options: Settings) -> None:
    store.stories.create(story(2 * n) for n in range(100))
    with connect(options.with_options(elasticsearch__shards=3)) as more:
        moves = migrate(more, ("stories-2026.11",), force=True, patience=0)
        assert [(m.what, m.documents) for m in moves] == [("moved", 100)]
        shards = {one.name: one.shards for one in status(more)}
        assert shards[f"{store.prefix}-stories-2026.11"] == 3
        assert migrate(more, ("stories-2026.11",), force=True, patience=0)[0].documents == 100


def test_an_unknown_name_is_named(store: Store) -> None:
    with pytest.raises(MigrationFailed, match="there is no index storys"):
        migrate(store, ("storys",))
