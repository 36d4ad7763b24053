"""The rule files of ``config/topics/``: read, checked, and made into patterns to match with.

- ``*.toml``: one file a top-level topic. ``code`` names it; a table a language has any of
  ``strong``, ``medium``, ``weak`` and ``against``: words or phrases between commas.
- ``level2/*.toml``: topics below those, each a table of the same form, under any name.
- ``custom/*.toml``: topics of one's own, one a file, with ``labels`` instead of the code.

A star at the end of a word stands for any ending, one at its beginning for any beginning
("*krieg"). How words are compared is in ``spelling``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wirewatch.topics.matcher import BadPattern, Pattern, pieces
from wirewatch.topics.spelling import LANGUAGES, fold
from wirewatch.topics.taxonomy import TOP_LEVEL, ancestors, is_topic, name

# Points a match gives. Strong words decide alone when they recur or stand in the title; weak ones
# never do. "against" takes back what the words inside it gave ("air strike" is no labour dispute).
WEIGHTS = {"strong": 4.0, "medium": 2.0, "weak": 0.7, "against": 0.0}
LIFTED = 0.5  # of a pattern's points go to the top-level topic above, where that lacks it
SECTIONS = "sections.toml"  # the file in the same folder that is no topic's
CUSTOM = "custom:"  # the codes of topics of one's own: this and the file's name
MAX_FILE = 1_000_000  # bytes of a rule file; the longest has some 30,000
MAX_LABEL = 100  # characters of the name of a topic of one's own
_STEM = re.compile(r"[\w-]{1,60}")


class BadRules(ValueError):
    """A rule file is wrong; ``problems`` has a line for each, with file and line number."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Rules:
    """All rules: the topics' codes and names by their number, and the patterns by language."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    patterns: Mapping[str, tuple[Pattern, ...]]


@dataclass
class _Reading:
    """What was read so far."""

    codes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    patterns: dict[str, dict[tuple[int, tuple[str, ...]], Pattern]] = field(
        default_factory=lambda: {language: {} for language in LANGUAGES}
    )
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RuleFile:
    """A rule file, for the places of its problems."""

    path: Path
    text: str

    def problem(self, near: str, what: str) -> str:
        """The problem with the file and the line where ``near`` stands first."""
        position = max(self.text.find(near), 0)
        return f"{self.path}:{self.text.count(chr(10), 0, position) + 1}: {what}"


def load(folder: Path) -> Rules:
    """The rules of a folder.

    Raises BadRules with every problem, and OSError when a file cannot be read.
    """
    reading = _Reading()
    files = [path for path in sorted(folder.glob("*.toml")) if path.name != SECTIONS]
    if not files:
        raise BadRules([f"{folder}: there is no rule file (*.toml) in it"])
    for path in files:
        for file, given in read_file(path, reading.problems):
            _coded(file, given, reading, top_level=True)
    for path in sorted((folder / "level2").glob("*.toml")):
        for file, given in read_file(path, reading.problems):
            for key, topic in given.items():
                if isinstance(topic, dict):
                    _coded(file, topic, reading, top_level=False)
                else:
                    reading.problems.append(file.problem(key, f"{key} must be a table of a topic"))
    for path in sorted((folder / "custom").glob("*.toml")):
        for file, given in read_file(path, reading.problems):
            _own(file, given, reading)
    return _finished(reading)


def load_one(path: Path) -> Rules:
    """The rules of one file: of a topic of one's own, or of a top-level one.

    Raises BadRules with every problem, and OSError when the file cannot be read.
    """
    reading = _Reading()
    for file, given in read_file(path, reading.problems):
        if "code" in given:
            _coded(file, given, reading, top_level=True)
        else:
            _own(file, given, reading)
    return _finished(reading)


def read_file(path: Path, problems: list[str]) -> Iterator[tuple[RuleFile, dict[str, Any]]]:
    """A file with what it holds; nothing where it cannot be read as TOML, which is a problem."""
    if path.stat().st_size > MAX_FILE:
        problems.append(f"{path}: is larger than {MAX_FILE:,} bytes")
        return
    text = path.read_text("utf-8", "replace")
    try:
        yield RuleFile(path, text), tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(f"{path}: not valid TOML: {error}")


def _finished(reading: _Reading) -> Rules:
    if reading.problems:
        raise BadRules(reading.problems)
    return Rules(
        tuple(reading.codes),
        tuple(reading.names),
        {language: tuple(found.values()) for language, found in reading.patterns.items()},
    )


def _coded(file: RuleFile, given: dict[str, Any], reading: _Reading, *, top_level: bool) -> None:
    code = given.pop("code", None)
    near = str(code) if code else "code"
    if not isinstance(code, str) or not is_topic(code) or (code in TOP_LEVEL) != top_level:
        kind = "top-level topic" if top_level else "topic below the top level"
        reading.problems.append(file.problem(near, f"code {code!r} is no {kind}"))
    elif code in reading.codes:
        reading.problems.append(file.problem(near, f"{code} has rules already"))
    else:
        _add(file, given, code, name(code), reading)


def _own(file: RuleFile, given: dict[str, Any], reading: _Reading) -> None:
    labels = given.pop("labels", None)
    texts = list(labels.values()) if isinstance(labels, dict) else []
    stem = file.path.stem
    if not texts or not all(isinstance(one, str) and one.strip() for one in texts):
        what = 'labels must name the topic, as in labels = { en = "Harbour tunnel" }'
        reading.problems.append(file.problem("labels", what))
    elif not _STEM.fullmatch(stem):
        what = f"the file's name {stem!r} must be letters, digits, - and _"
        reading.problems.append(file.problem("", what))
    else:
        label = " ".join(str(labels.get("en", texts[0])).split())[:MAX_LABEL]
        _add(file, given, CUSTOM + stem.casefold(), label, reading)


def _add(file: RuleFile, given: dict[str, Any], code: str, label: str, reading: _Reading) -> None:
    """Adds a topic with its patterns.

    Those of a topic below the top level also speak for the top-level one, where that has not the
    same pattern itself.
    """
    topic = len(reading.codes)
    reading.codes.append(code)
    reading.names.append(label)
    above = ancestors(code)
    top = reading.codes.index(above[-1]) if above and above[-1] in reading.codes else None
    for language, lists in given.items():
        if language not in reading.patterns:
            what = f"[{language}] is no language that is tagged: {', '.join(LANGUAGES)}"
            reading.problems.append(file.problem(f"[{language}]", what))
            continue
        if not isinstance(lists, dict):
            reading.problems.append(file.problem(language, f"{language} must be a table"))
            continue
        kept = reading.patterns[language]
        seen: set[str] = set()
        for strength, written, sought in _patterns(file, language, lists, reading.problems):
            if (folded := fold(written, language)) in seen:
                what = f"{written!r} stands twice in one language"
                reading.problems.append(file.problem(written, what))
            seen.add(folded)
            points = WEIGHTS[strength]
            kept.setdefault((topic, sought), Pattern(topic, points, sought))
            if top is not None and points:
                kept.setdefault((top, sought), Pattern(top, points * LIFTED, sought))


def _patterns(
    file: RuleFile, language: str, lists: dict[str, Any], problems: list[str]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The patterns of a language: strength, as written, and what is sought."""
    for strength, patterns in lists.items():
        if strength not in WEIGHTS:
            what = f"{strength} is none of {', '.join(WEIGHTS)}"
            problems.append(file.problem(strength, what))
        elif not isinstance(patterns, str):
            what = f"{language}.{strength} must be words between commas in quotes"
            problems.append(file.problem(strength, what))
        else:
            for one in patterns.split(","):
                written = " ".join(one.split())
                if not written:
                    continue
                try:
                    yield strength, written, pieces(written, language)
                except BadPattern as error:
                    problems.append(file.problem(written, str(error)))
