"""Where things are under the state's root."""

from __future__ import annotations

from wirewatch.archive import Archive
from wirewatch.settings import Settings


def archive_root(settings: Settings) -> str:
    """Where the WARC archive is, as an absolute path or an fsspec URL."""
    root: str = settings["archive.root"] or f"{settings.state}/archive"
    return root if "://" in root else str(settings.root / root)


def archive_of(settings: Settings) -> Archive:
    """The WARC archive."""
    return Archive(archive_root(settings))


def fingerprints_root(settings: Settings) -> str:
    """The root of deduplication's fingerprint index."""
    return f"{settings.state}/fingerprints"
