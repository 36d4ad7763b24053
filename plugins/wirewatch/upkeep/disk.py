"""The disks that an installation writes to, and how much is free on them."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from elasticsearch import ApiError, Elasticsearch

from wirewatch.pipeline.paths import archive_root
from wirewatch.records import Record
from wirewatch.settings import Settings
from wirewatch.store.nodes import REFUSED

log = logging.getLogger("wirewatch.upkeep")

MB = 1_000_000


class NoRoom(RuntimeError):
    """Too little is free on a disk; the message says on which, and what to do."""


class Disk(Record, frozen=True, kw_only=True):
    """One disk as it is now, in bytes."""

    name: str  # what is on it: "state", "archive", "Elasticsearch NODE"
    place: str  # a folder on it
    total: int
    free: int


def disks(settings: Settings, es: Elasticsearch) -> list[Disk]:
    """The disks of the state folder, of the archive where that is on another, and of Elasticsearch.

    Object storage has none. Those of Elasticsearch are missing where its user may not ask.
    """
    return [*_own(settings), *_of_nodes(es)]


def _own(settings: Settings) -> Iterator[Disk]:
    seen: set[int] = set()
    for name, root in (("state", settings.state), ("archive", archive_root(settings))):
        folder = local_folder(root)
        if folder is None:
            continue
        there = next(one for one in (folder, *folder.parents) if one.exists())
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            usage = shutil.disk_usage(there)
            yield Disk(name=name, place=str(folder), total=usage.total, free=usage.free)


def local_folder(root: str) -> Path | None:
    """The folder that a path or an fsspec URL names; None where it is on no disk here."""
    path = root.removeprefix("file://")
    return None if "://" in path else Path(path).absolute()


def _of_nodes(es: Elasticsearch) -> Iterator[Disk]:
    try:
        nodes = es.nodes.stats(metric="fs")["nodes"]
    except ApiError as error:
        if error.status_code not in REFUSED:
            raise
        log.warning("Elasticsearch does not tell how full its disks are: %s", error.message)
        return
    for node in nodes.values():
        figures = node.get("fs", {}).get("total", {})
        if figures.get("total_in_bytes"):
            yield Disk(
                name=f"Elasticsearch {node.get('name', '')}".strip(),
                place=str(next((one["path"] for one in node["fs"].get("data", ())), "")),
                total=int(figures["total_in_bytes"]),
                free=int(figures["available_in_bytes"]),
            )


def must_have_room(settings: Settings, es: Elasticsearch) -> None:
    """Raises NoRoom where less than ``disk.reserve`` is free on any disk that is written to."""
    reserve = settings["disk.reserve"] * MB
    if not reserve:
        return
    for disk in disks(settings, es):
        if disk.free < reserve:
            raise NoRoom(
                f"only {in_words(disk.free)} are free on the disk of {disk.name} ({disk.place}), "
                f"less than disk.reserve ({in_words(reserve)}): nothing was asked for. Make room: "
                "'wirewatch maintain --dry-run' says what may go; see docs/operating.md"
            )


def in_words(size: float) -> str:
    """Bytes as a person reads them."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(size) >= one:
            return f"{size / one:.1f} {unit}"
    return f"{size:.0f} bytes"
