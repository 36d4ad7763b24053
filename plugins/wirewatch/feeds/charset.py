"""Bytes to text: BOM, then HTTP, then the XML declaration, then the content itself."""

from __future__ import annotations

import re

from wirewatch.encodings import bare, escaped, guessed, marked, named, strictly

_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_CONTROLS = re.compile("[\x80-\x9f]")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:\-]+)["']""")


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text and the name of the encoding it was read by. Never fails: the last resort replaces.

    A label is believed only if the whole body decodes by it. Bytes that form valid multi-byte
    UTF-8 are UTF-8 whatever single-byte encoding a label claims: by chance that hardly happens.
    """
    encoding, length = marked(body)
    if encoding:
        return body[length:].decode(encoding, "replace"), encoding
    if encoding := bare(body):
        return body.decode(encoding, "replace"), encoding
    utf8 = strictly(body, ("utf-8",))
    if utf8 is not None and (len(utf8[0]) != len(body) or not _escapes(body)):
        return utf8
    http = _HTTP.search(content_type)
    declared = _DECLARED.search(body[:1_024])
    labels = [http[1] if http else "", declared[1].decode("ascii") if declared else ""]
    for label in filter(None, labels):
        read = strictly(body, named(label))
        if read and _CONTROLS.search(read[0]):  # a table that has no signs there: a larger is meant
            read = strictly(body, named(label)[::-1])
        if read:
            return read
    if utf8 is not None:
        return escaped(body) or utf8
    guess = guessed(body)
    return strictly(body, guess) or (body.decode(guess[-1], "replace"), guess[-1])


def _escapes(body: bytes) -> bool:
    """Whether pure ASCII bytes may be a 7-bit encoding with escapes (ISO-2022, HZ, UTF-7)."""
    return b"\x1b" in body or b"~{" in body or b"+" in body
