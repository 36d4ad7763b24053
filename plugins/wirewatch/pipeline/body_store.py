"""Where a run keeps the bytes it fetched: in the archive, or for as long as the run lasts where a
page asks not to be archived.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from types import TracebackType
from typing import Any, Self

import fsspec

from wirewatch.archive import Archive, Archived, ArchiveWriter
from wirewatch.archive.records import FILE
from wirewatch.batches import slug
from wirewatch.fetch.answers import Response
from wirewatch.pipeline.paths import archive_of
from wirewatch.records import Batch, Location, Page, utc_now
from wirewatch.settings import Settings

FURTHER = ".page"  # in the name of a file of further pages, which are no pages of their own
PASSING = "passing"  # the folder, under the state's root, of what goes when its run ends
# A run that was killed and never begun again leaves its file; no run lasts so long.
OLDEST = timedelta(days=1)


class BodyStore:
    """``with BodyStore(settings, batch) as keeper: held = keeper.write(answer, noarchive=…)``.

    ``further`` is the number of the page of its articles that is kept. A file is made when there
    is something for it, beside those of this batch that are there. Leaving by an exception leaves
    no file.
    """

    def __init__(self, settings: Settings, batch: Batch, further: int = 0) -> None:
        number = f"{FURTHER}{further}" if further else ""
        stem = f"{slug(batch.run)}-{batch.partition:04d}{number}"
        self._places = {  # by whether the page asks not to be archived
            False: (archive_of(settings), f"{utc_now():%Y/%m/%d}/{stem}"),
            True: (_passing(settings), f"{slug(batch.run)}/{batch.partition:04d}{number}"),
        }
        self._stack = ExitStack()
        self._writers: dict[bool, ArchiveWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def write(self, answer: Response, *, noarchive: bool) -> Location:
        """Keeps an answer; where :func:`read` finds it."""
        writer = self._writers.get(noarchive)
        if writer is None:
            archive, stem = self._places[noarchive]
            writer = self._stack.enter_context(archive.writer(_free(archive, stem)))
            self._writers[noarchive] = writer
        return writer.write(answer)

    def close(self) -> None:
        """Makes what was written whole; what is written after that goes into further files."""
        self._writers.clear()
        self._stack.close()


def _free(archive: Archive, stem: str) -> str:
    """The name of a file that is not there yet: pages refer to those of a try before a kill."""
    for number in count():
        name = f"{stem}.{number}{FILE}" if number else f"{stem}{FILE}"
        if not archive.has(name):
            return name
    raise AssertionError("numbers do not end")


def partition_of(name: str) -> str:
    """Which batch of its run wrote an archive's file; several files are of one batch."""
    return name.removesuffix(FILE).rpartition("-")[2].partition(".")[0]


def exists(settings: Settings, page: Page, held: Location) -> bool:
    """Whether the file is there that a page's answer was kept in."""
    place = _passing(settings) if page.noarchive else archive_of(settings)
    return place.exists(held)


def read(settings: Settings, page: Page, held: Location) -> Archived:
    """A page's answer as this run fetched it. Raises ArchiveError where it is gone or damaged."""
    place = _passing(settings) if page.noarchive else archive_of(settings)
    return place.read(held)


def forget(settings: Settings, run: str, now: datetime) -> None:
    """Deletes what was kept for this run alone, and what older runs left: it has done its work."""
    fs, root = fsspec.core.url_to_fs(f"{settings.state}/{PASSING}")
    if not fs.exists(root):
        return
    own = f"{root.rstrip('/')}/{slug(run)}/"
    for path in fs.find(root):
        if path.startswith(own) or now - _written(fs, path) > OLDEST:
            fs.rm(path)


def _written(fs: Any, path: str) -> datetime:
    written: datetime = fs.modified(path)
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def _passing(settings: Settings) -> Archive:
    return Archive(f"{settings.state}/{PASSING}")
