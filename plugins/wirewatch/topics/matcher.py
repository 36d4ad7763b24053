"""The patterns of one language as one automaton: a text is read once, however many there are.

Aho and Corasick, "Efficient string matching: an aid to bibliographic search" (1975). A pattern is
sought as the letters it must have: with a blank at an end where a word must begin or end. One with
a star inside is sought by what comes before that, and what follows is compared where it is found.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from wirewatch.topics.spelling import ARABIC_AND, BY_BEGINNING, UNPARTED, line, words

MAX_PHRASE = 6  # words of a pattern
MAX_PATTERN = 100  # characters of one
HYPHENS = ("-", "‑", "–")
MIN_BESIDE_STAR = 3  # letters: fewer would be in too many words

# Words that nearly every text of a language has: a pattern that finds one of them tells nothing.
COMMONEST = {
    "en": "the of and to in that for with was from", "es": "de la que el en los del con para por",
    "de": "der die das und in den von mit für auf", "fr": "de la le les et des en du un pour",
    "ar": "في من على إلى عن أن مع هذا", "pt": "de que do da em um para com os não",
    "it": "di che il la per un del con non della", "nl": "de van het een en in is dat op te",
    "pl": "w i na z do nie się że to jest", "ru": "в и на не что с по как это он",
    "uk": "в і на не що з до як це та", "tr": "bir ve bu için da de ile olarak çok daha",
    "zh": "的 了 在 是 和 有 我 他", "ja": "の に は を た が で て", "ko": "이 그 수 등 것 한 및",
    "hi": "के में की है और से का को", "id": "yang di dan itu dengan untuk dari ini pada",
    "sv": "och i att det som en på är av för", "el": "και το να του η της με που την από",
    "ro": "de și în a la cu pe care din că",
}  # fmt: skip

_ANY = r"[^ ]*"  # letters of one word


class Pattern(NamedTuple):
    """A pattern of a topic (its number in the rules), and the points that it gives each time.

    One with no points takes back what other patterns of its topic gave inside it.
    """

    topic: int
    points: float
    pieces: tuple[str, ...]  # what must be there, in order; more than one: any letters in between


class Found(NamedTuple):
    """A pattern, and where in a line it was found: where each place begins and ends."""

    pattern: Pattern
    places: list[tuple[int, int]]


class BadPattern(ValueError):
    """A pattern that cannot be; the message says why."""


def pieces(written: str, language: str) -> tuple[str, ...]:
    """What a pattern seeks in a line of the language. Raises BadPattern."""
    if len(written) > MAX_PATTERN:
        raise BadPattern(f"{written[:40]!r}… has more than {MAX_PATTERN} characters")
    parts = _parts(written, language)
    if not 1 <= len(parts) <= MAX_PHRASE:
        raise BadPattern(f"{written!r} must have 1 to {MAX_PHRASE} words")
    built: list[str] = []
    going_on = ""  # what the word before leaves to be written: its end, or nothing after a star
    for word, open_left, open_right in parts:
        if not built:
            built.append(word if open_left else f" {word}")
        elif going_on and not open_left:
            built[-1] += f" {word}"
        elif going_on:
            built[-1] += " "
            built.append(word)
        else:
            built += [" ", word] if open_left else [f" {word}"]
        going_on = "" if open_right else " "
    built[-1] += going_on
    sought = tuple(built)
    if common := _too_common(sought, language):
        raise BadPattern(f"{written!r} is in nearly every text: it finds {common!r}")
    return sought


def _parts(written: str, language: str) -> list[tuple[str, bool, bool]]:
    """A pattern's words; for each whether other letters may stand before and after it."""
    parts: list[tuple[str, bool, bool]] = []
    for part in written.split():
        found = words(part, language)
        if language == "ar":
            found = line(found, language).split()
        for place, word in enumerate(found):
            left = part.startswith("*") and place == 0
            # The star of "wm-*" stands for a further word: there the pattern ends.
            right = part.endswith("*") and part[-2:-1] not in HYPHENS and place == len(found) - 1
            if (left or right) and len(word) < MIN_BESIDE_STAR and language not in UNPARTED:
                raise BadPattern(f"{part!r}: a star needs {MIN_BESIDE_STAR} letters beside it")
            parts.append((word, left, right or (language in BY_BEGINNING and not word.isascii())))
    if language in UNPARTED and parts:
        parts[0] = parts[0][0], not parts[0][0].isascii(), parts[0][2]
        parts[-1] = *parts[-1][:2], not parts[-1][0].isascii()
    return parts


def _too_common(sought: tuple[str, ...], language: str) -> str:
    if len(sought) > 1:
        return ""
    text = _common_line(language)
    start = text.find(sought[0])
    return text[start:].split()[0] if start >= 0 else ""


@cache
def _common_line(language: str) -> str:
    """The commonest words as a line in which no phrase can be found."""
    return " | ".join(["", *words(COMMONEST[language], language), ""])


class Matcher:
    """Finds the patterns of one language; holds its automaton."""

    def __init__(self, patterns: Iterable[Pattern], language: str) -> None:
        self._whole_words = language not in UNPARTED
        by_letters: dict[str, list[tuple[Pattern, re.Pattern[str] | None]]] = defaultdict(list)
        for pattern in patterns:
            first, *further = pattern.pieces
            rest = (
                re.compile("".join(_ANY + re.escape(one) for one in further)) if further else None
            )
            by_letters[first].append((pattern, rest))
            if language == "ar" and first.startswith(" "):
                by_letters[f" {ARABIC_AND}{first[1:]}"].append((pattern, rest))
        self._sought = list(by_letters.values())
        self._automaton = AhoCorasick(by_letters)

    def found(self, text: str) -> list[Found]:
        """The patterns that are in a line, but where one that takes others back is around them."""
        places: dict[int, Found] = {}
        taken_back: dict[int, list[tuple[int, int]]] = {}  # by topic
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        for number, start, end in matches:
            for pattern, rest in self._sought[number]:
                last = end
                if rest is not None:
                    after = rest.match(text, end)
                    if after is None:
                        continue
                    last = after.end()
                if not pattern.points:
                    taken_back.setdefault(pattern.topic, []).append((start, last))
                elif (known := places.get(id(pattern))) is not None:
                    known.places.append((start, last))
                else:
                    places[id(pattern)] = Found(pattern, [(start, last)])
        if not taken_back:
            return list(places.values())
        found = []
        for one in places.values():
            spans = taken_back.get(one.pattern.topic, ())
            left = [
                (start, end)
                for start, end in one.places
                if not any(low <= start and end <= high for low, high in spans)
            ]
            if left:
                found.append(Found(one.pattern, left))
        return found

    def shown(self, text: str, place: tuple[int, int]) -> str:
        """The words of the line that a pattern was found in; whole ones where there are blanks."""
        start, end = place
        if not self._whole_words:
            return text[start:end].strip()
        start = text.rfind(" ", 0, start + 1) + 1
        return text[start : text.index(" ", max(end - 1, start))]
