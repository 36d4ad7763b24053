"""The logs of what runs on this machine: put aside before a start, cut while they are written.

``airflow.log`` becomes ``airflow.log.1``, that ``airflow.log.2``, and so on; the oldest goes. What
tells of a crash is so still there after the next start.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

KEPT = 5  # older logs, unless the caller says otherwise


def put_aside(log: Path, kept: int = KEPT) -> None:
    """Makes way for a new log; nobody may be writing the old one."""
    if log.exists() and log.stat().st_size:
        _shift(log, kept)
        log.rename(_older(log, 1))


def cut(log: Path, kept: int = KEPT) -> int:
    """Makes a log empty that a process appends to, its lines in ``….1``; returns the bytes of that.

    The writer keeps its file. What it adds while the log is copied is copied too; between the last
    look and the emptying is the time of one system call.
    """
    draft = log.with_name(f".{log.name}.draft")
    with log.open("rb") as source, draft.open("wb") as target:
        shutil.copymode(log, draft)
        while True:
            shutil.copyfileobj(source, target)
            if os.fstat(source.fileno()).st_size == source.tell():
                break
        target.flush()
        os.fsync(target.fileno())
        _shift(log, kept)
        draft.rename(_older(log, 1))
        if rest := source.read():
            target.write(rest)
            target.flush()
        os.truncate(log, 0)
        return target.tell()


def _shift(log: Path, kept: int) -> None:
    for number in range(kept, 0, -1):
        older = _older(log, number)
        if number == kept:
            older.unlink(missing_ok=True)
        elif older.exists():
            older.rename(_older(log, number + 1))


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
