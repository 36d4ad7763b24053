"""What a page states of its body: the text in its JSON-LD, the description shown as standfirst."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from wirewatch.extract.lines import MAX_FURNITURE, Line, plain

MIN_STATED = 250  # characters from which a stated body (JSON-LD) is looked at
MAX_STATED = 500_000  # characters of one; bodies end far earlier
SHOWN = 0.9  # of its runs of three words that must be shown for it to be all on the page
WHOLE = 0.8  # of the found runs that it must have to be taken instead; else it is another's
MOST = 0.8  # of the found runs that it must have to tell what is furniture; else it is a stub
FULLER = 1.1  # times the page's text that the feed's must have to be looked at
MIN_STANDFIRST = 100  # characters
MAX_STANDFIRST = 1_000
SAME_START = 60  # characters by which a standfirst that the body already has is known

_TAGS = re.compile(r"<(?:br|/p|/div|/h\d|/li)\b[^>]{0,200}>", re.I)
_ANY_TAG = re.compile(r"<[a-zA-Z/][^<>]{0,500}>")
_WORD = re.compile(r"\w+")
_STANDFIRST = ("p", "h2", "h3", "h4", "div", "span", "strong", "em")


def lines_of(value: Any) -> list[str]:
    """The lines of a JSON-LD ``articleBody``; none where it is too short to tell anything."""
    if not isinstance(value, str) or len(value) < MIN_STATED:
        return []
    text = _ANY_TAG.sub(" ", _TAGS.sub("\n", value[:MAX_STATED]))
    return [line for line in map(plain, re.split(r"[\n\r\u2028]", unescape(text))) if line]


def fuller(found: list[Line], given: list[str]) -> list[Line]:
    """The feed's full text where the page gave less: a stub, a script's empty frame, a half.

    A text that is not much longer is taken where it holds nearly all that the page gave.
    """
    size, whole = sum(map(len, given)), sum(len(line.text) for line in found)
    if size <= FULLER * whole:
        return found
    if size <= 1.5 * whole + 100:
        own = set().union(*(_shingles(line.text) for line in found))
        if not own or len(own & set().union(*map(_shingles, given))) < SHOWN * len(own):
            return found
    return [Line(text, "p") for text in given]


def with_stated(found: list[Line], said: list[str]) -> list[Line]:
    """The body checked against the one that the page's JSON-LD states (its ``articleBody``).

    Where the page shows all of the stated body, it tells what is none of it: what follows its end,
    and short lines in its midst. Where it holds all that was found and more, it is taken itself.
    Else it is a stub, a summary or another article's: taken blindly it lowers the mean F1 of bodies
    (.909 against .939).
    """
    if not said or not found:
        return found
    stated = set().union(*map(_shingles, said))
    shingles = [_shingles(line.text) for line in found]
    shown = set().union(*shingles)
    both = len(stated & shown)
    if both < SHOWN * len(stated):
        fuller = sum(map(len, said)) > sum(len(line.text) for line in found)
        return (
            [Line(line, "p") for line in said] if fuller and both >= WHOLE * len(shown) else found
        )
    if both < MOST * len(shown):
        return found
    own = [2 * len(one & stated) >= len(one) for one in shingles]
    if True not in own:
        return found
    first, last = own.index(True), len(own) - 1 - own[::-1].index(True)
    return [
        line
        for place, line in enumerate(found[: last + 1])
        if own[place] or place < first or len(line.text) > MAX_FURNITURE
    ]


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False)) or {tuple(words)}


def with_standfirst(found: list[Line], tree: HtmlElement, description: str) -> list[Line]:
    """The body with the standfirst first, where the page shows its description above the text.

    trafilatura passes over many standfirsts, since they stand in the article's head. Those of under
    100 characters are mostly second headlines.
    """
    core = description.rstrip(" .…")
    if len(core) < MIN_STANDFIRST or not found:
        return found
    if core[:SAME_START] in " ".join(line.text for line in found):
        return found
    start = core[:20]
    first = found[0].text[:SAME_START]
    for element in tree.iter(*_STANDFIRST):
        text = element.text
        if not text or text.isspace():
            continue
        text = text.lstrip()
        if text.startswith(start):
            text = plain("".join(element.itertext()))
            if text.startswith(core) and len(text) <= MAX_STANDFIRST:
                return [Line(text, "p"), *found]
        elif element.tag == "p" and text.startswith(first):
            return found
    return found
