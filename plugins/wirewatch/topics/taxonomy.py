"""The IPTC Media Topics: codes, names and what stands above what.

``mediatopics.tsv`` has those that are in use: code, the code above it, and its name in English,
Spanish, German, French and Arabic, where there is one. Source: IPTC NewsCodes, scheme "mediatopic",
https://cv.iptc.org/newscodes/mediatopic/, as of October 2023 (CC BY 4.0); names of the top level
in other languages than English are this project's.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

NAMED_IN = ("en", "es", "de", "fr", "ar")
TOP_LEVEL = frozenset(f"medtop:{number:02d}000000" for number in range(1, 18))

_FILE = Path(__file__).with_name("mediatopics.tsv")


@lru_cache(maxsize=1)
def _topics() -> dict[str, tuple[str, tuple[str, ...]]]:
    """By code: the code above it, and its names in the order of NAMED_IN."""
    rows = [line.split("\t") for line in _FILE.read_text("utf-8").splitlines()[1:]]
    return {code: (parent, tuple(names)) for code, parent, *names in rows}


def is_topic(code: str) -> bool:
    """Whether a code is a Media Topic's."""
    return code in _topics()


def name(code: str, language: str = "en") -> str:
    """The topic's name; in English where the language has none. Raises KeyError for no topic."""
    names = _topics()[code][1]
    place = NAMED_IN.index(language) if language in NAMED_IN else 0
    return (names[place] if place < len(names) else "") or names[0]


def ancestors(code: str) -> tuple[str, ...]:
    """The topics above one, the nearest first; none above the top level, or of other codes."""
    above = []
    while code := _topics().get(code, ("", ()))[0]:
        above.append(code)
    return tuple(above)


def names_above(topic: str) -> tuple[str, ...]:
    """The English names of the topics above the one of that name, the nearest first.

    None where no topic, or more than one, is called so.
    """
    return tuple(name(one) for one in ancestors(_named().get(topic, "")))


@lru_cache(maxsize=1)
def _named() -> dict[str, str]:
    """Codes by English name, of names that one topic has."""
    codes: dict[str, list[str]] = {}
    for code, (_, names) in _topics().items():
        codes.setdefault(names[0], []).append(code)
    return {called: having[0] for called, having in codes.items() if len(having) == 1}


def top(code: str) -> str:
    """The top-level topic of a topic: itself where it is one, or where it is no Media Topic."""
    return (code, *ancestors(code))[-1]
