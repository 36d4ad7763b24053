"""Two texts side by side, word by word: what one has and the other has not, passages kept level."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from wirewatch.revisions.diff import MOVED, differences

FOLDED = 2  # rows that are the same, of which more are folded away
LONGEST = 24_000  # characters of each text that are shown: some ten pages of print
# One word, with the marks around it; of scripts without blanks between words, one character.
_TOKEN = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]|"
    "[^\\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)


@dataclass(slots=True)
class Run:
    """Words in a row of one kind: same, gone, new, moved."""

    kind: str
    text: str


@dataclass(slots=True)
class Row:
    """What stands level: a stretch of the left text, and of the right one."""

    left: list[Run] = field(default_factory=list)
    right: list[Run] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether nothing differs here."""
        return all(run.kind == "same" for run in (*self.left, *self.right))


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two texts laid out, with figures in words."""

    parts: tuple[tuple[bool, tuple[Row, ...]], ...]  # rows in a row, and whether to fold them
    gone: int
    new: int
    moved: int
    cut_off: bool  # whether one was longer than is shown


@dataclass(frozen=True, slots=True)
class _Word:
    key: str  # what is compared: case, width and marks at its ends do not count
    begin: int
    end: int


def lay_out(left: str, right: str) -> SideBySide:
    """The two texts in rows; a row ends where both have a paragraph's end in common words."""
    cut_off = max(len(left), len(right)) > LONGEST
    left, right = left[:LONGEST], right[:LONGEST]
    old, new = _words(left), _words(right)
    old_keys, new_keys = [word.key for word in old], [word.key for word in new]
    spans = differences(old_keys, new_keys)
    moved_old, moved_new = _moved(old_keys, new_keys, spans)
    rows = [Row()]
    i = j = 0
    for a, b, c, d in [*spans, (len(old), len(old), len(new), len(new))]:
        while i < a:  # the same in both
            text_left, text_right = _text(left, old, i), _text(right, new, j)
            if i and j and (_breaks(left, old, i) or _breaks(right, new, j)):
                rows.append(Row())
            _add(rows[-1].left, "same", text_left)
            _add(rows[-1].right, "same", text_right)
            i, j = i + 1, j + 1
        for row in range(a, b):
            _add(rows[-1].left, "moved" if row in moved_old else "gone", _text(left, old, row))
        for row in range(c, d):
            _add(rows[-1].right, "moved" if row in moved_new else "new", _text(right, new, row))
        i, j = b, d
    gone = sum(b - a for a, b, _, _ in spans) - len(moved_old)
    added = sum(d - c for _, _, c, d in spans) - len(moved_new)
    kept = tuple(row for row in rows if row.left or row.right)
    return SideBySide(_folded(kept), gone, added, len(moved_new), cut_off)


def _folded(rows: Sequence[Row]) -> tuple[tuple[bool, tuple[Row, ...]], ...]:
    """Rows in which nothing differs, taken together where there are several."""
    parts: list[tuple[bool, tuple[Row, ...]]] = []
    for same, group in groupby(rows, key=lambda row: row.same):
        together = tuple(group)
        parts.append((same and len(together) > FOLDED, together))
    return tuple(parts)


def _words(text: str) -> list[_Word]:
    return [_Word(_key(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def _key(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).casefold().replace("’", "'")
    return folded.strip(".,;:!?\"'“”„«»‘()[]…،؛؟。，、") or folded


def _text(text: str, words: Sequence[_Word], row: int) -> str:
    """A word with what parts it from the one before."""
    before = words[row - 1].end if row else 0
    return text[before : words[row].end]


def _breaks(text: str, words: Sequence[_Word], row: int) -> bool:
    return "\n" in text[words[row - 1].end : words[row].begin]


def _add(runs: list[Run], kind: str, text: str) -> None:
    if runs and runs[-1].kind == kind:
        runs[-1].text += text
    else:
        runs.append(Run(kind, text))


def _moved(
    old: Sequence[str], new: Sequence[str], spans: Sequence[tuple[int, int, int, int]]
) -> tuple[set[int], set[int]]:
    """The rows of words that are gone in one place and new in another, some in a row."""
    places: dict[tuple[str, ...], list[int]] = {}
    for a, b, _, _ in spans:
        for row in range(a, b - MOVED + 1):
            places.setdefault(tuple(old[row : row + MOVED]), []).append(row)
    left: set[int] = set()
    right: set[int] = set()
    used: Counter[tuple[str, ...]] = Counter()
    for _, _, c, d in spans:
        for row in range(c, d - MOVED + 1):
            run = tuple(new[row : row + MOVED])
            there = places.get(run, ())
            if used[run] < len(there):
                start = there[used[run]]
                used[run] += 1
                left.update(range(start, start + MOVED))
                right.update(range(row, row + MOVED))
    return left, right
