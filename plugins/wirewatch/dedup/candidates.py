"""Which earlier or later stories might be copies of a batch's stories, told by fingerprints alone.

A hash that more than ``cap`` stories of the window left is common and says nothing. The others
weigh by their rarity (idf); the score of a pair is the weight it shares over the weight of the
lighter of the two, so that a brief scores as high as a full copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.segments import STORY, Rows, Segment, pack_ids, unpack_ids

CHUNK = 512  # stories looked up at a time: bounds the memory of one join to some 100 MB
# Stories taken of a common hash when a story has hardly any others: a report with more copies
# than the cap must still find its cluster.
FIRST_OF_COMMON = 8
# Of 4,137 pairs of copies in the tuning stream none scored under .15, of the others two in three.
MIN_SCORE = 0.12
MIN_SHARED = 2  # fingerprints; one alone is often a phrase that everybody uses


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs worth a look, in arrays of one length, ordered by query, then best first.

    ``query``: row of the batch; ``ids``: the other story; ``score``: 0 to 1 and a little over;
    ``shared``: fingerprints both left.
    """

    query: NDArray[np.intp]
    ids: list[str]
    score: NDArray[np.float64]
    shared: NDArray[np.int64]


def without_batch(segments: Sequence[Segment], run: str, batch: str) -> Iterator[Rows]:
    """The rows of each segment, less those of a run's batch (it is being run again)."""
    for segment in segments:
        mine = segment.rows_of(run, batch)
        rows = segment.rows
        if mine is None:
            yield rows
        elif not mine.all():
            kept = ~mine[rows.ordinals]
            yield Rows(rows.hashes[kept], rows.ordinals[kept], rows.stories)


def find_candidates(
    segments: Sequence[Rows],
    batch: Rows,
    ids: Sequence[str],
    prints: Sequence[NDArray[np.uint32]],
    times: Sequence[int],
    *,
    window: float,
    cap: int,
    limit: int,
) -> Candidates:
    """The ``limit`` best candidates of every story of a batch, from the segments and the batch.

    ``batch`` holds the batch's own rows, in the order of ``ids``, ``prints`` and ``times``;
    ``window`` is in seconds, to both sides. Times outside it are no candidates.
    """
    low, high = min(times, default=0) - window, max(times, default=0) + window
    places = [rows for rows in segments if _near(rows, low, high)] + [batch]
    stories = sum(len(rows.stories) for rows in places)
    packed = pack_ids(ids) if ids else np.zeros(0, "V12")
    clock = np.array(times, np.int64)
    parts = [
        _join(
            places,
            at,
            prints[at : at + CHUNK],
            packed,
            clock,
            stories,
            window=window,
            cap=cap,
            limit=limit,
        )
        for at in range(0, len(ids), CHUNK)
    ]
    return Candidates(
        np.concatenate([part.query for part in parts]) if parts else np.zeros(0, np.intp),
        [one for part in parts for one in part.ids],
        np.concatenate([part.score for part in parts]) if parts else np.zeros(0),
        np.concatenate([part.shared for part in parts]) if parts else np.zeros(0, np.int64),
    )


def _near(rows: Rows, low: float, high: float) -> bool:
    times = rows.stories["time"]
    return bool(len(times)) and bool(((times >= low) & (times <= high)).any())


def _join(
    places: Sequence[Rows],
    start: int,
    prints: Sequence[NDArray[np.uint32]],
    packed: NDArray[np.void],
    clock: NDArray[np.int64],
    stories: int,
    *,
    window: float,
    cap: int,
    limit: int,
) -> Candidates:
    counts = np.array([len(one) for one in prints], np.int64)
    flat = np.concatenate(prints) if len(prints) else np.zeros(0, np.uint32)
    hashes, which = np.unique(flat, return_inverse=True)
    owners = np.repeat(np.arange(len(prints)), counts)
    by_hash = np.argsort(which, kind="stable")
    owner_of = owners[by_hash]
    owner_count = np.bincount(which, minlength=len(hashes))
    owner_start = np.cumsum(owner_count) - owner_count

    found = []
    frequency = np.zeros(len(hashes), np.int64)
    for rows in places:
        first = np.searchsorted(rows.hashes, hashes)
        hit = (
            np.flatnonzero(rows.hashes[np.minimum(first, len(rows.hashes) - 1)] == hashes)
            if len(rows.hashes)
            else np.zeros(0, np.intp)
        )
        length = np.searchsorted(rows.hashes, hashes[hit], "right") - first[hit]
        frequency[hit] += length
        found.append((rows, hit, first[hit], length))

    weight = np.log1p(stories / np.maximum(frequency, 1))
    is_common = frequency > cap
    own = weight[which]
    total = np.bincount(owners, np.where(is_common[which], 0, own), len(prints))
    common_count = np.bincount(owners, is_common[which], len(prints))
    mostly_common = 2 * common_count > counts
    mean = np.bincount(owners, own, len(prints)) / np.maximum(counts, 1)

    pieces = []
    for rows, hit, first, length in found:
        length = np.where(is_common[hit], np.minimum(length, FIRST_OF_COMMON), length)
        # Each hash's owners times its postings.
        pairs = owner_count[hit] * length
        row = np.repeat(np.arange(len(hit)), pairs)
        step = np.arange(len(row)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
        query = owner_of[owner_start[hit][row] + step // np.maximum(length[row], 1)]
        story = rows.ordinals[first[row] + step % np.maximum(length[row], 1)]
        keep = ~is_common[hit][row] | mostly_common[query]
        query, story, gained = query[keep], story[keep], weight[hit[row[keep]]]
        key, inverse, shared = np.unique(
            query.astype(np.int64) << 32 | story, return_inverse=True, return_counts=True
        )
        got = np.bincount(inverse, gained, len(key))
        enough = shared >= MIN_SHARED
        key, got, shared = key[enough], got[enough], shared[enough]
        query, table = (key >> 32).astype(np.intp), rows.stories[key & 0xFFFFFFFF]
        near = np.abs(table["time"] - clock[start + query]) <= window
        other = table["id"] != packed[start + query]
        keep = near & other
        pieces.append((query[keep], table[keep], got[keep], shared[keep]))

    query = np.concatenate([piece[0] for piece in pieces])
    table = np.concatenate([piece[1] for piece in pieces]).astype(STORY, copy=False)
    got = np.concatenate([piece[2] for piece in pieces])
    shared = np.concatenate([piece[3] for piece in pieces])
    lighter = np.minimum(
        np.where(mostly_common, counts * mean, total)[query], table["prints"] * mean[query]
    )
    score = np.round(got / np.maximum(lighter, 1e-9), 6)
    enough = score >= MIN_SCORE
    query, table, score, shared = query[enough], table[enough], score[enough], shared[enough]
    order = np.lexsort((table["id"].view("S12"), table["time"], -score, query))
    query, score, shared = query[order], score[order], shared[order]
    chosen = unpack_ids(table["id"][order])
    kept: list[int] = []
    seen: set[str] = set()
    at_query, taken = -1, 0
    for place, number in enumerate(query.tolist()):
        if number != at_query:
            at_query, taken, seen = number, 0, set()
        if taken < limit and chosen[place] not in seen:  # a story fetched again has several rows
            seen.add(chosen[place])
            taken += 1
            kept.append(place)
    return Candidates(
        query[kept] + start,
        [chosen[place] for place in kept],
        score[kept],
        shared[kept],
    )
