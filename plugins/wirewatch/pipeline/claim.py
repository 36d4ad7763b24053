"""Claim due pages for a run, and spread them over batches by host."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from wirewatch.batches import Batches, file_name
from wirewatch.records import Batch, Page, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

MANIFEST = "claimed"  # written last: where it is, the run's claim is whole


def claim(settings: Settings, run: str) -> list[Batch]:
    """Leases due pages to the run; returns its batches, each host in one of them.

    Called again it returns the same batches: what was handed out is not shuffled.
    """
    batches = Batches(settings.state)
    manifest = file_name(run, MANIFEST, 0)
    if batches.exists(manifest):
        return list(batches.read(manifest, Batch))
    with connect(settings, prepare=False) as store:
        pages = store.pages.claim(
            run, utc_now(), lease=settings["run.lease"], limit=settings["run.pages"]
        )
    made = []
    for partition, part in sorted(by_host(pages, settings["run.partitions"]).items()):
        file = file_name(run, "claim", partition)
        part.sort(key=lambda page: (page.discovered, page.id))
        count = batches.write(file, part)
        made.append(
            Batch(run=run, stage="claim", partition=partition, file=file, taken=count, passed=count)
        )
    batches.write(manifest, made)
    return made


def by_host(pages: Sequence[Page], partitions: int) -> dict[int, list[Page]]:
    """The pages by partition.

    A host belongs to one of them, so politeness needs no coordination between tasks.
    """
    parts: dict[int, list[Page]] = {}
    for page in pages:
        parts.setdefault(zlib.crc32(page.host.encode()) % partitions, []).append(page)
    return parts
