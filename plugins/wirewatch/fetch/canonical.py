"""Canonical links to another site (RFC 6596): whether the page that they name is this one.

On its own site a page is believed (``urls.canonical``). Another site is believed when the page
named there answers, is no front page, says itself that it is that page, and is not by another
publisher: what another publisher lets stand with a link to the original is a syndicated copy, which
stays a story of its own and is grouped with the original by its text.
"""

from __future__ import annotations

import re

from ada_url import URL

from wirewatch.fetch import urls
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.signals import HEAD

_LINK = re.compile(rb"<link\s[^>]{0,2000}>", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""\b(rel|href|property|name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"<([^<>]{1,2000})>\s*;[^,]*\brel\s*=\s*\"?canonical\b", re.IGNORECASE)


def elsewhere(response: Response) -> str:
    """The page on another site that this one says it is, normalised; "" where it names none."""
    link = _link(response)
    if not link:
        return ""
    try:
        target = urls.normalise(link, response.final_url)
        if urls.same_site(response.final_url, target):
            return ""
    except urls.BadURL:
        return ""
    parsed = URL(target)
    return "" if parsed.pathname == "/" and not parsed.search else target


def believed(page: Response, target: str, answer: Response | Failure) -> bool:
    """Whether the page named elsewhere is this page, by what was answered there."""
    if isinstance(answer, Failure) or not answer.body.strip():
        return False
    try:
        own = urls.canonical(answer.final_url, _link(answer) or answer.final_url)
    except urls.BadURL:
        return False
    if own != target or elsewhere(answer):
        return False
    here, there = _publisher(page), _publisher(answer)
    return not here or not there or here == there


def _link(response: Response) -> str:
    found = _HEADER.search(response.header("Link"))
    if found:
        return found[1]
    for attributes in _attributes(_LINK, response.body):
        if "canonical" in attributes.get("rel", "").lower().split():
            return attributes.get("href", "").strip()
    return ""


def _publisher(response: Response) -> str:
    for attributes in _attributes(_META, response.body):
        if "og:site_name" in (attributes.get("property"), attributes.get("name")):
            return " ".join(attributes.get("content", "").split()).casefold()
    return ""


def _attributes(elements: re.Pattern[bytes], body: bytes) -> list[dict[str, str]]:
    found = []
    for element in elements.findall(body[:HEAD]):
        given: dict[str, str] = {}
        for one in _ATTRIBUTE.finditer(element):
            value = (one[2] or one[3] or one[4] or b"").decode("utf-8", "replace")
            given.setdefault(one[1].decode().lower(), value.replace("&amp;", "&"))
        found.append(given)
    return found
