"""A backup restored where nothing is: all of it, or it is called again.

Indices come without their names, which are given to all of them in one step when all else is
there. A call that was killed leaves a mark; the next one for the same set clears up and begins
anew.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import fsspec

from wirewatch.backup import contents, manifest, snapshots
from wirewatch.backup.manifest import BadBackup, Manifest
from wirewatch.batches import BadFile, Batches
from wirewatch.local import paths
from wirewatch.records import Record
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.upkeep import files

MARK = "restoring.jsonl.gz"  # below the state's root, while a restore is not ended
NAMED = 5  # of what is in the way

Told = Callable[[str], None]


class Mark(Record, frozen=True, kw_only=True):
    """Which set is being restored."""

    id: str
    folder: str


def restore(
    settings: Settings, folder: Path, *, repository: str = "", told: Told = lambda _: None
) -> Manifest:
    """Restores a set into an installation that has nothing yet, under its index prefix.

    The set is read whole before anything is changed. ``repository`` names where its snapshot is,
    if not in the set. Raises BadBackup, which says what to do.
    """
    folder = folder.absolute()
    kept = manifest.read(folder)
    with connect(settings, prepare=False) as store:
        _must_be_known(store, kept)
        begun = unfinished(settings)
        if begun is None or begun.id not in ("", kept.id):
            _must_be_empty(settings, store)
        told(f"{len(kept.files)} files are read")
        manifest.verify(folder, kept)
        Batches(settings.state).write(MARK, [Mark(id=kept.id, folder=str(folder))])
        _clear(settings, store)
        told(f"{len(kept.indices)} indices are restored")
        _indices(settings, store, folder, kept, repository)
        told("the files of the state are copied")
        _files(settings, folder, kept)
        actions = [
            {
                "add": {
                    "index": _renamed(one.index, kept, store),
                    "alias": _renamed(alias, kept, store),
                }
            }
            for one in kept.indices
            for alias in one.aliases
        ]
        store.es.indices.update_aliases(actions=actions)
        store.templates.install()
        store.refresh()
        _without_locks(store)
    fs, root = fsspec.core.url_to_fs(settings.state)
    fs.rm_file(posixpath.join(root, MARK))
    return kept


def unfinished(settings: Settings) -> Mark | None:
    """The restore that was begun and did not end, None where there is none."""
    try:
        return next(Batches(settings.state).read(MARK, Mark), None)
    except FileNotFoundError:
        return None
    except BadFile:
        return Mark(id="", folder="a backup")


def must_be_whole(settings: Settings) -> None:
    """Raises BadBackup where a restore was begun and did not end."""
    begun = unfinished(settings)
    if begun is not None:
        raise BadBackup(
            f"a restore of {begun.folder} was begun and did not end: call 'wirewatch restore "
            f"{begun.folder}' again"
        )


def _must_be_known(store: Store, kept: Manifest) -> None:
    """Raises BadBackup for a set that this version, or the server, is too old for."""
    new = [one.name for one in kept.indices if one.version > store.templates.version(one.noun)]
    if new:
        raise BadBackup(
            f"the backup was made by wirewatch {kept.wirewatch}, whose {', '.join(new[:NAMED])} "
            "this version does not know: install that version, or a later one"
        )
    number = str(store.es.info()["version"]["number"])
    if _version(number) < _version(kept.elasticsearch):
        raise BadBackup(
            f"the backup is of Elasticsearch {kept.elasticsearch}, and {number} is older: a "
            "snapshot is restored by the same version or a later one"
        )


def _version(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("-")[0].split(".")[:2])


def _must_be_empty(settings: Settings, store: Store) -> None:
    """Raises BadBackup where there is anything that the set would replace."""
    told = [
        f"{index} has {count} documents"
        for index, one in store.templates.indices().items()
        if one["noun"] != "locks" and (count := int(store.es.count(index=index)["count"]))
    ]
    told += [
        f"{root} has {len(found)} files"
        for root in contents.places(settings).values()
        if (found := files.under(root)[1])
    ]
    if told:
        more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
        raise BadBackup(
            f"there is something already: {'; '.join(told[:NAMED])}{more}. A backup is restored "
            "where nothing is: choose another elasticsearch.prefix and state, or delete these"
        )


def _clear(settings: Settings, store: Store) -> None:
    """Deletes empty indices, and what a call that was killed left."""
    for index in store.templates.indices():
        store.es.indices.delete(index=index)
    for root in contents.places(settings).values():
        files.delete(*files.under(root))


def _renamed(name: str, kept: Manifest, store: Store) -> str:
    """A name of the set under this installation's prefix."""
    return store.prefix + name.removeprefix(kept.prefix)


def _indices(
    settings: Settings,
    store: Store,
    folder: Path,
    kept: Manifest,
    repository: str,
) -> None:
    replicas = settings["elasticsearch.replicas"]
    indices = [one.index for one in kept.indices]
    prefixes = kept.prefix, store.prefix
    known = repository or kept.repository
    if known:
        snapshots.restore(store.es, known, kept.snapshot, indices, prefixes, replicas)
        return
    place = snapshots.place(store.es, settings["elasticsearch.url"])
    # Of its own name: the same set may be restored twice at once, under two prefixes.
    name = f"{kept.snapshot}-for-{store.prefix}"
    with snapshots.folder_of(place, name) as there:
        snapshots.adopt(folder / snapshots.FOLDER, there)
        with snapshots.repository(store.es, name, there, read_only=True):
            snapshots.restore(store.es, name, kept.snapshot, indices, prefixes, replicas)


def _files(settings: Settings, folder: Path, kept: Manifest) -> None:
    roots = contents.places(settings)
    for file in kept.files:
        path = PurePosixPath(file.path)
        if path.parts[0] == contents.LOCAL:
            target = paths.installation(settings) / path.name
            if path.name in contents.SECRETS and not target.exists():
                paths.write_private(target, (folder / file.path).read_text("utf-8"))
            continue
        root = roots.get("/".join(path.parts[:2]))
        if root is None:
            continue  # of the snapshot
        name = "/".join(path.parts[2:])
        with (folder / file.path).open("rb") as source, contents.opened(root, name) as target:
            manifest.copy(source, target)


def _without_locks(store: Store) -> None:
    """The turns that the backup had are nobody's here."""
    store.es.delete_by_query(
        index=f"{store.prefix}-locks", query={"match_all": {}}, refresh=True, conflicts="proceed"
    )
