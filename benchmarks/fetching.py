"""How fast many feeds on many hosts are polled, beside aiohttp and httpx without any politeness.

    python benchmarks/fetching.py [--feeds 10000] [--hosts 5000] [--rounds 3] [--json FILE]

A server on loopback answers for every host; names resolve to 127.0.0.0/8. Of ten feeds seven
answer 200, one 304, one after half a second, one 500; every host has a robots.txt. Each client runs
in a process of its own; the server has one too. ``fetch`` is wirewatch's client, ``poll`` that
and the parsing, both on the loop they run on in production (uvloop, fetch/loop.py); ``first`` asks
each host for its robots.txt too, ``again`` has them from the run before, as all runs of a day but
one do. ``aiohttp`` is the ceiling on asyncio's own loop, ``aiohttp, uvloop`` on wirewatch's. No
pause between two requests to a host, which would be measured as itself.

All clients run once a round; figures are the medians over the rounds, a share is the median of
those within the rounds, so that a machine that is busy for a minute does not decide. httpx, which
takes minutes, runs once over the shortest list only. ``--json`` keeps what the file has of other
lengths, so that the long list can be measured by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult

from wirewatch.feeds.poll import poll_one
from wirewatch.fetch import loop, urls
from wirewatch.fetch.client import Client
from wirewatch.records import Feed, utc_now
from wirewatch.settings import Settings, load

SLOW = 0.5  # seconds the slow feeds take
AT_ONCE = 500  # requests under way, for every client
UNBOUNDED = 86_400.0  # seconds: nothing is left to a next run here
ITEMS = "".join(
    f"<item><title>Report {n}</title><link>/{n}</link><description>Some words about it, as feeds "
    f"have them.</description><guid>{n}</guid></item>"
    for n in range(15)
)
BODY = f"<rss version='2.0'><channel><title>Feed</title>{ITEMS}</channel></rss>".encode()


class Server(asyncio.Protocol):
    """A small HTTP/1.1 server with keep-alive; the kind of answer is in the path."""

    def __init__(self, counter: Any) -> None:
        self.counter = counter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            self.answer(head.split(b" ", 2)[1])

    def answer(self, path: bytes) -> None:
        self.counter.value += 1
        if path == b"/robots.txt":
            self.say(b"200 OK", b"User-agent: *\nDisallow: /private\n")
        elif path.startswith(b"/unchanged"):
            self.say(b"304 Not Modified", b"")
        elif path.startswith(b"/broken"):
            self.say(b"500 Internal Server Error", b"broken")
        elif path.startswith(b"/slow"):
            asyncio.get_running_loop().call_later(SLOW, self.say, b"200 OK", BODY)
        else:
            self.say(b"200 OK", BODY)

    def say(self, status: bytes, body: bytes) -> None:
        if self.transport.is_closing():  # the client gave up on a slow answer
            return
        length = b"" if status.startswith(b"304") else b"Content-Length: %d\r\n" % len(body)
        head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/rss+xml\r\n" + length
        self.transport.write(head + b"\r\n" + body)


def serve(ready: Any, counter: Any) -> None:
    """Runs the server until it is terminated; sends its port and counts requests."""

    async def run() -> None:
        running = asyncio.get_running_loop()
        server = await running.create_server(lambda: Server(counter), "0.0.0.0", 0, backlog=4_096)  # noqa: S104
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


def address(host: str) -> str:
    """The loopback address a host of the benchmark has."""
    number = int(host[1:].partition(".")[0])
    return f"127.1.{number // 250}.{number % 250 + 1}"


def addresses(feeds: int, hosts: int, port: int) -> list[str]:
    """The feeds' URLs, spread evenly over the hosts."""
    kinds = ["plain"] * 7 + ["unchanged", "slow", "broken"]
    return [f"http://h{n % hosts}.bench.test:{port}/{kinds[n % 10]}/{n}" for n in range(feeds)]


class Names(AbstractResolver):
    """The benchmark's names for aiohttp alone."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = 0,  # noqa: ARG002 (the interface's)
    ) -> list[ResolveResult]:
        """One loopback address."""
        return [
            ResolveResult(hostname=host, host=address(host), port=port, family=2, proto=6, flags=0)
        ]

    async def close(self) -> None:
        """Nothing to let go."""


async def in_parallel(
    jobs: list[Any], one: Callable[[Any], Any], at_once: int
) -> tuple[list[float], Counter[str]]:
    """Runs every job, so many hosts at once and a host's jobs one after another.

    Returns the seconds each took and what came of it.
    """
    took: list[float] = []
    outcomes: Counter[str] = Counter()
    hosts: dict[str, list[Any]] = {}
    for job in jobs:
        hosts.setdefault(urls.host(getattr(job, "url", job)), []).append(job)
    queue = iter(hosts.values())

    async def worker() -> None:
        for jobs_of_host in queue:
            for job in jobs_of_host:
                start = time.perf_counter()
                outcomes[await one(job)] += 1
                took.append(time.perf_counter() - start)

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return took, outcomes


async def fetch(feeds: list[str], state: str) -> tuple[list[float], Counter[str]]:
    """The client alone: guard, robots.txt, turns, limits."""
    async with Client(options(state), lookup, budget=UNBOUNDED) as client:

        async def one(url: str) -> str:
            return str((await client.get(url)).status)

        return await in_parallel(feeds, one, AT_ONCE)


async def poll(feeds: list[str], state: str) -> tuple[list[float], Counter[str]]:
    """The same with conditional requests, parsing and scheduling: what a run does."""
    settings, now = options(state), utc_now()
    jobs = [
        Feed(id=urls.feed_id(url), url=url, etag='"1"', last_full=now, last_success=now)
        for url in feeds
    ]
    async with Client(settings, lookup, budget=UNBOUNDED) as client:

        async def one(feed: Feed) -> str:
            return (await poll_one(client, feed, now, settings)).outcome

        return await in_parallel(jobs, one, AT_ONCE)


def options(state: str) -> Settings:
    """The defaults, but without pauses and open to the benchmark's server."""
    return load({}).with_options(
        state=state, fetch__allow="*.bench.test:*", fetch__delay=0, fetch__connections=AT_ONCE
    )


async def lookup(host: str, _: int) -> list[str]:
    """The benchmark's names for wirewatch."""
    return [address(host)]


async def bare_aiohttp(feeds: list[str], _: str) -> tuple[list[float], Counter[str]]:
    """The ceiling: GET and read, nothing else."""
    connector = aiohttp.TCPConnector(limit=0, resolver=Names(), keepalive_timeout=5)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(url: str) -> str:
            async with session.get(url) as response:
                await response.read()
                return str(response.status)

        return await in_parallel(feeds, one, AT_ONCE)


async def bare_httpx(feeds: list[str], _: str) -> tuple[list[float], Counter[str]]:
    """The same with httpx, which takes the addresses in the URL."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def one(url: str) -> str:
            host = url.split("/")[2].partition(":")[0]
            at = url.replace(host, address(host), 1)
            try:
                return str((await client.get(at, headers={"Host": host})).status_code)
            except httpx.HTTPError as error:  # it breaks connections under this load
                return type(error).__name__

        return await in_parallel(feeds, one, AT_ONCE)


Run = Callable[[list[str], str], Coroutine[Any, Any, tuple[list[float], Counter[str]]]]
CEILING, LIKE, ONCE = "aiohttp", "aiohttp, uvloop", "httpx"
CLIENTS: dict[str, tuple[Run, Callable[[Any], Any]]] = {
    CEILING: (bare_aiohttp, asyncio.run),
    LIKE: (bare_aiohttp, loop.run),
    "fetch, first": (fetch, loop.run),
    "fetch, again": (fetch, loop.run),
    "poll, again": (poll, loop.run),
    ONCE: (bare_httpx, asyncio.run),
}
FIGURES = ("seconds", "feeds_per_second", "requests", "requests_per_second", "cpu_seconds",
           "p50_ms", "p95_ms", "megabytes", "share_of_ceiling", "share_of_uvloop")  # fmt: skip


def measure(name: str, feeds: list[str], state: str, answer: Any) -> None:
    """One client over all feeds; sends its figures."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    client, run = CLIENTS[name]
    start, cpu = time.perf_counter(), time.process_time()
    took, outcomes = run(client(feeds, state))
    seconds = time.perf_counter() - start
    answer.send(
        {
            "client": name,
            "feeds": len(feeds),
            "seconds": seconds,
            "feeds_per_second": len(feeds) / seconds,
            "cpu_seconds": time.process_time() - cpu,
            "p50_ms": statistics.median(took) * 1_000,
            "p95_ms": statistics.quantiles(took, n=20)[18] * 1_000,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000,
            "outcomes": dict(outcomes),
        }
    )


def median_of(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """One row out of a client's rows of all rounds."""
    row = dict(rounds[0])
    for figure in FIGURES:
        values = [one[figure] for one in rounds if one[figure] is not None]
        row[figure] = statistics.median(values) if values else None
    row["of_rounds"] = [round(one["feeds_per_second"]) for one in rounds]
    return row


def write(file: Path, count: int, rows: list[dict[str, Any]]) -> None:
    """Puts a count's rows into the file, in place of older ones; those of other counts stay."""
    kept = json.loads(file.read_text())["rows"] if file.exists() else []
    kept = [row for row in kept if row["feeds"] != count] + rows
    kept.sort(key=lambda row: row["feeds"])
    file.write_text(json.dumps({"rows": kept}, indent=1) + "\n")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, nargs="+", default=[1_000, 3_000, 10_000])
    arguments.add_argument("--hosts", type=int, default=5_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--without", nargs="*", default=[], help="clients to leave out")
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    spawn = multiprocessing.get_context("spawn")
    mine, other = spawn.Pipe()
    counter = spawn.Value("L", 0, lock=False)  # the server alone writes it
    server = spawn.Process(target=serve, args=(other, counter), daemon=True)
    server.start()
    port = mine.recv()
    names = [name for name in CLIENTS if name not in given.without]
    rows = []
    titles = ("feeds", "feeds/s", "req/s", "share", "of uvloop", "CPU s", "p50 ms", "p95 ms", "MB")
    print(f"{'client':18}" + "".join(f"{title:>10}" for title in titles))
    try:
        for count in given.feeds:
            feeds = addresses(count, min(given.hosts, count // 2), port)
            found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
            for turn in range(given.rounds):
                speed: dict[str, float] = {}
                with tempfile.TemporaryDirectory() as state:
                    for name in names:
                        if name == ONCE and (turn or count != min(given.feeds)):
                            continue
                        before = counter.value
                        process = spawn.Process(target=measure, args=(name, feeds, state, other))
                        process.start()
                        row = mine.recv()
                        process.join()
                        row["requests"] = counter.value - before
                        row["requests_per_second"] = row["requests"] / row["seconds"]
                        speed[name] = row["feeds_per_second"]
                        for share, of in (("share_of_ceiling", CEILING), ("share_of_uvloop", LIKE)):
                            row[share] = speed[name] / speed[of] if of in speed else None
                        found[name].append(row)
            for name in [name for name in names if found[name]]:
                row = median_of(found[name])
                row |= {"measured": datetime.now(UTC).isoformat(), "load": os.getloadavg()[0]}
                rows.append(row)
                shares = "".join(
                    f"{row[share]:10.0%}" if row[share] else f"{'':10}"
                    for share in ("share_of_ceiling", "share_of_uvloop")
                )
                figures = (
                    f"{row['feeds_per_second']:10,.0f}{row['requests_per_second']:10,.0f}{shares}"
                    f"{row['cpu_seconds']:10.1f}{row['p50_ms']:10.0f}{row['p95_ms']:10.0f}"
                    f"{row['megabytes']:10.0f}"
                )
                print(f"{name:18}{count:10,}{figures}  {row['outcomes']}", flush=True)
            if given.json:
                write(given.json, count, [row for row in rows if row["feeds"] == count])
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
