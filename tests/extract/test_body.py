"""The shortened way through trafilatura gives what its own sequence gives."""

from __future__ import annotations

from copy import copy

import pytest

from tests.extract.pages import BODY, html, paragraphs
from wirewatch.extract import body
from wirewatch.extract.lines import is_furniture
from wirewatch.extract.tree import parse

LONG = tuple(f"{text} ({n})" for n in range(4) for text in BODY)
COMMENTS = (
    "<div id='comments'><p>I crossed it every day as a child, and so did my mother.</p></div>"
)


@pytest.mark.parametrize(
    "shape",
    [
        "<article><h1>Council rebuilds bridge</h1>{body}</article>",
        "<div class='content'><h1>Council rebuilds bridge</h1>{body}</div><footer>Imprint</footer>",
        "<main>{body}"
        + COMMENTS
        + "</main><aside><ul><li><a href='/x'>Other</a></li></ul></aside>",
        "<article>{body}<ul><li>first point of it</li><li>second point</li></ul></article>",
        "<article>{body}<table><tr><th>Year</th><th>Cost</th></tr></table></article>",
        "<div>{body}<ol class='comment-list'><li>I crossed it every day.</li></ol></div>",
        "<table><tr><td>{body}</td></tr></table>",
        "<div class='infinite-scroll'><h2>Another</h2><p>Another one.</p></div>{body}",
    ],
)
def test_one_pass_is_the_sequence(shape: str) -> None:
    tree = parse(html(body=shape.format(body=paragraphs(LONG))).decode())
    assert tree is not None
    whole = body._sequence(tree, fast=True)
    text, _ = body._one_pass(copy(tree))
    assert text == whole
    assert LONG[-1] in text
    assert "crossed it" not in text


def test_the_tree_stays_as_it_is() -> None:
    tree = parse(html().decode())
    assert tree is not None
    count = len(list(tree.iter()))
    assert body.paragraphs(tree) == body.paragraphs(tree)
    assert len(list(tree.iter())) == count


@pytest.mark.parametrize(
    "line",
    [
        "Read more: the bridges of Hallam",
        "RELATED STORIES",
        "Sign up for our morning newsletter",
        "Lesen Sie auch: Die Brücken",
        "Mehr zum Thema",
        "Lea también: Los puentes",
        "Te puede interesar",
        "Lire aussi : les ponts",
        "Publicité",
        "اقرأ أيضا: الجسور",
        "© 2026 Hallam Courier",
        "Todos los derechos reservados.",
        "12 comments",
    ],
)
def test_furniture(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        *BODY,
        "Read the letter that the mayor wrote to the ferrymen.",
        "Shares fell by 3 per cent.",
        "Related parties were paid twice, the court found.",
        "Subscribers to the old line will be moved.",
        "Weiter sagte er nichts.",
        "Más de cien vecinos protestaron.",
        "Comments were invited until May.",
        "Zum Thema Brücke wollte der Rat sich nicht äußern.",
        "شارك آلاف الأشخاص في المظاهرة وسط العاصمة.",
        "Recommended doses were halved.",
        "Advertisement revenue fell again.",
    ],
)
def test_prose_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_a_table_that_lays_out_the_page_is_no_table_of_figures() -> None:
    page = f"""<table><tr><td><a href="/a">Home</a><br><a href="/b">Politics</a></td>
        <td><h1>Rates</h1>{paragraphs(LONG)}</td>
        <td><b>Related</b><a href="/c">Other news of the day</a></td></tr></table>"""
    tree = parse(html(body=page).decode())
    assert tree is not None
    found = body.paragraphs(tree)
    assert found == list(LONG)


def test_a_table_of_figures_stays_one() -> None:
    rows = "".join(f"<tr><td>Town {number}</td><td>{number}.5</td></tr>" for number in range(5))
    page = f"<article>{paragraphs(LONG)}<table>{rows}</table></article>"
    tree = parse(html(body=page).decode())
    assert tree is not None
    assert any("Town 3" in line and "3.5" in line for line in body.paragraphs(tree))
