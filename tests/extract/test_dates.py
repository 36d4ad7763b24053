"""When a page was published, by all that it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.extract.pages import NOW, URL, html, ld, paragraphs
from wirewatch.extract.evidence import gather
from wirewatch.extract.metadata import read
from wirewatch.extract.tree import parse


def dated(
    head: str = "", beneath: str = "", end: str = "", lang: str = "en", url: str = ""
) -> tuple[str, str, str]:
    """Day, precision and source of a page with a headline and what stands beneath it."""
    body = f"<article><h1>Council rebuilds bridge</h1>{beneath}{paragraphs()}{end}</article>"
    tree = parse(html(head, body, lang=lang).decode())
    assert tree is not None
    when = read(tree, gather(tree), None, url or URL, "", NOW).published
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
    assert dated(late, "<p>21.11.2026, 00:41 Uhr</p>", lang="de")[0] == "2026-11-20"
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
