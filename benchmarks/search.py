"""How well search ranks, and how long it takes over a million stories.

    python benchmarks/search.py --collection DIR [--json FILE]
    python benchmarks/search.py --load DIR [--stories N] [--folder FOLDER] [--json FILE]

The first asks a judged collection through the product's own search, beside plain BM25. DIR holds
``documents.jsonl`` {id, title, text}, ``queries.jsonl`` {id, text} and ``qrels.tsv`` (query,
document, grade). The documents go into indices of their own with the product's mapping, and each
query is asked as a user's free words: any word matches, best first. Beside it, the same words of
one field, title and text together, with Elasticsearch's standard analyzer and BM25 as it comes.
Measured over the queries that have judgements: mean average precision and nDCG at 10, with 1,000
answers a query. Needs the Elasticsearch that ELASTICSEARCH_URL or the options name.

The second makes stories from the newswire set in DIR (``reuters21578.json.gz``), loads them into a
server of its own whose data stay in FOLDER for the next time, and times 200 mixed queries at 1, 8
and 32 clients while 50 stories a second arrive: see ``search_load.py``.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch, helpers

import search_load
from es_server import with_elasticsearch
from wirewatch.records import Article, Story
from wirewatch.search.language import free_words
from wirewatch.search.search import MOST, search
from wirewatch.store import Store, connect

DEPTH = 1_000  # answers a query that count, as TREC takes them
CUT = 10  # of nDCG
WORDS = 5_000  # a query of the collection may be a whole abstract
DAY = datetime(2026, 11, 1, tzinfo=UTC)  # of every document: dates must not matter


@dataclass(frozen=True)
class Collection:
    """Documents, queries, and for each query the grades of documents."""

    documents: list[dict[str, str]]
    queries: dict[str, str]
    judged: dict[str, dict[str, int]]


def read(folder: Path) -> Collection:
    """A judged collection."""
    judged: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines():
        query, document, grade = line.split("\t")
        judged.setdefault(query, {})[document] = int(grade)
    return Collection(
        [json.loads(line) for line in (folder / "documents.jsonl").open(encoding="utf-8")],
        {
            row["id"]: row["text"]
            for row in map(json.loads, (folder / "queries.jsonl").open(encoding="utf-8"))
        },
        judged,
    )


def average_precision(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Mean of the precision at each relevant document; one that is not found counts as nothing."""
    relevant = sum(grade > 0 for grade in grades.values())
    found, total = 0, 0.0
    for rank, document in enumerate(ranked, start=1):
        if grades.get(document, 0) > 0:
            found += 1
            total += found / rank
    return total / relevant if relevant else 0.0


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], cut: int = CUT) -> float:
    """Normalised discounted cumulative gain at ``cut``; the gain of a document is its grade."""
    gain = sum(
        grades.get(document, 0) / math.log2(rank + 1)
        for rank, document in enumerate(ranked[:cut], start=1)
    )
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:cut]
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, start=1))
    return gain / ideal if ideal else 0.0


def evaluate(collection: Collection, ask: Callable[[str], list[str]]) -> tuple[float, float]:
    """Mean average precision and nDCG over the queries with a relevant document."""
    precisions, gains = [], []
    for query, grades in collection.judged.items():
        if any(grade > 0 for grade in grades.values()):
            ranked = ask(collection.queries[query])
            precisions.append(average_precision(ranked, grades))
            gains.append(ndcg(ranked, grades))
    return sum(precisions) / len(precisions), sum(gains) / len(gains)


def story(document: Mapping[str, str]) -> Story:
    """A document as the product would keep it."""
    return Story(
        id=document["id"],
        article=Article(
            url=f"https://collection.example/{document['id']}",
            canonical_url=f"https://collection.example/{document['id']}",
            title=document["title"],
            text=document["text"],
            language="en",
            published=DAY,
            first_seen=DAY,
        ),
        cluster_id=document["id"],
    )


def product(store: Store) -> Callable[[str], list[str]]:
    """Asks the product's search, page after page."""

    def ask(text: str) -> list[str]:
        query = free_words(text)
        ranked: list[str] = []
        cursor = ""
        while len(ranked) < DEPTH:
            page = search(
                store,
                query,
                sort="relevance",
                collapse="none",
                any_word=True,
                size=MOST,
                pages=True,
                cursor=cursor,
                highlight=False,
            )
            ranked += [hit.story.id for hit in page.hits]
            cursor = page.cursor
            if not cursor:
                break
        return ranked[:DEPTH]

    return ask


def plain(es: Elasticsearch, index: str) -> Callable[[str], list[str]]:
    """Asks Elasticsearch as it comes."""

    def ask(text: str) -> list[str]:
        answer = es.search(
            index=index,
            query={"match": {"all": text}},
            size=DEPTH,
            source=False,
        )
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    return ask


@contextmanager
def indices(collection: Collection) -> Iterator[tuple[Store, str]]:
    """A store with the documents, and a plain index with them; both are deleted afterwards."""
    prefix = f"bench-{uuid.uuid4().hex[:10]}"
    options = {"search__max_clauses": WORDS, "search__max_length": 100_000}
    with (
        with_elasticsearch() as settings,
        connect(settings.with_options(elasticsearch__prefix=prefix, **options)) as store,
    ):
        standard = f"{prefix}-standard"
        try:
            store.stories.create(story(document) for document in collection.documents)
            store.es.indices.create(
                index=standard,
                settings={"number_of_shards": 1, "number_of_replicas": 0},
                mappings={"properties": {"all": {"type": "text", "analyzer": "standard"}}},
            )
            actions = (
                {"_index": standard, "_id": d["id"], "all": f"{d['title']}\n{d['text']}"}
                for d in collection.documents
            )
            helpers.bulk(store.es, actions)
            store.es.indices.refresh(index=f"{prefix}-*")
            yield store, standard
        finally:
            for name in store.es.indices.get(index=f"{prefix}-*"):
                store.es.indices.delete(index=name)
            store.es.indices.delete_index_template(name=f"{prefix}-stories")


def relevance(folder: Path) -> dict[str, Any]:
    """The figures of a judged collection."""
    collection = read(folder)
    with indices(collection) as (store, standard):
        ours = evaluate(collection, product(store))
        theirs = evaluate(collection, plain(store.es, standard))
    return {
        "collection": folder.name,
        "documents": len(collection.documents),
        "queries": len(collection.judged),
        "map": round(ours[0], 4),
        "ndcg10": round(ours[1], 4),
        "map_bm25_standard": round(theirs[0], 4),
        "ndcg10_bm25_standard": round(theirs[1], 4),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 0 when done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--collection", type=Path, help="folder of the collection")
    which.add_argument("--load", type=Path, help="folder of the newswire set")
    parser.add_argument("--stories", type=int, default=1_000_000, help="stories made")
    parser.add_argument("--queries", type=int, default=200, help="queries asked")
    parser.add_argument(
        "--folder", type=Path, default=Path(".wirewatch/bench"), help="of the server's data"
    )
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args(arguments)
    if options.load:
        figures = search_load.run(
            options.load, options.stories, options.queries, options.folder.absolute()
        )
    else:
        figures = relevance(options.collection)
    for name, value in figures.items():
        print(f"{name:22} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
