"""One WARC file written: response, request and revisit records, whole at its end."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any, Protocol, Self

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from wirewatch import __version__
from wirewatch.archive.records import (
    CODING_HEADERS,
    ORIGINAL,
    ORIGINAL_AT,
    REQUESTED,
    Indexed,
    digest,
)
from wirewatch.fetch.answers import Response
from wirewatch.records import Location

SPOOL = 64_000_000  # bytes of a batch file kept in memory before it goes to a temporary file
SMALLEST_REVISIT = 1_024  # bytes: for a shorter body a second copy is no larger than the reference


class Target(Protocol):
    """Where a finished file goes."""

    def finish(self, name: str, spooled: IO[bytes], rows: list[Indexed]) -> None:
        """Takes the file and its index."""


class ArchiveWriter:
    """``with archive.writer(name) as writer: location = writer.write(response)``.

    Leaving by an exception leaves no file.
    """

    def __init__(self, archive: Target, name: str) -> None:
        self._archive = archive
        self._name = name
        self._rows: list[Indexed] = []
        self._originals: dict[str, tuple[Indexed, str]] = {}  # by digest, with the record's id
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
            first, first_id = original
            place = first.location
            fields["WARC-Refers-To"] = first_id
            fields[ORIGINAL_AT] = f"{place.file} {place.offset} {place.length}"
            record = self._warc.create_revisit_record(
                url, payload, first.url, _warc_date(first.when), http, fields
            )
        offset = self._file.tell()
        self._warc.write_record(record)
        record_id = record.rec_headers.get_header("WARC-Record-ID")
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
            self._originals[payload] = row, record_id
        self._write_request(response, at, record_id)
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
