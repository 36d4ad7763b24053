"""The link that opens the pages for reading: its token becomes a session's cookie, as in Jupyter.

An address proves nothing of who asks: a proxy on this machine connects by loopback for everybody.
The token is derived from the secret, which its owner alone can read, and stays the same over
restarts.
"""

from __future__ import annotations

import hmac
import logging
import re
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from wirewatch.records import utc_now
from wirewatch.web.security import sessions
from wirewatch.web.security.secret import PARAMETER, reader_token

_IN_A_LOG = re.compile(rf"\b{PARAMETER}=[^&\s]*")


class Linked:
    """Gives who follows the link a session, and goes on to the address without the token."""

    def __init__(self, app: ASGIApp, *, secret: bytes, hours: float) -> None:
        self._app = app
        self._secret = secret
        self._hours = hours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET":
            asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            if PARAMETER in dict(asked):
                await self._answer(Request(scope), asked)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _answer(self, request: Request, asked: list[tuple[str, str]]) -> RedirectResponse:
        given = dict(asked)[PARAMETER]
        if not hmac.compare_digest(given.encode(), reader_token(self._secret).encode()):
            return RedirectResponse("/login?wrong=link", 303)
        rest = urlencode([(name, value) for name, value in asked if name != PARAMETER])
        answer = RedirectResponse("/" + (f"?{rest}" if rest else ""), 303)
        now = utc_now()
        session = sessions.begin(None, now, self._hours)
        sessions.set_cookie(answer, request, session, self._secret, now)
        return answer


class Untold(logging.Filter):
    """Leaves the token out of what the server's log says of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True: every line is written."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _IN_A_LOG.sub(f"{PARAMETER}=…", one) if isinstance(one, str) else one
                for one in record.args
            )
        return True
