"""Copies that machines spoilt: optical character recognition and wrong character sets."""

from __future__ import annotations

import re
import unicodedata

from newsroom.churn.records import Job, Version, unchanged, version
from wirewatch.records import replace

OCR_WORDS = (0.06, 0.15)  # share of the words with one fault each, as on a clean scan
OCR_POOR = (0.15, 0.3)  # the same of a bad scan, of which a person still reads every sentence
# Above this share of non-ASCII letters mojibake leaves nothing readable: no desk would print it.
MOJIBAKE_LETTERS = 0.1

# What scanners take for one another.
_CONFUSED = (
    *(("rn", "m"), ("m", "rn"), ("l", "1"), ("I", "l"), ("O", "0"), ("0", "O"), ("e", "c")),
    *(("cl", "d"), ("h", "b"), ("vv", "w"), ("w", "vv"), ("u", "n"), ("n", "u"), ("i", "j")),
    *(("a", "o"), ("t", "f"), ("S", "5"), ("5", "S"), ("g", "q"), ("ä", "a"), ("ü", "ii")),
    *(("ß", "B"), ("ñ", "n"), ("é", "6"), ("ó", "6"), ("fi", "h"), ("1", "l"), ("8", "B")),
    *(("ب", "ت"), ("ت", "ث"), ("ج", "ح"), ("ح", "خ"), ("د", "ذ"), ("ر", "ز"), ("س", "ش")),
    *(("ص", "ض"), ("ط", "ظ"), ("ع", "غ"), ("ف", "ق"), ("ن", "ب"), ("ي", "ى"), ("ة", "ه")),
)
_CURLY = (
    *((re.compile(r'(^|[\s(\[–—])"'), r"\1“"), (re.compile('"'), "”")),
    *((re.compile(r"(^|[\s(\[–—])'"), r"\1‘"), (re.compile("'"), "’")),
)
_STRAIGHT = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "--"}
)
_HARAKAT = re.compile("[\u064b-\u0652\u0670]")


def ocr_noise(job: Job) -> Version:
    """One fault in 6 to 15 per cent of the words: confused letters, lost, split or joined words."""
    return _scanned(job, job.rng.uniform(*OCR_WORDS))


def ocr_poor(job: Job) -> Version:
    """The same in 15 to 30 per cent of the words."""
    return _scanned(job, job.rng.uniform(*OCR_POOR))


def _scanned(job: Job, share: float) -> Version:
    faults = 0
    built: list[str] = []
    for part in job.original.paragraphs:
        words = part.split(" ")
        out: list[str] = []
        for word in words:
            spoilt = _misread(word, job) if job.rng.random() < share else word
            faults += spoilt != word
            if spoilt.endswith("\b"):  # the space after this word was not seen
                out.append(spoilt[:-1])
            else:
                out.append(spoilt + " ")
        built.append("".join(out).strip())
    if not faults:
        return unchanged(job, "no word was misread")
    return version(job, built, f"{faults} words misread")


def encoding_noise(job: Job) -> Version:
    """Mojibake, other quotes and dashes, odd spaces, or decomposed letters, by chance one of them.

    Text of another script than Latin is never turned to mojibake.
    """
    text = job.original.title + job.original.text
    letters = [ch for ch in text if ch.isalpha()]
    foreign = sum(1 for ch in letters if ord(ch) > 127) > MOJIBAKE_LETTERS * max(1, len(letters))
    ways = {"straight": _straight, "curly": _curly, "spaces": _spaces, "decomposed": _decomposed}
    if not foreign:
        ways["mojibake"] = _mojibake
    order = list(ways)
    job.rng.shuffle(order)
    for way in order:  # the first that changes anything
        built = [ways[way](part) for part in job.original.paragraphs]
        if tuple(built) != job.original.paragraphs:
            made = version(job, built, way)
            return replace(made, title=ways[way](made.title))
    return unchanged(job, "nothing to spoil")


def _misread(word: str, job: Job) -> str:
    """The word with one fault; a backspace at its end stands for the lost space after it."""
    way = job.rng.random()
    if way < 0.1:
        return word + "\b"
    if way < 0.2 and len(word) > 6:
        at = job.rng.randint(3, len(word) - 3)
        return f"{word[:at]}- {word[at:]}"
    if way < 0.3 and len(word) > 3:
        at = job.rng.randrange(len(word))
        return word[:at] + word[at + 1 :]
    fitting = [pair for pair in _CONFUSED if pair[0] in word]
    if not fitting:
        return word
    seen, taken = job.rng.choice(fitting)
    return word.replace(seen, taken, 1)


def _curly(text: str) -> str:
    text = text.translate(_STRAIGHT)
    for pattern, new in _CURLY:
        text = pattern.sub(new, text)
    return text.replace(" - ", " — ").replace("--", "—")


def _straight(text: str) -> str:
    return _HARAKAT.sub("", text.translate(_STRAIGHT).replace("…", "..."))


def _spaces(text: str) -> str:
    """No-break spaces after short words, soft hyphens in long ones."""
    text = re.sub(r"\b(\w{1,3}) (?=\w)", "\\1\u00a0", text)
    return re.sub(r"\b([^\W\d_]{6})(?=[^\W\d_]{5})", "\\1\u00ad", text)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _mojibake(text: str) -> str:
    """UTF-8 read as Windows-1252, a byte at a time as browsers do for the undefined five."""
    raw = _curly(text).encode("utf-8")
    return "".join(_cp1252(byte) for byte in raw)


def _cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)
