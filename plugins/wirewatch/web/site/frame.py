"""What is around the pages: the login, light or dark, the page of keys and syntax."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.web.context import NOBODY, Caller, caller
from wirewatch.web.problems import Problem
from wirewatch.web.security.login import own_path
from wirewatch.web.site.render import THEME_COOKIE, THEMES, base, page

router = APIRouter()

WRONG = ("key", "link")  # what did not open the pages
YEAR = 31_536_000  # seconds that light or dark is remembered


@router.get("/login")
def login_page(
    request: Request,
    next: str = "/",  # noqa: A002 - what the world calls it
    wrong: str = "",
) -> Response:
    """The form that takes a key."""
    if request.app.state.guards.host_login is not None:
        raise Problem("not-found", "the login is the host application's")
    return page(
        request,
        "login.html",
        caller=NOBODY,
        goal=own_path(next),
        wrong=wrong if wrong in WRONG else "",
        status=401 if wrong in WRONG else 200,
    )


@router.post("/theme")
def set_theme(
    request: Request, theme: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> RedirectResponse:
    """Remembers light or dark in a cookie, and goes back to the page.

    Needs no token: a stranger's page could at worst turn the light on.
    """
    answer = RedirectResponse(base(request) + own_path(back), 303)
    if theme in THEMES:
        answer.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR, path=base(request) or "/", samesite="lax"
        )
    else:
        answer.delete_cookie(THEME_COOKIE, path=base(request) or "/")
    return answer


@router.get("/help")
def help_page(request: Request, who: Annotated[Caller, Depends(caller)]) -> Response:
    """The query language and the keys on one page."""
    return page(request, "help.html", caller=who)
