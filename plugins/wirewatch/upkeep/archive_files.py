"""The archive of fetched pages: by age, by size, or kept for ever."""

from __future__ import annotations

import re
from datetime import date, timedelta

from wirewatch.archive.records import FILE, INDEX
from wirewatch.pipeline.paths import archive_root
from wirewatch.upkeep import files
from wirewatch.upkeep.disk import in_words
from wirewatch.upkeep.files import File
from wirewatch.upkeep.work import Freed, Work, for_ever

GB = 1_000_000_000
YOUNG = timedelta(days=2)  # files that runs under way may still read, or a run that was killed
_DAY = re.compile(r"(\d{4})/(\d\d)/(\d\d)/")


def archive_files(work: Work) -> Freed:
    """Deletes the oldest files: those before ``keep.archive`` days, and what is beyond
    ``keep.archive_gb``. Files of the last two days stay.

    Each file goes with its index, which goes first: an index names nothing that is missing.
    """
    before, limit = work.before("keep.archive"), work.settings["keep.archive_gb"] * GB
    if before is None and not limit:
        return for_ever("keep.archive and keep.archive_gb", "files")
    fs, found = files.under(archive_root(work.settings))
    groups: dict[str, list[File]] = {}  # a file and its index, the oldest day first
    strangers = 0
    for file in found:
        if _day(file) is None or not file.name.endswith((FILE, INDEX)):
            strangers += 1
            continue
        groups.setdefault(file.name.removesuffix(FILE).removesuffix(INDEX), []).append(file)
    young = (work.now - YOUNG).date()
    total = sum(file.bytes for group in groups.values() for file in group)
    gone: list[File] = []
    for name in sorted(groups):
        group = groups[name]
        day = _day(group[0]) or date.max
        size = sum(file.bytes for file in group)
        aged = before is not None and day < before.date()
        if day >= young or not (aged or (limit and total > limit)):
            continue
        total -= size
        gone += sorted(group, key=lambda file: file.name.endswith(FILE))
    if not work.dry:
        files.delete(fs, gone)
    notes = [f"{strangers} files that are no archive of ours stay"] if strangers else []
    if limit and total > limit:
        notes.append(f"{in_words(total)} stay, more than keep.archive_gb: they are too young")
    return Freed(
        items=len(gone),
        unit="files",
        bytes=sum(file.bytes for file in gone),
        what=f"archived pages up to {max(_day(file) or date.min for file in gone)}" if gone else "",
        notes=tuple(notes),
    )


def _day(file: File) -> date | None:
    """The day that a file's name begins with; None of a file that is not the archive's."""
    found = _DAY.match(file.name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
