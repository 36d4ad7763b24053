"""Sessions: what a browser has after a login with a key; a signed cookie.

A session says which key it stands for, not what that may do: the key is looked up at each request,
so that one revoked ends its sessions. Logging out is noted with the key, so that a cookie copied
before is no use after.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

from wirewatch.records import Key, Record

COOKIE = "wirewatch_session"
LONGEST = 1_000  # characters of a cookie that are looked at; ours have 200
SIGNATURE = 32  # bytes


class Session(Record, frozen=True, kw_only=True):
    """One login."""

    id: str
    key_id: str
    expires: datetime


def begin(key: Key, now: datetime, hours: float) -> Session:
    """A new session of a key; it does not outlive the key."""
    expires = now + timedelta(hours=hours)
    if key.expires is not None:
        expires = min(expires, key.expires)
    return Session(id=secrets.token_hex(16), key_id=key.id, expires=expires)


def seal(session: Session, secret: bytes) -> str:
    """The cookie's value."""
    body = msgspec.json.encode(session)
    return base64.urlsafe_b64encode(_signature(body, secret) + body).decode().rstrip("=")


def unseal(value: str, secret: bytes, now: datetime) -> Session | None:
    """The session of a cookie; None when it was not made here, was changed, or has expired."""
    if len(value) > LONGEST:
        return None
    try:
        raw = base64.b64decode(value.encode("ascii") + b"=" * (-len(value) % 4), b"-_", True)
        signature, body = raw[:SIGNATURE], raw[SIGNATURE:]
        if not hmac.compare_digest(signature, _signature(body, secret)):
            return None
        session = msgspec.json.decode(body, type=Session)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        return None
    return session if now < session.expires else None


def _signature(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, body, hashlib.sha256)


def csrf_token(name: str, secret: bytes) -> str:
    """What forms of a session must send back: only who knows the secret can make it."""
    return hmac.digest(secret, name.encode(), hashlib.sha256).hex()


def set_cookie(
    response: Response, request: HTTPConnection, session: Session, secret: bytes, now: datetime
) -> None:
    """Gives the browser the session: for this app's pages only, and hidden from scripts."""
    response.set_cookie(
        COOKIE,
        seal(session, secret),
        max_age=int((session.expires - now).total_seconds()),
        path=_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # strict would show who follows a link in an alert's mail the login
    )


def drop_cookie(response: Response, request: HTTPConnection) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(
        COOKIE,
        path=_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _path(request: HTTPConnection) -> str:
    return str(request.scope.get("root_path", "")) or "/"
