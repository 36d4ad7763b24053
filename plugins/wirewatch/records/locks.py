"""What only one may do at a time, and who does it."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records.base import Record


class Lock(Record, frozen=True, kw_only=True):
    """One kind of work, held by the one run that does it."""

    id: str  # the kind of run: "ingest", "maintain", …
    run: str = ""  # the run that holds it; "": none
    holder: str = ""  # who does that run: see wirewatch.holders
    since: datetime | None = None
    until: datetime | None = None  # when it ends by itself
