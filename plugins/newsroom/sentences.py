"""Paragraphs and sentences of news text, in the languages of the newsroom and of old newswires.

A splitter by rules: a mark that ends a sentence, then white space, then what can begin one; no
split after known abbreviations, initials, ordinals ("3. Mai") and inside figures. Scripts without
spaces end a sentence at their own full stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# The marks, what may close after them (quotes, brackets), then white space; or a wide full stop.
_END = re.compile(
    r"(?P<word>\S*?)(?P<mark>[.!?؟…۔]+|\.\s'')(?P<close>[\"'”’»“)\]]*)(?=\s)|[。！？][」』”’]*"
)
# What follows must look like a beginning: an upper-case letter, a figure, a quote, a bracket, or a
# letter of a script without case.
_OPENERS = "\"'“”„‘«»‹›([¿¡`-–—•"

_ABBREVIATED = """
mr mrs ms dr prof st jr sr gen col lt sgt capt maj rev hon gov sen rep pres insp supt adm
inc ltd co corp cos bros plc dept univ assn vs etc approx
jan feb aug sept oct nov dec ave blvd mt e.g i.e a.m p.m
sra srta dña ud uds c.f
hr fr frl bzw ca z.b d.h u.a usw bd jh mio mrd inkl ggf vgl sog evtl
د م أ
"""  # English; Spanish; German; the letters before an Arab doctor's and engineer's name
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
# Abbreviations only before a figure: "No. 4", "Art. 12", "Núm. 7", "Nr. 3".
_BEFORE_FIGURE = frozenset(["no", "nos", "art", "vol", "fig", "pp", "p", "núm", "pág", "nr", "est"])
# Abbreviations that end a sentence about as often as not: split when an upper-case word follows.
_MAY_END = frozenset(["inc", "ltd", "co", "corp", "plc", "etc", "usw", "a.m", "p.m"])
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # "J", "U.S"
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_INDENTED = re.compile(r"\n(?=[ \t]{2,}\S)")
_FINISHED = re.compile(r"[.!?؟…。！？:][\"'”’»)\]]*$")
# Sentences that make a paragraph where the source has no paragraphs at all.
_PER_PARAGRAPH = 2


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence in the text, in order, white space around them left out."""
    found: list[tuple[int, int]] = []
    start = _skip_space(text, 0)
    for match in _END.finditer(text):
        end = match.end()
        following = _skip_space(text, end)
        if end <= start or following >= len(text):
            continue
        if match["mark"] is not None and not _ends(match["word"], match["mark"], text[following:]):
            continue
        found.append((start, end))
        start = following
    stop = len(text.rstrip())
    if stop > start:
        found.append((start, stop))
    return found


def split(text: str) -> list[str]:
    """The sentences of a paragraph or text, as they stand in it."""
    return [text[start:end] for start, end in spans(text)]


def join(sentences: Iterable[str]) -> str:
    """The sentences as one paragraph: a space between them, none after a wide full stop."""
    built = ""
    for sentence in sentences:
        if built and not built.rstrip("」』”’").endswith(("。", "！", "？")):
            built += " "
        built += sentence
    return built


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line.

    They are taken from blank lines; else from indented first lines (Reuters-21578); else from
    lines, when most lines end as a sentence does; else the lines are joined and every two
    sentences make a paragraph.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if _BLANK_LINE.search(text):
        blocks = _BLANK_LINE.split(text)
    elif _INDENTED.search(text):
        blocks = _INDENTED.split(text)
    else:
        blocks = [line for line in text.split("\n") if line.strip()]
        finished = sum(1 for line in blocks if _FINISHED.search(line.strip()))
        if finished < 0.6 * len(blocks):  # hard-wrapped lines end anywhere
            sentences = split(" ".join(" ".join(blocks).split()))
            blocks = [
                join(sentences[at : at + _PER_PARAGRAPH])
                for at in range(0, len(sentences), _PER_PARAGRAPH)
            ]
    flat = (" ".join(block.split()) for block in blocks)
    return tuple(block for block in flat if block)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _ends(word: str, mark: str, rest: str) -> bool:
    """Whether the mark after this word ends a sentence, given what follows."""
    opening = rest.lstrip(_OPENERS)
    first = opening[:1]
    if first.isalpha() and first.islower():
        return False
    if mark != ".":
        return True
    bare = word.lstrip(_OPENERS).lower()
    if bare in _MAY_END:
        return first.isupper()
    if bare in _BEFORE_FIGURE:
        return not first.isdigit()
    if bare in _ABBREVIATIONS or _INITIAL.fullmatch(bare):
        return False
    # "3. Mai", "am 14. März": an ordinal of one or two figures before a month or a noun.
    return not (bare.isdigit() and len(bare) <= 2 and first.isalpha())
