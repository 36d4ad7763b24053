"""Saved searches against a real Elasticsearch, and webhooks against a real server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests import flows
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.match import match
from wirewatch.records import Alert, Cluster, Run, SavedSearch, Story, replace
from wirewatch.settings import Settings, load
from wirewatch.store import Store, connect

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def options(es_url: str, empty_prefix: str, tmp_path: Path) -> Settings:
    return load({}).with_options(
        elasticsearch__url=es_url, elasticsearch__prefix=empty_prefix, state=str(tmp_path)
    )


@pytest.fixture
def store(options: Settings) -> Iterator[Store]:
    with connect(options) as opened:
        yield opened


def story(identity: str, text: str, **fields: object) -> Story:
    made = Story(
        id=identity,
        url=f"http://a/{identity}",
        canonical_url=f"http://a/{identity}",
        title=f"Report {identity}",
        text=text,
        first_seen=NOW,
        language="en",
        run="r1",
        cluster_id=identity,
        lead=True,
    )
    return replace(made, **fields)


def asked(store: Store, *queries: str, runs: tuple[str, ...] = ("r1",), most: int = 2000):
    searches = [
        SavedSearch(id=f"s{number}", name=query, query=query)
        for number, query in enumerate(queries)
    ]
    store.refresh()
    return match(store, searches, runs, now=NOW, most_clauses=most)


@pytest.mark.es
def test_one_alert_a_cluster_and_the_lead_is_named(store: Store) -> None:
    store.stories.create(
        [
            story("copy1", "Dockers strike", cluster_id="lead", lead=False),
            story("lead", "Dockers strike at the port"),
            story("copy2", "Dockers strike again", cluster_id="lead", lead=False),
            story("other", "Bakers strike"),
            story("rain", "It rains"),
        ]
    )
    alerts, refused = asked(store, "strike", "port", "snow")
    assert refused == {}
    assert {(a.search_id, a.cluster_id, a.story_id) for a in alerts} == {
        ("s0", "lead", "lead"),
        ("s0", "other", "other"),
        ("s1", "lead", "lead"),
    }


@pytest.mark.es
def test_a_story_of_unknown_language_is_matched_too(store: Store) -> None:
    store.stories.create([story("t", "halalan bukas", language="und")])
    alerts, _ = asked(store, "halalan", "lang:und")
    assert [alert.search_id for alert in alerts] == ["s0", "s1"]


@pytest.mark.es
def test_only_stories_of_pending_runs_are_looked_at(store: Store) -> None:
    store.stories.create([story("old", "strike", run="r0"), story("new", "strike")])
    alerts, _ = asked(store, "strike")
    assert [alert.story_id for alert in alerts] == ["new"]
    alerts, _ = asked(store, "strike", runs=("r0", "r1"))
    assert {alert.story_id for alert in alerts} == {"old", "new"}


@pytest.mark.es
def test_many_searches_go_in_several_requests_and_none_is_lost(store: Store) -> None:
    store.stories.create([story(f"t{number}", f"word{number} common") for number in range(60)])
    queries = [f"word{number}" for number in range(60)] + ["common"]
    alerts, _ = asked(store, *queries, most=20)
    assert len([a for a in alerts if a.search_id == "s60"]) == 60
    assert {(a.search_id, a.story_id) for a in alerts if a.search_id != "s60"} == {
        (f"s{number}", f"t{number}") for number in range(60)
    }


@pytest.mark.es
def test_more_matches_than_a_page_of_hits(store: Store) -> None:
    store.stories.create([story(f"t{number:04}", "strike") for number in range(1_201)])
    alerts, _ = asked(store, "strike")
    assert len(alerts) == 1_201


@pytest.mark.es
def test_a_saved_search_may_name_another(store: Store) -> None:
    store.stories.create([story("a", "Dockers strike"), story("b", "Bakers strike")])
    alerts, refused = asked(store, "strike", "@s0 AND dockers", "@gone")
    assert {(a.search_id, a.story_id) for a in alerts} == {("s0", "a"), ("s0", "b"), ("s1", "a")}
    assert "gone" in refused["s2"]


@pytest.mark.es
def test_a_search_that_cannot_be_read_stops_no_other(store: Store) -> None:
    store.stories.create([story("t", "strike")])
    alerts, refused = asked(store, "(((", "strike")
    assert [alert.search_id for alert in alerts] == ["s1"]
    assert list(refused) == ["s0"]


@pytest.mark.es
def test_a_merged_cluster_is_not_told_of_again(store: Store) -> None:
    """The event was alerted under the id of a cluster that then merged into another."""
    store.stories.create([story("a", "strike", cluster_id="gone", run="r0")])
    first, _ = asked(store, "strike", runs=("r0",))
    store.alerts.create(first)
    store.clusters.write(
        [
            (Cluster(id="gone", lead="a", first=NOW, last=NOW, redirect="kept"), None),
            (Cluster(id="kept", lead="b", first=NOW, last=NOW), None),
        ]
    )
    store.stories.create([story("b", "strike", cluster_id="kept")])
    assert asked(store, "strike") == ([], {})


@pytest.mark.es
def test_batches_that_arrive_together_lose_and_repeat_nothing(
    store: Store, options: Settings, tmp_path: Path
) -> None:
    """Asset events coalesce: two runs announced, one alert run; killed before the runs are done."""

    config = tmp_path / "config"
    (config / "searches").mkdir(parents=True)
    (config / "elasticsearch").symlink_to(options.config_dir / "elasticsearch")
    (config / "searches" / "s.toml").write_text(
        '[[search]]\nid = "strikes"\nname = "Strikes"\nquery = "strike"\n'
    )
    own = options.with_options(config_dir=str(config))
    for number in range(2):
        store.runs.begin(Run(id=f"r{number}", kind="ingest", started=NOW))
        store.stories.create([story(f"t{number}", "strike", run=f"r{number}")])
        store.runs.update(f"r{number}", alerts="pending")
    store.refresh()
    first = flows.alert(own)
    assert (first["runs"], first["alerts"], first["delivered"]) == (2, 2, 2)
    for number in range(2):  # as if killed before it said that it was done
        store.runs.update(f"r{number}", alerts="pending")
    again = flows.alert(own)
    assert (again["alerts"], again["alerts_known"], again["delivered"]) == (0, 2, 0)


class Hook(BaseHTTPRequestHandler):
    """A webhook that fails as often as it is told to."""

    failures: ClassVar[int] = 0
    got: ClassVar[list[tuple[str, dict]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if Hook.failures:
            Hook.failures -= 1
            self.send_response(503)
            self.end_headers()
            self.wfile.write(b"out of order")
            return
        Hook.got.append((self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.failures, Hook.got = 0, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


ALERT = Alert(
    id="alert1", search_id="s", search_name="Strikes", cluster_id="c", story_id="t",
    title="Dockers strike", url="http://a/t", outlet="A", created=NOW,
)  # fmt: skip


def test_a_webhook_gets_the_alert_once_and_the_log_not_twice(hook: str) -> None:
    options = load({}).with_options(alerts__allow="127.0.0.1:*")
    Hook.failures = 1
    channels = {"s": ("log", hook)}
    [failed] = deliver([ALERT], channels, options)
    assert failed.delivered is None
    assert failed.sent == ("log",)
    assert "503" in failed.error
    assert "out of order" in failed.error
    [done] = deliver([failed], channels, options)
    assert done.delivered
    assert (done.sent, done.attempts, done.error) == (("log", hook), 2, "")
    [(key, body)] = Hook.got
    assert key == "alert1"
    assert (body["title"], body["search_name"]) == ("Dockers strike", "Strikes")


def test_a_webhook_inside_ones_own_network_is_refused_unless_opened(hook: str) -> None:
    [refused] = deliver([ALERT], {"s": (hook,)}, load({}))
    assert refused.delivered is None
    assert "alerts.allow" in refused.error
    assert Hook.got == []


def test_one_webhook_that_is_away_stops_no_other(hook: str) -> None:
    options = load({}).with_options(alerts__allow="127.0.0.1:*", alerts__timeout=2)
    other = replace(ALERT, id="alert2", search_id="away")
    channels = {"s": (hook,), "away": ("http://127.0.0.1:9/",)}
    done, away = deliver([ALERT, other], channels, options)
    assert done.delivered
    assert away.delivered is None
    assert away.error


def test_delivery_runs_without_a_loop_of_its_own_left() -> None:
    assert deliver([], {}, load({})) == []
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
