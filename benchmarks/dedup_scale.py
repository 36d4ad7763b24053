"""How deduplication's index grows: 10,000 to 1,000,000 stories in the window.

    python benchmarks/dedup_scale.py DIR [--most N] [--peers] [--json FILE]

DIR holds topics-reuters21578, whose words and lengths the stories have: each is woven of runs of
3 to 8 words of real stories, so that shingles are as rare and as common as in news, and no two
stories are copies. One story in four is then a copy (its tail cut) of another of the window, so
that the verdict's cost is in the figures. Peers run to 100,000 stories, for they are in memory.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from dedup_data import make_story, newswire
from wirewatch.dedup.candidates import find_candidates
from wirewatch.dedup.features import Profile, containments, measure
from wirewatch.dedup.fingerprint import fingerprints, tokenise
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.dedup.model import load_model
from wirewatch.dedup.segments import build_rows
from wirewatch.records import Story, stable_id

MARKS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
BATCH = 2_000  # stories of one run: seven minutes of 400,000 a day
SAMPLE = 2_000  # stories whose verdicts are timed
START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = 7 * 86_400


class Weaver:
    """Makes stories without end from the words of real ones."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self._words = [story.article.text.split() for story in stories if story.word_count > 20]
        self._rng = random.Random(7)

    def text(self) -> str:
        """One story's text, as long as a real one."""
        rng, words = self._rng, self._words
        length = len(rng.choice(words))
        out: list[str] = []
        while len(out) < length:
            story = rng.choice(words)
            at = rng.randrange(len(story))
            out += story[at : at + rng.randint(3, 8)]
        return " ".join(out[:length])


def grow(weaver: Weaver, most: int) -> list[dict[str, Any]]:
    """Fills an index to each mark; the cost of the batches just before it, by stage."""
    folder = tempfile.mkdtemp(prefix="wirewatch-scale-")
    rows: list[dict[str, Any]] = []
    try:
        index = FingerprintIndex(folder)
        spent = dict.fromkeys(("fingerprint", "look up", "write", "merge"), 0.0)
        done = counted = 0
        kept: list[str] = []
        for mark in (mark for mark in MARKS if mark <= most):
            while done < mark:
                texts = [weaver.text() for _ in range(BATCH)]
                if kept:
                    for at in range(0, BATCH, 4):
                        texts[at] = cut(kept[at // 4 % len(kept)])
                moment = int(START.timestamp()) + 4 * 86_400 * done // most
                ids = [stable_id("story", str(done + at)) for at in range(BATCH)]
                times = [moment + at % 60 for at in range(BATCH)]
                step(index, spent, texts, ids, times, run=str(done))
                kept = texts[1::2]
                done += BATCH
                counted += BATCH
            state = index.state()
            begun = time.perf_counter()
            FingerprintIndex(folder)
            reopened = time.perf_counter() - begun
            rows.append(
                {
                    "stories": done,
                    "us_a_story": {name: 1e6 * cpu / counted for name, cpu in spent.items()},
                    "bytes_a_story": state.bytes / done,
                    "segments": state.segments,
                    "reopen_ms": 1e3 * reopened,
                    "rss_mb": psutil.Process().memory_info().rss / 1e6,
                    "prints_a_story": state.entries / done,
                }
            )
            query = sum(spent[name] for name in ("look up", "write", "merge")) / counted
            print(f"{done:>9,}  query and insert {1e3 * query:.3f} ms  {rows[-1]}", flush=True)
            spent = dict.fromkeys(spent, 0.0)
            counted = 0
        return rows
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def step(
    index: FingerprintIndex,
    spent: dict[str, float],
    texts: Sequence[str],
    ids: Sequence[str],
    times: Sequence[int],
    run: str,
) -> None:
    """One batch through the index, its CPU added up by stage."""
    now = datetime.fromtimestamp(times[0], UTC)
    clock = [time.process_time()]
    prints = [fingerprints(tokenise(text)) for text in texts]
    clock.append(time.process_time())
    find_candidates(
        [segment.rows for segment in index.segments],
        build_rows(ids, times, prints),
        ids,
        prints,
        times,
        window=WINDOW,
        cap=64,
        limit=8,
    )
    clock.append(time.process_time())
    index.write(run, "0", ids, times, prints, now)
    clock.append(time.process_time())
    index.merge(now.date())
    clock.append(time.process_time())
    for name, cpu in zip(spent, np.diff(clock), strict=True):
        spent[name] += float(cpu)


def cut(text: str) -> str:
    """The text without its last third."""
    words = text.split()
    return " ".join(words[: max(1, 2 * len(words) // 3)])


def verdicts(weaver: Weaver) -> float:
    """Microseconds of CPU that one verdict costs, both texts being prepared anew."""
    texts = [weaver.text() for _ in range(SAMPLE)]
    for text in texts:
        tokenise(text)  # its words are in the vocabulary, as they soon are in a run
    begun = time.process_time()
    pairs = []
    for text in texts:
        one, other = Profile(text), Profile(cut(text))
        pairs.append(measure(one, other, 1.0, containments(one, other)))
    load_model().probability(pairs)
    return 1e6 * (time.process_time() - begun) / len(texts)


def peers(weaver: Weaver, most: int) -> dict[str, Any]:
    """Microseconds a story and bytes a story of rensa and datasketch, as far as memory is lent."""
    from dedup_peers import by_datasketch, by_rensa

    results: dict[str, Any] = {}
    for name, link, choice in (
        ("rensa 64 x 2", by_rensa, 0.1),
        ("datasketch MinHashLSH .3", by_datasketch, (0.3, 3, 128)),
    ):
        for count in (10_000, 30_000, 100_000):
            if count > most:
                break
            stories = [
                make_story(f"s{at}", "", weaver.text(), START + timedelta(seconds=at))
                for at in range(count)
            ]
            before = psutil.Process().memory_info().rss
            begun = time.process_time()
            links = link(stories, choice)
            results.setdefault(name, []).append(
                {
                    "stories": count,
                    "us_a_story": 1e6 * (time.process_time() - begun) / count,
                    "bytes_a_story": (psutil.Process().memory_info().rss - before) / count,
                    "links": sum(map(bool, links.values())),
                }
            )
            print(name, results[name][-1], flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    weaver = Weaver(newswire(given.dir))
    results: dict[str, Any] = {"verdict_us": verdicts(weaver)}
    print(f"a verdict, both texts prepared: {results['verdict_us']:.0f} us of CPU", flush=True)
    results["index"] = grow(weaver, given.most)
    if given.peers:
        results["peers"] = peers(weaver, given.most)
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
