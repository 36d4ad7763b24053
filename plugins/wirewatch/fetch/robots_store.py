"""Answers for robots.txt kept between runs: SQLite in the state folder of a worker.

Without it every run would ask every host again, twelve times an hour instead of once a day.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from wirewatch.fetch.robots import Answer
from wirewatch.records import Reason

BUSY = 30.0  # seconds one process waits for the write of another: a batch must not fail for it
HELD = 200  # answers written in one transaction, which costs as much as ten reads


class RobotsStore:
    """Origin → answer and the time (seconds since 1970) until which it counts.

    Answers are written ``HELD`` at a time and at the end: a kill loses as many requests at most.
    """

    def __init__(self, file: Path, now: float) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, timeout=BUSY, isolation_level="IMMEDIATE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")  # losing it costs one request a host
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, until REAL NOT NULL,"
            " status INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, body BLOB)"
        )
        with self._db:
            self._db.execute("DELETE FROM robots WHERE until <= ?", (now,))
        self._held: dict[str, tuple[str, float, int, str, str, bytes]] = {}

    def get(self, origins: Sequence[str], now: float) -> dict[str, tuple[Answer, float]]:
        """The answers that still count, with their ends, by origin."""
        rows = [self._held[origin] for origin in origins if origin in self._held]
        rows += self._db.execute(
            "SELECT origin, until, status, reason, detail, body FROM robots"
            " WHERE origin IN (SELECT value FROM json_each(?))",
            (json.dumps(origins),),
        )
        return {
            origin: (
                Answer(status, zlib.decompress(body), Reason(reason) if reason else None, detail),
                until,
            )
            for origin, until, status, reason, detail, body in rows
            if until > now
        }

    def put(self, origin: str, answer: Answer, until: float) -> None:
        """Keeps an answer."""
        body = zlib.compress(answer.body, 1)
        row = (origin, until, answer.status, answer.reason or "", answer.detail, body)
        self._held[origin] = row
        if len(self._held) >= HELD:
            self._write()

    def _write(self) -> None:
        with self._db:  # one transaction
            self._db.executemany(
                "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?, ?)", self._held.values()
            )
        self._held.clear()

    def close(self) -> None:
        """Writes what is held and lets the file go."""
        self._write()
        self._db.close()


def shrink(file: Path, now: float, *, dry: bool = False) -> tuple[int, int]:
    """Deletes the answers that count no more, and makes the file as small as what is left.

    Returns how many answers, and by how many bytes it shrank; with ``dry`` only how many there are.
    Raises sqlite3.OperationalError when another process writes for longer than ``BUSY``.
    """
    before = file.stat().st_size
    with closing(sqlite3.connect(file, timeout=BUSY, isolation_level=None)) as db:
        old = int(db.execute("SELECT COUNT(*) FROM robots WHERE until <= ?", (now,)).fetchone()[0])
        if dry:
            return old, 0
        db.execute("DELETE FROM robots WHERE until <= ?", (now,))
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return old, max(0, before - file.stat().st_size)
