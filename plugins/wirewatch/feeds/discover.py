"""The feeds of a site: from its link elements, its links, well-known paths and sitemaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree, html

from wirewatch.encodings import decode
from wirewatch.feeds.parse import NotAFeed, ParsedFeed, parse
from wirewatch.feeds.poll import ACCEPT
from wirewatch.feeds.values import link, text_of
from wirewatch.fetch import urls
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.records import Entry, Reason, Record
from wirewatch.settings import Settings

PREVIEW = 5  # newest entries shown of each feed
MOST_FEEDS = 20  # candidates fetched of those a page names
MOST_LINKS = 10  # of those, ordinary links that look like feeds
MOST_SITEMAPS = 3  # of those robots.txt names
# Where feeds lie on sites that do not say so; asked for only when nothing was found otherwise.
WELL_KNOWN = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")

_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
_LOOKS = re.compile(r"(?:/|\b)(?:rss|feeds?|atom|rdf)(?:\b|/|\.xml|$)", re.IGNORECASE)
_COMMENTS = re.compile(r"\bcomments?\b", re.IGNORECASE)
_OLDEST = datetime.min.replace(tzinfo=UTC)


class Found(Record, frozen=True, kw_only=True):
    """A feed of the site, with what it has."""

    url: str  # after redirects
    kind: str
    title: str = ""
    language: str = ""
    found: str  # how: itself, link element, link, well-known path, sitemap
    entries: int = 0
    newest: tuple[Entry, ...] = ()
    note: str = ""


class Discovery(Record, frozen=True, kw_only=True):
    """What looking for feeds came to; ``error`` says in words why the page itself failed."""

    url: str
    feeds: tuple[Found, ...] = ()
    tried: int = 0  # URLs asked for
    error: str = ""
    reason: Reason | None = None  # of the error, in one word


async def discover(client: Client, url: str, now: datetime, settings: Settings) -> Discovery:
    """The feeds of the site at ``url`` (a page or a feed), the best ones first.

    Raises urls.BadURL when ``url`` is none. Each candidate is fetched and read before it is named.
    """
    start = urls.absolute(url if "://" in url else f"https://{url}")
    search = _Search(client, now, settings)
    answer = await search.get(start)
    if isinstance(answer, Failure):
        reason = answer.reason
        return Discovery(url=start, tried=search.tried, error=answer.detail, reason=reason)
    if await search.take(answer, "itself"):
        return search.result(start)
    page, base = decode(answer.body, answer.header("Content-Type")).text, answer.final_url
    for candidate, how in _candidates(page, base):
        await search.try_one(candidate, how)
    if not search.feeds:
        for path in WELL_KNOWN:
            if await search.try_one(link(path, base), "well-known path"):
                break
    named = await client.sitemaps(base)
    news_first = sorted(named, key=lambda address: "news" not in address.lower())
    for sitemap in news_first[:MOST_SITEMAPS]:
        await search.try_one(link(sitemap, base), "sitemap")
    return search.result(start)


class _Search:
    """What has been tried and found so far."""

    def __init__(self, client: Client, now: datetime, settings: Settings) -> None:
        self._client = client
        self._now = now
        self._since = now - timedelta(days=settings["feeds.sitemap_days"])
        self._seen: set[str] = set()
        self.tried = 0
        self.feeds: dict[str, Found] = {}

    async def get(self, url: str) -> Response | Failure:
        self._seen.add(urls.normalise(url))
        self.tried += 1
        return await self._client.get(url, accept=f"{ACCEPT}, text/html;q=0.5")

    async def try_one(self, url: str, how: str) -> bool:
        """Whether the URL, not seen before, is a feed."""
        if not url or urls.normalise(url) in self._seen:
            return False
        answer = await self.get(url)
        return isinstance(answer, Response) and await self.take(answer, how)

    async def take(self, answer: Response, how: str) -> bool:
        """Whether the answer is a feed with something in it; keeps it when it is."""
        try:
            kind = answer.header("Content-Type")
            parsed = parse(answer.body, answer.final_url, kind, now=self._now, since=self._since)
        except NotAFeed:
            return False
        if not parsed.entries and not parsed.children and how not in ("itself", "link element"):
            return False
        self.feeds.setdefault(urls.normalise(answer.final_url), _found(parsed, answer, how))
        return True

    def result(self, start: str) -> Discovery:
        # A site's comments come after its articles, in whatever order it names them.
        feeds = sorted(self.feeds.values(), key=lambda feed: bool(_COMMENTS.search(feed.url)))
        return Discovery(url=start, feeds=tuple(feeds), tried=self.tried)


def _found(parsed: ParsedFeed, answer: Response, how: str) -> Found:
    newest = sorted(
        parsed.entries, key=lambda entry: entry.published or entry.updated or _OLDEST, reverse=True
    )
    return Found(
        url=answer.final_url,
        kind=parsed.kind,
        title=parsed.title,
        language=parsed.language,
        found=how,
        entries=len(parsed.entries) or len(parsed.children),
        newest=tuple(newest[:PREVIEW]),
        note=parsed.note,
    )


def _candidates(page: str, base: str) -> Iterator[tuple[str, str]]:
    """The URLs a page names as feeds, then its links that look like feeds on the same site."""
    try:
        root: Any = html.fromstring(page.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):
        return  # an empty page
    base = link(next(iter(root.xpath("//base/@href")), ""), base) or base
    seen: set[str] = set()
    for element in root.iter("link"):
        rel = element.get("rel", "").lower().split()
        kind = element.get("type", "").partition(";")[0].strip().lower()
        if ("alternate" in rel and kind in _TYPES) or "feed" in rel:
            url = link(element.get("href", ""), base)
            if url and url not in seen and len(seen) < MOST_FEEDS:
                seen.add(url)
                yield url, "link element"
    links = 0
    for element in root.iter("a"):
        url = link(element.get("href", ""), base)
        text = text_of("".join(element.itertext()))[:100]
        if (
            not url
            or url in seen
            or not (_LOOKS.search(url.partition("//")[2]) or _LOOKS.search(text))
        ):
            continue
        if urls.same_site(url, base):
            seen.add(url)
            links += 1
            yield url, "link"
        if links >= MOST_LINKS or len(seen) >= MOST_FEEDS:
            return
