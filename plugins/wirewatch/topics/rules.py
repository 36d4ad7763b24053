"""The rule files of ``config/topics/``: read, checked, and made into tables to match with.

One file a topic. ``code`` names it; a table a language has any of ``strong``, ``medium``, ``weak``
and ``against``: words or phrases between commas. A star at the end of a word stands for any ending,
one at its beginning for any beginning ("*krieg"). Words are compared without case; Arabic ones also
without vowel marks, article and the particles written onto them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wirewatch.topics.taxonomy import LANGUAGES, NAMES

# Points a match gives. Strong words decide alone when they recur or stand in the title; weak ones
# never do. "against" takes away what the words inside it gave ("air strike" is no labour dispute).
WEIGHTS = {"strong": 4.0, "medium": 2.0, "weak": 0.7, "against": -4.0}
MAX_PHRASE = 6  # words

_TOKEN = re.compile(r"\w+")
_PATTERN = re.compile(r"\*?\w+\*?|\*")
_MARKS = re.compile("[\u064b-\u0655\u0670\u0640]")  # Arabic vowel marks and the lengthening stroke
_ALIKE = str.maketrans("أإآٱىة", "ااااي\u0647")
_CLITICS = ("وبال", "وال", "فال", "بال", "كال", "ولل", "لل", "ال")


class BadRules(ValueError):
    """A rule file is wrong; ``problems`` has a line for each, with file and line number."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass
class Table:
    """One language's patterns: a pattern's number for a word, phrases by their first pattern."""

    exact: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, int] = field(default_factory=dict)
    suffixes: dict[str, int] = field(default_factory=dict)
    prefix_lengths: tuple[int, ...] = ()
    suffix_lengths: tuple[int, ...] = ()
    single: dict[int, list[tuple[int, float]]] = field(default_factory=dict)  # topic, points
    phrases: dict[int, list[tuple[tuple[int, ...], int, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """All rules: topic codes in the files' order, and a table a language."""

    codes: tuple[str, ...]
    tables: dict[str, Table]


def fold(text: str, language: str) -> str:
    """The text as patterns are compared with it."""
    folded = unicodedata.normalize("NFC", text).casefold()
    if language == "ar":
        folded = _MARKS.sub("", folded).translate(_ALIKE)
    return folded


def words(text: str, language: str) -> list[str]:
    """The folded words of a text, in order."""
    return _TOKEN.findall(fold(text, language))


def bare(word: str) -> str:
    """An Arabic word without article and the particles before it; any other as it is."""
    for clitic in _CLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 2:
            return word[len(clitic) :]
    return word


def load(folder: Path) -> Rules:
    """The rules of a folder's ``*.toml``.

    Raises BadRules with every problem, and OSError when a file cannot be read.
    """
    problems: list[str] = []
    codes: list[str] = []
    tables = {language: Table() for language in LANGUAGES}
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise BadRules([f"{folder}: there is no rule file (*.toml) in it"])
    for file in files:
        text = file.read_text("utf-8", "replace")
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{file}: not valid TOML: {error}")
            continue
        code = given.pop("code", None)
        if code not in NAMES:
            problems.append(f"{file}:{_line(text, 'code')}: code {code!r} is no top-level topic")
            continue
        if code in codes:
            problems.append(f"{file}:{_line(text, 'code')}: {code} has a file already")
            continue
        codes.append(str(code))
        for problem in _add(given, len(codes) - 1, tables):
            where, what = problem
            problems.append(f"{file}:{_line(text, where)}: {what}")
    if problems:
        raise BadRules(problems)
    for table in tables.values():
        table.prefix_lengths = tuple(sorted({len(prefix) for prefix in table.prefixes}))
        table.suffix_lengths = tuple(sorted({len(suffix) for suffix in table.suffixes}))
    return Rules(tuple(codes), tables)


def _line(text: str, word: str) -> int:
    position = text.find(word)
    return text.count("\n", 0, max(position, 0)) + 1


def _add(given: dict[str, Any], topic: int, tables: dict[str, Table]) -> Iterator[tuple[str, str]]:
    """Adds a file's patterns; yields (text to look the line up by, problem)."""
    for language, lists in given.items():
        if language not in tables:
            yield f"[{language}]", f"[{language}] is no language that is tagged: {LANGUAGES}"
            continue
        if not isinstance(lists, dict):
            yield language, f"{language} must be a table"
            continue
        seen: set[tuple[str, ...]] = set()
        for strength, patterns in lists.items():
            if strength not in WEIGHTS:
                yield strength, f"{strength} is none of {', '.join(WEIGHTS)}"
            elif not isinstance(patterns, str):
                yield strength, f"{language}.{strength} must be words between commas in quotes"
            else:
                for written in patterns.split(","):
                    yield from _pattern(written, strength, language, topic, tables[language], seen)


def _pattern(
    written: str, strength: str, language: str, topic: int, table: Table,
    seen: set[tuple[str, ...]],
) -> Iterator[tuple[str, str]]:  # fmt: skip
    pattern = " ".join(written.split())
    if not pattern:
        return
    tokens = tuple(part for part in _PATTERN.findall(fold(pattern, language)) if part.strip("*"))
    if not tokens or len(tokens) > MAX_PHRASE:
        yield pattern, f"{pattern!r} must have 1 to {MAX_PHRASE} words"
        return
    if any(len(token.strip("*")) < 3 and "*" in token for token in tokens):
        yield pattern, f"{pattern!r}: a star needs 3 letters beside it"
        return
    if tokens in seen:
        yield pattern, f"{pattern!r} stands twice in one language"
        return
    seen.add(tokens)
    numbers = tuple(_number(token, language, table) for token in tokens)
    points = WEIGHTS[strength]
    if len(numbers) == 1:
        table.single.setdefault(numbers[0], []).append((topic, points))
    else:
        table.phrases.setdefault(numbers[0], []).append((numbers, topic, points))


def _number(token: str, language: str, table: Table) -> int:
    """The pattern's number, given on its first use."""
    store = table.exact
    key = token.strip("*")
    if token.endswith("*"):
        store = table.prefixes
    elif token.startswith("*"):
        store = table.suffixes
    if language == "ar":
        key = bare(key)
    if key not in store:
        store[key] = len(table.exact) + len(table.prefixes) + len(table.suffixes)
    return store[key]
