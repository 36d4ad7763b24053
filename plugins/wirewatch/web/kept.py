"""What is costly to make, made anew only when it is old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made last, and until when it is given again.

    One thread makes it anew; the others get what there was meanwhile, or wait for the first one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[T] = []  # one at the most
        self._until = 0.0  # of the monotonic clock

    def get(self, seconds: float, make: Callable[[], T]) -> T:
        """It, made anew where it is older than ``seconds``. Raises what ``make`` raises."""
        if self._made and (time.monotonic() < self._until or self._lock.locked()):
            return self._made[0]
        with self._lock:
            if not self._made or time.monotonic() >= self._until:
                self._made = [make()]
                self._until = time.monotonic() + seconds
            return self._made[0]
