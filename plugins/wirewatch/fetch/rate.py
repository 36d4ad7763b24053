"""How fast a host is asked: one request at a time, with a pause; hosts never block one another."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

FOLLOW = 2.0  # a host that takes t seconds to answer is left alone for twice that: it is busy
SLOWEST = 30.0  # seconds: a pause never grows longer than this by slowness alone


class Busy(Exception):
    """The host may not be asked for longer than the caller will wait; ``seconds`` says how long."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds = seconds
        self.why = why
        super().__init__(f"{why}; next in {seconds:.0f} s")


class Pace:
    """One host's turn: ``async with pace:`` waits for it and holds it until the answer is read.

    Entering raises Busy when the pause is longer than the patience.
    """

    __slots__ = (
        "_delay",
        "_host",
        "_lock",
        "_next_at",
        "_patience",
        "_spent",
        "_why",
        "answers",
        "crawl_delay",
    )

    def __init__(self, host: str, delay: float, patience: float) -> None:
        self._host = host
        self._delay = delay
        self._patience = patience
        self._lock = asyncio.Lock()
        self._next_at = 0.0  # time.monotonic() from which the host may be asked again
        self._spent = 0.0  # seconds of all answers, with their pauses
        self.answers = 0
        self._why = ""  # what asked for the pause
        self.crawl_delay = 0.0  # seconds that its robots.txt asks for

    async def __aenter__(self) -> Self:
        await self._lock.acquire()
        try:
            # A loop, for some event loops' timers end up to a millisecond early
            while (wait := self._next_at - time.monotonic()) > 0:
                if wait > self._patience:
                    why = self._why or f"{self._host} is asked once in {self._delay:g} s"
                    raise Busy(wait, why)
                await asyncio.sleep(wait)
        except BaseException:
            self._lock.release()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def answered(self, elapsed: float) -> None:
        """Starts the pause after an answer that took ``elapsed`` seconds."""
        self.answers += 1
        self._spent += elapsed
        if self._delay == 0 and self.crawl_delay == 0:
            return  # an operator who sets no delay at all means it: loopback, tests
        pause = max(self._delay, self.crawl_delay, min(elapsed * FOLLOW, SLOWEST))
        self._spent += pause
        asked = self.crawl_delay and pause == self.crawl_delay
        words = f"robots.txt of {self._host} asks for {pause:g} s between requests" if asked else ""
        self.hold(pause, words)

    @property
    def seconds(self) -> float:
        """What a page took on the average, with the pause after it; 0: none was asked for."""
        return self._spent / self.answers if self.answers else 0.0

    @property
    def pause(self) -> float:
        """Seconds for which the host is not to be asked from now on."""
        return max(0.0, self._next_at - time.monotonic())

    def hold(self, seconds: float, why: str) -> None:
        """Leaves the host alone for so long: its Retry-After, to the second. The longest wins."""
        next_at = time.monotonic() + seconds
        if next_at >= self._next_at:
            self._next_at = next_at
            self._why = why


class Hosts:
    """The pace of each host in this run."""

    def __init__(self, delay: float, patience: float) -> None:
        self._delay = delay  # seconds between the end of an answer and the next request, at least
        self._patience = patience  # seconds a request waits for its turn at the most
        self._paces: dict[str, Pace] = {}

    def of(self, host: str) -> Pace:
        """The pace of a host."""
        pace = self._paces.get(host)
        if pace is None:
            pace = self._paces[host] = Pace(host, self._delay, self._patience)
        return pace
