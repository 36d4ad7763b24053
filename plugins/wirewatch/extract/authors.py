"""Who wrote it, by the best evidence of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from wirewatch.extract import bylines, signatures
from wirewatch.extract.evidence import WEB_PAGE_TYPES, Evidence, squeeze, types_of
from wirewatch.extract.name_words import BYLINE, SIGNED
from wirewatch.extract.names import MAX_AUTHORS, names_a_desk, pen_names, people, plain, split
from wirewatch.records import Entry

_OPENGRAPH = ("article:author", "og:article:author", "og:author")
_META = (
    ("author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator",
     "dc.author", "authorname", "author_name", "page_author",
     "dc.creator.personalname", "cxenseparse:author", "article.author", "rnews:author"),
    ("authors", "citation_author", "article:author_name", "article:byline", "vr:author",
     "bt:author", "dc.contributor", "creator", "shareaholic:article_author_name"),
)  # fmt: skip
# What WordPress' SEO plugins write above twitter:data1 where it is the author.
_WRITTEN_BY = re.compile(
    r"written by|verfasst von|geschrieben von|escrito por|écrit par|scritto da|geschreven door"
    r"|napisane przez|skriven av|skrevet av|автор|author|autor|byline",
    re.I,
)
_DAY_AND_NAME = re.compile(
    r"^(?:\w{2,10}\.?,?\s+)?\d{1,2}[./]\s?(?:\d{1,2}[./]\s?|\w+\s+)\d{2,4}\s*[-–—|•·/,]\s*(.+)$"
    r"|^(.+?)\s*[-–—|•·/,]\s*(?:\w{2,10}\.?,?\s+)?\d{1,2}[./]\s?(?:\d{1,2}[./]\s?|\w+\s+)\d{2,4}$"
)


MAX_LOOKED_UP = 4  # stated names that are looked up in what the page shows
_SHOWN = etree.XPath(
    "boolean(descendant::body//text()[contains(., $word)][not(parent::script or parent::style)])"
)
# Hosts of many blogs: the site's name and address there are the author's own name.
_BLOG_HOST = re.compile(
    r"\.(?:wordpress|blogspot|tumblr|substack|livejournal|typepad|over-blog|canalblog|hatenablog"
    r"|blogger|jimdofree|wixsite)\.\w+"
)


class Authors(NamedTuple):
    """Who wrote it, which source gave it, and every value as written, for agency detection."""

    names: tuple[str, ...]
    source: str  # json-ld, opengraph, meta, microdata, byline, feed, text; "" where none
    raw: tuple[str, ...]
    shown: tuple[str, ...]  # the bylines that the page shows


def authors(
    tree: HtmlElement,
    heading: HtmlElement | None,
    evidence: Evidence,
    entry: Entry | None,
    site_names: Iterable[str],
) -> Authors:
    """The authors of a page's article by the best source that names a person.

    Where no person is named, a given name, a user name or a group that the page itself states as
    the author of this text is kept: blogs and forums sign with nothing else, and an analyst who
    follows "creeny" has no other handle. It is never the outlet, a desk or an agency.
    """
    structured = [(kind, list(values)) for kind, values in _structured(evidence)]
    named = _declared_people(evidence)
    declared = frozenset(named)
    known = [name for name in site_names if name]
    outlets = [name for name in known if " " not in named.get(plain(name), "")]
    pens = [] if any(_BLOG_HOST.search(name) for name in known) else outlets
    marked = bylines.marked(tree, heading)
    beneath = signatures.beneath(heading)
    raw = dict.fromkeys(squeeze(value) for _, values in structured for value in values)
    shown = (*(one.text for one in marked[: bylines.MAX_SHOWN]), *beneath)
    feed = list(entry.authors) if entry else []
    attempts = _attempts(tree, heading, structured, marked, beneath, feed, outlets, pens, declared)
    names, source, value = next((one for one in attempts if one[0]), ((), "", ""))
    if source == "text":
        raw.setdefault(value)
    elif len(names) == 1 and " " not in names[0]:
        lines = [*beneath, *(one.text for one in marked)]
        names = (_full_name(names[0], tree, lines, outlets),)
    elif names:
        names = _completed(names, structured, marked, outlets)
    return Authors(names, source, tuple(raw), shown)


def _attempts(
    tree: HtmlElement,
    heading: HtmlElement | None,
    structured: list[tuple[str, list[str]]],
    marked: list[bylines.Byline],
    beneath: list[str],
    feed: list[str],
    outlets: list[str],
    pens: list[str],
    declared: frozenset[str],
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Names, source and written value, best evidence first; many are empty."""
    near = list(_before_a_desk([one for one in marked if one.near], outlets))
    strong = [one for one in near if one.strong]
    weak = [one for one in near if not one.strong]
    stated = [(people(values, outlets, declared), kind) for kind, values in structured]
    for line, source in _instead(tree, heading, stated, strong, beneath):
        yield people([line], outlets), source, "" if source == "byline" else line
        yield pen_names([line] if SIGNED.match(line) else (), pens), "text", line
    for names, kind in stated:
        yield names, kind, ""
    for one in strong:  # one byline with its neighbours, not those of the teasers after it
        if people([one.text], outlets):
            yield people([one.text, *bylines.beside(one, strong)], outlets), "byline", ""
        yield pen_names([one.text], pens), "byline", ""
    for one in weak:
        if people([one.text], outlets):
            yield people([one.text, *bylines.beside(one, weak)], outlets), "byline", ""
    yield people(feed, outlets), "feed", ""
    for line in beneath:
        if BYLINE.match(line):
            yield people([line], outlets), "text", line
    for kind, values in structured:
        yield pen_names(values, outlets), kind, ""
    for one in weak:
        if one.signed:
            yield pen_names([one.text], pens), "byline", ""
    yield pen_names(feed, outlets), "feed", ""
    for line in beneath:
        if SIGNED.match(line):
            yield pen_names([line], pens), "text", line
        elif found := _DAY_AND_NAME.match(line):
            yield people([found.group(1) or found.group(2)], outlets), "text", line
    for line in signatures.by_a_day(heading):
        yield people([line], outlets), "text", line
    for line in signatures.user_by_a_day(heading):
        yield pen_names([line], pens), "text", line
    for line in signatures.unmarked(tree):
        yield people([line], outlets), "text", line
    for line in signatures.labelled(tree):
        yield people([line], outlets), "text", line
    for line in signatures.above(heading):
        yield people([line], outlets), "text", line
    for line in signatures.at_the_end(tree):
        yield people([line], outlets) or pen_names([line], pens), "text", line
    for line in signatures.boxes(tree):
        yield people([line], outlets), "text", line
    if near or any("://" not in value for _, values in structured for value in values):
        return  # a desk's or an outlet's: bylines further away are of other articles
    for one in marked:
        yield people([one.text], outlets), "byline", ""


def _instead(
    tree: HtmlElement,
    heading: HtmlElement | None,
    stated: list[tuple[tuple[str, ...], str]],
    strong: list[bylines.Byline],
    beneath: list[str],
) -> Iterator[tuple[str, str]]:
    """The bylines that have no word in common with the names that the page states, and their
    source: systems state who entered the text, the page says who wrote it.

    One under the headline or behind the standfirst; where readers see none of the stated names,
    one that is marked or labelled too.
    """
    names = [name for found, _ in stated for name in found]
    parts = {part for name in names for part in name.casefold().split()}
    if not parts:
        return
    lines = [
        (line, "text") for line in chain(beneath, signatures.opening(heading)) if BYLINE.match(line)
    ]
    if not any(_SHOWN(tree, word=word) for word in _last_words(names)):
        own = [one for one in strong if one.own]
        lines += [(" | ".join([one.text, *bylines.beside(one, own)]), "byline") for one in own]
        lines += [(line, "text") for line in signatures.labelled(tree)]
    for line, source in lines:
        if not parts & set(line.casefold().split()):
            yield line, source


def _last_words(names: list[str]) -> Iterator[str]:
    """The last words of names, as pages write them."""
    for name in names[:MAX_LOOKED_UP]:
        word = name.split()[-1]
        yield from (word, word.upper())


def _before_a_desk(near: list[bylines.Byline], outlets: list[str]) -> Iterator[bylines.Byline]:
    """The bylines up to the first that names a desk or the outlet; those behind it are of other
    articles, unless they stand with the headline."""
    passed = False
    for one in near:
        if not passed or one.own:
            yield one
        passed = passed or names_a_desk(one.text, outlets)


def _completed(
    names: tuple[str, ...],
    structured: list[tuple[str, list[str]]],
    marked: list[bylines.Byline],
    outlets: list[str],
) -> tuple[str, ...]:
    """The names, with those that another source adds to all of them, as where JSON-LD has the
    first of two authors only."""
    keys = {plain(name) for name in names}
    more = [values for _, values in structured]
    more += [[one.text] for one in marked[: bylines.MAX_SHOWN] if one.near]
    for values in more:
        others = people(values, outlets)
        if keys < {plain(name) for name in others} and len(others) == sum(
            1 for value in values for _ in split(value)
        ):  # names alone, no "Jana Vogt, Speech and Privacy Project"
            names, keys = others, {plain(name) for name in others}
    return names


def _full_name(given: str, tree: HtmlElement, lines: list[str], outlets: list[str]) -> str:
    """The person of that given name where a byline has one: "Nils" is "Nils Falk"."""
    for line in chain(lines, signatures.unmarked(tree), signatures.biographies(tree, given)):
        for name in people([line], outlets):
            if name.split()[0] == given:
                return name
    return given


def _structured(evidence: Evidence) -> Iterator[tuple[str, list[str]]]:
    """Written author values, one list a source, best source first."""
    article = evidence.article
    by_id = {str(node["@id"]): node for node in evidence.ld if "@id" in node and "name" in node}
    names = list(ld_names(article.get("author"), by_id))
    names = names or list(ld_names(article.get("creator"), by_id))
    if not names:  # where plugins describe the page and not the article on it
        pages = (node for node in evidence.ld if types_of(node) & WEB_PAGE_TYPES)
        names = [name for node in pages for name in ld_names(node.get("author"), by_id)]
    yield "json-ld", names
    yield "opengraph", evidence.all(*_OPENGRAPH)
    for keys in _META:
        yield "meta", evidence.all(*keys)
    yield "meta", list(_labelled(evidence))
    yield "microdata", evidence.itemprop.get("author", [])


def _labelled(evidence: Evidence) -> Iterator[str]:
    """The values of twitter:data1 and 2 whose label says that they are the author."""
    for number in ("1", "2"):
        if _WRITTEN_BY.fullmatch(evidence.first(f"twitter:label{number}").strip(" :")):
            yield evidence.first(f"twitter:data{number}")


def ld_names(value: Any, by_id: dict[str, Any] | None = None, depth: int = 0) -> Iterator[str]:
    """The names in a JSON-LD ``author``: text, object, list of them, or a reference into the graph.

    An object that says it is an Organization gives none.
    """
    if depth > 4:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[: MAX_AUTHORS * 2]:
            yield from ld_names(one, by_id, depth + 1)
    elif isinstance(value, dict):
        kind = str(value.get("@type", "")).lower()
        name = value.get("name")
        if not name and by_id and value.get("@id") in by_id:
            yield from ld_names(by_id[str(value["@id"])], by_id, depth + 1)
        elif "organization" not in kind and name:
            yield from ld_names(name, by_id, depth + 1)
        elif not name and (value.get("givenName") or value.get("familyName")):
            yield f"{value.get('givenName', '')} {value.get('familyName', '')}"


def _declared_people(evidence: Evidence) -> dict[str, str]:
    """What JSON-LD calls a Person, by key: people even where the site has their name, unless the
    same page calls an organisation so."""
    persons: dict[str, str] = {}
    organisations = set()
    nodes = [*evidence.ld, *_objects(evidence.article.get("author"))]
    for node in [*nodes, *_objects(evidence.article.get("publisher"))]:
        name, kind = node.get("name"), str(node.get("@type", "")).lower()
        if isinstance(name, str):
            if "person" in kind:
                persons[plain(squeeze(name))] = squeeze(name)
            elif "organization" in kind:
                organisations.add(plain(squeeze(name)))
    return {key: name for key, name in persons.items() if key not in organisations}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
