"""A text that is made anew only when it is old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Kept:
    """What was made last, and until when it is given again; threads that ask at once wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = b""
        self._until = 0.0  # of the monotonic clock

    def get(self, seconds: float, make: Callable[[], bytes]) -> bytes:
        """The text, made anew where it is older than ``seconds``. Raises what ``make`` raises."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._text = make()
                self._until = time.monotonic() + seconds
            return self._text
