"""The commands for feeds, against a real Elasticsearch and sites on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests import makers
from tests.fetch.servers import UNGUARDED, Handler, site
from wirewatch.cli import feeds
from wirewatch.records import FeedState, Subscription, SubscriptionState, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es

Run = Callable[..., Result]

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><body>
  <outline text="world">
    <outline type="rss" text="A" title="A" xmlUrl="https://a.example/f" outlet="A" country="GB"/>
    <outline text="south"><outline type="rss" text="B &amp; C" xmlUrl="https://b.example/f"/></outline>
  </outline>
  <outline text="sport"><outline type="rss" text="A" title="A" xmlUrl="https://a.example/f"/></outline>
</body></opml>
"""
FEED = (
    b"<rss><channel><title>N</title><item><title>One\x1b[31m</title><link>/1</link>"
    b"<pubDate>2026-03-01</pubDate></item></channel></rss>"
)


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(**UNGUARDED)


@pytest.fixture
def run(options: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(feeds, "options", lambda: options)
    monkeypatch.setattr(feeds.err, "width", 200)
    monkeypatch.setattr(feeds.out, "width", 200)
    return lambda *words: CliRunner().invoke(feeds.app, list(words), catch_exceptions=False)


def test_an_opml_file_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    given, back, again = (tmp_path / name for name in ("given", "back", "again"))
    given.write_text(OPML)
    assert run("import", str(given)).stdout == "2 feeds added, 0 were there already\n"
    assert run("export", str(back)).exit_code == 0
    listed = json.loads(run("list", "--json").stdout)
    assert [feed["collections"] for feed in listed] == [["world/south"], ["world", "sport"]]
    for feed in listed:
        assert run("remove", feed["id"]).exit_code == 0
    assert run("import", str(back)).exit_code == 0
    assert run("export", str(again)).exit_code == 0
    assert again.read_bytes() == back.read_bytes()
    assert run("import", str(given)).stdout == "0 feeds added, 2 were there already\n"


def test_a_wrong_list_is_refused_whole_with_line_and_value(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "list"
    twice = '<outline type="rss" text="A" xmlUrl="https://a.example/f"/></body>'
    none = '<outline type="rss" text="Z" xmlUrl="a b c"/>' + twice
    file.write_text(OPML.replace("</body>", twice).replace("</opml>", "\n</opml>"))
    told = run("import", str(file))
    assert told.exit_code == 2
    assert "line 8: xmlUrl='https://a.example/f' stands in line 4 too" in told.stderr
    file.write_text(OPML.replace("</body>", none))
    told = run("import", str(file))
    assert told.exit_code == 2
    assert "line 8: xmlUrl='a b c'" in told.stderr
    with file.open("wb") as large:  # sparse: 100 MB that are never read
        large.truncate(100_000_000)
    told = run("import", str(file))
    assert told.exit_code == 2
    assert "the file has 100,000,000 bytes" in told.stderr
    assert json.loads(run("list", "--json").stdout) == []


def test_a_collection_that_does_not_exist_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text(OPML)
    told = run("import", str(file), "--collection", "wrold")
    assert told.exit_code == 2
    assert "no collection 'wrold'; there are: 'sport', 'world', 'world/south'" in told.stderr
    assert json.loads(run("list", "--json").stdout) == []
    run("import", str(file), "--collection", "world")
    assert run("export", "--collection", "nowhere").exit_code == 2
    assert run("export", "--collection", "world/south").stdout.count("xmlUrl") == 1
    told = run("add", "https://c.example/f", "--collection", "wrold")
    assert told.exit_code == 2
    assert "no collection 'wrold'" in told.stderr
    assert run("add", "https://c.example/f", "--collection", "new", "--create").exit_code == 0
    listed = json.loads(run("list", "--json", "--collection", "new").stdout)
    assert [feed["url"] for feed in listed] == ["https://c.example/f"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("add", "no url"), 2, "no url"),
        (("add", "ftp://x.example/f"), 2, "is not http or https"),
        (("add", "http://x.example/f", "--language", "english!"), 2, "english!"),
        (("add", "http://x.example/f", "--country", "GBR"), 2, "GBR"),
        (("list", "--state", "asleep"), 2, "asleep"),
        (("show", "nothing"), 1, "there is no feed nothing"),
        (("retire", "http://x.example/none"), 1, "there is no feed"),
        (("remove", "mailto://x"), 2, "mailto"),
        (("discover", "http://169.254.169.254/"), 4, "a cloud metadata address"),
        (("discover", "mailto://x"), 2, "mailto"),
    ],
)
def test_what_is_wrong_is_named(run: Run, words: tuple[str, ...], code: int, told: str) -> None:
    result = run(*words)
    assert result.exit_code == code
    assert told in result.stderr


def test_a_feed_is_retired_and_taken_up_again(run: Run) -> None:
    url = "https://a.example/f?b=1&a=2"
    identity = run("add", url).stdout.strip()
    assert run("add", "https://a.example/f?a=2&b=1#top").exit_code == 1  # the same feed
    assert run("retire", url).exit_code == 0
    [gone] = json.loads(run("list", "--json", "--state", "gone").stdout)
    assert (gone["id"], gone["error"]) == (identity, "retired by an operator")
    assert gone["words"] == "Not polled any more: retired by an operator."
    assert run("activate", identity).exit_code == 0
    shown = json.loads(run("show", identity, "--json").stdout)
    assert (shown.get("error", ""), shown.get("state", "active")) == ("", "active")


def test_states_are_told_in_plain_words(run: Run, options: Settings) -> None:
    now = utc_now()
    one = makers.feed(
        "0" * 24, url="https://a.example/f", outlet="A", last_poll=now, last_success=now
    )
    said = {
        "gone: status 410 Gone": FeedState.GONE,
        "blocked by robots.txt: /private": FeedState.FAILING,
        "certificate expired on 2026-01-31": FeedState.FAILING,
        "not a feed: an HTML page titled “Front page”": FeedState.FAILING,
    }
    many = [
        replace(one, id=f"{number:024x}", state=state, error=error, failures=2)
        for number, (error, state) in enumerate(said.items(), 1)
    ]
    note = "silent since 2026-03-01 10:00 UTC: about 12 entries expected since"
    silent = replace(one, state=FeedState.SILENT, note=note)
    with connect(options, prepare=False) as store:
        store.feeds.add([silent, *many])
    told = run("list").stdout
    unbroken = " ".join(told.split())
    for words in (*said, note):
        assert words.split()[-1] in unbroken
    listed = json.loads(run("list", "--json").stdout)
    assert {feed["error"] for feed in listed if feed["error"]} == set(said)
    assert all(feed["error"] or feed["note"] in feed["words"] for feed in listed)


def test_a_subscription_is_shown_without_what_must_stay_secret(run: Run, options: Settings) -> None:
    identity = run("add", "https://a.example/f").stdout.strip()
    soon = utc_now() + timedelta(days=1)
    known = Subscription(
        id=identity, hub="https://hub.example/", topic="https://a.example/f", token="TOKEN",
        secret="SECRET", state=SubscriptionState.ACTIVE, expires=soon, last_push=utc_now(),
    )  # fmt: skip
    with connect(options, prepare=False) as store:
        store.subscriptions.put([known])
    told = run("show", identity)
    assert "https://hub.example/" in told.stdout
    assert "The hub last pushed just now." in told.stdout
    as_json = run("show", identity, "--json").stdout
    assert json.loads(as_json)["subscription"]["state"] == "active"
    assert not {"TOKEN", "SECRET"} & set((told.stdout + as_json).replace('"', " ").split())


def test_discovered_with_a_preview_and_added(run: Run) -> None:
    page = (
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="/feed">'
    )
    routes: dict[str, Handler | str | bytes] = {
        "/": page, "/feed": FEED, "/comments/feed": FEED,
    }  # fmt: skip

    async def served(*words: str) -> Result:
        async with site(routes) as port:
            address = f"http://a.localhost:{port}"
            return await asyncio.to_thread(run, *(word.replace("SITE", address) for word in words))

    told = asyncio.run(served("discover", "SITE/"))
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0].startswith("1. N: http://a.localhost:")
    assert lines[0].endswith("/feed")
    assert "comments" not in lines[0]
    assert "2026-03-01 00:00  One" in told.stdout
    assert "\x1b" not in told.stdout
    assert json.loads(run("list", "--json").stdout) == []
    as_json = asyncio.run(served("discover", "SITE/", "--json", "--add"))
    assert len(json.loads(as_json.stdout)["feeds"]) == 2
    [added] = json.loads(run("list", "--json").stdout)
    assert added["title"] == "N"
    assert asyncio.run(served("discover", "SITE/", "--add", "--collection", "x")).exit_code == 2
    routes.clear()
    routes["/"] = "<p>nothing"
    nothing = asyncio.run(served("discover", "SITE/"))
    assert nothing.exit_code == 1
    assert "names no feed" in nothing.stderr
    missing = asyncio.run(served("discover", "SITE/missing"))
    assert missing.exit_code == 1
    assert "status 404" in missing.stderr
