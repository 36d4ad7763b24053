"""Claim pages for a run, and spread them over batches by host."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from wirewatch.batches import Batches
from wirewatch.pipeline.budget import for_first
from wirewatch.records import Batch, Page, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.frontier import Most


def claim(settings: Settings, run: str) -> list[Batch]:
    """Leases due pages to the run; returns its batches, each host in one of them."""
    with connect(settings, prepare=False) as store:
        pages = store.pages.claim(
            run,
            utc_now(),
            lease=settings["run.lease"],
            limit=settings["run.pages"],
            most=_most(settings, store),
        )
    return _batches(settings, run, pages)


def claim_revisits(settings: Settings, run: str) -> list[Batch]:
    """Leases the pages that are to be looked at again; returns batches as :func:`claim` does."""
    with connect(settings, prepare=False) as store:
        pages = store.pages.claim_revisits(
            run,
            utc_now(),
            lease=settings["run.lease"],
            limit=settings["revisit.pages"],
            most=_most(settings, store),
        )
    return _batches(settings, run, pages)


def _most(settings: Settings, store: Store) -> Most:
    """At most what a host can be asked for in the run's time: more would wait under a lease.

    How long it takes over a page, and when it may be asked again, is known from the last time.
    """
    seconds, delay = for_first(settings), settings["fetch.delay"]

    def most(hosts: Sequence[str]) -> dict[str, int]:
        now, known = utc_now(), store.hosts.get(hosts)
        found = {}
        for host in hosts:
            one = known.get(host)
            pause = (one.next_at - now).total_seconds() if one and one.next_at else 0.0
            each = max(delay, one.seconds if one else 0.0)
            if pause >= seconds:
                found[host] = 0
            elif each:
                found[host] = max(1, int((seconds - max(0.0, pause)) / each))
        return found

    return most


def _batches(settings: Settings, run: str, pages: Sequence[Page]) -> list[Batch]:
    """The pages in batches.

    A host belongs to one of them, so they need not wait for one another but where pages redirect.
    """
    parts: dict[int, list[Page]] = {}
    for page in pages:
        partition = zlib.crc32(page.host.encode()) % settings["run.partitions"]
        parts.setdefault(partition, []).append(page)
    for part in parts.values():
        part.sort(key=lambda page: (page.discovered, page.id))
    batches = Batches(settings.state)
    return [
        batches.hand_on(run, "claim", partition, part) for partition, part in sorted(parts.items())
    ]
