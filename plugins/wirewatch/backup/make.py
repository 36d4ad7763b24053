"""A backup made: while no run is under way, so that indices and files are of one moment."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from wirewatch import __version__
from wirewatch.backup import contents, manifest, snapshots
from wirewatch.backup.manifest import Again, BadBackup, KeptFile, KeptIndex, Manifest
from wirewatch.pipeline import turns
from wirewatch.pipeline.flow import FLOWS
from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect, mapping
from wirewatch.upkeep import files
from wirewatch.upkeep.disk import in_words

KINDS = tuple(flow.kind for flow in FLOWS.values() if flow.framed or flow.kind == "maintain")

Told = Callable[[str], None]


def make(
    settings: Settings,
    folder: Path,
    *,
    repository: str = "",
    wait: float = 0.0,
    told: Told = lambda _: None,
) -> Manifest:
    """Puts all of an installation's indices and files into a folder; the manifest comes last.

    ``repository`` is one that Elasticsearch knows: then the snapshot lies there, and the set names
    it. Runs wait meanwhile, or are refused. Raises BadBackup, and Busy when a run is under way for
    longer than ``wait`` seconds.
    """
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise BadBackup(f"{folder} is not empty: name a folder that is not there yet")
    identity = f"{utc_now():%Y%m%dt%H%M%S}-{secrets.token_hex(4)}"
    with (
        connect(settings) as store,
        turns.all_of(store, settings, KINDS, f"backup-{identity}", wait=wait, told=told) as again,
    ):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        indices = _indices(store)
        _must_fit(store, settings, folder, repository)
        snapshot = f"{store.prefix}-{identity}"
        told(f"a snapshot of {len(indices)} indices")
        names = [one.index for one in indices]
        if repository:
            snapshots.take(store.es, repository, snapshot, names, again)
        else:
            _snapshot(store, settings, folder, snapshot, names, again)
        told("the files of the state")
        kept = [*_state(settings, folder, again), *_secrets(settings, folder)]
        inside = folder / snapshots.FOLDER
        kept += [manifest.kept_file(folder, path) for path in _files_in(inside)]
        whole = Manifest(
            format=manifest.FORMAT,
            id=identity,
            made=utc_now(),
            wirewatch=__version__,
            elasticsearch=str(store.es.info()["version"]["number"]),
            prefix=store.prefix,
            snapshot=snapshot,
            repository=repository,
            indices=tuple(indices),
            files=tuple(kept),
        )
        return manifest.write(folder, whole)


def _indices(store: Store) -> list[KeptIndex]:
    return [
        KeptIndex(
            name=name,
            index=one["index"],
            noun=one["noun"],
            aliases=tuple(sorted(one["aliases"])),
            documents=int(store.es.count(index=one["index"])["count"]),
            version=mapping.version(one),
        )
        for name, one in sorted(store.templates.served().items())
    ]


def _must_fit(store: Store, settings: Settings, folder: Path, repository: str) -> None:
    """Raises BadBackup where the set is larger than what is free beside it."""
    size = sum(
        file.bytes for root in contents.places(settings).values() for file in files.under(root)[1]
    )
    if not repository:
        stats = store.es.indices.stats(index=f"{store.prefix}-*", metric="store")
        size += int(stats["_all"]["primaries"]["store"]["size_in_bytes"])
    free = shutil.disk_usage(folder).free
    if size > free:
        raise BadBackup(
            f"the backup takes some {in_words(size)}, and {in_words(free)} are free at {folder}: "
            "name a folder on a larger disk"
        )


def _snapshot(
    store: Store,
    settings: Settings,
    folder: Path,
    snapshot: str,
    indices: list[str],
    again: Again,
) -> None:
    """Takes a snapshot in a repository of its own and moves that into the set."""
    place = snapshots.place(store.es, settings["elasticsearch.url"])
    with snapshots.folder_of(place, snapshot) as there:
        with snapshots.repository(store.es, snapshot, there):
            snapshots.take(store.es, snapshot, snapshot, indices, again)
        shutil.move(there, folder / snapshots.FOLDER)


def _state(settings: Settings, folder: Path, again: Again) -> Iterator[KeptFile]:
    for name, root in contents.places(settings).items():
        fs, found = files.under(root)
        for file in found:
            again()
            if file.name.endswith(contents.UNFINISHED):
                continue
            target = folder / name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with fs.open(file.path, "rb") as source, target.open("wb") as copied:
                size, digest = manifest.copy(source, copied)
                copied.flush()
                os.fsync(copied.fileno())
            path = target.relative_to(folder).as_posix()
            yield KeptFile(path=path, bytes=size, sha256=digest)


def _secrets(settings: Settings, folder: Path) -> Iterator[KeptFile]:
    for path in contents.secrets(settings):
        target = folder / contents.LOCAL / path.name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(path.read_bytes())
        yield manifest.kept_file(folder, target)


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
