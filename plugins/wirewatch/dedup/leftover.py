"""What a story's matches do not explain, looked up once more.

A report with many copies fills the list of candidates with them. A story that mixes it with another
report would never be compared with that other one, so the fingerprints that no match accounts for
are asked for by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.candidates import Candidates
from wirewatch.dedup.cluster import Match

SOURCE = 0.15  # share of a story's fingerprints from which another report may have given them
# Fingerprints; fewer come of some thirty words, which a round-up or a boilerplate may share.
FEWEST = 8
FURTHER = 3  # candidates for what is left: one is wanted, copies of one report fill the others


@dataclass(frozen=True, slots=True)
class Leftover:
    """Fingerprints of a batch's stories that no match explains; rows of the batch."""

    rows: list[int]
    prints: list[NDArray[np.uint32]]


def leftover(
    ids: Sequence[str],
    prints: Sequence[NDArray[np.uint32]],
    asked: Candidates,
    limit: int,
    matches: Sequence[Match],
    prints_of: Mapping[str, NDArray[np.uint32]],
) -> Leftover:
    """What is left of each story whose candidates were cut at ``limit``.

    ``prints_of`` holds the fingerprints of every story in ``matches``.
    """
    counts = Counter(asked.query.tolist())
    full = {ids[row]: row for row, count in counts.items() if count >= limit}
    explained: dict[str, list[NDArray[np.uint32]]] = {}
    for match in matches:
        for one, other in ((match.later, match.earlier), (match.earlier, match.later)):
            if one in full and match.copy:
                explained.setdefault(one, []).append(prints_of[other])
    rows, left = [], []
    for one, known in sorted(explained.items()):
        own = prints[full[one]]
        rest = np.setdiff1d(own, np.concatenate(known))
        if len(rest) >= max(FEWEST, SOURCE * len(own)):
            rows.append(full[one])
            left.append(rest)
    return Leftover(rows, left)
