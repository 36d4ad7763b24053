"""Logging in with a key, and out again. The page with the form is of ``wirewatch.web.pages``."""

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
    """Begins a session, and goes on to ``next``; back to the form where the key is none."""
    guard = identity.guards(request)
    if guard.host_login is not None:
        raise Problem("not-found", "the login is the host application's")
    csrf.from_our_site(request)
    identity.count_address(request)
    now = utc_now()
    parts = keys.parts(key)
    found = guard.stores.get().keys.get(parts[0]) if parts else None
    if parts is None or found is None or not keys.fits(found, parts[1]) or not found.live(now):
        return _go(login_path(request, next=own_path(request, next), wrong="key"))
    session = sessions.begin(found, now, guard.settings["web.session"])
    answer = _go(own_path(request, next))
    sessions.set_cookie(answer, request, session, guard.session_key, now)
    return answer


@router.post("/logout")
def log_out(request: Request, found: Annotated[Caller, Depends(genuine)]) -> RedirectResponse:
    """Ends the session, here and for whoever has copied its cookie."""
    if found.session:
        ended = Ended(session=found.session.id, expires=found.session.expires)
        identity.guards(request).stores.get().keys.end(found.session.key_id, ended, utc_now())
    answer = _go(root(request) + "/")
    sessions.drop_cookie(answer, request)
    return answer


def root(request: Request) -> str:
    """The path under which the app is mounted; "" at the root."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def own_path(request: Request, wanted: str) -> str:
    """``wanted`` where it is a path of this app as a browser reads it, else the app's first page.

    Browsers take a backslash for a slash and leave out tabs and line ends, so that ``/\\t/host``
    would lead to another server (OWASP, "Unvalidated Redirects").
    """
    plain = wanted.isprintable() and not any(char in wanted for char in " \\")
    below = wanted.startswith(root(request) + "/") and not wanted.startswith("//")
    fits = plain and below and len(wanted) <= NEXT_LENGTH
    return wanted if fits else root(request) + "/"


def login_path(request: Request, **words: str) -> str:
    """The address of the page to log in on."""
    return f"{root(request)}/login?{urlencode(words)}"


def _go(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)  # ask with GET, whatever this was asked with
