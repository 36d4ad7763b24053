"""Lists of pages: hosts in parallel, one retry within the run, the budget; then what becomes of
failures.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from tests import makers
from tests.fetch.servers import Handler, raw, settings, site
from wirewatch.fetch import loop
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.fetch.retry import outcome
from wirewatch.records import Page, PageStatus, Reason

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def page(url: str, **fields: object) -> Page:
    return makers.page(url, **{"discovered": NOW, **fields})


def run(
    routes: dict[str, Handler | str | bytes],
    paths: list[str],
    budget: float = 60,
    **options: object,
) -> dict[str, Response | Failure]:
    """What comes of each path, ``host/path``; every page must come back exactly once."""

    async def fetch() -> dict[str, Response | Failure]:
        given = settings(**options)
        async with site(routes) as port, Client(given, budget=budget) as client:
            pages = [
                page(f"http://{path.replace('/', f'.localhost:{port}/', 1)}") for path in paths
            ]
            got = [pair async for pair in fetch_pages(client, pages, given)]
        assert sorted(p.id for p, _ in got) == sorted(p.id for p in pages)
        by_url = {p.url: answer for p, answer in got}
        return {path: by_url[p.url] for path, p in zip(paths, pages, strict=True)}

    return loop.run(fetch())


def failing_first(status: int, **headers: str) -> Handler:
    seen: set[str] = set()

    async def handler(request: web.Request) -> web.Response:
        if request.path in seen:
            return web.Response(text="<p>better", content_type="text/html")
        seen.add(request.path)
        return web.Response(status=status, headers=headers)

    return handler


def test_a_server_error_gets_one_more_try() -> None:
    answer = run({"/x": failing_first(500)}, ["a/x"])["a/x"]
    assert isinstance(answer, Response)


def test_a_short_retry_after_is_waited_for_within_the_run() -> None:
    routes = {"/x": failing_first(429, **{"Retry-After": "1"})}
    assert isinstance(run(dict(routes), ["a/x"])["a/x"], Response)


def test_a_long_retry_after_is_left_to_a_later_run_and_spares_the_host() -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=503, headers={"Retry-After": "600"})

    got = run({"/{n}": handler, "/robots.txt": b""}, ["a/1", "a/2"])
    assert asked == ["/1"]
    first, second = got["a/1"], got["a/2"]
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert first.attempted
    assert not second.attempted


def test_one_request_at_a_time_to_a_host_and_hosts_in_parallel() -> None:
    running: dict[str, int] = {}
    together = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal together
        running[request.host] = running.get(request.host, 0) + 1
        assert running[request.host] == 1
        together = max(together, sum(running.values()))
        await asyncio.sleep(0.05)
        running[request.host] -= 1
        return web.Response(text="x", content_type="text/html")

    got = run({"/{n}": handler}, [f"{host}/{n}" for host in "abc" for n in range(3)])
    assert all(isinstance(answer, Response) for answer in got.values())
    assert together == 3


def test_past_its_budget_the_rest_waits_for_the_next_run() -> None:
    """What hangs is given up; it had most of the time, so that counts as an attempt."""
    asked: list[str] = []

    async def hangs(request: web.Request) -> web.Response:
        asked.append(request.path)
        await asyncio.sleep(0 if request.path == "/1" else 600)
        return web.Response(text="x", content_type="text/html")

    got = run({"/{n}": hangs, "/robots.txt": b""}, ["a/1", "a/2", "a/3"], budget=4)
    assert isinstance(got["a/1"], Response)
    cut, left = got["a/2"], got["a/3"]
    assert isinstance(cut, Failure)
    assert isinstance(left, Failure)
    assert (cut.reason, cut.attempted) == (Reason.TIMEOUT, True)
    assert (left.reason, left.attempted) == (Reason.POSTPONED, False)
    assert asked == ["/1", "/2"]


def test_a_page_that_began_late_loses_no_attempt_at_the_deadline() -> None:
    async def hangs(request: web.Request) -> web.Response:
        await asyncio.sleep(2.5 if request.path == "/1" else 600)
        return web.Response(text="x", content_type="text/html")

    got = run({"/{n}": hangs, "/robots.txt": b""}, ["a/1", "a/2"], budget=4)
    cut = got["a/2"]
    assert isinstance(cut, Failure)
    assert (cut.reason, cut.attempted) == (Reason.POSTPONED, False)


def test_a_robots_file_that_the_deadline_cut_says_nothing_of_its_host() -> None:
    async def silent(_: web.Request) -> web.Response:
        await asyncio.sleep(600)
        return web.Response()

    got = run({"/robots.txt": silent, "/1": "x"}, ["a/1"], budget=1)["a/1"]
    assert isinstance(got, Failure)
    assert (got.reason, got.attempted, got.retry_after) == (Reason.POSTPONED, False, None)


def test_empty_and_foreign_bodies() -> None:
    async def image(_: web.Request) -> web.Response:
        return web.Response(body=b"GIF89a", content_type="image/gif")

    got = run({"/e": " \n", "/i": image}, ["a/e", "a/i"])
    reasons = {path: answer.reason for path, answer in got.items() if isinstance(answer, Failure)}
    assert reasons == {"a/e": Reason.EMPTY, "a/i": Reason.NOT_TEXT}


def test_hostile_hosts_do_not_hold_up_the_others() -> None:
    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def fetch() -> list[str]:
        given = settings(fetch__timeout=1.5)
        async with raw(silence) as dead, site({"/x": "x"}) as alive, Client(given) as client:
            pages = [page(f"http://s{n}.localhost:{dead}/x") for n in range(20)]
            pages += [page(f"http://a{n}.localhost:{alive}/x") for n in range(20)]
            return [type(answer).__name__ async for _, answer in fetch_pages(client, pages, given)]

    assert loop.run(fetch()) == ["Response"] * 20 + ["Failure"] * 20


def failure(reason: Reason, **fields: object) -> Failure:
    return Failure(url="http://e.example/", reason=reason, detail="words", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.ROBOTS, PageStatus.REJECTED),
        (Reason.GUARDED, PageStatus.REJECTED),
        (Reason.NOT_TEXT, PageStatus.REJECTED),
        (Reason.TOO_LARGE, PageStatus.REJECTED),
        (Reason.BAD_URL, PageStatus.REJECTED),
        (Reason.EMPTY, PageStatus.REJECTED),
        (Reason.NOT_FOUND, PageStatus.DEAD),
        (Reason.GONE, PageStatus.DEAD),
        (Reason.REDIRECT_LOOP, PageStatus.DEAD),
        (Reason.SERVER_ERROR, PageStatus.RETRY),
        (Reason.TIMEOUT, PageStatus.RETRY),
        (Reason.DNS, PageStatus.RETRY),
        (Reason.TLS, PageStatus.RETRY),
        (Reason.FORBIDDEN, PageStatus.RETRY),
    ],
)
def test_what_a_first_failure_means(reason: Reason, status: PageStatus) -> None:
    after = outcome(page("http://e.example/"), failure(reason), NOW, settings())
    assert (after.status, after.reason, after.detail) == (status, reason, "words")
    assert (after.next_attempt is not None) == (status == PageStatus.RETRY)


@pytest.mark.parametrize(
    ("reason", "http", "status"),
    [
        (Reason.NOT_FOUND, 404, PageStatus.DEAD),
        (Reason.GONE, 410, PageStatus.DEAD),
        (Reason.CLIENT_ERROR, 400, PageStatus.DEAD),
        (Reason.CLIENT_ERROR, 418, PageStatus.DEAD),
        (Reason.CLIENT_ERROR, 408, PageStatus.RETRY),
        (Reason.CLIENT_ERROR, 421, PageStatus.RETRY),
        (Reason.CLIENT_ERROR, 425, PageStatus.RETRY),
        (Reason.RATE_LIMITED, 429, PageStatus.RETRY),
        (Reason.FORBIDDEN, 403, PageStatus.RETRY),
    ],
)
def test_answers_of_the_4xx_kind_by_what_they_mean(
    reason: Reason, http: int, status: PageStatus
) -> None:
    after = outcome(page("http://e.example/"), failure(reason, status=http), NOW, settings())
    assert (after.status, after.http_status) == (status, http)
    again = outcome(after, failure(reason, status=http), NOW, settings())
    expected = PageStatus.DEAD if reason == Reason.FORBIDDEN else status
    assert again.status == expected  # a second 403 is meant


@pytest.mark.parametrize(
    "reason",
    [Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.TIMEOUT, Reason.TOO_SLOW, Reason.SERVER_ERROR,
     Reason.PROTOCOL],
)  # fmt: skip
def test_what_may_pass_is_tried_for_hours_then_dead_with_its_last_answer(reason: Reason) -> None:
    one, now = page("http://e.example/"), NOW
    while one.status != PageStatus.DEAD:
        one = outcome(one, failure(reason, status=500), now, settings())
        now = one.next_attempt or now
    assert now - NOW > timedelta(hours=12)
    assert (one.reason, one.http_status, one.next_attempt) == (reason, 500, None)
    assert one.detail.startswith("words (attempt 6")


def test_tries_back_off_over_hours_and_end() -> None:
    now, waits, one = NOW, [], page("http://e.example/")
    while True:
        one = outcome(one, failure(Reason.TIMEOUT), now, settings())
        if one.next_attempt is None:
            break
        waits.append((one.next_attempt - now) / timedelta(hours=1))
        now = one.next_attempt
    assert waits == [0.5, 1, 2, 4, 8]
    assert (one.status, one.attempts) == (PageStatus.DEAD, 6)
    assert "attempt 6 of 6" in one.detail


def test_retry_after_is_kept_to_the_second_and_a_missed_turn_costs_nothing() -> None:
    asked = failure(Reason.RATE_LIMITED, retry_after=77.0)
    after = outcome(page("http://e.example/"), asked, NOW, settings())
    assert after.next_attempt == NOW + timedelta(seconds=77)
    waiting = failure(Reason.POSTPONED, attempted=False)
    after = outcome(page("http://e.example/", attempts=5), waiting, NOW, settings())
    assert (after.status, after.attempts) == (PageStatus.RETRY, 5)
    assert after.next_attempt == NOW + timedelta(seconds=1)
