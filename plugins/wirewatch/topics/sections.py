"""The publisher's own word: which topics a section, an address and keywords name.

``config/topics/sections.toml`` has the words. A table a topic, named by its code, has a list of
words a language; ``beside`` has words that say nothing beside one that does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from wirewatch.records import Article
from wirewatch.topics import spelling
from wirewatch.topics.rules import SECTIONS, BadRules, read_file
from wirewatch.topics.spelling import LANGUAGES
from wirewatch.topics.taxonomy import is_topic, top

MAX_SECTION = 200  # characters of a section that are read
MAX_PART = 30  # characters of a part of an address: a longer one is a headline
MAX_PARTS = 8  # parts of an address
MAX_KEYWORDS = 30  # of a page; past that they are of the whole site
MAX_TOPICS = 2  # top-level topics that keywords name: more name the whole site

_MARKS = re.compile("[\u0300-\u036f]")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d"})  # letters that no accent makes
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})  # as German addresses write them
_BETWEEN = re.compile(r"\s*(?:[/|>›»:;,•]|\s[-–—]\s)\s*")
_AND = re.compile(r"\s*(?:&|\+|·|・|\s(?:and|und|et|y|e|en|i|и|і|та|ve|dan|och|και|și|और|و)\s)\s*")
_NUMBERED = re.compile(r"^(\D{3,24})[-_]\d{4,}$")  # business-12345678


class Said(NamedTuple):
    """A topic that the publisher named: by what ("section", "address", "keywords"), as written."""

    code: str
    kind: str
    written: str


@dataclass(frozen=True)
class Sections:
    """The words by language and folded form; ``everywhere``: those that mean one topic in all."""

    codes: Mapping[str, Mapping[str, str]]
    everywhere: Mapping[str, str]
    beside: frozenset[str]


NONE = Sections({}, {}, frozenset())


def load(folder: Path) -> Sections:
    """The words of the folder's ``sections.toml``; none where it has no such file.

    Raises BadRules with every problem, and OSError when the file cannot be read.
    """
    problems: list[str] = []
    codes: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    beside: list[str] = []
    path = folder / SECTIONS
    for file, given in read_file(path, problems) if path.exists() else ():
        for code, lists in given.items():
            if code == "beside":
                beside = str(lists).split(",")
                continue
            if not is_topic(code) or not isinstance(lists, dict):
                problems.append(file.problem(f'"{code}"', f"{code!r} is no table of a Media Topic"))
                continue
            for language, listed in lists.items():
                if language not in codes or not isinstance(listed, str):
                    what = f"{language} of {code} must be words between commas, in a language of "
                    problems.append(file.problem(code, what + ", ".join(LANGUAGES)))
                    continue
                for word in filter(None, map(str.strip, listed.split(","))):
                    for key in _keys(word, language):
                        if codes[language].setdefault(key, code) != code:
                            what = f"{word!r} names {codes[language][key]} in {language} already"
                            problems.append(file.problem(code, what))
    if problems:
        raise BadRules(problems)
    return Sections(codes, _everywhere(codes), frozenset(_key(word, "en") for word in beside))


def _everywhere(codes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    named: dict[str, set[str]] = {}
    for words in codes.values():
        for word, code in words.items():
            named.setdefault(word, set()).add(code)
    return {word: min(of) for word, of in named.items() if len(of) == 1}


@lru_cache(maxsize=20_000)  # sections and keywords recur; some 4 MB
def _key(text: str, language: str) -> str:
    """A word as it is compared: without case, accents and articles written onto it."""
    found = spelling.words(text, language)
    line = spelling.line(found, language).strip().translate(_PLAIN)
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", line)))


def _keys(word: str, language: str) -> set[str]:
    """The forms in which a word may be met: addresses write German umlauts with an e."""
    written = {word, word.casefold().translate(_UMLAUTS)} if language == "de" else {word}
    return {key for one in written if (key := _key(one, language))}


def said(sections: Sections, article: Article) -> list[Said]:
    """The topics that an article's publisher names, each kind of word once a topic."""
    language = spelling.primary(article.language)
    found: dict[tuple[str, str], Said] = {}

    def note(kind: str, written: str, codes: Iterable[str]) -> None:
        for code in codes:
            found.setdefault((code, kind), Said(code, kind, written))

    if section := article.section[:MAX_SECTION]:
        note("section", section, _named(sections, section, language))
    above: set[str] = set()  # what the first part of the address that names a topic names
    for part in _address_parts(article.canonical_url or article.url):
        codes = list(_named(sections, part, language))
        above = above or {top(code) for code in codes}
        note("address", part, (code for code in codes if top(code) in above))
    in_keywords = [
        (word, code)
        for word in article.keywords[:MAX_KEYWORDS]
        for code in _whole(sections, word[:MAX_PART], language)
    ]
    if len({top(code) for _, code in in_keywords}) <= MAX_TOPICS:
        for word, code in in_keywords:
            note("keywords", word, (code,))
    return list(found.values())


def _named(sections: Sections, text: str, language: str) -> Iterator[str]:
    """The topics that a section or a part of an address names: as a whole, or by its parts."""
    if whole := list(_whole(sections, text, language)):
        yield from whole
        return
    for part in _BETWEEN.split(text):
        if whole := list(_whole(sections, part, language)):
            yield from whole
        else:
            for half in _AND.split(part):
                yield from _whole(sections, half, language)


def _whole(sections: Sections, text: str, language: str) -> Iterator[str]:
    for one in dict.fromkeys((language, "en")):
        if one not in sections.codes:
            continue
        codes, key = sections.codes[one], _key(text, one)
        code = codes.get(key)
        if code is None and " " in key:
            code = codes.get(" ".join(word for word in key.split() if word not in sections.beside))
        if code:
            yield code
            return
    if language not in sections.codes and (code := sections.everywhere.get(_key(text, "en"))):
        yield code


def _address_parts(url: str) -> Iterator[str]:
    """The parts of an address that may name a section, as words: hosts before the domain's name,
    folders, and a name before a number; those of two letters are languages and countries.
    """
    try:
        parts = urlsplit(url)
        labels = (parts.hostname or "").split(".")[:-2]
    except ValueError:
        return
    *folders, last = parts.path.split("/")
    if numbered := _NUMBERED.match(last):
        folders.append(numbered[1])
    for part in [*labels, *folders][:MAX_PARTS]:
        words = unquote(part).replace("-", " ").replace("_", " ").strip()
        if 2 < len(words) <= MAX_PART or (len(words) == 2 and not words.isascii()):
            yield words
