"""The archive's files under one root: written whole, read by place, found by URL."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import fsspec
import msgspec
from warcio.archiveiterator import ArchiveIterator

from wirewatch.archive import scan
from wirewatch.archive.records import (
    FILE,
    INDEX,
    ORIGINAL,
    ORIGINAL_AT,
    PAGES,
    PIECE,
    REQUESTED,
    Archived,
    ArchiveError,
    Indexed,
    digest,
)
from wirewatch.archive.writer import ArchiveWriter
from wirewatch.batches import unwritable
from wirewatch.fetch import urls
from wirewatch.records import Location, from_json, to_json


def _silent(_: str) -> None:
    """For callers who only want what can be read."""


class Archive:
    """WARC files under a root: a folder, or any fsspec URL (``s3://…``, ``memory://…``)."""

    def __init__(self, root: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(root)
        self._local = "file" in (
            self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,)
        )

    def _path(self, name: str) -> str:
        if name.startswith("/") or ".." in name.split("/"):
            raise ArchiveError(f"{name!r} is outside the archive")
        return f"{self._root.rstrip('/')}/{name}"

    def writer(self, name: str) -> ArchiveWriter:
        """A writer of one file (relative name, ``….warc.gz``), which appears whole at its end.

        A file of that name from an earlier try is replaced. Raises ArchiveError for a bad name.
        """
        self._path(name)
        return ArchiveWriter(self, name)

    def exists(self, location: Location) -> bool:
        """Whether the file that a record is in is there."""
        return self.has(location.file)

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return bool(self._fs.exists(self._path(name)))

    def read(self, location: Location) -> Archived:
        """The page at a location, a repeated body from where it was archived first.

        Raises ArchiveError when there is none that can be read whole.
        """
        record = self._record(location)
        if record.rec_type == "revisit":
            place = original_of(record)
            if place is None:
                raise ArchiveError(f"{_at(location)}: it refers to a record of another tool")
            return _archived(record, _body(self._record(place), place), location)
        return _archived(record, _body(record, location), location)

    def _record(self, location: Location) -> Any:
        where = _at(location)
        try:
            member = self._fs.cat_file(
                self._path(location.file), location.offset, location.offset + location.length
            )
        except OSError as error:
            raise ArchiveError(f"{where}: {error}") from error
        try:
            for record in ArchiveIterator(io.BytesIO(member)):
                if record.rec_type in PAGES and record.http_headers is not None:
                    return record
        except scan.BROKEN as error:
            raise ArchiveError(f"{where}: damaged: {scan.in_words(error)}") from error
        raise ArchiveError(f"{where}: no response record")

    def find(self, url: str, fetched: datetime | None = None) -> Location | None:
        """Where the newest copy of a page is, by its URL before or after redirects.

        With ``fetched``, among what was archived on that day and the next.
        """
        if fetched is None:
            return next((row.location for row in self.copies(url)), None)
        for days in (1, 0):
            folder = f"{fetched + timedelta(days=days):%Y/%m/%d}"
            for row in self.copies(url, folder=folder):
                return row.location
        return None

    def copies(
        self, url: str, report: scan.Report = _silent, folder: str = ""
    ) -> Iterator[Indexed]:
        """The archived copies of a page, by its URL before or after redirects, the newest first.

        Reads the indexes, all or a folder's, from the last file name backwards: names begin with
        the day. Decodes only lines that hold the end of the page's path. What is wrong with such an
        index is told. Raises BadURL.
        """
        wanted = urls.normalise(url)
        end = urlsplit(wanted).path.rstrip("/").rpartition("/")[2].encode()
        names = self.names(folder)
        indexes = {name for name in names if name.endswith(INDEX)}
        for name in names:
            if name.endswith(FILE) and name.removesuffix(FILE) + INDEX not in indexes:
                report(f"{name} has no index: see 'wirewatch archive index --rebuild'")
        for name in sorted(indexes, reverse=True):
            rows = [
                row
                for row in self.index(name, report, end)
                if wanted in {_normal(row.url), _normal(row.requested_url)}
            ]
            yield from sorted(rows, key=lambda row: row.when, reverse=True)

    def rebuild_index(self, report: scan.Report = _silent) -> int:
        """Writes the index of every file anew from the file itself; how many pages were listed.

        A file that is torn or no WARC is told, and listed as far as it can be read.
        """
        listed = 0
        for name in self.names():
            if name.endswith(FILE):
                with self.open(name) as file:
                    rows = [row for row, _ in scan.pages(file, name, report)]
                self._store_index(name, rows)
                listed += len(rows)
        return listed

    def names(self, folder: str = "") -> list[str]:
        """The files under the root, or under a folder there, relative to the root, in order."""
        root = self._root.rstrip("/")
        top = f"{root}/{folder}" if folder else root
        paths = self._fs.find(top) if self._fs.exists(top) else []
        return sorted(path[len(root) + 1 :] for path in paths)

    def open(self, name: str) -> IO[bytes]:
        """A file's bytes, to be read piece by piece."""
        opened: IO[bytes] = self._fs.open(self._path(name), "rb")
        return opened

    def index(
        self, name: str, report: scan.Report = _silent, holding: bytes = b""
    ) -> list[Indexed]:
        """The rows of an index, or those whose line holds some bytes; one that is none is told."""
        try:
            content = self._fs.cat_file(self._path(name))
            if holding not in content:
                return []
            lines = content.splitlines()
            return [from_json(Indexed, line) for line in lines if holding in line]
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            report(f"{name} is no index: {error}; see 'wirewatch archive index --rebuild'")
            return []

    def _store_index(self, name: str, rows: list[Indexed]) -> None:
        lines = b"".join(to_json(row) + b"\n" for row in rows)
        self.store(name.removesuffix(FILE) + INDEX, io.BytesIO(lines))

    def finish(self, name: str, spooled: IO[bytes], rows: list[Indexed]) -> None:
        """Puts a finished file into its place, then its index, which names nothing missing."""
        self.store(name, spooled)
        self._store_index(name, rows)

    def store(self, name: str, spooled: IO[bytes]) -> None:
        """Puts a finished file into its place, atomically."""
        path = self._path(name)
        spooled.seek(0)
        if not self._local:
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self._fs.open(path, "wb") as file:  # object stores show a file when it is closed
                _copy(spooled, file)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                _copy(spooled, file)
                file.flush()
                os.fsync(file.fileno())
            Path(partial).chmod(0o644)
            Path(partial).replace(target)
        except OSError as error:
            raise unwritable(path, error) from error
        finally:
            Path(partial).unlink(missing_ok=True)


def newest(copies: Iterator[Indexed], before: datetime | None) -> Indexed | None:
    """Of a page's copies the newest, or the newest that was fetched before an instant."""
    found = [row for row in copies if before is None or row.when < before]
    return max(found, key=lambda row: row.when, default=None)


def original_of(record: Any) -> Location | None:
    """Where the body of a repeated page is; None where the record does not say so as ours do."""
    written = record.rec_headers.get_header(ORIGINAL_AT) or ""
    try:
        file, offset, length = written.rsplit(" ", 2)
        return Location(file=file, offset=int(offset), length=int(length))
    except ValueError:
        return None


def _at(location: Location) -> str:
    return f"{location.file} at {location.offset:,}"


def _body(record: Any, location: Location) -> bytes:
    try:
        body: bytes = record.raw_stream.read()
    except scan.BROKEN as error:
        raise ArchiveError(f"{_at(location)}: damaged: {scan.in_words(error)}") from error
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise ArchiveError(f"{_at(location)}: damaged: the record is torn")
    written = record.rec_headers.get_header("WARC-Payload-Digest")
    # Other tools take the digest of a chunked body without its chunks.
    coded = record.http_headers.get_header("Transfer-Encoding")
    if written and not coded and digest(body) != written:
        raise ArchiveError(f"{_at(location)}: damaged: the digest of its body differs")
    return body


def _normal(url: str) -> str:
    try:
        return urls.normalise(url)
    except urls.BadURL:  # a record of another tool
        return url


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while piece := source.read(PIECE):
        target.write(piece)


def _archived(record: Any, body: bytes, location: Location) -> Archived:
    url = record.rec_headers.get_header("WARC-Target-URI")
    status, _, phrase = record.http_headers.statusline.partition(" ")
    try:
        code, when = int(status), scan.instant(record.rec_headers.get_header("WARC-Date"))
    except (TypeError, ValueError) as error:
        raise ArchiveError(f"{_at(location)}: damaged: {scan.in_words(error)}") from error
    return Archived(
        url=url,
        requested_url=record.rec_headers.get_header(REQUESTED) or url,
        status=code,
        phrase=phrase,
        headers=tuple(
            (name, value)
            for name, value in record.http_headers.headers
            if not name.startswith(ORIGINAL)
        ),
        body=body,
        when=when,
    )
