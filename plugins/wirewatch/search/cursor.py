"""Where a reader stands in the pages of a result: opaque to others, and signed."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from wirewatch.signing import BadSignature, Purpose, sign, unsign

# Cursors made here live as long as the process; several web workers must share a secret.
PROCESS_SECRET = secrets.token_bytes(32)

C = TypeVar("C", bound=msgspec.Struct)


class BadCursor(ValueError):
    """A cursor that was changed, is of another search, or whose point in time has expired."""


class ExpiredCursor(BadCursor):
    """Its point in time has expired: nobody asked for the next page in time."""


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """The state between two pages."""

    pit: str
    after: list[Any]  # the sort values of the last hit given out
    now: datetime  # of the first page: relative dates count from it
    asked: str  # a hash of the search: a cursor fits no other
    stories: int = 0  # figures of the whole result: later pages need not count again
    clusters: int = 0


def fingerprint(*asked: object) -> str:
    """A short hash of what was asked."""
    written = json.dumps(asked, default=str, ensure_ascii=True, sort_keys=True)
    return hashlib.blake2b(written.encode(), digest_size=12).hexdigest()


def seal(cursor: msgspec.Struct, secret: bytes) -> str:
    """The cursor, or another list's, as URL-safe text that nobody can change without the secret."""
    return sign(cursor, secret, Purpose.CURSOR)


def unseal(text: str, secret: bytes, kind: type[C]) -> C:
    """The cursor out of its text; raises BadCursor when it is not one of ours of that kind."""
    try:
        return unsign(text, secret, Purpose.CURSOR, kind)
    except BadSignature as error:
        raise BadCursor("this cursor was not made here, or was changed: search again") from error
