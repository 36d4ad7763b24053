"""Where a run keeps the bytes it fetched: in the archive, or beside its batch for as long as the
run lasts where a page asks not to be archived.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from wirewatch.archive import Archive, Archived, ArchiveWriter
from wirewatch.batches import FOLDER, Batches, slug
from wirewatch.fetch.answers import Response
from wirewatch.pipeline.places import archive_of
from wirewatch.records import Batch, Location, Page, utc_now
from wirewatch.settings import Settings

FURTHER = ".page"  # in the name of a file of further pages, which are no pages of their own
UNARCHIVED = "unarchived"  # in the name of the files that go when the run ends


class Keeper:
    """``with Keeper(settings, batch) as keeper: held = keeper.write(answer, noarchive=…)``.

    ``further`` is the number of the page of its articles that is kept. Leaving by an exception
    leaves no file.
    """

    def __init__(self, settings: Settings, batch: Batch, further: int = 0) -> None:
        day = f"{utc_now():%Y/%m/%d}"
        number = f"{FURTHER}{further}" if further else ""
        self._name = f"{day}/{slug(batch.run)}-{batch.partition:04d}{number}.warc.gz"
        self._beside = f"{slug(batch.run)}/{UNARCHIVED}-{batch.partition:04d}.warc.gz"
        self._archive = archive_of(settings)
        self._passing = _passing(settings)
        self._stack = ExitStack()
        self._writers: dict[bool, ArchiveWriter] = {}

    def __enter__(self) -> Self:
        self._writers[False] = self._stack.enter_context(self._archive.writer(self._name))
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
            writer = self._stack.enter_context(self._passing.writer(self._beside))
            self._writers[True] = writer
        return writer.write(answer)


def read(settings: Settings, page: Page, held: Location) -> Archived:
    """A page's answer as this run fetched it. Raises ArchiveError where it is gone or damaged."""
    place = _passing(settings) if page.noarchive else archive_of(settings)
    return place.read(held)


def forget(settings: Settings, run: str) -> None:
    """Deletes what was kept beside the run's batches: it has done its work."""
    Batches(settings.state).remove(run, UNARCHIVED)


def _passing(settings: Settings) -> Archive:
    return Archive(f"{settings.state}/{FOLDER}")
