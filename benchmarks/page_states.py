"""What it costs to note where pages and feeds stand: CPU time of Elasticsearch and of this process.

    python benchmarks/page_states.py [--pages N] [--rounds N] [--json FILE]

A page is created, leased, saved as fetched and saved as indexed, as a run of ``ingest`` does it; a
feed is saved as polled. Elasticsearch's time is its process's: what else it does meanwhile is
counted, too. So the cheapest round counts.
"""

from __future__ import annotations

import argparse
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from es_server import say, with_elasticsearch
from wirewatch.records import Feed, Page, PageStatus, replace, stable_id, utc_now
from wirewatch.store import Store, connect

HOSTS = 500  # that the pages are spread over


def cost(store: Store, work: Callable[[], None]) -> float:
    """CPU seconds of Elasticsearch and of this process."""
    begun = _elasticsearch(store) + time.process_time()
    work()
    return _elasticsearch(store) + time.process_time() - begun


def _elasticsearch(store: Store) -> float:
    nodes = store.es.nodes.stats(metric="process")["nodes"].values()
    return sum(node["process"]["cpu"]["total_in_millis"] for node in nodes) / 1_000


def pages(store: Store, count: int, number: int) -> None:
    """Takes so many new pages through a run."""
    now, run = utc_now(), f"round-{number}"
    made = [
        Page(
            id=stable_id("page", run, str(one)),
            url=f"https://h{one % HOSTS}.example/{run}/{one}",
            host=f"h{one % HOSTS}.example",
            discovered=now,
        )
        for one in range(count)
    ]
    store.pages.discover(made).raise_refused("pages")
    held = store.pages.claim(run, now, lease=600, limit=count)
    assert len(held) == count, "another round's pages are left"
    fetched = [replace(page, status=PageStatus.FETCHED, fetched=now) for page in held]
    store.pages.save(fetched, run).raise_refused("pages")
    done = [replace(page, status=PageStatus.INDEXED, lease=None) for page in fetched]
    store.pages.save(done, run).raise_refused("pages")
    store.refresh()


def feeds(store: Store, found: list[Feed]) -> None:
    """Saves feeds as a poll does."""
    polled = [(feed, replace(feed, last_poll=utc_now(), polls=feed.polls + 1)) for feed in found]
    assert len(store.feeds.save_all(polled)) == len(found)
    store.refresh()


def main() -> None:
    """Prints seconds for a page and for a feed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    of_pages, of_feeds = [], []
    with with_elasticsearch() as settings:
        own = settings.with_options(elasticsearch__prefix=f"states-{uuid.uuid4().hex[:8]}")
        with connect(own) as store:
            try:
                store.feeds.add(
                    Feed(id=stable_id("feed", str(one)), url=f"https://f.example/{one}")
                    for one in range(args.pages)
                )
                store.refresh()
                for number in range(args.rounds):
                    of_pages.append(cost(store, lambda n=number: pages(store, args.pages, n)))
                    found = list(store.feeds.all())
                    of_feeds.append(cost(store, lambda found=found: feeds(store, found)))
                    say(f"round {number + 1}: {of_pages[-1]:.1f} s, {of_feeds[-1]:.1f} s")
            finally:
                for index in store.templates.indices():
                    store.es.indices.delete(index=index)
                store.es.indices.delete_index_template(name=f"{store.prefix}-stories")
    result = {
        "pages": args.pages,
        "rounds": args.rounds,
        "cpu_seconds_a_page": round(min(of_pages) / args.pages, 6),
        "cpu_seconds_a_feed": round(min(of_feeds) / args.pages, 6),
        "dearest_over_cheapest": round(max(of_pages) / min(of_pages), 2),
    }
    print(json.dumps(result, indent=1))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
