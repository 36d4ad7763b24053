"""An export as a file: whole, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from wirewatch.records import to_json
from wirewatch.search.export.columns import FORMATS, Manifest, export
from wirewatch.search.request import BadRequest
from wirewatch.store import Store

MANIFEST = ".manifest.json"  # ends the name of the manifest beside the file
# The disk is full, the quota is used up, or the process may not write files so large.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ExportFailed(RuntimeError):
    """The file could not be written; what was there under its name still is."""


def format_of(file: Path) -> str:
    """The format that a file's name asks for. Raises BadRequest, which names those there are."""
    suffix = file.suffix.lower().removeprefix(".")
    for form in FORMATS.values():
        if form.suffix == suffix:
            return form.name
    known = ", ".join(f".{form.suffix}" for form in FORMATS.values())
    raise BadRequest(f"{file.name}: its ending must be one of {known}, or name the format")


def export_file(
    store: Store,
    query: str,
    file: Path,
    format_name: str = "",
    *,
    now: datetime | None = None,
    on_story: Callable[[int], None] | None = None,
) -> Manifest:
    """Writes every story of a query to a file, and beside it the manifest; returns that.

    Both are written under other names and then moved, so a reader finds the old file or the new
    one, never a part. Raises BadQuery, BadRequest, and ExportFailed when it cannot be written.
    """
    form = format_name or format_of(file)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    manifest_file = file.with_name(file.name + MANIFEST)
    count = 0

    def counted(stories: int) -> None:
        nonlocal count
        count = stories
        if on_story:
            on_story(stories)

    try:
        with part.open("xb") as out:
            manifest = export(store, query, form, out, now=now, on_story=counted)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
        with part.open("xb") as out:
            out.write(to_json(manifest) + b"\n")
        part.replace(manifest_file)
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in FULL:
            why = f"the disk cannot hold it ({why}): make room, or ask for fewer days or words"
        raise ExportFailed(
            f"{file}: {why}; {count} stories were read, no part of it is kept"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest
