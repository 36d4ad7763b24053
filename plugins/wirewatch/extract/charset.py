"""Bytes of a page to text, by what the page declares, checked against the bytes.

Order of belief: byte-order mark, HTTP header, ``<meta>`` (the order of the WHATWG encoding
sniffing algorithm, HTML standard section 13.2.3), but a declaration counts only where the bytes
agree with it. Servers and editors declare what their templates say, not what they send: bytes that
are valid UTF-8 are UTF-8 whatever was declared, and a declared single-byte charset, in which every
byte is valid, is believed only if it gives words that look like words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from wirewatch.encodings import WESTERN, bare, escaped, guessed, marked, named, strictly

META_BYTES = (
    4096  # bytes searched for a <meta charset>; the standard asks for 1024, pages put it later
)
SAMPLE_BYTES = 20_000  # bytes around non-ASCII text that are enough to judge a charset
MAX_BAD_WORDS = 0.2  # share of odd non-ASCII words from which a charset is disbelieved: in
# right decodings of real pages it stays under .05, in wrong ones it is over .5

# What pages of a language use when they do not use UTF-8, tried in this order.
BY_LANGUAGE = {
    "ar": ("cp1256", "iso8859-6"), "fa": ("cp1256",), "ur": ("cp1256",),
    "ru": ("cp1251", "koi8-r", "iso8859-5", "cp866"), "uk": ("cp1251", "koi8-u"),
    "bg": ("cp1251",), "sr": ("cp1251", "cp1250"), "mk": ("cp1251",), "be": ("cp1251",),
    "el": ("cp1253", "iso8859-7"), "he": ("cp1255", "iso8859-8"), "tr": ("cp1254",),
    "pl": ("iso8859-2", "cp1250"), "cs": ("cp1250", "iso8859-2"), "sk": ("cp1250", "iso8859-2"),
    "hu": ("iso8859-2", "cp1250"), "ro": ("cp1250", "iso8859-2"), "hr": ("cp1250", "iso8859-2"),
    "sl": ("cp1250", "iso8859-2"), "lt": ("cp1257", "iso8859-13"), "lv": ("cp1257",),
    "et": ("cp1257",), "ja": ("cp932", "euc-jp"), "ko": ("cp949",), "th": ("cp874",),
    "zh": ("gb18030", "big5hkscs"), "vi": ("cp1258",),
}  # fmt: skip
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.I)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]+)", re.I)
_LANG = re.compile(rb"<html[^>]{0,600}?\blang\s*=\s*[\"']?\s*([a-zA-Z]{2,3})", re.I)
_NON_ASCII_RUN = re.compile(rb"[^\n<>]{0,40}[\x80-\xff][^\n<>]{0,40}")
_WORD = re.compile(r"[^\W\d_]+")
_STATEFUL = ("iso-2022", "iso2022", "hz")  # seven-bit encodings that switch by escape sequences


class Decoded(NamedTuple):
    """A page's text, the encoding, and why: bom, zeros, escapes, utf-8,
    http, meta, language, guess, forced."""

    text: str
    encoding: str
    source: str


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The body as text. Never raises: what no encoding explains is decoded with U+FFFD."""
    encoding, length = marked(body)
    if encoding:
        return Decoded(body[length:].decode(encoding, "replace"), encoding, "bom")
    if encoding := bare(body):
        return Decoded(body.decode(encoding, "replace"), encoding, "zeros")
    declared = list(_declared(body, content_type))
    for encoding, source in declared:
        if encoding.startswith(_STATEFUL) and b"\x1b" in body[:SAMPLE_BYTES]:
            return Decoded(body.decode(encoding, "replace"), encoding, source)
    if read := escaped(body):
        return Decoded(*read, "escapes")
    try:
        return Decoded(body.decode("utf-8"), "utf-8", "utf-8")
    except UnicodeDecodeError:
        pass
    if _nearly_utf8(body):
        return Decoded(body.decode("utf-8", "replace"), "utf-8", "utf-8")
    sample = b"\n".join(_sample(body))
    for encoding, source in _candidates(body, declared):
        if encoding == "utf-8" or not _plausible(sample, encoding):
            continue
        return Decoded(body.decode(encoding, "replace"), encoding, source)
    return Decoded(body.decode(WESTERN, "replace"), WESTERN, "forced")


def _declared(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    head = body[:META_BYTES]
    http = _HTTP_CHARSET.search(content_type)
    meta = _META_CHARSET.search(head) or _XML_ENCODING.search(head)
    labels = ((http.group(1), "http") if http else None,
              (meta.group(1).decode("ascii"), "meta") if meta else None)  # fmt: skip
    for found in labels:
        if found and (encodings := named(found[0])):
            # the larger table where the body is not valid in the one that the label names
            read = strictly(body, encodings[:-1])
            yield (read[1] if read else encodings[-1]), found[1]


def _candidates(body: bytes, declared: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from declared
    found = _LANG.search(body[:META_BYTES])
    language = found.group(1).decode("ascii").lower() if found else ""
    if language:
        for encoding in BY_LANGUAGE.get(language, (WESTERN,)):
            yield encoding, "language"
    guess = guessed(body)
    read = strictly(body, guess)
    yield (read[1] if read else guess[-1]), "guess"
    for encoding in ("cp1252", "cp1251", "cp1256", "cp1250", "cp1253", "gb18030", "cp932"):
        yield encoding, "guess"


def _sample(body: bytes) -> Iterator[bytes]:
    size = 0
    for match in _NON_ASCII_RUN.finditer(body):
        yield match.group()
        size += len(match.group())
        if size > SAMPLE_BYTES:
            return


def _nearly_utf8(body: bytes) -> bool:
    """Is it UTF-8 with a few broken bytes (a cut sequence, one pasted paragraph)?"""
    text = body.decode("utf-8", "replace")
    broken = text.count("�")
    right = sum(1 for character in text if character > "\x7f") - broken
    return broken * 10 <= right  # in other encodings nearly every non-ASCII byte is broken


def _plausible(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    if not sample:
        return True
    if text.count("�") * 50 > len(text):  # more than 2 % undefined
        return False
    words = odd = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        words += 1
        odd += _odd(word)
    controls = sum("\x7f" < character < "\xa0" for character in text)
    symbols = sum(
        unicodedata.category(character) in ("So", "Sm", "Sk", "Sc", "Cn", "Co")
        for character in text
        if character > "\x7f"
    )
    others = sum(character > "\x7f" for character in text)
    return (
        odd <= words * MAX_BAD_WORDS and controls * 20 <= others and symbols * 4 <= max(others, 8)
    )


def _odd(word: str) -> bool:
    """A word that no language writes: scripts mixed, four accented Latin letters in a row."""
    scripts = {_script(character) for character in word}
    scripts.discard("")
    if len(scripts) > 1:
        return True
    if scripts != {"latin"}:
        # capitals inside a word: Cyrillic read in another Cyrillic code page turns cases round
        return word[1:] != word[1:].lower() and not word.isupper()
    accented = 0
    for character in word:
        accented = accented + 1 if character > "\x7f" else 0
        if accented > 3:
            return True
    return word[1:] != word[1:].lower() and not word.isupper() and word[:1].islower()


def _script(character: str) -> str:
    code = ord(character)
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return "latin"
    for low, high, name in (
        (0x370, 0x400, "greek"), (0x400, 0x530, "cyrillic"), (0x590, 0x600, "hebrew"),
        (0x600, 0x780, "arabic"), (0xE00, 0xE80, "thai"), (0x3040, 0xA000, "han"),
        (0xAC00, 0xD7B0, "hangul"),
    ):  # fmt: skip
        if low <= code < high:
            return name
    return ""
