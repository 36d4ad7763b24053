"""The words of dates in many languages: months, days of the week, halves of the day."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("month_names.json")  # what month_names.py takes from CLDR
_CLDR: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
_UNLISTED = {"mrz": 3, "maerz": 3, "feber": 2}  # in use, and not in CLDR
_NAMES: dict[str, int] = _UNLISTED | _CLDR["names"]
_DIFFERENT: dict[str, dict[str, int]] = _CLDR["different"]
BESIDE = frozenset({"", "of", *_CLDR["beside"]})  # words beside a month's name
WEEKDAYS = frozenset(_CLDR["weekdays"])
# CLDR has two halves; in use are parts of the day that lie in one of them.
_PARTS = {"凌晨": 0, "清晨": 0, "早上": 0, "中午": 1, "晚上": 1, "새벽": 0, "아침": 0, "저녁": 1}
_HALVES: dict[str, dict[str, int]] = _CLDR["halves"]  # by language; "": in all of them
_HALVES[""] |= {unicodedata.normalize("NFKD", name): half for name, half in _PARTS.items()}
# Halves of the day in some language that are other words elsewhere: "de.", "du." in Hungarian.
DOUBTFUL = frozenset(name for language, own in _HALVES.items() if language for name in own)
_SEPARATORS = re.compile(r"[\s.'’()–—-]+")


def month_number(words: str, language: str = "") -> int:
    """The month, 1 to 12, that the words name, with nothing else but "de" and the like; 0 for none.

    "listopada" is November, but October where ``language`` is "hr".
    """
    name = " ".join(word for word in split_words(words) if word not in BESIDE)
    own = _DIFFERENT.get(language.split("-")[0], {})
    return own.get(name) or _NAMES.get(name, 0)


def half_of_day(words: str, language: str = "") -> int | None:
    """0 where the words name the hours before noon ("a. m.", "오전"), 1 for those after it.

    None where they name neither, or do so only in another language.
    """
    name = "".join(split_words(words))
    own = language.split("-")[0]
    if name == "am" and own == "de":  # a preposition before a date
        return None
    return _HALVES.get(own, {}).get(name, _HALVES[""].get(name))


def split_words(text: str) -> list[str]:
    """The words in lower case without accents: "décembre", "Décembre" and "decembre" are one."""
    text = text.lower()
    if not text.isascii():
        kept = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = "".join(kept).replace("ı", "i")
    return _SEPARATORS.split(text)
