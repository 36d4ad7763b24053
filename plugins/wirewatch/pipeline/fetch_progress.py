"""What a fetch has done so far, kept in files beside its batch: a kill costs a few seconds."""

from __future__ import annotations

from collections.abc import Sequence

from wirewatch.batches import Batches, file_name
from wirewatch.pipeline import body_store
from wirewatch.pipeline.batch_records import Asked
from wirewatch.records import Batch
from wirewatch.settings import Settings


class FetchProgress:
    """What came of a batch's pages, in one file each few seconds."""

    def __init__(self, settings: Settings, batch: Batch) -> None:
        self._settings = settings
        self._batch = batch
        self._batches = Batches(settings.state)
        self._files = 0
        while self._batches.exists(self._file()):
            self._files += 1

    def _file(self) -> str:
        partition = self._batch.partition
        return file_name(self._batch.run, f"fetch-kept-{partition:04d}", self._files)

    def earlier(self) -> list[Asked]:
        """What earlier tries of the same task kept, but for pages whose bytes went meanwhile."""
        here, self._files = self._files, 0
        asked: list[Asked] = []
        while self._files < here:
            asked += self._batches.read(self._file(), Asked)
            self._files += 1
        return [one for one in asked if self._whole(one)]

    def _whole(self, asked: Asked) -> bool:
        got = asked.fetched
        return (
            got is None or got.held is None or body_store.exists(self._settings, got.page, got.held)
        )

    def keep(self, asked: Sequence[Asked]) -> None:
        """Keeps what came of some pages; their bytes and states are kept before."""
        self._batches.write(self._file(), asked)
        self._files += 1
