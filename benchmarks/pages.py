"""How fast each page is, and how heavy, over 100,000 made stories.

    python benchmarks/pages.py DATA [--stories N] [--rounds N] [--folder DIR] [--json FILE]

DATA is the folder of evaluation data that ``search_made.py`` takes its words from. The stories go
into an Elasticsearch of the benchmark's own; with ``--folder`` they stay there for the next time.
The pages come from ``wirewatch serve``, a process of its own. Each is asked for ten times over
HTTP for the time to its first byte, and opened as often in Chromium, its cache empty, for the time
until everything on it has loaded, both without a network between. The first round warms up and is
not counted. Weight is what the page and all that it loads have in bytes, uncompressed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import Browser, sync_playwright

import search_load
import search_made
from es_server import own_elasticsearch, say
from wirewatch.records import Cluster, Story, utc_now
from wirewatch.store import Store, connect

STORIES = 100_000
ROUNDS = 10
HEAP = 1_024  # MiB of the server's heap
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pages(store: Store) -> dict[str, str]:
    """The addresses that are measured, by name."""
    largest = store.es.search(
        index=store.stories.alias,
        size=0,
        aggs={"largest": {"terms": {"field": "cluster_id", "size": 1}}},
    )["aggregations"]["largest"]["buckets"][0]
    stories = sorted(
        store.stories.all({"term": {"cluster_id": largest["key"]}}),
        key=lambda one: (one.time, one.id),
    )
    _write_cluster(store, stories)
    one, other = stories[0].id, stories[-1].id
    return {
        "home": "/",
        "search, a word": "/?q=market",
        "search, a phrase, best first": '/?q="last+year"&sort=relevance',
        "search, filtered": "/?q=oil+OR+trade&outlet=Outlet+7&time=30d&collapse=none",
        f"story, {len(stories)} copies": f"/story/{other}",
        "two stories": f"/compare/stories?one={one}&other={other}",
        "compare, two queries": "/compare?q=oil&q=grain",
        "trends": "/trends",
        "trends, a query": "/trends?q=market&days=7",
        "sources": "/sources",
        "saved searches": "/searches",
        "alerts": "/alerts",
        "runs": "/runs",
        "help": "/help",
    }


def _write_cluster(store: Store, stories: Sequence[Story]) -> None:
    """The cluster's own document, which the maker of stories leaves out."""
    lead = next(one for one in stories if one.lead)
    cluster = Cluster(
        id=lead.cluster_id,
        lead=lead.id,
        lead_reason="the fullest text",
        stories=tuple(one.id for one in stories),
        outlets=len({one.article.outlet for one in stories}),
        agency=lead.agency,
        first=stories[0].time,
        last=stories[-1].time,
    )
    store.clusters.write([(cluster, None)])
    store.refresh()


def first_bytes(client: httpx.Client, path: str, rounds: int) -> list[float]:
    """Milliseconds to the first byte of the answer, a figure a round."""
    times = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        with client.stream("GET", path) as answer:
            chunks = answer.iter_raw()
            next(chunks)
            times.append(1_000 * (time.perf_counter() - begun))
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
            for _ in chunks:
                pass
    return times[1:]


def finished(
    browser: Browser, url: str, bearer: dict[str, str], path: str, rounds: int
) -> tuple[list[float], int, int]:
    """Milliseconds until all has loaded; bytes of it all; requests."""
    times, weight, requests = [], 0, 0
    for _ in range(rounds + 1):
        context = browser.new_context(extra_http_headers=bearer)
        page = context.new_page()
        loaded: dict[str, int] = {}
        page.on("response", lambda one, kept=loaded: kept.update({one.url: len(one.body())}))
        page.goto(url + path, wait_until="load")
        ended = "performance.getEntriesByType('navigation')[0].loadEventEnd"
        page.wait_for_function(f"{ended} > 0")
        times.append(page.evaluate(ended))
        page.wait_for_load_state("networkidle")
        weight, requests = sum(loaded.values()), len(loaded)
        context.close()
    return times[1:], weight, requests


def run(data: Path, stories: int, folder: Path, rounds: int) -> dict[str, Any]:
    """Loads, measures, and returns the figures."""
    wire = search_made.read(data)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("there is no Chromium: apt install chromium, or set CHROMIUM")
    with own_elasticsearch(folder, HEAP) as (settings, _):
        settings = settings.with_options(
            elasticsearch__prefix=search_load.PREFIX, elasticsearch__timeout=120
        )
        with connect(settings) as store:
            # The newest is from now: trends are told of the last days.
            search_load.load(store, wire, stories, folder, until=utc_now() - timedelta(minutes=5))
            asked = pages(store)
            figures: dict[str, Any] = {
                "stories": store.stories.count()["stories"],
                "cores": psutil.cpu_count(),
                "load_before": round(os.getloadavg()[0], 1),
                "rounds": rounds,
                "pages": {},
            }
            bearer = search_load.reader(store)
            with (
                search_load.served(settings) as (url, _),
                sync_playwright() as playwright,
                httpx.Client(base_url=url, headers=bearer, timeout=120) as client,
            ):
                browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
                for name, path in asked.items():
                    first = first_bytes(client, path, rounds)
                    whole, weight, requests = finished(browser, url, bearer, path, rounds)
                    figures["pages"][name] = {
                        "first_byte_ms": _told(first),
                        "finished_ms": _told(whole),
                        "bytes": weight,
                        "requests": requests,
                    }
                    say(f"{name}: {json.dumps(figures['pages'][name])}")
                browser.close()
    return figures


def _told(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for a person."""
    lines = [f"{'page':<32}{'first byte':>12}{'p95':>8}{'finished':>10}{'p95':>8}{'kB':>7}"]
    for name, one in figures["pages"].items():
        first, whole = one["first_byte_ms"], one["finished_ms"]
        lines.append(
            f"{name:<32}{first['median']:>12.0f}{first['p95']:>8.0f}"
            f"{whole['median']:>10.0f}{whole['p95']:>8.0f}{one['bytes'] / 1_000:>7.1f}"
        )
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, help="where the server's data stays")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = run(given.data, given.stories, given.folder or Path(temporary), given.rounds)
    print(f"{figures['stories']:,} stories, {figures['cores']} cores, milliseconds")
    print(table(figures))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
