"""The outlets' feeds: RSS 2.0, RSS 1.0, Atom, JSON Feed and news sitemaps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape as escape_html
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from newsroom.outlets import ATOM, JSON_FEED, RSS1, SITEMAP, Outlet
from newsroom.pages import (
    description,
    link,
    origin,
    second_path,
)
from newsroom.plan import Placement, Plan

AGGREGATED = 300  # entries of the aggregator's feed
# How the aggregator spells the links of others; one way a round over all articles.
SPELLINGS = (
    "utm_source=headline-sweep&utm_medium=rss",
    "fbclid=IwAR2hSweep{n}",
    "utm_campaign=evening&gclid=EAIaSweep{n}#top",
    "#comments",
    "mc_cid=sweep{n}&utm_term=all",
)
FEED_CONTENT_TYPES = {
    ATOM: "application/atom+xml; charset=utf-8",
    JSON_FEED: "application/feed+json; charset=utf-8",
    SITEMAP: "application/xml; charset=utf-8",
    RSS1: "application/rdf+xml; charset=utf-8",
}
# The last item of the malformed feed: an undefined entity, a bare ampersand, an open tag, the end.
BROKEN_TAIL = "<item><title>Roads &nbsp; & bridges <b>after the rain</title><descripti"


@dataclass(frozen=True)
class Item:
    """One entry of a feed, before it is written in the feed's format."""

    title: str
    url: str  # absolute; may carry a query and a fragment
    guid: str
    published: datetime
    updated: datetime
    summary: str = ""
    paragraphs: tuple[str, ...] = ()  # the whole body, where the feed carries it
    authors: tuple[str, ...] = ()
    outlet: str = ""  # who printed it, in an aggregator's feed


def content_type(outlet: Outlet) -> str:
    """The Content-Type that the outlet sends its feed with."""
    return FEED_CONTENT_TYPES.get(outlet.feed, "application/rss+xml; charset=utf-8")


def items(
    outlet: Outlet,
    plan: Plan,
    epoch: datetime,
    port: int,
    complete: bool = True,
    revised: bool = False,
) -> list[Item]:
    """The entries of the outlet's feed, newest first.

    Without ``complete`` the article that the lying feed hides at first is missing.
    """
    if outlet.has("empty"):
        return []
    if outlet.has("aggregator"):
        return _aggregated(plan, epoch, port)
    made: list[Item] = []
    base = origin(outlet, port)
    for placement in plan.of(outlet):
        if placement.hidden and not complete:
            continue
        item = _item(placement, epoch, port, revised)
        made.append(item)
        if second := second_path(placement, epoch):
            made.append(replace(item, url=base + second, guid=f"{item.guid}-front"))
    for oddity in plan.odd(outlet):
        moment = (epoch - timedelta(hours=oddity.age)).replace(second=0, microsecond=0)
        moment = moment.astimezone(outlet.clock)
        made.append(
            Item(
                title=oddity.title,
                url=base + oddity.path,
                guid=f"{outlet.label}-{oddity.kind}",
                published=moment,
                updated=moment,
                summary=oddity.title + ".",
            )
        )
    return sorted(made, key=lambda item: (item.published, item.guid), reverse=True)


def feed(
    outlet: Outlet,
    plan: Plan,
    epoch: datetime,
    port: int,
    complete: bool = True,
    revised: bool = False,
    extra: bool = False,
) -> bytes:
    """The outlet's feed as the bytes that it sends; ``extra`` asks for its second, shorter one."""
    entries = items(outlet, plan, epoch, port, complete, revised)
    if extra:
        entries = entries[: (len(entries) + 1) // 2]
    if outlet.has("no_titles"):
        entries = [replace(item, title="") if n < 2 else item for n, item in enumerate(entries)]
    base = origin(outlet, port)
    if outlet.feed == JSON_FEED:
        return _json_feed(outlet, entries, base)
    if outlet.feed == SITEMAP:
        return _sitemap(outlet, entries).encode()
    if outlet.feed == ATOM:
        return _atom(outlet, entries, base, epoch).encode()
    if outlet.feed == RSS1:
        return _rss1(outlet, entries, base).encode()
    text = _rss2(outlet, entries, base)
    if outlet.has("malformed"):
        text = text.partition("</channel>")[0] + BROKEN_TAIL
    return text.encode()


def _item(placement: Placement, epoch: datetime, port: int, revised: bool) -> Item:
    outlet = placement.outlet
    moment = placement.published(epoch)
    body = placement.shown(revised)
    updated = moment
    if revised and placement.revisable:
        updated = epoch.replace(second=0, microsecond=0).astimezone(outlet.clock)
    return Item(
        title=placement.version.title,
        url=origin(outlet, port) + link(placement, epoch),
        guid=f"{outlet.label}-{placement.number}",
        published=moment,
        updated=updated,
        summary=description(body),
        paragraphs=body if outlet.full_text else (),
        authors=placement.authors,
    )


def _aggregated(plan: Plan, epoch: datetime, port: int) -> list[Item]:
    """300 entries that link to the other outlets' articles, each several times."""
    known = [placement for placement in plan.placements if not placement.hidden]
    known.sort(key=lambda placement: (placement.age, placement.key))
    made: list[Item] = []
    for n in range(AGGREGATED):
        placement = known[n % len(known)]
        spelling = SPELLINGS[n // len(known) % len(SPELLINGS)].format(n=n)
        url = origin(placement.outlet, port) + link(placement, epoch)
        if not spelling.startswith("#"):
            spelling = ("&" if "?" in url else "?") + spelling
        moment = placement.published(epoch)
        made.append(
            Item(
                title=placement.version.title,
                url=url + spelling,
                guid=f"sweep-{n}",
                published=moment,
                updated=moment,
                outlet=placement.outlet.name,
            )
        )
    return made


def _html(item: Item) -> str:
    return "".join(f"<p>{escape_html(text, quote=False)}</p>" for text in item.paragraphs)


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _rss2(outlet: Outlet, entries: Sequence[Item], base: str) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">',
        "<channel>",
        f"<title>{escape(outlet.name)}</title>",
        f"<link>{base}/</link>",
        f"<description>{escape(outlet.tagline)}</description>",
        f"<language>{outlet.language.lower()}</language>",
        f'<atom:link rel="self" href={quoteattr(base + outlet.feed_path)}/>',
        *(_rss2_item(outlet, item) for item in entries),
        "</channel>",
        "</rss>",
    ]
    return "\n".join(lines) + "\n"


def _rss2_item(outlet: Outlet, item: Item) -> str:
    parts = ["<item>"]
    if item.title:
        parts.append(f"<title>{escape(item.title)}</title>")
    if outlet.has("guid_only"):
        parts.append(f"<guid>{escape(item.url)}</guid>")
    else:
        parts.append(f"<link>{escape(item.url)}</link>")
        parts.append(f'<guid isPermaLink="false">{escape(item.guid)}</guid>')
    parts.append(f"<pubDate>{format_datetime(item.published)}</pubDate>")
    parts += [f"<dc:creator>{escape(name)}</dc:creator>" for name in item.authors]
    if item.outlet:
        parts.append(f"<category>{escape(item.outlet)}</category>")
    if item.summary:
        parts.append(f"<description>{escape(escape_html(item.summary, quote=False))}</description>")
    if item.paragraphs:
        parts.append(f"<content:encoded>{_cdata(_html(item))}</content:encoded>")
    return "".join([*parts, "</item>"])


def _rss1(outlet: Outlet, entries: Sequence[Item], base: str) -> str:
    rows = "".join(f"<rdf:li rdf:resource={quoteattr(item.url)}/>" for item in entries)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">',
        f"<channel rdf:about={quoteattr(base + outlet.feed_path)}>",
        f"<title>{escape(outlet.name)}</title>",
        f"<link>{base}/</link>",
        f"<description>{escape(outlet.tagline)}</description>",
        f"<dc:language>{outlet.language}</dc:language>",
        f"<items><rdf:Seq>{rows}</rdf:Seq></items>",
        "</channel>",
    ]
    for item in entries:
        date = "" if outlet.has("no_dates") else f"<dc:date>{item.published.isoformat()}</dc:date>"
        writers = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in item.authors)
        lines.append(
            f"<item rdf:about={quoteattr(item.url)}><title>{escape(item.title)}</title>"
            f"<link>{escape(item.url)}</link>"
            f"<description>{escape(item.summary)}</description>{date}{writers}</item>"
        )
    return "\n".join([*lines, "</rdf:RDF>"]) + "\n"


def _atom(outlet: Outlet, entries: Sequence[Item], base: str, epoch: datetime) -> str:
    relative = outlet.has("relative_links")
    newest = max((item.updated for item in entries), default=epoch)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}"'
        + (f" xml:base={quoteattr(base + '/')}" if relative else "")
        + ">",
        f"<title>{escape(outlet.name)}</title>",
        f"<subtitle>{escape(outlet.tagline)}</subtitle>",
        f'<link rel="self" href={quoteattr(base + outlet.feed_path)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(base + "/")}/>',
        f"<id>tag:{outlet.host},2026:feed</id>",
        f"<updated>{newest.isoformat()}</updated>",
    ]
    for item in entries:
        href = item.url.removeprefix(base) if relative else item.url
        writers = "".join(f"<author><name>{escape(name)}</name></author>" for name in item.authors)
        content = ""
        if item.paragraphs:
            content = f'<content type="html">{escape(_html(item))}</content>'
        lines.append(
            f"<entry><title>{escape(item.title)}</title>"
            f'<link rel="alternate" href={quoteattr(href)}/>'
            f"<id>tag:{outlet.host},2026:{escape(item.guid)}</id>"
            f"<published>{item.published.isoformat()}</published>"
            f"<updated>{item.updated.isoformat()}</updated>{writers}"
            f"<summary>{escape(item.summary)}</summary>{content}</entry>"
        )
    return "\n".join([*lines, "</feed>"]) + "\n"


def _json_feed(outlet: Outlet, entries: Iterable[Item], base: str) -> bytes:
    rows: list[dict[str, Any]] = []
    for item in entries:
        row: dict[str, Any] = {"id": item.guid, "url": item.url}
        if item.title:
            row["title"] = item.title
        row["summary"] = item.summary
        row["date_published"] = item.published.isoformat()
        row["date_modified"] = item.updated.isoformat()
        if item.authors:
            row["authors"] = [{"name": name} for name in item.authors]
        if item.paragraphs:
            row["content_html"] = _html(item)
        else:
            row["content_text"] = item.summary
        rows.append(row)
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{base}/",
        "feed_url": base + outlet.feed_path,
        "language": outlet.language,
        "items": rows,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _sitemap(outlet: Outlet, entries: Iterable[Item]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">',
    ]
    lines += [
        f"<url><loc>{escape(item.url)}</loc><lastmod>{item.updated.isoformat()}</lastmod>"
        f"<news:news><news:publication><news:name>{escape(outlet.name)}</news:name>"
        f"<news:language>{outlet.speaks}</news:language></news:publication>"
        f"<news:publication_date>{item.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(item.title)}</news:title></news:news></url>"
        for item in entries
    ]
    return "\n".join([*lines, "</urlset>"]) + "\n"


def feed_urls(outlet: Outlet, port: int) -> list[str]:
    """The URLs of the outlet's feeds: its own, and the second where it has one."""
    paths = [path for path in (outlet.feed_path, outlet.extra_feed) if path]
    return [origin(outlet, port) + path for path in paths]
