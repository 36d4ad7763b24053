"""What a page says about its own use, in ``X-Robots-Tag`` headers and robots ``meta`` elements
(Google's and Bing's robots tags; DeviantArt's ``noai``; the TDM Reservation Protocol, W3C 2024).
"""

from __future__ import annotations

import re

from wirewatch.fetch.answers import Response
from wirewatch.records import Record

# Bytes of a page in which its meta elements are looked for: heads with style sheets and scripts
# inside pass 100 kB, and a page read in vain costs a millisecond.
HEAD = 500_000
_META = re.compile(rb"<meta\s[^>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""\b(name|http-equiv|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
# Directives with a colon of their own: what stands before it is no robot's name.
_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_NO_COPY = frozenset({"noarchive", "none"})
_TRAINING = ("noai", "noimageai")
TDM = "tdm-reservation"
ROBOTS_TXT = "robots.txt"


class Signals(Record, frozen=True, kw_only=True):
    """Wishes of the publisher."""

    noarchive: bool = False  # keep no copy
    opt_outs: tuple[str, ...] = ()  # from training and text mining: noai, tdm-reservation, …


def read(response: Response, agent: str = "wirewatch") -> Signals:
    """The page's wishes to all robots and to ``agent``; those to other robots are not ours."""
    words: set[str] = set()
    reserved = False
    for name, value in response.headers:
        if name.lower() == "x-robots-tag":
            words |= _of_header(value.lower(), agent)
        elif name.lower() == TDM:
            reserved |= value.strip() == "1"
    if response.content_type in ("", "text/html", "application/xhtml+xml"):
        for name, content in _metas(response.body[:HEAD]):
            if name in ("robots", agent):
                words |= {word.strip() for word in content.split(",")}
            elif name == "x-robots-tag":
                words |= _of_header(content, agent)
            elif name == TDM:
                reserved |= content.strip() == "1"
    said = [word for word in _TRAINING if word in words]
    said += [TDM] if reserved else []
    said += [ROBOTS_TXT] if response.training_refused else []
    return Signals(noarchive=not words.isdisjoint(_NO_COPY), opt_outs=tuple(said))


def _of_header(value: str, agent: str) -> set[str]:
    words: set[str] = set()
    ours = True
    for part in value.split(","):
        name, colon, rest = part.strip().partition(":")
        if colon and name.strip() not in _VALUED:  # "googlebot: noarchive, nofollow"
            ours = name.strip() in (agent, "*")
            part = rest
        if ours:
            words.add(part.strip())
    return words


def _metas(head: bytes) -> list[tuple[str, str]]:
    """Name and content of the meta elements, in lower case."""
    found = []
    for meta in _META.findall(head.replace(b"\0", b"")):  # UTF-16 as good as it goes
        given: dict[str, str] = {}
        for one in _ATTRIBUTE.finditer(meta):
            value = one[2] or one[3] or one[4] or b""
            given.setdefault(one[1].decode().lower(), value.decode("latin-1").lower())
        name = given.get("name") or given.get("http-equiv") or ""
        found.append((name.strip(), given.get("content", "")))
    return found
