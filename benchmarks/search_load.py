"""How long searches take over many stories, beside the bare request, while stories arrive.

The bare request is what somebody would write by hand for the same page: one request with the same
query, order, page, highlights, count of clusters and facets, sent as bytes over a connection kept
open, its answer parsed as JSON and nothing else. It lacks only how many copies each cluster has in
all, which no single request can tell. Both are asked in turn by every client, the order changing
from query to query, so that they meet the same load and neither always finds the caches warm.
``library_own`` is what a search takes beside its waits for Elasticsearch: what is ours alone.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count as counting
from pathlib import Path
from typing import Any

import psutil
from elasticsearch import helpers

import search_made
from es_server import own_elasticsearch, say
from wirewatch.local import paths
from wirewatch.records import replace, utc_now
from wirewatch.search import collapsed, read, request
from wirewatch.search import search as searching
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.migrate import migrate
from wirewatch.web.security import keys

PREFIX = "bench"
HEAP = 2_048  # MiB of the server's heap
CHUNK = 2_000  # stories a bulk request: 4 MB
LOADERS = 2  # threads that send them
CLIENTS = (1, 8, 32)
PAGE = 20  # hits of a page
WARM = 60  # queries before the clock counts
RATE = 50  # stories a second that arrive meanwhile
LOADED = "loaded.json"  # in the folder: what the server there holds

Ask = Callable[[dict[str, Any]], None]


def load(
    store: Store,
    wire: search_made.Newswire,
    stories: int,
    folder: Path,
    *,
    until: datetime = search_made.END,
) -> float:
    """Fills the indices unless the folder has them; the seconds that it took."""
    note = folder / LOADED
    if note.exists():
        told = json.loads(note.read_text("utf-8"))
        if told["stories"] == stories and store.stories.count()["stories"] >= stories:
            return float(told["seconds"])
    for name in store.es.indices.get(index=f"{PREFIX}-stories-*"):
        store.es.indices.delete(index=name)
    note.unlink(missing_ok=True)
    started = time.monotonic()
    months: set[str] = set()

    def actions() -> Iterator[dict[str, Any]]:
        for number, one in enumerate(search_made.stories(wire, stories, until=until), start=1):
            month = f"{one.article.first_seen:%Y.%m}"
            if month not in months:
                months.add(month)
                quiet = {"refresh_interval": "-1", "translog.durability": "async"}
                store.es.indices.put_settings(index=store.templates.month(month), settings=quiet)
            if number % 50_000 == 0:
                say(f"{number:,} stories, {number / (time.monotonic() - started):,.0f} a second")
            yield {
                "_op_type": "index",
                "_index": f"{store.stories.alias}-{month}",
                "_id": one.id,
                "_source": store.stories.document(one),
            }

    for _ in helpers.parallel_bulk(
        store.es, actions(), thread_count=LOADERS, chunk_size=CHUNK, queue_size=LOADERS
    ):
        pass
    usual = {"refresh_interval": "1s", "translog.durability": "request"}
    store.es.indices.put_settings(index=f"{PREFIX}-stories-*", settings=usual)
    store.refresh()
    store.es.indices.flush(index=f"{PREFIX}-stories-*")
    seconds = time.monotonic() - started
    note.write_text(json.dumps({"stories": stories, "seconds": round(seconds)}), "utf-8")
    return seconds


@contextmanager
def arriving(store: Store, wire: search_made.Newswire) -> Iterator[list[int]]:
    """Stories arrive at the rate; yields a list whose one number counts them."""
    done = [0]
    end = threading.Event()
    seed = int(time.time())  # others than in any earlier run
    made = search_made.stories(wire, 10_000_000, seed=seed)
    moments = (search_made.END + timedelta(milliseconds=20 * n) for n in counting())

    def write() -> None:
        started = time.monotonic()
        while not end.wait(0.2):
            due = int((time.monotonic() - started) * RATE) - done[0]
            batch = [
                replace(one, article=replace(one.article, published=moment, first_seen=moment))
                for one, moment in zip(_take(made, due), moments, strict=False)
            ]
            store.stories.create(batch).raise_refused("stories")
            done[0] += len(batch)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            yield done
        finally:
            end.set()
            writing.result()


def _take(stories: Iterator[Any], number: int) -> list[Any]:
    return [next(stories) for _ in range(number)]


class Waits:
    """How long each thread waited for Elasticsearch since it last asked."""

    def __init__(self, store: Store) -> None:
        self._local = threading.local()
        request_it = store.es.transport.perform_request

        def timed(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return request_it(*args, **named)
            finally:
                self._local.seconds = self._so_far() + time.perf_counter() - started

        store.es.transport.perform_request = timed  # type: ignore[method-assign]

    def _so_far(self) -> float:
        return float(getattr(self._local, "seconds", 0.0))

    def taken(self) -> float:
        """The seconds that this thread waited; counts from zero again."""
        seconds, self._local.seconds = self._so_far(), 0.0
        return seconds


def library(store: Store) -> Ask:
    """Asks as a page or script does, in this process."""
    waits = Waits(store)

    def ask(asked: dict[str, Any]) -> None:
        started = time.perf_counter()
        searching.search(store, asked["query"], **_options(asked), size=PAGE, now=search_made.END)
        asked["own"] = (time.perf_counter() - started - waits.taken()) * 1_000

    return ask


def _options(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("sort", "collapse", "facets")}


class Connections:
    """A connection kept open a client; one that the server closed meanwhile is opened again."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self._address = urllib.parse.urlsplit(url)
        self._headers = headers or {}
        self._local = threading.local()

    def ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """The JSON that is answered. Raises RuntimeError when it is an error."""
        try:
            answer = self._send(method, path, body)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._local.connection.close()
            answer = self._send(method, path, body)
        found: dict[str, Any] = json.loads(answer.read())
        if answer.status != 200 or found.get("timed_out"):
            raise RuntimeError(f"{answer.status}: {found}")
        return found

    def _send(self, method: str, path: str, body: bytes | None) -> http.client.HTTPResponse:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(
                self._address.hostname or "", self._address.port
            )
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        self._local.connection.request(method, path, body=body, headers=headers)
        answer: http.client.HTTPResponse = self._local.connection.getresponse()
        return answer


def bare(store: Store) -> Ask:
    """Asks Elasticsearch itself, the request made beforehand."""
    connections = Connections(store.settings["elasticsearch.url"])
    path = f"/{store.stories.alias}/_search"
    return lambda asked: _nothing(connections.ask("POST", path, asked["bare"]))


def _nothing(_: object) -> None:
    """What was answered was parsed; nobody looks at it."""


def written(store: Store, asked: dict[str, Any]) -> bytes:
    """The bare request of a search."""
    ready = request.prepare(store, asked["query"], now=search_made.END)
    body: dict[str, Any] = {
        "query": ready.dsl,
        "sort": searching.SORTS[asked["sort"]],
        "size": PAGE,
        "track_total_hits": True,
        "track_scores": True,
        "aggs": searching._aggregations(asked["facets"], searching.FACET_VALUES),
        **read.shown(ready, True),
    }
    body["_source"] = {"excludes": body.pop("source_excludes")}
    if asked["collapse"] == "cluster":
        body["collapse"] = collapsed.COLLAPSED["collapse"]
    return json.dumps(body).encode()


def api(url: str, bearer: dict[str, str]) -> Ask:
    """Asks the running HTTP API."""
    connections = Connections(url, bearer)

    def ask(asked: dict[str, Any]) -> None:
        wanted = [
            ("q", asked["query"]),
            ("sort", asked["sort"]),
            ("collapse", asked["collapse"]),
            ("size", str(PAGE)),
            *(("facet", facet) for facet in asked["facets"]),
        ]
        connections.ask("GET", "/api/v1/stories?" + urllib.parse.urlencode(wanted))

    return ask


def reader(store: Store) -> dict[str, str]:
    """The header of a new key that reads as often as it likes."""
    written, key = keys.make("benchmark", ["read"], utc_now(), rate=1_000_000)
    store.keys.create(key)
    return {"Authorization": f"Bearer {written}"}


@dataclass
class Times:
    """Milliseconds by way of asking, a list entry a query, in the order of the queries."""

    taken: dict[str, list[float]]
    own: list[float] = field(default_factory=list)  # of the library, in the order of their ends

    def figures(self) -> dict[str, Any]:
        """Percentiles of each way, and of what each takes longer than the bare request."""
        shown: dict[str, Any] = {name: _percentiles(times) for name, times in self.taken.items()}
        for name, times in self.taken.items():
            if name != "bare":
                more = [a - b for a, b in zip(times, self.taken["bare"], strict=True)]
                shown[f"{name}_overhead"] = {
                    **_percentiles(more),
                    "of_p95": round(shown[name]["p95"] - shown["bare"]["p95"], 1),
                }
        if self.own:
            shown["library_own"] = _percentiles(self.own)
        return shown


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}


def measure(ways: dict[str, Ask], queries: Sequence[dict[str, Any]], clients: int) -> Times:
    """Every query once by every way, by so many clients at once."""
    times = Times({name: [0.0] * len(queries) for name in ways})
    todo = iter(range(len(queries)))
    lock = threading.Lock()
    order = list(ways)

    def client() -> None:
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                return
            turn = number % len(order)
            for name in (*order[turn:], *order[:turn]):
                started = time.perf_counter()
                ways[name](queries[number])
                times.taken[name][number] = (time.perf_counter() - started) * 1_000
            if "own" in queries[number]:
                times.own.append(queries[number]["own"])

    with ThreadPoolExecutor(clients) as pool:
        for one in [pool.submit(client) for _ in range(clients)]:
            one.result()
    return times


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, int]]:
    """The HTTP API in a process of its own, as ``wirewatch serve`` runs it: URL and pid."""
    port = paths.any_port()
    environ = {
        "ELASTICSEARCH_URL": settings["elasticsearch.url"],
        "WIREWATCH_ELASTICSEARCH_PREFIX": settings["elasticsearch.prefix"],
        "PATH": str(Path(sys.executable).parent),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "wirewatch.cli", "serve", "--port", str(port)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(120):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/api/v1/health")
                connection.getresponse().read()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("wirewatch serve ended") from None
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def run(data: Path, stories: int, number: int, folder: Path) -> dict[str, Any]:
    """Loads, measures, and returns the figures."""
    wire = search_made.read(data)
    queries = search_made.queries(wire, number)
    with own_elasticsearch(folder, HEAP) as (settings, pid):
        settings = settings.with_options(
            elasticsearch__prefix=PREFIX, elasticsearch__timeout=120, search__timeout=60
        )
        with connect(settings, prepare=False) as store:
            migrate(store, patience=0)  # the data may be older than the mapping
            seconds = load(store, wire, stories, folder)
            for asked in queries:
                asked["bare"] = written(store, asked)
            figures: dict[str, Any] = {
                "stories": store.stories.count()["stories"],
                "indices": len(store.es.indices.get(index=f"{PREFIX}-stories-*")),
                "loaded_in_seconds": round(seconds),
                "queries": len(queries),
                "cores": psutil.cpu_count(),
                "load_before": round(psutil.getloadavg()[0], 1),
                "clients": {},
            }
            with served(settings) as (url, web):
                ways = {
                    "bare": bare(store),
                    "library": library(store),
                    "api": api(url, reader(store)),
                }
                measure(ways, queries[:WARM], 4)  # caches, compilers: nobody's first day counts
                for clients in CLIENTS:
                    with arriving(store, wire) as arrived:
                        started = time.monotonic()
                        times = measure(ways, queries, clients)
                        rate = arrived[0] / (time.monotonic() - started)
                    shown = {**times.figures(), "arrived_a_second": round(rate, 1)}
                    figures["clients"][str(clients)] = shown
                    say(f"{clients} clients: {json.dumps(shown)}")
                heap = store.es.nodes.stats(metric="jvm")["nodes"].popitem()[1]["jvm"]["mem"]
                figures["memory_mb"] = {
                    "elasticsearch": _megabytes(pid),
                    "elasticsearch_heap_used": heap["heap_used_in_bytes"] // 1_000_000,
                    "client": _megabytes(psutil.Process().pid),
                    "api": _megabytes(web),
                }
            stored = store.es.indices.stats(index=f"{PREFIX}-stories-*", metric="store")
            figures["index_mb"] = stored["_all"]["total"]["store"]["size_in_bytes"] // 1_000_000
    return figures


def _megabytes(pid: int) -> int:
    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in (process, *process.children(True))) // 1_000_000
