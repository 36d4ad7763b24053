"""Logging in with a key, and out again. The page with the form is of ``wirewatch.web.site``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse

from wirewatch.records import Ended, utc_now
from wirewatch.web.context import genuine
from wirewatch.web.problems import Problem
from wirewatch.web.security import csrf, identity, keys, sessions
from wirewatch.web.security.identity import Caller

NEXT_LENGTH = 12_000  # characters: a search's page with the longest query

router = APIRouter(include_in_schema=False)


@router.post("/login")
def log_in(
    request: Request,
    key: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002 - what the world calls it
) -> RedirectResponse:
    """Begins a session, and goes on to ``next``, a path below the one the app is mounted under.

    Where the key is none it goes back to the form.
    """
    guard = identity.guards(request)
    if guard.host_login is not None:
        raise Problem("not-found", "the login is the host application's")
    csrf.from_our_site(request)
    identity.count_address(request)
    now = utc_now()
    parts = keys.parts(key)
    found = guard.stores.get().keys.get(parts[0]) if parts else None
    if parts is None or found is None or not keys.fits(found, parts[1]) or not found.live(now):
        return _go(request, f"/login?{urlencode({'next': own_path(next), 'wrong': 'key'})}")
    session = sessions.begin(found, now, guard.settings["web.session"])
    answer = _go(request, own_path(next))
    sessions.set_cookie(answer, request, session, guard.secret, now)
    return answer


@router.post("/logout")
def log_out(request: Request, found: Annotated[Caller, Depends(genuine)]) -> RedirectResponse:
    """Ends the session, here and for whoever has copied its cookie."""
    if found.session and found.session.key_id:
        ended = Ended(session=found.session.id, expires=found.session.expires)
        identity.guards(request).stores.get().keys.end(found.session.key_id, ended, utc_now())
    answer = _go(request, "/")
    sessions.drop_cookie(answer, request)
    return answer


def root(request: Request) -> str:
    """The path under which the app is mounted; "" at the root."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def own_path(wanted: str) -> str:
    """``wanted`` where it is a path of this app as a browser reads it, else the first page's.

    Browsers take a backslash for a slash and leave out tabs and line ends, so that ``/\\t/host``
    would lead to another server (OWASP, "Unvalidated Redirects").
    """
    plain = wanted.isprintable() and not any(char in wanted for char in " \\")
    here = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if plain and here and len(wanted) <= NEXT_LENGTH else "/"


def _go(request: Request, path: str) -> RedirectResponse:
    """Ask for that path of this app, with GET, whatever this was asked with."""
    return RedirectResponse(root(request) + path, status_code=303)
