"""The publisher's own word: sections, addresses and keywords."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wirewatch.records import Article, Story
from wirewatch.topics import sections
from wirewatch.topics.rules import BadRules
from wirewatch.topics.spelling import LANGUAGES
from wirewatch.topics.tagger import Tagger
from wirewatch.topics.taxonomy import TOP_LEVEL

CONFIG = Path(__file__).resolve().parents[2] / "config" / "topics"


@pytest.fixture(scope="module")
def named() -> sections.Sections:
    return sections.load(CONFIG)


def article(
    section: str = "", url: str = "https://paper.example/", language: str = "en",
    keywords: tuple[str, ...] = (), title: str = "", text: str = "",
) -> Article:  # fmt: skip
    return Article(
        url=url, canonical_url=url, title=title, text=text, language=language, section=section,
        keywords=keywords, first_seen=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def numbers(found: list[sections.Said]) -> list[str]:
    return [f"{one.kind} {one.code.removeprefix('medtop:')}" for one in found]


@pytest.mark.parametrize(
    ("section", "language", "codes"),
    [
        ("Business", "en", ["04000000"]),
        ("SPORTS NEWS", "en", ["15000000"]),
        ("News / Politics", "en", ["11000000"]),
        ("Health & Education", "en", ["07000000", "05000000"]),
        ("Wirtschaft und Kultur", "de", ["04000000", "01000000"]),
        ("Économie", "fr", ["04000000"]),
        ("Economia", "es", ["04000000"]),
        ("الرياضة", "ar", ["15000000"]),
        ("体育", "zh-Hans", ["15000000"]),
        ("経済", "ja", ["04000000"]),
        ("정치", "ko", ["11000000"]),
        ("खेल", "hi", ["15000000"]),
        ("ΠΟΛΙΤΙΚΗ", "el", ["11000000"]),
        ("Sağlık", "tr", ["07000000"]),
        ("Sport", "sw", ["15000000"]),
        ("Tennis", "en", ["20001085"]),
        ("World", "en", []),
        ("News", "en", []),
        ("Local", "en", []),
        ("Sociedad", "es", []),
        ("Sport" * 1_000, "en", []),
    ],
)
def test_what_a_section_names(
    named: sections.Sections, section: str, language: str, codes: list[str]
) -> None:
    found = numbers(sections.said(named, article(section, language=language)))
    assert found == [f"section {code}" for code in codes]


@pytest.mark.parametrize(
    ("url", "language", "codes"),
    [
        ("https://paper.example/sport/2026/03/a-headline", "en", ["15000000"]),
        ("https://paper.example/news/business-48213377", "en", ["04000000"]),
        ("https://sport.paper.example/a-headline", "en", ["15000000"]),
        ("https://paper.example/kriminalitaet/a-headline", "de", ["02000000"]),
        ("https://paper.example/es/econom%C3%ADa/a-headline", "es", ["04000000"]),
        ("https://paper.example/ciencia-y-tecnologia/a-headline", "es", ["13000000"]),
        ("https://paper.example/politika/a-headline", "ru", ["11000000"]),
        ("https://paper.example/sports/college/a-headline", "en", ["15000000"]),
        ("https://paper.example/world/europe/sport", "en", []),
        ("https://paper.example/it/os/a-headline", "de", []),
        ("https://paper.example/" + "a/" * 10_000 + "sport/x", "en", []),
        ("https://[bad", "en", []),
        ("", "en", []),
    ],
)
def test_what_an_address_names(
    named: sections.Sections, url: str, language: str, codes: list[str]
) -> None:
    found = numbers(sections.said(named, article(url=url, language=language)))
    assert found == [f"address {code}" for code in codes]


def test_keywords_that_name_the_whole_site_say_nothing(named: sections.Sections) -> None:
    told = sections.said(named, article(keywords=("Arden", "golf", "tennis")))
    assert numbers(told) == ["keywords 15000000", "keywords 20001085"]
    assert sections.said(named, article(keywords=("sport", "business", "politics", "arts"))) == []


def test_every_language_names_every_topic(named: sections.Sections) -> None:
    for language in LANGUAGES:
        assert set(named.codes[language].values()) >= TOP_LEVEL, language


def test_a_section_gives_a_topic_and_is_its_reason() -> None:
    tagger = Tagger.load(CONFIG)
    plain = article("Weather", title="What Monday brings", text="It was said by nobody.")
    (tag,) = tagger.tagged(Story(id="s", article=plain)).topics
    assert tag.code == "medtop:17000000"
    assert tag.why == ("section: Weather",)
    keyword = article(keywords=("weather",), title="What Monday brings")
    assert tagger.tagged(Story(id="s", article=keyword)).topics == ()  # not by a keyword alone
    tennis = article("Tennis", title="What Monday brings", language="sw")
    topics = tagger.tagged(Story(id="s", article=tennis)).topics
    assert {tag.name for tag in topics} == {"sport", "tennis", "competition discipline"}


def test_wrong_words_are_all_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "sections.toml").write_text(
        'beside = "news"\n["medtop:15000000"]\nen = "sport"\nxx = "y"\n["medtop:04000000"]\n'
        'en = "business, Sport"\n["medtop:1"]\nen = "x"\n["medtop:05000000"]\nen = ["x"]\n'
    )
    with pytest.raises(BadRules) as caught:
        sections.load(tmp_path)
    told = "\n".join(caught.value.problems)
    assert "sections.toml:2: xx of medtop:15000000" in told
    assert "sections.toml:5: 'Sport' names medtop:15000000 in en already" in told
    assert "sections.toml:7: 'medtop:1' is no table" in told
    assert "sections.toml:9: en of medtop:05000000" in told
    assert len(caught.value.problems) == 4
