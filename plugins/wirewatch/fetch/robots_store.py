"""Answers for robots.txt kept between runs: SQLite in the state folder of a worker.

Without it every run would ask every host again, twelve times an hour instead of once a day.
"""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

from wirewatch.fetch.robots import Answer
from wirewatch.records import Reason

BUSY = 30.0  # seconds one process waits for the write of another: a batch must not fail for it


class RobotsStore:
    """Origin → answer and the time (seconds since 1970) until which it counts."""

    def __init__(self, file: Path, now: float) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, timeout=BUSY, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")  # losing it costs one request a host
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, until REAL NOT NULL,"
            " status INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, body BLOB)"
        )
        self._db.execute("DELETE FROM robots WHERE until <= ?", (now,))

    def get(self, origin: str, now: float) -> tuple[Answer, float] | None:
        """The answer and its end; None when there is none that still counts."""
        row = self._db.execute(
            "SELECT status, reason, detail, body, until FROM robots WHERE origin = ? AND until > ?",
            (origin, now),
        ).fetchone()
        if row is None:
            return None
        status, reason, detail, body, until = row
        known = Reason(reason) if reason else None
        return Answer(status, zlib.decompress(body), known, detail), until

    def put(self, origin: str, answer: Answer, until: float) -> None:
        """Keeps an answer."""
        self._db.execute(
            "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?, ?)",
            (
                origin,
                until,
                answer.status,
                answer.reason or "",
                answer.detail,
                zlib.compress(answer.body, 1),
            ),
        )

    def close(self) -> None:
        """Lets the file go."""
        self._db.close()
