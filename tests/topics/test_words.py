"""The words of ``config/topics/``: headlines in twenty languages, and what no list may have."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from wirewatch.topics import rules, spelling
from wirewatch.topics.matcher import Matcher
from wirewatch.topics.tagger import Tagger
from wirewatch.topics.taxonomy import TOP_LEVEL

CONFIG = Path(__file__).resolve().parents[2] / "config" / "topics"
LANGUAGES = spelling.LANGUAGES
HEADLINES: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("headlines.toml").read_text("utf-8")
)
FILES = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in sorted(CONFIG.glob("*.toml"))
    if path.name != rules.SECTIONS
}
CODES = {topic: str(file["code"]) for topic, file in FILES.items()}
EAST = ("zh", "ja", "ko")  # Latin letters stand between their signs: "5g", "k팝"


def lists() -> Iterator[tuple[str, str, str, list[str]]]:
    """Every list of the top-level topics: topic, language, strength, patterns."""
    for topic, file in FILES.items():
        for language, table in file.items():
            if isinstance(table, dict):
                for strength, written in table.items():
                    patterns = [" ".join(one.split()) for one in written.split(",")]
                    yield topic, language, strength, [one for one in patterns if one]


@pytest.fixture(scope="module")
def loaded() -> rules.Rules:
    return rules.load(CONFIG)


@pytest.fixture(scope="module")
def tagger(loaded: rules.Rules) -> Tagger:
    return Tagger(loaded)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_headline_with_its_first_sentence_has_its_topic_first(
    tagger: Tagger, language: str
) -> None:
    wrong = []
    for topic, headlines in HEADLINES.items():
        title, text = headlines[language].split("|")
        given = [tag.code for tag in tagger.tag(title, text, language)]
        if given[:1] != [CODES[topic]]:
            wrong.append((topic, title, given))
    assert wrong == []


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [
        ("反對黨贏得選舉", "選民對政府不滿。", "politics"),
        ("麻疹患者擠滿兒科病房", "醫師呼籲家長帶孩子接種疫苗。", "health"),
        ("天文學家發現岩漿行星", "望遠鏡看到它從恆星前經過。", "science"),
        ("會計因謀殺罪被判刑", "法官當庭宣讀判決。", "crime"),
        ("教練換下前鋒", "球隊在主場的比賽踢成平手。", "sport"),
    ],
)
def test_chinese_is_known_in_traditional_characters_too(
    tagger: Tagger, title: str, text: str, topic: str
) -> None:
    assert tagger.tag(title, text, "zh-TW")[0].code == CODES[topic]


def test_every_topic_has_enough_words_in_every_language() -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for topic, language, strength, patterns in lists():
        counts[topic, language] += len(patterns) if strength in ("strong", "medium") else 0
    few = {place: count for place, count in counts.items() if count < 25}
    assert len(counts) == len(TOP_LEVEL) * len(LANGUAGES)
    assert few == {}


def test_every_topic_has_a_headline_in_every_language() -> None:
    assert {topic: tuple(sorted(given)) for topic, given in HEADLINES.items()} == {
        topic: tuple(sorted(LANGUAGES)) for topic in {place[0] for place in lists()}
    }


def test_no_word_is_written_with_letters_of_two_scripts() -> None:
    mixed = [
        (topic, language, pattern)
        for topic, language, _, patterns in lists()
        if language not in EAST
        for pattern in patterns
        for word in pattern.split()
        if len({unicodedata.name(sign).split()[0] for sign in word if sign.isalpha()}) > 1
    ]
    assert mixed == []


def test_no_word_is_strong_for_three_topics() -> None:
    topics: dict[tuple[str, str], set[str]] = defaultdict(set)
    for topic, language, strength, patterns in lists():
        for pattern in patterns if strength == "strong" else ():
            topics[language, spelling.fold(pattern, language)].add(topic)
    assert [place for place, found in topics.items() if len(found) > 2] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_takes_back_holds_a_word_that_gives(loaded: rules.Rules, language: str) -> None:
    giving = [pattern for pattern in loaded.patterns[language] if pattern.points]
    matcher = Matcher(tuple(giving), language)
    idle = []
    for topic, of, strength, patterns in lists():
        if of != language or strength != "against":
            continue
        number = loaded.codes.index(CODES[topic])
        for pattern in patterns:
            line = spelling.line(spelling.words(pattern.replace("*", ""), language), language)
            if all(found.pattern.topic != number for found in matcher.found(line)):
                idle.append((topic, pattern))
    assert idle == []
