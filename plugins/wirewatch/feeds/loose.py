"""Malformed XML feeds: feedparser's forgiving parser, or lxml's recovery for large documents."""

from __future__ import annotations

import io
from typing import Any

import feedparser
from lxml import etree

from wirewatch.feeds import markup
from wirewatch.feeds.raw import NotAFeed, RawEntry, RawFeed
from wirewatch.feeds.values import DEEPEST, deeper_than

# characters: feedparser's forgiving parser reads some 3 MB a second and slows down with nesting, so
# a larger malformed document is left to lxml
LARGEST = 1_000_000


def read(text: str, url: str, limit: int) -> RawFeed:
    """What can be read of a document that is not well-formed. Raises NotAFeed when nothing can."""
    recovered = _recovered(text, limit)
    if len(text) > LARGEST or deeper_than(text, DEEPEST):
        if recovered is None:
            raise NotAFeed("not a feed: XML too damaged to read")
        return recovered
    forgiven = _forgiven(text, url, limit)
    if recovered is not None and len(recovered.entries) > len(forgiven.entries):
        return recovered
    if not forgiven.entries and not forgiven.title and recovered is None:
        raise NotAFeed("not a feed: XML too damaged to read")
    return forgiven


def _recovered(text: str, limit: int) -> RawFeed | None:
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), markup.parser(recover=True))
        return None if root is None else markup.read(root, limit)
    except (etree.XMLSyntaxError, NotAFeed):
        return None


def _forgiven(text: str, url: str, limit: int) -> RawFeed:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    parsed: Any = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    about = parsed.feed
    feed = RawFeed(
        kind="atom" if str(parsed.get("version", "")).startswith("atom") else "rss",
        title=_given(about, "title"),
        language=_given(about, "language"),
        site=_given(about, "link"),
        ttl=str(about.get("ttl", "")),
        update_period=str(about.get("sy_updateperiod", "")).lower(),
        update_frequency=str(about.get("sy_updatefrequency", "")),
        over_limit=max(0, len(parsed.entries) - limit),
    )
    for link in about.get("links", []):
        if link.get("rel") == "hub":
            feed.hub = link.get("href", "")
        elif link.get("rel") == "self":
            feed.self_url = link.get("href", "")
    feed.entries = [_entry(item) for item in parsed.entries[:limit]]
    return feed


def _entry(item: Any) -> RawEntry:
    contents = [part for part in item.get("content", []) if part.get("value")]
    content = contents[0] if contents else {}
    authors = [person.get("name", "") for person in item.get("authors", [])]
    guid = _given(item, "id")
    return RawEntry(
        guid=guid,
        guid_is_link=bool(item.get("guidislink")) or guid.startswith("http"),
        link=_given(item, "feedburner_origlink") or _given(item, "link"),
        title=_given(item, "title"),
        title_is_markup="html" in item.get("title_detail", {}).get("type", "html"),
        summary=_given(item, "summary"),
        summary_is_markup="html" in item.get("summary_detail", {}).get("type", "html"),
        content=content.get("value", ""),
        content_is_markup="html" in content.get("type", "html"),
        authors=[name for name in authors if name] or [_given(item, "author")],
        published=_all(item, "published", "created"),
        updated=_all(item, "updated"),
        language=_given(item, "language"),
    )


def _all(item: Any, *names: str) -> list[str]:
    # feedparser finds "published" under "updated" as well, unless it is asked whether it is there
    return [text for name in names if name in item and (text := _given(item, name))]


def _given(item: Any, name: str) -> str:
    """A field's text; feedparser has None where an element is there and nothing can be read."""
    return item.get(name) or ""
