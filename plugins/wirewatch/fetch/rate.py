"""How fast a host is asked: one request at a time, with a pause; hosts never block one another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

FOLLOW = 2.0  # a host that takes t seconds to answer is left alone for twice that: it is busy
SLOWEST = 30.0  # seconds: a pause never grows longer than this by slowness alone


class Busy(Exception):
    """The host may not be asked for longer than the caller will wait; ``seconds`` says how long."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds = seconds
        self.why = why
        super().__init__(f"{why}; next in {seconds:.0f} s")


@dataclass
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0  # time.monotonic() from which it may be asked again
    crawl_delay: float = 0.0
    why: str = ""  # what asked for the pause


class Hosts:
    """The pace of each host in this run."""

    def __init__(self, delay: float, patience: float) -> None:
        self._delay = delay  # seconds between the end of an answer and the next request, at least
        self._patience = patience  # seconds a request waits for its turn at the most
        self._hosts: dict[str, _Host] = {}

    def _of(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Waits until the host may be asked and holds it until the answer is read.

        Raises Busy when its pause is longer than the patience.
        """
        state = self._of(host)
        async with state.lock:
            wait = state.next_at - time.monotonic()
            if wait > self._patience:
                raise Busy(wait, state.why or f"{host} is asked once in {self._delay:g} s")
            if wait > 0:
                await asyncio.sleep(wait)
            yield

    def slow_down(self, host: str, crawl_delay: float) -> None:
        """Takes the pause that the host's robots.txt asks for."""
        self._of(host).crawl_delay = crawl_delay

    def answered(self, host: str, elapsed: float) -> None:
        """Starts the pause after an answer that took ``elapsed`` seconds."""
        state = self._of(host)
        pause = max(self._delay, state.crawl_delay, min(elapsed * FOLLOW, SLOWEST))
        if self._delay == 0 and state.crawl_delay == 0:
            pause = 0.0  # an operator who sets no delay at all means it: loopback, tests
        state.why = (
            f"robots.txt of {host} asks for {state.crawl_delay:g} s between requests"
            if state.crawl_delay and pause == state.crawl_delay
            else ""
        )
        state.next_at = max(state.next_at, time.monotonic() + pause)

    def hold(self, host: str, seconds: float, why: str) -> None:
        """Leaves the host alone for so long: its Retry-After, to the second."""
        state = self._of(host)
        state.next_at = max(state.next_at, time.monotonic() + seconds)
        state.why = why
