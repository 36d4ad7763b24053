"""What a page says about itself: JSON-LD, meta tags, microdata, links, times; one walk of the tree.

Nothing is judged here; ``metadata`` does that. All of it is bounded, since a page may have a
million of anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from wirewatch.extract import headings

MAX_KINDS = 200  # values kept of each kind of evidence; an article's own come first on every page
MAX_VALUE = 10_000  # characters of one value
MAX_LD_BYTES = 2_000_000  # characters of JSON-LD read from a page; whole articles fit many times
MAX_LD_DEPTH = 12  # levels of JSON-LD followed; schema.org's deepest real use is about 6
MAX_LD_NODES = 500  # JSON-LD objects kept from a page

ARTICLE_TYPES = frozenset({
    "newsarticle", "article", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "reviewnewsarticle", "asknewsarticle", "advertisercontentarticle",
    "satiricalarticle", "scholarlyarticle", "techarticle", "report", "blogposting",
    "liveblogposting", "socialmediaposting", "review", "creativework",
})  # fmt: skip
WEB_PAGE_TYPES = frozenset({"webpage", "itempage", "aboutpage", "medicalwebpage"})

_DUBLIN_CORE = ("dc:", "dcterms:")
_TAGS = ("meta", "link", "script", "time", "title", "h1", "h2", "h3", "abbr")
_CDATA = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_CONTROLS = re.compile(r"[\x00-\x1f]+")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")


@dataclass
class Time:
    """A ``<time>`` (or hCalendar ``abbr``): machine value, shown text, and what surrounds it."""

    value: str
    text: str
    itemprop: str
    label: str  # class, id of it and its parents, lower case
    element: HtmlElement


@dataclass
class Evidence:
    """A page's statements about itself, by kind, in document order."""

    ld: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD objects, graphs flattened
    ld_types: frozenset[str] = frozenset()
    meta: dict[str, list[str]] = field(default_factory=dict)  # name/property, lower case → contents
    itemprop: dict[str, list[str]] = field(default_factory=dict)  # microdata given as attributes
    links: dict[str, list[str]] = field(default_factory=dict)  # rel → href
    times: list[Time] = field(default_factory=list)
    title: str = ""  # <title>
    h1: list[tuple[str, str]] = field(default_factory=list)  # text, class and id
    headings: list[HtmlElement] = field(default_factory=list)  # h1 to h3
    lang: str = ""

    def first(self, *names: str) -> str:
        """The first non-empty content among the meta names, in their order; else empty."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return ""

    def all(self, *names: str) -> list[str]:
        """All non-empty contents of the meta names."""
        return [value for name in names for value in self.meta.get(name, ()) if value]

    @property
    def article(self) -> dict[str, Any]:
        """The JSON-LD object of the article; empty where there is none."""
        return self._article

    _article: dict[str, Any] = field(default_factory=dict)


def squeeze(text: str | None) -> str:
    """The text with every run of white space as one space, none at the ends."""
    return " ".join(text.split()) if text else ""


def types_of(node: dict[str, Any]) -> set[str]:
    """The types of a JSON-LD object, lower case, without their namespace."""
    kind = node.get("@type", "")
    kinds = kind if isinstance(kind, list) else [kind]
    return {str(one).rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for one in kinds if one}


def gather(tree: HtmlElement) -> Evidence:
    """The evidence of a page."""
    found = Evidence()
    root = tree.getroottree().getroot()
    found.lang = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
                  or root.get("xml:lang") or "").strip()  # fmt: skip
    budget = MAX_LD_BYTES
    for element in tree.iter(*_TAGS):
        tag = element.tag
        if tag == "meta":
            _meta(element, found)
        elif tag == "link":
            _link(element, found)
        elif tag == "script":
            text = element.text
            if text and "ld+json" in (element.get("type") or "").lower() and len(text) <= budget:
                budget -= len(text)
                found.ld.extend(_nodes(text, MAX_LD_NODES - len(found.ld)))
        elif tag == "title":
            if not found.title and not _inside_svg(element):
                found.title = squeeze("".join(element.itertext()))[:MAX_VALUE]
        elif tag in ("h1", "h2", "h3"):
            if len(found.headings) < MAX_KINDS:
                found.headings.append(element)
                if tag == "h1":
                    found.h1.append((headings.text(element), headings.label(element)))
        elif len(found.times) < MAX_KINDS:
            _time(element, found)
    found.ld_types = frozenset().union(*(types_of(node) for node in found.ld))
    found._article = _main_article(found.ld, found)
    return found


def _inside_svg(element: HtmlElement) -> bool:
    return any(parent.tag in ("svg", "symbol") for parent in element.iterancestors())


def _add(store: dict[str, list[str]], name: str, value: str) -> None:
    if name in store:
        if len(store[name]) < MAX_KINDS:
            store[name].append(value)
    elif len(store) < MAX_KINDS * 2:
        store[name] = [value]


def _meta(element: HtmlElement, found: Evidence) -> None:
    content = element.get("content")
    if content is None:
        content = element.get("value")
    if not content:
        return
    value = squeeze(content[:MAX_VALUE])
    if "&" in value:
        value = squeeze(unescape(value))  # many templates escape twice
    for attribute in ("property", "name", "http-equiv"):
        for name in (element.get(attribute) or "").lower().split():
            if name.startswith(_DUBLIN_CORE):
                name = name.replace(":", ".", 1)  # pages write it either way
            _add(found.meta, name, value)
    for name in (element.get("itemprop") or "").split():
        _add(found.itemprop, name, value)


def _link(element: HtmlElement, found: Evidence) -> None:
    href = (element.get("href") or "").strip()
    if href:
        for rel in (element.get("rel") or "").lower().split():
            _add(found.links, rel, href[:MAX_VALUE])


def _time(element: HtmlElement, found: Evidence) -> None:
    value = element.get("datetime") or element.get("content") or ""
    if element.tag == "abbr":
        value = element.get("title") or ""
        if "publish" not in (element.get("class") or ""):
            return
    parts = [element]
    for parent in element.iterancestors():
        parts.append(parent)
        if len(parts) > 3:
            break
    label = " ".join(f"{one.get('class') or ''} {one.get('id') or ''}" for one in parts).lower()
    text = squeeze(" ".join(element.itertext()))[:200]
    itemprop = element.get("itemprop") or ""
    found.times.append(Time(squeeze(value)[:100], text, itemprop, label, element))


def _nodes(text: str, room: int) -> Iterator[dict[str, Any]]:
    data = _loads(text)
    stack: list[tuple[Any, int]] = [(data, 0)]
    while stack and room > 0:
        value, depth = stack.pop()
        if depth > MAX_LD_DEPTH:
            continue
        if isinstance(value, list):
            stack.extend((one, depth + 1) for one in reversed(value[:MAX_LD_NODES]))
        elif isinstance(value, dict):
            if "@type" in value or "@id" in value:
                room -= 1
                yield value
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement"):
                inner = value.get(key)
                if isinstance(inner, dict | list):
                    stack.append((inner, depth + 1))


def _loads(text: str) -> Any:
    """The JSON, mended as publishers need it: comments, raw control characters, last commas."""
    text = _CDATA.sub("", _CDATA.sub("", text)).strip().rstrip(";")
    mends = (
        lambda raw: raw,
        lambda raw: _CONTROLS.sub(" ", raw),
        lambda raw: _TRAILING_COMMA.sub(r"\1", _CONTROLS.sub(" ", raw)),
        lambda raw: unescape(_TRAILING_COMMA.sub(r"\1", _CONTROLS.sub(" ", raw))),
    )
    for mend in mends:
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _main_article(nodes: list[dict[str, Any]], found: Evidence) -> dict[str, Any]:
    """The object of this page's article: the one with the page's headline, else the first.

    A page may carry objects of related articles too, so a headline that the page's own title does
    not have makes an object doubtful when another fits.
    """
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES and _says_much(node)]
    if not articles:
        return {}
    shown = {squeeze(found.title), found.first("og:title"), *(text for text, _ in found.h1)}
    shown = {text.casefold() for text in shown if text}
    for node in articles:
        headline = squeeze(unescape(str(node.get("headline") or node.get("name") or ""))).casefold()
        if headline and any(headline in text or text in headline for text in shown):
            return node
    first = articles[0]
    return first if len(articles) == 1 or "articleBody" in first else articles[0]


def _says_much(node: dict[str, Any]) -> bool:
    return bool(node.keys() & {"headline", "datePublished", "articleBody", "author"})
