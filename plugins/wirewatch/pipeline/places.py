"""Where things are under the state's root."""

from __future__ import annotations

from wirewatch.archive import Archive
from wirewatch.settings import Settings


def archive_of(settings: Settings) -> Archive:
    """The WARC archive."""
    return Archive(f"{settings.state}/archive")


def fingerprints_root(settings: Settings) -> str:
    """The root of deduplication's fingerprint index."""
    return f"{settings.state}/fingerprints"
