"""The peers of deduplication, each as a stream: look a story up, link it to the best, insert it.

Only imported with ``--peers``; ``benchmarks/requirements.lock`` has them. All see lower-cased words
and a window of seven days, and none knows about templates. What a peer may tune is tuned on the
tuning half.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import datasketch
import simhash
from gaoya.minhash import MinHashStringIndex
from rensa import RMinHash, RMinHashLSH

from wirewatch.records import Story

WINDOW = timedelta(days=7)
PERMUTATIONS = 128
Links = dict[str, str | None]


@dataclass(frozen=True)
class Peer:
    """A peer with its settings to choose from."""

    name: str
    link: Callable[[Sequence[Story], Any], Links]
    choices: tuple[Any, ...]


def words(story: Story) -> list[str]:
    """The lower-cased words of a story."""
    return re.findall(r"\w+", story.article.text.lower())


def grams(story: Story, size: int) -> list[str]:
    """The word n-grams of a story, the whole text where it is shorter."""
    own = words(story)
    return [" ".join(own[at : at + size]) for at in range(max(1, len(own) - size + 1))]


def _best(story: Story, found: Iterable[tuple[float, Story]]) -> str | None:
    inside = [(score, other) for score, other in found if story.time - other.time <= WINDOW]
    return max(inside, key=lambda pair: pair[0])[1].id if inside else None


def by_datasketch(stories: Sequence[Story], choice: tuple[float, int, int]) -> Links:
    """MinHashLSH with its own choice of bands for a threshold."""
    threshold, size, permutations = choice
    index = datasketch.MinHashLSH(threshold=threshold, num_perm=permutations)
    sketches, links = [], {}
    for at, story in enumerate(stories):
        sketch = datasketch.MinHash(num_perm=permutations)
        sketch.update_batch([gram.encode() for gram in set(grams(story, size))])
        found = index.query(sketch)
        links[story.id] = _best(story, ((sketch.jaccard(sketches[o]), stories[o]) for o in found))
        index.insert(at, sketch)
        sketches.append(sketch)
    return links


def by_rensa(stories: Sequence[Story], least: float) -> Links:
    """RMinHashLSH of 64 bands of 2 rows; the best candidate if its estimate reaches ``least``."""
    index = RMinHashLSH(0.3, PERMUTATIONS, 64)
    sketches, links = [], {}
    for at, story in enumerate(stories):
        sketch = RMinHash(PERMUTATIONS, 42)
        sketch.update(list(set(grams(story, 3))))
        scored = (
            (sketch.jaccard(sketches[other]), stories[other]) for other in index.query(sketch)
        )
        links[story.id] = _best(story, (pair for pair in scored if pair[0] >= least))
        index.insert(at, sketch)
        sketches.append(sketch)
    return links


def by_gaoya(stories: Sequence[Story], least: float) -> Links:
    """MinHashStringIndex of 64 bands of 2 rows, with the Jaccard estimate it checks itself."""
    index = MinHashStringIndex(32, least, 64, 2, None, "word", True, (3, 3))
    links = {}
    for at, story in enumerate(stories):
        text = " ".join(words(story))
        found = index.query(text)
        links[story.id] = _best(story, ((1.0 / (1 + at - o), stories[o]) for o in found))
        index.insert_document(at, text)
    return links


def by_simhash(stories: Sequence[Story], distance: int) -> Links:
    """SimhashIndex on word 3-grams."""
    index = simhash.SimhashIndex([], k=distance)
    sketches, links = [], {}
    for at, story in enumerate(stories):
        sketch = simhash.Simhash(grams(story, 3))
        near = (int(other) for other in index.get_near_dups(sketch))
        scored = ((-float(sketch.distance(sketches[other])), stories[other]) for other in near)
        links[story.id] = _best(story, scored)
        index.add(str(at), sketch)
        sketches.append(sketch)
    return links


PEERS = (
    Peer("datasketch MinHashLSH .5", by_datasketch, ((0.5, 3, PERMUTATIONS),)),
    Peer("datasketch MinHashLSH .3", by_datasketch, ((0.3, 3, PERMUTATIONS),)),
    # Its benchmark_news_minhash.toml: word bigrams, 256 permutations, threshold .45, no check. The
    # package itself wants PySpark; its bands are computed as datasketch computes them.
    Peer("text-dedup's news setting", by_datasketch, ((0.45, 2, 256),)),
    Peer("rensa 64 x 2", by_rensa, (0.0, 0.05, 0.1, 0.15, 0.2)),
    Peer("gaoya 64 x 2", by_gaoya, (0.05, 0.1, 0.15, 0.2)),
    Peer("simhash", by_simhash, (3, 6)),
)


def clusters(links: Links) -> dict[str, str]:
    """The connected stories: each story's cluster, named after its first story."""
    home: dict[str, str] = {}
    for story, parent in links.items():  # by time: a parent stands before its children
        home[story] = home[parent] if parent else story
    return home


def timed(peer: Peer, stories: Sequence[Story], choice: Any) -> tuple[Links, float]:
    """A peer's links, and the stories it does in a CPU second."""
    begun = time.process_time()
    links = peer.link(stories, choice)
    return links, len(stories) / max(time.process_time() - begun, 1e-9)
