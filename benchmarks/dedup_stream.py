"""The seeded stream: every kind of copy and of what is none, with its truth.

    python benchmarks/dedup_stream.py DIR [--peers] [--shuffles N] [--memory] [--json FILE]
        [--no-headlines] [--dense] [--shuffled] [--poor-scans] [--short-briefs]

DIR holds topics-reuters21578 and dedup-reuters. The model and the thresholds were chosen on the
stream of even story numbers; the figures are of the odd ones. Stories and clusters are kept in the
Elasticsearch of ELASTICSEARCH_URL (or the default address), or in memory with ``--memory``.

The second line's settings make the stream harder: stories have no titles; one comes a minute
(``--dense``), also in an order that chance makes (``--shuffled``), so that a copy may be dated
before its report; scans have twice the misread words; briefs are a sentence or two.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dedup_data import Setting, Stream, adjusted_rand, make_stream
from dedup_run import Memory, deduplicate, story_store
from newsroom.churn import COPY_KINDS

# The other report under this one's boilerplate: a copy of the other report.
COPIES = (*COPY_KINDS, "shared_boilerplate")
HARD = {"ocr_noise": "--poor-scans", "brief": "--short-briefs"}


def judged(
    stream: Stream, links: Mapping[str, str | None], home: Mapping[str, str]
) -> dict[str, Any]:
    """The figures of links (each story's best) and of clusters, against the stream's truth."""
    wrong: Counter[str] = Counter()
    right = false = new = 0
    missed: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    for story, kind in stream.kind.items():
        parent = links.get(story)
        if parent:
            good = stream.base[parent] == stream.base[story]
            right += good
            wrong[kind] += not good
        if kind in COPIES:
            copies[kind] += 1
            missed[kind] += home[story] != home[stream.base[story]]
        else:
            new += 1
            false += bool(parent) and stream.base[parent] != stream.base[story]
    precision = right / max(1, right + wrong.total())
    recall = 1 - missed.total() / copies.total()
    return {
        "stories": len(stream.kind),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
        "false_links": false,
        "false_share": false / new,
        "ari": adjusted_rand((stream.base[story], home[story]) for story in stream.kind),
        "recall_by_kind": {kind: 1 - missed[kind] / copies[kind] for kind in sorted(copies)},
        "wrong_by_kind": dict(wrong.most_common()),
    }


def ours(stream: Stream, memory: bool) -> dict[str, Any]:
    """The product's figures."""
    with story_store(memory) as source:
        outcome = deduplicate(stream.stories, source)
    links = {one: s.link.story_id if s.link else None for one, s in outcome.stories.items()}
    home = {one: s.cluster_id for one, s in outcome.stories.items()}
    figures = judged(stream, links, home)
    return figures | {
        "stories_per_cpu_second": outcome.rate,
        "bytes_per_story": outcome.state.bytes / max(1, outcome.state.stories),
    }


def shuffled(stream: Stream, count: int) -> dict[str, float]:
    """How alike the clusters are when the stories come in other orders and batches."""
    homes = []
    for seed in range(count):
        rng = random.Random(seed)
        stories = list(stream.stories)
        rng.shuffle(stories)
        outcome = deduplicate(stories, Memory(), batch=rng.choice((100, 500, 2_000)))
        homes.append({one: s.cluster_id for one, s in outcome.stories.items()})
    order = deduplicate(stream.stories, Memory())
    first = {one: s.cluster_id for one, s in order.stories.items()}
    found = [adjusted_rand((first[one], home[one]) for one in first) for home in homes]
    return {"shuffles": count, "least_ari": min(found), "mean_ari": sum(found) / count}


def peers(tune: Stream, report: Stream) -> dict[str, Any]:
    """The peers' figures on the reporting half, each with its best choice on the tuning half."""
    from dedup_peers import PEERS, clusters, timed

    results = {}
    for peer in PEERS:
        best, score = peer.choices[0], -1.0
        if len(peer.choices) > 1:
            for choice in peer.choices:
                links, _ = timed(peer, tune.stories, choice)
                told = judged(tune, links, clusters(links))["f1"]
                if told > score:
                    best, score = choice, told
        links, rate = timed(peer, report.stories, best)
        figures = judged(report, links, clusters(links))
        results[peer.name] = figures | {"choice": best, "stories_per_cpu_second": rate}
    return results


def line(name: str, figures: Mapping[str, Any]) -> str:
    """One row of the table."""
    kinds = figures["recall_by_kind"]
    least = min(kinds, key=lambda kind: kinds[kind])
    return (
        f"{name:28} P {figures['precision']:.4f}  R {figures['recall']:.4f}"
        f"  F1 {figures['f1']:.4f}  false {100 * figures['false_share']:.2f} %"
        f"  ARI {figures['ari']:.4f}  least {least} {kinds[least]:.3f}"
        f"  {figures['stories_per_cpu_second']:,.0f}/CPU-s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--shuffles", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-headlines", action="store_true")
    parser.add_argument("--dense", action="store_true", help="a story a minute")
    parser.add_argument("--shuffled", action="store_true", help="in an order that chance makes")
    for kind, option in HARD.items():
        parser.add_argument(option, action="append_const", dest="harder", const=kind)
    given = parser.parse_args()
    setting = Setting(
        headlines=not given.no_headlines,
        dense=given.dense,
        shuffled=given.shuffled,
        harder=tuple(given.harder or ()),
    )
    tune, report = (make_stream(given.dir, half, setting=setting) for half in (0, 1))
    results: dict[str, Any] = {"wirewatch": ours(report, given.memory)}
    print(line("wirewatch", results["wirewatch"]))
    results["wirewatch, tuning half"] = ours(tune, True)
    print(line("wirewatch, tuning half", results["wirewatch, tuning half"]))
    if given.shuffles:
        results["shuffled"] = shuffled(report, given.shuffles)
        print("shuffled", results["shuffled"])
    if given.peers:
        found = peers(tune, report)
        results |= found
        for name, figures in found.items():
            print(line(name, figures))
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
