"""Where a page says who wrote it without marking it: beneath the headline, behind a label, beside a
day, at the end of the text, in a box on the author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from lxml.html import HtmlElement

from wirewatch.extract.bylines import MAX_BYLINE, MAX_HREF, line_of
from wirewatch.extract.evidence import squeeze
from wirewatch.extract.name_words import BY_ALONE, JOB, LABEL_ALONE
from wirewatch.extract.names import begins_byline, people
from wirewatch.extract.places import surroundings, texts_after
from wirewatch.written_dates import parse_date

MAX_ELEMENTS = 3_000  # elements searched for a byline without a mark; it stands near the headline
BENEATH = 4  # pieces of text beneath the headline that can be a byline
OPENING = 16  # of these pieces, which a standfirst and its byline are among
STANDFIRST = 2  # longer pieces of text before which the article itself has not begun
MAX_ALONE = 4  # words of a name that stands alone
MAX_DAY = 32  # characters of a day, its clock included
MAX_LABEL = 24  # characters of an element that is a byline's label
MAX_BENEATH = 80  # characters of one; a longer text is the standfirst or the first paragraph
PROSE = 120  # characters of a paragraph that is prose: what a signature stands behind
MAX_ENDS = 400  # paragraphs of a page that are looked at for a signature
MAX_BEFORE = 4  # paragraphs before a signature, one of which is prose
MAX_PARTS = 8  # elements in a signature
MAX_BOXES = 20  # boxes on authors that are looked at
BOX_ELEMENTS = 40  # elements of one

# Behind these a new line begins.
_ENDING = frozenset(["p", "div", "h3", "h4", "h5", "h6", "br", "hr", "table", "ul"])
_LABEL = re.compile(r"\W{0,3}[^\W\d]{2,12}\s?[:：]")  # before a name in the midst of a line
_CREDITED = frozenset(["interview", "reportage", "protokoll", "entretien", "entrevista",
                       "intervista", "words", "story"])  # fmt: skip
_USER_PAGE = re.compile(r"[/?&](?:user|member|profile?|author|autor|auteur)[\w-]{0,20}[/=?]", re.I)
_DAY_PARTS = re.compile(r"\s*[|•·–—]\s*|\s+[-/]\s+")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}\s*(?:uhr|h|am|pm)?", re.I)
_BOX = re.compile(
    r"(?:^|[\s_-])(?:(?:about|ueber|post|entry|article|wp|single)[-_]?(?:the[-_]?)?)?"
    r"(?:author|autor|auteur|writer)s?(?:in)?[-_]{0,2}(?:bio|box|info|card|profile?|about|details|area)"
    r"(?=$|[\s_-])|(?:^|[\s_-])(?:about|bio)[-_]?(?:the[-_]?)?(?:author|autor|auteur)(?=$|[\s_-])",
    re.I,
)


def unmarked(tree: HtmlElement) -> Iterator[str]:
    """Short texts that begin as bylines do ("By Jane Doe"), in document order: of elements, and of
    lines behind a break or a block."""
    elements = tree.iter("p", "span", "div", "em", "i", "b", "strong", "small", "font", "cite",
                         "address", "li", "td", "h2", "h3", "h4", "h5", "h6", "br", "hr", "table",
                         "ul")  # fmt: skip
    for element in islice(elements, MAX_ELEMENTS):
        if (
            _can_be_byline(element.text)
            and (line := line_of(element))
            and not surroundings(element)
        ):
            yield line
        tail = _can_be_byline(element.tail)
        if tail and (element.tag in _ENDING or _LABEL.match(tail)):
            following = element.getnext()
            if BY_ALONE.match(tail) and following is not None:
                tail = f"{tail} {line_of(following)}"
            if len(tail) <= MAX_BYLINE and not surroundings(element):
                yield tail


def _can_be_byline(text: str | None) -> str:
    """The text where it is short and begins as bylines do; else empty."""
    if not text or text.isspace() or not begins_byline(text):
        return ""
    line = squeeze(text[: 10 * MAX_BYLINE])
    return line if len(line) <= 2 * MAX_BYLINE else ""


def labelled(tree: HtmlElement) -> Iterator[str]:
    """What stands behind a label in an element of its own ("Author", "Autor:")."""
    tags = ("dt", "th", "td", "span", "div", "p", "b", "strong", "em", "h3", "h4", "h5", "h6",
            "label")  # fmt: skip
    for element in islice(tree.iter(*tags), MAX_ELEMENTS):
        text = (element.text or "").strip()
        if not text or len(element) or len(text) > MAX_LABEL:
            continue
        credit = text.casefold() in _CREDITED and "credit" in (element.get("class") or "")
        if not credit and not LABEL_ALONE.fullmatch(text):
            continue
        if surroundings(element) or _in_the_foot(element):
            continue
        following = element.getnext()
        if element.tail and not element.tail.isspace():
            yield squeeze(element.tail)[:MAX_BYLINE]
        elif following is not None:
            yield line_of(following)


def _in_the_foot(element: HtmlElement) -> bool:
    """Does it stand at the foot of the page, where who made the site is named?"""
    tags = [parent.tag for parent in element.iterancestors("footer", "article", "main")]
    return bool(tags) and tags[-1] == "footer"


def _is_day(line: str) -> bool:
    return (
        len(line) <= MAX_DAY
        and line[:1] != "©"
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
        alone = 1 < len(line.split()) <= MAX_ALONE and any(map(_is_day, near))
        if alone and not _is_linked(element):
            yield line


def user_by_a_day(heading: HtmlElement | None) -> Iterator[str]:
    """The link to a user's page that stands right before a day beneath a headline, as in forums."""
    pieces = [] if heading is None else list(islice(texts_after(heading), BENEATH))
    for (text, element), (following, _) in pairwise(pieces):
        href = (element.get("href") or "")[:MAX_HREF] if element.tag == "a" else ""
        if _USER_PAGE.search(href) and _is_day(squeeze(following)):
            yield squeeze(text)


def biographies(tree: HtmlElement, given: str) -> Iterator[str]:
    """How the texts on an author begin that begin with a given name."""
    for element in islice(tree.iterfind(".//*[@class]"), 2 * MAX_ELEMENTS):
        text = (element.text or "").lstrip()[:MAX_BENEATH]
        if text.startswith(f"{given} ") and "bio" in element.get("class", ""):
            yield text


def beneath(heading: HtmlElement | None) -> list[str]:
    """The short texts between the headline and the first paragraph, where bylines stand bare; a
    lone "By" together with what follows it."""
    return [line for line, _ in _joined(heading, BENEATH, 0)]


def opening(heading: HtmlElement | None) -> list[str]:
    """The same with those behind the standfirst, but for links: those are teasers'."""
    return [line for line, linked in _joined(heading, OPENING, STANDFIRST) if not linked]


def _joined(heading: HtmlElement | None, pieces: int, longer: int) -> list[tuple[str, bool]]:
    """Lines behind a headline and whether they are links, up to the text that is the next longer
    one after so many."""
    lines: list[tuple[str, bool]] = []
    if heading is None:
        return lines
    for text, element in islice(texts_after(heading), pieces):
        line = squeeze(text)
        if len(line) > MAX_BENEATH:
            longer -= 1
            if longer < 0:
                break
        elif lines and BY_ALONE.match(lines[-1][0]):
            lines[-1] = (f"{lines[-1][0]} {line}", lines[-1][1])
        elif len(line) > 1:
            lines.append((line, _is_linked(element)))
    return lines


def _is_linked(element: HtmlElement) -> bool:
    return element.tag == "a" or next(element.iterancestors("a"), None) is not None


def above(heading: HtmlElement | None) -> Iterator[str]:
    """The name in the line right above a headline that gives the day too."""
    before = None if heading is None else heading.getprevious()
    if before is not None and not surroundings(before):
        yield from beside_days(line_of(before))


def beside_days(line: str) -> Iterator[str]:
    """The one part of a line that is no day or clock, where another is a day: "3.4.2026 | 9:10 |
    Jana Vogt"."""
    parts = [part for part in _DAY_PARTS.split(line) if part]
    others = [part for part in parts if not _is_day(part) and not _CLOCK.fullmatch(part)]
    if len(others) == 1 and any(map(_is_day, parts)) and 1 < len(others[0].split()) <= MAX_ALONE:
        yield others[0]


def at_the_end(tree: HtmlElement) -> Iterator[str]:
    """The names that stand alone in the last paragraph of a container, behind its prose; an office
    or a day perhaps beneath, which a single word must have."""
    for paragraph in islice(tree.iter("p"), MAX_ENDS):
        if next(paragraph.iter("a"), None) is not None:
            continue  # "Full results", as a link
        name = _signature(paragraph)
        if not name:
            continue
        after = islice(paragraph.itersiblings(), MAX_ENDS)
        if sum(map(_has_text, after)) < 2 and not surroundings(paragraph):
            yield name


def _signature(paragraph: HtmlElement) -> str:
    """The name that stands alone in a paragraph behind prose; else empty."""
    text = paragraph.text_content() if len(paragraph) < MAX_PARTS else ""
    if not text or text.isspace() or len(text) > MAX_BYLINE:
        return ""
    name, *below = line_of(paragraph).split(" | ")
    dated = len(below) == 1 and _is_day(below[0])
    if len(below) > 1 or not (_is_alone(name) or (dated and name.isalpha())):
        return ""
    if below and not (dated or JOB.search(below[0]) or len(below[0].split()) == 1):
        return ""
    before = [
        squeeze(one.text_content())
        for one in islice(paragraph.itersiblings("p", preceding=True), MAX_BEFORE)
    ]
    if any(map(_is_alone, before)):  # a list of people
        return ""
    return name if any(len(one) > PROSE for one in before) else ""


def _has_text(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and any(not text.isspace() for text in element.itertext())


def _is_alone(line: str) -> bool:
    """Is the line one person's name and nothing else?"""
    words = line.split()
    return 1 < len(words) <= MAX_ALONE and people([line]) == (line.strip(" .,-–—*/()"),)


def boxes(tree: HtmlElement) -> Iterator[str]:
    """The name in the boxes on the author, where all name the same: the first heading, link or
    paragraph of each that is a name alone."""
    found = (one for one in tree.iterfind(".//*[@class]") if _BOX.search(one.get("class") or ""))
    names = {name for box in islice(found, MAX_BOXES) if (name := _name_in(box))}
    if len(names) == 1:
        yield from names


def _name_in(box: HtmlElement) -> str:
    if surroundings(box) == "apart":
        return ""
    parts = box.iter("h2", "h3", "h4", "h5", "h6", "a", "strong", "b", "span", "p", "div")
    lines = (line_of(part) for part in islice(parts, BOX_ELEMENTS))
    return next(filter(_is_alone, lines), "")
