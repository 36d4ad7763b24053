"""Batch files of runs that ended: what stages handed on, and what a killed run would go on with."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from pathlib import Path

from wirewatch.batches import FOLDER, slug
from wirewatch.store.scan import scan
from wirewatch.upkeep import files
from wirewatch.upkeep.disk import local_folder
from wirewatch.upkeep.files import File
from wirewatch.upkeep.work import Freed, Work, for_ever

HOLDERS = 10_000  # runs that hold pages at one time


def batch_files(work: Work) -> Freed:
    """Deletes the folders of runs that ended before ``keep.batches`` days.

    A run needs its files while it is under way, and while it holds pages. One that was killed has
    neither after a while, and can no longer be gone on with once they are deleted.
    """
    before = work.before("keep.batches")
    if before is None:
        return for_ever("keep.batches", "files")
    root = f"{work.settings.state}/{FOLDER}"
    fs, found = files.under(root)
    folders: dict[str, list[File]] = defaultdict(list)
    for file in found:
        folders[file.name.partition("/")[0]].append(file)
    old = {
        folder: inside
        for folder, inside in folders.items()
        if max(file.written for file in inside) < before
    }
    needed = {slug(run) for run in _needed(work, before)} if old else set()
    gone = [file for folder, inside in old.items() if folder not in needed for file in inside]
    if not work.dry:
        files.delete(fs, gone)
        _without_empty(root, {file.name.partition("/")[0] for file in gone if "/" in file.name})
    runs = len(old.keys() - needed)
    return Freed(
        items=len(gone),
        unit="files",
        bytes=sum(file.bytes for file in gone),
        what=f"of {runs} runs that ended before {before:%Y-%m-%d}",
    )


def _needed(work: Work, before: datetime) -> set[str]:
    """The runs that began or ended since, and those that hold pages at this moment."""
    es, prefix = work.store.es, work.store.prefix
    since = {"gte": before.isoformat()}
    query = {"bool": {"should": [{"range": {"started": since}}, {"range": {"finished": since}}]}}
    recent = {hit["_id"] for hit in scan(es, f"{prefix}-runs", query, source=False)}
    return recent | holding_pages(work)


def holding_pages(work: Work) -> set[str]:
    """The runs that hold pages at this moment."""
    answer = work.store.es.search(
        index=f"{work.store.prefix}-pages",
        size=0,
        query={"range": {"lease.until": {"gt": work.now.isoformat()}}},
        aggs={"run": {"terms": {"field": "lease.run", "size": HOLDERS}}},
    )
    return {bucket["key"] for bucket in answer["aggregations"]["run"]["buckets"]}


def _without_empty(root: str, folders: set[str]) -> None:
    """Deletes folders that have nothing in them; object storage has no folders."""
    place = local_folder(root)
    for name in folders if place else ():
        folder = Path(place or "") / name
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
