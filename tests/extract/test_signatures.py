"""Names that a page gives without marking them as its author's."""

from __future__ import annotations

import pytest

from tests.extract.pages import BODY, html, ld, paragraphs
from tests.extract.test_bylines import known, page


@pytest.mark.parametrize(
    "signature",
    [
        "<p>Mira Holt</p>",
        "<p><b><i>Mira Holt</i></b></p>",
        "<p style='text-align:right'>– Mira Holt</p>",
        "<p>Mira Holt<br>Landesvorsitzende</p>",
        "<p>Mira Holt<br>3. Mai 2026</p>",
        "<p></p><p>Mira Holt</p><p>(mit dpa)</p>",
    ],
)
def test_a_name_alone_behind_the_text_signs_it(signature: str) -> None:
    assert known(page("", end=signature)).authors == ("Mira Holt",)


@pytest.mark.parametrize(
    "ending",
    [
        "<p>Top Lage!</p>",
        "<p><a href='/pdf'>Komplette Liste</a></p>",
        "<p>Neue Nutzung<br>Wohnheim mit vielen kleinen Zimmern</p>",
        "<p>Mira Holt</p><p>Tom Kern</p><p>Ida Lund</p>",
        "<p>Hallam Courier</p>",
        "<p>Mira</p>",
        f"<p>Mira Holt</p>{paragraphs()}<p>And so it ended.</p><p>They left at dawn.</p>",
    ],
)
def test_other_short_paragraphs_sign_nothing(ending: str) -> None:
    assert known(page("", end=ending)).authors == ()


def test_a_single_word_signs_where_a_day_stands_beneath() -> None:
    assert known(page("", end="<p>Tine<br>3. Mai 2026</p>")).authors == ("Tine",)


@pytest.mark.parametrize(
    "box",
    [
        "<div class='author-bio footer'><h3>Mira Holt</h3><p>{}</p></div>",
        "<div class='post-author-box'><a href='/x'>Mira Holt</a> <p>{}</p></div>",
        "<section class='about-author'><img><strong>Mira Holt</strong><p>{}</p></section>",
        "<div class='autor-info'><p>Autor</p><p>Mira Holt</p><p>{}</p></div>",
    ],
)
def test_a_box_on_the_author_names_them(box: str) -> None:
    assert known(page("", end=box.format(BODY[0]))).authors == ("Mira Holt",)


def test_boxes_on_several_authors_tell_nothing() -> None:
    box = "<div class='author-bio'><h3>{}</h3></div>"
    assert known(page("", end=box.format("Mira Holt") + box.format("Tom Kern"))).authors == ()


@pytest.mark.parametrize(
    "line",
    ["04.02.2026 | 13:10 Uhr | Mira Holt", "Mira Holt – 4 février 2026", "4 May 2026 · Mira Holt"],
)
def test_a_name_and_a_day_right_above_the_headline(line: str) -> None:
    above = (
        f"<article><small>{line}</small><h1>Council rebuilds bridge</h1>{paragraphs()}</article>"
    )
    assert known(html("", above)).authors == ("Mira Holt",)


def test_a_line_with_more_than_a_name_above_the_headline_is_none() -> None:
    for line in ("Mira Holt", "4 May 2026", "Hallam | Old Town | 4 May 2026"):
        above = f"<article><p>{line}</p><h1>Council rebuilds bridge</h1>{paragraphs()}</article>"
        assert known(html("", above)).authors == ()


@pytest.mark.parametrize(
    "byline",
    [
        "<div>Hallam<br>Von Mira Holt<br>4. Mai 2026</div>",
        "<div>Hallam<br>Por <a href='/x'>Mira Holt</a></div>",
        "<div><p>Hallam</p>Par Mira Holt</div>",
        "<div><div>编者</div>作者：Mira Holt</div>",
        "<byline>Von Mira Holt, dpa</byline>",
        "<div class='meta--author'>Posted on May 3, 2026 by Mira Holt</div>",
        "<p class='autor'>Veröffentlicht am 3. Mai 2026 von Mira Holt</p>",
        "<p class='auteur'>Publié le 3 mai 2026 par Mira Holt</p>",
        "<p>Review by Mira Holt</p>",
        "<p>Fotos und Text: Mira Holt</p>",
        "<dl><dt>\n                       Auteur\n              </dt><dd>Mira Holt</dd></dl>",
        "<p><a href='/autoren/mira-hoelt-684124'>Mira Hölt</a></p>",
        "<p><a href='/people/17-mira-holt'>Mira Holt</a></p>",
    ],
)
def test_bylines_behind_a_break_and_in_other_words(byline: str) -> None:
    assert known(page(byline)).authors in (("Mira Holt",), ("Mira Hölt",))


@pytest.mark.parametrize(
    "byline",
    [
        "<p class='byline'>Mira Holt<br>Kakuma, Kenia</p>",
        "<p class='author'><span class='copyright'>© Tom Kern</span> Mira Holt</p>",
        "<p class='author'>Mira Holt <a rel='tag' href='/t'>Tom Kern</a></p>",
        "<p class='author'>Text von Mira Holt Illustration von Tom Kern</p>",
        "<p class='author'>Mira Holt: EN Übersetzung Tom Kern</p>",
        "<p class='author'>Mira Holt Photos by Tom Kern</p>",
        "<p class='author'>Mira Holt</p><p class='author'><a href="
        "'https://commons.wikimedia.org/wiki/File:Bridge.jpg'>Tom Kern</a></p>",
    ],
)
def test_what_else_stands_in_a_byline(byline: str) -> None:
    assert known(page(byline)).authors[:1] == ("Mira Holt",)
    assert "Tom" not in " ".join(known(page(byline)).authors)


def test_links_to_tags_are_no_authors() -> None:
    tags = "<a rel='tag' href='/user/holt/Old%20Town'>Old Town</a>"
    assert known(page(f"<p class='entry-author'>{tags}</p>", end=tags)).authors == ()


PERSON = {"@type": "Person", "name": "Ida Lund"}


@pytest.mark.parametrize(
    "shown",
    [
        "<p><a rel='author' href='/x'>Mira Holt</a></p>",
        "<dl><dt>Auteur</dt><dd>Mira Holt</dd></dl>",
    ],
)
def test_whom_readers_see_goes_before_whom_they_do_not(shown: str) -> None:
    head = ld(headline="x", author=PERSON)
    assert known(page(shown, head)).authors == ("Mira Holt",)
    editor = "<footer><p>Editor: Ida Lund</p></footer>"
    assert known(page(shown, head, end=editor)).authors == ("Ida Lund",)


def test_who_made_the_site_takes_no_authors_place() -> None:
    foot = "<footer><span>by</span> <a href='https://studio.example'>Dots United</a></footer>"
    body = f"<article><h1>Council rebuilds bridge</h1>{paragraphs()}</article>{foot}"
    assert known(html(ld(headline="x", author=PERSON), body)).authors == ("Ida Lund",)


def test_who_signs_goes_before_whom_the_whole_site_states() -> None:
    head = '<meta name="author" content="Ida Lund">'
    byline = "<p>Erstellt von <a href='/author/tine'>Tine</a> am 3. Mai 2026</p>"
    assert known(page(byline, head)).authors == ("Tine",)


def test_a_given_name_is_completed_by_what_stands_beneath_the_headline() -> None:
    head = ld(headline="x", author={"@type": "Person", "name": "Mira"})
    assert known(page("<p><b>By</b></p><p>Mira Holt</p>", head)).authors == ("Mira Holt",)


@pytest.mark.parametrize(
    "stated",
    [
        "Hallam-Verlag GmbH, Munich, Germany",
        "Ministerium für Verkehr und Klimaschutz",
        "Landesanstalt für Wald",
        "publisher",
        "bridges.example.de",
        "Gesponserte Inhalte",
    ],
)
def test_organisations_their_places_and_labels_are_no_authors(stated: str) -> None:
    assert known(page("", f'<meta name="author" content="{stated}">')).authors == ()


def test_who_reviews_a_product_is_no_author() -> None:
    review = "<div itemprop='review'><span itemprop='author'>Tom Kern</span> Good.</div>"
    assert known(page("", end=review)).authors == ()


def test_a_byline_behind_the_standfirst_goes_before_who_entered_the_text() -> None:
    head = ld(headline="x", author=PERSON)
    stands = f"<p><b>{BODY[0]}</b></p><p>{{}}</p>"
    about = "<div class='about'><p>Ida Lund edits the front page.</p></div>"
    byline = stands.format("Por <a href='/x'>Mira Holt</a>")
    assert known(page(byline, head, end=about)).authors == ("Mira Holt",)
    interview = stands.format("Ein Interview von <b>Mira Holt</b> mit <b>Tom Kern</b>")
    assert known(page(interview, head, end=about)).authors == ("Mira Holt",)
    teaser = stands.format("<a href='/theatre'>Da La Scala</a>")
    assert known(page(teaser, head, end=about)).authors == ("Ida Lund",)
    later = paragraphs() + "<p>Von Mira Holt</p>"
    assert known(page(later, head, end=about)).authors == ("Ida Lund",)


def test_the_user_whose_page_is_linked_beside_the_day() -> None:
    link = "<div><a href='/{}'>river_rat</a> 18.10.2026, 15:07 Uhr</div>"
    assert known(page(link.format("user-overview/?u=79"))).authors == ("river_rat",)
    assert known(page(link.format("topics/?u=79"))).authors == ()


def test_a_biography_completes_a_given_name() -> None:
    head = ld(headline="x", author={"@type": "Person", "name": "Mira"})
    bio = "<div class='box__bio'>{} – engineer, on the bicycle since she was four.</div>"
    assert known(page("", head, end=bio.format("Mira Holt"))).authors == ("Mira Holt",)
    assert known(page("", head, end=bio.format("Tom Holt"))).authors == ("Mira",)


def test_credits_name_who_led_an_interview() -> None:
    credit = "<div><div class='{}'>Interview</div><div class='x'>MIRA HOLT</div></div>"
    assert known(page("", end=credit.format("credits-label"))).authors == ("Mira Holt",)
    assert known(page("", end=credit.format("kicker"))).authors == ()


def test_a_label_in_the_midst_of_a_line() -> None:
    line = "<div><span class='x'>来源：东江网</span> 责任编辑：周明</div>"
    assert known(page("", end=line)).authors == ("周明",)
    line = "<div><i>Orla</i> von Mira Holt</div>"
    assert known(page("", end=line)).authors == ()


def test_several_whom_readers_see_go_before_whom_they_do_not() -> None:
    shown = "<p><a rel=author href=/x>Mira Holt</a>, <a rel=author href=/y>Tom Kern</a></p>"
    head = ld(headline="x", author=PERSON)
    assert known(page(shown, head)).authors == ("Mira Holt", "Tom Kern")
