"""The fingerprint index: which stories of the last days left a hash.

Under its root lies a directory a day (the day a run worked, not the day a story was published, so
that an old story that comes late is compared too), in it the segments of that day's batches. One
task of one run writes; any worker reads. Eight segments of a size are merged into one. A kill at
any moment leaves the old files or the new, never both counted: a merged segment names what it
replaces by name and checksum, and readers pass over what is replaced.

The manifest names the files that must be there. It is written after what it names, and before what
it names no more is deleted: a kill loses no file of it. A root of an earlier version has none, and
gets one when it is next written to.

The root is a folder or an fsspec URL. Segments of a remote root are copied to a local folder
before they are mapped.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import fsspec
import msgspec
import numpy as np
import xxhash
from numpy.typing import NDArray

from wirewatch.dedup.segments import (
    MAX_SOURCES,
    SUFFIX,
    TEMPORARY,
    Damaged,
    Segment,
    Source,
    build_rows,
    merge_rows,
    open_segment,
    write_segment,
    write_whole,
)
from wirewatch.records import Record, stable_id

MANIFEST = "manifest.json"  # the paths of segments below the root
REMEDY = "make the index anew with 'wirewatch dedup rebuild'"
LISTINGS = 5  # of the root, while another worker changes what is there
FANOUT = 8  # segments of one size before they become one
# Entries of a merged segment: 270 MB on disk, 700 MB of memory while merging. Larger ones stay.
MERGE_LIMIT = 1 << 25


class IndexState(Record, frozen=True, kw_only=True):
    """What is in the index."""

    days: int
    segments: int
    stories: int  # rows; a story fetched again has one for each time until segments are merged
    entries: int
    bytes: int
    first: str = ""  # the oldest day, ISO 8601
    last: str = ""


class FingerprintIndex:
    """An open index.

    ``root``: folder or fsspec URL. ``cache``: the local folder for copies of a remote root's
    segments; a folder in the system's temporary directory, named after the root, when empty.
    """

    def __init__(self, root: str, cache: str = "") -> None:
        self._remote: _Remote | None = None
        if "://" in root and not root.startswith("file://"):
            folder = Path(cache) if cache else Path(tempfile.gettempdir()) / "wirewatch-segments"
            self.folder = folder / stable_id("root", root)
            self._remote = _Remote(root, self.folder)
        else:
            self.folder = Path(root.removeprefix("file://"))
        self._open: dict[Path, tuple[tuple[int, int], Segment]] = {}
        self.segments: tuple[Segment, ...] = ()
        self.damaged: tuple[str, ...] = ()
        self.refresh()

    def refresh(self) -> None:
        """See what other workers have written since; ``segments`` is then oldest first.

        A file that is damaged or missing is passed over and named in ``damaged``.
        """
        for _ in range(LISTINGS):
            named = self._manifest()
            self._list(named)
            if named == self._manifest():
                return

    def never_written(self) -> bool:
        """Whether nothing was ever written here, or all of it is gone with its manifest."""
        return not self.segments and not self.damaged and self._manifest() is None

    def must_be_whole(self) -> None:
        """Raises Damaged, with what to do, where a file is damaged or missing."""
        if self.damaged:
            raise Damaged(f"the fingerprint index: {'; '.join(self.damaged)}: {REMEDY}")

    def _manifest(self) -> set[str] | None:
        """The paths that must be there; None where no manifest says so."""
        try:
            written = (
                self._remote.read(MANIFEST)
                if self._remote
                else (self.folder / MANIFEST).read_bytes()
            )
            return set(msgspec.json.decode(written, type=list[str]))
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {MANIFEST}  # of which there is no readable one

    def _list(self, named: set[str] | None) -> None:
        if self._remote:
            self._remote.fetch()
        opened: dict[Path, tuple[tuple[int, int], Segment]] = {}
        damaged = []
        for path in sorted(self.folder.glob(f"*/*{SUFFIX}")):
            try:
                stat = path.stat()
                key = (stat.st_ino, stat.st_mtime_ns)
                known = self._open.get(path)
                same = known is not None and known[0] == key
                opened[path] = known if known and same else (key, open_segment(path))
            except FileNotFoundError:
                continue  # merged by the writer since the listing; the merged file is listed later
            except Damaged as error:
                damaged.append(str(error))
        there = {self._name(path) for path in self.files()}
        damaged += [
            f"{self.folder / name}: it is missing, or cannot be read"
            for name in sorted((named or set()) - there)
        ]
        replaced = {
            (path.parent, name)
            for path, (_, segment) in opened.items()
            for name in segment.header.replaces
        }
        self._open = opened
        self.segments = tuple(
            segment
            for path, (_, segment) in opened.items()
            if (path.parent, _mark(segment)) not in replaced
        )
        self.damaged = tuple(damaged)

    def write(
        self,
        run: str,
        batch: str,
        ids: Sequence[str],
        times: Sequence[int],
        prints: Sequence[NDArray[np.uint32]],
        now: datetime,
    ) -> Path:
        """Add a batch of stories, in place of what the same run wrote for the same batch.

        ``times`` are seconds since 1970; ``prints`` as fingerprint.fingerprints gives them. Returns
        the segment's file.
        """
        name = f"b{stable_id('segment', run, batch)}{SUFFIX}"
        path = self.folder / now.date().isoformat() / name
        write_segment(path, build_rows(ids, times, prints), [Source(run=run, batch=batch)])
        if self._remote:
            self._remote.put(path)
        # The same batch before midnight.
        self.remove(other for other in self.folder.glob(f"*/{name}") if other != path)
        return path

    def merge(self, today: date) -> int:
        """Merge what has piled up; returns how many segments were written.

        Segments of one day and size are merged by eights; a day that is over becomes one segment.
        """
        self._sweep()
        written = 0
        while group := self._pile(today):
            rows, sources = merge_rows(group)
            marks = [_mark(segment) for segment in group]
            folder = group[0].path.parent
            path = folder / f"m{stable_id('merged', *marks)}{SUFFIX}"
            write_segment(path, rows, sources, marks)
            if self._remote:
                self._remote.put(path)
            self.remove(segment.path for segment in group)
            written += 1
        return written

    def _pile(self, today: date) -> list[Segment]:
        days: dict[Path, list[Segment]] = {}
        for segment in self.segments:
            days.setdefault(segment.path.parent, []).append(segment)
        for folder, segments in sorted(days.items()):
            sizes: dict[int, list[Segment]] = {}
            over = folder.name < today.isoformat()
            # Oldest first, so that of a story fetched again the newer fingerprints are kept.
            for segment in sorted(segments, key=lambda one: one.path.stat().st_mtime_ns):
                size = 0 if over else max(segment.header.entries, 1).bit_length() // 3
                sizes.setdefault(size, []).append(segment)
            for pile in sizes.values():
                enough = len(pile) >= (2 if over else FANOUT)
                entries = sum(segment.header.entries for segment in pile)
                sources = sum(len(segment.header.sources) for segment in pile)
                if enough and entries <= MERGE_LIMIT and sources <= MAX_SOURCES:
                    return pile
        return []

    def _sweep(self) -> None:
        """Remove what a killed writer left: temporary files and segments already merged."""
        live = {segment.path for segment in self.segments}
        if merged := self._open.keys() - live:
            self.remove(merged)
        for path in self.folder.glob(f"*/*{TEMPORARY}"):
            path.unlink(missing_ok=True)

    def files(self) -> set[Path]:
        """The segment files that are there, damaged ones too."""
        return set(self.folder.glob(f"*/*{SUFFIX}"))

    def named(self) -> set[Path]:
        """The segment files that are or should be there."""
        return self.files() | {
            self.folder / name for name in self._manifest() or () if name != MANIFEST
        }

    def remove(self, files: Iterable[Path]) -> None:
        """Delete files: the manifest names them no more, but all others that are there."""
        gone = set(files)
        written = msgspec.json.encode(sorted(map(self._name, self.named() - gone)))
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / MANIFEST, [written])
        if self._remote:
            self._remote.put(self.folder / MANIFEST, MANIFEST)
        for path in gone:
            if self._remote:
                self._remote.remove(path)
            path.unlink(missing_ok=True)
        self.refresh()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def expire(self, before: date) -> int:
        """Delete the days before a date; returns how many."""
        days = self.folder.glob("????-??-??")
        over = [folder for folder in days if folder.name < before.isoformat()]
        if over:
            self.remove(path for folder in over for path in folder.iterdir())
        for folder in over:
            folder.rmdir()
        return len(over)

    def clear(self) -> None:
        """Delete every day."""
        self.expire(date.max)

    def check(self) -> list[str]:
        """Read every segment anew; a line for each that is damaged or missing."""
        self._open = {}
        self.refresh()
        return list(self.damaged)

    def state(self) -> IndexState:
        """Counts and sizes of what readers see."""
        days = sorted({segment.path.parent.name for segment in self.segments})
        return IndexState(
            days=len(days),
            segments=len(self.segments),
            stories=sum(segment.header.stories for segment in self.segments),
            entries=sum(segment.header.entries for segment in self.segments),
            bytes=sum(segment.path.stat().st_size for segment in self.segments),
            first=days[0] if days else "",
            last=days[-1] if days else "",
        )


def _mark(segment: Segment) -> str:
    # The checksum too: a run that is run again may write other rows under the same name.
    return f"{segment.path.name}:{segment.header.checksum}"


class _Remote:
    """The root on an fsspec file system, mirrored into a local folder."""

    def __init__(self, root: str, folder: Path) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(root)
        self._folder = folder
        self._seen: dict[str, str] = {}

    def fetch(self) -> None:
        self._fs.invalidate_cache()
        listed = self._fs.find(self._root, detail=True) if self._fs.exists(self._root) else {}
        here = set()
        for remote, about in listed.items():
            if not remote.endswith(SUFFIX):
                continue
            day, name = remote.split("/")[-2:]
            path = self._folder / day / name
            here.add(path)
            # Whatever the store tells of a version; a rerun may write other bytes of equal length.
            facts = [about.get(key) for key in ("size", "ETag", "etag", "mtime", "LastModified")]
            version = xxhash.xxh3_64_hexdigest(repr([*facts, about.get("created")]).encode())
            stamp = path.with_suffix(".version")
            if path.exists() and stamp.exists() and stamp.read_text() == version:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f"{name}.get{TEMPORARY}")
            self._fs.get_file(remote, str(partial))
            partial.replace(path)
            stamp.write_text(version)
        for path in self._folder.glob(f"*/*{SUFFIX}"):
            if path not in here:
                path.unlink(missing_ok=True)
                path.with_suffix(".version").unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        self._fs.invalidate_cache()
        written: bytes = self._fs.cat_file(f"{self._root}/{name}")
        return written

    def put(self, path: Path, name: str = "") -> None:
        target = f"{self._root}/{name or f'{path.parent.name}/{path.name}'}"
        self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._fs.put_file(str(path), target)

    def remove(self, path: Path) -> None:
        if path.name.endswith(SUFFIX):
            remote = f"{self._root}/{path.parent.name}/{path.name}"
            if self._fs.exists(remote):
                self._fs.rm_file(remote)
