"""How long a request's body may be."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wirewatch.web.problems import Problem, plain_answer


class LimitedBody:
    """Answers 413 to a longer body: by its announced length, or as soon as it has come."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > self._most:
            await plain_answer(self._problem())(scope, receive, send)
            return
        taken = 0

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._most:
                    raise self._problem()
            return message

        await self._app(scope, receiving, send)

    def _problem(self) -> Problem:
        return Problem("too-large", f"a body may have {self._most:,} bytes at the most")
