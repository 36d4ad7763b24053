"""Batch files: what the stages of a run hand on, in ``batches/`` under the state's root.

A file is named by run, stage and partition, written under a temporary name and moved when it is
whole. A task that is killed leaves nothing that a reader could take for a batch, and the same
task run again replaces its own file.
"""

from __future__ import annotations

import gzip
import os
import posixpath
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import fsspec
import msgspec

from wirewatch.records import Batch, HostTime, ready

T = TypeVar("T")

FOLDER = "batches"
# What gzip and JSON say of a file that is torn or something else.
_TORN = (EOFError, zlib.error, gzip.BadGzipFile, msgspec.DecodeError, UnicodeDecodeError)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")  # everything a file name or a URL could trip over


def file_name(run: str, stage: str, partition: int) -> str:
    """The path of a batch file, relative to the state's root."""
    return f"{FOLDER}/{slug(run)}/{stage}-{partition:04d}.jsonl.gz"


def slug(run: str) -> str:
    """A run's id as a path segment: ``scheduled__2026-11-23T22:05:00+00:00`` has bad characters."""
    return _UNSAFE.sub("_", run).lstrip(".") or "_"


class BadFile(RuntimeError):
    """A file of the state cannot be written or read: which, why, and what to do."""


def unwritable(path: str, error: OSError) -> BadFile:
    """What an operator needs to know of a file that cannot be written."""
    return BadFile(
        f"{path} cannot be written: {os.strerror(error.errno) if error.errno else error}: put that "
        "right, and clear the failed task, or go on with 'wirewatch ingest --run ID'"
    )


class Batches:
    """The batch files under one root, a folder or any fsspec URL."""

    def __init__(self, root: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(root)

    def write(self, file: str, records: Iterable[msgspec.Struct]) -> int:
        """Writes the records as gzipped JSON lines, whole or not at all; returns how many.

        Raises BadFile when it cannot be written.
        """
        path = posixpath.join(self._root, file)
        temporary = f"{path}.{secrets.token_hex(4)}.tmp"
        try:
            self._fs.makedirs(posixpath.dirname(path), exist_ok=True)
        except OSError as error:
            raise unwritable(posixpath.dirname(path), error) from error
        encoder = msgspec.json.Encoder()
        count = 0
        try:
            # Level 1: batches live for days, and compress to a third at a fifth of the time.
            # mtime 0: the same records make the same bytes.
            with (
                self._fs.open(temporary, "wb") as raw,
                gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0) as lines,
            ):
                for record in records:
                    lines.write(encoder.encode(record) + b"\n")
                    count += 1
            self._fs.mv(temporary, path)
        except FileNotFoundError:
            raise  # of what the records are made of
        except OSError as error:
            raise unwritable(path, error) from error
        finally:
            if self._fs.exists(temporary):
                self._fs.rm(temporary)
        return count

    def must_be_writable(self) -> None:
        """Raises BadFile when nothing can be written below the root."""
        self.write(f"{FOLDER}/.writable", ())
        self._fs.rm(posixpath.join(self._root, f"{FOLDER}/.writable"))

    def hand_on(
        self,
        run: str,
        stage: str,
        partition: int,
        records: Iterable[msgspec.Struct],
        *,
        taken: int | None = None,
        outcomes: Mapping[str, int] | None = None,
        notes: Mapping[str, int] | None = None,
        hosts: tuple[HostTime, ...] = (),
    ) -> Batch:
        """Writes what a stage passes on, and gives the reference to it; counts of 0 are left out.

        ``taken`` is how many items came in: as many as go on where it is not given.
        """
        file = file_name(run, stage, partition)
        passed = self.write(file, records)
        return Batch(
            run=run,
            stage=stage,
            partition=partition,
            file=file,
            taken=passed if taken is None else taken,
            passed=passed,
            outcomes={name: count for name, count in (outcomes or {}).items() if count},
            notes={name: count for name, count in (notes or {}).items() if count},
            hosts=hosts,
        )

    def read(self, file: str, kind: type[T]) -> Iterator[T]:
        """The records of a batch file.

        Raises FileNotFoundError when it is not there, and BadFile when it cannot be read whole or
        a line is not of that kind.
        """
        decoder = msgspec.json.Decoder(ready(kind))
        path = posixpath.join(self._root, file)
        with self._fs.open(path, "rb") as raw, gzip.GzipFile(fileobj=raw, mode="rb") as lines:
            while True:
                try:
                    record = decoder.decode(line) if (line := lines.readline()) else None
                except _TORN as error:
                    raise _torn(path, error) from error
                if record is None:
                    return
                yield record

    def exists(self, file: str) -> bool:
        """Whether the batch file is there, and so whole."""
        return bool(self._fs.exists(posixpath.join(self._root, file)))


def _torn(path: str, error: Exception) -> BadFile:
    stage = posixpath.basename(path).partition("-")[0]
    return BadFile(
        f"{path} is torn, or no batch file ({error}): clear the task '{stage}', which writes it "
        "anew; without Airflow delete that file and its run's *-done-* files of that stage and "
        "later ones, and go on with 'wirewatch ingest --run ID'"
    )
