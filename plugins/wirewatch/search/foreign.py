"""Signs and operators of other tools' query languages, and what is written here instead.

Taken for words, ``!lyon`` or ``minister || lyon`` would find other stories than were meant, and
nobody would see it. What means the same here is understood; the rest is refused, with what to
write. Read for this: Lucene and Elasticsearch, Google, Lexis, Factiva, Meltwater, Talkwalker.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DASHES = "‐‑‒–—―−﹘﹣－"  # what a word processor makes of a hyphen
ESCAPED = "x"  # stands for a character that was escaped: a letter, which means nothing
NEAR = 5  # words: the distance of the example where none was given

# Punctuation of Chinese and Japanese keyboards, each for the sign that is meant.
WIDE = str.maketrans("（）：＂＊｜", '():"*|')

# Marks that are quotation marks where the one that closes them follows, as in «Port Elsin».
GUILLEMETS = {"«": "»", "»": "«", "‹": "›", "›": "‹"}

# What other tools call a field, by our way to ask for it; {} is the value.
_NAMES = {
    "title:{}": "intitle allintitle headline hlead hl hd head ti",
    "{}, for words in title or text": "intext allintext inbody text body content fulltext lead lp",
    "url:{}": "site domain host hostname inurl allinurl website link",
    "outlet:{}": "publication publisher media media_name source_name sourcename newspaper sn",
    "author:{}": "byline by au authors writer journalist",
    "lang:{}": "language languages la language_code sourcelang",
    "country:{}": "sourcecountry location region",
    "topic:{}": "category categories tag tags theme section subject keyword keywords",
    "kind:{}": "filetype type media_type",
    "published:..{}": "before until to end_date",
    "published:{}..": "after since from start_date",
    "published:2026-11-01..2026-11-07": "date daterange pubdate publish_date published_at year dt",
    '"{}"': "exact phrase",
}
NAMES = {name: asked for asked, names in _NAMES.items() for name in names.split()}
CALLS = frozenset(
    {"atleast", "atl", "caps", "allcaps", "nocaps", "plural", "singular", "length", "wc"}
)

_PROXIMITY = re.compile(
    r"(?:o?near|pre|adj|within|around|w|n|p)/(\d{1,6})f?"  # Meltwater, Lexis, ProQuest
    r"|(?:o?near|pre|w|within)/(?:s|p|sent|sentence|seg|segment|para|paragraph)"
    r"|(?:o?near|adj|within|around)(\d{1,6})"  # Factiva, Ovid
    r"|/(\d{1,3})|/[sp]|/[nf](\d{1,3})/"  # Westlaw, Factiva
    r"|adj",
    re.IGNORECASE,
)
_CAPITALS = re.compile("O?NEAR")  # in small letters they are words
_NOT = re.compile("ANDNOT|BUTNOT|XOR|NOTNEAR")
_COMPARED = re.compile(r"([A-Za-z_]{1,20})(?:[=!<>]=?|<>)")
_CUT_OFF = re.compile(r"([a-z]{3,})\$\d?")  # "US$" and "Ke$ha" are words
_REGEX = re.compile(r"/.+/")
_INSIDE = re.compile(r"(?<=\w)\?(?=\w)")
_STARTS = re.compile(rf"(!+|=+|[{DASHES}]+)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something of another language: where in the text, what it is, what to write instead."""

    at: int
    message: str
    expected: str


def find(
    text: str,
    fields: frozenset[str] = frozenset(),
    *,
    field: str = "",
    then: str = "",
    words: tuple[str, str] = ("a", "b"),
    most: int = NEAR,
) -> Foreign | None:
    """What of another language is in a text without blanks; None when there is nothing.

    ``fields`` are the names of ours; ``field`` is that of which the text is a value. ``then`` is
    the character after the text. ``words`` stand before and after it, for the example of a
    distance, which is ``most`` at the most.
    """
    opens = then != "" and then in '("“”„‟«»‹›'
    if not field and (called := _called(text, then, fields)):
        return called
    if (found := _STARTS.fullmatch(text)) and (_any_word(found[2]) or (not found[2] and opens)):
        return _start(found[1], found[2], f"{field}:" if field else "")
    if (at := text.find("|")) >= 0:
        either = " OR ".join(words if not text.strip("|") else text.split("|", 1))
        asked = f"OR for one or the other: {either}" if "|" not in either else "OR between words"
        return Foreign(at, "'|' is no sign of this language", asked)
    if (at := text.find("&&")) >= 0:
        return Foreign(at, "'&&' is no sign of this language", "AND, or only a blank: both count")
    near = _PROXIMITY.fullmatch(text)
    if not field and (near or _CAPITALS.fullmatch(text)):
        distance = int(next(filter(None, near.groups()), NEAR)) if near else NEAR
        return _near(text, words, min(distance, most))
    if _REGEX.fullmatch(text):
        return Foreign(0, "a regular expression", "words, or a star at a word's end")
    if found := _INSIDE.search(text):
        where = "a star at a word's end only; before an address, url:"
        return Foreign(found.start(), "a question mark inside a word", where)
    if found := _CUT_OFF.fullmatch(text):
        return Foreign(0, "a $ at a word's end", f"a star for words that begin so: {found[1]}*")
    if not field and _NOT.fullmatch(text):
        return Foreign(0, f"{text} is no operator of this language", "AND, OR, NOT or -word")
    return None


def field_of(name: str, value: str) -> str:
    """Our way to ask for a field of another tool's; empty when it is not known."""
    return NAMES.get(name.lower(), "").replace("{}", value or "…")


def _called(text: str, then: str, fields: frozenset[str]) -> Foreign | None:
    """``title=x``, ``title(x)``, ``atleast5(x)``, ``AROUND(5)``."""
    compared = _COMPARED.match(text)
    name = (compared[1] if compared else text).lower()
    known = name in fields or name in NAMES
    if compared and (known or name in CALLS):
        value = text[compared.end() :]
        ours = field_of(name, value) or (f"{name}:{value or '…'}" if known else "no such field")
        return Foreign(0, f"'{text[: compared.end()]}' is no sign of this language", ours)
    if then != "(":
        return None
    if name == "around":
        return _near("AROUND", ("a", "b"), NEAR)
    if name.rstrip("0123456789") in CALLS:
        return Foreign(0, f"{text}(…) is no sign of this language", "the words alone")
    if known:
        ours = field_of(name, "(…)") or f"{name}:(…)"
        return Foreign(0, f"{text}(…) is no sign of this language", ours)
    return None


def _start(sign: str, rest: str, field: str) -> Foreign:
    message = f"{sign[0]!r} right before a word is no sign of this language"
    if sign[0] == "=":
        return Foreign(0, message, f'quotation marks for the exact word: {field}"{rest or "…"}"')
    asked = f"-{field}{rest or '(…)'} for stories without it"
    return Foreign(0, message, asked if sign[0] == "!" else f"{asked}, or a blank after the dash")


def _near(sign: str, words: tuple[str, str], distance: int) -> Foreign:
    asked = f'"{words[0]} {words[1]}"~{distance} for words near each other'
    return Foreign(0, f"{sign} is no operator of this language", asked)


def _any_word(text: str) -> bool:
    return any(char.isalnum() for char in text)
