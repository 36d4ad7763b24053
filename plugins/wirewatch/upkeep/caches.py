"""What is kept to be quick: deduplication's fingerprints and the answers for robots.txt."""

from __future__ import annotations

import uuid
from datetime import timedelta

from wirewatch.dedup.deduplicator import KEPT
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.fetch.client import ROBOTS_FILE
from wirewatch.fetch.robots_store import shrink
from wirewatch.pipeline.flow import INGEST
from wirewatch.pipeline.paths import fingerprints_root
from wirewatch.pipeline.turns import Busy, all_of
from wirewatch.upkeep.disk import local_folder
from wirewatch.upkeep.work import Freed, Work


def fingerprints(work: Work) -> Freed:
    """Deletes the days past ``dedup.window_weak``. A run does so too, but none may come.

    The index has one writer: while a run is under way this is left to that.
    """
    window = timedelta(hours=work.settings["dedup.window_weak"])
    before = (work.now - window - KEPT).date()
    index = FingerprintIndex(fingerprints_root(work.settings), work.settings["dedup.cache"])
    days = [one for one in index.segments if one.path.parent.name < before.isoformat()]
    freed = Freed(
        items=len(days),
        unit="files",
        bytes=sum(one.path.stat().st_size for one in days),
        what=f"fingerprints before {before}",
    )
    if work.dry or not days:
        return freed
    try:
        with all_of(work.store, work.settings, [INGEST.kind], f"maintain-{uuid.uuid4().hex[:8]}"):
            index.refresh()
            index.expire(before)
    except Busy:
        return Freed(unit="files", what="left to the run that is under way")
    return freed


def robots(work: Work) -> Freed:
    """Deletes answers that count no more, and gives their room back to the disk."""
    folder = local_folder(work.settings.state)
    if folder is None or not (folder / ROBOTS_FILE).exists():
        return Freed(unit="answers", what="no answers for robots.txt are kept here")
    answers, size = shrink(folder / ROBOTS_FILE, work.now.timestamp(), dry=work.dry)
    return Freed(items=answers, unit="answers", bytes=size, what="outdated answers for robots.txt")
