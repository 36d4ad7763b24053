"""RSS, RDF, Atom and sitemaps read with lxml: one pass over the children of each item."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from itertools import islice
from typing import Any, TypeAlias

from lxml import etree

from wirewatch.feeds.raw import NotAFeed, RawEntry, RawFeed
from wirewatch.feeds.values import link

# Namespaces as _key compares them: in lower case, by http, without the sign at the end.
_NAMESPACES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
_NEWS = "http://www.google.com/schemas/sitemap-news/"  # of any version
# The namespaces of RSS itself and of sitemaps; modules of RSS have others that look alike.
_PLAIN = re.compile(
    r"http://(?:purl\.org/rss/1\.0|purl\.org/net/rss1\.1|[a-z.]+\.netscape\.com/.*"
    r"|(?:www\.)?sitemaps\.org/.*|www\.google\.com/schemas/sitemap/.*)|(?:.*/)?rss[\d./]*"
)
# The texts of an Atom entry, the best name first.
_TITLES = ("title", "dc:title", "media:title", "media:title inside")
_SUMMARIES = (
    "summary", "tagline", "description", "dc:description", "media:description",
    "media:description inside",
)  # fmt: skip
_CONTENTS = ("content", "content:encoded")
_TEXTS = frozenset({*_TITLES, *_SUMMARIES, *_CONTENTS})
_HTML = frozenset({"description", "content:encoded", "dc:description"})  # as RSS means them
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = tuple(
    f"{{{scheme}://www.w3.org/1999/02/22-rdf-syntax-ns{end}}}about"
    for scheme in ("http", "https")
    for end in ("#", "", "/")
)
# Dates by what they say, the surest name first; each format has names that stray into the other.
_PUBLISHED = (
    "pubdate", "published", "issued", "dcterms:issued", "dcterms:created", "dc:date", "created",
    "date", "dcterms:date", "publisheddate", "dc:issued", "dc:created",
)  # fmt: skip
_UPDATED = ("updated", "modified", "dcterms:modified", "dc:modified", "lastbuilddate")

Element: TypeAlias = Any  # lxml's elements; lxml ships no types


@lru_cache(maxsize=4_096)  # feeds know some hundred tags; a hostile one may invent many
def _key(tag: str) -> str:
    """``dc:date`` for a qualified tag, ``pubdate`` for RSS's own, "" for what nobody reads."""
    namespace, _, local = tag.rpartition("}")
    namespace = namespace.removeprefix("{").strip().lower().rstrip("/#")
    if namespace.startswith("https:"):
        namespace = f"http:{namespace[6:]}"
    local = local.lower()
    if namespace not in _NAMESPACES and _PLAIN.fullmatch(namespace):
        namespace = ""
    if not namespace:
        prefix, colon, rest = local.partition(":")  # a prefix nobody declared, kept by recovery
        return f"{prefix}:{rest}" if colon else local
    prefix = "news" if namespace.startswith(_NEWS) else _NAMESPACES.get(namespace, "")
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
    dates: dict[str, list[str]] = {}
    links: list[tuple[int, str]] = []
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
            links += _alternate(child)
        elif name in ("author", "dc:creator", "dc:author", "itunes:author"):
            names = [_text(child)] if not len(child) else []
            entry.authors += [text for text in names if text.strip()]
        elif name == "atom:author":
            entry.authors += _atom_names(child)
        elif name in ("atom:content", "atom:summary", "atom:title"):
            found.setdefault(name, _as_markup(child))
        elif name in ("media:group", "media:content"):
            for part in child.iter():
                if (media := key(part)) in ("media:title", "media:description"):
                    found.setdefault(f"{media} inside", _text(part))
        elif (bare := name.removeprefix("atom:")) in _PUBLISHED or bare in _UPDATED:
            dates.setdefault(bare, []).append(child.text or "")
        elif name not in found:
            text = _text(child)
            if text and not text.isspace():
                found[name] = text
    entry.link = found.get("feedburner:origlink") or found.get("link") or _best_link(links)
    if not entry.link:
        entry.link = _about(item) or item.get("HREF", "") or item.get("href", "")  # CDF
    if not entry.guid:
        entry.guid = found.get("dc:identifier", "") or _about(item)
    entry.title = _first(
        found, "title", "dc:title", "atom:title", "media:title", "itunes:title",
        "media:title inside",
    )  # fmt: skip
    entry.content = _first(
        found, "content:encoded", "atom:content", "xhtml:body", "fullitem", "body"
    )
    entry.summary = _first(
        found, "description", "dc:description", "atom:summary", "itunes:summary",
        "media:description", "summary", "abstract", "media:description inside",
    )  # fmt: skip
    if lastmod := item.get("LASTMOD", ""):  # CDF
        dates.setdefault("modified", []).append(lastmod)
    entry.published, entry.updated = _dated(dates, _PUBLISHED), _dated(dates, _UPDATED)
    entry.language = found.get("dc:language", "") or entry.language
    return entry


def _about(item: Element) -> str:
    """The address in RDF's attribute "about", by whatever spelling of its namespace."""
    # Each by its name: lxml takes a time that grows with the square to list many attributes
    return next((str(found) for name in _ABOUT if (found := item.get(name))), "")


def _dated(dates: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [text for name in names for text in dates.get(name, ()) if text.strip()]


def _alternate(element: Element) -> list[tuple[int, str]]:
    """The address of a link to the page itself, before it how far it is from a page for readers."""
    href = element.get("href", "").strip() or (element.text or "").strip()
    relation = element.get("rel", "alternate").strip().lower().rpartition("/")[2]
    if not href or relation != "alternate":
        return []
    kind = element.get("type", "").strip().lower()
    base = element.get(_BASE)
    href = (link(href, base) if base else "") or href
    return [(0 if "html" in kind else 1 if not kind else 2, href)]


def _best_link(links: list[tuple[int, str]]) -> str:
    return min(links, key=lambda pair: pair[0])[1] if links else ""


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
    texts: dict[str, tuple[str, bool]] = {}
    dates: dict[str, list[str]] = {}
    links: list[tuple[int, str]] = []
    contributors: list[str] = []
    original = ""
    for child in element:
        name = key(child).removeprefix("atom:")
        if name in ("id", "guid"):
            entry.guid = entry.guid or (child.text or "").strip()
        elif name == "link":
            links += _alternate(child)
        elif name == "feedburner:origlink":
            original = (child.text or "").strip()
        elif name in ("author", "contributor"):
            names = _atom_names(child) or ([child.text or ""] if not len(child) else [])
            (entry.authors if name == "author" else contributors).extend(names)
        elif name == "dc:creator":
            entry.authors.append(child.text or "")
        elif name in ("media:group", "media:content"):
            for part in child.iter():
                if (media := key(part)) in ("media:title", "media:description"):
                    texts.setdefault(f"{media} inside", _construct(part))
        elif name in _PUBLISHED or name in _UPDATED:
            dates.setdefault(name, []).append(child.text or "")
        elif name in _TEXTS and (text := _construct(child))[0].strip():
            texts.setdefault(name, text)
    entry.link = original or _best_link(links)
    entry.authors = entry.authors or contributors
    entry.title, entry.title_is_markup = _construct_of(texts, _TITLES)
    entry.summary, entry.summary_is_markup = _construct_of(texts, _SUMMARIES)
    entry.content, entry.content_is_markup = _construct_of(texts, _CONTENTS)
    entry.published, entry.updated = _dated(dates, _PUBLISHED), _dated(dates, _UPDATED)
    entry.guid_is_link = entry.guid.startswith(("http://", "https://", "/"))
    return entry


def _construct_of(texts: dict[str, tuple[str, bool]], names: tuple[str, ...]) -> tuple[str, bool]:
    for name in names:
        if name in texts:
            text, is_markup = texts[name]
            return text, is_markup or name in _HTML
    return "", True


def _construct(element: Element) -> tuple[str, bool]:
    """An Atom text construct (RFC 4287, sections 3.1 and 4.1.3): its text, and whether that is
    markup."""
    kind, mode = element.get("type", "text").strip().lower(), element.get("mode", "")
    if mode == "escaped":  # Atom 0.3
        return element.text or "", True
    if "xhtml" in kind or len(element):
        return _text(element), True
    text = element.text or ""
    if mode == "base64" or ("/" in kind and not kind.startswith("text/") and "ml" not in kind):
        return _unpacked(text), True
    return text, "html" in kind


def _unpacked(text: str) -> str:
    """The text in base64, "" where it holds none (a picture); the text as it is if not base64."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _as_markup(element: Element) -> str:
    text, is_markup = _construct(element)
    return text if is_markup else escape(text)


def _sitemap(root: Element, limit: int) -> RawFeed:
    feed = RawFeed(kind="sitemap")
    for element in _limited(root.iter("{*}url"), limit, feed):
        entry = RawEntry(title_is_markup=True)
        for child in element:
            name = key(child)
            if name == "loc":
                entry.link = (child.text or "").strip()
            elif name in ("lastmod", "pubdate", "published"):
                text = child.text or ""
                (entry.updated if name == "lastmod" else entry.published).append(text)
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
        entry.published.insert(0, text)
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
