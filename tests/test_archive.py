"""The WARC archive, on a folder and in memory."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from warcio.archiveiterator import ArchiveIterator

from wirewatch.archive import Archive, ArchiveError, digest
from wirewatch.fetch.answers import Response
from wirewatch.records import Location

WHEN = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def response(path: str, body: bytes, **changes: object) -> Response:
    url = f"https://example.org/{path}"
    fields: dict[str, object] = {
        "url": url,
        "final_url": url,
        "status": 200,
        "phrase": "OK",
        "headers": (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", "7"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
        ),
        "body": body,
        "when": WHEN,
        "request_headers": (("Host", "example.org"), ("User-Agent", "wirewatch/0.1.0")),
    }
    return Response(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture(params=["folder", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "warc") if request.param == "folder" else f"memory://{uuid4().hex}"


def test_any_page_is_read_by_its_location(root: str) -> None:
    archive = Archive(root)
    bodies = [b"first", b"", "مرحبا".encode(), bytes(range(256)) * 400, b"HTTP/1.1 500 no\r\n\r\n"]
    with archive.writer("2026/03/01/run-0.warc.gz") as writer:
        where = [writer.write(response(str(n), body)) for n, body in enumerate(bodies)]
    for n in (3, 0, 4, 2, 1):
        page = archive.read(where[n])
        assert page.body == bodies[n]
        assert page.url == page.requested_url == f"https://example.org/{n}"
        assert (page.status, page.when) == (200, WHEN)
        assert page.header("content-type") == "text/html; charset=utf-8"
        assert page.header("Content-Encoding") == ""  # the coding is undone, and not claimed
        assert [v for k, v in page.headers if k == "Set-Cookie"] == ["a=1", "b=2"]


def test_other_tools_read_the_file_and_agree_with_its_digests(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    with archive.writer("a.warc.gz") as writer:
        writer.write(response("x?q=1", b"<p>one", url="http://example.org/old"))
    records = []
    for record in ArchiveIterator(
        io.BytesIO((tmp_path / "a.warc.gz").read_bytes()), check_digests="raise"
    ):
        record.content_stream().read()
        records.append(record)
    assert [record.rec_type for record in records] == ["warcinfo", "response", "request"]
    assert {record.format for record in records} == {"warc"}
    answered, asked = records[1].rec_headers, records[2].rec_headers
    assert answered.get_header("WARC-Date") == "2026-03-01T12:30:15.250000Z"
    assert answered.get_header("WARC-Payload-Digest") == digest(b"<p>one")
    assert answered.get_header("X-Requested-URI") == "http://example.org/old"
    assert asked.get_header("WARC-Concurrent-To") == answered.get_header("WARC-Record-ID")
    assert records[2].http_headers.statusline == "/x?q=1 HTTP/1.1"


def test_a_file_appears_whole_or_not_at_all(root: str) -> None:
    archive = Archive(root)
    fs, path = fsspec.core.url_to_fs(root)
    with pytest.raises(KeyboardInterrupt), archive.writer("d/a.warc.gz") as writer:
        writer.write(response("1", b"x"))
        raise KeyboardInterrupt
    assert not fs.exists(path) or fs.find(path) == []


def test_a_rerun_replaces_the_file(root: str) -> None:
    archive = Archive(root)
    for body in (b"a much longer first try " * 99, b"second"):
        with archive.writer("a.warc.gz") as writer:
            where = writer.write(response("1", body))
    assert archive.read(where).body == b"second"
    fs, path = fsspec.core.url_to_fs(root)
    assert sorted(name.rpartition("/")[2] for name in fs.find(path)) == [
        "a.index.jsonl",
        "a.warc.gz",
    ]


def test_headers_cannot_forge_records(root: str) -> None:
    archive = Archive(root)
    forged = (("X-A", "1\r\n\r\nWARC/1.1\r\nWARC-Type: response"),)
    with archive.writer("a.warc.gz") as writer:
        where = writer.write(response("1", b"body", headers=forged, phrase="O\r\nK"))
    page = archive.read(where)
    assert page.body == b"body"
    assert page.header("X-A") == "1    WARC/1.1  WARC-Type: response"


def test_places_without_a_record_are_named(root: str) -> None:
    archive = Archive(root)
    with archive.writer("a.warc.gz") as writer:
        where = writer.write(response("1", b"body"))
    for wrong in (
        Location(file="b.warc.gz", offset=0, length=9),
        Location(file="a.warc.gz", offset=where.offset + 3, length=where.length),
        Location(file="a.warc.gz", offset=where.offset + where.length, length=500),
    ):
        with pytest.raises(ArchiveError, match=wrong.file):
            archive.read(wrong)
    for name in ("../a.warc.gz", "/etc/a.warc.gz"):
        with pytest.raises(ArchiveError, match="leaves"):
            archive.writer(name)


def test_a_body_is_kept_once_a_file_and_read_from_either_place(root: str) -> None:
    archive, body = Archive(root), b"the same long page " * 500
    with archive.writer("a.warc.gz") as writer:
        first = writer.write(response("1", body))
        again = writer.write(response("2", body, headers=(("X-Second", "yes"),)))
        short = [writer.write(response(str(n), b"short")) for n in (3, 4)]
    page = archive.read(again)
    assert again.length < first.length
    assert (page.url, page.body) == ("https://example.org/2", body)
    assert page.header("X-Second") == "yes"
    assert [archive.read(where).body for where in short] == [b"short", b"short"]
    fs, path = fsspec.core.url_to_fs(root)
    data = fs.cat_file(f"{path}/a.warc.gz")
    types = [record.rec_type for record in ArchiveIterator(io.BytesIO(data))]
    assert types.count("revisit") == 1


def test_pages_are_found_by_either_url_the_newest_first(root: str) -> None:
    archive, later = Archive(root), WHEN.replace(month=4)
    with archive.writer("2026/03/01/a.warc.gz") as writer:
        writer.write(response("x", b"old"))
        moved = writer.write(response("new", b"moved", url="https://example.org/old?utm_source=a"))
    with archive.writer("2026/04/01/a.warc.gz") as writer:
        newest = writer.write(response("x", b"new", when=later))
    for _ in range(2):
        assert archive.find("https://EXAMPLE.org/x#part") == newest
        assert archive.find("https://example.org/old") == moved
        assert archive.find("https://example.org/nowhere") is None
        fs, path = fsspec.core.url_to_fs(root)
        for index in [name for name in fs.find(path) if name.endswith(".jsonl")]:
            fs.rm(index)
        assert archive.find("https://example.org/x") is None
        assert archive.rebuild_index() == 3


def test_a_rebuilt_index_says_the_same(tmp_path: Path) -> None:
    archive, body = Archive(str(tmp_path)), b"x" * 5_000
    with archive.writer("a.warc.gz") as writer:
        for n in range(5):
            writer.write(response(str(n), body))
    before = (tmp_path / "a.index.jsonl").read_bytes()
    archive.rebuild_index()
    assert (tmp_path / "a.index.jsonl").read_bytes() == before
