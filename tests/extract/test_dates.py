"""When a page was published, by all that it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.extract.pages import NOW, URL, html, ld, paragraphs
from wirewatch.extract.evidence import gather
from wirewatch.extract.metadata import read
from wirewatch.extract.tree import parse


def dated(
    head: str = "",
    beneath: str = "",
    end: str = "",
    lang: str = "en",
    url: str = "",
    country: str = "",
) -> tuple[str, str, str]:
    """Day, precision and source of a page with a headline and what stands beneath it."""
    body = f"<article><h1>Council rebuilds bridge</h1>{beneath}{paragraphs()}{end}</article>"
    tree = parse(html(head, body, lang=lang).decode())
    assert tree is not None
    when = read(tree, gather(tree), None, url or URL, "", NOW, country).published
    return (when.when.date().isoformat(), when.precision, when.source) if when else ("", "", "")


def og(when: str) -> str:
    return f'<meta property="article:published_time" content="{when}">'


@pytest.mark.parametrize(
    ("beneath", "end", "day"),
    [
        ("<p>Von Jana Vogt, 21.11.2026</p>", "", "2026-11-21"),
        ("<p>Published on November 21, 2026</p>", "", "2026-11-21"),
        ("<p>(21. November 2026) The council of Hallam has voted, and the work is to begin in "
         "March, as the head of the roads department says.</p>", "", "2026-11-21"),
        ("", "<footer><span class='entry-date'>21. November 2026</span></footer>", "2026-11-21"),
        ("<p>[ 등록번호 : 서울, 아02321 ] [ 등록년월일 : 2012년 11월 06일 ]</p>",
         "<footer><span class='entry-date'>2026년 11월 21일</span></footer>", "2026-11-21"),
        ("", "<p>On 3 May 1998 the flood came, and on the day after it the council met at last.</p>"
         "<i class='post-date'>21.11.2026</i>",
         "2026-11-21"),
        ("", "<ol class='comments'><li><span class='date'>22.11.2026</span></li></ol>"
         "<p><abbr class='published' title='2026-11-21T10:00:00'>Saturday</abbr></p>",
         "2026-11-21"),
        ("", "<script>var page = {\"datePublished\":\"2026-11-21\"}</script>", "2026-11-21"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_dates_that_only_the_text_shows(beneath: str, end: str, day: str) -> None:
    assert dated(beneath=beneath, end=end)[0] == day


def test_the_shown_date_decides_between_stated_ones() -> None:
    head = ld(headline="x", datePublished="2026-11-18T08:00:00Z") + og("2026-11-21T08:00:00Z")
    assert dated(head) == ("2026-11-18", "instant", "json-ld")
    assert dated(head, "<p>21 November 2026</p>") == ("2026-11-21", "instant", "opengraph")
    assert dated(head, "<p>Updated 21 November 2026</p>")[0] == "2026-11-18"
    assert dated(head, "<p>20 November 2026</p>")[0] == "2026-11-18"
    changed = '<meta property="article:modified_time" content="2026-11-21T08:00:00Z">'
    assert dated(head + changed, "<p>21 November 2026</p>")[0] == "2026-11-18"


def test_the_address_and_the_shown_date_together_outdo_a_stated_one() -> None:
    head = '<meta name="date" content="2026-11-22">'
    url = "https://news.example.org/2003/03/31/speech"
    assert dated(head, "<p>Hallam, 31. März 2003</p>", lang="de", url=url) == (
        "2003-03-31", "day", "url",
    )  # fmt: skip
    assert dated(head, url=url)[0] == "2026-11-22"


def test_an_instant_is_on_the_newsrooms_day() -> None:
    late = ld(headline="x", datePublished="2026-11-20T23:30:00Z")
    assert dated(late)[0] == "2026-11-20"
    assert dated(late, "<p>21.11.2026, 00:30 Uhr</p>", lang="de")[0] == "2026-11-21"
    assert dated(late, "<p>21 November 2026, 00:41</p>")[0] == "2026-11-20"
    offset = late + '<meta name="date" content="2026-11-21T00:30:00+01:00">'
    assert dated(offset, "<p>21.11.2026</p>", lang="de")[0] == "2026-11-21"
    early = ld(headline="x", datePublished="2026-11-21T03:37:00Z")
    assert dated(early, "<p>20 November 2026, 11:37 pm</p>")[0] == "2026-11-20"
    url = "https://news.example.org/2026/11/20/bridge"
    assert dated(early, url=url)[0] == "2026-11-20"


def test_the_instant_stays_whatever_the_day() -> None:
    early = ld(headline="x", datePublished="2026-11-21T03:37:00Z")
    body = f"<h1>Bridge</h1><p>20 November 2026, 11:37 pm</p>{paragraphs()}"
    tree = parse(html(early, body).decode())
    assert tree is not None
    found = read(tree, gather(tree), None, URL, "", NOW).published
    assert found is not None
    assert found.when.astimezone(UTC) == datetime(2026, 11, 21, 3, 37, tzinfo=UTC)


def test_no_future_expiry_or_copyright_date_is_the_publication() -> None:
    end = "<footer>Copyright 2026 Hallam Courier. Offer ends on 24.12.2026</footer>"
    head = '<meta name="expires" content="2026-11-22"><meta name="unavailable_after" content="2026-11-22">'  # noqa: E501
    assert dated(head + og("2099-01-01"), end=end) == ("", "", "")


@pytest.mark.parametrize(
    "post",
    [
        "<blockquote class='twitter-tweet'><p>It rises!</p>&mdash; Lind (@lind) "
        "<a href='https://t.example/1'>March 3, 2018</a></blockquote>",
        "<blockquote><p>We shall cross it.</p><cite>Mayor Lind, 3 March 2018</cite></blockquote>",
        "<div class='fb-post'><span>3 March 2018</span></div>",
        "<div class='wp-block-embed'><div><time datetime='2018-03-03'>3.3.2018</time></div></div>",
        "<figure class='bluesky-embed'><span class='date'>2018-03-03</span></figure>",
        "<section id='comments'><h3>2 comments</h3><p>Ute <small>3 March 2018, 10:12</small></p>"
        "</section>",
        "<ol class='kommentare'><li><b>Ute</b> <time datetime='2018-03-03T10:12'>3.3.2018</time>"
        "</li></ol>",
        "<div class='reacties'><span class='date'>3 maart 2018</span></div>",
    ],
)  # fmt: skip
def test_what_others_wrote_does_not_date_the_article(post: str) -> None:
    assert dated(beneath=post) == ("", "", "")
    assert dated(end=post) == ("", "", "")
    shown = "<footer><span class='entry-date'>21 November 2026</span></footer>"
    assert dated(beneath=post, end=shown)[0] == "2026-11-21"


@pytest.mark.parametrize(
    ("shown", "lang"),
    [
        ("<p>Published 20 November 2026 | Updated 22 November 2026</p>", "en"),
        ("<p>Updated: 22/11/2026 Published: 20/11/2026</p>", "en-GB"),
        ("<p><span>Updated</span> <span>22 November 2026</span></p><p>20 November 2026</p>", "en"),
        ("<p>Aktualisiert am 22.11.2026, 10:15 Uhr</p><p>20.11.2026</p>", "de"),
        ("<p>20.11.2026, aktualisiert um 10:15 Uhr</p>", "de"),
        ("<p>Mis à jour le 22 novembre 2026</p><p>Publié le 20 novembre 2026</p>", "fr"),
        ("<p>20/11/2026 09:20 | Actualizado a 22/11/2026 10:15</p>", "es"),
        ("<p>Atualizado em 22/11/2026</p><p>20/11/2026</p>", "pt"),
        ("<p>Aggiornato il 22 novembre 2026</p><p>20 novembre 2026</p>", "it"),
        ("<p>Bijgewerkt: 22 november 2026</p><p>20 november 2026</p>", "nl"),
        ("<p>Uppdaterad 22 november 2026</p><p>Publicerad 20 november 2026</p>", "sv"),
        ("<p>Oppdatert 22. november 2026</p><p>20. november 2026</p>", "nb"),
        ("<p>Päivitetty 22.11.2026</p><p>Julkaistu 20.11.2026</p>", "fi"),
        ("<p>Zaktualizowano: 22 listopada 2026</p><p>20 listopada 2026</p>", "pl"),
        ("<p>Aktualizováno 22. listopadu 2026</p><p>20. listopadu 2026</p>", "cs"),
        ("<p>Frissítve: 2026. november 22.</p><p>2026. november 20.</p>", "hu"),
        ("<p>Güncelleme: 22 Kasım 2026</p><p>Yayınlanma: 20 Kasım 2026</p>", "tr"),
        ("<p>Обновлено 22 ноября 2026</p><p>20 ноября 2026</p>", "ru"),
        ("<p>Оновлено: 22 листопада 2026</p><p>20 листопада 2026</p>", "uk"),
        ("<p>Τελευταία ενημέρωση: 22/11/2026</p><p>20/11/2026</p>", "el"),
        ("<p>آخر تحديث: 22 نوفمبر 2026</p><p>20 نوفمبر 2026</p>", "ar"),
        ("<p>עודכן: 22 בנובמבר 2026</p><p>20 בנובמבר 2026</p>", "he"),
        ("<p>Cập nhật 22/11/2026</p><p>Đăng ngày 20/11/2026</p>", "vi"),
        ("<p>Diperbarui 22 November 2026</p><p>20 November 2026</p>", "id"),
        ("<p>公開 2026年11月20日 / 更新 2026年11月22日</p>", "ja"),
        ("<p>2026年11月22日 更新</p><p>2026年11月20日 公開</p>", "ja"),
        ("<p>수정 2026.11.22. 10:15</p><p>입력 2026.11.20. 09:20</p>", "ko"),
        ("<p>更新时间：2026-11-22</p><p>发布时间：2026-11-20</p>", "zh"),
        ("<time itemprop='dateModified' datetime='2026-11-22T10:15:00Z'>20 November 2026 – updated "
         "22 November 2026</time>", "en"),
        ("<p>Updated <time datetime='2026-11-22T10:15:00Z'>22 November</time></p>"
         "<p>Posted <time datetime='2026-11-20T09:20:00Z'>20 November</time></p>", "en"),
        ("<time class='entry-date published updated' datetime='2026-11-20'>20 November 2026</time>"
         "<dl><dt>Last updated</dt><dd><time datetime='2026-11-22'>22.11.2026</time></dd></dl>",
         "en"),
    ],
)  # fmt: skip
def test_a_change_is_no_publication(shown: str, lang: str) -> None:
    assert dated(beneath=shown, lang=lang)[0] == "2026-11-20"


def test_words_of_change_in_a_sentence_before_a_date_are_no_label() -> None:
    beneath = "<p>The council has updated its plans for the bridge over the Orla.</p>"
    assert dated(beneath=f"{beneath}<p>20 November 2026</p>")[0] == "2026-11-20"


def test_a_change_is_told_from_the_publication_by_its_time() -> None:
    body = (
        "<h1>Bridge</h1><p>Actualizado <time datetime='2026-11-22T10:15:00+01:00'>22/11/2026</time>"
        f"</p>{paragraphs()}"
    )
    tree = parse(html("", body, lang="es").decode())
    assert tree is not None
    found = read(tree, gather(tree), None, URL, "", NOW).modified
    assert found is not None
    assert found.when == datetime(2026, 11, 22, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lang", "url", "country", "day"),
    [
        ("en-US", "", "", "2026-04-07"),
        ("en", "", "", "2026-04-07"),
        ("en-GB", "", "", "2026-07-04"),
        ("en_AU", "", "", "2026-07-04"),
        ("es", "", "", "2026-07-04"),
        ("es-US", "", "", "2026-07-04"),
        ("en", "", "IE", "2026-07-04"),
        ("en", "", "US", "2026-04-07"),
        ("en-US", "https://www.courier.example.co.uk/bridge", "", "2026-07-04"),
        ("en-US", "https://courier.in/bridge", "", "2026-07-04"),
        ("en", "https://courier.ph/bridge", "", "2026-04-07"),
        ("de", "https://courier.de/bridge", "", "2026-07-04"),
    ],
)
def test_day_and_month_in_the_order_of_the_country(
    lang: str, url: str, country: str, day: str
) -> None:
    for beneath in ("<p class='date'>04/07/2026</p>", "<p>Hallam, 4/7/2026</p>"):
        assert dated(beneath=beneath, lang=lang, url=url, country=country)[0] == day
    head = '<meta name="date" content="04/07/2026">'
    assert dated(head, lang=lang, url=url, country=country)[0] == day


def test_another_date_of_the_page_shows_the_order() -> None:
    shown = "<p class='date'>04/07/2026</p>"
    assert dated(beneath=shown, end="<p>Photo taken on 23/06/2026</p>")[0] == "2026-07-04"
    end = "<p>Foto vom 06/23/2026</p>"
    assert dated(beneath=shown, end=end, lang="de")[0] == "2026-04-07"


def test_a_day_that_is_still_to_come_is_read_in_the_other_order() -> None:
    assert dated(beneath="<p>05/12/2026</p>", lang="fr")[0] == "2026-05-12"


def test_where_a_page_dates_its_change_alone_that_day_stands_in() -> None:
    assert dated(end="<p>Last updated: 20 November 2026</p>") == ("2026-11-20", "day", "change")
    changed = "<time itemprop='dateModified' datetime='2026-11-20'></time>"
    assert dated(beneath=changed) == ("", "", "")


@pytest.mark.parametrize(
    "leaf",
    [
        "<div><b>20</b><i>November</i><u>2026</u></div>",
        "<p>20.<a href='/2026/11/'>November 2026</a> at 09:43</p>",
        "<td>20 | 11 | 2026</td>",
    ],
)
def test_a_date_in_pieces(leaf: str) -> None:
    assert dated(beneath=leaf)[0] == "2026-11-20"


def test_the_day_on_which_a_forum_is_read_is_no_publication() -> None:
    assert dated(end="<p>Aktuelle Zeit: 20.11.2026, 12:18</p>", lang="de") == ("", "", "")


def test_a_day_above_the_headline_outdoes_a_later_one_that_is_only_called_date() -> None:
    body = f"<article><p>20.11.2026</p><h1>Council rebuilds bridge</h1>{paragraphs()}</article>"
    tree = parse(html('<meta name="date" content="2026-11-22">', body, lang="de").decode())
    assert tree is not None
    when = read(tree, gather(tree), None, URL, "", NOW).published
    assert when is not None
    assert (when.when.date().isoformat(), when.source) == ("2026-11-20", "text")


def test_the_clock_of_the_country_tells_the_day_of_an_instant() -> None:
    late = ld(headline="x", datePublished="2026-11-20T23:30:00Z")
    assert dated(late, lang="de")[0] == "2026-11-21"
    assert dated(late, url="https://courier.pl/bridge")[0] == "2026-11-21"
    assert dated(late, country="NZ")[0] == "2026-11-21"
    assert dated(late, country="US")[0] == "2026-11-20"
    early = ld(headline="x", datePublished="2026-11-20T02:30:00Z")
    assert dated(early, country="PE", lang="es")[0] == "2026-11-19"
    assert dated(late, "<p>20.11.2026</p>", lang="de")[0] == "2026-11-20"


def test_the_only_day_that_scripts_call_the_publication() -> None:
    one = "<script>var layer = [{'pageType': 'news', 'cmsPublishingDate': '2026-11-20'}];</script>"
    assert dated(end=one)[0] == "2026-11-20"
    other = "<script>var layer = [{'cmsPublishingDate': '2026-11-19'}];</script>"
    assert dated(end=one + other)[0] == ""


def test_a_tag_that_calls_the_change_the_publication() -> None:
    change = '<meta property="article:modified_time" content="2026-11-21T15:24:33+01:00">'
    tag = '<meta itemprop="datePublished" content="2026-11-21">'
    beneath = "<p>Updated 21 November 2026</p><p>21 November 2026</p>"
    stated = og("2024-04-12T18:33:59+02:00")
    assert dated(stated + change + tag, beneath) == ("2024-04-12", "instant", "opengraph")
    assert dated(stated + tag, beneath)[0] == "2026-11-21"


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/reports/21-11-2026", "2026-11-21"),
        ("/reports/meldung-3.11.2026.html", "2026-11-03"),
        ("/reports/21-11-2026/bridge", ""),
        ("/reports/41-11-2026", ""),
    ],
)
def test_the_day_that_ends_an_address(path: str, day: str) -> None:
    found = dated(url=f"https://news.example.de{path}", lang="de")
    assert found == ((day, "day", "url") if day else ("", "", ""))
