"""The pages brought into an app: their routes, the static files, the page of an error."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from wirewatch.web.problems import Problem
from wirewatch.web.site import (
    channels,
    compare,
    frame,
    inbox,
    operations,
    runs,
    saved_searches,
    search,
    sources,
    story,
    trends,
    unsubscribe,
)
from wirewatch.web.site.render import STATIC, base, page

YEAR = 31_536_000  # seconds: an address with a file's hash never means another file


class Assets(StaticFiles):
    """Files that may be kept for ever when asked for with their hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        named = b"v=" in scope.get("query_string", b"")
        keep = f"public, max-age={YEAR}, immutable" if named else "no-cache"
        response.headers["Cache-Control"] = keep
        return response


def install(app: FastAPI) -> None:
    """Adds the pages to the app, and has its errors answered by a page where a person looks."""
    router = APIRouter(include_in_schema=False)
    pages = (
        search,
        story,
        compare,
        trends,
        sources,
        inbox,
        saved_searches,
        channels,
        runs,
        operations,
        unsubscribe,
        frame,
    )
    for one in pages:
        router.include_router(one.router)
    app.include_router(router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.state.problem_page = problem_page


def problem_page(request: Request, problem: Problem) -> Response:
    """An error as a page; where a login would help, the way to it."""
    if problem.slug == "no-key" and request.app.state.guards.host_login is None:
        path = request.url.path.removeprefix(base(request)) or "/"
        wanted = path + (f"?{request.url.query}" if request.url.query else "")
        there = quote(wanted, safe="/") if request.method == "GET" else "/"
        return RedirectResponse(f"{base(request)}/login?next={there}", 303)
    return page(
        request,
        "problem.html",
        status=problem.status,
        headers=problem.headers,
        problem=problem,
        again=request.method == "GET" and problem.status in (429, 503, 504),
    )
