"""What goes into the churner and what comes out."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from newsroom import sentences
from newsroom.churn.phrases import Phrases
from wirewatch.records import Record, replace, stable_id

# A dateline that a newswire text carries inside its first paragraph: "ATLANTA (AP) - ".
_CAPITALS = "A-ZÀ-ÖØ-Þ"
_DATELINE = re.compile(
    rf"^(?P<place>[{_CAPITALS}][{_CAPITALS} .'’-]{{1,40}}(?:,[\w .]{{1,25}}?)?)"
    r"(?:\s*\((?P<agency>[^)]{2,30})\))?\s*[-–—]{1,2}\s+"
)


class Source(Record, frozen=True, kw_only=True):
    """A report to be churned."""

    title: str
    paragraphs: tuple[str, ...]
    dateline: str = ""  # the place alone: "PORT ELLERY"
    author: str = ""
    agency: str = ""  # as printed: "Northwire"
    headlines: tuple[str, ...] = ()  # other headlines of the same report

    @property
    def text(self) -> str:
        """The body, a paragraph a line."""
        return "\n".join(self.paragraphs)


class Version(Record, frozen=True, kw_only=True):
    """What a desk, a scraper or a template made of a report."""

    kind: str
    title: str
    paragraphs: tuple[str, ...]  # without the dateline
    byline: str = ""
    dateline: str = ""  # as printed: "PORT ELLERY (Northwire) –", or ""
    note: str = ""  # what was done, in words; starts with "unchanged" when nothing could be

    @property
    def body(self) -> tuple[str, ...]:
        """The paragraphs as printed, the dateline before the first."""
        if not self.dateline or not self.paragraphs:
            return self.paragraphs
        return (f"{self.dateline} {self.paragraphs[0]}", *self.paragraphs[1:])

    @property
    def text(self) -> str:
        """The body as printed, a paragraph a line."""
        return "\n".join(self.body)


class Job(Record, frozen=True, kw_only=True):
    """One order to the churner."""

    kind: str
    original: Source
    other: Source | None
    rng: random.Random
    phrases: Phrases


def source(
    title: str,
    text: str | Sequence[str],
    dateline: str = "",
    author: str = "",
    agency: str = "",
    headlines: Sequence[str] = (),
) -> Source:
    """A report out of plain newswire text, or of its paragraphs.

    A dateline at the head of the text is taken off it, so that every kind can set its own.
    """
    parts = sentences.paragraphs(text) if isinstance(text, str) else tuple(text)
    found = _DATELINE.match(parts[0]) if parts else None
    if found and len(parts[0]) > found.end():
        parts = (parts[0][found.end() :], *parts[1:])
        dateline = dateline or found["place"].strip(" ,")
        agency = agency or (found["agency"] or "")
    return Source(
        title=title,
        paragraphs=parts,
        dateline=dateline,
        author=author,
        agency=agency,
        headlines=tuple(headlines),
    )


def seeded(*parts: str) -> random.Random:
    """A random generator that depends on these words alone, in every process."""
    return random.Random(int(stable_id("churn", *parts), 16))


def printed_dateline(place: str, agency: str) -> str:
    """The dateline as a reader sees it; "" without a place."""
    if not place:
        return ""
    return f"{place} ({agency}) –" if agency else f"{place} –"


def version(job: Job, paragraphs: Sequence[str] | None = None, note: str = "") -> Version:
    """The original as its agency sent it, with other paragraphs where they are given."""
    original = job.original
    body = original.paragraphs if paragraphs is None else tuple(paragraphs)
    return Version(
        kind=job.kind,
        title=original.title,
        paragraphs=tuple(part for part in body if part.strip()),
        byline=original.author,
        dateline=printed_dateline(original.dateline, original.agency),
        note=note,
    )


def unchanged(job: Job, why: str) -> Version:
    """The original as it is, because this kind could do nothing to it."""
    return version(job, note=f"unchanged: {why}")


def retitled(made: Version, job: Job) -> Version:
    """The version under one of the report's headlines, its own among them."""
    return replace(made, title=job.rng.choice((job.original.title, *job.original.headlines)))
