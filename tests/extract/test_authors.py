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
