"""RSS, RDF, Atom and sitemaps read with lxml: one pass over the children of each item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from lxml import etree

from wirewatch.feeds.raw import NotAFeed, RawEntry, RawFeed
from wirewatch.feeds.values import link

_NAMESPACES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
# The namespaces of RSS itself and of sitemaps; modules of RSS have others that look alike.
_PLAIN = re.compile(
    r"https?://(?:purl\.org/rss/1\.0/|purl\.org/net/rss1\.1#|[a-z.]+\.netscape\.com/.*"
    r"|www\.sitemaps\.org/.*|www\.google\.com/schemas/sitemap/.*)|(?:.*/)?rss[\d./]*"
)
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"

Element: TypeAlias = Any  # lxml's elements; lxml ships no types


@lru_cache(maxsize=4_096)  # feeds know some hundred tags; a hostile one may invent many
def _key(tag: str) -> str:
    """``dc:date`` for a qualified tag, ``pubdate`` for RSS's own, "" for what nobody reads."""
    namespace, _, local = tag.rpartition("}")
    namespace = namespace.removeprefix("{").lower()
    local = local.lower()
    if namespace not in _NAMESPACES and _PLAIN.fullmatch(namespace):
        namespace = ""
    if not namespace:
        prefix, colon, rest = local.partition(":")  # a prefix nobody declared, kept by recovery
        return f"{prefix}:{rest}" if colon else local
    prefix = _NAMESPACES.get(namespace, "")
    return f"{prefix}:{local}" if prefix else ""


def key(element: Element) -> str:
    """The short name of an element; "" for comments, processing instructions and the unknown."""
    return _key(element.tag) if isinstance(element.tag, str) else ""


def parser(recover: bool) -> etree.XMLParser:
    """A parser that resolves nothing and fetches nothing."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )


def read(root: Element, limit: int) -> RawFeed:
    """The feed under a root element, at most ``limit`` items of it. Raises NotAFeed."""
    name = key(root)
    if name in ("rss", "rdf:rdf", "rdf", "channel"):
        return _rss(root, "rdf" if name.startswith("rdf") else "rss", limit)
    if name in ("atom:feed", "feed"):
        return _atom(root, limit)
    if name in ("atom:entry", "entry"):
        return RawFeed(kind="atom", entries=[_atom_entry(root)])
    if name == "urlset":
        return _sitemap(root, limit)
    if name == "sitemapindex":
        return _index(root, limit)
    local = root.tag.rpartition("}")[2] if isinstance(root.tag, str) else "?"
    raise NotAFeed(f"not a feed: XML whose root element is <{local[:60]}>")


def _text(element: Element) -> str:
    """The text of an element; where it has children, its inner XML."""
    if not len(element):
        return element.text or ""
    return (element.text or "") + "".join(
        etree.tostring(child, encoding="unicode") for child in element
    )


def _base(element: Element) -> str:
    """The xml:base in force (https://www.w3.org/TR/xmlbase/), unresolved against the document."""
    bases: list[str] = []
    at: Element | None = element
    while at is not None:
        base = at.get(_BASE)
        if base:
            bases.append(base)
            if "://" in base:
                break
        at = at.getparent()
    current = ""
    for base in reversed(bases):
        current = (link(base, current) if current else base) or current
    return current


def _limited(items: Iterator[Element], limit: int, feed: RawFeed) -> Iterator[Element]:
    yield from islice(items, limit)
    feed.over_limit += sum(1 for _ in items)


def _rss(root: Element, kind: str, limit: int) -> RawFeed:
    feed = RawFeed(kind=kind, language=root.get(_LANG, ""))
    channel = root if key(root) == "channel" else next(root.iterchildren("{*}channel"), None)
    if channel is None:
        channel = next((child for child in root if key(child) == "channel"), None)
    if channel is not None:
        feed.base = _base(channel) or channel.get("BASE", "")  # as CDF says it
        feed.language = channel.get(_LANG, "") or feed.language
        _channel(channel, feed)
    items = root.iter("{*}item", "{*}Item", "{*}ITEM")
    with_base = _has_base(root)
    for item in _limited(items, limit, feed):
        feed.entries.append(_rss_item(item, with_base))
    if channel is None and not feed.entries:
        raise NotAFeed("not a feed: RSS without channel and items")
    return feed


def _has_base(root: Element) -> bool:
    return next(iter(root.xpath("(//@xml:base)[1]")), None) is not None


def _channel(channel: Element, feed: RawFeed) -> None:
    for child in channel:
        name = key(child)
        if name == "item":
            continue
        if name == "title" or (name == "dc:title" and not feed.title):
            feed.title = feed.title or _text(child)
        elif name in ("language", "dc:language"):
            feed.language = (child.text or "").strip() or feed.language
        elif name == "link":
            feed.site = feed.site or (child.text or "").strip()
        elif name == "atom:link":
            _feed_link(child, feed)
        elif name == "ttl":
            feed.ttl = (child.text or "").strip()
        elif name == "sy:updateperiod":
            feed.update_period = (child.text or "").strip().lower()
        elif name == "sy:updatefrequency":
            feed.update_frequency = (child.text or "").strip()
        elif name == "skiphours":
            feed.skip_hours = [(hour.text or "").strip() for hour in child]
        elif name == "skipdays":
            feed.skip_days = [(day.text or "").strip().lower() for day in child]


def _feed_link(element: Element, feed: RawFeed) -> None:
    href, rel = element.get("href", "").strip(), element.get("rel", "alternate").lower()
    if rel == "hub":
        feed.hub = feed.hub or href
    elif rel == "self":
        feed.self_url = feed.self_url or href
    elif rel == "alternate":
        feed.site = feed.site or href


def _rss_item(item: Element, with_base: bool) -> RawEntry:
    entry = RawEntry(language=item.get(_LANG, ""))
    if with_base:
        entry.base = _base(item)
    found: dict[str, str] = {}
    for child in item:
        name = key(child)
        if not name:
            continue
        if name == "guid":
            entry.guid = (child.text or "").strip()
            entry.guid_is_link = child.get("isPermaLink", "true").strip().lower() != "false"
        elif name == "link":
            text = (child.text or child.get("href", "")).strip()
            if text and "link" not in found:
                found["link"] = text
                if with_base:
                    entry.base = _base(child)
        elif name == "atom:link":
            if child.get("rel", "alternate").lower() == "alternate":
                found.setdefault(name, child.get("href", "").strip())
        elif name in ("author", "dc:creator", "dc:author", "itunes:author"):
            names = [_text(child)] if not len(child) else []
            entry.authors += [text for text in names if text.strip()]
        elif name == "atom:author":
            entry.authors += _atom_names(child)
        elif name not in found:
            text = _text(child)
            if text and not text.isspace():
                found[name] = text
    entry.link = found.get("feedburner:origlink") or found.get("link") or found.get("atom:link", "")
    if not entry.link:
        entry.link = item.get(_ABOUT, "") or item.get("HREF", "") or item.get("href", "")  # CDF
    if not entry.guid:
        entry.guid = found.get("dc:identifier", "") or item.get(_ABOUT, "")
    entry.title = _first(found, "title", "dc:title", "media:title", "itunes:title")
    entry.content = _first(found, "content:encoded", "xhtml:body", "fullitem", "body")
    entry.summary = _first(
        found, "description", "dc:description", "itunes:summary", "media:description", "summary",
        "abstract",
    )  # fmt: skip
    entry.published = _first(
        found, "pubdate", "atom:published", "dcterms:issued", "dcterms:created", "dc:date", "date",
        "published", "publisheddate",
    )  # fmt: skip
    entry.updated = _first(
        found, "atom:updated", "dcterms:modified", "updated", "lastbuilddate"
    ) or item.get("LASTMOD", "")  # fmt: skip
    entry.language = found.get("dc:language", "") or entry.language
    return entry


def _first(found: dict[str, str], *names: str) -> str:
    for name in names:
        if name in found:
            return found[name]
    return ""


def _atom_names(person: Element) -> list[str]:
    texts = [child.text or "" for child in person if key(child) in ("atom:name", "name")]
    return [text for text in texts if text.strip()]


def _atom(root: Element, limit: int) -> RawFeed:
    feed = RawFeed(kind="atom", language=root.get(_LANG, ""), base=_base(root))
    authors: list[str] = []
    for child in root:
        name = key(child).removeprefix("atom:")
        if name == "title":
            feed.title = feed.title or _text(child)
        elif name == "link":
            _feed_link(child, feed)
        elif name == "author":
            authors += _atom_names(child)
        elif name == "sy:updateperiod":
            feed.update_period = (child.text or "").strip().lower()
        elif name == "sy:updatefrequency":
            feed.update_frequency = (child.text or "").strip()
    with_base = _has_base(root)
    for element in _limited(root.iter("{*}entry"), limit, feed):
        entry = _atom_entry(element)
        if with_base:
            entry.base = _base(element)
        entry.authors = entry.authors or authors
        feed.entries.append(entry)
    return feed


def _atom_entry(element: Element) -> RawEntry:
    entry = RawEntry(language=element.get(_LANG, ""))
    dates: dict[str, str] = {}
    for child in element:
        name = key(child).removeprefix("atom:")
        if name == "id":
            entry.guid = (child.text or "").strip()
        elif name == "link":
            rel = child.get("rel", "alternate").lower()
            href = child.get("href", "").strip() or (child.text or "").strip()
            if rel == "alternate" and href and not entry.link:
                entry.link = (link(href, base) if (base := child.get(_BASE)) else "") or href
        elif name == "feedburner:origlink":
            entry.link = (child.text or "").strip() or entry.link
        elif name in ("title", "media:title") and not entry.title:
            entry.title, entry.title_is_markup = _construct(child)
        elif name in ("summary", "tagline", "media:description") and not entry.summary:
            entry.summary, entry.summary_is_markup = _construct(child)
        elif name == "content" and not entry.content:
            entry.content, entry.content_is_markup = _construct(child)
        elif name in ("author", "contributor") and (name == "author" or not entry.authors):
            entry.authors += _atom_names(child)
        elif name == "dc:creator":
            entry.authors.append(child.text or "")
        elif name:
            dates.setdefault(name, child.text or "")
    entry.published = _first(dates, "published", "issued", "created", "dc:date", "dcterms:issued")
    entry.updated = _first(dates, "updated", "modified", "dcterms:modified")
    entry.guid_is_link = entry.guid.startswith(("http://", "https://", "/"))
    return entry


def _construct(element: Element) -> tuple[str, bool]:
    """An Atom text construct (RFC 4287, section 3.1): its text, and whether that is markup."""
    kind = element.get("type", "text").lower()
    if element.get("mode", "") == "escaped":  # Atom 0.3
        return element.text or "", True
    if "xhtml" in kind or len(element):
        return _text(element), True
    return element.text or "", "html" in kind


def _sitemap(root: Element, limit: int) -> RawFeed:
    feed = RawFeed(kind="sitemap")
    for element in _limited(root.iter("{*}url"), limit, feed):
        entry = RawEntry(title_is_markup=True)
        for child in element:
            name = key(child)
            if name == "loc":
                entry.link = (child.text or "").strip()
            elif name == "lastmod":
                entry.updated = (child.text or "").strip()
            elif name == "news:news":
                for part in child.iter():
                    _news(part, entry, feed)
        feed.entries.append(entry)
    return feed


def _news(part: Element, entry: RawEntry, feed: RawFeed) -> None:
    name, text = key(part), (part.text or "").strip()
    if name == "news:title":
        entry.title = text
    elif name == "news:publication_date":
        entry.published = text
    elif name == "news:language":
        entry.language = text
    elif name == "news:name":
        feed.title = feed.title or text


def _index(root: Element, limit: int) -> RawFeed:
    feed = RawFeed(kind="sitemap-index")
    for element in _limited(root.iter("{*}sitemap"), limit, feed):
        found = {key(child): (child.text or "").strip() for child in element}
        if found.get("loc"):
            feed.children.append((found["loc"], found.get("lastmod", "")))
    return feed
