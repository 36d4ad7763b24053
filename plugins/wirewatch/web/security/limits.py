"""How often who asks may ask: a bucket of tokens each, in this process's memory."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

REMEMBERED = 10_000  # buckets; the one unused for longest goes, and that one is full again

Clock = Callable[[], float]  # seconds, as time.monotonic


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to somebody after a request."""

    allowed: bool
    limit: int  # requests a minute
    left: int
    wait: float  # seconds until one more is allowed; 0: now
    full: float  # seconds until all are

    def headers(self) -> dict[str, str]:
        """As headers of an answer (draft-ietf-httpapi-ratelimit-headers, revision 6)."""
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(math.ceil(self.full)),
        }
        if not self.allowed:
            headers["Retry-After"] = str(max(1, math.ceil(self.wait)))
        return headers


class Limiter:
    """Token buckets: ``rate`` requests a minute in the long run, ``burst`` at once.

    Each process counts for itself: behind several, a key has as many times its rate.
    """

    def __init__(self, rate: int, burst: int, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when

    def take(self, who: str, rate: int = 0) -> Allowance:
        """Counts one request of ``who``; ``rate`` is of its own, 0 the usual."""
        rate = rate or self._rate
        burst = min(self._burst, rate)
        per_second = rate / 60
        with self._lock:
            now = self._clock()
            tokens, then = self._buckets.pop(who, (float(burst), now))
            tokens = min(burst, tokens + (now - then) * per_second)
            allowed = tokens >= 1
            if allowed:
                tokens -= 1
            self._buckets[who] = (tokens, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / per_second
        return Allowance(allowed, rate, int(tokens), wait, (burst - tokens) / per_second)
