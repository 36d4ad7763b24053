"""Topics below the top level: their rules, and the hierarchy above them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirewatch.topics import rules
from wirewatch.topics.tagger import Tagger
from wirewatch.topics.taxonomy import (
    NAMED_IN,
    TOP_LEVEL,
    ancestors,
    is_topic,
    name,
    names_above,
    top,
)

CONFIG = Path(__file__).resolve().parents[2] / "config" / "topics"


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(CONFIG)


def test_the_vocabulary_is_a_forest_of_seventeen_trees() -> None:
    assert len(TOP_LEVEL) == 17
    for code in TOP_LEVEL:
        assert ancestors(code) == ()
        assert top(code) == code
    assert ancestors("medtop:20001065") == ("medtop:20000822", "medtop:15000000")
    assert top("medtop:20000371") == "medtop:04000000"
    assert name("medtop:20000371") == "interest rate"
    assert name("medtop:20000371", "de") == "interest rate"
    assert names_above("tennis") == ("competition discipline", "sport")
    assert names_above("Harbour tunnel") == names_above("sport") == ()
    assert not is_topic("custom:harbour")
    assert top("custom:harbour") == "custom:harbour"


def test_some_sixty_topics_have_words_in_five_languages() -> None:
    loaded = rules.load(CONFIG)
    below = {number for number, code in enumerate(loaded.codes) if code not in TOP_LEVEL}
    assert len(below) >= 60
    for language in NAMED_IN:
        having = {pattern.topic for pattern in loaded.patterns[language] if pattern.points}
        assert {loaded.codes[number] for number in below - having} == set(), language


@pytest.mark.parametrize(
    ("language", "title", "text", "code"),
    [
        (
            "en",
            "Rate cut surprises lenders",
            "The central bank lowered interest rates by half a percentage point.",
            "20000371",
        ),
        (
            "en",
            "Grocer agrees to takeover of rival",
            "The merger would create a chain of 400 shops. The acquisition needs approval.",
            "20000204",
        ),
        (
            "de",
            "Erdbeben der Stärke 6,1",
            "Nach dem Erdbeben gab es mehrere Nachbeben, das Epizentrum lag vor der Küste.",
            "20000153",
        ),
        (
            "fr",
            "Le procès s'ouvre lundi",
            "Le procureur a requis dix ans contre l'accusé devant la cour d'assises.",
            "20000111",
        ),
        (
            "es",
            "La tenista pasa a semifinales",
            "Ganó en dos sets en la hierba de Wimbledon y sube en el ranking de la WTA de tenis.",
            "20001085",
        ),
        (
            "ar",
            "فيضانات تجتاح القرى",
            "غمرت المياه عشرات المنازل بعد سيول وأمطار غزيرة وفيضان النهر.",
            "20000154",
        ),
    ],
)
def test_a_topic_below_comes_with_all_that_is_above_it(
    tagger: Tagger, language: str, title: str, text: str, code: str
) -> None:
    tags = {tag.code: tag for tag in tagger.tag(title, text, language)}
    found = f"medtop:{code}"
    assert found in tags
    assert set(ancestors(found)) <= tags.keys()
    assert all(tag.why for tag in tags.values())


def test_topics_between_say_what_decided_below_them(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('code = "medtop:15000000"\n[en]\nstrong = "referee"\n')
    (tmp_path / "level2").mkdir()
    below = '[padel]\ncode = "medtop:20001305"\nen.strong = "padel, padel court*"\n'
    (tmp_path / "level2" / "a.toml").write_text(below)
    tags = Tagger.load(tmp_path).tag("Padel courts open", "", "en")
    codes = [tag.code for tag in tags]
    assert codes == ["medtop:15000000", "medtop:20001305", "medtop:20000822"]
    assert {tag.why for tag in tags} == {("words: padel, padel courts",)}


def test_wrong_rules_below_the_top_level_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('code = "medtop:20001065"\n')
    (tmp_path / "level2").mkdir()
    (tmp_path / "level2" / "b.toml").write_text(
        '[one]\ncode = "medtop:15000000"\n[two]\ncode = "medtop:20001065"\nen.strong = "*"\n'
        '[three]\ncode = "medtop:20001065"\n[four]\nen.strong = "x"\n'
    )
    (tmp_path / "level2" / "c.toml").write_text('code = "medtop:20001065"\n')
    with pytest.raises(rules.BadRules) as caught:
        rules.load(tmp_path)
    told = "\n".join(caught.value.problems)
    assert "a.toml:1: code 'medtop:20001065' is no top-level topic" in told
    assert "b.toml:2: code 'medtop:15000000' is no topic below the top level" in told
    assert "b.toml:5: '*' must have 1 to 6 words" in told
    assert "medtop:20001065 has rules already" in told
    assert "code None is no topic below the top level" in told
    assert "c.toml:1: code must be a table of a topic" in told
    assert len(caught.value.problems) == 6
