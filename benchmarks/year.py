"""Whether an installation levels off: a year of days, each with a run, on a real Elasticsearch.

    python benchmarks/year.py [--days N] [--stories N] [--json FILE] [--plot FILE]

The clock of this process is moved a day on after each day's work: pages are polled, fetched,
extracted, grouped, tagged, indexed and matched with a saved search, then the upkeep runs. Ages are
those of a year made short (``KEPT``), so that each kind of thing comes to its end well before the
last quarter. Airflow is not part of it: neither its database nor its logs are here.

Each figure is levelled off when its mean over the last 60 days is no more than 1.1 of its mean over
the 60 days before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from es_server import say, with_elasticsearch
from wirewatch.pipeline.flow import ALERTS, INGEST, REVISIT
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Feed, SavedSearch, base, stable_id
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.store.indices import status
from wirewatch.upkeep import files
from wirewatch.upkeep.maintain import PARTS, in_lines, maintain

LISTED = 40  # entries of the feed: the newest
KEPT = {
    "keep__batches": 7,
    "keep__texts": 7,
    "keep__pages": 60,
    "keep__failed": 30,
    "keep__listed": 2 * LISTED,
    "keep__runs": 45,
    "keep__alerts": 60,
    "keep__deliveries": 30,
    "keep__stories": 2,
    "keep__archive": 45,
    "keep__hosts": 30,
}
OURS = tuple(part for part in PARTS if part.name not in ("Airflow", "task logs", "logs"))
SPAN = 60  # days that are compared
LEVEL = 1.1
COPIES, GONE = 4, 9  # every 4th story is a copy of the one before it; every 9th page answers 404


class Clock(datetime):
    """The present, some days on."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """The moved clock."""
        return datetime.now(tz) + cls.ahead


def text(number: int) -> list[str]:
    """Paragraphs that no other story has, but a copy."""
    words = random.Random(number)
    return [
        " ".join(
            "".join(words.choice("abcdefghilmnoprstu") for _ in range(words.randint(2, 9)))
            for _ in range(60)
        )
        + "."
        for _ in range(6)
    ]


def page(number: int) -> bytes:
    """A page with an article; every so often a copy of the one before."""
    paragraphs = text(number - 1 if number % COPIES == 0 else number)
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    title = f"Report {number} from the harbour"
    return f"<html lang='en'><title>{title}</title><article><h1>{title}</h1>{body}".encode()


@contextmanager
def site() -> Iterator[tuple[int, list[int]]]:
    """A site with a full-text feed; its port, and how many stories it has by now."""
    there = [0]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            number = int(name) if name.isdigit() else 0
            found, kind = 200, "text/html; charset=utf-8"
            if self.path == "/feed":
                newest = range(max(1, there[0] - LISTED + 1), there[0] + 1)
                items = "".join(
                    f"<item><title>Report {n}</title><link>{self.base()}/{n}</link>"
                    f"<content:encoded><![CDATA[<p>{text(n)[0]}</p>]]></content:encoded></item>"
                    for n in newest
                )
                body = (
                    "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
                    f"<channel><title>Daily</title>{items}</channel></rss>"
                ).encode()
                kind = "application/rss+xml"
            elif number and number % GONE:
                body = page(number)
            else:
                found, body = 404, b""
            self.send_response(found)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def base(self) -> str:
            return f"http://{self.headers['Host']}"

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1], there
    finally:
        server.shutdown()
        server.server_close()


def day(settings: Settings) -> None:
    """One day's work."""
    run_flow(INGEST, settings)
    run_flow(REVISIT, settings)
    run_flow(ALERTS, settings)
    _date_files(settings)
    made = maintain(settings, f"maintain-{uuid.uuid4().hex[:8]}", parts=OURS)
    if made.problems:
        raise SystemExit("\n".join(in_lines(made)))


def _date_files(settings: Settings) -> None:
    """Files that were written today are of the moved clock's today."""
    now = time.time()
    for path in Path(settings.state).rglob("*"):
        if path.is_file() and path.stat().st_mtime <= now:
            moved = path.stat().st_mtime + Clock.ahead.total_seconds()
            os.utime(path, (moved, moved))


def figures(settings: Settings) -> dict[str, float]:
    """What has grown: documents and bytes by index, files by folder, this process's memory."""
    found: dict[str, float] = {}
    with connect(settings, prepare=False) as store:
        store.refresh()
        for one in status(store):
            noun = one.name.removeprefix(f"{store.prefix}-").partition("-")[0]
            found[f"{noun} documents"] = found.get(f"{noun} documents", 0) + one.documents
            found["index bytes"] = found.get("index bytes", 0) + one.bytes
    for folder in ("batches", "archive", "fingerprints", "upkeep"):
        held = files.under(f"{settings.state}/{folder}")[1]
        found[f"{folder} bytes"] = sum(file.bytes for file in held)
        found[f"{folder} files"] = len(held)
    found["memory bytes"] = psutil.Process().memory_info().rss
    return found


def levels(days: list[dict[str, float]]) -> dict[str, float]:
    """By figure, its mean over the last days beside that as many before; fewer when short."""
    span = min(SPAN, len(days) // 3) or 1
    last, before = days[-span:], days[-2 * span : -span] or days[-span:]
    return {
        name: round(
            statistics.fmean(one.get(name, 0) for one in last)
            / (statistics.fmean(one.get(name, 0) for one in before) or 1),
            3,
        )
        for name in days[-1]
    }


def plot(days: list[dict[str, float]], names: list[str]) -> str:
    """Each figure as a share of its largest, over the days, as SVG."""
    colours = ("#c0392b", "#2c3e50", "#16a085", "#8e44ad", "#d35400", "#2980b9", "#7f8c8d")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="760" height="420" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="760" height="420" fill="white"/>',
        '<text x="50" y="20">Each as a share of its largest, by day: what has levelled off '
        "runs flat</text>",
    ]
    for share in (0, 0.5, 1):
        y = 380 - 340 * share
        parts.append(f'<line x1="50" y1="{y:.0f}" x2="560" y2="{y:.0f}" stroke="#eee"/>')
        parts.append(f'<text x="20" y="{y + 4:.0f}">{share:.0%}</text>')
    for row, name in enumerate(names):
        colour = colours[row % len(colours)]
        most = max(one.get(name, 0) for one in days) or 1
        points = " ".join(
            f"{50 + 510 * at / max(1, len(days) - 1):.1f},{380 - 340 * one.get(name, 0) / most:.1f}"
            for at, one in enumerate(days)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        unit = f"{most / 1e6:.1f} MB" if name.endswith("bytes") else f"{most:,.0f}"
        parts.append(
            f'<text x="570" y="{50 + 16 * row}" fill="{colour}">{name} ({unit} at most)</text>'
        )
    parts.append(f'<text x="540" y="398">{len(days)} days</text>')
    return "\n".join([*parts, "</svg>\n"])


SHOWN = [
    "index bytes",
    "stories documents",
    "pages documents",
    "clusters documents",
    "runs documents",
    "alerts documents",
    "batches bytes",
    "archive bytes",
    "fingerprints bytes",
    "memory bytes",
]


def simulate(settings: Settings, days: int, stories: int) -> list[dict[str, float]]:
    """The figures at the end of each day."""
    base.datetime = Clock  # type: ignore[misc]  # utc_now looks it up there
    found = []
    with site() as (port, there):
        given = settings.with_options(
            fetch__allow=f"*.localhost:{port}",
            fetch__delay=0,
            extract__processes=1,
            run__partitions=1,
            **KEPT,
        )
        with connect(given) as store:
            url = f"http://a.localhost:{port}/feed"
            store.feeds.add([Feed(id=stable_id("feed", url), url=url, outlet="Daily")])
            store.searches.create(SavedSearch(id="all", name="All", query="harbour", origin="user"))
        for number in range(days):
            Clock.ahead = timedelta(days=number)
            there[0] += stories
            day(given)
            found.append(figures(given))
            if number % 10 == 9:
                now = found[-1]
                say(f"day {number + 1}: " + ", ".join(f"{n} {now.get(n, 0):,.0f}" for n in SHOWN))
    return found


def main() -> None:
    """Runs the simulation and says what levelled off."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--days", type=int, default=365)
    arguments.add_argument("--stories", type=int, default=10, help="new ones a day")
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--plot", type=Path)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, with_elasticsearch() as settings:
        own = settings.with_options(
            elasticsearch__prefix=f"year-{uuid.uuid4().hex[:8]}",
            state=f"{folder}/state",
            local__folder=f"{folder}/local",
        )
        try:
            days = simulate(own, asked.days, asked.stories)
        finally:
            with connect(own, prepare=False) as store:
                for index in store.templates.indices():
                    store.es.indices.delete(index=index)
                store.es.options(ignore_status=404).indices.delete_index_template(
                    name=f"{store.prefix}-stories"
                )
    found = levels(days)
    grows = sorted(name for name, ratio in found.items() if ratio > LEVEL)
    print(f"{'figure':24}{'last':>14}{'largest':>14}{'growth':>9}")
    for name, ratio in found.items():
        most = max(one.get(name, 0) for one in days)
        print(f"{name:24}{days[-1].get(name, 0):>14,.0f}{most:>14,.0f}{ratio:>9.2f}")
    print(f"still growing: {', '.join(grows) or 'nothing'}")
    if asked.json:
        every = days[:: max(1, len(days) // 73)]
        result = {"days": asked.days, "stories_a_day": asked.stories, "kept": KEPT,
                  "growth": found, "still_growing": grows, "by_day": every}  # fmt: skip
        asked.json.write_text(json.dumps(result, indent=1) + "\n")
    if asked.plot:
        asked.plot.write_text(plot(days, SHOWN))
    sys.exit(bool(grows))


if __name__ == "__main__":
    main()
