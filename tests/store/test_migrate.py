"""Moving an index to another mapping while it is searched, and written by writers that wait."""

from __future__ import annotations

import json
import logging
import multiprocessing
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import ConflictError, Elasticsearch

from tests.indices import own_prefix
from wirewatch.records import (
    Cluster,
    Feed,
    Page,
    PageStatus,
    Run,
    SavedSearch,
    Story,
    TopicTag,
    read_story,
    replace,
    stable_id,
)
from wirewatch.search.search import search
from wirewatch.settings import Settings, load, project_root
from wirewatch.store import MappingDiffers, Store, connect, exchange
from wirewatch.store import migrate as migration
from wirewatch.store.bulk import write
from wirewatch.store.exchange import MigrationFailed, unserved
from wirewatch.store.indices import IndexStatus, status
from wirewatch.store.migrate import migrate

pytestmark = pytest.mark.es
NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
OCTOBER, AUGUST = NOW - timedelta(days=31), NOW - timedelta(days=92)
SETTLE = exchange.SETTLE


@pytest.fixture(scope="module")
def options(es_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings with indices of this file's own, and a configuration that a test may change."""
    folder = tmp_path_factory.mktemp("migrate")
    shutil.copytree(project_root() / "config", folder / "config")
    made = load({}).with_options(
        elasticsearch__url=es_url,
        elasticsearch__prefix=f"migrate-{uuid.uuid4().hex[:8]}",
        config_dir=str(folder / "config"),
        state=str(folder / "state"),
    )
    with connect(made):
        yield made
    prefix = made["elasticsearch.prefix"]
    with Elasticsearch(es_url, request_timeout=60) as es:
        es.indices.delete(index=list(es.indices.get(index=f"{prefix}-*")))
        es.indices.delete_index_template(name=f"{prefix}-stories")


@pytest.fixture
def store(options: Settings) -> Iterator[Store]:
    """A store with empty indices; one that a test before has changed is of a later version."""
    with connect(options) as opened:
        yield opened
        everything = f"{opened.prefix}-*"
        opened.es.indices.refresh(index=everything)
        opened.es.delete_by_query(index=everything, query={"match_all": {}}, refresh=True)


@pytest.fixture(autouse=True)
def no_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for searches that have found an index and not opened it yet."""
    monkeypatch.setattr(exchange, "SETTLE", 0)


def change(options: Settings, noun: str, edit: Callable[[dict[str, Any]], None]) -> Settings:
    """The options with another mapping: a copy, since what was read of a file is remembered."""
    folder = Path(options["config_dir"])
    other = folder.with_name(f"config-{uuid.uuid4().hex[:8]}")
    shutil.copytree(folder, other)
    file = other / "elasticsearch" / f"{noun}.json"
    spec = json.loads(file.read_text("utf-8"))
    edit(spec)
    file.write_text(json.dumps(spec), "utf-8")
    return options.with_options(config_dir=str(other))


def simple(spec: dict[str, Any]) -> None:
    """Another mapping for what every noun's index has: its id, cut off at 64 letters."""
    spec["version"] += 1
    spec["mappings"]["properties"]["id"] = {"type": "keyword", "ignore_above": 64}


@pytest.fixture(scope="module")
def changed(options: Settings) -> Settings:
    """The options with another mapping for most nouns."""
    for noun in ("stories", "pages", "searches"):
        options = change(options, noun, simple)
    return options


@pytest.fixture
def later(store: Store, changed: Settings) -> Iterator[Store]:
    """The store as the version with another mapping has it."""
    with connect(changed, prepare=False) as opened:
        yield opened


def story(number: int, **fields: Any) -> Story:
    identity = stable_id("story", str(number))
    given = {
        "id": identity,
        "cluster_id": identity,
        "lead": True,
        "url": f"https://a.example/{number}",
        "canonical_url": f"https://a.example/{number}",
        "title": f"Flood number {number}",
        "text": "Water rose in the valley.",
        "first_seen": NOW,
        "published": NOW - timedelta(minutes=number),
        "language": "en",
        "outlet": "Herald",
        "run": "r1",
    }
    return read_story({**given, **fields})


def page(number: int) -> Page:
    return Page(id=f"p{number}", url=f"http://a.example/{number}", host="a.example", discovered=NOW)


def of(store: Store, noun: str) -> list[IndexStatus]:
    """The noun's indices, the one that is served first."""
    return [one for one in status(store) if one.name == f"{store.prefix}-{noun}"]


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

    def goes_on(self) -> None:
        """Waits for two more turns: one that begins after this call is at its end."""
        until = self.turns + 2
        while self.turns < until and not self._future.done():
            time.sleep(0.01)

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


def test_everything_moves_while_it_is_searched_and_writers_wait(
    store: Store,
    later: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Searches never fail and never miss a story that was there; nothing written is lost."""
    monkeypatch.setattr(exchange, "SETTLE", SETTLE)
    caplog.set_level(logging.WARNING, "wirewatch.store")
    stories, pages = 700, 500
    store.stories.create(story(n) for n in range(stories))
    store.pages.discover(page(n) for n in range(pages))
    store.searches.put([SavedSearch(id=f"s{n}", name="x", query="x") for n in range(3)])
    store.refresh()
    written = {"stories": stories, "pages": pages}
    counts: list[int] = []

    def look() -> None:
        found = search(store, "flood", size=1, collapse="none")
        counts.append(found.stories)
        assert found.stories >= max(counts[:-1], default=stories)

    def arrive() -> None:
        n = written["stories"]
        outcome = store.stories.create([story(n)])
        assert outcome.done == [story(n).id]
        written["stories"] = n + 1
        outcome = store.pages.discover([page(written["pages"])])
        assert not outcome.refused
        written["pages"] += 1
        # A change of an old one, compare-and-set: read anew when it conflicts.
        [(read, version)] = store.stories.read([story(n % 700).id]).values()
        tagged = replace(read, topics=(TopicTag(code="medtop:1", name=f"t{n}", score=1),))
        outcome = store.stories.change([(tagged, version)])
        assert not outcome.refused
        if outcome.done:
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

    nouns = ("stories-2026.11", "pages", "searches", "keys")
    wanted: dict[str, Story] = {}
    saved: dict[str, Page] = {}
    gone: set[str] = set()
    with Background(look) as looking, Background(arrive) as arriving, Background(remove):
        arriving.goes_on()
        moves = {move.name: move for move in migrate(later, nouns, patience=0)}
        looking.goes_on()
        arriving.goes_on()
    store.refresh()
    assert {m.what for m in moves.values()} == {"moved", "current"}
    assert moves[f"{store.prefix}-pages"].held > 0
    now = [one for one in status(later) if one.name in moves]
    assert {(one.state, one.held) for one in now} == {("current", False)}
    assert search(later, "flood", collapse="none").stories == written["stories"]
    assert sum(sum(v.values()) for v in later.pages.count().values()) == written["pages"]
    found = later.stories.stories(list(wanted))
    assert {i: s.topics for i, s in found.items()} == {i: s.topics for i, s in wanted.items()}
    kept = later.pages.get(list(saved))
    assert {one.status for one in kept.values()} == {PageStatus.INDEXED}
    assert {one.id for one in later.searches.all()} == {"s0", "s1", "s2"} - gone
    assert f"{store.prefix}-pages-000001 is being moved to a new index: waiting" in caplog.text


def test_what_was_read_before_a_move_is_read_again_after_it(store: Store, later: Store) -> None:
    """Document by document the sequence numbers of the copies are those of the originals."""
    store.clusters.write([(Cluster(id="c", lead="s", first=NOW, last=NOW, run="r1"), None)])
    store.stories.create([story(0, first_seen=OCTOBER)])
    store.searches.put([SavedSearch(id="s", name="x", query="x")])
    store.refresh()
    [(cluster, cluster_version)] = store.clusters.read(["c"]).values()
    [(old, story_version)] = store.stories.read([story(0).id]).values()
    saved, search_version = store.searches.read("s") or pytest.fail("it is there")
    migrate(later, ("clusters", "stories-2026.10", "searches"), force=True, patience=0)
    late = replace(cluster, lead="t", run="r2")
    assert store.clusters.write([(late, cluster_version)]).conflicts == ["c"]
    assert store.stories.change([(replace(old, word_count=1), story_version)]).conflicts == [old.id]
    with pytest.raises(ConflictError):
        store.searches.replace(replace(saved, name="y"), search_version)
    [(_, cluster_version)] = store.clusters.read(["c"]).values()
    assert store.clusters.write([(late, cluster_version)]).done == ["c"]


def test_a_page_by_page_reader_goes_on_reading_what_it_began(
    store: Store, later: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.stories.create(story(n) for n in range(300))
    store.refresh()
    first = search(store, "flood", size=100, collapse="none", pages=True)
    rows = [hit.story.id for hit in first.hits]
    moved = threading.Event()
    delete_replaced = migration.delete_replaced

    def delete(store: Store, patience: float) -> None:
        assert unserved(store)[0]  # it is searched no more, but by who began
        moved.set()
        delete_replaced(store, patience)

    def read_on() -> None:
        assert moved.wait(120)
        cursor = first.cursor
        while cursor:
            time.sleep(2 * exchange.POLL)
            result = search(store, "flood", size=100, collapse="none", pages=True, cursor=cursor)
            rows.extend(hit.story.id for hit in result.hits)
            cursor = result.cursor

    monkeypatch.setattr(migration, "delete_replaced", delete)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_on)
        migrate(later, ("stories-2026.11",), force=True, patience=60)
        reading.result()
    assert unserved(later) == ([], [])
    assert len(rows) == len(set(rows)) == 300


def stock(store: Store, noun: str, *ids: str) -> None:
    """Documents with nothing but an id."""
    index = f"{store.prefix}-{noun}"
    actions = ({"_index": index, "_id": one, "_source": {"id": one}} for one in ids)
    assert write(store.es, actions, refresh=True).done == list(ids)


def killed_at(options: Settings, moment: str, noun: str) -> None:
    """Begins to move an index in another process and kills it at a moment."""
    forks = multiprocessing.get_context("fork")
    reached = forks.Event()

    def stop(*_: object) -> None:
        reached.set()
        time.sleep(600)

    def move() -> None:
        with connect(options, prepare=False) as store:
            if moment == "progress":
                migrate(store, (noun,), force=True, progress=stop)
            setattr(migration if moment == "delete_replaced" else exchange, moment, stop)
            migrate(store, (noun,), force=True)

    process = forks.Process(target=move)
    process.start()
    assert reached.wait(60), moment
    process.kill()
    process.join()


@pytest.mark.parametrize(
    ("moment", "noun", "found"),
    [
        ("_raise_terms", "alerts", "moved"),
        ("progress", "subscriptions", "moved"),
        ("_compare", "clusters", "current"),
        ("_actions", "runs", "moved"),
        ("delete_replaced", "revisions", "current"),
    ],
)
def test_a_killed_migration_begins_anew(
    store: Store, options: Settings, moment: str, noun: str, found: str
) -> None:
    """Also when nothing is left to be moved: what it left is gone, and writers do not wait."""
    stock(store, noun, "a", "b", "c")
    killed_at(options, moment, noun)
    served, left = of(store, noun)
    if moment == "delete_replaced":
        assert (left.state, served.held) == ("replaced", False)
    else:
        assert (left.state, served.held) == ("being filled", True)
    [move] = migrate(store, (noun,), force=found == "moved", patience=0)
    assert (move.what, move.documents) == (found, 3)
    [only] = of(store, noun)
    assert (only.state, only.held, only.documents) == ("current", False, 3)
    stock(store, noun, "d")


def test_a_call_that_comes_second_takes_over(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(store, "keys", "a", "b", "c")
    reached, go_on = threading.Event(), threading.Event()
    compare = exchange._compare

    def stop_once(*given: Any) -> None:
        monkeypatch.setattr(exchange, "_compare", compare)
        reached.set()
        assert go_on.wait(60)
        compare(*given)

    monkeypatch.setattr(exchange, "_compare", stop_once)
    with ThreadPoolExecutor(1) as pool, connect(options) as other:
        first = pool.submit(partial(migrate, other, ("keys",), force=True, patience=0))
        assert reached.wait(60)
        [move] = migrate(store, ("keys",), force=True, patience=0)
        go_on.set()
        with pytest.raises(MigrationFailed, match="another call began anew"):
            first.result()
    [only] = of(store, "keys")
    assert (only.index, only.documents, only.held) == (move.index, 3, False)


def test_a_copy_that_lacks_a_document_is_not_switched_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(store, "keys", "a", "b", "c")
    compare = exchange._compare

    def lose(es: Elasticsearch, source: str, index: str) -> None:
        es.delete(index=index, id="b", refresh=True)
        es.index(index=index, id="q", document={"id": "q"}, refresh=True)
        compare(es, source, index)

    monkeypatch.setattr(exchange, "_compare", lose)
    before = of(store, "keys")[0].index
    with pytest.raises(MigrationFailed, match="has 3 documents, its copy 3, and not b"):
        migrate(store, ("keys",), force=True)
    [only] = of(store, "keys")
    assert (only.index, only.held) == (before, False)


def test_a_document_that_does_not_fit_stops_it_and_the_old_index_stays(
    store: Store, options: Settings
) -> None:
    store.runs.begin(Run(id="r", kind="ingest", started=NOW))

    def edit(spec: dict[str, Any]) -> None:
        spec["version"] += 1
        spec["mappings"]["properties"]["kind"] = {"type": "integer"}

    with connect(change(options, "runs", edit), prepare=False) as later:
        with pytest.raises(MigrationFailed, match=r"1 documents do not fit .*; r: .*kind"):
            migrate(later, ("runs",))
        assert [(one.state, one.held) for one in of(later, "runs")] == [("differs", False)]
    store.runs.begin(Run(id="s", kind="ingest", started=NOW))  # writers do not wait
    assert {run.id for run in store.runs.latest()} == {"r", "s"}


def test_an_index_under_the_plain_name_becomes_an_alias(store: Store) -> None:
    """As earlier versions made them."""
    name = f"{store.prefix}-revisions"
    store.es.indices.delete(index=of(store, "revisions")[0].index)
    store.es.indices.create(index=name, mappings={"properties": {"id": {"type": "keyword"}}})
    store.es.index(index=name, id="r", document={"id": "r"}, refresh=True)
    [move] = migrate(store, ("revisions",), patience=0)
    assert move.index == f"{name}-000001"
    assert store.es.exists(index=name, id="r")
    store.prepare()


def test_documents_get_the_fields_that_earlier_versions_left_out(store: Store) -> None:
    store.stories.create([story(1)])
    store.clusters.write([(Cluster(id="c", lead="s", first=NOW, last=NOW), None)])
    store.refresh()
    for name, index in store.templates.served().items():
        store.es.indices.put_mapping(index=index["index"], meta={"wirewatch": 1})
        for field in ("redirect", "kind", "agency"):
            script = f"ctx._source.remove('{field}')"
            store.es.update_by_query(index=name, script={"source": script}, refresh=True)
    assert not list(store.clusters.all())
    with pytest.raises(MappingDiffers, match="documents"):
        store.templates.check()
    assert {move.what for move in migrate(store)} == {"moved"}
    store.templates.check()
    assert [cluster.id for cluster in store.clusters.all()] == ["c"]
    assert store.stories.agencies() == {"Herald": {"": 1}}
    assert search(store, "kind:article", now=NOW).stories == 1


def test_force_makes_an_index_anew_with_other_shards(
    store: Store, later: Store, changed: Settings
) -> None:
    store.stories.create(story(n, first_seen=AUGUST) for n in range(100))
    with connect(changed.with_options(elasticsearch__shards=3), prepare=False) as more:
        moves = migrate(more, ("stories-2026.08",), force=True, patience=0)
        assert [(m.what, m.documents) for m in moves] == [("moved", 100)]
        assert [one.shards for one in of(more, "stories-2026.08")] == [3]
    assert migrate(later, ("stories-2026.08",), force=True, patience=0)[0].documents == 100


def test_removed_fields_go_and_languages_change_their_analyzer(
    store: Store, changed: Settings
) -> None:
    given = story(0, language="sk", title="Voľby v meste", text="Voľby", image="http://i/")
    store.stories.create([given])

    def keep_slovak_apart(spec: dict[str, Any]) -> None:
        spec["languages"]["cs"]["languages"].remove("sk")

    def edit(spec: dict[str, Any]) -> None:
        spec["version"] += 1
        del spec["mappings"]["properties"]["image"]

    options = change(change(changed, "languages", keep_slovak_apart), "stories", edit)
    with connect(options, prepare=False) as later:
        migrate(later, ("stories-2026.11",), patience=0)
        later.refresh()
        hit = later.es.search(index=later.stories.alias)["hits"]["hits"][0]
        assert hit["_source"]["title"] == {"other": "Voľby v meste"}
        assert "image" not in hit["_source"]


def test_what_parts_words_is_brought_along(es_url: str, options: Settings) -> None:
    """An index whose words were not parted at apostrophes finds a name before one afterwards."""

    def whole(spec: dict[str, Any]) -> None:
        for language in spec["languages"].values():
            language["char_filters"] = []

    def before(spec: dict[str, Any]) -> None:
        spec["version"] -= 1

    with own_prefix(es_url) as prefix:
        now = options.with_options(elasticsearch__prefix=prefix)
        with connect(change(change(now, "languages", whole), "stories", before)) as old:
            old.stories.create([story(1, title="Nora Vance’s boat")])
            old.refresh()
            assert search(old, '"Nora Vance"').stories == 0
        with connect(now, prepare=False) as new:
            with pytest.raises(MappingDiffers, match="char_filter"):
                new.templates.check()
            assert {one.what for one in migrate(new)} == {"moved"}
            new.templates.check()
            assert search(new, '"Nora Vance"').stories == 1


def test_an_unknown_name_is_named(store: Store) -> None:
    with pytest.raises(MigrationFailed, match="there is no index storys"):
        migrate(store, ("storys",))
