"""A text as words that can be compared: how it is typeset makes no difference."""

from __future__ import annotations

import re
import unicodedata

# Written without blanks between words (Chinese, Japanese, Thai, Lao, Burmese, Khmer): compared
# character by character, so that one changed word is not a changed sentence.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_QUOTES = dict.fromkeys(map(ord, "‘’‚‛′ʼ`´"), "'") | dict.fromkeys(map(ord, "“”„‟″«»‹›"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
# Seen by nobody: soft hyphen, zero-width characters, marks of direction, the Arabic tatweel.
_UNSEEN = dict.fromkeys(
    [0xAD, 0x61C, 0x640, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x206A)]
)  # fmt: skip
_TABLE = {**_QUOTES, **_DASHES, **_UNSEEN}
_LONE_DASH = re.compile(r"(?<![0-9])--*(?![0-9])|(?<=\s)-+(?=\s)")
_SIGN = re.compile(r"[-+]+(?=[0-9])")  # -5 is not 5


def plain(text: str) -> str:
    """The text in compatibility form (NFKC) with one kind of quote and of dash."""
    return unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE)


def words(text: str) -> list[str]:
    """The words of a text in order, punctuation at their ends taken off; case is kept.

    A figure keeps its sign, separators and unit. Of scripts that set no blanks between words, each
    character is one.
    """
    found = []
    for match in _TOKEN.finditer(_LONE_DASH.sub(" ", plain(text))):
        word = _bare(match[0])
        if word:
            found.append(word)
    return found


def _bare(token: str) -> str:
    start, end = 0, len(token)
    while start < end and _is_mark(token[start]) and not _SIGN.match(token, start):
        start += 1
    while end > start and _is_mark(token[end - 1]):
        end -= 1
    return token[start:end]


def _is_mark(char: str) -> bool:
    # The per cent sign is punctuation to Unicode, and yet what makes 5 % of 5.
    return unicodedata.category(char)[0] in "PCZ" and char not in "%‰"
