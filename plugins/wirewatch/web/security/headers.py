"""The headers that every answer has, whatever made it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing from elsewhere, no script or style but in files of our own; OWASP, "Content Security
# Policy Cheat Sheet".
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
)
PLAIN = {
    "X-Content-Type-Options": "nosniff",
    # Outlets need not learn what is searched for; with no-referrer, forms would have no Origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


class Secured:
    """Adds the headers to every answer; what has said itself how it may be cached keeps that.

    ``framed``: whether the host application, of the same origin, shows the pages in a frame.
    """

    def __init__(self, app: ASGIApp, *, framed: bool = False) -> None:
        self._app = app
        self._headers = secured(framed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        state = scope.setdefault("state", {})

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # request.state.headers is what the checks have to say.
                for name, value in {**self._headers, **state.get("headers", {})}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)


def secured(framed: bool) -> dict[str, str]:
    """The headers by name."""
    return {
        **PLAIN,
        "Content-Security-Policy": CSP.format(frames="'self'" if framed else "'none'"),
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        # Answers differ by who asks.
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Authorization",
    }
