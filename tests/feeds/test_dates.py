# ruff: noqa: E501 (documents are easier to read unbroken)
"""The dates of entries: which of several, and what is certain of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wirewatch.feeds import dates
from wirewatch.feeds.parse import ParsedFeed, parse
from wirewatch.records import Entry

NOW = datetime(2027, 2, 1, tzinfo=UTC)
URL = "https://quay.example/feed"


def rss(*items: str, language: str = "") -> ParsedFeed:
    inside = "".join(f"<item><link>/{n}</link>{text}</item>" for n, text in enumerate(items))
    spoken = f"<language>{language}</language>" if language else ""
    head = (
        'xmlns:dc="https://purl.org/dc/elements/1.1" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:atom="http://www.w3.org/2005/Atom/"'
    )
    body = f"<rss version='2.0' {head}><channel>{spoken}{inside}</channel></rss>"
    return parse(body.encode(), URL, now=NOW)


def one(text: str, language: str = "") -> Entry:
    return rss(text, language=language).entries[0]


def shown(entry: Entry) -> tuple[str, str]:
    return f"{entry.published:%d %H:%M}" if entry.published else "", entry.published_precision


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<pubDate>N/A</pubDate><dc:date>2027-01-08T16:05:00+02:00</dc:date>", ("08 14:05", "instant")),
        ("<pubDate/><pubDate>8 Jan 2027 16:05 GMT</pubDate>", ("08 16:05", "instant")),
        ("<pubDate>8 Jan 2037 16:05 GMT</pubDate><dc:date>2027-01-08T16:05Z</dc:date>", ("08 16:05", "instant")),
        ("<pubDate>8 Jan 1970 16:05 GMT</pubDate><dcterms:created>2027-01-08T16:05Z</dcterms:created>", ("08 16:05", "instant")),
        # the same day said better; another day says something else
        ("<pubDate>8 Jan 2027</pubDate><dc:date>2027-01-08T16:05Z</dc:date>", ("08 16:05", "instant")),
        ("<pubDate>8 Jan 2027</pubDate><dc:date>2027-01-20T16:05Z</dc:date>", ("08 00:00", "day")),
        # the elements of Atom
        ("<published>2027-01-08T16:05Z</published>", ("08 16:05", "instant")),
        ("<atom:published>2027-01-08T16:05Z</atom:published>", ("08 16:05", "instant")),
        ("<issued>2027-01-08T16:05Z</issued>", ("08 16:05", "instant")),
        ("<pubDate>8 Jan 2027 16:05</pubDate>", ("08 16:05", "day")),
        ("<pubDate>soon</pubDate>", ("", "")),
    ],
)  # fmt: skip
def test_the_date_of_an_rss_item(inside: str, expected: tuple[str, str]) -> None:
    assert shown(one(inside)) == expected


def test_the_elements_of_rss_in_atom() -> None:
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<entry><link href='/1'/><updated>yesterday</updated>{}</entry></feed>"
    )
    for inside in (
        "<pubDate>Fri, 08 Jan 2027 17:05:00 CET</pubDate>",
        "<pubDate xmlns=''>8 Jan 2027 11:05 AM EST</pubDate>",
        "<published>?</published><dc:date>2027-01-08T16:05Z</dc:date>",
    ):
        entry = parse(body.format(inside).encode(), URL, now=NOW).entries[0]
        assert shown(entry) == ("08 16:05", "instant"), inside
        assert entry.updated is None


def test_json_and_sitemaps_with_names_of_others() -> None:
    feed = b'{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/1", "date_published": "?", "pubDate": 1799424300}]}'
    assert shown(parse(feed, URL, now=NOW).entries[0]) == ("08 16:05", "instant")
    sitemap = b"<urlset><url><loc>/1</loc><pubDate>8 Jan 2027 17:05 MEZ</pubDate></url></urlset>"
    assert shown(parse(sitemap, URL, now=NOW).entries[0]) == ("08 16:05", "instant")


def test_the_reason_is_kept() -> None:
    feed = rss("<pubDate>8 Jan 2027 16:05 IST</pubDate>", "<pubDate>Tuesday</pubDate>",
               "<pubDate>8 Jan 2027 16:05 GMT</pubDate>", "")  # fmt: skip
    assert [entry.date_doubt for entry in feed.entries] == [
        "“8 Jan 2027 16:05 IST”: IST stands for several zones", "“Tuesday”: no date", "", "",
    ]  # fmt: skip
    assert feed.note.startswith("2 entries without a certain date: “8 Jan 2027 16:05 IST”")


def test_the_order_of_a_document_is_that_of_its_plain_dates() -> None:
    def published(text: str) -> str:
        return f"<pubDate>{text} 10:00 GMT</pubDate>"

    for told, month in (("1/25/2027", 1), ("25/12/2026", 2)):
        entry = rss(published("1/2/2027"), published(told)).entries[0]
        assert entry.published == datetime(2027, month, 3 - month, 10, tzinfo=UTC)
    entry = rss(published("1/2/2027"), published("1/25/2027"), published("25/12/2026")).entries[0]
    assert entry.published is None
    assert one(published("1/2/2027")).date_doubt.endswith("day or month first is not known")
    assert one(published("1/2/2027"), "pt-BR").published == datetime(2027, 2, 1, 10, tzinfo=UTC)
    assert one(published("1/2/2027"), "en-us").published is None


@pytest.mark.parametrize(
    ("language", "order"),
    [("de", "dmy"), ("en-GB", "dmy"), ("es-MX", "dmy"), ("en", ""), ("en-US", ""), ("", ""),
     ("ja", "")],
)  # fmt: skip
def test_the_habit_of_a_language(language: str, order: str) -> None:
    assert dates.order([], language) == order
