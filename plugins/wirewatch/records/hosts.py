"""Hosts that are asked: by whom at this moment, and how fast."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records.base import Record


class Host(Record, frozen=True, kw_only=True):
    """A host, leased to the one client that may ask it."""

    id: str  # its name, with its port where that is not the scheme's own
    holder: str = ""  # the client; "": none
    until: datetime | None = None  # when the lease ends by itself
    next_at: datetime | None = None  # not to be asked before: its pause, or its Retry-After
    seconds: float = 0.0  # that a page took it last, with the pause after it; 0: not known
