"""Which names the app answers to.

A page of a stranger may make a name of its own point at 127.0.0.1 (DNS rebinding) and so ask
whatever listens there, from inside the browser, as loopback. Its requests have that name in
``Host``: only names that are known here are answered. An address in figures needs no name, and
cannot be rebound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from wirewatch.web.problems import Problem, plain_answer

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::[0-9]{1,5})?")


class KnownHosts:
    """Answers 421 to a request whose ``Host`` is no name of this server."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower().rstrip(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if not known(host, self._names):
                answer = plain_answer(
                    Problem(
                        "unknown-host",
                        f"this server is not known by the name {host[:200]!r}; "
                        "its operator may add it to the option web.names",
                    )
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def known(host: str, names: frozenset[str]) -> bool:
    """Whether a ``Host`` header names this server: an address, localhost, or one of ``names``."""
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = found[1].strip("[]").lower().rstrip(".")
    return name == "localhost" or name in names or is_address(name)


def is_address(name: str) -> bool:
    """Whether a name is an IP address in figures."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether an address, or the name localhost, is of this machine alone."""
    if address == "localhost":
        return True
    return is_address(address) and ip_address(address).is_loopback
