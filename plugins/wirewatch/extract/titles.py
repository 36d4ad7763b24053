"""The headline without the site's name and section."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from wirewatch.extract.evidence import Evidence, squeeze
from wirewatch.records import Entry

MAX_TITLE = 500  # characters; the longest real headlines have some 250
_SEPARATOR = re.compile(r"\s+[|·•»«›‹:–—~/\\-]+\s+|\s*[|»›]\s*|\s+::\s+")
_WORD = re.compile(r"\w+")


def headline(evidence: Evidence, entry: Entry | None, site_names: Iterable[str]) -> tuple[str, str]:
    """The title and its source: json-ld, opengraph, h1, title, feed; ("", "") where there is none.

    A candidate that is only the site's name is passed over; a site name at either end is cut off.
    """
    names = {_key(name) for name in site_names if name}
    names.discard("")
    shown = [squeeze(unescape(text)) for text, _ in evidence.h1 if text]
    for value, source in _candidates(evidence, entry):
        title = strip_site(squeeze(unescape(value)), names, shown)
        if title and _key(title) not in names:
            return title[:MAX_TITLE], source
    return "", ""


def strip_site(title: str, names: set[str], shown: Iterable[str] = ()) -> str:
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
        if _key(title[end:]) not in names:
            break
        title = title[:start]
        spans.pop()
    while spans:
        start, end = spans[0]
        if _key(title[:start]) not in names:
            break
        return strip_site(title[end:], names)
    return title.strip()


def _candidates(evidence: Evidence, entry: Entry | None) -> Iterable[tuple[str, str]]:
    head = evidence.article.get("headline")
    shown = [text for text, _ in evidence.h1 if text]
    if isinstance(head, str):
        yield head, "json-ld"
    for value in evidence.all("og:title", "og:article:title"):
        yield value, "opengraph"
    if len(shown) == 1:
        yield shown[0], "h1"
    for value in evidence.all("parsely-title", "sailthru.title", "dc.title", "dcterms.title",
                              "twitter:title", "citation_title", "title", "headline"):  # fmt: skip
        yield value, "meta"
    if entry and entry.title:
        yield entry.title, "feed"
    if evidence.title:
        yield evidence.title, "title"
    if shown:
        yield shown[0], "h1"


def _key(text: str) -> str:
    words = _WORD.findall(text.casefold())
    if words and words[-1] in ("com", "de", "org", "net", "es", "fr", "info"):
        words = words[:-1]
    return "".join(words)
