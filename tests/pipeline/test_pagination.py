"""Articles that go on over several pages: fetched in the run, archived, joined, read anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import flows
from wirewatch.fetch.urls import feed_id, page_id
from wirewatch.pipeline.paths import archive_of
from wirewatch.pipeline.rebuild import rebuild
from wirewatch.pipeline.reprocess.report import Report
from wirewatch.records import Feed, Page, Story, utc_now
from wirewatch.settings import Settings, load
from wirewatch.store import connect

pytestmark = pytest.mark.es

PAGES = {"/long": 4, "/secret": 2}
WORDS = ("harbour", "parliament", "volcano", "orchestra")
ASKED: list[str] = []
BOX = "Subscribers to the Daily have paid for the reporting that went into this series of pages."


def paragraph(number: int, path: str = "/long") -> str:
    word = WORDS[number - 1]
    return (
        f"The {word} of {path.strip('/')} was closed on Tuesday after the {word} committee had met "
        f"for nine hours, and residents beside the {word} said that nobody had told them before. "
        f"A spokeswoman for the {word} announced a second meeting, number {number}, for Friday."
    )


def html(path: str, number: int) -> str:
    last = PAGES[path]
    links = "".join(
        f"<a href='{path}?page={n}'>{n}</a> " for n in range(1, last + 1) if n != number
    )
    noarchive = (
        '<meta name="robots" content="noarchive">' if path == "/secret" and number > 1 else ""
    )
    return (
        f"<html lang='en'><head><title>The long report of {path}</title>{noarchive}</head><body>"
        f"<article><h1>The long report of {path}</h1><p>{paragraph(min(number, last), path)}</p>"
        f"<p>{BOX}</p></article><div class='pages'>{links}</div></body></html>"
    )


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        there = urlsplit(self.path)
        number = int(parse_qs(there.query).get("page", ["1"])[0])
        kind, status = "text/html; charset=utf-8", 200
        ASKED.append(self.path)
        if there.path == "/feed":
            kind = "application/rss+xml"
            items = "".join(
                f"<item><title>{path}</title><link>http://{self.headers['Host']}{path}</link></item>"
                for path in PAGES
            )
            text = f"<rss version='2.0'><channel><title>Daily</title>{items}</channel></rss>"
        elif there.path in PAGES:
            text = html(there.path, number)
        else:
            text, status = "", 404
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def base() -> Iterator[str]:
    ASKED.clear()
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


def found(options: Settings, base: str, path: str) -> tuple[Page, Story]:
    with connect(options) as store:
        store.refresh()
        page = store.pages.get([page_id(base + path)])[page_id(base + path)]
        return page, store.stories.stories([page.story_id])[page.story_id]


def whole(path: str) -> str:
    lines = [paragraph(1, path), BOX]
    lines += [paragraph(number, path) for number in range(2, PAGES[path] + 1)]
    return "\n".join(lines)


def test_pages_are_joined_in_their_order_without_what_repeats(options: Settings, base: str) -> None:
    account = flows.ingest(options, "first")
    assert account.problems == ()
    assert account.stages["extract"]["joined"] == 2
    page, story = found(options, base, "/long")
    assert story.text == whole("/long")
    assert [part.url for part in page.parts] == [f"{base}/long?page={n}" for n in (2, 3, 4)]
    archive = archive_of(options)
    for number, part in enumerate(page.parts, 2):
        assert part.location is not None
        assert paragraph(number).encode() in archive.read(part.location).body
    assert ASKED.count("/long?page=2") == 1


def test_no_more_pages_than_the_option_says(options: Settings, base: str) -> None:
    flows.ingest(options.with_options(extract__pages=2), "first")
    page, story = found(options, base, "/long")
    assert len(page.parts) == 1
    assert story.text == "\n".join([paragraph(1), BOX, paragraph(2)])
    assert "/long?page=3" not in ASKED
    flows.ingest(options, "none")


def test_reprocess_reads_them_from_the_archive(options: Settings, base: str) -> None:
    flows.ingest(options, "first")
    asked = len(ASKED)
    told: list[Report] = []
    flows.reprocess(options, "*", told=told.append)
    assert len(ASKED) == asked
    [report] = told
    assert report.others["unchanged"] == 1
    assert report.others["not_archived"] == 1  # its second page asks for no copy
    page, story = found(options, base, "/secret")
    assert [part.location for part in page.parts] == [None]
    assert story.text == whole("/secret")


def test_a_look_again_joins_anew(
    options: Settings, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows.ingest(options, "first")
    monkeypatch.setattr(
        "tests.pipeline.test_parts.WORDS", ("lighthouse", "library", "lake", "lift")
    )
    with connect(options) as store:
        store.refresh()
        store.es.update_by_query(
            index=f"{store.prefix}-pages",
            query={"exists": {"field": "revisit_at"}},
            script={"source": "ctx._source.revisit_at = params.now",
                    "params": {"now": utc_now().isoformat()}},
            refresh=True,
        )  # fmt: skip
    flows.revisit(options, "again")
    page, story = found(options, base, "/long")
    assert story.revisions == 1
    assert story.text == whole("/long")
    assert "lift" in story.text
    assert len(page.parts) == 3


def test_the_index_made_anew_has_them_from_the_archive(options: Settings, base: str) -> None:
    flows.ingest(options, "first")
    flows.alert(options)
    asked = len(ASKED)
    rebuild(options)
    assert len(ASKED) == asked
    page, story = found(options, base, "/long")
    assert story.text == whole("/long")
    assert len(page.parts) == 3
