"""The last look for troubles, kept for a while: the health route is open to everybody."""

from __future__ import annotations

import threading
import time

from wirewatch.records import Trouble, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.troubles.looking import look

KEPT = 30.0  # seconds: a look is some twenty requests
PATIENCE = 5  # seconds for each: who asks whether it works wants to know soon


class Looks:
    """One look at a time, for all who ask meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[Trouble, ...] = ()
        self._at: float | None = None

    def get(self, store: Store, settings: Settings) -> tuple[Trouble, ...]:
        """The troubles of the last look, or of one made now where that is old."""
        if self._fresh() or (self._at is not None and self._lock.locked()):
            return self._found
        with self._lock:
            if not self._fresh():
                patient = Store(store.es.options(request_timeout=PATIENCE), settings)
                self._found = tuple(look(patient, settings, utc_now()))
                self._at = time.monotonic()
            return self._found

    def _fresh(self) -> bool:
        return self._at is not None and time.monotonic() - self._at < KEPT
