"""Prose that the engine passes over, put back where the page shows it."""

from __future__ import annotations

import pytest

from tests.extract.pages import html, paragraphs
from wirewatch.extract import body
from wirewatch.extract.lines import Line
from wirewatch.extract.missing import with_missing
from wirewatch.extract.tree import parse

HOST = "news.example.org"
TEXTS = tuple(
    f"{opening} had been asked by the harbour master of Tarn to say what the new cranes will cost, "
    f"and answered in a letter of {end}."
    for opening, end in (
        ("The shipyard", "nine pages, with drawings of the quay by the founder's daughter"),
        ("A bank in Merrow", "one sentence, which its board had spent two evenings on"),
        ("The union", "thanks, in which it named every member who had lost a finger"),
        ("Two engineers", "forty pages on the weight of mud that nobody has read so far"),
        ("The ministry", "refusal, since the law on harbours knows no cranes at all"),
        ("A museum", "regret that the old ones are to be melted down before the spring"),
        ("The fishermen", "complaint about the noise, signed by all but one of the crews"),
        ("An insurer", "figures that were wrong by a factor of ten, as it said later"),
    )
)
LATER = (
    "<h2>What the letters say</h2>"
    + paragraphs(TEXTS[4:])
    + "<ul><li>one crane of forty tons</li><li>two of twelve tons</li></ul>"
    + "<p>So far nobody objected.</p>"
)
LATER_LINES = [
    "What the letters say",
    *TEXTS[4:],
    "one crane of forty tons",
    "two of twelve tons",
    "So far nobody objected.",
]


def read(page: str, stated: str = "") -> list[str]:
    tree = parse(html(body=page).decode())
    assert tree is not None
    return [line.text for line in body.paragraphs(tree, HOST, stated)]


@pytest.mark.parametrize(
    "container",
    [
        "<div class='story-body'>{}</div>",
        "<div class='entry-content col-8'>{}</div>",
        "<div itemprop='articleBody'>{}</div>",
        "<section class='articleText'>{}</section>",
        "<article>{}</article>",
    ],
)
def test_a_body_in_two_containers_is_whole(container: str) -> None:
    first, second = container.format(paragraphs(TEXTS[:4])), container.format(LATER)
    page = f"<main><h1>Cranes</h1>{first}<div class=ad><a href=/x>Advert</a></div>{second}</main>"
    assert [line for line in read(page) if line != "Cranes"] == [*TEXTS[:4], *LATER_LINES]


def test_another_article_in_a_like_container_stays_out() -> None:
    first = f"<div class='story-body'><h1>Cranes</h1>{paragraphs(TEXTS[:4])}</div>"
    for head in ("<h1>Ferries</h1>", "<h2><a href='/ferries'>Ferries</a></h2>"):
        other = f"<div class='story-body'>{head}{paragraphs(TEXTS[4:])}</div>"
        found = read(f"<main>{first}{other}</main>")
        assert not set(TEXTS[4:]) & set(found)


@pytest.mark.parametrize("name", ["teaser-text teaser", "article-lead", "intro", "perex"])
def test_an_opening_in_a_container_of_its_own_comes_first(name: str) -> None:
    page = (
        f"<article><h1>Cranes</h1><div class='{name}'>{paragraphs(TEXTS[:2])}</div>"
        f"<div class='remainder'>{paragraphs(TEXTS[2:])}</div></article>"
    )
    assert [line for line in read(page) if line != "Cranes"] == list(TEXTS)


def test_a_teaser_behind_the_text_stays_out() -> None:
    page = (
        f"<article><h1>Cranes</h1><div class='entry-content'>{paragraphs(TEXTS[:5])}</div>"
        f"<div class='teaser'>{paragraphs(TEXTS[5:6])}</div>"
        f"<div class='related-stories'>{paragraphs(TEXTS[6:7])}</div>"
        f"<aside>{paragraphs(TEXTS[7:])}</aside></article>"
    )
    assert not set(TEXTS[5:]) & set(read(page))


@pytest.mark.parametrize("wrap", ["{}", "<article>{}</article>", "<div class='content'>{}</div>"])
def test_a_list_among_paragraphs_stays(wrap: str) -> None:
    items = ["The north quay gets one crane", "The south quay gets two", "The dock gets none"]
    made = "".join(f"<li>{item}</li>" for item in items)
    page = wrap.format(f"{paragraphs(TEXTS[:3])}<ol>{made}</ol>{paragraphs(TEXTS[3:])}")
    assert read(page) == [*TEXTS[:3], *items, *TEXTS[3:]]


def linked(texts: list[str]) -> str:
    return "".join(f"<li><a href='/{n}'>{text}</a></li>" for n, text in enumerate(texts))


@pytest.mark.parametrize("announced", ["These yards made an offer:", "Es boten:"])
def test_a_list_of_links_stays_where_a_sentence_announces_it(announced: str) -> None:
    items = ["Aldous and Daughters", "Brack Cranes", "Corvin Steel Works of the North Bank"]
    page = (
        f"<article>{paragraphs(TEXTS[:3])}<p>{announced}</p><ul>{linked(items)}</ul>"
        f"{paragraphs(TEXTS[3:])}</article>"
    )
    assert read(page) == [*TEXTS[:3], announced, *items, *TEXTS[3:]]


def test_a_list_of_other_reports_goes() -> None:
    items = ["The ferry that nobody wanted any more", "Ten harbours to see before they close"]
    for announced in ("Read more:", "Lesen Sie auch:", ""):
        page = (
            f"<article>{paragraphs(TEXTS[:4])}<p>{announced}</p><ul>{linked(items)}</ul>"
            f"{paragraphs(TEXTS[4:])}</article>"
        )
        assert not set(items) & set(read(page))


def test_what_other_sources_have_of_the_article_is_taken_from_the_page() -> None:
    page = (
        f"<article><h1>Cranes</h1><div class='entry-content'>{paragraphs(TEXTS[:5])}</div>"
        f"</article><div class='x'>{paragraphs(TEXTS[5:])}</div>"
    )
    assert not set(TEXTS[5:]) & set(read(page))
    found = read(page, stated="\n".join(TEXTS[3:7]))
    assert [text in found for text in TEXTS[5:]] == [True, True, False]


def test_nothing_found_stays_nothing() -> None:
    tree = parse(html(body=paragraphs(TEXTS)).decode())
    assert tree is not None
    assert with_missing([], tree) == []
    assert with_missing([Line("Cranes", "p")], tree) == [Line("Cranes", "p")]
