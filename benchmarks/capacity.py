"""What an installation of a size needs: a model of figures that were measured here.

    python benchmarks/capacity.py [--stories N] [--feeds N] [--cores N] [--json FILE]

Each input is read from ``results/`` and says where it is from, or is an assumption and says so. A
core is one of those that it was measured on, while they were busy with other work, too. The model
adds up work. It knows nothing of slow networks, of searches, nor of what Airflow's own processes
need (five, some 1.4 GB of memory).
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
DAY = 86_400.0

# Assumptions.
# Of 100 feeds, how many are of each kind of benchmarks/polling.py: most feeds of a large list are
# quiet. With this mix 180,000 feeds have some 510,000 entries a day.
MIX = {"busy": 1, "office": 8, "bursty": 2, "nightly": 3, "weekly": 46, "dead": 40}
PEAK = 2.5  # the busiest hour holds so many times as much as the mean hour
BUSY = 0.6  # share of a core that may be used in the busiest hour: the rest is for what goes wrong
LOST = 1.25  # pages fetched for a story: some give none, some are looked at again
PAGE_KB = 30.0  # of a page in the archive, packed
TEXT = (
    3.0  # times as long an article is as a text of Reuters-21578, which the index was measured on
)
WINDOW_DAYS = 7.0  # dedup.window_weak
# CPU seconds of a task with Celery: 50 mapped tasks took 27 s of two cores, which is the most.
TASK = 1.1
TASKS_A_MINUTE = 14.0  # ingest every two minutes in four batches, alerts, deliver, revisit
WORKERS, ONE, ELASTIC = "workers", "one worker", "Elasticsearch"


@dataclass(frozen=True)
class Input:
    """A figure, and where it was measured."""

    value: float
    unit: str
    measured: str  # file in results/, and what of it


@dataclass(frozen=True)
class Part:
    """One kind of work, and what it needs in the busiest hour."""

    name: str
    items_a_second: float  # in the busiest hour
    seconds_an_item: float  # of one core
    cores: float
    where: str  # whose cores: the workers', one worker's, or Elasticsearch's


def inputs() -> dict[str, Input]:
    """What was measured. Raises KeyError or FileNotFoundError where results lack it."""
    fetching = {(row["client"], row["feeds"]): row for row in _read("fetching")["rows"]}
    poll, fetch = fetching["poll, again", 10_000], fetching["fetch, first", 10_000]
    extraction = _read("extraction-trafilatura-eval")["wirewatch"]
    stream = _read("dedup-stream")["wirewatch"]
    load = _read("search-load")
    topics = _read("topics")["sets"]["topics-reuters21578"]
    scale = _read("dedup-scale")["index"][-1]
    states = _read("page-states")
    return {
        "poll": _each(poll["cpu_seconds"], poll["feeds"], "fetching.json: poll, again, 10,000"),
        "fetch": _each(fetch["cpu_seconds"], fetch["feeds"], "fetching.json: fetch, first, 10,000"),
        "extract": _each(1, extraction["pages_per_cpu_second"],
                         "extraction-trafilatura-eval.json: pages_per_cpu_second"),
        "deduplicate": _each(1, stream["stories_per_cpu_second"],
                             "dedup-stream.json: stories_per_cpu_second"),
        "tag": Input(topics["microseconds"] / 1e6, "s", "topics.json: topics-reuters21578"),
        "index": _each(load["cores"] * load["loaded_in_seconds"], load["stories"],
                       "search-load.json: loaded_in_seconds, all cores busy"),
        "page states": Input(states["cpu_seconds_a_page"], "s", "page-states.json: a page"),
        "feed states": Input(states["cpu_seconds_a_feed"], "s", "page-states.json: a feed"),
        "tasks": Input(TASK, "s", "assumed"),
        "index_kb": Input(load["index_mb"] * 1e3 / load["stories"], "kB", "search-load.json"),
        "print_kb": Input(scale["bytes_a_story"] / 1e3, "kB", "dedup-scale.json: 1,000,000"),
    }  # fmt: skip


def polls_a_day() -> Input:
    """How often a feed of the mix is asked a day, by the rule that polls."""
    rows = [row for row in _read("polling") if row["strategy"] == "adaptive"]
    polls = sum(MIX[row["kind"]] * row["polls_per_day"] for row in rows) / sum(MIX.values())
    return Input(polls, "a day", "polling.json: adaptive, in the mix that is assumed")


def needs(stories: float, feeds: float, cores: int) -> dict[str, Any]:
    """What so many stories a day of so many feeds take, on machines of so many cores."""
    measured = inputs()
    polls = polls_a_day()
    at_peak = stories / DAY * PEAK
    polled = feeds * polls.value / DAY * PEAK
    work = (
        ("poll", WORKERS, polled),
        ("fetch", WORKERS, at_peak * LOST),
        ("extract", WORKERS, at_peak * LOST),
        ("deduplicate", ONE, at_peak),
        ("tag", WORKERS, at_peak),
        ("tasks", WORKERS, TASKS_A_MINUTE / 60),
        ("index", ELASTIC, at_peak * TEXT),  # its work grows with the text
        ("page states", ELASTIC, at_peak * LOST),
        ("feed states", ELASTIC, polled),
    )
    parts = [
        Part(
            name=name,
            items_a_second=round(rate, 2),
            seconds_an_item=measured[name].value,
            cores=round(rate * measured[name].value / BUSY, 2),
            where=where,
        )
        for name, where, rate in work
    ]
    cores_of = {where: sum(part.cores for part in parts if part.where == where)
                for where in (WORKERS, ONE, ELASTIC)}  # fmt: skip
    of_workers = cores_of[WORKERS] + cores_of[ONE]
    most = 1 / measured["deduplicate"].value * BUSY / PEAK * DAY
    return {
        "stories_a_day": stories,
        "feeds": feeds,
        "polls_a_second_at_peak": round(polled, 1),
        "parts": [asdict(part) for part in parts],
        "workers": {"cores": round(of_workers, 1),
                    "machines": max(1, math.ceil(of_workers / cores))},
        "elasticsearch": {"cores": round(cores_of[ELASTIC], 1),
                          "gb_a_day": round(stories * measured["index_kb"].value * TEXT / 1e6, 2)},
        "archive_gb_a_day": round(stories * LOST * PAGE_KB / 1e6, 1),
        "fingerprints_gb": round(stories * WINDOW_DAYS * measured["print_kb"].value / 1e6, 2),
        "most_stories_a_day_of_one_deduplicate": round(most, -3),
        "cores_a_machine": cores,
        "inputs": {name: asdict(one) for name, one in {**measured, "polls": polls}.items()},
        "assumed": {"mix_of_100_feeds": MIX, "busiest_hour_times_mean": PEAK,
                    "share_of_a_core": BUSY, "pages_a_story": LOST, "kb_a_page": PAGE_KB,
                    "text_times_reuters": TEXT},
    }  # fmt: skip


def _read(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def _each(seconds: float, items: float, where: str) -> Input:
    return Input(seconds / items, "s", where)


def table(found: dict[str, Any]) -> str:
    """The work in the busiest hour, in Markdown."""
    lines = ["| work | a second | CPU each | cores | of |", "|---|---|---|---|---|"]
    lines += [
        f"| {part['name']} | {part['items_a_second']:.1f} | {part['seconds_an_item'] * 1e3:.2f} ms "
        f"| {part['cores']:.2f} | {part['where']} |"
        for part in found["parts"]
    ]
    return "\n".join(lines)


def main() -> None:
    """Prints what is needed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stories", type=float, default=500_000, help="a day")
    parser.add_argument("--feeds", type=float, default=180_000)
    parser.add_argument("--cores", type=int, default=8, help="of a machine")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found = needs(args.stories, args.feeds, args.cores)
    print(table(found))
    print(json.dumps({k: v for k, v in found.items() if k not in ("parts", "inputs")}, indent=1))
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
