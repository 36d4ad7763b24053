"""Topics of stories, and the words that decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirewatch.topics import rules
from wirewatch.topics.tagger import Tagger
from wirewatch.topics.taxonomy import NAMED_IN, TOP_LEVEL, name

CONFIG = Path(__file__).resolve().parents[2] / "config" / "topics"


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(CONFIG)


def of_rules(folder: Path, **files: str) -> Tagger:
    for stem, text in files.items():
        (folder / f"{stem}.toml").write_text(text, "utf-8")
    return Tagger.load(folder)


def test_every_topic_has_rules_in_every_language() -> None:
    loaded = rules.load(CONFIG)
    for language in NAMED_IN:
        with_rules = {
            loaded.codes[pattern.topic] for pattern in loaded.patterns[language] if pattern.points
        }
        assert with_rules >= TOP_LEVEL, language


@pytest.mark.parametrize(
    ("language", "title", "text", "code"),
    [
        (
            "en",
            "Striker signs for second-division club",
            "The midfielder scored a penalty in the semi-final "
            "of the cup and the coach praised his team.",
            "15",
        ),
        (
            "en",
            "Dockers walk out over pay",
            "The trade union said its members would strike "
            "on Friday after talks on the minimum wage failed.",
            "09",
        ),
        (
            "es",
            "El banco central sube los tipos",
            "La inflación obligó al banco central a subir "
            "los tipos de interés, dijeron economistas del mercado.",
            "04",
        ),
        (
            "de",
            "Erdbeben erschüttert die Küste",
            "Rettungskräfte suchten in den Trümmern nach "
            "Überlebenden, die Feuerwehr evakuierte ein Krankenhaus.",
            "03",
        ),
        (
            "fr",
            "Les enseignants en colère",
            "Les élèves de l'école primaire et les "
            "professeurs du lycée attendent la rentrée scolaire.",
            "05",
        ),
        (
            "ar",
            "وقف إطلاق النار في المدينة",
            "أعلن الجيش هدنة بعد غارات وقصف بالمدفعية على خط المواجهة بين المسلحين والقوات.",
            "16",
        ),
        (
            "ar",
            "الانتخابات البرلمانية",
            "توجه الناخبون إلى صناديق الاقتراع لاختيار البرلمان وسط منافسة بين الأحزاب والمعارضة.",
            "11",
        ),
        (
            "de",
            "Unwetterwarnung für den Norden",
            "Der Wetterdienst erwartet Starkregen, Gewitter "
            "und Sturmböen bei sinkenden Temperaturen.",
            "17",
        ),
    ],
)
def test_the_topic_of_a_plain_report(
    tagger: Tagger, language: str, title: str, text: str, code: str
) -> None:
    tags = tagger.tag(title, text, language)
    assert tags
    assert tags[0].code == f"medtop:{code}000000"
    assert tags[0].why
    assert 0 < tags[0].score < 1


def test_no_topic_from_weak_words_or_unknown_languages(tagger: Tagger) -> None:
    assert tagger.tag("A day", "People walked home. It was a year with leaders.", "en") == ()
    assert tagger.tag("Striker scores", "football goalkeeper cup semi-final", "sw") == ()
    assert tagger.tag("", "", "en") == ()


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("sport law law law", ["02"]),
        ("sport sport law law law", ["02", "15"]),
        ("sport sport law law law war war", ["02", "15"]),
        ("sport sport sport law law law war war", ["02", "15"]),
        ("sport law war work", ["02", "09", "15"]),
    ],
)
def test_further_topics_need_a_share_of_the_best_one(
    tmp_path: Path, words: str, given: list[str]
) -> None:
    files = {
        word: f'code = "medtop:{number}000000"\n[en]\nstrong = "{word}"\n'
        for word, number in (("sport", "15"), ("law", "02"), ("war", "16"), ("work", "09"))
    }
    tags = of_rules(tmp_path, **files).tag("", words, "en")
    assert [tag.code for tag in tags] == [f"medtop:{number}000000" for number in given]
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)


def test_the_title_counts_more_and_regional_tags_are_read(tagger: Tagger) -> None:
    text = "The club said so. " + "Nothing else was said about it. " * 10
    assert tagger.tag("", text, "en") == ()
    tag = tagger.tag("Goalkeeper leaves", text, "en-GB")[0]
    assert tag.code == "medtop:15000000"
    assert tag.why[0].startswith("words: goalkeeper")


def test_against_takes_away_what_a_phrase_gave(tmp_path: Path) -> None:
    labour = 'code = "medtop:09000000"\n[en]\nstrong = "strike*, union"\nagainst = "air strike*"\n'
    tagger = of_rules(tmp_path, labour=labour)
    assert tagger.tag("Strike of the union", "", "en")
    assert tagger.tag("Air strike", "The air strikes and the air strike.", "en") == ()


def test_stars_stand_for_beginnings_and_endings(tmp_path: Path) -> None:
    tagger = of_rules(
        tmp_path, war='code = "medtop:16000000"\n[de]\nstrong = "*krieg, krieg, panzer*"\n'
    )
    for word in ("Bürgerkrieg", "Krieg", "Panzerkolonne"):
        assert tagger.tag(word, "", "de"), word
    for word in ("Kriegerin", "Schützenpanzer"):
        assert not tagger.tag(word, "", "de"), word


def test_arabic_is_matched_without_article_particles_and_marks(tmp_path: Path) -> None:
    tagger = of_rules(tmp_path, war='code = "medtop:16000000"\n[ar]\nstrong = "هدنة"\n')
    for word in ("هدنة", "الهدنة", "والهدنة", "بالهدنة", "للهدنة", "هُدْنَة"):
        assert tagger.tag(word, "", "ar"), word


def test_wrong_rules_are_all_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('code = "medtop:99000000"\n')
    (tmp_path / "b.toml").write_text(
        'code = "medtop:15000000"\n\n[en]\nstrong = "goal, *ab, a b c d e f g"\nloud = "x"\n'
        'medium = "goal"\n[xx]\nstrong = "y"\n'
    )
    (tmp_path / "c.toml").write_text("code = [\n")
    (tmp_path / "d.toml").write_text('code = "medtop:15000000"\n')
    with pytest.raises(rules.BadRules) as caught:
        rules.load(tmp_path)
    told = "\n".join(caught.value.problems)
    assert "a.toml:1: code 'medtop:99000000'" in told
    assert "b.toml:4: '*ab'" in told
    assert "'a b c d e f g' must have" in told
    assert "b.toml:5: loud is none of" in told
    assert "'goal' stands twice" in told
    assert "b.toml:7: [xx]" in told
    assert "c.toml: not valid TOML" in told
    assert "d.toml:1: medtop:15000000 has rules already" in told
    assert len(caught.value.problems) == 8


def test_a_folder_without_rules_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(rules.BadRules, match="no rule file"):
        rules.load(tmp_path)


def test_names_fall_back_to_english() -> None:
    assert name("medtop:15000000", "de") == "Sport"
    assert name("medtop:17000000", "sw") == "weather"
    with pytest.raises(KeyError):
        name("medtop:99000000")


def test_hostile_text_is_bounded_and_the_same_every_time(tagger: Tagger) -> None:
    text = "football " * 200_000 + "\x00\ud800" + "x" * 1_000_000
    first = tagger.tag("t" * 100_000, text, "en")
    assert first == tagger.tag("t" * 100_000, text, "en")
    assert first[0].code == "medtop:15000000"
