"""The shortened way through trafilatura gives what its own sequence gives."""

from __future__ import annotations

from copy import copy

import pytest

from tests.extract.pages import BODY, html, paragraphs
from wirewatch.extract import body
from wirewatch.extract.lines import Line, clean, is_furniture
from wirewatch.extract.tree import parse

LONG = tuple(f"{text} ({n})" for n in range(4) for text in BODY)
HOST = "news.example.org"
COMMENTS = (
    "<div id='comments'><p>I crossed it every day as a child, and so did my mother.</p></div>"
)


def texts(found: list[Line]) -> list[str]:
    return [line.text for line in found]


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
    found, _ = body._one_pass(copy(tree), HOST)
    assert found == whole
    text = "\n".join(texts(found))
    assert LONG[-1] in text
    assert "crossed it" not in text


def test_the_tree_stays_as_it_is_but_for_scripts() -> None:
    tree = parse(
        html(head="<script>var a</script>", body=f"{paragraphs(LONG)}<svg><g/></svg>").decode()
    )
    assert tree is not None
    count = len([one for one in tree.iter() if one.tag not in ("script", "svg", "g")])
    assert body.paragraphs(tree, HOST) == body.paragraphs(tree, HOST)
    assert len(list(tree.iter())) == count


def read(page: str) -> list[str]:
    tree = parse(html(body=page).decode())
    assert tree is not None
    return texts(body.paragraphs(tree, HOST))


def test_paragraphs_and_lists_that_only_link_to_other_reports_go() -> None:
    page = (
        f"<article>{paragraphs(LONG[:6])}"
        "<p><b><a href='/region/other'>The ferry that nobody wanted any more</a> [VIDEO]</b></p>"
        "<ul><li><a href='/a'>Ten bridges that every town should have</a></li>"
        "<li><a href='https://www.news.example.org/b'>What the river took away at night</a></li>"
        "</ul>"
        f"{paragraphs(LONG[6:])}</article>"
    )
    assert read(page) == list(LONG)


def test_links_out_of_the_site_and_within_the_page_stay() -> None:
    page = (
        f"<article>{paragraphs(LONG[:6])}"
        "<p><a href='https://example.com/minutes'>The minutes of the meeting in full</a></p>"
        "<p><a href='#costs'>How the costs of the bridge are to be shared</a></p>"
        f"{paragraphs(LONG[6:])}</article>"
    )
    found = read(page)
    assert "The minutes of the meeting in full" in found
    assert "How the costs of the bridge are to be shared" in found


@pytest.mark.parametrize(
    "name",
    ["sf_comment_list", "comentarios", "kommentare", "user-comments", "article-comments-area"],
)
def test_comments_go_in_several_languages(name: str) -> None:
    said = "<p>I crossed it every day as a child, and so did my mother, for forty years.</p>" * 3
    for attribute in ("id", "class"):
        page = f"<div class=main>{paragraphs(LONG)}<div {attribute}='{name}'>{said}</div></div>"
        assert read(page) == list(LONG)


def test_a_container_named_for_its_comments_keeps_its_article() -> None:
    page = f"<div class='post comments'><h1>Council rebuilds bridge</h1>{paragraphs(LONG)}</div>"
    assert LONG[0] in read(page)


@pytest.mark.parametrize(
    "hiding", ["style='visibility: hidden'", "style='display :none'", "role='dialog'"]
)
def test_what_the_page_hides_goes_unless_it_is_most_of_it(hiding: str) -> None:
    said = f"<div {hiding}><p>Press the Escape key to close the window of the player now.</p></div>"
    assert read(f"<article>{paragraphs(LONG)}{said}</article>") == list(LONG)
    shown_by_a_script = (
        f"<article><div style='visibility:hidden'>{paragraphs(LONG)}</div></article>"
    )
    assert read(shown_by_a_script) == list(LONG)


def test_soft_hyphens_split_no_words() -> None:
    hyphened = "<p>The town coun\u00adcil sat until mid\u200bnight.</p>"
    page = f"<article>{paragraphs(LONG)}{hyphened}</article>"
    assert read(page)[-1] == "The town council sat until midnight."


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
        "Also on northwire.example: the ferry",
        "Tell us what YOU think...",
        "Get the Courier delivered through your letterbox every month",
        "Weitere Informationen:",
        "Titelbild: Jana Vogt",
        "Síguenos en Telegram, Instagram y Facebook",
        "VEA TAMBIÉN: El puente que nadie quería",
        "Leggi anche: i ponti",
        "Veja também: as pontes",
        "Czytaj też: mosty",
        "Lees ook: de bruggen",
        "Читайте также: мосты",
        "Ada Roth contributed to this report.",
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
        "Also on Monday, the council closed the ferry.",
        "Passend dazu kündigte der Minister neue Regeln an.",
        "Auch spannend war das Rennen der Frauen.",
        "For the latest quarter, the app maker reported a loss.",
        "À voir les chiffres, la ville a raison.",
        "Weitere Züge fallen bis Freitag aus.",
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
    assert texts(body.paragraphs(tree, HOST)) == list(LONG)


def test_a_table_of_figures_stays_one() -> None:
    rows = "".join(f"<tr><td>Town {number}</td><td>{number}.5</td></tr>" for number in range(5))
    page = f"<article>{paragraphs(LONG)}<table>{rows}</table></article>"
    tree = parse(html(body=page).decode())
    assert tree is not None
    assert any("Town 3" in line and "3.5" in line for line in texts(body.paragraphs(tree, HOST)))


def test_what_introduces_the_author_or_announces_nothing_goes_from_the_end() -> None:
    told = [Line(text, "p") for text in LONG[:6]]
    end = [
        Line("Ada Roth is the Courier's correspondent in the north.", "p"),
        Line("Our readers' letters", "head"),
        Line("These pictures show the bridge:", "p"),
    ]
    assert clean([*told, *end], "Council rebuilds bridge", ["Ada Roth"]) == told
    others = [*told, Line("Ina Berg is the mayor.", "p"), Line("Orla:", "list")]
    assert clean(others, "Council rebuilds bridge", ["Ada Roth"]) == others
