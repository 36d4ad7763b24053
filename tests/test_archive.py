"""The WARC archive, on a folder and in memory."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from wirewatch.archive import Archive, ArchiveError, check, digest
from wirewatch.archive.files import newest
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
        with pytest.raises(ArchiveError, match="outside the archive"):
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
    heads = [record.rec_headers for record in ArchiveIterator(io.BytesIO(data))]
    [original] = [h for h in heads if h.get_header("WARC-Target-URI") == "https://example.org/1"
                  and h.get_header("WARC-Type") == "response"]  # fmt: skip
    [revisit] = [head for head in heads if head.get_header("WARC-Type") == "revisit"]
    said = {
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To": original.get_header("WARC-Record-ID"),
        "WARC-Refers-To-Target-URI": "https://example.org/1",
        "WARC-Refers-To-Date": original.get_header("WARC-Date"),
        "WARC-Payload-Digest": digest(body),
    }
    assert {name: revisit.get_header(name) for name in said} == said


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
        assert archive.find("https://example.org/x", later) == newest
        assert archive.find("https://example.org/x", later - timedelta(days=1)) == newest
        assert archive.find("https://example.org/old", WHEN) == moved
        assert archive.find("https://example.org/old", later) is None
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


def checked(archive: Archive) -> dict[str, tuple[str, ...]]:
    return {found.file: found.problems for found in check(archive)}


def written(root: str, name: str = "a.warc.gz") -> tuple[Archive, list[Location]]:
    archive = Archive(root)
    bodies = [b"one " * 500, b"two " * 500, b"one " * 500]
    with archive.writer(name) as writer:
        where = [writer.write(response(str(n), body)) for n, body in enumerate(bodies)]
    return archive, where


def test_a_sound_archive_has_no_problem(root: str) -> None:
    archive, _ = written(root)
    assert [(one.file, one.pages, one.problems) for one in check(archive)] == [("a.warc.gz", 3, ())]


def test_a_torn_file_is_told_and_read_up_to_there(root: str) -> None:
    archive, where = written(root, "torn.warc.gz")
    written(root, "whole.warc.gz")
    fs, path = fsspec.core.url_to_fs(root)
    data = fs.cat_file(f"{path}/torn.warc.gz")
    for cut in range(1, 12):
        end = where[1].offset + where[1].length * cut // 12
        fs.pipe_file(f"{path}/torn.warc.gz", data[:end])
        told: list[str] = []
        assert archive.rebuild_index(told.append) == 1 + 3
        assert len(told) == 1, cut
        assert told[0].startswith(f"torn.warc.gz at {where[1].offset:,}: torn"), cut
        assert archive.read(where[0]).body == b"one " * 500
        with pytest.raises(ArchiveError, match=r"damaged|no response record"):
            archive.read(where[1])
    problems = checked(archive)
    assert any("torn" in problem for problem in problems["torn.warc.gz"])
    assert problems["whole.warc.gz"] == ()


def test_damage_inside_a_file_is_told(root: str) -> None:
    archive, where = written(root)
    fs, path = fsspec.core.url_to_fs(root)
    data = bytearray(fs.cat_file(f"{path}/a.warc.gz"))
    data[where[1].offset + where[1].length - 20] ^= 0xFF
    fs.pipe_file(f"{path}/a.warc.gz", bytes(data))
    assert any("a.warc.gz at" in problem for problem in checked(archive)["a.warc.gz"])


def test_files_that_do_not_belong_are_told_and_harm_nothing(root: str) -> None:
    archive, where = written(root)
    fs, path = fsspec.core.url_to_fs(root)
    fs.pipe_file(f"{path}/readme.txt", b"hello")
    fs.pipe_file(f"{path}/z.warc.gz", b"no archive at all, but longer than a header would be")
    fs.pipe_file(f"{path}/y.warc.gz", gzip.compress(b"not a WARC either\r\n" * 50))
    fs.pipe_file(f"{path}/empty.warc.gz", b"")
    fs.pipe_file(f"{path}/x.index.jsonl", b'{"url": 1')
    told: list[str] = []
    copies = list(archive.copies("https://example.org/1", told.append))
    assert [row.location for row in copies] == [where[1]]
    assert sum("has no index" in one for one in told) == 3
    assert any("x.index.jsonl is no index" in one for one in told)
    problems = checked(archive)
    assert problems["a.warc.gz"] == ()
    for odd in ("readme.txt", "z.warc.gz", "y.warc.gz", "x.index.jsonl"):
        assert problems[odd], odd
    told.clear()
    assert archive.rebuild_index(told.append) == 3
    assert sorted({one.split()[0].rstrip(":") for one in told}) == [
        "empty.warc.gz",
        "y.warc.gz",
        "z.warc.gz",
    ]


def test_a_digest_that_is_not_the_contents_is_told(tmp_path: Path) -> None:
    with (tmp_path / "a.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        for stated in (digest(b"body"), digest(b"another")):
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    "https://example.org/", "response", payload=io.BytesIO(b"body"),
                    length=4, http_headers=http, warc_headers_dict={"WARC-Payload-Digest": stated},
                )
            )  # fmt: skip
    archive = Archive(str(tmp_path))
    assert archive.rebuild_index() == 2
    [problem] = checked(archive)["a.warc.gz"]
    assert "digest" in problem
    assert archive.find("https://example.org/") is not None


def test_an_index_that_lags_behind_its_file_is_told(root: str) -> None:
    archive, _ = written(root)
    fs, path = fsspec.core.url_to_fs(root)
    lines = fs.cat_file(f"{path}/a.index.jsonl").splitlines(keepends=True)
    fs.pipe_file(f"{path}/a.index.jsonl", b"".join(lines[:-1]))
    assert checked(archive)["a.warc.gz"] == ("a.index.jsonl: does not list what its file holds",)
    fs.rm(f"{path}/a.warc.gz")
    assert checked(archive)["a.index.jsonl"]


def test_the_copy_of_a_time(root: str) -> None:
    archive = Archive(root)
    for month in (3, 4, 5):
        with archive.writer(f"2026/{month:02}/01/a.warc.gz") as writer:
            writer.write(response("x", str(month).encode(), when=WHEN.replace(month=month)))

    def body(before: datetime | None) -> bytes | None:
        found = newest(archive.copies("https://example.org/x"), before)
        return archive.read(found.location).body if found else None

    assert body(None) == b"5"
    assert body(WHEN.replace(month=4, day=2)) == b"4"
    assert body(WHEN.replace(month=3)) is None


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    with archive.writer("a.warc.gz") as writer:
        for n in range(30):
            writer.write(response(str(n), str(n).encode() + bytes(2_000_000)))
    tracemalloc.start()
    try:
        assert all(not one.problems for one in check(archive))
        assert archive.rebuild_index() == 30
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10_000_000  # 60 MB of pages were read
