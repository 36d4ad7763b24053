"""Headlines of other reports behind their heading."""

from __future__ import annotations

import pytest

from tests.extract.pages import BODY
from wirewatch.extract.lines import Line, is_furniture
from wirewatch.extract.related import is_heading, without_related

TOLD = [Line(text, "p") for text in BODY]
OTHERS = [
    Line("Ferry service to Tarn ends in May", "p"),
    Line("Who stole the bells of Merrow?", "p"),
    Line("Pension fund lost four million", "p"),
]


@pytest.mark.parametrize(
    "heading",
    [
        "Related news", "RELATED STORIES:", "More from Hallam Courier", "Most read", "Read also",
        "You may also like", "Mehr zum Thema", "Weitere Meldungen",
        "Das könnte Sie auch interessieren",
        "Noticias relacionadas", "Te puede interesar", "Sur le même sujet", "Lire aussi :",
        "Leggi anche", "Leia também", "Lees ook", "Läs också", "Czytaj też", "Читайте также",
        "По теме", "اقرأ أيضا", "यह भी पढ़ें", "関連記事", "相关阅读", "관련 기사",
        "Ilgili haberler", "Baca juga", "Σχετικά άρθρα",
    ],
)  # fmt: skip
def test_the_headlines_behind_a_heading_go_with_it(heading: str) -> None:
    assert is_heading(heading)
    lines = [*TOLD[:2], Line(heading, "p"), *OTHERS, TOLD[2]]
    assert without_related(lines) == TOLD
    assert without_related([*TOLD, Line(heading, "head"), *OTHERS]) == TOLD


@pytest.mark.parametrize(
    "line",
    ["Related parties were paid twice", "The latest news from the front is grim",
     "More on this will be said in May, the mayor promised", "Mehr zum Thema sagte er nicht"],
)  # fmt: skip
def test_a_line_of_prose_is_no_heading(line: str) -> None:
    assert not is_heading(line)


def test_the_reports_own_heading_or_question_before_its_prose_stays() -> None:
    for own in (Line("What happens now", "head"), Line("What happens now?", "p")):
        lines = [TOLD[0], Line("Read more", "p"), OTHERS[0], own, *TOLD[1:]]
        assert without_related(lines) == [TOLD[0], own, *TOLD[1:]]
        assert without_related([TOLD[0], Line("Read more", "p"), own, *TOLD[1:]])[1] == own


def test_a_long_run_of_short_lines_is_the_reports_own() -> None:
    results = [Line(f"Hallam {n} Tarn 0", "p") for n in range(20)]
    assert without_related([*TOLD, Line("Most read", "p"), *results]) == [*TOLD, *results]


def test_an_embedded_gallery_goes_and_a_page_that_is_one_stays() -> None:
    captions = [Line(f"{n}/6 The bridge in the year of 190{n}", "p") for n in range(1, 7)]
    long = [*TOLD, *TOLD]
    assert without_related([*long, *captions]) == long
    assert without_related(captions) == captions


@pytest.mark.parametrize(
    "line",
    [
        "It is licensed to this title by Northwire.",
        "This report is syndicated to subscribers of the agency.",
        "This story was republished under a Creative Commons licence from The Dialogue.",
        "This material may not be published, broadcast, rewritten or redistributed.",
        "Reproduction in whole or in part is prohibited without the publisher's consent.",
        "Nachdruck nur mit schriftlicher Genehmigung des Verlags.",
        "Prohibida la reproducción total o parcial de este texto.",
        "Toute reproduction interdite sans accord.",
        "Перепечатка материалов запрещена.",
        "未经授权不得转载",
        "無断転載を禁じます",
        "무단 전재 및 재배포 금지",
        "Terms and conditions apply.",
        "posted on April 21, 2025, at 11:29 a.m.",
        "Zuletzt aktualisiert: 3 März 2026, 14:05 Uhr",
        "The post Cranes for Tarn appeared first on Hallam Courier.",
    ],
)
def test_lines_on_licences_terms_and_times_are_furniture(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "It is licensed to carry forty lorries.",
        "The figures were published under the law on free information.",
        "The judge said the letters cannot be used in court.",
        "The newspaper was licensed in 1921.",
        "What cannot be copied is the taste, says the baker.",
        "The terms of the loan are secret.",
        "Published in 1921, it sold well.",
        "Published in 1921 and long forgotten, the novel was found in a barn near Merrow again.",
    ],
)
def test_prose_on_licences_stays(line: str) -> None:
    assert not is_furniture(line)
