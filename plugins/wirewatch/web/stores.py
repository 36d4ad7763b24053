"""The store, opened when it is first needed."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Store, Unavailable, connect

WAIT = 10.0  # seconds a request waits while another one connects to Elasticsearch
PAUSE = 2.0  # seconds in which a failed connection is not tried again


class Stores:
    """The store, opened at the first request that needs it and again after a failure.

    So the app starts before Elasticsearch does, and one mounted in another app (where nobody runs
    its lifespan) works as well.
    """

    def __init__(self, settings: Settings, given: Store | None) -> None:
        self._settings = settings
        self._store = given
        self._opened = ExitStack()
        self._lock = threading.Lock()
        self._failed: Exception | None = None
        self._failed_at = 0.0

    def get(self) -> Store:
        """The store; raises Unavailable or MappingDiffers, at once while it is known to fail."""
        if self._store is not None:
            return self._store
        if not self._lock.acquire(timeout=WAIT):
            raise Unavailable("Elasticsearch has not answered yet: try again in some seconds")
        try:
            if self._store is not None:
                return self._store
            if self._failed is not None and time.monotonic() - self._failed_at < PAUSE:
                raise self._failed
            try:
                self._store = self._opened.enter_context(connect(self._settings))
            except (Unavailable, MappingDiffers) as error:
                self._failed, self._failed_at = error, time.monotonic()
                raise
            return self._store
        finally:
            self._lock.release()

    def close(self) -> None:
        """Closes what was opened here."""
        self._opened.close()
