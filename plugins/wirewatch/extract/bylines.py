"""The bylines that a page shows: what its markup, its links or its words mark as the author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from lxml.html import HtmlElement

from wirewatch.extract.evidence import squeeze, texts_after
from wirewatch.extract.names import BY_ALONE, BYLINE, plain

MAX_BYLINE = 120  # characters of an element that can be a byline; biographies are longer
MAX_MARKED = 24  # marked elements looked at; those further down belong to teasers and comments
MAX_SHOWN = 3  # marked bylines kept as credits
MAX_ELEMENTS = 3_000  # elements searched for a byline without a mark; it stands near the headline
PARENTS = 8  # levels above an element in which a comment shows itself
NEAR_PARENTS = 4  # the same of a sidebar or a teaser; further up it is the page's layout
BENEATH = 4  # pieces of text beneath the headline that can be a byline
_TAGS = ("a", "span", "p", "div", "address", "cite", "small", "strong", "li", "ul", "section",
         "td", "dd", "b", "em", "h3", "h4", "h5", "footer")  # fmt: skip
MAX_BENEATH = 80  # characters of one; a longer text is the standfirst or the first paragraph

_STRONG = re.compile(
    r"(?:^|\s)(?:rel|prop)=(?:[^=]*\s)?(?:author|creator)(?=\s|$)"
    r"|(?:^|\s)(?:vcard\s+\S*author|\S*author\s+vcard|(?:post|entry|article|meta)-author)(?=\s|$)"
)
_MEDIUM = re.compile(
    r"byline|author|autor|auteur|writer|posted-by|redakteur|firma|signature|creator|verfasser"
    r"|username|journalist|itemposter"
)
_NONE = re.compile(
    r"bio\b|biograph|comment|related|avatar|image|img|photo|share|follow|social|about|footer"
    r"|description|popular|teaser|authority|authoriz|autoridad|firmas|authored|role|jobtitle|email"
)
_ELSEWHERE = re.compile(
    r"respond|repl(?:y|ies)|recent|related|(?:^|\s)(?:sidebar|widget)|popular|teaser|trending"
    r"|mostread|most-read|carousel|slider|breadcrumb|(?:^|[\s_-])(?:nav|menu)|blogroll|newsletter"
    r"|recommend",
    re.I,
)
# Words in the address of an author's own page; the last part of it is the name.
_PEOPLE_WORDS = ("author", "autor", "auteur", "writer", "columnist", "journalist", "reporter",
                 "contributor", "redak", "profil", "newsteam", "staff", "people", "member",
                 "mitglied", "user")  # fmt: skip
_PEOPLE_PAGE = re.compile(
    rf"(?:{'|'.join(_PEOPLE_WORDS)})[\w-]*/(?:[^?#]+/)?([^/?#]+?)(?:\.html?|/)?(?:[?#]|$)", re.I
)


class Byline(NamedTuple):
    """A shown byline and how surely the page means it as one."""

    text: str
    strong: bool  # by rel=author, microdata, an hCard, a link to the author's own page
    signed: bool  # may be a pen name: strong, or it begins with "by", or is a user name
    near: bool  # not in a sidebar, a teaser or a menu
    element: HtmlElement


def marked(tree: HtmlElement) -> list[Byline]:
    """The elements that the page marks as a byline, in document order, none of a comment."""
    found: list[Byline] = []
    known: dict[str, int] = {}  # a page has few different labels on its many elements
    for element in tree.iter(*_TAGS):
        get = element.get
        label = get("class") or get("rel") or get("itemprop") or get("id")
        if label is None:
            if element.tag != "a":
                continue
            label = ""
        if element.tag == "a" or get("itemprop"):
            label = f"{label} rel={get('rel') or ''} prop={get('itemprop') or ''}"
        grade = known.get(label)
        if grade is None:
            grade = known[label] = _grade(label.lower())
        page = None
        if element.tag == "a" and grade < 2:
            href = get("href") or ""
            if any(word in href for word in _PEOPLE_WORDS):
                page = _PEOPLE_PAGE.search(href)
        if not (grade or page):
            continue
        name = element.find('.//*[@itemprop="name"]') if "prop=author" in label else None
        text = squeeze(" ".join((element if name is None else name).itertext()))
        if not 1 < len(text) <= MAX_BYLINE:
            continue
        own = page is not None and _is_named(page.group(1), text)
        place = place_of(element)
        if place == "comment" or not (grade or own):
            continue
        strong = grade == 2 or own
        signed = strong or bool(BYLINE.match(text)) or "username" in label
        found.append(Byline(text, strong, signed, place != "elsewhere", element))
        if len(found) >= MAX_MARKED:
            break
    return found


def _is_named(slug: str, text: str) -> bool:
    """Does the last part of an address spell the text, as /author/jana-vogt does "Jana Vogt"?"""
    key = plain(text)
    return len(key) > 1 and key == plain(unquote(slug))


def beside(byline: Byline, others: list[Byline]) -> Iterator[str]:
    """The texts of the bylines that stand in the same place: several authors, an element each."""
    parent = byline.element.getparent()
    places = {parent, parent.getparent() if parent is not None else None} - {None}
    for other in others:
        up = other.element.getparent()
        if up in places or (up is not None and up.getparent() in places):
            yield other.text


def _grade(label: str) -> int:
    if _STRONG.search(label):
        return 0 if "comment" in label else 2
    return 1 if _MEDIUM.search(label) and not _NONE.search(label) else 0


def place_of(element: HtmlElement) -> str:
    """Where an element stands: "comment", "elsewhere" (sidebar, teaser, menu), "" the article."""
    place = ""
    for level, parent in enumerate(islice(element.iterancestors(), PARENTS)):
        label = f"{parent.get('class') or ''} {parent.get('id') or ''}"
        if "comment" in label and "author" not in label and parent.tag != "body":
            return "comment"
        if level < NEAR_PARENTS and (
            parent.tag in ("nav", "aside") or (len(label) > 1 and _ELSEWHERE.search(label))
        ):
            place = "elsewhere"
    return place


def unmarked(tree: HtmlElement) -> Iterator[str]:
    """Short texts that begin as bylines do ("By Jane Doe"), in document order."""
    elements = tree.iter("p", "span", "div", "em", "i", "b", "strong", "h3", "h4", "h5", "h6", "td")
    for element in islice(elements, MAX_ELEMENTS):
        text = element.text
        if not text or not BYLINE.match(text):
            continue
        text = squeeze(" ".join(element.itertext()))
        if len(text) <= MAX_BYLINE and not place_of(element):
            yield text


def beneath(heading: HtmlElement | None) -> list[str]:
    """The short texts between the headline and the first paragraph, where bylines stand bare; a
    lone "By" together with what follows it."""
    lines: list[str] = []
    if heading is None:
        return lines
    for text in islice(texts_after(heading), BENEATH):
        line = squeeze(text)
        if len(line) > MAX_BENEATH:
            break
        if lines and BY_ALONE.match(lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        elif len(line) > 1:
            lines.append(line)
    return lines
