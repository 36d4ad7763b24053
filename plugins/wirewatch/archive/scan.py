"""A WARC file read from beginning to end, piece by piece: for its index, and to check it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from wirewatch.archive.records import PAGES, PIECE, REQUESTED, Indexed
from wirewatch.records import Location

# What warcio raises at a broken file; AttributeError where a record's head is cut off.
BROKEN = (ArchiveLoadFailed, ValueError, EOFError, zlib.error, OSError, AttributeError)
Report = Callable[[str], None]


def pages(
    file: IO[bytes], name: str, report: Report, *, verify: bool = False
) -> Iterator[tuple[Indexed, Any]]:
    """The pages of a WARC file with their records, up to where it can be read.

    What is wrong is told: a file that is torn or no WARC, a record that is none of a page's, and
    with ``verify`` a digest that is not its content's. Memory does not grow with the file.
    """
    at = 0
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    try:
        records = ArchiveIterator(file, check_digests=verify)
        for record in records:
            if record.rec_headers.get_header("Content-Length") is None:
                break  # its head is cut off
            row = _row(record, name, at)
            while record.raw_stream.read(PIECE):
                pass
            left = getattr(record.raw_stream, "limit", 0)
            if left > 0:
                break
            here, length = records.get_record_offset(), records.get_record_length()
            at = here + length
            for problem in record.digest_checker.problems if verify else ():
                report(f"{name} at {here:,}: {' '.join(str(problem).split())[:200]}")
            if isinstance(row, str):
                report(f"{name} at {here:,}: {row}")
            elif row is not None:
                place = Location(file=name, offset=here, length=length)
                yield _placed(row, place), record
        if not size:
            report(f"{name}: empty")
        elif at < size:
            report(f"{name} at {at:,}: torn, or no WARC: {size - at:,} bytes are no whole record")
    except BROKEN as error:
        report(f"{name} at {at:,}: torn, or no WARC: {in_words(error)}")


def in_words(error: Exception) -> str:
    """What an error says, in one short line; it may quote the damaged bytes, which are left out."""
    words = " ".join(str(error).split())
    return "".join(char for char in words if char.isascii() and char.isprintable())[:120]


def _placed(row: Indexed, place: Location) -> Indexed:
    return Indexed(
        url=row.url,
        requested_url=row.requested_url,
        when=row.when,
        status=row.status,
        digest=row.digest,
        location=place,
    )


def _row(record: Any, name: str, at: int) -> Indexed | str | None:
    """The record as the index lists it; None for one of no page, words for one that is odd."""
    if record.rec_type not in PAGES:
        return None
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    try:
        return Indexed(
            url=url,
            requested_url=record.rec_headers.get_header(REQUESTED) or url,
            when=instant(record.rec_headers.get_header("WARC-Date")),
            status=int(record.http_headers.get_statuscode()),
            digest=record.rec_headers.get_header("WARC-Payload-Digest") or "",
            location=Location(file=name, offset=at, length=0),
        )
    except (TypeError, ValueError, AttributeError):
        return f"a {record.rec_type} without address, date or status is left out"


def instant(written: str) -> datetime:
    """A WARC-Date as an aware UTC instant. Raises ValueError or TypeError when it is none."""
    moment = datetime.fromisoformat(written)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
