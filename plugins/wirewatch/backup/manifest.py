"""What a backup holds, file by file: written last, read first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from wirewatch.records import Record, from_json, replace, to_json

FILE = "manifest.json"
FORMAT = 1  # of the set; raised when an older version could not read it
LARGEST = 1 << 30  # bytes of a manifest: some 5,000,000 files
PIECE = 1 << 20  # bytes read at a time
NAMED = 5  # of what is wrong

Again = Callable[[], None]  # called for each file


class BadBackup(RuntimeError):
    """A backup cannot be made, read or restored; the message says why and what to do."""


class KeptFile(Record, frozen=True, kw_only=True):
    """One file of the set."""

    path: str  # below the set's folder
    bytes: int
    sha256: str


class KeptIndex(Record, frozen=True, kw_only=True):
    """One index of the snapshot."""

    name: str  # by which it is asked and written
    index: str  # itself
    noun: str
    aliases: tuple[str, ...]
    documents: int
    version: int  # of its mapping


class Manifest(Record, frozen=True, kw_only=True):
    """The whole set."""

    format: int
    id: str  # another for each backup
    made: datetime
    wirewatch: str  # version
    elasticsearch: str  # version
    prefix: str
    snapshot: str
    repository: str = ""  # one that Elasticsearch knows; "": the snapshot is in the set
    indices: tuple[KeptIndex, ...]
    files: tuple[KeptFile, ...]
    checksum: str = ""  # SHA-256 of this manifest without it


class _Format(msgspec.Struct):
    format: int
    wirewatch: str = "?"


def write(folder: Path, manifest: Manifest) -> Manifest:
    """Puts the manifest into its place, whole, and returns it: from now on the set is one."""
    signed = replace(manifest, checksum=_checksum(manifest))
    draft = folder / f".{FILE}.draft"
    with draft.open("wb") as file:
        file.write(to_json(signed))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / FILE)
    return signed


def read(folder: Path) -> Manifest:
    """The manifest of a set. Raises BadBackup where it is missing, torn or too new."""
    path = folder / FILE
    try:
        if path.stat().st_size > LARGEST:
            raise BadBackup(f"{path} is no manifest: it is too large")
        body = path.read_bytes()
    except FileNotFoundError as error:
        raise BadBackup(
            f"{folder} is no whole backup: it has no {FILE}, which is written last. Take another"
        ) from error
    try:
        about = from_json(_Format, body)
        if about.format > FORMAT:
            raise BadBackup(
                f"{folder} was made by wirewatch {about.wirewatch}, in a form that this version "
                "does not know: install that version, or a later one"
            )
        manifest = from_json(Manifest, body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadBackup(f"{path} is torn, or no manifest ({error}): take another backup") from error
    if _checksum(manifest) != manifest.checksum:
        raise BadBackup(f"{path} was changed: its checksum differs. Take another backup")
    return manifest


def _checksum(manifest: Manifest) -> str:
    return hashlib.sha256(to_json(replace(manifest, checksum=""))).hexdigest()


def verify(folder: Path, manifest: Manifest, again: Again = lambda: None) -> None:
    """Reads every file of the set. Raises BadBackup that names those that are not as they were."""
    problems = list(_problems(folder, manifest, again))
    if problems:
        more = f" and {len(problems) - NAMED} more" if len(problems) > NAMED else ""
        raise BadBackup(
            f"{folder} is torn: {'; '.join(problems[:NAMED])}{more}. Nothing was restored: take "
            "another backup"
        )


def _problems(folder: Path, manifest: Manifest, again: Again) -> Iterator[str]:
    for kept in manifest.files:
        again()
        path = folder / kept.path
        if ".." in Path(kept.path).parts or Path(kept.path).is_absolute():
            yield f"{kept.path} is outside the set"
            continue
        if not path.is_file() or path.is_symlink():
            yield f"{kept.path} is missing"
            continue
        size = path.stat().st_size
        if size != kept.bytes:
            yield f"{kept.path} has {size} bytes, not {kept.bytes}"
        elif kept_file(folder, path).sha256 != kept.sha256:
            yield f"{kept.path} was changed: its checksum differs"


def kept_file(folder: Path, path: Path) -> KeptFile:
    """A file of the set as it is, read whole."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return KeptFile(path=path.relative_to(folder).as_posix(), bytes=size, sha256=digest.hexdigest())


def copy(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Copies what is left of a file; the bytes and their SHA-256."""
    digest = hashlib.sha256()
    size = 0
    while piece := source.read(PIECE):
        digest.update(piece)
        target.write(piece)
        size += len(piece)
    return size, digest.hexdigest()
