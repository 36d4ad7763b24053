"""The fingerprint index made anew from the stories, which hold all it knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from wirewatch.dedup.deduplicator import KEPT
from wirewatch.dedup.features import Profile
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.records import Story
from wirewatch.settings import Settings

BATCH = 5_000  # stories of a segment: some 3 MB, and 40 MB of memory while it is made


def rebuild(
    index: FingerprintIndex, stories: Iterable[Story], settings: Settings, *, now: datetime
) -> int:
    """Write the fingerprints of stories first seen in the window; returns how many.

    What was in the index goes only when the new segments are there: killed half-way it answers as
    before, and running it again finishes it. Call it while no run places stories.
    """
    index.refresh()
    old = index.named()
    made: set[Path] = set()
    oldest = (now - timedelta(hours=settings["dedup.window_weak"]) - KEPT).date()
    days: dict[date, list[Story]] = {}
    written = 0

    def flush(day: date) -> None:
        nonlocal written
        batch = days.pop(day)
        texts = [
            Profile(s.article.text, s.article.title, settings["dedup.text_limit"]) for s in batch
        ]
        path = index.write(
            f"rebuild {now.isoformat()}",
            str(written),
            [story.id for story in batch],
            [int(story.time.timestamp()) for story in batch],
            [text.prints for text in texts],
            datetime.combine(day, now.timetz()),
        )
        made.add(path)
        written += len(batch)

    for story in stories:
        day = story.article.first_seen.date()
        if day >= oldest:
            days.setdefault(day, []).append(story)
            if len(days[day]) == BATCH:
                flush(day)
    for day in list(days):
        flush(day)
    index.remove(old - made)
    index.merge(now.date())
    index.expire(oldest)
    return written
