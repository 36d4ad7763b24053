"""The files of the fingerprint index: immutable sorted segments, a directory a day.

A segment is one file: a line of JSON (its header), then three arrays on 64-byte boundaries:
``hashes`` (uint32, ascending), ``ordinals`` (uint32, the row of the story that left the hash) and
``stories`` (:data:`STORY`, one row a story). It is written to a temporary name, synced and renamed,
so a reader sees it whole or not at all, and it is never changed afterwards. Whoever opens it
compares its checksum once: changed hashes or ordinals would miss copies in silence.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import xxhash
from numpy.typing import NDArray

from wirewatch.batches import unwritable
from wirewatch.records import Record, from_json, replace

SUFFIX = ".seg"
TEMPORARY = ".tmp"
VERSION = 2  # 1: the checksum is of the arrays alone
ALIGN = 64  # bytes: a cache line, and enough for any array type
ID_BYTES = 12  # a stable id's 24 hex digits

# One story: its id, its time in seconds since 1970, how many fingerprints it left, and which of
# the header's sources wrote it. 24 bytes.
STORY = np.dtype([("id", "V12"), ("time", "<i8"), ("prints", "<u2"), ("source", "<u2")])
MAX_PRINTS = 0xFFFF  # of one story; TEXT_LIMIT characters leave some 8,000
MAX_SOURCES = 0xFFFF  # batches merged into one segment


class Source(Record, frozen=True, kw_only=True, array_like=True):
    """The batch of a run that wrote some of a segment's stories."""

    run: str
    batch: str


class Header(Record, frozen=True, kw_only=True):
    """What a segment says of itself."""

    version: int
    sources: tuple[Source, ...]
    replaces: tuple[str, ...]  # files this one was merged from: ignored where it is present
    entries: int
    stories: int
    first: int  # seconds since 1970: the earliest story's time
    last: int
    checksum: str = ""  # xxh3-64 of this header without its checksum, and of the three arrays


class Damaged(ValueError):
    """A file that is no whole segment; the message names it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The arrays of a segment, in memory or mapped."""

    hashes: NDArray[np.uint32]
    ordinals: NDArray[np.uint32]
    stories: NDArray[np.void]  # of STORY

    @property
    def ids(self) -> list[str]:
        """The story ids, by row."""
        return unpack_ids(self.stories["id"])


@dataclass(frozen=True, slots=True)
class Segment:
    """An open segment file."""

    path: Path
    header: Header
    rows: Rows

    def rows_of(self, run: str, batch: str) -> NDArray[np.bool_] | None:
        """Which stories a run's batch wrote; None when it wrote none of this segment."""
        wanted = Source(run=run, batch=batch)
        mine = [row for row, source in enumerate(self.header.sources) if source == wanted]
        return np.isin(self.rows.stories["source"], mine) if mine else None


def pack_ids(ids: Sequence[str]) -> NDArray[np.void]:
    """Story ids as rows of 12 bytes. Raises ValueError for what is no 24-digit hexadecimal id."""
    joined = "".join(ids)
    if any(len(one) != 2 * ID_BYTES for one in ids):
        raise ValueError("a story id is 24 hexadecimal digits (records.stable_id)")
    return np.frombuffer(bytes.fromhex(joined), "V12")


def unpack_ids(packed: NDArray[np.void]) -> list[str]:
    """The story ids of rows of 12 bytes."""
    joined = np.ascontiguousarray(packed).tobytes().hex()
    return [joined[at : at + 2 * ID_BYTES] for at in range(0, len(joined), 2 * ID_BYTES)]


def build_rows(
    ids: Sequence[str], times: Sequence[int], prints: Sequence[NDArray[np.uint32]]
) -> Rows:
    """The sorted arrays of a batch. Shapes: one id, one time and one array of prints a story."""
    prints = [one[:MAX_PRINTS] for one in prints]
    counts = np.array([len(one) for one in prints], np.int64)
    hashes = np.concatenate(prints) if prints else np.zeros(0, np.uint32)
    ordinals = np.repeat(np.arange(len(prints), dtype=np.uint32), counts)
    order = np.argsort(hashes, kind="stable")
    stories = np.zeros(len(prints), STORY)
    if len(prints):
        stories["id"] = pack_ids(ids)
        stories["time"] = times
        stories["prints"] = counts
    return Rows(hashes[order], ordinals[order], stories)


def write_segment(
    path: Path, rows: Rows, sources: Sequence[Source], replaces: Sequence[str] = ()
) -> Header:
    """Write a segment whole: to a temporary name, synced, renamed over ``path``."""
    times = rows.stories["time"]
    parts = [rows.hashes.tobytes(), rows.ordinals.tobytes(), rows.stories.tobytes()]
    plain = Header(
        version=VERSION,
        sources=tuple(sources),
        replaces=tuple(replaces),
        entries=len(rows.hashes),
        stories=len(rows.stories),
        first=int(times.min()) if len(times) else 0,
        last=int(times.max()) if len(times) else 0,
    )
    header = replace(plain, checksum=_checksum(plain, rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    line = msgspec.json.encode(header)
    pieces = [line + b" " * (-(len(line) + 1) % ALIGN) + b"\n"]
    pieces += [part + bytes(-len(part) % ALIGN) for part in parts]
    write_whole(path, pieces)
    return header


def _checksum(header: Header, rows: Rows) -> str:
    digest = xxhash.xxh3_64()
    if header.version > 1:
        digest.update(msgspec.json.encode(replace(header, checksum="")))
    for part in (rows.hashes, rows.ordinals, rows.stories):
        digest.update(np.ascontiguousarray(part).view(np.uint8).data)
    return digest.hexdigest()


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes a file: to a temporary name, synced, renamed. An error leaves what was there."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError as error:
        raise unwritable(str(path), error) from error
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself must survive a power cut
    finally:
        os.close(folder)


def read_header(path: Path) -> tuple[Header, int]:
    """A segment's header and the offset of its arrays. Raises Damaged."""
    with path.open("rb") as file:
        line = file.readline(1 << 24)
    try:
        header = from_json(Header, line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged(f"{path}: no segment header: {error}") from None
    if not 1 <= header.version <= VERSION:
        raise Damaged(f"{path}: version {header.version}, this code reads 1 to {VERSION}")
    return header, len(line)


def _spans(header: Header, at: int) -> Iterator[tuple[int, int]]:
    for size in (4 * header.entries, 4 * header.entries, STORY.itemsize * header.stories):
        yield at, size
        at += size + (-size % ALIGN)


def open_segment(path: Path) -> Segment:
    """The segment, memory-mapped. Raises Damaged when it is cut short, changed or no segment."""
    header, at = read_header(path)
    spans = list(_spans(header, at))
    if path.stat().st_size < spans[-1][0] + spans[-1][1]:
        raise Damaged(f"{path}: cut short at {path.stat().st_size} bytes")
    mapped = np.memmap(path, np.uint8, "r")
    plain = mapped.view(np.ndarray)  # memmap's own slicing is several times slower
    arrays = [plain[start : start + size] for start, size in spans]
    rows = Rows(arrays[0].view("<u4"), arrays[1].view("<u4"), arrays[2].view(STORY))
    if _checksum(header, rows) != header.checksum:
        raise Damaged(f"{path}: changed since it was written: its checksum differs")
    return Segment(path, header, rows)


def merge_rows(segments: Sequence[Segment]) -> tuple[Rows, list[Source]]:
    """The arrays of several segments as one, oldest first; the last story of an id wins."""
    sources: list[Source] = []
    stories: list[NDArray[np.void]] = []
    for segment in segments:
        table = segment.rows.stories.copy()
        table["source"] += len(sources)
        sources += segment.header.sources
        stories.append(table)
    table = np.concatenate(stories)
    # np.unique takes the first of equals, so the tables are looked at from the end.
    _, from_end = np.unique(table["id"][::-1].copy().view("S12"), return_index=True)
    keep = np.zeros(len(table), bool)
    keep[len(table) - 1 - from_end] = True
    renumbered = np.cumsum(keep) - 1
    offset = 0
    hashes, ordinals = [], []
    for segment in segments:
        rows = segment.rows
        old = rows.ordinals.astype(np.int64) + offset
        kept = keep[old]
        hashes.append(rows.hashes[kept])
        ordinals.append(renumbered[old[kept]].astype(np.uint32))
        offset += len(rows.stories)
    every = np.concatenate(hashes)
    order = np.argsort(every, kind="stable")
    return Rows(every[order], np.concatenate(ordinals)[order], table[keep]), sources
