"""What alerts cost: matching many saved searches with a few new stories.

    python benchmarks/alerts.py DIR [--part NAME …] [--searches N …] [--beside N] [--json FILE]

``matching``: 500 new stories among 6,000, in English and twelve other languages, against so many
saved searches of mixed kinds; beside it, in the same run, ``_msearch`` of the same queries over the
same stories, 200 a request. The answers are compared. Seconds, seconds of this process's own
processor, and its peak memory; each size in a process of its own. Past ``--beside`` searches only
the first so many are asked by ``_msearch``, to compare answers.

``flood``: until the messages of 100 searches of many owners are queued, without and with 10,000
searches for everything of one more owner, in turn.

DIR has the newswire set (``reuters21578.json.gz``). Needs the Elasticsearch that ELASTICSEARCH_URL
or the options name. Parts that are not run stay as they are in FILE.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import alerts_flood
import alerts_made
import search_made
from es_server import say, with_elasticsearch
from wirewatch.alerts.match import match
from wirewatch.records import SavedSearch, utc_now
from wirewatch.search import languages
from wirewatch.search.dsl import languages_asked, translate
from wirewatch.search.language import parse
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

STORIES, NEW = 6_000, 500
SIZES = (100, 1_000, 10_000, 100_000)
PARTS = ("matching", "flood")
BESIDE = 10_000  # searches that _msearch is asked at the most: 100,000 take it a quarter of an hour
REQUEST = 200  # searches of one _msearch
OTHERS, FLOOD, PAIRS = 100, 10_000, 4  # searches of many owners, of one; runs of each kind
MEGABYTE = 1_024  # of the kilobytes that ru_maxrss counts on Linux

Answers = list[frozenset[str]]  # the stories that each search finds


@dataclass(frozen=True)
class Measured:
    """What one way of matching took, and found."""

    seconds: float
    own_cpu: float
    peak_mb: int
    answers: Answers


@contextmanager
def stored() -> Iterator[tuple[Settings, Store]]:
    """A store with indices of its own, which are deleted afterwards, and its settings."""
    prefix = f"bench-{uuid.uuid4().hex[:10]}"
    with with_elasticsearch() as settings:
        own = settings.with_options(elasticsearch__prefix=prefix)
        with connect(own) as store:
            try:
                yield own, store
            finally:
                for name in store.es.indices.get(index=f"{prefix}-*"):
                    store.es.indices.delete(index=name)
                store.es.indices.delete_index_template(name=f"{prefix}-stories")


@contextmanager
def archive(folder: Path) -> Iterator[tuple[Settings, search_made.Newswire, list[str]]]:
    """Settings of a store with the stories; the newswire; the new ones' ids."""
    wire = search_made.read(folder)
    made = alerts_made.stories(wire, STORIES)
    with stored() as (settings, store):
        store.stories.create(made).raise_refused("stories")
        store.refresh()
        yield settings, wire, [story.id for story in made[-NEW:]]


def ours(settings: Settings, queries: Sequence[str], ids: Sequence[str]) -> Measured:
    """The product's matching, from searches as they are kept to the ids of what they find."""
    searches = [SavedSearch(id=str(n), name="", query=query) for n, query in enumerate(queries)]
    with connect(settings, prepare=False) as store:
        begun, cpu = time.monotonic(), time.process_time()
        matches = match(store, searches, ids, now=utc_now())
        seconds, own = time.monotonic() - begun, time.process_time() - cpu
    if matches.refused:
        raise RuntimeError(f"refused: {next(iter(matches.refused.items()))}")
    answers = [frozenset(matches.stories.get(search.id, ())) for search in searches]
    return Measured(seconds, own, _peak(), answers)


def server(settings: Settings, queries: Sequence[str], ids: Sequence[str]) -> Measured:
    """The same queries over the same stories, each a search of ``_msearch``."""
    answers: Answers = []
    with connect(settings, prepare=False) as store:
        begun, cpu = time.monotonic(), time.process_time()
        keys = _keys(store, ids)
        only = {"ids": {"values": list(ids)}}
        for start in range(0, len(queries), REQUEST):
            bodies: list[dict[str, Any]] = []
            for query in queries[start : start + REQUEST]:
                tree = parse(query)
                asked = translate(tree, languages=languages_asked(tree, keys), now=utc_now())
                bodies.append({"index": store.stories.alias})
                bodies.append(
                    {
                        "query": {"bool": {"filter": [only, asked]}},
                        "size": len(ids),
                        "_source": False,
                        "sort": ["_doc"],
                        "track_total_hits": False,
                    }
                )
            told = store.es.msearch(searches=bodies)["responses"]
            answers += [frozenset(hit["_id"] for hit in one["hits"]["hits"]) for one in told]
        seconds, own = time.monotonic() - begun, time.process_time() - cpu
    return Measured(seconds, own, _peak(), answers)


def _keys(store: Store, ids: Sequence[str]) -> tuple[str, ...]:
    """The language keys of the new stories: no more is asked than need be."""
    found = {story.article.language for story in store.stories.stories(ids).values()}
    own = {store.templates.language_key(tag) for tag in found}
    return tuple(key for key in languages.present(store) if key in own)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE


def matching(folder: Path, sizes: Sequence[int], beside: int) -> dict[str, Any]:
    """The figures of each size, with how many searches were answered otherwise."""
    figures: dict[str, Any] = {"stories": STORIES, "new": NEW, "sizes": []}
    context = multiprocessing.get_context("spawn")  # so that its peak memory is its own
    with archive(folder) as (settings, wire, ids):
        queries = alerts_made.queries(wire, max(sizes))
        for size in sizes:
            asked = queries[:size]
            with context.Pool(1) as pool:
                mine = pool.apply(ours, (settings, asked, ids))
            with context.Pool(1) as pool:
                theirs = pool.apply(server, (settings, asked[:beside], ids))
            differ = [
                q for q, a, b in zip(asked, mine.answers, theirs.answers, strict=False) if a != b
            ]
            for query in differ[:10]:
                say(f"answered otherwise: {query}")
            figures["sizes"].append(
                {
                    "searches": size,
                    "seconds": round(mine.seconds, 1),
                    "own_cpu_seconds": round(mine.own_cpu, 1),
                    "peak_mb": mine.peak_mb,
                    "matches": sum(map(len, mine.answers)),
                    "msearch_searches": len(theirs.answers),
                    "msearch_seconds": round(theirs.seconds, 1),
                    "msearch_own_cpu_seconds": round(theirs.own_cpu, 1),
                    "msearch_matches": sum(map(len, theirs.answers)),
                    "answered_otherwise": len(differ),
                }
            )
            say(json.dumps(figures["sizes"][-1]))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures; 0 when every answer was the same."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the newswire set")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--searches", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--beside", type=int, default=BESIDE, help="searches of _msearch at most")
    parser.add_argument("--others", type=int, default=OTHERS, help="searches beside the flood")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="runs without and with the flood")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    if options.json and options.json.exists():
        figures = json.loads(options.json.read_text("utf-8"))
    if "matching" in options.part:
        figures["matching"] = matching(options.folder, options.searches, options.beside)
    if "flood" in options.part:
        with stored() as (settings, store):
            figures["flood"] = alerts_flood.flood(
                settings, store, options.folder, options.others, FLOOD, options.pairs
            )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(json.dumps(figures, indent=1))
    sizes = figures.get("matching", {}).get("sizes", ())
    return int(any(one["answered_otherwise"] for one in sizes))


if __name__ == "__main__":
    sys.exit(main())
