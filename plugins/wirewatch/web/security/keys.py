"""Keys: made, shown once, kept as hashes, and recognised.

A key is ``ww_ID_SECRET`` with a secret of 256 random bits. Slow password hashes (Argon2, bcrypt)
make guesses expensive, which matters where people choose what is guessed; 2^256 secrets cannot be
tried at any speed, so one SHA-256 keeps a stolen index as useless, and costs a request nothing
(OWASP ASVS 5.0, 6.5.2, asks for no more where secrets have 112 bits).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from wirewatch.records import SCOPES, Key

ID_BYTES = 8
SECRET_BYTES = 32
NAME_LENGTH = 100  # characters: what a list shows in one line
_KEY = re.compile(r"ww_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class BadKey(ValueError):
    """A key cannot be made like that; the message says why."""


def make(
    name: str,
    scopes: Sequence[str],
    now: datetime,
    *,
    rate: int = 0,
    expires: datetime | None = None,
) -> tuple[str, Key]:
    """A new key, and what is kept of it. Raises BadKey for a wrong name, scope or expiry."""
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadKey(f"the name must have 1 to {NAME_LENGTH} characters in one line")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise BadKey(f"scope {', '.join(unknown) or 'missing'}: must be among {', '.join(SCOPES)}")
    if expires is not None and expires <= now:
        raise BadKey("the key would have expired already: let it last longer")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    identity = secrets.token_hex(ID_BYTES)
    key = Key(
        id=identity,
        name=name,
        hash=hashed(secret),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        rate=rate,
        created=now,
        expires=expires,
    )
    return f"ww_{identity}_{secret}", key


def hashed(secret: str) -> str:
    """What is kept of a key's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def parts(written: str) -> tuple[str, str] | None:
    """Id and secret of a key; None when it is not written like one."""
    found = _KEY.fullmatch(written.strip())
    return (found[1], found[2]) if found else None


def fits(key: Key, secret: str) -> bool:
    """Whether the secret is the key's, in the same time whatever it is."""
    return hmac.compare_digest(key.hash, hashed(secret))
