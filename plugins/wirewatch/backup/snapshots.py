"""Elasticsearch's own snapshots: taken into the set, and brought back from it.

A server writes snapshots only below its ``path.repo``. So one is taken there, in a folder of its
own, and moved into the set; to be restored it is copied there again.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, ConflictError, Elasticsearch

from wirewatch.backup.manifest import Again, BadBackup

FOLDER = "elasticsearch"  # in the set
GIVEN_UP = 6  # looks of 5 seconds at an index of which nothing is being restored
POLL = 0.5  # seconds between two looks at the server
IN_USE = 120.0  # seconds that a repository may be in use after the last shard was restored
LONG = 600.0  # seconds that one request about a repository may take: it lists its files


def place(es: Elasticsearch, url: str) -> Path:
    """A folder of this machine where the server may keep snapshots. Raises BadBackup."""
    found: list[str] = []
    for node in es.nodes.info(metric="settings")["nodes"].values():
        told = node["settings"].get("path", {}).get("repo") or []
        found += [told] if isinstance(told, str) else list(told)
    if not found:
        raise BadBackup(
            f"Elasticsearch at {url} may keep snapshots nowhere: set path.repo in its "
            "elasticsearch.yml to a folder that it may write to, and start it again; or name a "
            "repository that it knows with --repository"
        )
    for one in found:
        folder = Path(one)
        if folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return folder
    raise BadBackup(
        f"Elasticsearch at {url} keeps snapshots in {', '.join(found)} (path.repo), which is no "
        "folder that can be read and written here: call this where it is, mount it here, or name a "
        "repository that it knows with --repository"
    )


@contextmanager
def repository(
    es: Elasticsearch, name: str, folder: Path, *, read_only: bool = False
) -> Iterator[None]:
    """A repository in a folder for the time of the block. Raises BadBackup where it is refused."""
    settings = {"location": str(folder), "compress": True, "readonly": read_only}
    try:
        es.options(request_timeout=LONG).snapshot.create_repository(
            name=name, repository={"type": "fs", "settings": settings}
        )
    except ApiError as error:
        raise BadBackup(
            f"Elasticsearch takes no snapshots in {folder} ({_reason(error)}): the folder must be "
            "below its path.repo, and its user must be able to read and write there"
        ) from error
    try:
        yield
    finally:
        _unregister(es, name)


def _unregister(es: Elasticsearch, name: str) -> None:
    until = time.monotonic() + IN_USE
    while True:
        try:
            es.options(ignore_status=404).snapshot.delete_repository(name=name)
            return
        except ConflictError:  # the server has not noted yet that all was restored
            if time.monotonic() > until:
                raise
            time.sleep(POLL)


def take(
    es: Elasticsearch, repository: str, snapshot: str, indices: Sequence[str], again: Again
) -> None:
    """Takes a snapshot of these indices and waits for its end. Raises BadBackup."""
    try:
        es.snapshot.create(
            repository=repository,
            snapshot=snapshot,
            indices=list(indices),
            include_global_state=False,
            wait_for_completion=False,
        )
        while True:
            again()
            [one] = es.options(request_timeout=LONG).snapshot.get(
                repository=repository, snapshot=snapshot
            )["snapshots"]
            if one["state"] != "IN_PROGRESS":
                break
            time.sleep(POLL)
    except ApiError as error:
        raise BadBackup(
            f"Elasticsearch took no snapshot in the repository {repository} ({_reason(error)})"
        ) from error
    if one["state"] != "SUCCESS":
        said = one.get("reason") or [failure.get("reason") for failure in one["failures"][:3]]
        raise BadBackup(f"the snapshot ended as {one['state']} ({said}): take another")


def restore(
    es: Elasticsearch,
    repository: str,
    snapshot: str,
    indices: Sequence[str],
    prefixes: tuple[str, str],
    replicas: int,
) -> None:
    """Restores a snapshot's indices without their aliases, the first prefix become the second.

    Raises BadBackup.
    """
    old, new = prefixes
    try:
        es.options(request_timeout=LONG).snapshot.restore(
            repository=repository,
            snapshot=snapshot,
            indices=list(indices),
            rename_pattern=f"^{re.escape(old)}(.+)$",
            rename_replacement=f"{new}$1",
            include_aliases=False,
            include_global_state=False,
            index_settings={"index.number_of_replicas": replicas},
            wait_for_completion=False,
        )
        _wait_for(es, [new + one.removeprefix(old) for one in indices])
    except ApiError as error:
        raise BadBackup(
            f"Elasticsearch does not restore the snapshot {snapshot} of the repository "
            f"{repository} ({_reason(error)})"
        ) from error


def _wait_for(es: Elasticsearch, indices: Sequence[str]) -> None:
    """Waits until the indices can be searched. Raises BadBackup where the server gives it up."""
    still = 0
    while still < GIVEN_UP:
        state = es.options(ignore_status=408).cluster.health(
            index=list(indices), wait_for_status="yellow", timeout="5s"
        )
        if state["status"] in ("yellow", "green"):
            return
        still = 0 if state["initializing_shards"] else still + 1
    raise BadBackup(
        "Elasticsearch does not restore all of it: GET _cluster/allocation/explain says why. "
        "Call this again when that is put right"
    )


def adopt(folder: Path, into: Path) -> None:
    """Copies a set's snapshot below ``path.repo``, so that the server's user may read it."""
    shutil.copytree(folder, into)
    owner = into.parent.stat()
    for path in (into, *into.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(0o755 if path.is_dir() else 0o644)


@contextmanager
def folder_of(place: Path, name: str) -> Iterator[Path]:
    """A folder's path that is free, and what is left there at the end of the block deleted."""
    folder = place / name
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reason(error: ApiError) -> str:
    told: Any = error.body
    cause = told.get("error", {}) if isinstance(told, dict) else {}
    while isinstance(cause, dict) and isinstance(cause.get("caused_by"), dict):
        cause = cause["caused_by"]
    said = cause.get("reason") if isinstance(cause, dict) else ""
    return str(said or error)[:500]
