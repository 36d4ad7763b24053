"""Fetched pages as WARC 1.1 (ISO 28500:2017) on any fsspec root, one gzip member a record."""

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
from wirewatch.fetch.answers import Response
from wirewatch.records import Location, Record

SPOOL = 64_000_000  # bytes of a batch file kept in memory before it goes to a temporary file
# Headers that no longer fit the archived body, since its coding is undone; kept under another name
# as other archiving tools do.
CODING_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
ORIGINAL = "X-Archive-Orig-"
REQUESTED = "X-Requested-URI"  # the URL before redirects, where it differs from the record's


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
        """The page at a location. Raises ArchiveError when there is none that can be read."""
        where = f"{location.file} at {location.offset:,}"
        try:
            member = self._fs.cat_file(
                self._path(location.file), location.offset, location.offset + location.length
            )
        except OSError as error:
            raise ArchiveError(f"{where}: {error}") from error
        try:
            for record in ArchiveIterator(io.BytesIO(member)):
                if record.rec_type == "response":
                    return _archived(record)
        except (ArchiveLoadFailed, ValueError, EOFError) as error:
            raise ArchiveError(f"{where}: damaged: {error}") from error
        raise ArchiveError(f"{where}: no response record")

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
                self._archive.store(self._name, self._file)
        finally:
            self._file.close()

    def write(self, response: Response, when: datetime | None = None) -> Location:
        """Appends the response and its request; where the response's member will be found.

        ``when`` is the time of the fetch, the response's own by default.
        """
        at = _warc_date(when or response.when)
        fields = {"WARC-Date": at, "WARC-Payload-Digest": digest(response.body)}
        if response.url != response.final_url:
            fields[REQUESTED] = _header(response.url)
        http = StatusAndHeaders(
            _header(f"{response.status} {response.phrase}"),
            _headers_of(response),
            protocol="HTTP/1.1",
        )
        record = self._warc.create_warc_record(
            _header(response.final_url),
            "response",
            payload=io.BytesIO(response.body),
            length=len(response.body),
            warc_headers_dict=fields,
            http_headers=http,
        )
        offset = self._file.tell()
        self._warc.write_record(record)
        length = self._file.tell() - offset
        self._write_request(response, at, record.rec_headers.get_header("WARC-Record-ID"))
        return Location(file=self._name, offset=offset, length=length)

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


def _archived(record: Any) -> Archived:
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
        body=record.raw_stream.read(),
        when=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
    )
