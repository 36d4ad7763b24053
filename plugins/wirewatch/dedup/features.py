"""What is measured of a pair of texts.

Every figure can be told to a person. Containment is the share of one text's character 5-grams
found in the other, resemblance their Jaccard coefficient (Broder 1997); the rest looks at what
templates change and copies keep: long passages, whole sentences, and the numbers and names that
stand in the same place of both texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.fingerprint import (
    CAPITAL,
    NUMBER,
    TEXT_LIMIT,
    U32,
    U64,
    Hashes,
    Tokens,
    distinct,
    fingerprints,
    mix,
    shingles,
    tokenise,
)

GRAM = 5  # characters
RUN = 10  # words: two reporters seldom write ten words alike unless they quote
TITLE = 1_000  # characters; a headline has a tenth of them
PHRASE = 5  # words: survives misread letters and swapped words, which break most runs of ten
HEAD = 40  # words: the first two sentences, what a report is about
CONTEXT = 3  # words beside a number or a name that tell its place in the text
MASK = U64(0x5BD1E9955BD1E995)  # stands for any number or name in such a context


# A line that begins a list of other headlines; what follows is no part of the report.
_RELATED = re.compile(
    r"^\W{0,4}(?:related(?: (?:news|articles|stories|coverage|topics))?|read (?:more|next|also)"
    r"|more (?:news|stories|from)\b.{0,40}|see also|you may also like|most read"
    r"|mehr zum thema|lesen sie auch|verwandte (?:artikel|themen|nachrichten)|auch interessant"
    r"|noticias relacionadas|lea tambi[eé]n|te puede interesar|m[aá]s (?:noticias|sobre)\b.{0,40}"
    r"|à lire aussi|lire aussi|sur le même sujet|leggi anche|leia (?:mais|também)"
    r"|читайте также|по теме|相关(?:新闻|阅读|报道)|関連(?:記事|ニュース)"
    r"|اقرأ أيضا[ًً]?|مواضيع ذات صلة|أخبار ذات صلة)\W{0,4}$",
    re.IGNORECASE | re.MULTILINE,
)
_STOPS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "”", '"')
RELATED_FROM = 0.4  # of a text: a list of other headlines stands in its later part
RELATED_LINE = 160  # characters: a headline; a longer line below the mark is the report going on
NAMED = 12  # characters of a headline from which a line that has all of it is its caption
CAPTION = 100  # characters that a caption has beside it


def _headline(text: str, title: str) -> str:
    """The headline of a text: its first line where that is the title, or where there is none and
    the line, which ends no sentence, comes again."""
    first = text.partition("\n")[0].strip()
    if title:
        return title.strip()
    if len(first) > RELATED_LINE or first.endswith(_STOPS) or text.count(first) < 2:
        return ""
    return first


def _without_headline(text: str, title: str) -> str:
    """The text without the lines that only repeat the headline, as captions do."""
    name = _headline(text, title)
    if not name or name not in text:
        return text
    most = len(name) + CAPTION if len(name) >= NAMED else len(name)
    kept = [line for line in text.split("\n") if len(line) > most or name not in line]
    left = "\n".join(kept)
    return left if len(left) >= len(text) / 2 else text  # a brief may be little but its headline


def report_of(text: str, title: str) -> str:
    """The text without the lines that repeat its own headline and without "related" headlines."""
    text = _without_headline(text, title)
    for mark in _RELATED.finditer(text, int(RELATED_FROM * len(text))):
        below = text[mark.end() :].strip().split("\n")
        if all(len(line) <= RELATED_LINE for line in below):
            return text[: mark.start()]
    return text


class Profile:
    """A text with what comparing needs of it, each part made when first asked for."""

    def __init__(self, text: str, title: str = "", limit: int = TEXT_LIMIT) -> None:
        self.tokens: Tokens = tokenise(report_of(text[:limit], title), limit)
        self.title = title
        self.length = len(self.tokens.words)

    @cached_property
    def prints(self) -> NDArray[np.uint32]:
        """The fingerprints for the index."""
        return fingerprints(self.tokens)

    @cached_property
    def grams(self) -> NDArray[np.uint32]:
        """Distinct hashes of the character 5-grams of the folded words, sorted."""
        joined = " ".join(self.tokens.words).casefold()
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
        count = len(codes) - GRAM + 1
        if count < 1:
            return distinct(codes.astype(U32)) if len(codes) else np.zeros(0, U32)
        total = codes[:count].astype(U64)
        for offset in range(1, GRAM):
            total *= U64(0x100000001B3)  # the FNV prime: odd, and well above any code point
            total += codes[offset : offset + count]
        return distinct((mix(total) >> U64(32)).astype(U32))

    @cached_property
    def runs(self) -> Hashes:
        """The hash of every ten words in a row, in order."""
        return shingles(self.tokens.hashes, RUN)

    @cached_property
    def runs_sorted(self) -> Hashes:
        """The same, distinct and sorted."""
        return distinct(self.runs).astype(U64, copy=False)

    @cached_property
    def phrases(self) -> Hashes:
        """The hash of every five words in a row, in order."""
        return shingles(self.tokens.hashes, PHRASE)

    @cached_property
    def phrases_sorted(self) -> Hashes:
        """The same, distinct and sorted."""
        return distinct(self.phrases).astype(U64, copy=False)

    @cached_property
    def pairs_sorted(self) -> Hashes:
        """The hash of every two words in a row, distinct and sorted."""
        return distinct(shingles(self.tokens.hashes, 2)).astype(U64, copy=False)

    @cached_property
    def sentences(self) -> tuple[Hashes, NDArray[np.intp]]:
        """The hash of every sentence, and its length in words."""
        starts = self.tokens.sentences
        if not len(starts):
            return np.zeros(0, U64), np.zeros(0, np.intp)
        lengths = np.diff(np.concatenate((starts, [self.length])))
        place = np.arange(1, 2 * self.length, 2, dtype=U64) - np.repeat(2 * starts, lengths).astype(
            U64
        )
        return np.add.reduceat(self.tokens.hashes * place, starts), lengths  # by odd place in it

    @cached_property
    def numbers(self) -> Hashes:
        """Distinct hashes of the numbers."""
        return distinct(self.tokens.hashes[self.tokens.kinds == NUMBER]).astype(U64, copy=False)

    @cached_property
    def names(self) -> Hashes:
        """Distinct hashes of capitalised words that do not begin a sentence."""
        inside = self.tokens.kinds == CAPITAL
        inside[self.tokens.sentences] = False
        return distinct(self.tokens.hashes[inside]).astype(U64, copy=False)

    @cached_property
    def _masked(self) -> Hashes:
        kinds = self.tokens.kinds
        return np.where((kinds == NUMBER) | (kinds == CAPITAL), MASK, self.tokens.hashes)

    @cached_property
    def forms(self) -> Hashes:
        """The hash of every five words in a row, any number and any name standing for one."""
        return shingles(self._masked, PHRASE)

    @cached_property
    def _sides(self) -> tuple[Hashes, Hashes]:
        edge = np.zeros(CONTEXT, U64)
        sides = shingles(np.concatenate((edge, self._masked, edge)), CONTEXT)
        return sides[: self.length], sides[CONTEXT + 1 : CONTEXT + 1 + self.length]

    def placed(self, kind: int) -> tuple[NDArray[np.intp], Hashes, Hashes, Hashes]:
        """The rows of numbers or names, the words before each, the words after, its own hash."""
        rows = np.flatnonzero(self.tokens.kinds == kind)
        left, right = self._sides
        return rows, left[rows], right[rows] ^ MASK, self.tokens.hashes[rows]

    @cached_property
    def placed_numbers(self) -> tuple[NDArray[np.intp], Hashes, Hashes, Hashes]:
        """The numbers with their contexts."""
        return self.placed(NUMBER)

    @cached_property
    def placed_names(self) -> tuple[NDArray[np.intp], Hashes, Hashes, Hashes]:
        """The capitalised words with their contexts."""
        return self.placed(CAPITAL)

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The folded words of the title."""
        return frozenset(self.title[:TITLE].casefold().split())


@dataclass(frozen=True, slots=True)
class Pair:
    """The figures of two texts a and b; shares are 0 to 1."""

    containment: float  # of a's character 5-grams, found in b
    containment_of: float  # of b's, found in a
    resemblance: float
    runs: float  # of the shorter text's words, inside runs of ten words that the other has
    phrases: float  # the same for runs of five words
    sentences: float  # of the shorter text's words, in whole sentences that the other has
    numbers: float  # of the numbers of the text with fewer, found in the other; 1 without any
    numbers_conflict: float  # of the numbers that stand in the same place, those that differ
    numbers_placed: int  # numbers that stand in the same place
    names: float
    names_conflict: float
    names_placed: int
    head: float  # the lesser share of the first 40 words' 5-grams of one found in the other
    title: float  # Jaccard of the words of the titles; 0 where one has none
    length: int  # words of the shorter
    ratio: float  # shorter over longer, in distinct 5-grams
    hours: float

    @staticmethod
    def nothing() -> Pair:
        """A pair with nothing in common."""
        return Pair(*(0 for _ in fields(Pair)))


def shared(a: NDArray[np.unsignedinteger], b: NDArray[np.unsignedinteger]) -> int:
    """How many values two sorted arrays of distinct values have in common."""
    if not len(a) or not len(b):
        return 0
    both = np.concatenate((a, b))
    both.sort(kind="stable")  # merges the two runs
    return int(np.count_nonzero(both[1:] == both[:-1]))


def found_in(values: Hashes, ordered: Hashes) -> NDArray[np.bool_]:
    """Which values a sorted array has."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[at] == values
    return found


def in_runs(a: Profile, b: Profile) -> NDArray[np.bool_]:
    """Which words of a lie inside ten words in a row that b has too."""
    return _covered(found_in(a.runs, b.runs_sorted), RUN, a.length)


def in_phrases(a: Profile, b: Profile) -> NDArray[np.bool_]:
    """Which words of a lie inside five words in a row that b has too."""
    return _covered(found_in(a.phrases, b.phrases_sorted), PHRASE, a.length)


def in_forms(a: Profile, b: Profile) -> NDArray[np.bool_]:
    """Which words of a lie inside five in a row that b has too, whatever its numbers and names."""
    return _covered(found_in(a.forms, np.sort(b.forms)), PHRASE, a.length)


def replaced(a: Profile, b: Profile) -> int:
    """How many passages of one text stand in the place of others in the other one.

    What is only added or cut, and what stands at an end, does not count.
    """
    return min(_gaps(a, b), _gaps(b, a))


def _gaps(a: Profile, b: Profile) -> int:
    known = np.sort(shingles(b.tokens.hashes, CONTEXT))
    same = _covered(found_in(shingles(a.tokens.hashes, CONTEXT), known), CONTEXT, a.length)
    inside = np.flatnonzero(same)
    return int(np.count_nonzero(np.diff(inside) > 1))


def _covered(hits: NDArray[np.bool_], size: int, length: int) -> NDArray[np.bool_]:
    edges = np.zeros(length + 1, np.int8)
    if len(hits):
        edges[: len(hits)] += hits
        edges[size : size + len(hits)] -= hits
    covered: NDArray[np.bool_] = np.cumsum(edges[:length]) > 0
    return covered


def conflicts(
    a: tuple[NDArray[np.intp], Hashes, Hashes, Hashes],
    b: tuple[NDArray[np.intp], Hashes, Hashes, Hashes],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of a's numbers (or names) have a place in b, and which of these differ there.

    A place is three words before or three words after. A value that stands in one of its places in
    b, or anywhere in b, agrees.
    """
    _, left, right, value = a
    _, b_left, b_right, b_value = b
    if not len(value) or not len(b_value):
        nothing = np.zeros(len(value), bool)
        return nothing, nothing
    places = np.sort(np.concatenate((b_left, b_right)))
    placed = found_in(left, places) | found_in(right, places)
    return placed, placed & ~found_in(value, np.sort(b_value))


def containments(a: Profile, b: Profile) -> tuple[float, float, float]:
    """Containment of a in b, of b in a, and their resemblance: the cheap figures."""
    common = shared(a.grams, b.grams)
    if not common:
        return 0.0, 0.0, 0.0
    both = len(a.grams) + len(b.grams) - common
    return common / len(a.grams), common / len(b.grams), common / both


def measure(
    a: Profile, b: Profile, hours: float, cheap: tuple[float, float, float] | None = None
) -> Pair:
    """All figures of a pair; ``hours`` lie between the two, ``cheap`` are its containments."""
    containment, containment_of, resemblance = cheap or containments(a, b)
    short, long = (a, b) if a.length <= b.length else (b, a)
    hashes, lengths = short.sentences
    whole = found_in(hashes, np.sort(long.sentences[0]))
    placed, differing = conflicts(short.placed_numbers, long.placed_numbers)
    names_placed, names_differing = conflicts(short.placed_names, long.placed_names)
    titles = a.title_words | b.title_words
    return Pair(
        containment=containment,
        containment_of=containment_of,
        resemblance=resemblance,
        runs=_share(int(in_runs(short, long).sum()), short.length, 0.0),
        phrases=_share(int(in_phrases(short, long).sum()), short.length, 0.0),
        sentences=_share(int(lengths[whole].sum()), short.length, 0.0),
        numbers=_overlap(short.numbers, long.numbers),
        numbers_conflict=_share(int(differing.sum()), int(placed.sum()), 0.0),
        numbers_placed=int(placed.sum()),
        names=_overlap(short.names, long.names),
        names_conflict=_share(int(names_differing.sum()), int(names_placed.sum()), 0.0),
        names_placed=int(names_placed.sum()),
        head=min(_head(a, b), _head(b, a)),
        title=_share(len(a.title_words & b.title_words), len(titles), 0.0),
        length=short.length,
        ratio=min(len(a.grams), len(b.grams)) / max(len(a.grams), len(b.grams), 1),
        hours=hours,
    )


def _share(part: int, whole: int, empty: float) -> float:
    return part / whole if whole else empty


def _overlap(a: Hashes, b: Hashes) -> float:
    return _share(shared(a, b), min(len(a), len(b)), 1.0)


def _head(a: Profile, b: Profile) -> float:
    words = a.tokens.hashes[:HEAD]
    if len(words) < 2:
        return 0.0
    pairs = distinct(shingles(words, 2)).astype(U64, copy=False)
    return float(found_in(pairs, b.pairs_sorted).mean())
