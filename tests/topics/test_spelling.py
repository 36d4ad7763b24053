"""Words of twenty languages as they are compared, and patterns as they match."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirewatch.topics import rules
from wirewatch.topics.matcher import COMMONEST, BadPattern, pieces
from wirewatch.topics.spelling import LANGUAGES
from wirewatch.topics.tagger import Tagger


def matches(folder: Path, language: str, pattern: str, text: str) -> bool:
    rule = f'code = "medtop:15000000"\n[{language}]\nstrong = "{pattern}"\n'
    (folder / "sport.toml").write_text(rule, "utf-8")
    return bool(Tagger(rules.load(folder)).tag(text, "", language))


@pytest.mark.parametrize(
    ("language", "pattern", "text"),
    [
        ("zh", "网球", "昨晚的网球决赛"),
        ("zh", "NBA", "NBA总决赛今天开打"),
        ("ja", "水泳", "全国水泳大会が開幕"),
        ("ja", "ボクシング", "ﾎﾞｸｼﾝｸﾞの試合"),
        ("ko", "축구", "축구에서 이겼다"),
        ("ko", "월드컵 예선", "월드컵은 예선에서"),
        ("hi", "क्रिकेट", "भारत ने क्रिकेट मैच जीता"),
        ("tr", "ışık*", "IŞIKLARI YANDI"),
        ("el", "ποδόσφαιρο", "ΠΟΔΟΣΦΑΙΡΟ"),
        ("ru", "счёт*", "СЧЕТ матча"),
        ("uk", "м'яч*", "м’ячем"),
        ("ro", "echipă", "ECHIPA câștigă"),
        ("ar", "ملعب", "وملعب المدينة"),
        ("de", "fußball", "FUSSBALL"),
        ("en", "cross* race", "Crosscountry race"),
        ("de", "der *lauf", "Der Hindernislauf"),
        ("pl", "narciar*", "narciarzy"),
    ],
)
def test_a_pattern_is_found_in_its_language(
    tmp_path: Path, language: str, pattern: str, text: str
) -> None:
    assert matches(tmp_path, language, pattern, text)


@pytest.mark.parametrize(
    ("language", "pattern", "text"),
    [
        ("zh", "NBA", "WNBAX总决赛"),
        ("ko", "구축", "축구축제"),
        ("en", "race", "racer"),
        ("en", "cross* race", "crosscountry and a race"),
        ("tr", "ısı", "İSİ"),
        ("de", "lauf", "Hindernislauf"),
    ],
)
def test_other_words_are_not_found(tmp_path: Path, language: str, pattern: str, text: str) -> None:
    assert not matches(tmp_path, language, pattern, text)


def test_a_phrase_does_not_go_on_from_the_title_to_the_text(tmp_path: Path) -> None:
    rule = 'code = "medtop:15000000"\n[en]\nstrong = "long jump"\n'
    (tmp_path / "sport.toml").write_text(rule)
    tagger = Tagger(rules.load(tmp_path))
    assert tagger.tag("The long", "jump", "en") == ()
    assert tagger.tag("The long jump", "", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pattern_that_is_in_every_text_is_refused(language: str) -> None:
    word = COMMONEST[language].split()[0]
    with pytest.raises(BadPattern, match="nearly every text"):
        pieces(word, language)


@pytest.mark.parametrize("pattern", ["*", "***", "* *", "...", "the*", "x" * 101, "a*"])
def test_a_pattern_that_says_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        pieces(pattern, "en")


@pytest.mark.parametrize("language", [*LANGUAGES, "und", "xx", ""])
def test_text_of_any_kind_is_read_within_bounds(tmp_path: Path, language: str) -> None:
    for code in LANGUAGES:
        rule = f'code = "medtop:15000000"\n[{code}]\nstrong = "hockey"\n'
        (tmp_path / "sport.toml").write_text(rule)
        tagger = Tagger(rules.load(tmp_path))
        text = "hockey هدنة 网球 \ud800\x00| " * 200_000
        assert tagger.tag(text, text, language) == tagger.tag(text, text, language)
        assert bool(tagger.tag("", text, language)) == (code == language)
