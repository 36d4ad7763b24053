"""The feeds of a site found over real HTTP on loopback."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tests.fetch.servers import Handler, settings, site
from wirewatch.feeds.discover import Discovery, discover
from wirewatch.fetch import urls
from wirewatch.fetch.client import Client

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = (
    b"<rss><channel><title>N</title>"
    b"<item><title>Old</title><link>/1</link><pubDate>2026-02-01</pubDate></item>"
    b"<item><title>New</title><link>/2</link><pubDate>2026-03-01</pubDate></item></channel></rss>"
)


def run(routes: dict[str, Handler | str | bytes], path: str = "/") -> Discovery:
    async def go() -> Discovery:
        given = settings()
        async with site(routes) as port, Client(given) as client:
            return await discover(client, f"http://a.localhost:{port}{path}", NOW, given)

    return asyncio.run(go())


def paths(result: Discovery) -> list[tuple[str, str]]:
    return [("/" + feed.url.split("/", 3)[3], feed.found) for feed in result.feeds]


def test_link_elements_and_links_with_a_preview() -> None:
    page = (
        '<html><head><base href="/sub/"><link rel="alternate" type="application/rss+xml" href="f">'
        '<link rel="alternate" type="application/atom+xml" href="gone">'
        '<link rel="alternate" hreflang="de" href="/de"></head>'
        '<body><a href="/rss/world">World</a> <a href="https://else.example/feed">x</a></body>'
    )
    result = run({"/": page, "/sub/f": FEED, "/rss/world": FEED, "/feed": FEED})
    assert paths(result) == [("/sub/f", "link element"), ("/rss/world", "link")]
    feed = result.feeds[0]
    assert (feed.kind, feed.title, feed.entries) == ("rss", "N", 2)
    assert [entry.title for entry in feed.newest] == ["New", "Old"]


def test_well_known_paths_only_when_the_page_names_none() -> None:
    assert paths(run({"/": "<p>front", "/rss.xml": FEED})) == [("/rss.xml", "well-known path")]


def test_news_sitemaps_of_robots_txt() -> None:
    sitemap = b"<urlset><url><loc>/1</loc><lastmod>2026-03-01</lastmod></url></urlset>"
    robots = b"Sitemap: /all.xml\nSitemap: /news.xml\n"
    result = run({"/": "<p>x", "/robots.txt": robots, "/news.xml": sitemap, "/all.xml": sitemap})
    assert paths(result) == [("/news.xml", "sitemap"), ("/all.xml", "sitemap")]


def test_a_feed_is_its_own_discovery() -> None:
    result = run({"/f": FEED}, "/f")
    assert (paths(result), result.tried) == ([("/f", "itself")], 1)


def test_what_cannot_be_had_is_said() -> None:
    assert run({}, "/").error.startswith("status 404")
    empty = run({"/": " "})
    assert (empty.feeds, empty.error) == ((), "")
    with pytest.raises(urls.BadURL):
        asyncio.run(discover(Client(settings()), "mailto://x", NOW, settings()))
