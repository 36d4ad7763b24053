"""Words of a text and the fingerprints they leave.

Tokens are folded (NFKC, case), hashed to 64 bits through a vocabulary that remembers every word's
hash and kind, shingled by three and winnowed with a window of eight (Schleimer, Wilkerson, Aiken:
Winnowing, SIGMOD 2003): a passage of ten words copied anywhere leaves a fingerprint in both texts.

Scripts written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) become overlapping
groups of three characters, so that a shingle of three tokens there is a character 5-gram.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import compress

import numpy as np
import xxhash
from numpy.typing import NDArray

U32 = np.uint32
U64 = np.uint64
Hashes = NDArray[np.uint64]
Prints = NDArray[np.uint32]

SHINGLE = 3  # tokens: the size that the measurements favoured over 2 and 4
WINDOW = 8  # shingles: one of any eight in a row is kept, about .22 fingerprints a word
KEEP_ALL = 32  # shingles: a text this short keeps every one, or it would leave too few to match
TEXT_LIMIT = 200_000  # characters read of a text: 35,000 words, ten times the longest reportage
VOCABULARY_LIMIT = 2_000_000  # words remembered, some 300 MB, before the vocabulary is begun anew

NUMBER, CAPITAL, END = 1, 2, 4  # kinds of token, as bits

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_UNSPACED_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
# Signs that change neither the word nor the number: soft hyphen, zero-width and direction marks,
# the Arabic tatweel and vowel signs. Kept out so that two spellings of a word are one.
_INVISIBLE = dict.fromkeys(
    [
        *(0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF),
        *(0x640, *range(0x64B, 0x660), 0x670),
    ]
)


@cache
def _pattern() -> re.Pattern[str]:
    # Python's \w leaves out combining marks, which would cut Hindi and Thai words to pieces.
    marks = "".join(
        chr(code)
        for code in range(0x300, 0x1D00)
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me")
    )
    return re.compile(
        rf"[^\W\d_][\w{marks}]*|\d+(?:[.,:/]\d+)*|[.!?…。！？।؟\n]+",
    )


def _kind(token: str) -> int:
    first = token[0]
    if first.isdigit():
        return NUMBER
    if first.isalpha():
        return CAPITAL if first.isupper() else 0
    return END if unicodedata.category(first)[0] in "PC" else 0


def _folded(token: str) -> str:
    if token[0].isdigit():  # "1,500" and "1500" are one number
        return re.sub(r",(?=\d{3}(?!\d))", "", token)
    return token.casefold()


class _Vocabulary(dict[str, int]):
    """Token to row; ``hashes`` and ``kinds`` hold each row's 64-bit hash and kind."""

    def __init__(self) -> None:
        super().__init__()
        self.hashes: Hashes = np.zeros(1 << 14, U64)
        self.kinds: NDArray[np.uint8] = np.zeros(1 << 14, np.uint8)

    def __missing__(self, token: str) -> int:
        row = len(self)
        if row == len(self.hashes):
            self.hashes = np.concatenate((self.hashes, np.zeros_like(self.hashes)))
            self.kinds = np.concatenate((self.kinds, np.zeros_like(self.kinds)))
        folded = _folded(token).encode("utf-8", "surrogatepass")
        self.hashes[row] = xxhash.xxh3_64_intdigest(folded)
        self.kinds[row] = _kind(token)
        self[token] = row
        return row


_vocabulary = _Vocabulary()


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's words in order, without the signs that end sentences.

    ``hashes`` (uint64) and ``kinds`` (bits) have one row a word; ``sentences`` holds the row each
    sentence begins with, ascending, the first 0 unless there are no words.
    """

    words: list[str]
    hashes: Hashes
    kinds: NDArray[np.uint8]
    sentences: NDArray[np.intp]


def tokenise(text: str, limit: int = TEXT_LIMIT) -> Tokens:
    """The tokens of the first ``limit`` characters of a text."""
    global _vocabulary
    if len(_vocabulary) > VOCABULARY_LIMIT:
        _vocabulary = _Vocabulary()
    vocabulary = _vocabulary
    text = text[:limit]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    found = _pattern().findall(text)
    if not text.isascii() and _HAS_UNSPACED.search(text):
        found = _split_unspaced(found)
    rows = np.fromiter(map(vocabulary.__getitem__, found), np.int32, len(found))
    kinds = vocabulary.kinds[rows]
    is_word = kinds != END
    words = list(compress(found, is_word.tolist()))
    starts = np.flatnonzero(is_word[1:] & ~is_word[:-1]) + 1 if len(found) else np.zeros(0, np.intp)
    before = np.cumsum(is_word)[starts] - 1 if len(starts) else starts
    if len(words) and (not len(before) or before[0] != 0):
        before = np.concatenate(([0], before))
    return Tokens(words, vocabulary.hashes[rows[is_word]], kinds[is_word], before.astype(np.intp))


def _split_unspaced(found: list[str]) -> list[str]:
    split: list[str] = []
    for token in found:
        if not _HAS_UNSPACED.search(token):
            split.append(token)
            continue
        for run in _UNSPACED_RUNS.findall(token):
            if _HAS_UNSPACED.match(run):
                split += [run[at : at + SHINGLE] for at in range(max(1, len(run) - SHINGLE + 1))]
            else:
                split.append(run)
    return split


def mix(values: Hashes) -> Hashes:
    """Each 64-bit value scattered (the finaliser of splitmix64, Steele et al. 2014)."""
    values = (values ^ (values >> U64(30))) * U64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> U64(27))) * U64(0x94D049BB133111EB)
    return values ^ (values >> U64(31))


def shingles(hashes: Hashes, size: int = SHINGLE) -> Hashes:
    """The hash of every ``size`` tokens in a row; empty for fewer tokens.

    Equal for equal tokens, but not scattered: winnowing, which keeps the least, must ``mix`` it.
    """
    count = len(hashes) - size + 1
    if count < 1:
        return np.zeros(0, U64)
    total = hashes[:count].copy()
    for offset in range(1, size):
        total *= U64(0x9E3779B97F4A7C15)  # odd, so that no bit is lost: 2^64 over the golden ratio
        total += hashes[offset : offset + count]
    return total


def distinct(values: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    """The values sorted, each once."""
    ordered = np.sort(values)
    if len(ordered) < 2:
        return ordered
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def fingerprints(tokens: Tokens) -> Prints:
    """The text's fingerprints: distinct 32-bit hashes, sorted; empty for fewer than 3 words."""
    hashes = tokens.hashes
    if 0 < len(hashes) < SHINGLE:
        return np.zeros(0, U32)
    grams = (mix(shingles(hashes)) >> U64(32)).astype(U32)
    if len(grams) > KEEP_ALL:
        # The least of every eight in a row, by doubling: of 2, then 4, then 8.
        for step in (1, 2, 4):
            grams = np.minimum(grams[:-step], grams[step:])
    return distinct(grams).astype(U32, copy=False)
