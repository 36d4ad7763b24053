"""Pages that ask for no copy: read like any other, and never in the archive."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import flows
from wirewatch.fetch.urls import feed_id, page_id
from wirewatch.pipeline import body_store
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.frame import begin
from wirewatch.pipeline.poll import poll
from wirewatch.pipeline.reprocess.report import Report, format_report
from wirewatch.records import Feed, Page, PageStatus, utc_now
from wirewatch.settings import Settings, load
from wirewatch.store import connect

pytestmark = pytest.mark.es

HEADERS = {
    "/header": ("X-Robots-Tag", "googlebot: nofollow, wirewatch: noarchive"),
    "/tdm": ("tdm-reservation", "1"),
}
META = {"/meta": '<meta name="robots" content="NOARCHIVE, noai">'}
PATHS = ("/header", "/meta", "/tdm", "/plain")
ROBOTS = "User-agent: GPTBot\nDisallow: /plain\n"
WORDS = {
    "/header": "harbour", "/meta": "parliament", "/tdm": "volcano", "/plain": "orchestra",
}  # fmt: skip


def html(path: str) -> str:
    word = WORDS[path]
    text = (
        f"<p>The {word} was closed on Tuesday after the {word} committee had met for nine hours. "
        f"Residents who live beside the {word} said that nobody had told them of it before.</p>"
        f"<p>A spokeswoman for the {word} committee announced a second meeting for Friday, at "
        f"which the accounts of the {word} are to be laid open to everybody who asks.</p>"
    )
    return (
        f"<html lang='en'><head><title>The {word} closes</title>{META.get(path, '')}</head>"
        f"<body><article><h1>The {word} closes</h1>{text}</article></body></html>"
    )


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind = "text/html; charset=utf-8"
        if self.path == "/feed":
            kind = "application/rss+xml"
            items = "".join(
                f"<item><title>{WORDS[path]}</title><link>http://{self.headers['Host']}{path}"
                "</link></item>"
                for path in PATHS
            )
            text = f"<rss version='2.0'><channel><title>Daily</title>{items}</channel></rss>"
        elif self.path == "/robots.txt":
            kind, text = "text/plain", ROBOTS
        else:
            text = html(self.path)
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.path in HEADERS:
            self.send_header(*HEADERS[self.path])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://a.localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def options(es_url: str, empty_prefix: str, tmp_path: Path, base: str) -> Settings:
    made = load({}).with_options(
        elasticsearch__url=es_url, elasticsearch__prefix=empty_prefix, state=str(tmp_path),
        fetch__allow=f"*.localhost:{base.rpartition(':')[2]}", fetch__delay=0.01,
        extract__processes=1, run__partitions=1,
    )  # fmt: skip
    with connect(made) as store:
        url = f"{base}/feed"
        store.feeds.add([Feed(id=feed_id(url), url=url, outlet="Daily", added=utc_now())])
        store.refresh()
    return made


def state(options: Settings, base: str) -> dict[str, Page]:
    with connect(options) as store:
        store.refresh()
        found = store.pages.get([page_id(base + path) for path in PATHS])
        return {page.url.removeprefix(base): page for page in found.values()}


def mentions(folder: Path, word: str) -> list[str]:
    return [
        file.name
        for file in folder.rglob("*.warc.gz")
        if word.encode() in gzip.decompress(file.read_bytes())
    ]


def test_read_but_not_archived(options: Settings, base: str, tmp_path: Path) -> None:
    account = flows.ingest(options, "first")
    assert account.problems == ()
    assert account.stages["fetch"]["noarchive"] == 2
    assert account.stages["index"]["passed"] == 4
    pages = state(options, base)
    asks = {path: (page.noarchive, page.opt_outs) for path, page in pages.items()}
    assert asks == {
        "/header": (True, ()),
        "/meta": (True, ("noai",)),
        "/tdm": (False, ("tdm-reservation",)),
        "/plain": (False, ("robots.txt",)),
    }
    assert {path for path, page in pages.items() if page.location} == {"/tdm", "/plain"}
    assert {page.status for page in pages.values()} == {PageStatus.INDEXED}
    archive, passing = tmp_path / "archive", tmp_path / "passing"
    assert {path: bool(mentions(archive, word)) for path, word in WORDS.items()} == {
        "/header": False, "/meta": False, "/tdm": True, "/plain": True,
    }  # fmt: skip
    assert list(passing.rglob("*.*")) == []  # gone with the run
    told: list[Report] = []
    flows.reprocess(options, "*", told=told.append)
    [report] = told
    assert report.others["noarchive"] == 2
    assert any("asks for no copy" in line for line in format_report(report))


def test_their_bytes_wait_for_extraction_and_are_fetched_again_once_gone(
    options: Settings, base: str, tmp_path: Path
) -> None:
    begin(options, "cut", "ingest")
    poll(options, "cut")
    [claimed] = claim(options, "cut")
    fetched = fetch(options, claimed)
    assert mentions(tmp_path / "passing", "harbour")
    first = extract(options, fetched)
    assert first.passed == 4
    assert extract(options, fetched) == first  # the same task cleared
    body_store.forget(options, "another", utc_now())
    assert mentions(tmp_path / "passing", "harbour")  # the run's own until it ends, or a day
    body_store.forget(options, "another", utc_now() + timedelta(days=2))
    assert not mentions(tmp_path / "passing", "harbour")
    later = extract(options, fetched)
    assert (later.passed, later.outcomes) == (2, {"postponed": 2})
    pages = state(options, base)
    assert pages["/header"].status == pages["/meta"].status == PageStatus.RETRY
    assert "fetched again" in pages["/meta"].detail


def test_a_look_again_keeps_no_copy_either(
    options: Settings, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows.ingest(options, "first")
    monkeypatch.setitem(WORDS, "/header", "lighthouse")
    monkeypatch.setitem(META, "/plain", '<meta name="robots" content="none">')
    with connect(options) as store:
        store.refresh()
        store.es.update_by_query(
            index=f"{store.prefix}-pages",
            query={"exists": {"field": "revisit_at"}},
            script={"source": "ctx._source.revisit_at = params.now",
                    "params": {"now": utc_now().isoformat()}},
            refresh=True,
        )  # fmt: skip
    account = flows.revisit(options, "again")
    assert account.stages["revise"]["passed"] == 1
    pages = state(options, base)
    assert (pages["/plain"].noarchive, pages["/plain"].location) == (True, None)
    assert mentions(tmp_path / "archive", "lighthouse") == []
    with connect(options) as store:
        store.refresh()
        [story] = [one for one in store.stories.all() if one.revisions]
    assert "lighthouse" in story.text
