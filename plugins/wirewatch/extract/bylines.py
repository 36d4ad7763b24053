"""The bylines that a page shows: what its markup, its links or its words mark as the author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree
from lxml.html import HtmlElement

from wirewatch.extract.evidence import squeeze
from wirewatch.extract.name_words import BYLINE
from wirewatch.extract.names import plain
from wirewatch.extract.places import surroundings

MAX_BYLINE = 120  # characters of an element that can be a byline; biographies are longer
MAX_MARKED = 24  # marked elements looked at; those further down belong to teasers and comments
MAX_SHOWN = 3  # marked bylines kept as credits
_TAGS = ("a", "span", "p", "div", "address", "cite", "small", "strong", "li", "ul", "section",
         "td", "dd", "b", "em", "h3", "h4", "h5", "footer", "byline")  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_NUMBER = re.compile(r"^\d{1,12}[-_.]|[-_.]\d{1,12}$")  # beside a name in an address
_PUNCTUATION = re.compile(r"[:;,?!\"«»“”„]")  # of headlines
MAX_ALONE = 4  # words of a name that stands alone beside a day

_NO_NAME = frozenset(["script", "style", "noscript", "template", "svg", "button", "select",
                      "figure", "figcaption"])  # fmt: skip
_LICENSED = re.compile(
    r"//(?:[\w-]{1,30}\.){0,3}(?:creativecommons|wikimedia|flickr|unsplash|pixabay|pexels|shutterstock"
    r"|istockphoto|gettyimages)\.",
    re.I,
)
_STRONG = re.compile(
    r"(?:^|\s)(?:vcard\s+\S*author|\S*author\s+vcard|(?:post|entry|article|meta)-author)(?=\s|$)"
)
_MEDIUM = re.compile(
    r"byline|author|autor|auteur|writer|posted-by|redakteur|firma|signature|creator|verfasser"
    r"|username|journalist|itemposter"
)
_NONE = re.compile(
    r"bio\b|biograph|comment|related|avatar|image|img|photo|share|follow|social|about|footer"
    r"|description|popular|teaser|authority|authoriz|autoridad|firmas|authored|role|jobtitle|email"
)
# What the folder of authors' own pages is called in their addresses.
_PEOPLE_FOLDER = re.compile(
    r"(?:[a-z]{1,12}[-_]){0,2}(?:(?:author|writer|columnist|journalist|reporter|contributor|profile"
    r"|member|user|expert|person)s?|autor(?:en|es|as?|i)?|auteurs?|journalisten?|redak\w{0,12}"
    r"|newsteam"
    r"|staff|people|mitglied(?:er)?|profil|columnistas?|firmas?|giornalisti|skribenter|byline)",
    re.I,
)
FOLDERS = 3  # of an address above its last part, one of which is of people
MAX_HREF = 1_000  # characters of an address that are looked at
TEASER_PARENTS = 4  # levels above a teaser's byline in which the headline that it has stands
TEASER_ELEMENTS = 60  # elements of such a level in which that headline stands
TEASER_WORDS = 4  # of a headline; shorter ones are the author's name, or "More from"
MAX_ABOVE = 8  # marked elements above the headline that are looked at, the last ones
# One of these is in every class that _STRONG and _MEDIUM find; told in a tenth of the time.
_HINTS = ("author", "autor", "auteur", "byline", "writer", "posted-by", "redakteur", "firma",
          "signature", "creator", "verfasser", "username", "journalist", "itemposter")  # fmt: skip


class Byline(NamedTuple):
    """A shown byline and how surely the page means it as one."""

    text: str
    strong: bool  # by rel=author, microdata, an hCard, a link to the author's own page
    signed: bool  # may be a pen name: strong, or it begins with "by", or is a user name
    near: bool  # not in a sidebar, a teaser or a menu
    own: bool  # in one container with the headline and with no other
    element: HtmlElement


def marked(tree: HtmlElement, heading: HtmlElement | None = None) -> list[Byline]:
    """The elements that the page marks as a byline by microdata, rel=author, their class or their
    link; none of a comment. In document order, but those above the headline last where they do not
    stand with it: menus name columnists there. None of what stands with another headline, which is
    a teaser's."""
    above: list[Byline] = []
    found: list[Byline] = []
    around = set() if heading is None else set(heading.iterancestors())
    passed = heading is None
    grades: dict[str, int] = {}  # a page has few different classes on its many elements
    folders: dict[str, bool] = {}
    linked = True
    for element in tree.iter(*_TAGS, *(() if heading is None else (str(heading.tag),))):
        if element is heading:
            above, found, linked, passed = found[-MAX_ABOVE:], [], True, True
        get = element.get
        label = get("class") or (element.tag if element.tag == "byline" else None)
        grade = 0
        if element.tag == "a" and _is_tag(element):
            continue
        stated = get("itemprop") or (get("rel") if element.tag == "a" else None)
        if stated and ("author" in stated or "creator" in stated):
            name = element.find('.//*[@itemprop="name"]')
            line = line_of(element if name is None else name)
            _add_byline(found, element, line, 2, around)
            linked = linked and not (found and found[-1].near)  # links have nothing to add to it
            continue
        if label is not None:
            known = grades.get(label)
            grade = grades[label] = _grade(label.lower()) if known is None else known
        slug = ""
        if linked and grade < 2 and element.tag == "a":
            slug = _slug(get("href") or "", folders)
        if not (grade or slug):
            continue
        text = line_of(element)
        if slug and _is_named(slug, text):
            grade = 2
        if grade:
            _add_byline(found, element, text, grade, around)
        if len(found) >= MAX_MARKED:
            if passed:
                break
            del found[0]
    return [
        *(one for one in above if one.own),
        *found,
        *(one for one in above if not one.own),
    ]


def _slug(href: str, folders: dict[str, bool]) -> str:
    """The last part of an address where a folder above it is one of people; else empty."""
    *above, last = re.split("[?#]", href[:MAX_HREF], maxsplit=1)[0].rstrip("/").split("/")
    for folder in above[-FOLDERS:]:
        if folder not in folders:
            folders[folder] = bool(_PEOPLE_FOLDER.fullmatch(folder))
        if folders[folder]:
            return last
    return ""


def line_of(element: HtmlElement) -> str:
    """The text of an element that can be a byline, its lines with a bar between them; empty where
    it is longer. Tags, sections and the credits of pictures in it are left out."""
    pieces: list[str] = []
    length = 0
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, one in walk:
        if event == "end":
            piece = "" if one is element else one.tail
        elif one is not element and _is_other(one):
            walk.skip_subtree()
            continue
        else:
            piece = f"| {one.text or ''}" if one.tag == "br" else one.text
        if piece and isinstance(piece, str):
            pieces.append(piece)
            length += len(piece.strip())
            if length > MAX_BYLINE:
                return ""
    text = squeeze(" ".join(pieces)).strip("| ")
    return text if len(text) <= MAX_BYLINE else ""


def _is_other(element: HtmlElement) -> bool:
    """Is a part of a byline no name: a script, a link to a tag or a section, a picture's credit?"""
    if not isinstance(element.tag, str) or element.tag in _NO_NAME:
        return True
    label = element.get("class")
    return (element.tag == "a" and _is_tag(element)) or (
        label is not None and "copyright" in label.lower()
    )


def _is_tag(link: HtmlElement) -> bool:
    words = (link.get("rel") or "").split()
    return "author" not in words and ("tag" in words or "category" in words)


def _is_licensed(element: HtmlElement) -> bool:
    """Is it the credit of a picture, by a link to a site of pictures or to a licence?"""
    link = element if element.tag == "a" else next(element.iter("a"), None)
    return link is not None and (
        _LICENSED.search((link.get("href") or "")[:MAX_HREF]) is not None
        or "licen" in (link.get("class") or "")
    )


def _add_byline(
    found: list[Byline], element: HtmlElement, text: str, grade: int, around: set[HtmlElement]
) -> None:
    if len(text) < 2:
        return
    where = surroundings(element)
    if where != "apart" and not _is_licensed(element):
        strong = grade == 2
        signed = strong or bool(BYLINE.match(text)) or "username" in (element.get("class") or "")
        own, teaser = _headline_of(element, around)
        if not teaser:
            found.append(
                Byline(
                    text,
                    strong,
                    signed,
                    not where or (own and bool(element.get("class"))),
                    own,
                    element,
                )
            )


def _headline_of(element: HtmlElement, around: set[HtmlElement]) -> tuple[bool, bool]:
    """Does an element stand with the page's headline, or with a teaser's, which is a link?"""
    if not around:
        return False, False
    for parent in islice(element.iterancestors(), TEASER_PARENTS):
        if parent in around:
            return parent.tag not in ("body", "html"), False
        for one in islice(parent.iter(), TEASER_ELEMENTS):
            if one.tag in ("h1", "h2", "h3", "h4", "h5"):
                link = next(islice(one.iterancestors("a"), 1), None)
                link = one.find(".//a[@href]") if link is None else link
                words = " ".join(one.itertext()).split() if link is not None else ()
                if len(words) >= TEASER_WORDS:
                    return False, True
    return False, False


def _is_named(slug: str, text: str) -> bool:
    """Does the last part of an address spell the text, as /author/jana-vogt does "Jana Vogt"?

    A name of two words or more may be written there without umlauts and beside a number; headlines
    may not.
    """
    slug = unquote(slug).removesuffix(".html")
    if plain(slug) == plain(text):
        return len(plain(slug)) > 1
    if not 1 < len(text.split()) <= MAX_ALONE or _PUNCTUATION.search(text):
        return False
    return plain(_NUMBER.sub("", slug)) in (
        plain(text), plain(text.casefold().translate(_UMLAUTS))
    )  # fmt: skip


def beside(byline: Byline, others: list[Byline]) -> Iterator[str]:
    """The texts of the bylines that stand in the same place: several authors, an element each."""
    parent = byline.element.getparent()
    containers = {parent, parent.getparent() if parent is not None else None} - {None}
    for other in others:
        up = other.element.getparent()
        if up in containers or (up is not None and up.getparent() in containers):
            yield other.text


def _grade(label: str) -> int:
    if "comment" in label or not any(hint in label for hint in _HINTS):
        return 0
    if _STRONG.search(label):
        return 2
    return 1 if _MEDIUM.search(label) and not _NONE.search(label) else 0
