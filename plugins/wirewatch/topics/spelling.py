"""How words are compared: the text of a language as one line of folded words between blanks.

Patterns and texts go through the same functions, so what differs only in case, accents that a
headline leaves out, or particles that are written onto a word is the same.
"""

from __future__ import annotations

import re
import unicodedata

LANGUAGES = (
    "en", "es", "de", "fr", "ar", "pt", "it", "nl", "pl", "ru", "uk", "tr", "zh", "ja", "ko", "hi",
    "id", "sv", "el", "ro",
)  # fmt: skip
UNPARTED = frozenset({"zh", "ja"})  # written without blanks: patterns match by character
BY_BEGINNING = frozenset({"ko"})  # particles follow every word: patterns match its beginning
SIGNS = 2  # characters of an unparted language that make a word, by rule of thumb

_NO_WORD = re.compile(r"[^\w\s]+")  # what is left is parted at blanks: faster than seeking words
_PARTS = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")  # where Latin words stand between others
# The vowel signs of Devanagari are no letters.
_NO_HINDI_WORD = re.compile(r"[^\w\s\u0900-\u0963\u0970-\u097f]+")
_MARKS = re.compile("[\u0300-\u036f]")  # accents parted from their letter
_ARABIC_MARKS = re.compile("[\u064b-\u0655\u0670\u0640]")  # vowel marks, the lengthening stroke
_ARABIC = str.maketrans("أإآٱىة", "ااااي\u0647")
# The article, and the particles that are written onto it, before a word of two letters or more.
_ARTICLE = re.compile(r"(?<= )(?:وبال|وال|فال|بال|كال|ولل|لل|ال)(?=\w{2})")
ARABIC_AND = "و"  # written onto the word after it; many words begin with that letter of their own
_APOSTROPHES = re.compile("(?<=\\w)['’ʼ](?=\\w)")  # a letter's sign in Ukrainian
_TURKISH = str.maketrans("Iİ", "ıi")
_OTHER_SIGNS = str.maketrans("şţ", "șț")  # the cedilla that Romanian letters had on old machines


def primary(language: str) -> str:
    """The first part of a language tag (BCP 47): "pt" of "pt-BR"."""
    return language.split("-", 1)[0].lower()


def fold(text: str, language: str) -> str:
    """The text without differences that do not matter in the language (a primary subtag)."""
    if language == "tr":
        text = text.translate(_TURKISH)
    compatible = language in UNPARTED or language in BY_BEGINNING  # full-width letters and digits
    folded = unicodedata.normalize("NFKC" if compatible else "NFC", text).casefold()
    if language == "ar":
        return _ARABIC_MARKS.sub("", folded).translate(_ARABIC)
    if language == "ru":
        return folded.replace("ё", "е")
    if language == "uk":
        return _APOSTROPHES.sub("", folded)
    if language in ("el", "ro"):  # capitals stand without accents; many type without them
        folded = folded.translate(_OTHER_SIGNS)
        return _MARKS.sub("", unicodedata.normalize("NFD", folded))
    return folded


def words(text: str, language: str) -> list[str]:
    """The folded words of a text in order; of an unparted language what stands between signs."""
    folded = fold(text, language)
    if language in UNPARTED or language in BY_BEGINNING:
        return _PARTS.findall(folded)
    return (_NO_HINDI_WORD if language == "hi" else _NO_WORD).sub(" ", folded).split()


def line(found: list[str], language: str) -> str:
    """The words as one line, a blank before and after each."""
    joined = f" {' '.join(found)} "
    return _ARTICLE.sub("", joined) if language == "ar" else joined


def length(found: list[str], language: str) -> float:
    """How many words there are; an estimate where they are not parted."""
    if language in UNPARTED:
        return sum(1 if part.isascii() else len(part) / SIGNS for part in found)
    return len(found)
