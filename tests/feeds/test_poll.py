"""Feeds polled over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime, timedelta

from aiohttp import web

from tests import makers
from tests.fetch.servers import Handler, raw, settings, site
from wirewatch.feeds.poll import Polled, feed_after, poll
from wirewatch.fetch.client import Client
from wirewatch.records import FeedState, replace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def document(*links: str) -> bytes:
    items = "".join(f"<item><title>T</title><link>{link}</link></item>" for link in links)
    return f"<rss><channel><title>N</title>{items}</channel></rss>".encode()


def serve(body: bytes, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        etag = headers.get("ETag")
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    return handler


def run(
    routes: dict[str, Handler | str | bytes],
    paths: list[str],
    after: timedelta = timedelta(hours=1),
    rounds: int = 1,
    **options: object,
) -> list[dict[str, Polled]]:
    """The polls of each round by path, ``host/path``; a round's feeds go into the next one."""

    async def go() -> list[dict[str, Polled]]:
        given, all_rounds, now = settings(**options), [], NOW
        async with site(routes) as port, Client(given, budget=given["feeds.budget"]) as client:
            addresses = {f"http://{p.replace('/', f'.localhost:{port}/', 1)}": p for p in paths}
            feeds = [makers.feed(url) for url in addresses]
            for _ in range(rounds):
                got = [
                    replace(polled, after=feed_after(polled, len(polled.entries), now, given))
                    async for polled in poll(client, feeds, now, given)
                ]
                assert len(got) == len(feeds)
                all_rounds.append({addresses[polled.before.url]: polled for polled in got})
                feeds = [polled.after for polled in got]
                now += after
        return all_rounds

    return asyncio.run(go())


def test_entries_come_with_what_was_rejected() -> None:
    polled = run({"/f": document("/1", "/2", "mailto:x")}, ["a/f"])[0]["a/f"]
    assert polled.outcome == "read"
    assert [entry.url.rpartition("/")[2] for entry in polled.entries] == ["1", "2"]
    assert (polled.rejected, polled.after.entries, polled.after.rejected_entries) == (1, 3, 1)
    assert polled.after.title == "N"
    assert polled.after.next_poll is not None
    assert polled.after.next_poll > NOW


def test_a_304_and_the_same_bytes_cost_no_parsing() -> None:
    routes = {"/e": serve(document("/1"), ETag='"1"'), "/p": serve(document("/1"))}
    first, second = run(routes, ["a/e", "b/p"], rounds=2)
    assert {polled.outcome for polled in first.values()} == {"read"}
    assert {polled.outcome for polled in second.values()} == {"unchanged"}
    assert second["a/e"].after.http_status == 304
    assert second["b/p"].after.http_status == 200


def test_a_server_that_lies_with_its_etag_is_found_out_within_a_day() -> None:
    served = []

    async def liar(request: web.Request) -> web.Response:
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        served.append(1)
        return web.Response(body=document(f"/{len(served)}"), headers={"ETag": '"always"'})

    rounds = run({"/f": liar}, ["a/f"], after=timedelta(hours=12), rounds=3)
    assert [polled["a/f"].outcome for polled in rounds] == ["read", "unchanged", "read"]


def test_failures_are_told_in_plain_words() -> None:
    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=410)

    routes: dict[str, Handler | str | bytes] = {
        "/page": "<!doctype html><title>Front page</title>",
        "/gone": gone,
        "/private/f": document("/1"),
        "/robots.txt": b"User-agent: *\nDisallow: /private\n",
    }
    got = run(routes, ["a/page", "b/gone", "c/private/f", "d/missing"])[0]
    errors = {path: polled.after.error for path, polled in got.items()}
    assert errors["a/page"] == "not a feed: an HTML page titled “Front page”"
    assert errors["b/gone"].startswith("gone: status 410")
    assert errors["c/private/f"].startswith("blocked by robots.txt")
    assert errors["d/missing"].startswith("not found: status 404")
    assert got["b/gone"].outcome == "gone"
    assert got["b/gone"].after.state == FeedState.GONE
    assert got["a/page"].outcome == "failed"
    assert got["a/page"].after.state == FeedState.FAILING


def test_a_malformed_feed_is_read_and_noted() -> None:
    cut = document("/1", "/2", "/3")[:-60]
    polled = run({"/f": cut}, ["a/f"])[0]["a/f"]
    assert polled.outcome == "read"
    assert polled.after.note.startswith("malformed: ")
    assert len(polled.entries) >= 2
    assert polled.after.error == ""


def test_an_empty_feed_is_no_failure() -> None:
    polled = run({"/f": document()}, ["a/f"])[0]["a/f"]
    assert (polled.outcome, polled.after.note, polled.after.failures) == ("read", "no entries", 0)


def test_a_sitemap_index_is_read_through() -> None:
    def sitemap(name: str) -> bytes:
        return (
            f"<urlset><url><loc>/{name}</loc><lastmod>2026-03-01</lastmod></url></urlset>".encode()
        )

    index = b"<sitemapindex>" + b"".join(
        f"<sitemap><loc>/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>".encode()
        for name, day in [("old", "2020-01-01"), ("new", "2026-03-01"), ("lost", "2026-02-28")]
    )
    routes = {
        "/i.xml": index + b"</sitemapindex>",
        "/new.xml": sitemap("n"),
        "/old.xml": sitemap("o"),
    }
    polled = run(dict(routes), ["a/i.xml"])[0]["a/i.xml"]
    assert [entry.url.rpartition("/")[2] for entry in polled.entries] == ["n"]
    assert "lost.xml: status 404" in polled.after.note


def test_past_its_budget_a_run_leaves_feeds_to_the_next() -> None:
    async def hangs(request: web.Request) -> web.Response:
        await asyncio.sleep(0 if request.path == "/1" else 600)
        return web.Response(body=document("/1"))

    routes: dict[str, Handler | str | bytes] = {"/{n}": hangs, "/robots.txt": b""}
    got = run(routes, ["a/1", "a/2", "a/3"], feeds__budget=3)[0]
    assert [polled.outcome for polled in got.values()] == ["read", "failed", "postponed"]
    assert got["a/3"].after.polls == 0


def test_an_index_of_sitemaps_that_did_not_change_is_read_all_the_same() -> None:
    index = b"<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>"
    served = []

    async def news(_: web.Request) -> web.Response:
        served.append(1)
        row = f"<url><loc>/{len(served)}</loc><lastmod>2026-03-01</lastmod></url>"
        return web.Response(body=f"<urlset>{row}</urlset>")

    rounds = run({"/i.xml": serve(index, ETag='"1"'), "/news.xml": news}, ["a/i.xml"], rounds=2)
    assert [polled["a/i.xml"].outcome for polled in rounds] == ["read", "read"]
    assert rounds[1]["a/i.xml"].entries[0].url.endswith("/2")


def test_a_body_that_was_cut_off_is_asked_for_again_and_then_said() -> None:
    packed = gzip.compress(document("/1"))
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        whole = request.path == "/once" and asked.count("/once") > 1
        body = packed if whole else packed[: len(packed) // 2]
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    polled = run({"/once": handler, "/ever": handler}, ["a/once", "b/ever"], fetch__retry_pause=0)[
        0
    ]
    assert sorted(asked) == ["/ever", "/ever", "/once", "/once"]
    assert (polled["a/once"].outcome, len(polled["a/once"].entries)) == ("read", 1)
    after = polled["b/ever"].after
    assert after is not None
    assert (after.state, after.failures) == (FeedState.FAILING, 1)
    assert "the gzip body was cut off" in after.error


def test_a_304_with_a_body_is_asked_for_again_without_conditions() -> None:
    body = document("/1")
    answers = [
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n<rss/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
    ]

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.pop(0))
        await writer.drain()

    async def go() -> list[Polled]:
        given = settings(fetch__retry_pause=0)
        async with raw(answer) as port, Client(given) as client:
            known = replace(makers.feed(f"http://a.localhost:{port}/f"), etag='"1"', last_full=NOW)
            return [polled async for polled in poll(client, [known], NOW, given)]

    assert [(polled.outcome, len(polled.entries)) for polled in asyncio.run(go())] == [("read", 1)]
    assert answers == []
