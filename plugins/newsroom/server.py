"""The newsroom's server: every outlet on one loopback port, told apart by the Host header."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web

from newsroom import behaviours, feeds, pages
from newsroom.behaviours import Memory
from newsroom.opml import opml
from newsroom.outlets import BY_HOST, Outlet
from newsroom.plan import plan
from newsroom.site import Route, Site, robots
from newsroom.truth import Truth, truth
from wirewatch.records import to_json, utc_now

HOST = "127.0.0.1"  # never beyond loopback: its pages are made to misbehave
PORT = 8765
LOGGED = 100_000  # requests remembered; older ones are forgotten
SHUTDOWN = 0.5  # seconds that answers under way get when the server stops
START = 30.0  # seconds the thread may take to make the plan and to listen


@dataclass(frozen=True)
class Request:
    """One request as the server saw it."""

    host: str  # without the port
    path: str  # with the query
    time: datetime
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case


class Server:
    """Answers requests for one epoch; knows its port once it listens."""

    def __init__(self, epoch: datetime, memory: Memory | None = None) -> None:
        self.epoch = epoch.astimezone(UTC)
        self.memory = memory or Memory()
        self.requests: deque[Request] = deque(maxlen=LOGGED)
        self.port = 0
        self._site: Site | None = None

    async def listen(self, port: int) -> web.AppRunner:
        """Starts to listen; ``port`` 0 takes any free one. Raises OSError when it is taken."""
        known = plan()  # before it listens: whoever gets an answer finds every page
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN
        )
        await runner.setup()
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self.port = int(runner.addresses[0][1])
        self._site = Site(known, self.epoch, self.port)
        return runner

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to any request."""
        host = request.host.partition(":")[0].lower()
        path = request.raw_path
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Request(host, path, utc_now(), request.method, headers))
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        outlet = BY_HOST.get(host)
        if outlet is None:
            return behaviours.page(pages.unknown_host(host, self.port), status=404)
        site = self._site
        if site is None:
            raise RuntimeError("asked before it listens")
        route = site.find(outlet, path)
        if route is None:
            return behaviours.page(
                pages.missing(outlet, site.plan, self.epoch, self.port), status=404
            )
        return await self._serve(route, site, request)

    async def _serve(self, route: Route, site: Site, request: web.Request) -> web.StreamResponse:
        outlet = route.outlet
        if route.kind in ("feed", "extra_feed"):
            return self._feed(outlet, site, request, route.kind == "extra_feed")
        if route.kind == "redirect":
            return web.Response(status=302, headers={"Location": route.target})
        if route.kind == "robots":
            return web.Response(text=robots(outlet, self.port))
        if route.kind == "front":
            return behaviours.page(pages.front(outlet, site.plan, self.epoch, self.port))
        if route.oddity is not None:
            html = pages.oddity(route.oddity, outlet, site.plan, self.epoch, self.port)
            return await behaviours.odd(route.oddity, request, html, self.memory)
        return await self._article(route, site, request)

    async def _article(self, route: Route, site: Site, request: web.Request) -> web.StreamResponse:
        placement = route.placement
        if placement is None:
            raise ValueError(f"a route of kind {route.kind} without an article")
        body = pages.article(
            placement, site.plan, self.epoch, self.port, route.part, self.memory.revised
        )
        answer = behaviours.page(body)
        if route.outlet.has("conditional"):
            etag = _etag(body)
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag})
            answer.headers["ETag"] = etag
        before = self.memory.visit(route.outlet.host, f"{placement.key} {route.part}")
        return await behaviours.treated(placement.treatment, request, answer, before)

    def _feed(
        self, outlet: Outlet, site: Site, request: web.Request, extra: bool
    ) -> web.StreamResponse:
        before = self.memory.visit(outlet.host, "extra feed" if extra else "feed")
        revised = self.memory.revised
        complete = before > 0
        lies = outlet.has("lying_etag")
        entries = feeds.items(outlet, site.plan, self.epoch, self.port, complete, revised)
        body = feeds.feed(outlet, site.plan, self.epoch, self.port, complete, revised, extra)
        etag = f'"{outlet.label}-1"' if lies else _etag(body)
        headers = {"Content-Type": feeds.content_type(outlet), "ETag": etag}
        newest = max((item.updated for item in entries), default=self.epoch).astimezone(UTC)
        newest = newest.replace(second=0, microsecond=0)
        if not lies:
            headers["Last-Modified"] = format_datetime(newest, usegmt=True)
        asked = request.headers.get("If-None-Match")
        since = request.headers.get("If-Modified-Since")
        same = asked == etag if asked is not None else since == headers.get("Last-Modified", "-")
        if same:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers=headers)


def _etag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


async def serve(
    port: int,
    epoch: datetime,
    server: Server | None = None,
    ready: Callable[[Server], None] | None = None,
) -> None:
    """Serves until ``server.memory.closing`` is set; calls ``ready`` once it listens.

    Raises OSError when the port is taken.
    """
    server = server or Server(epoch)
    runner = await server.listen(port)
    try:
        if ready is not None:
            ready(server)
        await server.memory.closing.wait()
    finally:
        await runner.cleanup()


class Newsroom:
    """The newsroom in a thread: ``with Newsroom(port=0, epoch=…) as room: room.port``."""

    def __init__(self, port: int = 0, *, epoch: datetime) -> None:
        self._asked = port
        self._server = Server(epoch)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._error: BaseException | None = None

    @property
    def epoch(self) -> datetime:
        """The instant that all dates are relative to."""
        return self._server.epoch

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    @property
    def requests(self) -> list[Request]:
        """The requests so far, in order."""
        return list(self._server.requests)

    def opml(self) -> str:
        """Its feeds as OPML."""
        return opml(self.port)

    def truth(self) -> Truth:
        """What must come of its pages and feeds."""
        return truth(self.epoch, self.port)

    def revise(self) -> None:
        """Publishes the later versions of the texts that have one."""
        self._server.memory.revised = True

    def __enter__(self) -> Newsroom:
        self._thread = threading.Thread(target=self._run, name="newsroom", daemon=True)
        self._thread.start()
        if not self._ready.wait(START):
            raise RuntimeError(f"the newsroom did not start in {START:g} s")
        if self._error is not None:
            self._thread.join()
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.memory.closing.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
            self._error = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        await serve(self._asked, self.epoch, self._server, lambda _: self._ready.set())


def run(port: int = PORT, epoch: datetime | None = None, state_file: Path | None = None) -> None:
    """Serves in the foreground until SIGINT or SIGTERM.

    The state file (JSON: port, epoch, pid) is written once the server listens. Without an epoch
    the file's is taken, so that a restarted newsroom shows the same pages; without either, now.
    Raises OSError when the port is taken.
    """
    chosen = epoch or _kept_epoch(state_file) or utc_now().replace(second=0, microsecond=0)
    asyncio.run(_foreground(port, chosen, state_file))


async def _foreground(port: int, epoch: datetime, state_file: Path | None) -> None:
    server = Server(epoch)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.memory.closing.set)

    def ready(listening: Server) -> None:
        if state_file is not None:
            _keep(state_file, listening)

    await serve(port, epoch, server, ready)


def _keep(state_file: Path, server: Server) -> None:
    state = {"port": server.port, "epoch": server.epoch.isoformat(), "pid": os.getpid()}
    state_file.parent.mkdir(parents=True, exist_ok=True)
    temporary = state_file.with_suffix(".tmp")
    temporary.write_text(json.dumps(state), "utf-8")
    temporary.replace(state_file)


def _kept_epoch(state_file: Path | None) -> datetime | None:
    if state_file is None or not state_file.exists():
        return None
    return datetime.fromisoformat(json.loads(state_file.read_text("utf-8"))["epoch"])


def main(argv: list[str] | None = None) -> int:
    """``python -m newsroom.server``: serve, or print the truth or the OPML."""
    parser = argparse.ArgumentParser(description="Serve the sample newsroom on loopback.")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes any free port")
    parser.add_argument("--epoch", type=datetime.fromisoformat, help="ISO 8601; pages are older")
    parser.add_argument("--state-file", type=Path, help="keeps port, epoch and process id")
    parser.add_argument("--truth", action="store_true", help="print what must come of every page")
    parser.add_argument("--opml", action="store_true", help="print the feeds as OPML")
    asked = parser.parse_args(argv)
    epoch = asked.epoch
    if epoch is not None and epoch.tzinfo is None:
        epoch = epoch.replace(tzinfo=UTC)
    if asked.opml:
        sys.stdout.write(opml(asked.port))
        return 0
    if asked.truth:
        epoch = epoch or _kept_epoch(asked.state_file) or utc_now().replace(second=0, microsecond=0)
        sys.stdout.write(to_json(truth(epoch, asked.port)).decode() + "\n")
        return 0
    run(asked.port, epoch, asked.state_file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
