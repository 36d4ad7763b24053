"""Prose of an article that the engine passed over, put back where the page shows it.

The engine reads one container and drops what its rules on names and links forbid. So a body in two
containers is half lost, and so are an opening in a "teaser" and a list that only links. Here the
page's blocks are read once more with an eye on recall. A block that is not among the lines is the
article's where

- it stands in a container named like the one that the found prose stands in,
- or it is an opening: named as one, between the headline and the found prose,
- or it stands among found paragraphs, itself or as a list,
- or the page's JSON-LD or the feed has it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from lxml.html import HtmlElement

from wirewatch.extract.lines import INVISIBLE, Line, is_furniture, plain

PROSE = 80  # characters from which a block can be prose of its own
MAX_BLOCKS = 5_000  # blocks of a page that are looked at; the longest reports have some hundreds
MAX_LINKED = 0.3  # share of a block's text in links from which it leads away
MAX_ITEMS = 100  # of a list; longer ones are indexes
SAME_SIGNS = 40  # first or last ones by which a block is known among the lines

_HEADS = ("h2", "h3", "h4")
_LISTS = ("ul", "ol")
_BLOCKS = ("p", "div", "blockquote", "h1", *_LISTS)
_KINDS = {"blockquote": "quote", **dict.fromkeys(_HEADS, "head")}
_INNER = frozenset(
    ("p", "li", "div", "blockquote", "h1", *_HEADS, "pre", "ul", "ol", "table", "section",
     "article", "figure", "form", "dl")
)  # fmt: skip
_ASIDE_TAGS = frozenset(
    ("nav", "footer", "aside", "form", "figure", "figcaption", "button", "dialog", "address",
     "noscript", "table", "select", "label", "details", "dl", "a")
)  # fmt: skip
_ASIDE_NAMES = re.compile(
    r"comment|disqus|foot|side-?bar|aside|related|recommend|newsletter|subscri|sign-?up|promo|spons"
    r"|advert|(?:^|[\s_-])ads?(?:$|[\s_-])|cookie|consent|privacy|popup|modal|social|shar(?:e|ing)"
    r"|author|by-?line|(?:^|[\s_-])bio|caption|credit|copyright|disclaimer|disclosure|licen[cs]|nav"
    r"|menu|crumb|widget|most-?(?:read|popular)|trending|outbrain|taboola|hid(?:e|den)|tooltip"
    r"|login|paywall|meta|tags?\b|kommentar|comentari|tool|banner|gallery|slide|carousel|embed"
    r"|tweet|video|legal|more-|read-?(?:next|also)|footnote|reference|rating|poll|quiz|donat|member"
    r"|regist|signatur|dialog|messag|d-none|print|breaking|ticker|box\b",
    re.I,
)
_BODY_NAMES = re.compile(r"article|body|content|text|story|entry|post|paragraph|copy|main", re.I)
_OPENING_NAMES = re.compile(
    r"teaser|lead|lede|intro|perex|chapo|standfirst|abstract|summary|excerpt|vorspann|anrei|dek\b"
    r"|sub-?title|description|prolog",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?…:;。！？।؟»”\"')\]]$")


class _Block(NamedTuple):
    """A block of the page that has no blocks in it, or a list."""

    element: HtmlElement
    key: str  # its text without white space; of a list nothing
    place: int  # of the line that it is among the found ones; -1 where it is none


def with_missing(found: list[Line], tree: HtmlElement, stated: str = "") -> list[Line]:
    """The lines and, in the page's order, the article's prose that they lack.

    ``stated`` is text of the article by other sources: JSON-LD, the feed.
    """
    blocks = list(_blocks(tree, found)) if found else []
    own = [block for block in blocks if block.place >= 0 and len(block.key) >= PROSE]
    if not own:
        return found
    page = _Page(own, _key(stated), [_key(line.text) for line in found])
    added: dict[int, list[Line]] = {}
    place = -1
    for block in blocks:
        if block.place >= 0:
            page.pass_by(block)
            place = max(place, block.place)
        elif lines := page.missing(block):
            added.setdefault(place, []).extend(lines)
    if not added:
        return found
    lines = added.get(-1, [])
    for number, line in enumerate(found):
        lines.append(line)
        lines += added.get(number, ())
    return lines


def _blocks(tree: HtmlElement, found: list[Line]) -> Iterator[_Block]:
    """The page's blocks that can be prose, its headlines and its lists, in its order."""
    keys = [_key(line.text) for line in found]
    ends = list(accumulate(map(len, keys)))
    whole = "".join(keys)
    places = {key: place for place, key in reversed(list(enumerate(keys)))}
    at = count = 0
    for element in tree.iter(*_BLOCKS):
        tag = element.tag
        if tag in _LISTS:
            yield _Block(element, "", -1)
            continue
        if tag == "div" and not (element.text and len(element.text) >= PROSE // 2):
            continue
        key = _key("".join(element.itertext()))
        if not key or any(inner.tag in _INNER for inner in element):
            continue
        if len(key) < SAME_SIGNS:
            if key in places or tag == "h1":
                yield _Block(element, key, places.get(key, -1))
            continue
        start, end = key[:SAME_SIGNS], key[-SAME_SIGNS:]
        there = max(whole.find(start, at), whole.find(end, at))
        if there >= 0:
            at = there
            yield _Block(element, key, bisect_right(ends, there))
        elif start not in whole and end not in whole:
            yield _Block(element, key, -1)
        count += 1
        if count >= MAX_BLOCKS:
            return


class _Page:
    """Where the found prose stands, and how far the page has been read."""

    def __init__(self, own: list[_Block], stated: str, keys: list[str]) -> None:
        self.first, self.last = own[0].element, own[-1].element
        self.parents = {block.element.getparent() for block in own if block.element.tag == "p"}
        self.around = {one for block in own for one in block.element.iterancestors()}
        self.names = {name for one in self.parents if (name := _name(one))}
        self.stated = stated
        self.seen_title = self.begun = self.ended = False
        self.taken = set(keys)
        self.elsewhere: dict[HtmlElement, bool] = {}  # containers, each looked through once
        self.whole = "".join(keys)

    def pass_by(self, block: _Block) -> None:
        """Notes that a block stands on the page here."""
        self.seen_title = self.seen_title or block.element.tag == "h1"
        self.begun = self.begun or block.element is self.first
        self.ended = self.ended or block.element is self.last

    def missing(self, block: _Block) -> list[Line]:
        """The lines of a block that was not found, where it is the article's."""
        self.pass_by(block)
        lines = [line for line in self._lines_of(block) if not self._is_shown(_key(line.text))]
        self.taken.update(_key(line.text) for line in lines)
        return lines

    def _is_shown(self, key: str) -> bool:
        return key in self.taken or (len(key) >= SAME_SIGNS and key[:SAME_SIGNS] in self.whole)

    def _lines_of(self, block: _Block) -> list[Line]:
        element = block.element
        if element.tag in _LISTS:
            among = element.getparent() in self.parents and self.begun and not self.ended
            return _list_lines(element) if among else []
        if len(block.key) < PROSE or block.key in self.taken or not _is_prose(element):
            return []
        if self._is_in_like_container(element):
            return _lines_of(element.getparent())
        return [_line(element)] if self._is_own(block) else []

    def _is_in_like_container(self, element: HtmlElement) -> bool:
        within = self._way_in(element)
        return (
            within is not None
            and len(within) > 1
            and _name(element.getparent()) in self.names
            and not self._leads_elsewhere(within[-1])
        )

    def _leads_elsewhere(self, container: HtmlElement) -> bool:
        if container not in self.elsewhere:
            self.elsewhere[container] = _leads_elsewhere(container)
        return self.elsewhere[container]

    def _is_own(self, block: _Block) -> bool:
        element = block.element
        if block.key in self.stated:
            return True
        within = self._way_in(element)
        if within is None:
            return False
        if element.getparent() in self.parents:
            return self.begun and not self.ended
        if len(within) == 1 and _name(element.getparent()) in self.names:
            return True
        return (
            self.seen_title
            and not self.begun
            and any(_OPENING_NAMES.search(_label(one)) for one in within)
            and not self._leads_elsewhere(within[-1])
        )

    def _way_in(self, element: HtmlElement) -> list[HtmlElement] | None:
        """The containers between a block and those that hold found prose; None if one is aside."""
        way = []
        node: HtmlElement | None = element
        while node is not None and node not in self.around:
            if node.tag in _ASIDE_TAGS or _is_aside(node):
                return None
            way.append(node)
            node = node.getparent()
        return None if node is None else way


def _is_prose(element: HtmlElement) -> bool:
    text = _text(element)
    return (
        bool(_SENTENCE_END.search(text))
        and not is_furniture(text)
        and _linked(element) <= MAX_LINKED * len(text)
    )


def _line(element: HtmlElement) -> Line:
    return Line(_text(element), _KINDS.get(str(element.tag), "p"))


def _lines_of(container: HtmlElement) -> list[Line]:
    """All of a container that is the article's: its paragraphs, headings and lists."""
    lines: list[Line] = []
    for element in container.iterchildren("p", "blockquote", *_HEADS, *_LISTS):
        if element.tag in _LISTS:
            lines += _list_lines(element)
        elif not _is_aside(element) and (line := _line(element)).text:
            lines += [line] * (2 * _linked(element) <= len(line.text))
    return lines


def _list_lines(items: HtmlElement) -> list[Line]:
    """The items of a list among found paragraphs; none where it leads elsewhere."""
    if _is_aside(items) or len(items) > MAX_ITEMS:
        return []
    lines = [Line(text, "list") for item in items.iterchildren("li") if (text := _text(item))]
    if _linked(items) <= MAX_LINKED * sum(len(line.text) for line in lines):
        return lines
    before = items.getprevious()
    said = _text(before) if before is not None and before.tag == "p" else ""
    return lines if said.endswith((":", "：")) and not is_furniture(said) else []


def _key(text: str) -> str:
    """The text without white space, which engines set and leave out around inner elements."""
    text = "".join(text.split())
    return (text if text.isprintable() else text.translate(INVISIBLE)).casefold()


def _text(element: HtmlElement) -> str:
    between = "" if element.find(".//br") is None else " "
    return plain(between.join(element.itertext()))


def _linked(element: HtmlElement) -> int:
    return sum(len(plain("".join(link.itertext()))) for link in element.iter("a"))


def _label(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_aside(element: HtmlElement) -> bool:
    return (
        bool(_ASIDE_NAMES.search(_label(element)))
        or "none" in (element.get("style") or "")
        or "visibility" in (element.get("style") or "")
        or element.get("aria-hidden") == "true"
        or element.get("hidden") is not None
    )


def _name(element: HtmlElement) -> str:
    """What a container of prose is known by: its tag and class, or what it is marked up as."""
    if element.get("itemprop") == "articleBody":
        return "articleBody"
    label = element.get("class") or ""
    if element.tag == "article" and not label:
        return "article"
    return f"{element.tag}.{label}" if _BODY_NAMES.search(label) else ""


def _leads_elsewhere(container: HtmlElement) -> bool:
    """Has it headings that link, or a headline of its own, as teasers and other articles have?"""
    if container.find(".//h1") is not None:
        return True
    return any(
        head.find(".//a") is not None or any(one.tag == "a" for one in head.iterancestors())
        for head in container.iter(*_HEADS)
    )
