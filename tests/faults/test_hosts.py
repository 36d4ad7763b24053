"""Hosts that misbehave, all at once and beside hosts that do not, in one run over one event loop.

Each faulty host ends in its own reason; the good ones are served meanwhile, which is told by the
order in which answers come, not by the clock.
"""

from __future__ import annotations

import asyncio
import gzip

import pytest

from tests import makers
from tests.fetch.servers import Raw, raw, settings
from wirewatch.fetch import loop
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.records import Reason, utc_now

PAGE = b"<p>a page"
GOOD = 40  # hosts that answer at once
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


async def never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def byte_a_second(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    await dripping(writer)


async def header_a_second(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"X-Slow: ")
    await dripping(writer)


async def dripping(writer: asyncio.StreamWriter) -> None:
    for _ in range(60):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


def says(text: bytes, stay: bool = False) -> Raw:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        if stay:
            await reader.read()

    return answer


BOMB = gzip.compress(bytes(20_000_000))
FAULTS: dict[str, tuple[Raw, Reason]] = {
    "never": (never, Reason.TIMEOUT),
    "reset": (reset, Reason.CONNECT),
    "hang-up": (hang_up, Reason.CONNECT),
    "byte-a-second": (byte_a_second, Reason.TOO_SLOW),
    "header-a-second": (header_a_second, Reason.TIMEOUT),
    "promises-more": (says(HEAD + b"Content-Length: 99\r\n\r\nshort"), Reason.PROTOCOL),
    "promises-more-and-stays": (
        says(HEAD + b"Content-Length: 99\r\n\r\nshort", stay=True),
        Reason.TIMEOUT,
    ),
    "chunk-breaks-off": (
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nshort"),
        Reason.PROTOCOL,
    ),
    "two-lengths": (
        says(HEAD + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nshort"),
        Reason.PROTOCOL,
    ),
    "metadata": (
        says(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\n\r\n"),
        Reason.GUARDED,
    ),
    "bomb": (
        says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB),
        Reason.TOO_LARGE,
    ),
    "twice-packed": (
        says(HEAD + b"Content-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx"),
        Reason.PROTOCOL,
    ),
    "header-flood": (
        says(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(9_000)) + b"\r\n"),
        Reason.PROTOCOL,
    ),
    "no-http": (says(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.PROTOCOL),
    "endless": (
        says(HEAD + b"\r\n" + b"x" * 3_000_000, stay=True),
        Reason.TOO_LARGE,
    ),
}


async def together() -> list[tuple[str, Response | Failure]]:
    """Each host's name and what came of it, in the order the answers came."""
    given = settings(
        fetch__timeout=4, fetch__grace=0.5, fetch__max_bytes=1_000_000, fetch__connections=500
    )
    names = [*FAULTS, *(f"good-{n}" for n in range(GOOD))]
    now = utc_now()
    good = says(HEAD + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
    bad = {name: answer for name, (answer, _) in FAULTS.items()}
    async with raw(good, bad) as port, Client(given) as client:
        pages = []
        for name in names:
            url = f"http://{name}.localhost:{port}/x"
            pages.append(makers.page(url, discovered=now))
        return [
            (page.host.partition(".")[0], got)
            async for page, got in fetch_pages(client, pages, given)
        ]


@pytest.fixture(scope="module")
def answers() -> list[tuple[str, Response | Failure]]:
    return loop.run(together())


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_reason(
    name: str, answers: list[tuple[str, Response | Failure]]
) -> None:
    got = dict(answers)[name]
    assert isinstance(got, Failure), got
    assert got.reason == FAULTS[name][1], got.detail
    assert got.detail
    assert got.attempted


def test_the_other_hosts_are_served_meanwhile(
    answers: list[tuple[str, Response | Failure]],
) -> None:
    order = [name for name, _ in answers]
    assert sorted(order) == sorted([*FAULTS, *(f"good-{n}" for n in range(GOOD))])
    for name, got in answers:
        if name.startswith("good-"):
            assert isinstance(got, Response), got
            assert got.body == PAGE
    last = max(order.index(f"good-{n}") for n in range(GOOD))
    slow = [name for name, (_, reason) in FAULTS.items() if reason == Reason.TIMEOUT]
    assert all(order.index(name) > last for name in [*slow, "byte-a-second"])


def test_what_comes_past_the_declared_length_is_not_taken() -> None:
    """The other lie: more than it said. The surplus must not begin the next answer either."""

    async def run() -> list[Response | Failure]:
        smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        lie = says(HEAD + b"Content-Length: 3\r\n\r\nabc" + smuggled)
        async with raw(lie) as port, Client(settings()) as client:
            return [await client.get(f"http://a.localhost:{port}/{n}") for n in range(2)]

    for got in loop.run(run()):
        if isinstance(got, Response):
            assert got.body == b"abc"
        else:
            assert got.reason in (Reason.PROTOCOL, Reason.CONNECT)
