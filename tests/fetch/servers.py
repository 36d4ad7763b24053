"""Loopback servers for the tests of fetching, well-behaved and hostile."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from wirewatch.settings import Settings, load

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


UNGUARDED: dict[str, Any] = {
    "fetch__allow": "*.localhost:*",
    "fetch__delay": 0,
    "fetch__retry_pause": 0,
}


def settings(**options: Any) -> Settings:
    """Defaults, without pauses and open to loopback, unless told otherwise."""
    state = tempfile.mkdtemp(prefix="wirewatch-test-")
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    given = {"state": state, **UNGUARDED, **options}
    return load({}, root=Path(__file__).parents[2]).with_options(**given)


@asynccontextmanager
async def site(routes: dict[str, Handler | str | bytes]) -> AsyncIterator[int]:
    """An aiohttp server with these paths; its port. A text is served as an HTML page."""
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_get(path, handler if callable(handler) else _page(handler))
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _page(content: str | bytes) -> Handler:
    body = content.encode() if isinstance(content, str) else content

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    return handler


@asynccontextmanager
async def raw(answer: Raw, by_host: Mapping[str, Raw] | None = None) -> AsyncIterator[int]:
    """A TCP server that reads a request's head and lets ``answer`` speak; no robots.txt.

    The first label of the host asked for may name another answer in ``by_host``.
    """

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET /robots.txt"):
                writer.write(
                    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                await writer.drain()
            else:
                label = head.lower().partition(b"\r\nhost:")[2].strip().partition(b".")[0]
                await (by_host or {}).get(label.decode(), answer)(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
