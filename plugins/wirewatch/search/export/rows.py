"""Every story of a query, one after the other, and the manifest that says what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import BinaryIO

from wirewatch.records import Record, Story, utc_now
from wirewatch.search.export import citations, tables
from wirewatch.search.language import Resolver
from wirewatch.search.request import Asked, BadRequest, prepare, understood
from wirewatch.store import Store
from wirewatch.store.scan import scan
from wirewatch.store.stories import story_from

ORDER = [{"time": "desc"}, {"id": "asc"}]

Piece = Callable[[Story], bytes]  # a story as the format writes it


class Format(Record, frozen=True, kw_only=True):
    """A way to write stories."""

    name: str
    suffix: str
    media_type: str
    about: str


FORMATS = {
    made.name: made
    for made in (
        Format(
            name="csv",
            suffix="csv",
            media_type="text/csv; charset=utf-8; header=present",
            about="a table (RFC 4180)",
        ),
        Format(
            name="jsonl",
            suffix="jsonl",
            media_type="application/x-ndjson",
            about="a JSON object a line, with the whole text",
        ),
        Format(
            name="ris",
            suffix="ris",
            media_type="application/x-research-info-systems",
            about="citations for Zotero, EndNote, Mendeley",
        ),
        Format(
            name="bibtex",
            suffix="bib",
            media_type="application/x-bibtex",
            about="citations for LaTeX",
        ),
    )
}


class Manifest(Record, frozen=True, kw_only=True):
    """What an export has: enough to make it again, and to see whether it is whole."""

    query: str  # as understood
    format: str
    count: int  # stories written
    made: datetime
    version: str  # of wirewatch
    order: str = "newest first"


def export(
    store: Store,
    query: str,
    format_name: str,
    out: BinaryIO,
    *,
    now: datetime | None = None,
    resolve: Resolver | None = None,
    on_story: Callable[[int], None] | None = None,
) -> Manifest:
    """Writes every story of the query to ``out``, newest first, and returns the manifest.

    All rows are of one moment, however long it takes; memory does not grow with their number.
    ``on_story`` is told the count so far. Raises BadQuery, BadRequest for an unknown format, and
    OSError when ``out`` cannot hold it, with the rows written so far left as they are.
    """
    now = now or utc_now()
    written = 0
    made = stream(store, query, format_name, now=now, resolve=resolve)
    for number, piece in enumerate(made.pieces):
        out.write(piece)
        written = number if made.header else number + 1
        if on_story and written:
            on_story(written)
    return made.manifest(written, now)


class Stream:
    """An export under way: ``pieces`` are bytes, the header first where there is one."""

    def __init__(self, query: str, form: Format, header: bytes, stories: Iterator[Story]) -> None:
        self.query = query
        self.form = form
        self.header = header
        self._stories = stories

    @property
    def pieces(self) -> Iterator[bytes]:
        """The header, then a piece a story; to be read once."""
        write = _WRITERS[self.form.name]
        if self.header:
            yield self.header
        for story in self._stories:
            yield write(story)

    def manifest(self, count: int, now: datetime) -> Manifest:
        """What was written, given how many stories were."""
        return Manifest(
            query=self.query,
            format=self.form.name,
            count=count,
            made=now,
            version=version("wirewatch"),
        )


def stream(
    store: Store,
    query: str,
    format_name: str,
    *,
    now: datetime | None = None,
    resolve: Resolver | None = None,
) -> Stream:
    """An export to be read piece by piece; the query is checked before the first.

    Raises BadQuery, and BadRequest for an unknown format.
    """
    form = FORMATS.get(format_name)
    if form is None:
        raise BadRequest(f"format {format_name!r}: must be one of {', '.join(FORMATS)}")
    asked = prepare(store, query, now=now, resolve=resolve)
    header = tables.CSV_HEADER if form.name == "csv" else b""
    return Stream(asked.text, form, header, _stories(store, asked))


def _stories(store: Store, asked: Asked) -> Iterator[Story]:
    with understood():
        for hit in scan(store.es, store.stories.alias, asked.dsl, sort=ORDER):
            yield story_from(hit["_source"])


_WRITERS: dict[str, Piece] = {
    "csv": tables.csv_row,
    "jsonl": tables.json_line,
    "ris": citations.ris,
    "bibtex": citations.bibtex,
}
