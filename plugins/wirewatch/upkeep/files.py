"""Files under a root, a folder or any fsspec URL: how large each is, and when it was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import fsspec

from wirewatch.records import Record


class File(Record, frozen=True, kw_only=True):
    """One file."""

    path: str  # as its file system names it
    name: str  # relative to the root
    bytes: int
    written: datetime


def under(root: str) -> tuple[Any, list[File]]:
    """The file system of a root, and the files under it; none where there is no such root."""
    fs, top = fsspec.core.url_to_fs(root)
    fs.invalidate_cache()  # what others deleted is not listed
    return fs, list(_under(fs, top.rstrip("/")))


def _under(fs: Any, top: str) -> Iterator[File]:
    if not fs.exists(top):
        return
    for path, about in sorted(fs.find(top, detail=True).items()):
        yield File(
            path=path,
            name=path[len(top) + 1 :],
            bytes=int(about.get("size") or 0),
            written=_written(fs, path, about),
        )


def _written(fs: Any, path: str, about: dict[str, Any]) -> datetime:
    for key in ("mtime", "LastModified", "last_modified", "created"):
        told = about.get(key)
        if isinstance(told, int | float):
            return datetime.fromtimestamp(told, UTC)
        if isinstance(told, datetime):
            return told if told.tzinfo else told.replace(tzinfo=UTC)
    found: datetime = fs.modified(path)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def delete(fs: Any, files: list[File]) -> None:
    """Deletes files; one that is gone already is no error."""
    for file in files:
        try:
            fs.rm_file(file.path)
        except FileNotFoundError:
            continue  # an earlier call was killed after it, or its run cleared up itself
