"""Who asks: by a key, by a session, or by the host application."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.web.problems import Problem
from wirewatch.web.security import keys, sessions
from wirewatch.web.security.limits import Limiter
from wirewatch.web.security.sessions import Session
from wirewatch.web.stores import Stores

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="wirewatch", Basic realm="wirewatch"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's owner, by the key itself or by a session; or somebody without one."""

    name: str = ""  # "": nobody that is known
    scopes: frozenset[str] = frozenset()
    csrf: str = ""  # what a form must send back; "": no cookie is involved, so nothing to forge
    session: Session | None = None  # None: no login of ours
    rate: int = field(default=0, compare=False)  # requests a minute; 0: the usual


NOBODY = Caller()

# How a host application (Airflow) that mounts the app tells who asks; None: nobody it knows. Its
# login is taken for a cookie's: callers without a csrf token get one.
HostLogin = Callable[[Request], Caller | None]


@dataclass(frozen=True)
class Guards:
    """What the app recognises callers with: ``app.state.guards``."""

    settings: Settings
    stores: Stores
    limiter: Limiter
    secret: bytes
    host_login: HostLogin | None = None


def guards(request: Request) -> Guards:
    """The app's guards."""
    found: Guards = request.app.state.guards
    return found


def identify(request: Request) -> Caller:
    """Who asks, counted against their rate; NOBODY when that is not known.

    Raises Problem: 401 for a key that is none, 429 where the rate is passed. Raises Unavailable
    where keys cannot be looked up.
    """
    guard = guards(request)
    try:
        found, who = _identify(request, guard)
    except Problem:
        count_address(request)  # so that guesses are counted, too
        raise
    _count(request, guard, who or _address(request), found.rate)
    return found


def _identify(request: Request, guard: Guards) -> tuple[Caller, str]:
    """Who asks, and under which name that is counted."""
    if guard.host_login is not None:
        host = guard.host_login(request)
        if host is None:
            return NOBODY, ""
        token = host.csrf or sessions.csrf_token(f"host:{host.name}", guard.secret)
        return Caller(host.name, host.scopes, token, None, host.rate), f"host:{host.name}"
    if authorization := request.headers.get("authorization"):
        return _by_key(guard, authorization)
    if cookie := request.cookies.get(sessions.COOKIE):
        session = sessions.unseal(cookie, guard.secret, utc_now())
        found = session and _by_session(guard, session)
        if found and session:
            return found, f"key:{session.key_id}" if session.key_id else f"session:{session.id}"
    return NOBODY, ""


def _by_key(guard: Guards, authorization: str) -> tuple[Caller, str]:
    written = key_from(authorization)
    parts = keys.parts(written) if written else None
    key = guard.stores.get().keys.get(parts[0]) if parts else None
    if parts is None or key is None or not keys.fits(key, parts[1]) or not key.live(utc_now()):
        raise Problem(
            "no-key", "this key is not known, has expired, or was revoked", headers=CHALLENGE
        )
    scopes = frozenset(key.scopes)
    if _is_basic(authorization):
        # Browsers keep a password and send it with what other sites' pages ask for, too.
        scopes &= {"read"}
    return Caller(key.name, scopes, rate=key.rate), f"key:{key.id}"


def key_from(authorization: str) -> str:
    """The key in an Authorization header: a bearer token, or the password of Basic; "" for none.

    Feed readers know no other way than Basic (RFC 7617).
    """
    kind, _, rest = authorization.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() == "basic":
        try:
            words = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return ""
        return words.partition(":")[2]
    return ""


def _is_basic(authorization: str) -> bool:
    return authorization.partition(" ")[0].lower() == "basic"


def _by_session(guard: Guards, session: Session) -> Caller | None:
    """Who is logged in; None when the key was revoked or the session was logged out."""
    token = sessions.csrf_token(session.id, guard.secret)
    if not session.key_id:
        return Caller("reader", frozenset({"read"}), token, session)
    key = guard.stores.get().keys.get(session.key_id)
    if key is None or not key.live(utc_now()):
        return None
    if any(ended.session == session.id for ended in key.ended):
        return None
    return Caller(key.name, frozenset(key.scopes), token, session, key.rate)


def _address(request: Request) -> str:
    return f"address:{request.client.host if request.client else ''}"


def count_address(request: Request) -> None:
    """Counts a request against where it comes from. Raises Problem 429 where that is too much."""
    _count(request, guards(request), _address(request), 0)


def _count(request: Request, guard: Guards, who: str, rate: int) -> None:
    allowance = guard.limiter.take(who, rate)
    request.state.headers = allowance.headers()
    if not allowance.allowed:
        raise Problem(
            "too-many", f"{allowance.limit} requests a minute are allowed", limit=allowance.limit
        )
