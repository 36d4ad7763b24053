"""Keys of the API: who may ask for what."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records.base import Record

SCOPES = ("read", "write", "operate")  # none of them includes another


class Ended(Record, frozen=True, kw_only=True):
    """A session that was logged out before it had expired."""

    session: str
    expires: datetime  # after which nobody needs to remember it


class Key(Record, frozen=True, kw_only=True):
    """A key by its hash: the key itself is shown once, when it is made, and kept nowhere."""

    id: str  # 16 random hex digits; the key begins with it
    name: str  # who or what uses it
    hash: str  # SHA-256 of the secret part, in hex
    scopes: tuple[str, ...] = ("read",)
    rate: int = 0  # requests a minute; 0: the option web.rate
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    ended: tuple[Ended, ...] = ()

    def live(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked is None and (self.expires is None or now < self.expires)
