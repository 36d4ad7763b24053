"""``wirewatch pages`` and ``wirewatch archive`` on a real store and a real archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests import makers
from tests.makers import NOW
from wirewatch.cli import app
from wirewatch.fetch.answers import Response
from wirewatch.fetch.urls import feed_id, page_id
from wirewatch.pipeline.paths import archive_of
from wirewatch.records import Lease, Location, Page, PageStatus, Reason
from wirewatch.settings import load
from wirewatch.store import connect

FEED = "http://a.com/rss"
Call = Callable[..., Result]


@pytest.fixture
def wirewatch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    monkeypatch.setenv("WIREWATCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WIREWATCH_LOCAL_FOLDER", str(tmp_path / "local"))
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:1")  # the archive needs none
    return lambda *words: CliRunner().invoke(app, list(words))


def page(path: str, status: PageStatus, reason: Reason | None = None, **fields: object) -> Page:
    return makers.page(
        f"http://a.com/{path}",
        **{"status": status, "reason": reason, "feed_id": feed_id(FEED), **fields},
    )


PAGES = [
    page("gone", PageStatus.DEAD, Reason.GONE, http_status=410, detail="status 410 Gone"),
    page("lost", PageStatus.DEAD, Reason.NOT_FOUND, http_status=404, attempts=6),
    page("wall", PageStatus.REJECTED, Reason.PAYWALL),
    page("late", PageStatus.RETRY, Reason.DNS, next_attempt=NOW, attempts=3),
    page("good", PageStatus.INDEXED, story_id="s", noarchive=True, opt_outs=("noai", "robots.txt"),
         fetched=NOW, http_status=200),
    page("kept", PageStatus.INDEXED, location=Location(file="f.warc.gz", offset=1234, length=5)),
    page("held", PageStatus.DEAD, Reason.GONE, lease=Lease(run="r", until=NOW)),
    page("else", PageStatus.DEAD, Reason.GONE, host="b.com", feed_id=""),
]  # fmt: skip


@pytest.fixture
def stocked(
    wirewatch: Call, es_url: str, empty_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> Call:
    monkeypatch.setenv("ELASTICSEARCH_URL", es_url)
    monkeypatch.setenv("WIREWATCH_ELASTICSEARCH_PREFIX", empty_prefix)
    with connect(load()) as store:
        store.pages.discover(PAGES)
        store.feeds.add([makers.feed(FEED)])
        store.refresh()
    return wirewatch


def listed(call: Call, *words: str) -> set[str]:
    told = call("pages", "list", *words, "--json")
    assert told.exit_code == 0, told.output
    return {one["url"].rpartition("/")[2] for one in json.loads(told.stdout)}


@pytest.mark.es
def test_pages_are_listed_by_what_is_asked(stocked: Call) -> None:
    assert listed(stocked, "--status", "dead") == {"gone", "lost", "held", "else"}
    assert listed(stocked, "--status", "dead", "--reason", "gone", "--host", "A.com") == {
        "gone", "held",
    }  # fmt: skip
    assert listed(stocked, "--feed", FEED, "--status", "rejected") == {"wall"}
    assert listed(stocked, "--feed", feed_id(FEED), "--reason", "dns") == {"late"}
    assert listed(stocked, "--noarchive") == listed(stocked, "--opted-out") == {"good"}
    assert len(listed(stocked, "--limit", "3")) == 3
    plain = stocked("pages", "list", "--reason", "gone", "--host", "a.com").output
    assert "410" in plain
    assert "2 pages" in plain
    assert stocked("pages", "list", "--status", "odd").exit_code == 2
    assert stocked("pages", "list", "--feed", "http://").exit_code == 2


@pytest.mark.es
def test_a_page_is_shown_by_id_and_address(stocked: Call) -> None:
    for named in (page_id("http://a.com/gone"), "HTTP://A.com/gone#top"):
        told = stocked("pages", "show", named)
        assert told.exit_code == 0
        for words in ("dead (gone)", "status 410 Gone", "last answer  410", FEED):
            assert words in told.stdout, words
    good = stocked("pages", "show", "http://a.com/good").stdout
    assert "the page asks for no copy" in good
    assert "noai, robots.txt" in good
    assert "f.warc.gz at 1,234" in stocked("pages", "show", "http://a.com/kept").stdout
    record = json.loads(stocked("pages", "show", "http://a.com/good", "--json").stdout)
    assert record["opt_outs"] == ["noai", "robots.txt"]
    assert stocked("pages", "show", "http://a.com/nowhere").exit_code == 1
    assert stocked("pages", "show", "http://").exit_code == 2


def due() -> set[str]:
    with connect(load()) as store:
        found = store.pages.all([PageStatus.DISCOVERED])
        return {one.url.rpartition("/")[2] for one in found if not one.attempts}


@pytest.mark.es
def test_named_pages_are_retried(stocked: Call) -> None:
    told = stocked("pages", "retry", page_id("http://a.com/lost"), "http://a.com/good", "absent")
    assert told.exit_code == 1
    assert "there is no page absent" in told.stderr
    assert "1 pages are due again" in told.stdout
    assert "1 were dead: not found" in told.stdout
    assert "1 left alone" in told.stdout
    assert due() == {"lost"}
    shown = stocked("pages", "show", "http://a.com/lost").stdout
    assert "discovered" in shown
    assert "to be tried again; it was dead" in shown


@pytest.mark.es
def test_pages_are_retried_by_what_they_are(stocked: Call) -> None:
    assert stocked("pages", "retry").exit_code == 2
    assert stocked("pages", "retry", "x", "--reason", "gone").exit_code == 2
    told = stocked("pages", "retry", "--reason", "gone", "--host", "a.com", "--json")
    assert json.loads(told.stdout) == {"due": {"dead: gone": 1}, "left": 1, "absent": []}
    assert due() == {"gone"}
    assert stocked("pages", "retry", "--status", "retry", "--status", "rejected").exit_code == 0
    assert due() == {"gone", "late", "wall"}
    again = stocked("pages", "retry", "--feed", FEED)
    assert "1 were dead: not found" in again.stdout
    assert due() == {"gone", "late", "wall", "lost"}


def answer(body: bytes, day: int) -> Response:
    return Response(
        url="https://a.com/old", final_url="https://a.com/x", status=200, phrase="OK",
        headers=(("Content-Type", "text/html"), ("X-Name", "e")), body=body,
        when=NOW.replace(day=day),
    )  # fmt: skip


@pytest.mark.parametrize("where", ["folder", "memory"])
def test_archived_pages_are_written_out_as_they_came(
    wirewatch: Call, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "memory":
        monkeypatch.setenv("WIREWATCH_STATE", f"memory://{uuid4().hex}")
    bodies = {day: bytes(range(256)) * 20 + str(day).encode() for day in (20, 21)}
    for day, body in bodies.items():
        with archive_of(load()).writer(f"2026/11/{day}/r.warc.gz") as writer:
            writer.write(answer(body, day))
    cat = ("archive", "cat", "https://A.com/x")
    assert wirewatch(*cat).stdout_bytes == bodies[21]
    assert wirewatch("archive", "cat", "https://a.com/old").stdout_bytes == bodies[21]
    assert wirewatch(*cat, "--at", "2026-11-20").stdout_bytes == bodies[20]
    assert wirewatch(*cat, "--at", "2026-11-21T12:00:00").stdout_bytes == bodies[21]
    head, _, body = wirewatch(*cat, "--headers").stdout_bytes.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Name: e")
    assert body == bodies[21]
    early = wirewatch(*cat, "--at", "2026-10")
    assert (early.exit_code, early.stdout_bytes) == (1, b"")
    assert "2026-11-20T12:00:00" in early.stderr
    assert wirewatch("archive", "cat", "https://a.com/nowhere").exit_code == 1
    assert wirewatch(*cat, "--at", "soon").exit_code == 2
    assert wirewatch("archive", "cat", "mailto:a@b").exit_code == 2
    rows = json.loads(wirewatch("archive", "list", "https://a.com/x", "--json").stdout)
    assert [row["location"]["file"] for row in rows] == [
        "2026/11/21/r.warc.gz", "2026/11/20/r.warc.gz",
    ]  # fmt: skip
    assert "2 copies" in wirewatch("archive", "list", "https://a.com/x").stderr
    assert wirewatch("archive", "list", "https://a.com/nowhere").exit_code == 1


def test_the_archive_is_checked_and_its_index_made_anew(wirewatch: Call) -> None:
    archive = archive_of(load())
    for day in (20, 21):
        with archive.writer(f"2026/11/{day}/r.warc.gz") as writer:
            writer.write(answer(b"x" * 5_000, day))
    sound = wirewatch("archive", "check")
    assert (sound.exit_code, sound.stdout) == (0, "")
    assert "2 pages in 2 files, 0 of them with problems" in sound.stderr
    fs, root = fsspec.core.url_to_fs(f"{load().state}/archive")
    fs.rm(f"{root}/2026/11/20/r.index.jsonl")
    torn = f"{root}/2026/11/21/r.warc.gz"
    fs.pipe_file(torn, fs.cat_file(torn)[:-300])
    bad = wirewatch("archive", "check", "--json")
    assert bad.exit_code == 1
    problems = {one["file"]: one.get("problems", []) for one in json.loads(bad.stdout)}
    assert "has no index" in problems["2026/11/20/r.warc.gz"][0]
    assert "torn" in problems["2026/11/21/r.warc.gz"][0]
    assert wirewatch("archive", "index").exit_code == 2
    rebuilt = wirewatch("archive", "index", "--rebuild")
    assert rebuilt.exit_code == 1
    assert "torn" in rebuilt.stderr
    assert wirewatch("archive", "cat", "https://a.com/x", "--at", "2026-11-20").exit_code == 0
