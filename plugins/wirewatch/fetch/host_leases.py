"""A client's leases of hosts: no two clients ask one host at once, wherever they run.

A lease is taken when a host is first asked, be it for a page, a feed, a robots.txt or a redirect,
and given back when the host was not asked for a moment. Hosts are taken and given back in bulk.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from wirewatch import holders
from wirewatch.fetch.failures import Failed
from wirewatch.fetch.rate import Hosts
from wirewatch.records import Host, Reason, utc_now

GATHERED = 0.02  # seconds in which hosts are gathered for one request: a run begins with all of its
AGAIN = 1.0  # seconds between two tries for a host that another client has
IDLE = 1.0  # seconds without a request after which a host is given back: others may wait for it
SPARE = 30.0  # seconds that a lease outlasts the client's deadline, for what is then read and saved


class HostStore(Protocol):
    """Where leases are kept; see ``wirewatch.store.hosts``."""

    def take(
        self, hosts: Sequence[str], holder: str, seconds: float, dead: Iterable[str] = ()
    ) -> dict[str, Host]:
        """Leases what is free; all of the hosts as they stand then."""

    def release(self, pauses: Mapping[str, tuple[float, float]], holder: str) -> None:
        """Gives hosts back, with their pause and the seconds a page takes."""


@dataclass(slots=True)
class _Lease:
    patient_until: float  # time.monotonic() until which it is tried for
    decided: asyncio.Event = field(default_factory=asyncio.Event)  # taken, or given up
    taken: bool = False
    users: int = 0  # requests that have it or wait for it
    since: float = 0.0  # time.monotonic() from which nobody uses it
    try_at: float = 0.0  # time.monotonic() of the next try


class HostLeases:
    """``async with HostLeases(…) as leases: async with leases.of(host): …``."""

    def __init__(self, store: HostStore, paces: Hosts, deadline: float, patience: float) -> None:
        self._store = store
        self._paces = paces
        self._deadline = deadline  # time.monotonic() after which the client asks nobody
        self._patience = patience  # seconds a request waits for a host that another client has
        self._holder = f"{holders.this_process()}|{secrets.token_hex(4)}"
        self._leases: dict[str, _Lease] = {}
        self._wake = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    def start(self) -> None:
        """Begins to take hosts and to give them back."""
        self._work = asyncio.create_task(self._serve())

    async def close(self) -> None:
        """Gives all hosts back. Raises what went wrong with the leases meanwhile."""
        if self._work is not None:
            work, self._work = self._work, None
            self._wake.set()
            await work
        if self._error is not None:
            raise self._error
        taken = [host for host, lease in self._leases.items() if lease.taken]
        await asyncio.to_thread(self._release, taken)

    @asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[None]:
        """Holds the host's lease within the block.

        Raises Failed when another client has the host for too long.
        """
        lease = self._leases.get(host)
        if lease is None:
            lease = self._leases[host] = _Lease(time.monotonic() + self._patience)
            self._wake.set()
        lease.users += 1
        try:
            if not lease.taken and self._error is None:
                await lease.decided.wait()
            if self._error is not None:
                raise self._error
            if not lease.taken:
                words = f"{host} is being asked by another task or command"
                raise Failed(Reason.POSTPONED, words, attempted=False)
            yield
        finally:
            lease.users -= 1
            lease.since = time.monotonic()

    async def _serve(self) -> None:
        while self._work is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._wake.wait()
            self._wake.clear()
            if self._work is None:
                return
            await asyncio.sleep(GATHERED)
            now = time.monotonic()
            idle, wanted = [], []
            for host, lease in list(self._leases.items()):
                if lease.users:
                    if not lease.taken and lease.try_at <= now:
                        lease.try_at = now + AGAIN
                        wanted.append(host)
                elif now - lease.since >= IDLE:
                    del self._leases[host]
                    if lease.taken:
                        idle.append(host)
            try:
                if idle:
                    await asyncio.to_thread(self._release, idle)
                if wanted:
                    self._note(await asyncio.to_thread(self._take, wanted))
            except Exception as error:  # noqa: BLE001 (raised by those who wait for a host)
                self._error = error
                for lease in self._leases.values():
                    lease.decided.set()
                return

    def _take(self, hosts: list[str]) -> dict[str, Host]:
        seconds = max(0.0, self._deadline - time.monotonic()) + SPARE
        found = self._store.take(hosts, self._holder, seconds)
        ended = {
            host: one.holder
            for host, one in found.items()
            if one.holder != self._holder and holders.has_ended(one.holder)
        }
        if ended:
            found |= self._store.take(list(ended), self._holder, seconds, set(ended.values()))
        return found

    def _note(self, found: Mapping[str, Host]) -> None:
        now = utc_now()
        for host, one in found.items():
            lease = self._leases[host]
            if one.holder != self._holder:
                if time.monotonic() >= lease.patient_until:
                    del self._leases[host]  # whoever asks later tries anew
                    lease.decided.set()
                continue
            if one.next_at is not None and one.next_at > now:
                words = f"{host} is not to be asked before {one.next_at:%Y-%m-%d %H:%M:%S}"
                self._paces.of(host).hold((one.next_at - now).total_seconds(), words)
            lease.taken = True
            lease.decided.set()

    def _release(self, hosts: list[str]) -> None:
        if hosts:
            paces = {host: self._paces.of(host) for host in hosts}
            self._store.release(
                {host: (pace.pause, pace.seconds) for host, pace in paces.items()}, self._holder
            )
