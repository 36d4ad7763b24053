"""That a request with a cookie comes from a page of ours (OWASP, "CSRF Prevention")."""

from __future__ import annotations

import hmac

from fastapi import Request
from starlette.datastructures import UploadFile

from wirewatch.web.problems import Problem
from wirewatch.web.security.identity import Caller

SAFE = ("GET", "HEAD", "OPTIONS")
HEADER = "x-csrf-token"
FIELD = "csrf"  # of a form
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def check(request: Request, caller: Caller) -> None:
    """Raises Problem where a cookie could have been sent by a page of somebody else."""
    if request.method in SAFE or not caller.csrf:
        return
    from_our_site(request)
    given = request.headers.get(HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(FORMS):
        field = (await request.form()).get(FIELD, "")
        given = "" if isinstance(field, UploadFile) else field
    if not hmac.compare_digest(given.encode(), caller.csrf.encode()):
        raise Problem(
            "csrf", "the form's token is missing or of another session: load the page again"
        )


def from_our_site(request: Request) -> None:
    """Raises Problem when the browser itself says that another site sent the request.

    Also for the login, where there is no token yet: nobody shall be logged in as somebody else.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem("csrf", "another site sent this request")
