"""The headline without the site's name and section."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from wirewatch.extract.evidence import Evidence, squeeze
from wirewatch.records import Entry

MAX_TITLE = 500  # characters; the longest real headlines have some 250
_SEPARATOR = re.compile(r"\s+[|·•»«›‹:–—~/\\-]+\s+|\s*[|»›]\s*|\s+::\s+|:\s+")
_WORD = re.compile(r"\w+")
_HEADLINE = re.compile(r"headline|title|titel|titulo|titre")
_META = ("parsely-title", "sailthru.title", "dc.title", "dcterms.title", "twitter:title",
         "citation_title", "title", "headline")  # fmt: skip
MAX_SITE_WORDS = 6  # words of a site's name in a title; a longer part is a headline
SITE_LETTERS = 6  # letters that a part and a site's name or domain must share
ALIKE = 0.6  # of the words of the shorter of two titles, from which they are the same headline's


def headline(evidence: Evidence, entry: Entry | None, site_names: Iterable[str]) -> tuple[str, str]:
    """The title and its source: json-ld, opengraph, h1, title, feed; ("", "") where there is none.

    A candidate that is only the site's name is passed over; a site name at either end is cut off.
    """
    names = frozenset(key for key in map(_key, site_names) if key)
    shown = [squeeze(unescape(text)) for text, _ in evidence.h1 if text]
    for value, source in _candidates(evidence, entry):
        title = strip_site(squeeze(unescape(value)), names, shown)
        if title and _key(title) not in names:
            return title[:MAX_TITLE], source
    return "", ""


def strip_site(title: str, names: frozenset[str], shown: Iterable[str] = ()) -> str:
    """The title without the parts, at either end, that name the site.

    ``names`` are keys of site names; where a heading shown on the page is a part of the title, the
    rest of the title is site or section and goes.
    """
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    for heading in shown:
        if len(heading) > 8 and len(heading) < len(title) and title.startswith(heading):
            rest = title[len(heading) :]
            if _SEPARATOR.match(rest):
                return heading
    spans = [(found.start(), found.end()) for found in _SEPARATOR.finditer(title)]
    while spans:
        start, end = spans[-1]
        if not _names_site(title[end:], names):
            break
        title = title[:start]
        spans.pop()
    while spans:
        start, end = spans[0]
        if not _names_site(title[:start], names):
            break
        return strip_site(title[end:], names)
    return title.strip()


def _candidates(evidence: Evidence, entry: Entry | None) -> Iterable[tuple[str, str]]:
    """Written titles, best first: what the page shows as its headline where the metadata agree
    with it in part (they are often shortened or sharpened for search engines), else the metadata.
    """
    stated: list[tuple[str, str]] = []
    head = evidence.article.get("headline")
    if isinstance(head, str):
        stated.append((head, "json-ld"))
    stated += [(value, "opengraph") for value in evidence.all("og:title", "og:article:title")]
    others = [(value, "meta") for value in evidence.all(*_META)]
    feed = [(entry.title, "feed")] if entry and entry.title else []
    page = [(evidence.title, "title")] if evidence.title else []
    shown = [text for text, _ in evidence.h1 if text]
    labelled = [text for text, label in evidence.h1 if text and _HEADLINE.search(label)]
    for text in labelled or shown:
        if any(_alike(text, value) for value, _ in [*stated, *others, *feed, *page]):
            yield text, "h1"
            break
    yield from stated
    if len(shown) == 1:
        yield shown[0], "h1"
    yield from others
    yield from feed
    yield from page
    if shown:
        yield shown[0], "h1"


def _alike(shown: str, stated: str) -> bool:
    """Do the two have most words of the shorter one in common, and is it no single word?"""
    one, other = set(_WORD.findall(shown.casefold())), set(_WORD.findall(stated.casefold()))
    if min(len(one), len(other)) < 2:
        return one == other
    return len(one & other) >= ALIKE * min(len(one), len(other))


def _names_site(part: str, names: frozenset[str]) -> bool:
    """Is the part a site's name: one of the names, or one that begins or holds it?

    "Example Times Online" is the site example-times.com; a sentence is none.
    """
    key = _key(part)
    if not key or key in names:
        return bool(key)
    if len(_WORD.findall(part)) > MAX_SITE_WORDS:
        return False
    return any(
        (len(name) >= SITE_LETTERS and (name in key or key[:SITE_LETTERS] == name[:SITE_LETTERS]))
        or (len(key) >= SITE_LETTERS and key in name)
        for name in names
    )


def _key(text: str) -> str:
    words = _WORD.findall(text.casefold())
    if words and words[-1] in ("com", "de", "org", "net", "es", "fr", "info"):
        words = words[:-1]
    return "".join(words)
