"""Bylines to people's names."""

from __future__ import annotations

import pytest

from wirewatch.extract.names import people


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Jana Vogt", ["Jana Vogt"]),
        ("BY JANA VOGT AND TOM O'NEILL", ["Jana Vogt", "Tom O'neill"]),
        ("Von Jana Vogt und Tomás de la Cruz, Hallam", ["Jana Vogt", "Tomás de la Cruz"]),
        ("Por María de los Ángeles Pérez", ["María de los Ángeles Pérez"]),
        ("Par Sébastien Farcis et Anne-Marie Le Goff", ["Sébastien Farcis", "Anne-Marie Le Goff"]),
        ("بقلم: أحمد خليل وسارة منصور", ["أحمد خليل", "سارة منصور"]),
        ("Jana Vogt, Staff Writer", ["Jana Vogt"]),
        ("Jana Vogt | Northern Correspondent", ["Jana Vogt"]),
        ("Jana Vogt in Berlin", ["Jana Vogt"]),
        ("Jana Vogt (Reuters)", ["Jana Vogt"]),
        ("Jana Vogt <jana@example.org>", ["Jana Vogt"]),
        ("Text: Jana Vogt, Fotos: Redaktion", ["Jana Vogt"]),
        ("Vogt, Jana", ["Jana Vogt"]),
        ("Autor: Jana Vogt", ["Jana Vogt"]),
        ("Jana Vogt Mo, 23. November 2026", ["Jana Vogt"]),
        ("<a href='/x'>Jana Vogt</a>", ["Jana Vogt"]),
    ],
)
def test_names_in_bylines(written: str, names: list[str]) -> None:
    assert list(people([written]))[: len(names)] == names
    assert len(people([written])) <= len(names) + 1


@pytest.mark.parametrize(
    "written",
    [
        *("Reuters", "By Staff", "dpa", "Agence France-Presse", "Redaktion", "Associated Press"),
        *("Hallam Courier", "The Hallam Courier", "hallamcourier.com", "newsroom@example.org"),
        *("https://www.facebook.com/hallam", "Editorial Team", "admin", "Agencia EFE", "AFP/dpa"),
        *("رويترز", "وكالات", "Our Correspondent", "most of them quietly", "", "12", "@hallam"),
        pytest.param("x" * 3_000, id="long"),
    ],
)
def test_who_is_no_person(written: str) -> None:
    assert people([written], ["Hallam Courier", "hallamcourier.com"]) == ()


def test_a_single_word_needs_to_be_declared_a_person() -> None:
    assert people(["Northwire"]) == ()
    assert people(["Madonna"], (), {"madonna"}) == ("Madonna",)


def test_each_once_and_not_too_many() -> None:
    assert people(["Jana Vogt", "By JANA VOGT", "Jana Vogt"]) == ("Jana Vogt",)
    letters = [chr(97 + n % 26) + chr(97 + n // 26) for n in range(500)]
    assert len(people([f"Jana Vogt{letter}" for letter in letters])) == 20


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Mira Holt Follow", ["Mira Holt"]),
        ("See all posts by Mira Holt", ["Mira Holt"]),
        ("Mira Holt Alle Artikel anzeigen", ["Mira Holt"]),
        ("Mira Holt Voir tous ses articles", ["Mira Holt"]),
        ("Mira Holt Seguir", ["Mira Holt"]),
        ("Анна Ветрова Подписаться", ["Анна Ветрова"]),
        ("\U0001f469\u200d\U0001f4bb Mira Holt \u270d\ufe0f", ["Mira Holt"]),
        ("Mira Holt Mira Holt", ["Mira Holt"]),
        ("MIRA HOLT Associated Press", ["Mira Holt"]),
        ("MIRA HOLT, AP Defense Writer", ["Mira Holt"]),
        ("Mira Holt. Hallam Courier", ["Mira Holt"]),
        ("Mira Holt Thursday", ["Mira Holt"]),
        ("Prof. Mira Holt", ["Prof. Mira Holt"]),
        ("By <a href='/m'>Mira Holt</a>, Pádraig Ó Néill and <b>Tom Reve</b>, HBN",
         ["Mira Holt", "Pádraig Ó Néill", "Tom Reve"]),
        ("Text & Fotos: Mira Holt", ["Mira Holt"]),
    ],
)  # fmt: skip
def test_what_stands_around_a_name_goes(written: str, names: list[str]) -> None:
    assert list(people([written])) == names


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("문지호 기자", ["문지호"]),
        ("사회부 문지호 선임기자 구독", ["문지호"]),
        ("(대전=한빛통신) 문지호 배나래 기자", ["문지호", "배나래"]),
        ("글·사진 문지호", ["문지호"]),
        ("토머스 그린 특파원", ["토머스 그린"]),
        ("한빛일보", []),
        ("中村健二記者", ["中村健二"]),
        ("【論説委員・中村健二】", ["中村健二"]),
        ("ロンドン=中村健二", ["中村健二"]),
        ("文・中村 健二", ["中村 健二"]),
        ("マイク・グリーン", ["マイク・グリーン"]),
        ("編集部", []),
        ("东江社记者周明", ["周明"]),
        ("本报记者 周明 何丽", ["周明", "何丽"]),
        ("記者周小明／高雄報導", ["周小明"]),
        ("东江日报", []),
    ],
)
def test_offices_of_korea_japan_and_china_are_no_part_of_a_name(
    written: str, names: list[str]
) -> None:
    assert list(people([written])) == names


@pytest.mark.parametrize(
    ("written", "outlet"),
    [("The Hallam", "thehallam"), ("Neues Hallamer Tagblatt", "tagblatt")],
)
def test_an_outlet_is_no_person_under_a_longer_name(written: str, outlet: str) -> None:
    assert people([written], [outlet]) == ()
    assert people(["Mira Tagblatt"], ["tagblatt"]) == ("Mira Tagblatt",)
