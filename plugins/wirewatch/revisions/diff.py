"""The difference of two lists of words, in a time that grows with their length.

Passages that occur once in both texts are their fixed points, as in Bram Cohen's patience diff; the
longest chain of them in order is kept, and only what lies between two of them is compared word by
word, where it is short. A text that shares nothing with the other is one replacement, found as fast
as one that is the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Span = tuple[int, int, int, int]  # from and to in the old words, from and to in the new

ANCHORS = (4, 1)  # words of a fixed point: passages first, then single words between them
SMALL = 4_096  # word pairs of a gap that difflib may look at: some 64 by 64, 2 ms at the worst
MOVED = 5  # words in a row that were removed here and added there, to count as moved
MOST_WORDS = (
    100_000  # of a text; extraction keeps 200,000 characters, so only a hostile one has more
)


def differences(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    """The spans that differ, in order; one of the two may be empty. Equal lists have none."""
    old, new = old[:MOST_WORDS], new[:MOST_WORDS]
    return list(_merged(_differ(old, new, (0, len(old), 0, len(new)), 0)))


def moved(old: Sequence[str], new: Sequence[str], spans: Sequence[Span]) -> int:
    """How many words of the spans were removed in one place and added in another."""
    gone: Counter[tuple[str, ...]] = Counter()
    for low, high, _, _ in spans:
        gone.update(tuple(old[i : i + MOVED]) for i in range(low, high - MOVED + 1))
    count = 0
    for _, _, low, high in spans:
        covered = low
        for i in range(low, high - MOVED + 1):
            run = tuple(new[i : i + MOVED])
            if gone[run] > 0:
                gone[run] -= 1
                count += i + MOVED - max(covered, i)
                covered = i + MOVED
    return count


def _differ(old: Sequence[str], new: Sequence[str], span: Span, level: int) -> Iterator[Span]:
    a, b, c, d = _trimmed(old, new, span)
    if a == b or c == d:
        if a < b or c < d:
            yield a, b, c, d
        return
    if level < len(ANCHORS):
        points = _anchors(old, new, (a, b, c, d), ANCHORS[level])
        for i, j in points:
            if i < a or j < c:
                continue  # swallowed when the match before it was followed on
            yield from _differ(old, new, (a, i, c, j), level + 1)
            a, c = i, j
            while a < b and c < d and old[a] == new[c]:
                a, c = a + 1, c + 1
        yield from _differ(old, new, (a, b, c, d), level + 1)
        return
    if (b - a) * (d - c) > SMALL:
        yield a, b, c, d
        return
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind != "equal":
            yield a + i, a + j, c + k, c + m


def _trimmed(old: Sequence[str], new: Sequence[str], span: Span) -> Span:
    a, b, c, d = span
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    return a, b, c, d


def _anchors(
    old: Sequence[str], new: Sequence[str], span: Span, length: int
) -> list[tuple[int, int]]:
    """Where passages of that length start that are once in each, the longest rising chain."""
    a, b, c, d = span
    there = _once(new, c, d, length)
    pairs = [
        (i, there[run]) for run, i in _once(old, a, b, length).items() if run in there
    ]  # in the order of the old text, since dictionaries keep theirs
    tops: list[int] = []  # of chains of each length: the smallest place in the new text
    ends: list[int] = []  # which pair that is
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(tops, j)
        before.append(ends[at - 1] if at else -1)
        tops[at : at + 1] = [j]
        ends[at : at + 1] = [number]
    chain = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _once(words: Sequence[str], low: int, high: int, length: int) -> dict[tuple[str, ...], int]:
    first: dict[tuple[str, ...], int] = {}
    again = set()
    for i in range(low, high - length + 1):
        run = tuple(words[i : i + length])
        if run in first:
            again.add(run)
        else:
            first[run] = i
    return {run: i for run, i in first.items() if run not in again}


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Spans that touch in both texts as one."""
    last: Span | None = None
    for span in spans:
        if last and last[1] == span[0] and last[3] == span[2]:
            last = (last[0], span[1], last[2], span[3])
            continue
        if last:
            yield last
        last = span
    if last:
        yield last
