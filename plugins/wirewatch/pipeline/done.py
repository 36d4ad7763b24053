"""What a run outside Airflow has finished already; Airflow keeps this by itself."""

from __future__ import annotations

from collections.abc import Callable

from wirewatch.batches import Batches, file_name
from wirewatch.records import Batch
from wirewatch.settings import Settings


class Done:
    """The finished stages of a run, noted beside its batches."""

    def __init__(self, settings: Settings, run: str) -> None:
        self._settings = settings
        self._run = run
        self._batches = Batches(settings.state)

    def once(self, stage: str, call: Callable[[], list[Batch]], partition: int = 0) -> list[Batch]:
        """The stage's batches: as noted, else by the call, and noted then."""
        note = file_name(self._run, f"{stage}-done", partition)
        if not self._batches.exists(note):
            self._batches.write(note, call())
        return list(self._batches.read(note, Batch))

    def batch(self, stage: str, taken: Batch, call: Callable[[Settings, Batch], Batch]) -> Batch:
        """The same for a stage of which each call takes one batch."""
        return self.once(stage, lambda: [call(self._settings, taken)], taken.partition)[0]
