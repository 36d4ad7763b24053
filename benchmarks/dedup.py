"""Deduplication on judged and weakly labelled news, beside its peers.

    python benchmarks/dedup.py DIR [--peers] [--memory] [--json FILE]

DIR is a folder like dedup-ecbplus (``docs.jsonl``: id, text, subtopic; ``lexical_pairs.jsonl``: a,
b, containment3) or like dedup-reuters (``pairs.jsonl``; its sibling topics-reuters21578 has the
texts). Records go in and clusters come out by the product's own code path, stories and clusters
being kept in the Elasticsearch of ELASTICSEARCH_URL (or the default address; ``--memory``: in
memory). Two stories count as linked when they are in one cluster or a recorded link or source of
one names a story of the other's cluster; ``same_cluster_*`` counts the clusters alone.

The model was trained on the even ECB+ topics and the even Reuters pairs; figures that end in
``_untuned`` are of the others.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dedup_data import adjusted_rand, event_texts, newswire, pairwise, read_lines
from dedup_run import deduplicate, story_store

HEAVY, HALF = 0.8, 0.5  # word-3-gram containment
WINDOW = 168.0  # hours: pairs further apart are kept apart by time alone

Linked = Callable[[str, str], bool]


def share(values: Iterable[bool]) -> float:
    """The share that is true; 1 of none."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 1.0


class Events:
    """ECB+: copies of one event must be linked, texts of two events must not."""

    def __init__(self, folder: Path) -> None:
        self.stories, self.label, number = event_texts(folder)
        self.pairs = [
            (number[pair["a"]], number[pair["b"]], pair["containment3"])
            for pair in read_lines(folder / "lexical_pairs.jsonl")
        ]

    def judge(
        self, home: dict[str, str], linked: Linked, links: Sequence[tuple[str, str]]
    ) -> dict[str, Any]:
        """The figures of clusters, of what counts as linked, and of every link made."""
        heavy = [(a, b) for a, b, c in self.pairs if c >= HEAVY]
        half = [(a, b) for a, b, c in self.pairs if c >= HALF]
        groups: dict[str, list[str]] = {}
        for story, cluster in home.items():
            groups.setdefault(cluster, []).append(story)
        made = {(a, b) for group in groups.values() for a in group for b in group if a < b}
        made |= {(min(pair), max(pair)) for pair in links}
        order = sorted(home)
        truth, told = [self.label[one] for one in order], [home[one] for one in order]
        untuned = [(a, b) for a, b in half if int(self.label[a].split("_")[0]) % 2]
        return {
            "recall_heavy": share(linked(a, b) for a, b in heavy),
            "recall_half": share(linked(a, b) for a, b in half),
            "recall_half_untuned": share(linked(a, b) for a, b in untuned),
            "same_cluster_heavy": share(home[a] == home[b] for a, b in heavy),
            "same_cluster_half": share(home[a] == home[b] for a, b in half),
            "cross_event_links": sum(self.label[a] != self.label[b] for a, b in made),
            "pairs_heavy": len(heavy),
            "pairs_half": len(half),
            "ari": adjusted_rand(zip(truth, told, strict=True)),
            "pairwise": pairwise(truth, told),
        }


class Newswire:
    """Reuters: reruns must be joined, the same template of another day must not."""

    def __init__(self, folder: Path) -> None:
        self.stories = newswire(folder.parent / "topics-reuters21578")
        number = {story.article.feed_id: story.id for story in self.stories}
        self.pairs = [
            (number[p["a"]], number[p["b"]], p["weak_label"], p["hours_apart"], int(p["a"]) % 2)
            for p in read_lines(folder / "pairs.jsonl")
        ]

    def judge(self, home: dict[str, str], *_: object) -> dict[str, Any]:
        """The share of reruns joined and of templates kept apart, in and beyond the window."""

        def joined(label: str, inside: bool, odd: bool = False) -> list[bool]:
            return [
                home[a] == home[b]
                for a, b, told, hours, half in self.pairs
                if told == label and (hours <= WINDOW) == inside and (half or not odd)
            ]

        template = "template_other_day"
        return {
            "reruns_joined": share(joined("rerun", True)),
            "reruns_joined_untuned": share(joined("rerun", True, odd=True)),
            "templates_kept_apart": share(not x for x in joined(template, True)),
            "templates_kept_apart_untuned": share(not x for x in joined(template, True, odd=True)),
            "templates_kept_apart_beyond_window": share(not x for x in joined(template, False)),
            "updates_joined": share(joined("update_or_other", True)),
            "reruns": len(joined("rerun", True)),
            "templates": len(joined(template, True)),
            "templates_beyond_window": len(joined(template, False)),
        }


def ours(data: Events | Newswire, memory: bool) -> dict[str, Any]:
    """The product's figures."""
    with story_store(memory) as source:
        outcome = deduplicate(data.stories, source)
    home = {one: story.cluster_id for one, story in outcome.stories.items()}
    links = [
        (story.id, link.story_id)
        for story in outcome.stories.values()
        for link in (story.link, *story.sources)
        if link
    ]
    return data.judge(home, outcome.linked, links) | {
        "stories": len(home),
        "clusters": len(set(home.values())),
        "stories_per_cpu_second": outcome.rate,
        "bytes_per_story": outcome.state.bytes / max(1, outcome.state.stories),
    }


def peers(data: Events | Newswire) -> dict[str, Any]:
    """The peers' figures, each with the choice that does best on this very data: in their favour,
    for ours was made on half of it."""
    from dedup_peers import PEERS, clusters, timed

    results = {}
    for peer in PEERS:
        tried = []
        for choice in peer.choices:
            links, rate = timed(peer, data.stories, choice)
            home = clusters(links)
            made = [(one, other) for one, other in links.items() if other]

            def linked(a: str, b: str, home: dict[str, str] = home) -> bool:
                return home[a] == home[b]

            told = {"choice": choice, "stories_per_cpu_second": rate}
            tried.append(data.judge(home, linked, made) | told)
        results[peer.name] = max(tried, key=merit)
    return results


def merit(figures: Mapping[str, Any]) -> float:
    """By what a peer's choices are compared."""
    if "recall_half" in figures:
        return float(figures["recall_half"]) - float(figures["cross_event_links"])
    return float(figures["reruns_joined"]) + float(figures["templates_kept_apart"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    data = Events(given.dir) if (given.dir / "docs.jsonl").exists() else Newswire(given.dir)
    results = ours(data, given.memory)
    if given.peers:
        results["peers"] = peers(data)
    for name, value in results.items():
        if name != "peers":
            print(f"{name:36} {value:.4f}" if isinstance(value, float) else f"{name:36} {value}")
    for name, figures in results.get("peers", {}).items():
        shown = {k: round(v, 4) for k, v in figures.items() if isinstance(v, float)}
        print(f"{name}: {shown} cross {figures.get('cross_event_links', '-')}")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
