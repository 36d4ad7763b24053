"""Every error as problem details (RFC 9457): what was wrong, where, and what to do.

A browser that asks for a page gets the same as a page: ``app.state.problem_page`` makes it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from elastic_transport import ConnectionError as TransportConnectionError
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from wirewatch.alerts.channels.made import BadChannel
from wirewatch.alerts.saved import Refused
from wirewatch.alerts.searches import BadSearches
from wirewatch.search.cursor import BadCursor, ExpiredCursor
from wirewatch.search.language import BadQuery
from wirewatch.search.request import BadRequest, TooSlow
from wirewatch.store import MappingDiffers, Unavailable
from wirewatch.web.security.headers import secured

log = logging.getLogger("wirewatch.web")

MEDIA_TYPE = "application/problem+json"
NAMED = 20  # wrong parameters that one answer names
AGAIN = "5"  # seconds after which to ask again when Elasticsearch is away: it starts in 20

# Each kind by its slug: the status, and the title that it always has.
KINDS: dict[str, tuple[int, str]] = {
    "bad-query": (400, "The query cannot be understood"),
    "bad-parameter": (400, "A parameter has a wrong value"),
    "unknown-parameter": (400, "There is no such parameter"),
    "bad-cursor": (400, "The cursor does not fit this request"),
    "bad-body": (422, "The body is not what is expected"),
    "no-key": (401, "A key is needed"),
    "forbidden": (403, "The key does not allow this"),
    "csrf": (403, "The request does not come from a page of this server"),
    "not-found": (404, "Nothing is there"),
    "method-not-allowed": (405, "This address does not take this method"),
    "conflict": (409, "It is there already, or was changed meanwhile"),
    "expired-cursor": (410, "The cursor has expired"),
    "too-large": (413, "The request is too large"),
    "unknown-host": (421, "The server is not known by that name"),
    "too-many": (429, "Too many requests"),
    "failed": (500, "The server made a mistake"),
    "unavailable": (503, "Elasticsearch does not answer"),
    "other-mapping": (503, "The indices are of another version"),
    "too-slow": (504, "The search took too long"),
}
_BY_STATUS = {
    status: slug
    for slug, (status, _) in reversed(KINDS.items())  # of several kinds the first
}

ProblemPage = Callable[[Request, "Problem"], Response]


class Problem(Exception):
    """An error with its problem details: raise it anywhere below a route.

    ``more`` are members beside the standard ones, such as ``column``.
    """

    def __init__(
        self, slug: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        self.slug = slug
        self.status, self.title = KINDS[slug]
        self.detail = detail
        self.headers = headers or {}
        self.more = more
        super().__init__(detail)

    def details(self) -> dict[str, Any]:
        """The members of the problem details object."""
        return {
            "type": f"urn:wirewatch:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


def install(app: FastAPI) -> None:
    """Has the app answer every error as problem details, its own and Elasticsearch's."""
    for kind in (
        Problem,
        RequestValidationError,
        HTTPException,
        BadQuery,
        BadRequest,
        BadCursor,
        BadChannel,
        BadSearches,
        Refused,
        TooSlow,
        Unavailable,
        MappingDiffers,
        TransportError,
        ApiError,
        Exception,
    ):
        app.add_exception_handler(kind, _answer)


def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem.slug == "method-not-allowed":
        problem.headers = {"Allow": ", ".join(_methods(request))}
    if problem.status >= 500:
        trace = error if problem.slug == "failed" else None
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=trace)
    page: ProblemPage | None = getattr(request.app.state, "problem_page", None)
    answer = page(request, problem) if page and wants_page(request) else plain_answer(problem)
    if problem.slug == "failed":  # made outside of the app's own checks
        answer.headers.update(secured(framed=False))
    return answer


def _methods(request: Request) -> list[str]:
    """How an address can be asked: by any of the routes that have it."""
    found: set[str] = set()
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)


def plain_answer(problem: Problem) -> Response:
    """The problem details as an answer."""
    body = json.dumps(problem.details(), ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def wants_page(request: Request) -> bool:
    """Whether a person looks at the answer: a browser, asking for anything but the API."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return not path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def problem_of(error: Exception) -> Problem:
    """The problem that an exception stands for."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error)
        case BadQuery():
            return Problem("bad-query", str(error), column=error.column, expected=error.expected)
        case BadRequest():
            return Problem("bad-parameter", str(error))
        case ExpiredCursor():
            return Problem("expired-cursor", str(error))
        case BadCursor():
            return Problem("bad-cursor", str(error))
        case BadChannel():
            return Problem("bad-body", str(error))
        case BadSearches():
            return Problem("bad-body", "; ".join(error.problems))
        case Refused():
            return Problem("conflict", str(error))
        case TooSlow():
            return Problem("too-slow", str(error))
        # The words of these two are for operators: addresses, fields.
        case Unavailable():
            return Problem(
                "unavailable",
                "Elasticsearch does not answer: try again in some seconds; the server's log says "
                "what it is",
                headers={"Retry-After": AGAIN},
            )
        case MappingDiffers():
            return Problem(
                "other-mapping",
                "Elasticsearch's indices are of another version than this server: an operator "
                "moves them with 'wirewatch index migrate'; the server's log says what differs",
            )
        case ConnectionTimeout():
            return Problem("too-slow", "Elasticsearch did not answer in time: ask for less")
        case TransportConnectionError() | TransportError():
            return Problem(
                "unavailable",
                "Elasticsearch does not answer: try again in some seconds",
                headers={"Retry-After": AGAIN},
            )
        case ApiError() if error.meta.status in (429, 503):
            return Problem(
                "unavailable",
                "Elasticsearch is overloaded: try again in some seconds",
                headers={"Retry-After": AGAIN},
            )
        case HTTPException(status_code=400):  # FastAPI's word for a body that cannot be read
            cause = error.__cause__  # a problem when it was cut off for its length
            return cause if isinstance(cause, Problem) else Problem("bad-body", error.detail)
        case HTTPException():
            slug = _BY_STATUS.get(error.status_code, "failed")
            return Problem(slug, str(error.detail), headers=dict(error.headers or {}))
        case _:
            return Problem("failed", "the server's log has the error")


def _invalid(error: RequestValidationError) -> Problem:
    """What FastAPI found wrong with parameters or a body, each named."""
    errors = [
        {
            "in": str(one["loc"][0]),
            "name": ".".join(str(part) for part in one["loc"][1:]),
            "detail": str(one["msg"]),
        }
        for one in error.errors()[:NAMED]
    ]
    body = any(one["in"] == "body" for one in errors)
    words = "; ".join(f"{one['name'] or one['in']}: {one['detail']}" for one in errors)
    return Problem("bad-body" if body else "bad-parameter", words, errors=errors)
