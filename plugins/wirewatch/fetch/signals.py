"""What a page says about its own use: ``X-Robots-Tag`` headers and robots ``meta`` elements."""

from __future__ import annotations

import re

from wirewatch.fetch.answers import Response
from wirewatch.records import Record

HEAD = 65_536  # bytes of a page in which its meta elements are looked for
_META = re.compile(rb"<meta\s[^>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""\b(name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_TRAINING = frozenset({"noai", "noimageai"})


class Signals(Record, frozen=True, kw_only=True):
    """Wishes of the publisher that bind us."""

    noarchive: bool = False  # keep no copy
    training_refused: bool = False  # do not train models on it (noai, or robots.txt)


def read(response: Response, agent: str = "wirewatch") -> Signals:
    """The page's wishes to all robots and to ``agent``; those to other robots are not ours."""
    words: set[str] = set()
    for name, value in response.headers:
        if name.lower() == "x-robots-tag":
            words |= _of_header(value.lower(), agent)
    if response.content_type in ("", "text/html", "application/xhtml+xml"):
        words |= _of_metas(response.body[:HEAD], agent)
    return Signals(
        noarchive=not words.isdisjoint({"noarchive", "none"}),
        training_refused=response.training_refused or not words.isdisjoint(_TRAINING),
    )


def _of_header(value: str, agent: str) -> set[str]:
    words: set[str] = set()
    ours = True
    for part in value.split(","):
        name, colon, rest = part.strip().partition(":")
        if colon and name.strip() not in _VALUED:  # "googlebot: noarchive, nofollow"
            ours = name.strip() == agent
            part = rest
        if ours:
            words.add(part.strip())
    return words


def _of_metas(head: bytes, agent: str) -> set[str]:
    words: set[str] = set()
    for meta in _META.findall(head):
        given = {
            found[1].lower(): (found[2] or found[3] or found[4] or b"").decode("latin-1").lower()
            for found in _ATTRIBUTE.finditer(meta)
        }
        if given.get(b"name", "").strip() in ("robots", agent):
            words |= {word.strip() for word in given.get(b"content", "").split(",")}
    return words
