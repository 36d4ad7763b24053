"""Analysis by language: every analyzer that Elasticsearch has, each on words of its language."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.indices import store_of
from wirewatch.settings import project_root
from wirewatch.store import Store

# The language analyzers of Elasticsearch's reference, without "cjk"'s three languages' names.
ANALYZERS = """
arabic armenian basque bengali brazilian bulgarian catalan cjk czech danish dutch english estonian
finnish french galician german greek hindi hungarian indonesian irish italian latvian lithuanian
norwegian persian portuguese romanian russian serbian sorani spanish swedish turkish thai
"""


def languages() -> dict[str, dict[str, object]]:
    file = project_root() / "config" / "elasticsearch" / "languages.json"
    found: dict[str, dict[str, object]] = json.loads(file.read_text("utf-8"))["languages"]
    return found


def test_every_language_analyzer_is_there_and_one_for_the_rest() -> None:
    named = sorted(str(one["analyzer"]) for one in languages().values())
    assert named == sorted([*ANALYZERS.split(), "folded"])


@pytest.fixture(scope="module")
def made(es_url: str) -> Iterator[Store]:
    """A store of which only the index of stories matters."""
    with store_of(es_url) as store:
        yield store


def tokens(store: Store, field: str, text: str) -> list[str]:
    answer = store.es.indices.analyze(
        index=f"{store.prefix}-stories-0000.00", field=field, text=text
    )
    return [token["token"] for token in answer["tokens"]]


# Of each language two forms of one word that a reader takes for the same, and a third word that
# is another: the forms meet in one token, the other word does not.
FORMS = [
    ("ar", "الانتخابات", "انتخابات", "المدينة"),
    ("bg", "градовете", "градове", "вода"),
    ("bn", "নির্বাচনের", "নির্বাচনে", "শহর"),
    ("ca", "l'eleccions", "eleccions", "ciutat"),
    ("ckb", "پیاوەکان", "پیاو", "شار"),
    ("cs", "volbami", "volby", "město"),
    ("da", "valgene", "valgets", "byen"),
    ("de", "Häuser", "Hauses", "Wahl"),
    ("el", "εκλογές", "εκλογών", "πόλη"),
    ("en", "elections", "election", "city"),
    ("es", "elecciones", "elección", "ciudad"),
    ("et", "valimised", "valimiste", "linn"),
    ("eu", "hauteskundeak", "hauteskundeen", "hiria"),
    ("fa", "انتخابات", "إنتخابات", "شهر"),
    ("fi", "vaaleissa", "vaaleista", "kaupunki"),
    ("fr", "l'élection", "élections", "ville"),
    ("ga", "toghchánach", "toghchán", "cathair"),
    ("gl", "eleccións", "elección", "cidade"),
    ("hi", "चुनावों", "चुनाव", "शहर"),
    ("hu", "választások", "választás", "város"),
    ("hy", "ընտրությունների", "ընտրություններ", "քաղաք"),
    ("id", "pemilihan", "memilih", "kota"),
    ("it", "l'elezione", "elezioni", "città"),
    ("lt", "rinkimai", "rinkimų", "miestas"),
    ("lv", "vēlēšanas", "vēlēšanām", "pilsēta"),
    ("nl", "verkiezingen", "verkiezing", "stad"),
    ("no", "valgene", "valgets", "byen"),
    ("pt", "eleições", "eleição", "cidade"),
    ("pt_br", "governos", "governo", "cidade"),
    ("ro", "alegerile", "alegerilor", "oraș"),
    ("ru", "выборы", "выборов", "город"),
    ("sr", "избори", "izbori", "grad"),
    ("sv", "valens", "valen", "staden"),
    ("th", "การเลือกตั้ง", "การเลือกตั้ง", "เมือง"),
    ("tr", "seçimler", "seçimlerde", "şehir"),
]


@pytest.mark.es
def test_every_language_is_shown_below() -> None:
    assert {key for key, *_ in FORMS} | {"cjk", "other"} == set(languages())


@pytest.mark.es
@pytest.mark.parametrize(("key", "one", "same", "other"), FORMS, ids=[row[0] for row in FORMS])
def test_forms_of_a_word_meet_and_other_words_do_not(
    made: Store, key: str, one: str, same: str, other: str
) -> None:
    stem = tokens(made, f"text.{key}", one)
    assert stem
    assert stem == tokens(made, f"text.{key}", same)
    assert stem != tokens(made, f"text.{key}", other)
    assert tokens(made, f"title.{key}", one) == stem


@pytest.mark.es
@pytest.mark.parametrize(("key", "one", "same", "other"), FORMS, ids=[row[0] for row in FORMS])
def test_the_exact_sub_field_keeps_forms_apart_and_folds(
    made: Store, key: str, one: str, same: str, other: str
) -> None:
    exact = tokens(made, f"text.{key}.exact", one)
    assert exact == tokens(made, f"text.{key}.exact", one.upper().lower())
    if one != same and key not in ("fa", "sr"):  # two spellings of one word, not two forms
        assert exact != tokens(made, f"text.{key}.exact", same)


@pytest.mark.es
@pytest.mark.parametrize(
    ("key", "stop"),
    [("en", "the"), ("de", "und"), ("fr", "les"), ("ru", "и"), ("ar", "من"), ("hi", "और")],
)
def test_stop_words_are_kept_in_the_exact_sub_field_only(made: Store, key: str, stop: str) -> None:
    assert tokens(made, f"text.{key}", stop) == []
    assert len(tokens(made, f"text.{key}.exact", stop)) == 1


@pytest.mark.es
def test_chinese_japanese_and_korean_are_pairs_of_signs(made: Store) -> None:
    assert tokens(made, "text.cjk", "北京大学") == ["北京", "京大", "大学"]
    assert tokens(made, "text.cjk", "東京オリンピック")[:2] == ["東京", "京オ"]
    assert tokens(made, "text.cjk", "서울 시장") == ["서울", "시장"]
    assert tokens(made, "text.cjk", "ＮＡＴＯ") == ["nato"]  # full-width letters


@pytest.mark.es
@pytest.mark.parametrize(
    ("text", "folded"),
    [("Halalán", "halalan"), ("Łukasz", "lukasz"), ("Đặng", "dang"), ("ΑΘΉΝΑ", "αθήνα")],
)
def test_any_other_language_is_folded(made: Store, text: str, folded: str) -> None:
    assert tokens(made, "text.other", text) == [folded]


def look_alikes() -> list[str]:
    """Every sign that is taken for an apostrophe, as the configuration names it."""
    file = project_root() / "config" / "elasticsearch" / "languages.json"
    named = json.loads(file.read_text("utf-8"))["char_filters"]
    kept = [chr(int(one[2:6], 16)) for one in named["apostrophes_kept"]["mappings"]]
    parted = [chr(int(one[2:6], 16)) for one in named["apostrophes_parted"]["mappings"]]
    assert sorted(["'", ":", *kept]) == sorted(parted)
    return ["'", *kept]


# A word with an apostrophe in it, and how it is kept: whole, or without what is cut off there.
CUT = [
    ("ca", "l'Ajuntament", "ajunt"),
    ("en", "Vance's", "vanc"),
    ("en", "O'Hara", "o'hara"),
    ("fr", "qu'Irène", "iren"),
    ("ga", "d'imigh", "imigh"),
    ("it", "quest'accordo", "accord"),
    ("it", "l'accordo", "accord"),
    ("ru", "м'яч", "м'яч"),  # Ukrainian
    ("tr", "Bursa'nın", "bur"),
    ("tr", "L'Express'in", "l'express"),
    ("tr", "D'Alba", "d'alba"),
]


@pytest.mark.es
@pytest.mark.parametrize(("key", "word", "token"), CUT)
def test_what_a_language_cuts_off_at_an_apostrophe(
    made: Store, key: str, word: str, token: str
) -> None:
    for sign in look_alikes():
        assert tokens(made, f"text.{key}", word.replace("'", sign)) == [token], hex(ord(sign))


@pytest.mark.es
@pytest.mark.parametrize("key", sorted(languages()))
def test_the_exact_sub_field_begins_a_word_at_whatever_looks_like_an_apostrophe(
    made: Store, key: str
) -> None:
    for sign in look_alikes():
        field = f"title.{key}.exact"
        assert tokens(made, field, f"Vance{sign}s d{sign}Orly") == ["vance", "s", "d", "orly"]
    assert tokens(made, f"title.{key}.exact", "EU:n") == ["eu", "n"]


@pytest.mark.es
@pytest.mark.parametrize(
    ("key", "text", "first"),
    [
        ("cjk", "‘새길당’이", "새길"),
        ("da", "WHO’s", "who"),
        ("et", "Blake'i", "blake"),
        ("fi", "WHO:n", "who"),
        ("other", "d'Stad", "d"),
        ("sv", "WHO:s", "who"),
    ],
)
def test_a_language_without_rules_of_its_own_begins_a_word_there(
    made: Store, key: str, text: str, first: str
) -> None:
    assert tokens(made, f"text.{key}", text)[0] == first
