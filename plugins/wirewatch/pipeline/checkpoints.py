"""What a run has finished already, kept beside its batches."""

from __future__ import annotations

from collections.abc import Callable

from wirewatch.batches import Batches, file_name
from wirewatch.records import Batch
from wirewatch.settings import Settings


class Checkpoints:
    """The finished calls of a run's stages, and the batches that they gave."""

    def __init__(self, settings: Settings, run: str) -> None:
        self._run = run
        self._batches = Batches(settings.state)

    def once(self, stage: str, call: Callable[[], list[Batch]], partition: int = 0) -> list[Batch]:
        """The batches of a stage's call: as they were kept, else by calling it, and kept then."""
        file = file_name(self._run, f"{stage}-done", partition)
        if not self._batches.exists(file):
            self._batches.write(file, call())
        return list(self._batches.read(file, Batch))
