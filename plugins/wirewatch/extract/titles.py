"""The headline without the site's name and section: what the page shows, held against what it
states."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from wirewatch.extract import headings
from wirewatch.extract.evidence import Evidence, squeeze
from wirewatch.records import Entry

MAX_TITLE = 500  # characters; the longest real headlines have some 250
MAX_STATED = 1_000  # characters of a stated title that are read
MAX_SITE_WORDS = 6  # words of a site's name in a title; a longer part is a headline
SITE_LETTERS = 6  # letters that a part and a site's name or domain must share
ALIKE = 0.6  # of the words of the shorter of two titles, from which they are the same headline's
SLUG_LETTERS = 12  # of a name in the path of a URL, from which it is a title and no section
MAX_HEADINGS = 40  # headings weighed; those further down belong to sections and teasers
MAX_OTHERS = 20  # the same of h2 and h3
MAX_MARKED = 10  # elements called headline that are weighed where no heading is one

# How much speaks for a heading; set by hand on the half of the pages that rules were tuned on.
_LEVEL = {"h1": 2.0, "h2": 0.8, "h3": 0.3}
MARKED = 1.0  # its class says that it is the headline
FIRST = 0.3  # it is the page's first h1
SAME = 2.0  # a stated title is the same; EACH more for each further one
EACH = 0.4
PART = 1.5  # it is the longest part of a stated title, the rest being site and section
ONE_WORD = -1.5  # a single word that no stated title is: "Region", "News", "Home"
FURNITURE = -1.5  # its class says that it belongs to teasers, navigation or comments
SPELT = 0.8  # the page's address spells it
ELSEWHERE = -1.5  # it links to another page, as a teaser does
ENOUGH = 2.0  # from which a heading is preferred to what the page only states

_SEPARATOR = re.compile(
    r"\s+[|│·•»«›‹:–—~/\\-]+\s+|\s*[|│»›]\s*|\s+::\s+|:\s+"
    r"|(?<=[\u3040-\u9fff！？。」』])[-_－—](?=[\u3040-\u9fffA-Za-z]{1,12}$)"
)
_WORD = re.compile(r"\w+")
_HEADLINE = re.compile(
    r"headline|(?:entry|post|article|news|story|page|content|h)[-_]{0,2}(?:title|titel)"
    r"|titulo|titre|(?:^|\s)title"
)
_FURNITURE = re.compile(
    r"breadcrumb|related|teaser|sidebar|(?<!elementor-)widget|comment|\bnav|menu|aural|sr-only"
    r"|screen-reader|(?:^|\s)hidden(?=\s|$)|strapline|newsletter|banner|cookie|author"
)
# What headings over navigation say, whole words of one language each.
_NAVIGATION = re.compile(
    r"^(?:[\w-]{0,20}naviga(?:tion|zione|ção)\w{0,4}(?:[\s-]?men[üu]e?)?|[\w-]{0,20}men[üuú]"
    r"|navegación|navigatie|навигация|sie (?:sind|befinden sich) hier|you are here|vous êtes ici"
    r"|estás? (?:aquí|en)|sei (?:qui|in)|u bent hier|inhaltsverzeichnis|table of contents"
    r"|sommaire|breadcrumbs?)\s*:?$",
    re.I,
)
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "ł": "l"}
)
_META = ("parsely-title", "sailthru.title", "dc.title", "dcterms.title", "twitter:title",
         "citation_title", "title", "headline")  # fmt: skip


# Keys of sections that many sites have.
_EVERYWHERE = frozenset(
    re.split(
        " ",
        "news home homepage article articles latestnews startseite aktuelles nachrichten artikel "
        "meldungen pressemitteilungen noticias inicio portada actualidad actualités actualites "
        "accueil notizie home notícias início nieuws nyheter nyheder uutiset wiadomości zprávy "
        "správy aktuality hírek haber haberler știri novosti vijesti новости новини главная "
        "ειδήσεις أخبار الأخبار الرئيسية اخبار חדשות समाचार ข่าว berita tintức 新闻 新聞 首页 首頁 "
        "ニュース ホーム 뉴스 홈",
    )
)


class Title(NamedTuple):
    """The headline, its source (h1, h2, h3, text, json-ld, opengraph, meta, feed, title; "" where
    there is none), and the element that shows it."""

    text: str
    source: str
    element: HtmlElement | None


class _Stated(NamedTuple):
    text: str  # without the site's name
    source: str
    key: tuple[str, ...]  # its words, without case
    part: tuple[str, ...]  # the words of its longest part


def headline(
    tree: HtmlElement, evidence: Evidence, entry: Entry | None, site_names: Iterable[str], url: str
) -> Title:
    """The headline: the heading for which most speaks, else the best stated title."""
    sites: list[HtmlElement] = []
    shown: list[tuple[HtmlElement, str]] = []
    h1 = [element for element in evidence.headings if element.tag == "h1"]
    others = [element for element in evidence.headings if element.tag != "h1"]
    for element in [*h1[:MAX_HEADINGS], *others[:MAX_OTHERS]]:
        text = headings.text(element)
        if not text:
            continue
        if element.tag == "h1" and headings.is_site(element, url):
            sites.append(element)
        else:
            shown.append((element, text))
    names = {_key(name) for name in site_names if len(_WORD.findall(name)) <= MAX_SITE_WORDS}
    names |= {_key(headings.text(element)) for element in sites}
    # What the address spells is the article's own title, even where the page gives it as its name.
    spelt = _key(urlsplit(url).path)
    names = {name for name in names if name and (len(name) < SLUG_LETTERS or name not in spelt)}
    sections = _sections(evidence, url)
    stated = list(_stated(evidence, entry, frozenset(names), [text for _, text in shown], sections))
    best = _best(shown, stated, frozenset(names), url)
    if best is None and sites:  # a logo that is also what the page states, as on a front page
        best = _best([(one, headings.text(one)) for one in sites], stated, frozenset(), url)
        best = best if best and any(one.key == words(best.text) for one in stated) else None
    if best is None and stated and not any(element.tag == "h1" for element, _ in shown):
        marked = list(islice(_marked(tree), MAX_MARKED))
        best = _best(marked, stated, frozenset(names), url)
    if best is None:
        best = next((Title(one.text, one.source, None) for one in stated), Title("", "", None))
    if not best.text and shown and shown[0][0].tag == "h1":
        best = Title(shown[0][1], "h1", shown[0][0])
    text = strip_site(best.text, frozenset(), (), sections)
    return best._replace(text=(text or best.text)[:MAX_TITLE])


def _sections(evidence: Evidence, url: str) -> frozenset[str]:
    """Keys of what sections are called: by what the page states, its address, and everywhere."""
    stated = evidence.article.get("articleSection")
    named = [
        one for one in (stated if isinstance(stated, list) else [stated]) if isinstance(one, str)
    ]
    named += evidence.all("article:section", "og:article:section", "parsely-section", "section")
    named += unquote(urlsplit(url).path).rstrip("/").split("/")[:-1]
    return frozenset({_key(name[:MAX_TITLE]) for name in named} - {""}) | _EVERYWHERE


def _best(
    shown: Iterable[tuple[HtmlElement, str]],
    stated: list[_Stated],
    names: frozenset[str],
    url: str,
) -> Title | None:
    """The heading for which most speaks, if it is enough."""
    same = Counter(one.key for one in stated)
    parts = {one.part for one in stated}
    slug = _slug(url)
    best, most, first = None, 0.0, True
    for element, text in shown:
        key = words(text)
        if not key or _key(text) in names:
            continue
        if not same[key] and element.tag == "h1":
            last = headings.last(element)
            if same[words(last)]:
                text, key = last, words(last)
        tag = str(element.tag)
        weight = _LEVEL.get(tag, 0.0)
        if tag == "h1" and first:
            weight, first = weight + FIRST, False
        if same[key]:
            weight += SAME + EACH * (same[key] - 1)
        elif key in parts:
            weight += PART
        elif tag == "h1" and any(_alike(key, one.key) for one in stated):
            weight += ALIKE * SAME
        if len(key) == 1 and len(text) < 16:
            weight += ONE_WORD / (3 if same[key] else 1)
        if tag in ("h2", "h3") and weight + SPELT + MARKED < ENOUGH:
            continue
        if len(key) > 1 and sum(_ascii(word) in slug for word in key) >= ALIKE * len(key):
            weight += SPELT
        if _NAVIGATION.search(text):
            weight += FURNITURE
        label = headings.label(element)
        weight += MARKED if _HEADLINE.search(label) else 0.0
        weight += FURNITURE if _FURNITURE.search(label) else 0.0
        if weight > most and tag != "h1" and headings.leads_away(element, url):
            weight += ELSEWHERE
        if weight > most:
            best, most = (element, text), weight
    if best is None or most < ENOUGH:
        return None
    tag = str(best[0].tag)
    return Title(_without(best[1], names), tag if tag in _LEVEL else "text", best[0])


def _slug(url: str) -> frozenset[str]:
    """The words of a URL's path, as addresses write them: "ueber" for "über"."""
    return frozenset(_WORD.findall(unquote(urlsplit(url).path).casefold().replace("_", " ")))


def _ascii(word: str) -> str:
    word = word.translate(_UMLAUTS)
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() or word


def _marked(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Elements that are no headings but whose class calls them the headline."""
    for element in tree.iterfind(".//*[@class]"):
        if element.tag in ("div", "span", "p", "a", "td", "strong", "b", "font", "h4", "h5"):
            label = (element.get("class") or "").lower()
            if _HEADLINE.search(label) and not _FURNITURE.search(label):
                text = headings.text(element)
                if text:
                    yield element, text


def _stated(
    evidence: Evidence,
    entry: Entry | None,
    names: frozenset[str],
    shown: list[str],
    sections: frozenset[str],
) -> Iterator[_Stated]:
    """What the page and the feed state as title, best first, each without the site's name; none
    that is only that."""
    for value, source in _written(evidence, entry):
        text = strip_site(squeeze(unescape(value[:MAX_STATED])), names, shown, sections)
        if text and _key(text) not in names:
            parts = _SEPARATOR.split(text)
            yield _Stated(text, source, words(text), words(max(parts, key=len)))


def _written(evidence: Evidence, entry: Entry | None) -> Iterator[tuple[str, str]]:
    head = evidence.article.get("headline")
    if isinstance(head, str):
        yield head, "json-ld"
    for value in evidence.all("og:title", "og:article:title")[:2]:
        yield value, "opengraph"
    for value in evidence.all(*_META)[:8]:
        yield value, "meta"
    if entry and entry.title:
        yield entry.title, "feed"
    if evidence.title:
        yield evidence.title, "title"


def words(text: str) -> tuple[str, ...]:
    """The words of a title, for comparing."""
    return tuple(_WORD.findall(text.casefold()))


def strip_site(
    title: str,
    names: frozenset[str],
    shown: Sequence[str] = (),
    sections: frozenset[str] = frozenset(),
) -> str:
    """The title without the parts, at either end, that name the site or a section.

    ``names`` and ``sections`` are keys; a section before a colon is a kicker and stays. Where a
    heading shown on the page is a part of the title, the rest is site or section and goes.
    """
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    for heading in () if title in shown else shown:
        if len(heading) > 8 and len(heading) < len(title) and title.startswith(heading):
            rest = title[len(heading) :]
            if _SEPARATOR.match(rest) and len(_WORD.findall(heading)) > 1:
                return heading
    spans = [(found.start(), found.end()) for found in _SEPARATOR.finditer(title)]
    first, end = 0, len(title)
    while spans and _is_other(title[spans[-1][1] : end], names, sections):
        end = spans.pop()[0]
    while spans:
        colon = ":" in title[spans[0][0] : spans[0][1]]
        if not _is_other(title[first : spans[0][0]], names, frozenset() if colon else sections):
            break
        first = spans.pop(0)[1]
    return title[first:end].strip()


def _is_other(part: str, names: frozenset[str], sections: frozenset[str]) -> bool:
    return _names_site(part, names) or _key(part) in sections


def _without(heading: str, names: frozenset[str]) -> str:
    """A heading without the site's whole name behind or before a separator."""
    for found in _SEPARATOR.finditer(heading):
        before, after = heading[: found.start()], heading[found.end() :]
        if _key(after) in names and _key(before):
            return before
        if _key(before) in names and _key(after) and len(_WORD.findall(after)) > 1:
            return after
    return heading


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Do the two have most words of the shorter one in common, and is it no single word?"""
    shorter = min(len(set(one)), len(set(other)))
    return shorter > 1 and len(set(one) & set(other)) >= ALIKE * shorter


def _names_site(part: str, names: frozenset[str]) -> bool:
    """Is the part a site's name: one of the names, or one that begins or holds it?

    "Example Times Online" is the site example-times.com; a sentence is none.
    """
    key = _key(part)
    if not key or key in names:
        return bool(key)
    found = _WORD.findall(part.casefold())
    if len(found) > MAX_SITE_WORDS:
        return False
    return any(
        (len(name) >= SITE_LETTERS and name in key)
        or (len(key) >= SITE_LETTERS and key in name)
        or (len(found[0]) >= SITE_LETTERS and name.startswith(found[0]))
        for name in names
    )


def _key(text: str) -> str:
    found = _WORD.findall(text.casefold())
    if found and found[-1] in ("com", "de", "org", "net", "es", "fr", "info"):
        found = found[:-1]
    return "".join(found)
