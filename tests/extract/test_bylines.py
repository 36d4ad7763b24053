"""Pages' marks, links and words to authors."""

from __future__ import annotations

import json

import pytest

from tests.extract.pages import BODY, html, job, ld, paragraphs
from wirewatch.extract.article import read
from wirewatch.extract.evidence import gather
from wirewatch.extract.metadata import Metadata
from wirewatch.extract.metadata import read as read_metadata
from wirewatch.extract.tree import parse
from wirewatch.records import Entry
from wirewatch.settings import load


def known(body: bytes, url: str = "https://news.example.org/region/bridge", entry: Entry | None = None) -> Metadata:  # noqa: E501  # fmt: skip
    tree = parse(body.decode())
    assert tree is not None
    given = job(body)
    return read_metadata(tree, gather(tree), entry, url, "Hallam Courier", given.fetched)


def page(byline: str, head: str = "", end: str = "") -> bytes:
    body = f"<article><h1>Council rebuilds bridge</h1>{byline}{paragraphs()}{end}</article>"
    return html(head, body)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("<a rel='author' href='/x'>Jana Vogt</a>", ["Jana Vogt"]),
        ("<span itemprop='author'><b itemprop='name'>Jana Vogt</b> writes</span>", ["Jana Vogt"]),
        ("<span class='author vcard'><a class='fn'>Jana Vogt</a></span>", ["Jana Vogt"]),
        ("<p class='byline'>Von Jana Vogt und Tom Kern</p>", ["Jana Vogt", "Tom Kern"]),
        ("<p class='autor'>Autorin: Jana Vogt</p>", ["Jana Vogt"]),
        ("<p class='meta'>Datum: 3.11.2026 Autor: Jana Vogt Quelle: dpa</p>", []),
        ("<p class='author-date'>Datum: 3.11.2026 Autor: Jana Vogt Quelle: dpa</p>", ["Jana Vogt"]),
        ("<p><a href='/autoren/jana-vogt'>Jana Vogt</a></p>", ["Jana Vogt"]),
        ("<p><a href='/about/newsteam/jana-vogt'>Jana Vogt</a></p>", ["Jana Vogt"]),
        ("<p><a href='/topics/jana-vogt'>Jana Vogt</a></p>", []),
        ("<p>By <b>Jana Vogt</b></p>", ["Jana Vogt"]),
        ("<p><em>Eine Kolumne von Jana Vogt</em></p>", ["Jana Vogt"]),
        ("<p>21.11.2026 - Jana Vogt</p>", ["Jana Vogt"]),
        ("<p>przez Jana Vogt</p>", ["Jana Vogt"]),
        ("<p>Par Jana Vogt et Tom Kern</p>", ["Jana Vogt", "Tom Kern"]),
        ("<p>A cura di Jana Vogt</p>", ["Jana Vogt"]),
        ("<p class='author'>Courier-Redakteurin Jana Vogt</p>", ["Jana Vogt"]),
        ("<p class='author'>Jana Vogt Chefredakteurin</p>", ["Jana Vogt"]),
        ("<p class='author'>Jana Vogt im Gespräch mit Tom Kern</p>", ["Jana Vogt", "Tom Kern"]),
        ("<p class='author'>Christoph von Altdorf</p>", ["Christoph von Altdorf"]),
        ("<p>Von der Brücke bis zum Markt</p>", []),
        ("<p>Photo: Jana Vogt</p>", []),
        ("<p class='author'>Redaktion</p>", []),
        ("<p class='author'>By Staff Writer</p>", []),
        ("<p class='author'>Hallam Courier</p>", []),
        ("<p class='author'>newsroom@news.example.org</p>", []),
    ],
)
def test_bylines_that_a_page_shows(byline: str, names: list[str]) -> None:
    assert list(known(page(byline)).authors) == names


def test_several_marked_elements_in_one_place_are_one_byline() -> None:
    byline = "<p>By <a rel=author href=/1>Jana Vogt</a> and <a rel=author href=/2>Tom Kern</a></p>"
    teaser = "<div class='teaser'><a rel=author href=/3>Ines Albrecht</a></div>"
    found = known(page(byline, end=teaser))
    assert (found.authors, found.authors_source) == (("Jana Vogt", "Tom Kern"), "byline")


def test_who_comments_is_no_author() -> None:
    comments = (
        "<ol class='comments'><li id='comment-1'><cite class='fn'>river_rat</cite>"
        "<span class='comment-author vcard'>Tom Kern</span><p>By Ines Albrecht</p></li></ol>"
    )
    assert known(page("", end=comments)).authors == ()


@pytest.mark.parametrize(
    ("byline", "name"),
    [
        ("<span class='author vcard'><a class='fn'>river_rat</a></span>", "river_rat"),
        ("<a rel='author' href='/author/tine/'>Tine</a>", "Tine"),
        ("<p class='entry-author'>Posted by tine</p>", "tine"),
        ("<p><a href='/author/tine/'>tine</a></p>", "tine"),
        ("<p><a href='/tag/tine/'>tine</a></p>", ""),
        ("<span class='author vcard'>admin</span>", ""),
        ("<span class='author vcard'>Webteam</span>", ""),
        ("<span class='author vcard'>AFP</span>", ""),
        ("<span class='author vcard'>hallamcourier</span>", ""),
    ],
)
def test_a_pen_name_is_kept_where_no_person_is_named(byline: str, name: str) -> None:
    assert "".join(known(page(byline)).authors) == name


def test_a_person_is_preferred_to_a_pen_name() -> None:
    byline = "<span class='author vcard'>Jana</span><p><i>Eine Kolumne von Jana Vogt</i></p>"
    assert known(page(byline)).authors == ("Jana Vogt",)
    head = '<meta name="author" content="jvogt">'
    assert known(page("<p class=byline>By Jana Vogt</p>", head)).authors == ("Jana Vogt",)


def test_on_a_host_of_blogs_the_sites_name_is_its_authors() -> None:
    byline = "<span class='author vcard'>riverrat</span>"
    body = page(byline, '<meta property="og:site_name" content="Riverrat">')
    assert known(body, "https://riverrat.wordpress.com/2026/11/bridge").authors == ("riverrat",)
    assert known(body, "https://riverrat.example.org/2026/11/bridge").authors == ()


def test_a_persons_own_site_may_have_their_name_and_an_outlet_not() -> None:
    person = {"@type": "Person", "name": "Jana Vogt"}
    head = '<meta property="og:site_name" content="Jana Vogt">'
    assert known(page("", head + ld(headline="x", author=person))).authors == ("Jana Vogt",)
    outlet = {"@type": "Organization", "name": "Jana Vogt"}
    stated = ld(headline="x", author=person, publisher=outlet)
    assert known(page("", head + stated)).authors == ()


def test_a_second_author_that_another_source_adds() -> None:
    head = ld(headline="x", author={"@type": "Person", "name": "Jana Vogt"})
    found = known(page("<p class=byline>By Jana Vogt and Tom Kern</p>", head))
    assert (found.authors, found.authors_source) == (("Jana Vogt", "Tom Kern"), "json-ld")
    aside = "<p class=byline>By Jana Vogt, Speech and Privacy Project</p>"
    assert known(page(aside, head)).authors == ("Jana Vogt",)


def test_labelled_card_data_and_feed_authors() -> None:
    card = '<meta name="twitter:label1" content="Verfasst von">'
    card += '<meta name="twitter:data1" content="Jana Vogt">'
    assert known(page("", card)).authors == ("Jana Vogt",)
    card = card.replace("Verfasst von", "Lesezeit")
    assert known(page("", card)).authors == ()
    found = known(page(""), entry=Entry(feed_id="f", authors=("Tom Kern",)))
    assert (found.authors, found.authors_source) == (("Tom Kern",), "feed")


def test_who_made_the_template_is_no_author() -> None:
    head = '<meta name="author" content="Tom Kern - http://kern.example">'
    assert known(page("", head)).authors == ()


def test_bylines_stay_credits_for_agency_detection() -> None:
    article, refused = read(job(page("<p class='byline'>By Reuters Staff</p>")), load({}))
    assert article is not None
    assert refused is None
    assert article.authors == ()
    assert any("Reuters" in line for line in article.credits)
    assert article.text.split("\n")[-1] == BODY[-1]


def test_a_teasers_byline_is_not_the_pages() -> None:
    teaser = (
        "<div><h3><a href='/port'>Harbour strike enters second week</a></h3>"
        "<span class='author vcard'>Tom Kern</span></div>"
    )
    assert known(page("", end=teaser)).authors == ()
    own = "<span class='author vcard'>Jana Vogt</span>"
    assert known(page(own, end=teaser)).authors == ("Jana Vogt",)


def test_a_menus_columnists_come_after_the_pages_own_byline() -> None:
    menu = "<p><a href='/authors/tom-kern'>Tom Kern</a></p>"
    menu = f"<div><div><div><div>{menu}</div></div></div></div>"
    own = "<article><h1>Council rebuilds bridge</h1><p class='author vcard'>Jana Vogt</p>"
    body = f"{menu}<main>{own}{paragraphs()}</article></main>"
    assert known(html("", body)).authors == ("Jana Vogt",)


def test_links_of_membership_are_no_bylines() -> None:
    link = "<p><a href='/mitgliedschaft/vorteile'>Vorteile</a></p>"
    assert known(page(link)).authors == ()


def test_opengraph_author_with_markup() -> None:
    head = (
        "<meta property='og:author' content='By &lt;a href=&quot;/j&quot;&gt;Jana Vogt&lt;/a&gt;, "
        "Tom Kern and Ida Lund'>"
    )
    assert known(page("", head)).authors == ("Jana Vogt", "Tom Kern", "Ida Lund")


def test_a_given_name_behind_posted_by_is_kept() -> None:
    assert known(page("<p>Posted by Konrad</p>")).authors == ("Konrad",)


@pytest.mark.parametrize(
    "byline",
    [
        "<dl><dt>Auteur</dt><dd><a href='/x'>Jana Vogt</a></dd></dl>",
        "<h5>Autor: </h5>Jana Vogt/HNS",
        "<div><h4>Author</h4><p>Jana Vogt</p></div>",
        "<p><span>Автор</span> <span>Jana Vogt</span></p>",
        "<ul><li>21 November 2026</li><li>Jana Vogt</li></ul>",
        "<p><span>Jana Vogt</span> <i>on</i> <span>21 November 2026</span></p>",
        "<a href='/profil/detail/A7M7/jana-vogt?cHash=9a67'>Jana Vogt</a>",
        "<p>Von Ja\u00adna Vogt</p>",
    ],
)
def test_names_beside_a_label_or_a_day_and_links_to_people(byline: str) -> None:
    assert known(page(byline)).authors == ("Jana Vogt",)


@pytest.mark.parametrize(
    "byline",
    [
        "<p>21 November 2026</p><p>Hallam Bridge Over The Orla River</p>",
        "<p>© Jana Vogt, 21.11.2026</p><figcaption>Hallam Bridge</figcaption>",
        "<h4>Author</h4><p>Share this on all networks</p>",
    ],
)
def test_other_words_beside_a_label_or_a_day_are_no_names(byline: str) -> None:
    assert known(page(byline)).authors == ()


def among_others(byline: str, others: str, head: str = "") -> tuple[str, ...]:
    """The authors of an article with what stands behind it on its page."""
    article = f"<article><h1>Council rebuilds bridge</h1>{byline}{paragraphs()}</article>"
    return known(html(head, f"<main><div>{article}</div></main>{others}")).authors


def test_behind_a_desks_byline_those_of_other_articles_stand() -> None:
    others = "<div><div><section><p class='byline'>Tom Kern</p><p>Strike</p></section></div></div>"
    assert among_others("", others) == ("Tom Kern",)
    assert among_others("<p class='byline'>By Hallam Courier Newsroom</p>", others) == ()
    assert among_others("<p class='byline'>Par la rédaction</p>", others) == ()


def test_far_bylines_count_only_where_nothing_else_names_an_author() -> None:
    others = "<aside><div><p class='author vcard'>Tom Kern</p></div></aside>"
    assert among_others("", others) == ("Tom Kern",)
    assert among_others("", others, '<meta name="author" content="Redacción">') == ()


def test_a_card_that_is_a_link_is_a_teaser() -> None:
    card = (
        "<a href='/port'><div><div><h3>Harbour strike enters second week</h3>"
        "<span class='author vcard'>Tom Kern</span></div></div></a>"
    )
    assert known(page("", end=card)).authors == ()


def test_who_wrote_it_is_preferred_to_who_entered_it() -> None:
    head = ld(headline="x", author={"@type": "Person", "name": "Ida Lund"})
    assert known(page("<p>By Jana Vogt</p>", head)).authors == ("Jana Vogt",)
    both = ld(
        headline="x", author=[{"@type": "Person", "name": n} for n in ("Ida Lund", "Tom Kern")]
    )
    assert known(page("<p>By Ida Lund</p>", both)).authors == ("Ida Lund", "Tom Kern")


def test_the_author_of_the_page_where_its_data_describe_no_article() -> None:
    person = {"@type": "Person", "@id": "#p", "name": "Jana Vogt"}
    graph = {"@graph": [{"@type": "WebPage", "author": {"@id": "#p"}}, person]}
    head = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    assert known(page("", head)).authors == ("Jana Vogt",)


def test_a_dateline_behind_an_agency_is_no_pen_name() -> None:
    assert known(page("<a rel=author href=/w>Reuters, Hallam, Nov 20 2026</a>")).authors == ()


def test_a_reader_named_after_a_site_is_no_outlet() -> None:
    byline = "<span class='author vcard'>riverblogger</span>"
    assert known(page(byline), "https://riverblog.example/1/bridge").authors == ("riverblogger",)


@pytest.mark.parametrize("name", ["dc.creator", "DC:Creator", "dcterms:creator", "page_author"])
def test_meta_tags_that_name_the_author(name: str) -> None:
    assert known(page("", f'<meta property="{name}" content="Mira Holt">')).authors == (
        "Mira Holt",
    )
