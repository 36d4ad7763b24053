"""A page of results as a feed: Atom (RFC 4287) and RSS 2.0, for any reader of feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.etree.ElementTree import Element, SubElement, tostring

from wirewatch.records import Article
from wirewatch.search.results import Hit, Results

ATOM = "http://www.w3.org/2005/Atom"
SUMMARY = 500  # characters of a description, where the story has one

# What XML 1.0 (section 2.2) has no place for, not even as a reference.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(results: Results, *, title: str, address: str, now: datetime) -> bytes:
    """The hits as an Atom feed that lies at ``address``; entries keep their ids for ever."""
    root = Element("feed", xmlns=ATOM)
    _add(root, "title", title)
    _add(root, "id", address)
    _add(root, "updated", _latest(results.hits, now).isoformat())
    SubElement(root, "link", rel="self", href=_clean(address))
    for hit in results.hits:
        story, article = hit.story, hit.story.article
        entry = SubElement(root, "entry")
        _add(entry, "title", article.title or article.canonical_url)
        _add(entry, "id", f"urn:wirewatch:story:{story.id}")
        SubElement(entry, "link", rel="alternate", href=_clean(article.canonical_url))
        _add(entry, "updated", (article.modified or story.time).isoformat())
        if article.published:
            _add(entry, "published", article.published.isoformat())
        for author in _authors(article):
            _add(SubElement(entry, "author"), "name", author)
        for topic in story.topics:
            SubElement(entry, "category", term=_clean(topic.code), label=_clean(topic.name))
        if summary := _summary(hit):
            _add(entry, "summary", summary)
    return _written(root)


def rss(results: Results, *, title: str, address: str, now: datetime) -> bytes:
    """The hits as an RSS 2.0 feed that lies at ``address``."""
    root = Element("rss", version="2.0")
    channel = SubElement(root, "channel")
    _add(channel, "title", title)
    _add(channel, "link", address)
    _add(channel, "description", f"Stories that match {results.query}")
    _add(channel, "lastBuildDate", format_datetime(_latest(results.hits, now)))
    for hit in results.hits:
        story, article = hit.story, hit.story.article
        item = SubElement(channel, "item")
        _add(item, "title", article.title or article.canonical_url)
        _add(item, "link", article.canonical_url)
        guid = SubElement(item, "guid", isPermaLink="false")
        guid.text = f"urn:wirewatch:story:{story.id}"
        _add(item, "pubDate", format_datetime(story.time))
        for topic in story.topics:
            _add(item, "category", topic.name)
        if summary := _summary(hit):
            _add(item, "description", escape(summary))  # readers take it for HTML
    return _written(root)


def _authors(article: Article) -> tuple[str, ...]:
    """Atom wants an author; where nobody signed it is the outlet, or its host."""
    return article.authors or (article.outlet or article.host or "unknown",)


def _summary(hit: Hit) -> str:
    """Plain text: the passages that matched, else how the story describes itself."""
    passages = [
        "".join(piece.text for piece in highlight.pieces)
        for highlight in hit.highlights
        if highlight.field == "text"
    ]
    text = " … ".join(passages) or hit.story.article.description[:SUMMARY]
    others = f" (and {hit.copies - 1} more like it)" if hit.copies > 1 else ""
    return f"{text}{others}".strip()


def _latest(hits: Iterable[Hit], now: datetime) -> datetime:
    return max((hit.story.time for hit in hits), default=now)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _written(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
