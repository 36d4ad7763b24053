"""The bylines that a page shows: what its markup, its links or its words mark as the author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from lxml.html import HtmlElement

from wirewatch.extract.evidence import squeeze
from wirewatch.extract.name_words import BY_ALONE, BYLINE, LABEL_ALONE
from wirewatch.extract.names import begins_byline, plain
from wirewatch.extract.places import surroundings, texts_after
from wirewatch.written_dates import parse_date

MAX_BYLINE = 120  # characters of an element that can be a byline; biographies are longer
MAX_MARKED = 24  # marked elements looked at; those further down belong to teasers and comments
MAX_SHOWN = 3  # marked bylines kept as credits
MAX_ELEMENTS = 3_000  # elements searched for a byline without a mark; it stands near the headline
BENEATH = 4  # pieces of text beneath the headline that can be a byline
_TAGS = ("a", "span", "p", "div", "address", "cite", "small", "strong", "li", "ul", "section",
         "td", "dd", "b", "em", "h3", "h4", "h5", "footer")  # fmt: skip
MAX_ALONE = 4  # words of a name that stands alone beside a day
MAX_DAY = 32  # characters of that day, its clock included
MAX_LABEL = 24  # characters of an element that is a byline's label
MAX_BENEATH = 80  # characters of one; a longer text is the standfirst or the first paragraph

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
        label = get("class")
        grade = 0
        stated = get("itemprop") or (get("rel") if element.tag == "a" else None)
        if stated and ("author" in stated or "creator" in stated):
            name = element.find('.//*[@itemprop="name"]')
            line = _line(element if name is None else name)
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
        text = _line(element)
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


def _line(element: HtmlElement) -> str:
    """The text of an element that can be a byline; empty where it is longer."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > MAX_BYLINE:
            return ""
    text = squeeze(" ".join(pieces))
    return text if len(text) <= MAX_BYLINE else ""


def _add_byline(
    found: list[Byline], element: HtmlElement, text: str, grade: int, around: set[HtmlElement]
) -> None:
    if len(text) < 2:
        return
    where = surroundings(element)
    if where != "apart":
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
    """Does the last part of an address spell the text, as /author/jana-vogt does "Jana Vogt"?"""
    key = plain(text)
    return len(key) > 1 and key == plain(unquote(slug).removesuffix(".html"))


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


def unmarked(tree: HtmlElement) -> Iterator[str]:
    """Short texts that begin as bylines do ("By Jane Doe"), in document order."""
    elements = tree.iter("p", "span", "div", "em", "i", "b", "strong", "h3", "h4", "h5", "h6", "td")
    for element in islice(elements, MAX_ELEMENTS):
        text = element.text
        if not text or len(text) > 2 * MAX_BYLINE or not begins_byline(text):
            continue
        line = _line(element)
        if line and not surroundings(element):
            yield line


def labelled(tree: HtmlElement) -> Iterator[str]:
    """What stands behind a label in an element of its own ("Author", "Autor:")."""
    tags = (
        "dt",
        "th",
        "td",
        "span",
        "div",
        "p",
        "b",
        "strong",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "label",
    )
    for element in islice(tree.iter(*tags), MAX_ELEMENTS):
        text = element.text
        if not text or len(element) or len(text) > MAX_LABEL or not LABEL_ALONE.fullmatch(text):
            continue
        if surroundings(element):
            continue
        following = element.getnext()
        if element.tail and not element.tail.isspace():
            yield squeeze(element.tail)[:MAX_BYLINE]
        elif following is not None:
            yield _line(following)


def _is_day(line: str) -> bool:
    return (
        len(line) <= MAX_DAY
        and line[0] != "©"
        and any(map(str.isdecimal, line))
        and parse_date(line) is not None
    )


def by_a_day(heading: HtmlElement | None) -> Iterator[str]:
    """The pieces of text beneath a headline that stand alone beside a day, where names do; none
    that is a link, as sections and places are."""
    pieces = [] if heading is None else list(islice(texts_after(heading), BENEATH))
    lines = [squeeze(text) for text, _ in pieces]
    for place, (line, (_, element)) in enumerate(zip(lines, pieces, strict=True)):
        near = lines[max(0, place - 1) : place] + lines[place + 1 : place + 3]
        if 1 < len(line.split()) <= MAX_ALONE and any(map(_is_day, near)):
            linked = element.tag == "a" or next(element.iterancestors("a"), None) is not None
            if not linked:
                yield line


def beneath(heading: HtmlElement | None) -> list[str]:
    """The short texts between the headline and the first paragraph, where bylines stand bare; a
    lone "By" together with what follows it."""
    lines: list[str] = []
    if heading is None:
        return lines
    for text, _ in islice(texts_after(heading), BENEATH):
        line = squeeze(text)
        if len(line) > MAX_BENEATH:
            break
        if lines and BY_ALONE.match(lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        elif len(line) > 1:
            lines.append(line)
    return lines
