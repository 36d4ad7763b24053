"""Fetched pages as WARC 1.1 (ISO 28500:2017) on any fsspec root, one gzip member a record.

Beside each file lies an index of its pages, which can be rebuilt from the file.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import fsspec
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from wirewatch import __version__
from wirewatch.fetch import urls
from wirewatch.fetch.answers import Response
from wirewatch.records import Location, Record, from_json, to_json

SPOOL = 64_000_000  # bytes of a batch file kept in memory before it goes to a temporary file
# Headers that no longer fit the archived body, since its coding is undone; kept under another name
# as other archiving tools do.
CODING_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
ORIGINAL = "X-Archive-Orig-"
PAGES = ("response", "revisit")  # the record types that stand for a page
REQUESTED = "X-Requested-URI"  # the URL before redirects, where it differs from the record's


ORIGINAL_AT = "X-Refers-To-Location"  # of a revisit: file, offset and length of the original
SMALLEST_REVISIT = 1_024  # bytes: for a shorter body a second copy is no larger than the reference
INDEX = ".index.jsonl"  # ends the name of the index beside each file


class ArchiveError(ValueError):
    """A location holds no readable record; the message names it."""


class Archived(Record, frozen=True, kw_only=True):
    """A page out of the archive."""

    url: str  # where it was fetched from, after redirects
    requested_url: str  # before them
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    when: datetime

    def header(self, name: str) -> str:
        """The first value of a header; "" when absent."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), "")


class Indexed(Record, frozen=True, kw_only=True):
    """One archived page, as the index beside its file lists it."""

    url: str
    requested_url: str
    when: datetime
    status: int
    digest: str  # of the payload
    location: Location


def digest(body: bytes) -> str:
    """The payload digest as WARC writes it: ``sha256:`` and base 32."""
    return "sha256:" + base64.b32encode(hashlib.sha256(body).digest()).decode("ascii")


class Archive:
    """WARC files under a root: a folder, or any fsspec URL (``s3://…``, ``memory://…``)."""

    def __init__(self, root: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(root)
        self._local = "file" in (
            self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,)
        )

    def _path(self, name: str) -> str:
        if name.startswith("/") or ".." in name.split("/"):
            raise ArchiveError(f"{name!r} leaves the archive")
        return f"{self._root.rstrip('/')}/{name}"

    def writer(self, name: str) -> ArchiveWriter:
        """A writer of one file (relative name, ``….warc.gz``), which appears whole at its end.

        A file of that name from an earlier try is replaced. Raises ArchiveError for a bad name.
        """
        return ArchiveWriter(self, name)

    def exists(self, location: Location) -> bool:
        """Whether the file that a record is in is there."""
        return bool(self._fs.exists(self._path(location.file)))

    def read(self, location: Location) -> Archived:
        """The page at a location, a repeated body from where it was archived first.

        Raises ArchiveError when there is none that can be read.
        """
        record = self._record(location)
        if record.rec_type == "revisit":
            file, offset, length = record.rec_headers.get_header(ORIGINAL_AT, "- 0 0").rsplit(
                " ", 2
            )
            first = self._record(Location(file=file, offset=int(offset), length=int(length)))
            return _archived(record, first.raw_stream.read())
        return _archived(record, record.raw_stream.read())

    def _record(self, location: Location) -> Any:
        where = f"{location.file} at {location.offset:,}"
        try:
            member = self._fs.cat_file(
                self._path(location.file), location.offset, location.offset + location.length
            )
        except OSError as error:
            raise ArchiveError(f"{where}: {error}") from error
        try:
            for record in ArchiveIterator(io.BytesIO(member)):
                if record.rec_type in PAGES:
                    return record
        except (ArchiveLoadFailed, ValueError, EOFError) as error:
            raise ArchiveError(f"{where}: damaged: {error}") from error
        raise ArchiveError(f"{where}: no response record")

    def find(self, url: str) -> Location | None:
        """Where the newest copy of a page is, by its URL before or after redirects.

        Reads the indexes from the last file name backwards: names begin with the day.
        """
        wanted = urls.normalise(url)
        for name in sorted(self._names(INDEX), reverse=True):
            rows = [
                row
                for row in self._rows(name)
                if wanted in (urls.normalise(row.url), urls.normalise(row.requested_url))
            ]
            if rows:
                return max(rows, key=lambda row: row.when).location
        return None

    def rebuild_index(self) -> int:
        """Writes the index of every file anew from the file itself; how many pages were listed.

        Raises ArchiveError, which names the file, for one that cannot be read.
        """
        listed = 0
        for name in self._names(".warc.gz"):
            with self._fs.open(self._path(name), "rb") as file:
                rows = scan(file, name)
            self._store_index(name, rows)
            listed += len(rows)
        return listed

    def _names(self, ending: str) -> list[str]:
        root = self._root.rstrip("/")
        paths = self._fs.find(root) if self._fs.exists(root) else []
        return [path[len(root) + 1 :] for path in paths if path.endswith(ending)]

    def _rows(self, name: str) -> list[Indexed]:
        lines = self._fs.cat_file(self._path(name)).splitlines()
        return [from_json(Indexed, line) for line in lines]

    def _store_index(self, name: str, rows: list[Indexed]) -> None:
        lines = b"".join(to_json(row) + b"\n" for row in rows)
        self.store(name.removesuffix(".warc.gz") + INDEX, io.BytesIO(lines))

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
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def scan(file: IO[bytes], name: str) -> list[Indexed]:
    """The pages in a WARC file, for its index. Raises ArchiveError when it cannot be read."""
    rows = []
    pages = ArchiveIterator(file)
    try:
        for record in pages:
            if record.rec_type not in PAGES:
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            offset = pages.get_record_offset()
            row = Indexed(
                url=url,
                requested_url=record.rec_headers.get_header(REQUESTED) or url,
                when=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
                status=int(record.http_headers.get_statuscode()),
                digest=record.rec_headers.get_header("WARC-Payload-Digest"),
                location=Location(file=name, offset=offset, length=pages.get_record_length()),
            )
            rows.append(row)
    except (ArchiveLoadFailed, ValueError, EOFError) as error:
        raise ArchiveError(f"{name}: damaged: {error}") from error
    return rows


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while piece := source.read(1 << 20):
        target.write(piece)


class ArchiveWriter:
    """``with archive.writer(name) as writer: location = writer.write(response)``.

    Leaving by an exception leaves no file.
    """

    def __init__(self, archive: Archive, name: str) -> None:
        archive._path(name)
        self._archive = archive
        self._name = name
        self._rows: list[Indexed] = []
        self._originals: dict[str, Indexed] = {}  # by digest
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(SPOOL)  # noqa: SIM115 (closed in __exit__)
        self._warc: Any = WARCWriter(self._file, gzip=True, warc_version="WARC/1.1")

    def __enter__(self) -> Self:
        about = {"software": f"wirewatch/{__version__}", "format": "WARC File Format 1.1"}
        record = self._warc.create_warcinfo_record(self._name.rpartition("/")[2], about)
        self._warc.write_record(record)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._archive.finish(self._name, self._file, self._rows)
        finally:
            self._file.close()

    def write(self, response: Response, when: datetime | None = None) -> Location:
        """Appends the response and its request; where the response's member will be found.

        A body that this file holds already is not written again, but referred to (a revisit
        record). Only within one file: any file may be deleted without harm to the others.

        ``when`` is the time of the fetch, the response's own by default.
        """
        moment = when or response.when
        at = _warc_date(moment)
        payload = digest(response.body)
        fields = {"WARC-Date": at}
        if response.url != response.final_url:
            fields[REQUESTED] = _header(response.url)
        http = StatusAndHeaders(
            _header(f"{response.status} {response.phrase}"),
            _headers_of(response),
            protocol="HTTP/1.1",
        )
        original = self._originals.get(payload)
        url = _header(response.final_url)
        if original is None:
            record = self._warc.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(response.body),
                length=len(response.body),
                warc_headers_dict={**fields, "WARC-Payload-Digest": payload},
                http_headers=http,
            )
        else:
            first = original.location
            fields[ORIGINAL_AT] = f"{first.file} {first.offset} {first.length}"
            record = self._warc.create_revisit_record(
                url, payload, original.url, _warc_date(original.when), http, fields
            )
        offset = self._file.tell()
        self._warc.write_record(record)
        location = Location(file=self._name, offset=offset, length=self._file.tell() - offset)
        row = Indexed(
            url=url,
            requested_url=_header(response.url),
            when=moment,
            status=response.status,
            digest=payload,
            location=location,
        )
        self._rows.append(row)
        if original is None and len(response.body) >= SMALLEST_REVISIT:
            self._originals[payload] = row
        self._write_request(response, at, record.rec_headers.get_header("WARC-Record-ID"))
        return location

    def _write_request(self, response: Response, at: str, response_id: str) -> None:
        path = "/" + response.final_url.split("/", 3)[3]  # normalised URLs always have a path
        headers = [(name, _header(value)) for name, value in response.request_headers]
        self._warc.write_record(
            self._warc.create_warc_record(
                _header(response.final_url),
                "request",
                warc_headers_dict={"WARC-Date": at, "WARC-Concurrent-To": response_id},
                http_headers=StatusAndHeaders(
                    f"GET {path} HTTP/1.1", headers, is_http_request=True
                ),
            )
        )


def _headers_of(response: Response) -> list[tuple[str, str]]:
    headers = []
    for name, value in response.headers:
        coded = name.lower() in CODING_HEADERS
        headers.append((ORIGINAL + name if coded else name, _header(value)))
    headers.append(("Content-Length", str(len(response.body))))
    return headers


def _header(text: str) -> str:
    """Text that cannot break out of its header line."""
    return text.replace("\r", " ").replace("\n", " ")


def _warc_date(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _archived(record: Any, body: bytes) -> Archived:
    url = record.rec_headers.get_header("WARC-Target-URI")
    return Archived(
        url=url,
        requested_url=record.rec_headers.get_header(REQUESTED) or url,
        status=int(record.http_headers.get_statuscode()),
        headers=tuple(
            (name, value)
            for name, value in record.http_headers.headers
            if not name.startswith(ORIGINAL)
        ),
        body=body,
        when=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
    )
