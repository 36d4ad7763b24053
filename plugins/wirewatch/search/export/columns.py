"""Every story of a query, one after the other, and the manifest that says what they are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from typing import BinaryIO, Self

from wirewatch import __version__
from wirewatch.records import Record, Story, utc_now
from wirewatch.search.export import citations, parquet, tables
from wirewatch.search.language import Resolver
from wirewatch.search.request import Asked, BadRequest, ask, prepare, understood
from wirewatch.store import Store
from wirewatch.store.scan import KEEP, scan
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
            name="parquet",
            suffix="parquet",
            media_type="application/vnd.apache.parquet",
            about="a table with types (needs the extra parquet)",
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
    with stream(store, query, format_name, now=now, resolve=resolve) as made:
        for piece in made.pieces:
            out.write(piece)
            if on_story and made.written:
                on_story(made.written)
        return made.manifest


class Stream:
    """An export under way: a point in time, and the stories of a query in it.

    To be closed, or used as a context manager.
    """

    def __init__(self, store: Store, asked: Asked, form: Format, now: datetime) -> None:
        self.form = form
        self.written = 0  # stories, so far
        self._store = store
        self._asked = asked
        self._pit = store.es.open_point_in_time(index=store.stories.alias, keep_alive=KEEP)["id"]
        try:
            pit = {"id": self._pit, "keep_alive": KEEP}
            body = {"query": asked.dsl, "size": 0, "track_total_hits": True, "pit": pit}
            count = ask(store, body)["hits"]["total"]["value"]
        except BaseException:
            self.close()
            raise
        self.manifest = Manifest(
            query=asked.text, format=form.name, count=count, made=now, version=__version__
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets the server forget the point in time; what is read after that fails."""
        self._store.es.options(ignore_status=404).close_point_in_time(id=self._pit)

    @property
    def pieces(self) -> Generator[bytes, None, None]:
        """The file piece by piece; to be read once, and to its end: a part is no whole export."""
        if self.form.name == "parquet":
            yield from parquet.pieces(self._stories())
            return
        if self.form.name == "csv":
            yield tables.CSV_HEADER
        write = _WRITERS[self.form.name]
        for story in self._stories():
            yield write(story)

    def _stories(self) -> Iterator[Story]:
        store = self._store
        with understood():
            for hit in scan(
                store.es, store.stories.alias, self._asked.dsl, sort=ORDER, pit=self._pit
            ):
                self.written += 1
                yield story_from(hit["_source"])


def stream(
    store: Store,
    query: str,
    format_name: str,
    *,
    now: datetime | None = None,
    resolve: Resolver | None = None,
) -> Stream:
    """An export to be read piece by piece; the query is checked, and counted, before the first.

    Raises BadQuery, TooSlow, and BadRequest for a format that is unknown or not installed.
    """
    form = FORMATS.get(format_name)
    if form is None:
        raise BadRequest(f"format {format_name!r}: must be one of {', '.join(FORMATS)}")
    if form.name == "parquet":
        parquet.check()
    now = now or utc_now()
    return Stream(store, prepare(store, query, now=now, resolve=resolve), form, now)


_WRITERS: dict[str, Piece] = {
    "csv": tables.csv_row,
    "jsonl": tables.json_line,
    "ris": citations.ris,
    "bibtex": citations.bibtex,
}
