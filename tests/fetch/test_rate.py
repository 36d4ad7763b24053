"""The pace of a host, told by when requests reach it: never earlier than it may be asked."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from aiohttp import web

from tests import makers
from tests.fetch.servers import Handler, settings, site
from wirewatch.fetch import loop, rate
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.fetch.rate import FOLLOW, SLOWEST, Busy, Hosts
from wirewatch.records import Reason, utc_now


class Arrivals:
    """A server that notes when each request comes and when its answer goes."""

    def __init__(self, answer: Handler, takes: float = 0.0) -> None:
        self._answer, self._takes = answer, takes
        self.came: list[float] = []
        self.went: list[float] = []
        self.wall: list[datetime] = []
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.connections: dict[str, set[object]] = {}

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        host = request.host
        self.came.append(time.monotonic())
        self.wall.append(datetime.now(UTC))
        self.connections.setdefault(host, set()).add(request.transport)
        self.under_way[host] += 1
        self.most[host] = max(self.most[host], self.under_way[host])
        await asyncio.sleep(self._takes)
        answer = await self._answer(request)
        self.under_way[host] -= 1
        self.went.append(time.monotonic())
        return answer

    def pauses(self) -> list[float]:
        """Seconds from each answer to the next request."""
        return [came - went for went, came in zip(self.went, self.came[1:], strict=False)]


async def page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<p>page", content_type="text/html")


def get(server: Arrivals, times: int, **options: object) -> list[Response | Failure]:
    """So many GETs at once of one host."""

    async def run() -> list[Response | Failure]:
        async with site({"/{n}": server}) as port, Client(settings(**options)) as client:
            return await asyncio.gather(
                *(client.get(f"http://a.localhost:{port}/{n}", robots=True) for n in range(times))
            )

    return loop.run(run())


def paced(answer: Handler, takes: float = 0.0) -> tuple[Arrivals, Handler]:
    """A server that notes pages only; its robots.txt is missing."""
    noted = Arrivals(answer, takes)

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return await noted(request)

    return noted, handler


def test_one_request_at_a_time_over_one_connection_and_the_delay_between() -> None:
    noted, handler = paced(page)
    answers = get(handler, 4, fetch__delay=0.2)  # type: ignore[arg-type]
    assert all(isinstance(answer, Response) for answer in answers)
    assert list(noted.most.values()) == [1]
    assert len(next(iter(noted.connections.values()))) == 1
    assert len(noted.pauses()) == 3
    assert all(pause >= 0.2 for pause in noted.pauses())


def test_a_slow_host_is_left_alone_for_longer() -> None:
    noted, handler = paced(page, takes=0.25)
    get(handler, 3, fetch__delay=0.01)  # type: ignore[arg-type]
    assert all(pause >= 0.25 * FOLLOW for pause in noted.pauses())


def test_crawl_delay_is_obeyed() -> None:
    noted = Arrivals(page)

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(text="User-agent: *\nCrawl-delay: 0.4\n")
        return await noted(request)

    get(handler, 3, fetch__delay=0.01)  # type: ignore[arg-type]
    assert all(pause >= 0.4 for pause in noted.pauses())


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds(status: int) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if len(noted.came) == 1:
            return web.Response(status=status, headers={"Retry-After": "2"})
        return await page(request)

    noted, handler = paced(answer)
    first, second = get(handler, 2)  # type: ignore[arg-type]
    assert isinstance(first, Failure)
    assert (first.reason, first.retry_after) == (Reason.RATE_LIMITED, 2)
    assert isinstance(second, Response)
    assert noted.pauses()[0] >= 2


def test_retry_after_as_a_date() -> None:
    until: list[datetime] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if len(noted.came) > 1:
            return await page(request)
        until.append((datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0))
        return web.Response(
            status=503, headers={"Retry-After": format_datetime(until[0], usegmt=True)}
        )

    noted, handler = paced(answer)
    first, second = get(handler, 2)  # type: ignore[arg-type]
    assert isinstance(first, Failure)
    assert isinstance(second, Response)
    assert noted.wall[1] >= until[0]


def test_hosts_do_not_wait_for_one_another() -> None:
    """A host answers when all others have been served; if they waited for it, none ever would."""
    others = 300

    async def run() -> list[str]:
        served: set[str] = set()
        all_served = asyncio.Event()

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.path == "/robots.txt":
                return web.Response(status=404)
            if request.host.startswith("stuck"):
                await all_served.wait()
            else:
                served.add(request.host)
                if len(served) == others:
                    all_served.set()
            return await page(request)

        given = settings(fetch__connections=10)
        async with site({"/{n}": answer}) as port, Client(given) as client:
            hosts = ["stuck", *(f"h{n}" for n in range(others))]
            named = [f"http://{host}.localhost:{port}/1" for host in hosts]
            pages = [makers.page(url, discovered=utc_now()) for url in named]
            return [
                one.host.partition(".")[0]
                async for one, got in fetch_pages(client, pages, given)
                if isinstance(got, Response)
            ]

    assert len(loop.run(run())) == others + 1


class Clock:
    """The time that ``rate`` sees."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        monkeypatch.setattr(rate, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(rate, "asyncio", SimpleNamespace(sleep=self.sleep, Lock=asyncio.Lock))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_pauses_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    hosts = Hosts(delay=1.0, patience=30.0)

    async def turn(host: str) -> float:
        before = clock.now
        async with hosts.of(host):
            return clock.now - before

    async def run() -> None:
        assert await turn("a") == 0
        hosts.of("a").answered(0.1)
        assert await turn("a") == 1.0  # the floor
        hosts.of("a").answered(4.0)
        assert await turn("a") == 4.0 * FOLLOW
        hosts.of("a").answered(1_000.0)
        assert await turn("a") == SLOWEST
        hosts.of("a").crawl_delay = 7.0
        hosts.of("a").answered(0.1)
        assert await turn("a") == 7.0
        hosts.of("a").hold(29.0, "429")
        hosts.of("a").answered(0.1)  # a shorter pause takes nothing from a longer one
        assert await turn("b") == 0
        assert await turn("a") == 29.0

    asyncio.run(run())


def test_a_wait_past_the_patience_is_refused_with_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Clock(monkeypatch)
    hosts = Hosts(delay=1.0, patience=30.0)
    hosts.of("a").hold(31.0, "status 429; Retry-After 31 s")
    hosts.of("a").answered(0.1)

    async def run() -> None:
        for _ in range(2):  # the turn is given back
            with pytest.raises(Busy, match="Retry-After 31 s; next in 31 s") as caught:
                async with hosts.of("a"):
                    raise AssertionError("the host was asked")
            assert caught.value.seconds == 31.0

    asyncio.run(run())
