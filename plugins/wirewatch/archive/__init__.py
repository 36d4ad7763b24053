"""Fetched pages as WARC 1.1 (ISO 28500:2017) on any fsspec root, one gzip member a record.

Beside each file lies an index of its pages, which can be rebuilt from the file.
"""

from wirewatch.archive.check import FileCheck, check
from wirewatch.archive.files import Archive
from wirewatch.archive.records import Archived, ArchiveError, Indexed, digest
from wirewatch.archive.writer import ArchiveWriter

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveWriter",
    "Archived",
    "FileCheck",
    "Indexed",
    "check",
    "digest",
]
