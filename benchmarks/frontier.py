"""Whether the frontier is fair, fresh and polite: over made hosts, on a real Elasticsearch.

    python benchmarks/frontier.py [--url URL] [--part NAME …] [--hosts N] [--minutes N]
                                  [--in-process] [--json FILE]

- ``fair``: 200 hosts with 10 pages beside one with 100,000: what the first run claims.
- ``leases``: what taking and giving back 1,000 hosts costs.
- ``deadline``: pages whose canonical links lead to a host that never answers; seconds over budget.
- ``kill``: a fetch killed after 15 pages were kept; which of these are asked again.
- ``fresh``: ``--hosts`` hosts, of which one in 50 answers in 10 s and one has a backlog of 5,000,
  polled and fetched by a run every two minutes for ``--minutes``; seconds from when a run saw a
  page until its story was searchable, and how many requests a host had at once. A real Airflow
  runs the DAG on its schedule; with ``--in-process`` the runs are in this process, one after
  another.

Parts that are not run keep their figures in the file.

All names end in ``.localhost`` and lead to a server of this process's own.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from es_server import say, with_elasticsearch
from wirewatch.fetch import urls
from wirewatch.local import airflow, follow
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline.budget import for_first
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.fetch_progress import FetchProgress
from wirewatch.pipeline.flow import INGEST
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Feed, Page, to_json, utc_now
from wirewatch.settings import Settings, load, project_root
from wirewatch.store import Store, connect

SMALL, SMALL_PAGES, BIG_PAGES = 200, 10, 100_000
BACKLOG = 5_000
SLOW, SLOW_SECONDS = 50, 10.0  # one host in so many, and the seconds it takes
EVERY = 120.0  # seconds between two runs, as run.schedule has it
KEPT = 15  # pages kept at which a fetch is killed

KILLED = f"""
import os, signal, sys
from wirewatch import settings
from wirewatch.pipeline.fetch import fetch
from wirewatch.records import Batch, from_json
kept = 0
def tick(items):
    global kept
    kept += items
    if kept >= {KEPT}:
        os.kill(os.getpid(), signal.SIGKILL)
fetch(settings.load(), from_json(Batch, sys.argv[1].encode()), tick)
"""


class Site:
    """One server for all hosts, in a thread; it counts what each host is asked at once."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()  # by address
        self.most: defaultdict[str, int] = defaultdict(int)  # requests at once, by host
        self.feeds: dict[str, list[str]] = {}  # paths that a host's feed names
        self.port = 0
        self._now: Counter[str] = Counter()

    @contextmanager
    def running(self) -> Iterator[Site]:
        loop = asyncio.new_event_loop()
        ready = threading.Event()

        app = web.Application()
        app.router.add_get("/{path:.*}", self._counted)
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)

        async def start() -> None:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=4_096).start()
            self.port = runner.addresses[0][1]
            ready.set()

        def serve() -> None:
            loop.run_until_complete(start())
            loop.run_forever()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        ready.wait()
        yield self
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def url(self, label: str, path: str) -> str:
        return f"http://{label}.localhost:{self.port}{path}"

    async def _counted(self, request: web.Request) -> web.Response:
        host = request.host
        self.asked[f"http://{host}{request.path}"] += 1
        self._now[host] += 1
        self.most[host] = max(self.most[host], self._now[host])
        try:
            return await self._answer(request, host.partition(".")[0])
        finally:
            self._now[host] -= 1

    async def _answer(self, request: web.Request, label: str) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        if label.startswith("slow"):
            await asyncio.sleep(SLOW_SECONDS)
        if label.startswith("never"):
            await asyncio.sleep(3_600)
        if label.startswith("steady"):
            await asyncio.sleep(0.3)
        if request.path == "/feed":
            items = "".join(
                f"<item><title>{label} {path}</title><link>{self.url(label, path)}</link></item>"
                for path in self.feeds.get(label, [])
            )
            rss = f"<rss version='2.0'><channel><title>{label}</title>{items}</channel></rss>"
            return web.Response(text=rss, content_type="application/rss+xml")
        head = ""
        if label.startswith("said"):
            target = f"http://never.example.localhost:{self.port}{request.path}"
            head = f"<link rel='canonical' href='{target}'>"
        word = f"{label}{request.path.strip('/')}"
        text = " ".join(f"{word}n{n} reported on the {word} matter at length." for n in range(12))
        body = f"<html lang='en'><head><title>{word}</title>{head}</head><body><article><h1>{word}"
        return web.Response(
            text=f"{body}</h1><p>{text}</p></article></body></html>", content_type="text/html"
        )


def page(url: str, age: float = 0.0) -> Page:
    return Page(
        id=urls.page_id(url),
        url=url,
        host=urls.host(url),
        discovered=utc_now() - timedelta(seconds=age),
    )


def fair(
    settings: Settings, store: Store, _site: Site, _args: argparse.Namespace
) -> dict[str, Any]:
    """What the first run claims, and how long that takes."""
    backlog = (page(f"http://big.example/{n}", 86_400) for n in range(BIG_PAGES))
    store.pages.discover(backlog).raise_refused("pages")
    small = [f"http://h{host}.example/{n}" for host in range(SMALL) for n in range(SMALL_PAGES)]
    store.pages.discover(map(page, small)).raise_refused("pages")
    begun = time.perf_counter()
    batches = claim(settings, "fair")
    seconds = time.perf_counter() - begun
    held = store.pages.claim("fair", utc_now(), lease=1, limit=0)
    by_host = Counter(one.host for one in held)
    big = by_host.pop("big.example", 0)
    return {
        "small_hosts_served_whole": sum(count == SMALL_PAGES for count in by_host.values()),
        "small_hosts": SMALL,
        "pages_of_the_big_host": big,
        "batches": len(batches),
        "claim_seconds": round(seconds, 2),
    }


def leases(
    _settings: Settings, store: Store, _site: Site, _args: argparse.Namespace
) -> dict[str, Any]:
    """Seconds for 1,000 hosts, the first time and when they are known."""
    hosts = [f"h{n}.example" for n in range(1_000)]
    figures = {}
    for name in ("first", "again"):
        begun = time.perf_counter()
        store.hosts.take(hosts, "benchmark", 60)
        taken = time.perf_counter()
        store.hosts.release(dict.fromkeys(hosts, (1.0, 1.0)), "benchmark")
        figures[f"take_{name}_seconds"] = round(taken - begun, 3)
        figures[f"release_{name}_seconds"] = round(time.perf_counter() - taken, 3)
    return figures


def deadline(
    settings: Settings, store: Store, site: Site, _args: argparse.Namespace
) -> dict[str, Any]:
    """Seconds that a batch fetched beyond its share of the budget."""
    given = settings.with_options(fetch__budget=12, fetch__delay=0, run__partitions=1)
    named = [site.url(f"said{n}", f"/{n}") for n in range(15)] + [site.url("never", "/0")]
    store.pages.discover(map(page, named)).raise_refused("pages")
    [batch] = claim(given, "deadline")
    begun = time.perf_counter()
    done = fetch(given, batch)
    seconds = time.perf_counter() - begun
    return {
        "budget_seconds": for_first(given),
        "took_seconds": round(seconds, 2),
        "fetched": done.passed,
        "outcomes": done.outcomes,
    }


def kill(settings: Settings, store: Store, site: Site, _args: argparse.Namespace) -> dict[str, Any]:
    """How many of the pages that were kept before a kill are asked again."""
    given = settings.with_options(fetch__delay=0, run__partitions=1)
    named = [site.url(f"steady{host}", f"/{n}") for host in range(3) for n in range(14)]
    store.pages.discover(map(page, named)).raise_refused("pages")
    [batch] = claim(given, "kill")
    died = subprocess.run(
        [sys.executable, "-c", KILLED, to_json(batch).decode()],
        cwd=project_root(),
        env={
            **os.environ,
            **settings_environ(given),
            "PYTHONPATH": os.pathsep.join([str(project_root()), *sys.path]),
        },
        timeout=300,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    kept = {one.page.url for one in FetchProgress(given, batch).earlier()}
    before = sum(site.asked[url] for url in named)
    fetch(given, batch)
    return {
        "asked_before_the_kill": before,
        "kept": len(kept),
        "kept_and_asked_again": sum(site.asked[url] > 1 for url in kept),
        "asked_twice": sum(site.asked[url] > 1 for url in named),
        "pages": len(named),
    }


def fresh(settings: Settings, store: Store, site: Site, args: argparse.Namespace) -> dict[str, Any]:
    """Seconds from seen to searchable, while slow hosts and a backlog are in the way."""
    labels = [f"{'slow' if n % SLOW == 1 else 'h'}{n}" for n in range(args.hosts)]
    site.feeds = {label: ["/0"] for label in labels}
    site.most.clear()
    store.feeds.add(
        Feed(id=urls.feed_id(url), url=url, outlet=label, added=utc_now())
        for label, url in ((label, site.url(label, "/feed")) for label in labels)
    ).raise_refused("feeds")
    store.pages.discover(page(site.url(labels[0], f"/old{n}"), 3_600) for n in range(BACKLOG))
    given = settings.with_options(feeds__shortest=60, feeds__first=60)
    run = _in_process if args.in_process else _under_airflow
    durations = run(given, site, labels, 60 * args.minutes)
    store.refresh()
    seconds = sorted(
        (story.indexed - story.article.first_seen).total_seconds()
        for story in store.stories.all()
        if story.indexed is not None
        and not story.article.outlet.startswith("slow")
        and "/old" not in story.article.url
    )
    return {
        "hosts": args.hosts,
        "slow_hosts": sum(label.startswith("slow") for label in labels),
        "backlog": BACKLOG,
        "under_airflow": not args.in_process,
        "runs": len(durations),
        "stories": len(seconds),
        "seen_to_searchable_median_seconds": round(statistics.median(seconds), 1),
        "seen_to_searchable_p95_seconds": round(seconds[int(0.95 * (len(seconds) - 1))], 1),
        "run_seconds": [round(one, 1) for one in durations],
        "requests_at_once_to_a_host": max(site.most.values()),
    }


def _in_process(settings: Settings, site: Site, labels: list[str], seconds: float) -> list[float]:
    """Seconds of each run, one after another; after each every feed has a new entry."""
    until = time.monotonic() + seconds
    durations: list[float] = []
    while time.monotonic() < until:
        begun = time.monotonic()
        run_flow(INGEST, settings, f"fresh{len(durations)}")
        durations.append(time.monotonic() - begun)
        say(f"run {len(durations)}: {durations[-1]:.0f} s")
        _news(site, labels, len(durations))
        time.sleep(max(0.0, begun + EVERY - time.monotonic()))
    return durations


def _under_airflow(
    settings: Settings, site: Site, labels: list[str], seconds: float
) -> list[float]:
    """Seconds of each run of the DAG on its own schedule, while every feed gets new entries."""
    running = airflow.ensure(settings, say)
    try:
        client = airflow.client(running)
        follow.wait_for_dags(client, frozenset({"ingest"}))
        client.pause("ingest", False)
        until = time.monotonic() + seconds
        for number in itertools.count(1):
            time.sleep(max(0.0, min(EVERY, until - time.monotonic())))
            if time.monotonic() >= until:
                break
            _news(site, labels, number)
            say(", ".join(f"{run.id} {run.state}" for run in client.runs("ingest", 2)))
        client.pause("ingest", True)
        while any(not run.ended for run in client.runs("ingest")):
            time.sleep(5)
    finally:
        airflow.stop(settings)
    with connect(settings) as store:
        return [
            (run.finished - run.started).total_seconds()
            for run in reversed(store.runs.latest(100))
            if run.finished is not None
        ]


def _news(site: Site, labels: list[str], number: int) -> None:
    """One more entry in every feed."""
    for label in labels:
        site.feeds[label].insert(0, f"/{number}")


PARTS: dict[str, Callable[[Settings, Store, Site, argparse.Namespace], dict[str, Any]]] = {
    "fair": fair,
    "leases": leases,
    "deadline": deadline,
    "kill": kill,
    "fresh": fresh,
}


def measured(name: str, base: Settings, args: argparse.Namespace) -> dict[str, Any]:
    """The figures of a part, under an index prefix of its own that is deleted afterwards."""
    say(name)
    with tempfile.TemporaryDirectory() as folder, Site().running() as site:
        settings = base.with_options(
            elasticsearch__prefix=f"frontier-{uuid.uuid4().hex[:8]}",
            state=str(Path(folder) / "state"),
            local__folder=str(Path(folder) / "local"),
            fetch__allow=f"*.localhost:{site.port}",
        )
        with connect(settings) as store:
            try:
                figures = PARTS[name](settings, store, site, args)
            finally:
                there = store.es.indices.get(index=f"{settings['elasticsearch.prefix']}-*").body
                store.es.indices.delete(index=list(there))
                store.es.indices.delete_index_template(name=f"{store.prefix}-stories")
    figures["most_requests_at_once_to_a_host"] = max(site.most.values(), default=0)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", help="an Elasticsearch that runs; else as the options say")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    parser.add_argument("--hosts", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--in-process", action="store_true", help="fresh without Airflow")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.url:
        found = _all(load({}).with_options(elasticsearch__url=args.url), args)
    else:
        with with_elasticsearch() as settings:
            found = _all(settings, args)
    written = json.dumps(found, indent=1)
    print(written)
    if args.json:
        earlier = json.loads(args.json.read_text("utf-8")) if args.json.exists() else {}
        written = json.dumps({**earlier, **found}, indent=1)
        args.json.write_text(written + "\n", "utf-8")


def _all(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    return {name: measured(name, settings, args) for name in args.part or PARTS}


if __name__ == "__main__":
    main()
