"""Whether the archive's files are whole, what their digests say, and what does not belong."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.archive import scan
from wirewatch.archive.files import Archive, original_of
from wirewatch.archive.records import FILE, INDEX, Indexed
from wirewatch.records import Record

NAMED = 20  # problems kept of a file; one that is broken throughout has as many as pages


class FileCheck(Record, frozen=True, kw_only=True):
    """What checking one file came to."""

    file: str
    pages: int = 0
    problems: tuple[str, ...] = ()
    more: int = 0  # problems beyond those kept


def check(archive: Archive) -> Iterator[FileCheck]:
    """Every file, one after another: WARC files with their indexes, and what is neither.

    Each record is read whole and its digests compared; a repeated body must be where its record
    says; the index must list what the file holds.
    """
    names = archive.names()
    there = set(names)
    for name in names:
        if name.endswith(FILE) and not name.rpartition("/")[2].startswith("."):
            yield _check(archive, name, there)
        elif not name.endswith(INDEX):
            yield FileCheck(file=name, problems=(f"{name}: neither a WARC file nor an index",))
        elif name.removesuffix(INDEX) + FILE not in there:
            yield FileCheck(file=name, problems=(f"{name}: the file that it lists is gone",))


def _check(archive: Archive, name: str, there: set[str]) -> FileCheck:
    problems: list[str] = []
    rows: list[Indexed] = []
    bodies: dict[int, str] = {}  # digests of whole bodies by offset
    with archive.open(name) as file:
        for row, record in scan.pages(file, name, problems.append, verify=True):
            rows.append(row)
            if record.rec_type == "response":
                bodies[row.location.offset] = row.digest
                continue
            place = original_of(record)
            if place is None or place.file != name or bodies.get(place.offset) != row.digest:
                problems.append(
                    f"{name} at {row.location.offset:,}: the body it refers to is not there"
                )
    index = name.removesuffix(FILE) + INDEX
    if index not in there:
        problems.append(f"{name}: has no index; see 'wirewatch archive index --rebuild'")
    elif archive.index(index, problems.append) != rows:
        problems.append(f"{index}: does not list what its file holds")
    return FileCheck(
        file=name,
        pages=len(rows),
        problems=tuple(problems[:NAMED]),
        more=max(0, len(problems) - NAMED),
    )
