"""Topics of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirewatch.topics import rules
from wirewatch.topics.tagger import Tagger

RULE = (
    'labels = { de = "Hafentunnel", en = "Harbour  tunnel" }\n'
    '[en]\nstrong = "harbour tunnel"\nagainst = "old harbour tunnel"\n'
    '[de]\nstrong = "hafentunnel*"\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sport.toml").write_text('code = "medtop:15000000"\n[en]\nstrong = "hockey"\n')
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "Harbour-tunnel.toml").write_text(RULE)
    return tmp_path


def test_it_is_given_beside_the_others_whatever_their_points(folder: Path) -> None:
    tagger = Tagger.load(folder)
    tags = tagger.tag("Hockey, hockey", "Hockey, hockey near the harbour tunnel. hockey", "en")
    assert [tag.code for tag in tags] == ["medtop:15000000", "custom:harbour-tunnel"]
    assert tags[1].name == "Harbour tunnel"
    assert tags[1].why == ("words: harbour tunnel",)
    assert tagger.tag("Arbeit am Hafentunnelportal", "", "de")[0].name == "Harbour tunnel"
    assert tagger.tag("The old harbour tunnel", "", "en") == ()


def test_one_file_is_read_alone(folder: Path) -> None:
    loaded = rules.load_one(folder / "custom" / "Harbour-tunnel.toml")
    assert loaded.codes == ("custom:harbour-tunnel",)
    assert rules.load_one(folder / "sport.toml").codes == ("medtop:15000000",)
    tagger = Tagger(loaded)
    assert tagger.knows("en-GB")
    assert not tagger.knows("fr")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a", '[en]\nstrong = "x"\n', "labels must name the topic"),
        ("a", 'labels = { en = "" }\n', "labels must name the topic"),
        ("a", 'labels = "A"\n', "labels must name the topic"),
        ("a b", 'labels = { en = "A" }\n', "the file's name 'a b' must be"),
        ("a", 'labels = { en = "A" }\n[en]\nstrong = "*"\n', "a.toml:3: '*' must have"),
        ("a", 'labels = { en = "A" }\n[en]\nstrong = "the"\n', "in nearly every text"),
        ("a", 'labels = { en = "A" }\n[en]\nstrong = ["tunnel"]\n', "must be words between commas"),
        ("a", "labels = {" * 500, "not valid TOML"),
        ("a", "#" * 1_000_001, "is larger than 1,000,000 bytes"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, name: str, text: str, problem: str) -> None:
    file = folder / "custom" / f"{name}.toml"
    file.write_text(text)
    with pytest.raises(rules.BadRules) as caught:
        rules.load(folder)
    [told] = caught.value.problems
    assert problem in told
    assert str(file) in told
    with pytest.raises(rules.BadRules):
        rules.load_one(file)
