"""What a heading element says: its text without kicker, date and hidden words, and what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

MAX_HEADING = 500  # characters of a heading that can be a headline
MAX_SEGMENTS = 12  # pieces of a heading looked at
MAX_DEPTH = 12  # levels of elements inside a heading that are read
MIN_WORDS = 2  # of a headline that stands beside a kicker in the same element
PARENTS = 2  # levels above a heading that say whether it is the site's name

_INLINE = frozenset(["i", "b", "em", "strong", "mark", "q", "sup", "sub", "u", "font", "abbr",
                     "wbr", "cite", "code", "del", "ins", "bdi", "s"])  # fmt: skip
_NO_TEXT = frozenset(["style", "script", "noscript", "time", "svg", "button", "template"])
_HIDDEN = re.compile(
    r"(?:^|[\s_-])(?:element-invisible|visually-?hidden|sr-only|aural|invisible|screen-reader)"
)
_KICKER = re.compile(
    r"kick|dach|over|topline|roof|label|sub-?(?:line|title|head)|(?:pre|top|super)-?(?:title|line)"
    r"|titleheader|prefix|section|eyebrow|catch|antetitulo|volanta|spitzmarke|rubrik|flag|badge|tag"
    r"|date|meta|byline"
)
_SITE = re.compile(r"(?:^|[\s_])(?:site|blog)[-_]?(?:title|name|logo)|(?:^|[\s_-])(?:logo|brand)")
_SITE_ABOVE = re.compile(r"(?:^|[\s_-])(?:logo|brand|branding|site-?title|site-?name)(?:$|[\s_-])")
_WORD = re.compile(r"\w+")


def text(heading: HtmlElement) -> str:
    """A heading's text, without the kicker, date or hidden words that templates put into it."""
    kept = [one for one in islice(_segments(heading), MAX_SEGMENTS) if _WORD.search(one[0])]
    if len(kept) > 1:
        main = [one for one in kept if not one[1] or not _is_kicker(one[1])]
        if main and len(main) < len(kept) and _words(main) >= MIN_WORDS:
            kept = main
    if len(kept) == 2 and all(label for _, label in kept) and _words(kept[1:]) > MIN_WORDS:
        kept = kept[1:]  # two elements and no text between: kicker and headline
    return " ".join(words for words, _ in kept)[:MAX_HEADING].rstrip("¶ ")  # a link to itself


def last(heading: HtmlElement) -> str:
    """The last piece of a heading of several, which is the headline where the others are kickers
    without a name."""
    pieces = [words for words, _ in islice(_segments(heading), MAX_SEGMENTS) if _WORD.search(words)]
    return pieces[-1].lstrip(" :–—-|") if len(pieces) > 1 else ""


def leads_away(heading: HtmlElement, url: str) -> bool:
    """Does the heading link to another page than this, as a teaser's does?"""
    parent = heading.getparent()
    link = parent if parent is not None and parent.tag == "a" else next(heading.iter("a"), None)
    href = "" if link is None else link.get("href") or ""
    if not href or href.startswith(("#", "javascript:")):
        return False
    try:
        there: str = urlsplit(urljoin(url, href)).path
    except ValueError:
        return True
    return there.rstrip("/") != urlsplit(url).path.rstrip("/")


def _words(segments: list[tuple[str, str]]) -> int:
    return sum(len(_WORD.findall(words)) for words, _ in segments)


def _is_kicker(label: str) -> bool:
    return label.startswith("small ") or bool(_KICKER.search(label))


def _segments(element: HtmlElement, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The pieces of a heading, each with its tag and class; its own text has none. Emphasis is part
    of the text around it."""
    if depth > MAX_DEPTH:
        return
    own = element.text or ""
    if not own.strip() and len(element) == 1 and not (element[0].tail or "").strip():
        child = element[0]
        if child.tag not in _NO_TEXT and child.tag not in _INLINE:
            yield from _segments(child, depth + 1)
            return
    for child in element.iterchildren():
        if child.tag in _INLINE:
            own += "".join(child.itertext()) + (child.tail or "")
            continue
        if child.tag in ("br", "a", "link"):
            own += f" {' '.join(child.itertext())} {child.tail or ''}"
            continue
        if own.strip():
            yield " ".join(own.split()), ""
        own = child.tail or ""
        label = f"{child.tag} {child.get('class') or ''}".lower()
        if child.tag not in _NO_TEXT and not _HIDDEN.search(label):
            inner = " ".join(
                words for words, _ in islice(_segments(child, depth + 1), MAX_SEGMENTS)
            )
            if inner:
                yield inner, label
    if own.strip():
        yield " ".join(own.split()), ""


def label(heading: HtmlElement) -> str:
    """The class, id and itemprop of a heading, lower case."""
    return " ".join(heading.get(name) or "" for name in ("class", "id", "itemprop")).lower()


def is_site(heading: HtmlElement, url: str) -> bool:
    """Is the heading the site's name, as its class says or because it links to the front page?"""
    if _SITE.search(label(heading)):
        return True
    for parent in islice(heading.iterancestors(), PARENTS):
        if parent.tag == "a" and is_front(parent.get("href") or "", url):
            return True
        if _SITE_ABOVE.search(f"{parent.get('class') or ''} {parent.get('id') or ''}".lower()):
            return True
    links = list(islice(heading.iter("a"), 2))
    return len(links) == 1 and (
        "home" in (links[0].get("rel") or "") or is_front(links[0].get("href") or "", url)
    )


def is_front(href: str, url: str) -> bool:
    """Does the link lead to the front page of the site, and is this page another?"""
    try:
        link, here = urlsplit(href.strip()), urlsplit(url)
    except ValueError:
        return False
    if not href or link.query or len(here.path) < 2:
        return False
    if link.netloc:
        return link.path.strip("/") in ("", "index.html", "index.php") and (
            link.netloc.removeprefix("www.") == here.netloc.removeprefix("www.")
        )
    return link.path in ("/", "./", "../", "/index.html", "/index.php", "index.html")
