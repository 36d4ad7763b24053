"""Bytes of pages and feeds to text, by what they declare, checked against the bytes.

Order of belief: byte-order mark, HTTP header, ``<meta>`` or XML declaration (the order of the
WHATWG encoding sniffing algorithm, HTML standard section 13.2.3), the language, the bytes'
statistics. A declaration counts only where the bytes agree with it. Servers and editors declare
what their templates say, not what they send: bytes that are valid UTF-8 are UTF-8 whatever was
declared. A declared encoding of several bytes a sign is believed where the whole body is valid in
it, which chance hardly brings about. A single-byte charset, in which every byte is valid, is
believed only if it gives words that look like words.

Of chardet's 180 test files this module reads 177 right as they are and 176 without their labels;
charset-normalizer alone, which reads no others, 171 and 157. Where files are declared as what they
are not, one of its own tests of likelihood (``mess_ratio``) takes more wrong charsets for right
ones than ``unlabelled.plausible`` does.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from wirewatch.unlabelled import BY_LANGUAGE, LATIN, WESTERN, by_fit, guessed, plausible

HEAD_BYTES = 4_096  # searched for a declaration; the standard asks for 1,024, pages put it later
SAMPLE_BYTES = 1_500  # bytes of words that are not ASCII, enough to judge a charset
MIN_RIGHT = 20  # right signs to a broken one; of other encodings every fourth sign is broken
ENOUGH = 500  # bytes of such words from which the statistics outdo a stated language
_ZEROS_IN = 400  # bytes in which the zeros of UTF-16 are counted

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
    "euc_jp": "euc_jis_2004",
    "shift_jis_2004": "cp932",  # which has the backslash where this has the yen
    "shift_jisx0213": "cp932",
}
# Of these, the table that the label names is right where all bytes are in it: the larger one has
# other signs for a few (a wave dash, a middle dot), which the writer did not mean.
_OWN_FIRST = frozenset(
    {"tis-620", "gb2312", "euc_kr", "shift_jis", "big5", "euc_jp", "shift_jis_2004",
     "shift_jisx0213"}
)  # fmt: skip
# In these most pairs of bytes are none, so text of another encoding is hardly ever valid.
_SEVERAL_BYTES = frozenset(
    {"gb18030", "gb2312", "gbk", "big5", "big5hkscs", "cp950", "cp949", "euc_kr", "johab",
     "shift_jis", "cp932", "shift_jis_2004", "shift_jisx0213", "euc_jp", "euc_jis_2004",
     "euc_jisx0213"}
)  # fmt: skip
# Labels of the web that Python knows by another name (as above, 4.2).
_LABELS = {
    "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicode20utf8": "utf-8",
    "iso88592": "iso8859-2", "iso88596": "iso8859-6", "iso-8859-6-e": "iso8859-6",
    "iso-8859-6-i": "iso8859-6", "iso88597": "iso8859-7", "sun_eu_greek": "iso8859-7",
    "iso88598": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-8-i": "iso8859-8",
    "visual": "iso8859-8", "logical": "iso8859-8", "koi": "koi8-r", "koi8": "koi8-r",
    "koi8-ru": "koi8-u", "mac": "mac-roman", "mac-ukrainian": "mac-cyrillic",
    "csmacintosh": "mac-roman", "dos-874": "cp874", "iso885911": "cp874", "csgb2312": "gb2312",
    "gb_2312": "gb2312", "gb-2312": "gb2312", "cn-big5": "big5", "x-big5": "big5",
    "cseucpkdfmtjapanese": "euc-jp", "cseuckr": "euc_kr", "csksc56011987": "euc_kr",
    "iso-ir-149": "euc_kr", "ks_c_5601-1989": "euc_kr", "ksc_5601": "euc_kr", "31j": "cp932",
    "csunicode": "utf-16", "iso-10646-ucs-2": "utf-16", "ucs-2": "utf-16", "unicode": "utf-16",
    "unicodefeff": "utf-16", "unicodefffe": "utf-16-be",
}  # fmt: skip
_PREFIXES = ("x-", "windows-")  # before names that Python has without
_COMMON = ("cp1252", "cp1251", "cp1256", "cp1250", "cp1253", "gb18030", "cp932")
# Encodings of seven bits, and the sign without which bytes are plain ASCII in them too.
_SEVEN_BITS = {"iso2022": b"\x1b", "hz": b"~", "utf-7": b"+"}
# The same without a label, which hardly any other text is valid in.
_ESCAPES = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp"), (b"~{", "hz"))
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.I)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]+)", re.I)
_FEED_CONTENT = re.compile(rb"<(?:channel|entry)[\s>]")  # within which a <meta> is an entry's
_LANG = re.compile(
    rb"<(?:html|rss|feed)[^>]{0,600}?\blang\s*=\s*[\"']?\s*([a-z]{2,3})|<language>\s*([a-z]{2,3})",
    re.I,
)
_CONTROLS = re.compile("[\x80-\x9f]")


class Decoded(NamedTuple):
    """A text, the encoding it was read by, and why: bom, zeros, escapes, utf-8, http, meta (the
    XML declaration too), language, guess."""

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
    if body.isascii():
        return _seven_bits(body, declared)
    if (read := strictly(body, ("utf-8",))) or _nearly_utf8(body):
        return Decoded(read[0] if read else body.decode("utf-8", "replace"), "utf-8", "utf-8")
    sample = _sample(body)
    for encodings, source in declared:
        if encodings[-1] in _SEVERAL_BYTES and (read := _certainly(body, encodings, sample)):
            return Decoded(*read, source)
    tried: list[tuple[str, str]] = []
    for encoding, source in _candidates(body, declared, sample):
        # what the whole body is valid in comes before the rest
        if (valid := strictly(body, (encoding,))) and plausible(sample, encoding):
            return Decoded(*valid, source)
        tried.append((encoding, source))
    guess = tried[-len(_COMMON) - 1]
    encoding, source = next((one for one in tried if plausible(sample, one[0])), guess)
    return Decoded(body.decode(encoding, "replace"), encoding, source)


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
    head = body[:_ZEROS_IN]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.4 * len(head) and min(even, odd) < 0.1 * len(head) and len(head) > 3:
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""


def named(label: str) -> tuple[str, ...]:
    """Python's names of the encodings that a label may mean, to be tried in this order."""
    label = label.strip().lower()
    bare_label = label
    for prefix in _PREFIXES:
        bare_label = bare_label.removeprefix(prefix)
    for name in (label, _LABELS.get(bare_label, bare_label)):
        try:
            own = codecs.lookup(name).name
            "".encode(own)  # LookupError for "hex", "rot13" and the like, which decode no text
            break
        except (LookupError, ValueError):
            continue
    else:
        return ()
    meant = _MEANT.get(own, own)
    return (own, meant) if own in _OWN_FIRST else (meant,)


def strictly(body: bytes, encodings: tuple[str, ...]) -> tuple[str, str] | None:
    """The text and the encoding that the whole body is valid in; None where it is in none.

    The first one without C1 controls, which nobody writes: a table that has them where another has
    signs is not the one that was meant.
    """
    valid: tuple[str, str] | None = None
    for encoding in encodings:
        try:
            read = body.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
        if len(encodings) == 1 or not _CONTROLS.search(read[0]):
            return read
        valid = valid or read
    return valid


def _certainly(body: bytes, encodings: tuple[str, ...], sample: bytes) -> tuple[str, str] | None:
    """The text by a declared encoding of several bytes a sign, in which the body is valid.

    Or nearly valid, with signs that look like words: one broken or cut sign is no other encoding.
    """
    if read := strictly(body, encodings):
        return read
    text = body.decode(encodings[-1], "replace")
    right = len(text) - len(text.encode("ascii", "ignore"))
    if text.count("\ufffd") * MIN_RIGHT > right or not plausible(sample, encodings[-1]):
        return None
    return text, encodings[-1]


def _seven_bits(body: bytes, declared: list[tuple[tuple[str, ...], str]]) -> Decoded:
    """ASCII, or one of the encodings that are ASCII and escapes."""
    for (encoding, *_), source in declared:
        for start, sign in _SEVEN_BITS.items():
            if encoding.startswith(start) and sign in body:
                return Decoded(body.decode(encoding, "replace"), encoding, source)
    for sign, encoding in _ESCAPES:
        if sign in body and (read := strictly(body, (encoding,))) and not read[0].isascii():
            return Decoded(*read, "escapes")
    return Decoded(body.decode("ascii"), "utf-8", "utf-8")


def _declared(body: bytes, content_type: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The encodings that each label may mean, and where the label stands."""
    head = body[:HEAD_BYTES]
    http = _HTTP_CHARSET.search(content_type)
    meta = _META_CHARSET.search(_FEED_CONTENT.split(head, maxsplit=1)[0])
    xml = _XML_ENCODING.search(head)
    labels = [(http[1], "http")] if http else []
    labels += [(found[1].decode("ascii"), "meta") for found in (meta, xml) if found]
    for label, source in labels:
        if encodings := named(label):
            yield encodings, source


def _candidates(
    body: bytes, declared: list[tuple[tuple[str, ...], str]], sample: bytes
) -> Iterator[tuple[str, str]]:
    for encodings, source in declared:
        if encodings != ("utf-8",):  # in which the body is not valid
            yield _meant(body, encodings), source
    guess = _meant(body, guessed(body))
    if found := _LANG.search(body[:HEAD_BYTES]):
        language = (found[1] or found[2]).decode("ascii").lower()
        if guess not in LATIN and len(sample) >= ENOUGH:
            yield guess, "guess"
        for encoding in by_fit(sample, BY_LANGUAGE.get(language, (WESTERN,))):
            yield encoding, "language"
    yield guess, "guess"
    for encoding in _COMMON:
        yield encoding, "guess"


def _meant(body: bytes, encodings: tuple[str, ...]) -> str:
    """That which the whole body is valid in, else the largest."""
    read = strictly(body, encodings)
    return read[1] if read else encodings[-1]


def _sample(body: bytes) -> bytes:
    """The words that are not ASCII, until there are enough of them."""
    size = 0
    words = []
    for word in body.split():
        if not word.isascii():
            words.append(word)
            size += len(word)
            if size > SAMPLE_BYTES:
                break
    return b"\n".join(words)[: 2 * SAMPLE_BYTES]


def _nearly_utf8(body: bytes) -> bool:
    """Is it UTF-8 with a few broken bytes (a cut sequence, one pasted paragraph)?"""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - broken
    return broken * 10 <= right  # in other encodings nearly every non-ASCII byte is broken
