"""The lines in which agencies are named: bylines, datelines, credit lines, source metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from wirewatch.extract.evidence import Evidence, squeeze
from wirewatch.extract.name_words import AGENCIES, BY
from wirewatch.extract.names import MAX_AUTHORS

MAX_CREDITS = 12
MAX_CREDIT = 160  # characters of a credit line; a longer one is a sentence
_CREDIT_META = ("source", "news_source", "syndication-source", "original-source", "copyright",
                "dc.rights", "dcterms.rights", "rights", "dc.source", "dcterms.source", "agency",
                "dc.publisher.agency", "article:source", "credit", "byl")  # fmt: skip
_CREDIT_LINE = re.compile(
    r"^\W{0,3}(?:©|\(c\)|copyright\b|quelle\b|source\b|fuente\b|المصدر|with (?:reporting"
    r"|material|files)\b"
    r"|mit material\b|con informaci[oó]n de\b|avec\b)|^\s*[(\[][^)\]]{2,40}[)\]]\s*$"
    r"|^\W{0,3}(?:" + BY + r"|(?:edited|photos?)\s*(?:by|:))\s",
    re.I,
)
_DATELINE = re.compile(
    r"^[^\W\d_][\w .,'/’-]{1,60}?[,.]?\s*(?:\d{1,2}\.?\s*\w+\.?\s*)?"
    r"[(\[–—-]\s*[\w ./&-]{2,40}[)\]–—-]"
)
_ENDING_CREDIT = re.compile(r"[(\[][\w ./,&'’-]{2,60}[)\]]\s*\.?$")


def credit_lines(
    evidence: Evidence, raw_authors: Iterable[str], bylines: Iterable[str], paragraphs: list[str]
) -> tuple[str, ...]:
    """Byline and credit lines as found, for agency detection: values of author and source metadata,
    shown bylines, the dateline, and short lines at the end of the text such as "(Reuters)"."""
    lines: dict[str, None] = {}

    def keep(line: str) -> None:
        line = squeeze(line)
        if 1 < len(line) <= MAX_CREDIT and len(lines) < MAX_CREDITS:
            lines.setdefault(line)

    for line in raw_authors:
        keep(line)
    for line in bylines:
        keep(line)
    for line in evidence.all(*_CREDIT_META):
        keep(line)
    for key in ("sourceOrganization", "creditText", "copyrightHolder", "author", "copyrightNotice"):
        for line in _texts(evidence.article.get(key)):
            keep(line)
    for text in paragraphs[:2]:
        if found := _DATELINE.match(text):
            keep(found.group())
    for text in paragraphs[-3:]:
        if len(text) <= MAX_CREDIT and (_CREDIT_LINE.search(text) or _names_agencies(text)):
            keep(text)
        elif found := _ENDING_CREDIT.search(text):
            keep(found.group())
    return tuple(lines)


def _names_agencies(line: str) -> bool:
    """Is the line agency names alone, as "dpa/AFP" or "Reuters, AP" at the end of a report?"""
    parts = [part.strip(" .()[]") for part in re.split(r"[/,&|;]| (?:und|and|y|et|e) ", line)]
    return len(line) <= 60 and any(part.casefold() in AGENCIES for part in parts)


def _texts(value: Any) -> Iterator[str]:
    """Every name in a JSON-LD value, organisations too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[:MAX_AUTHORS]:
            yield from _texts(one)
    elif isinstance(value, dict) and isinstance(value.get("name"), str):
        yield value["name"]
