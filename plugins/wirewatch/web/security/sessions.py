"""Sessions: what a browser has after a login with a key, or by the link; a signed cookie.

A session says which key it stands for, not what that may do: the key is looked up at each request,
so that one revoked ends its sessions. Logging out is noted with the key, so that a cookie copied
before is no use after.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from wirewatch.records import Key, Record
from wirewatch.signing import BadSignature, Purpose, sign, token, unsign

COOKIE = "wirewatch_session"


class Session(Record, frozen=True, kw_only=True):
    """One login."""

    id: str
    key_id: str  # "": begun by the link
    expires: datetime


def begin(key: Key | None, now: datetime, hours: float) -> Session:
    """A new session of a key, which it does not outlive; None: by the link."""
    expires = now + timedelta(hours=hours)
    if key and key.expires is not None:
        expires = min(expires, key.expires)
    return Session(id=secrets.token_hex(16), key_id=key.id if key else "", expires=expires)


def seal(session: Session, secret: bytes) -> str:
    """The cookie's value."""
    return sign(session, secret, Purpose.SESSION)


def unseal(value: str, secret: bytes, now: datetime) -> Session | None:
    """The session of a cookie; None when it was not made here, was changed, or has expired."""
    try:
        session = unsign(value, secret, Purpose.SESSION, Session)
    except BadSignature:
        return None
    return session if now < session.expires else None


def csrf_token(name: str, secret: bytes) -> str:
    """What forms of a session must send back: only who knows the secret can make it."""
    return token(name, secret, Purpose.FORM)


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
