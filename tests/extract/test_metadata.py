"""Every metadata value of an article from pages of own writing, and that a story keeps it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.extract.pages import BODY, html, job, ld, paragraphs
from wirewatch.extract.article import EXTRACTOR, read
from wirewatch.pipeline.deduplicate import _story
from wirewatch.records import Article
from wirewatch.settings import load

HEADLINE = "Council rebuilds bridge"
ARTICLE = f"<article><h1>{HEADLINE}</h1>{paragraphs(BODY * 2)}</article>"


def article(head: str, body: str = ARTICLE, lang: str = "en") -> Article:
    found, refused = read(job(html(head, body, lang=lang), outlet=""), load({}))
    assert refused is None
    assert found is not None
    return found


def test_json_ld_gives_every_value() -> None:
    found = article(
        ld(
            headline=HEADLINE,
            author=[{"@type": "Person", "name": "Jana Vogt"}],
            datePublished="2026-11-22T10:00:00+01:00",
            dateModified="2026-11-22T12:30:00+01:00",
            publisher={"@type": "Organization", "name": "Hallam Courier"},
            image=[{"@type": "ImageObject", "url": "/media/bridge.jpg"}],
            articleSection=["Region", "Hallam"],
            keywords=["bridge", "council"],
            inLanguage="en-GB",
            isAccessibleForFree="False",
            url="https://news.example.org/region/bridge",
        )
    )
    assert (found.title, found.title_source) == (HEADLINE, "h1")
    assert (found.authors, found.authors_source) == (("Jana Vogt",), "json-ld")
    assert found.published == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert (found.published_source, found.published_precision) == ("json-ld", "instant")
    assert found.modified == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    assert found.outlet == "Hallam Courier"
    assert found.image == "https://news.example.org/media/bridge.jpg"
    assert (found.section, found.keywords) == ("Region", ("bridge", "council"))
    assert found.language == "en"
    assert found.paywalled
    assert found.canonical_url == "https://news.example.org/region/bridge"
    assert found.extractor == EXTRACTOR


def test_meta_tags_give_every_value() -> None:
    found = article(
        "".join(
            f'<meta property="{name}" content="{value}">'
            for name, value in (
                ("og:title", HEADLINE),
                ("og:site_name", "Hallam Courier"),
                ("og:image", "https://news.example.org/media/bridge.jpg"),
                ("og:description", "What the council decided."),
                ("article:published_time", "2026-11-22"),
                ("article:modified_time", "2026-11-22T12:30:00Z"),
                ("article:section", "Region"),
                ("article:tag", "bridge"),
                ("article:tag", "council"),
                ("article:content_tier", "locked"),
                ("og:locale", "en_GB"),
            )
        )
        + '<link rel="canonical" href="https://news.example.org/region/bridge?utm_source=x">'
        + '<meta name="author" content="Jana Vogt">'
    )
    assert (found.authors, found.authors_source) == (("Jana Vogt",), "meta")
    assert (found.published_source, found.published_precision) == ("opengraph", "day")
    assert found.modified == datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert (found.outlet, found.section) == ("Hallam Courier", "Region")
    assert found.keywords == ("bridge", "council")
    assert found.description == "What the council decided."
    assert found.paywalled
    assert found.canonical_url == "https://news.example.org/region/bridge"


def test_microdata_gives_author_date_and_headline() -> None:
    body = (
        "<article itemscope><h1 itemprop='headline'>Council rebuilds bridge</h1>"
        "<span itemprop='author' itemscope><b itemprop='name'>Jana Vogt</b></span>"
        "<meta itemprop='datePublished' content='2026-11-22T09:00:00Z'>"
        "<meta itemprop='dateModified' content='2026-11-22T11:00:00Z'>"
        + paragraphs()
        + "</article>"
    )
    found = article("", body)
    assert (found.authors, found.authors_source) == (("Jana Vogt",), "byline")
    assert (found.published, found.published_source) == (
        datetime(2026, 11, 22, 9, tzinfo=UTC), "microdata",
    )  # fmt: skip
    assert found.modified == datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_a_page_that_says_nothing_of_itself_says_so() -> None:
    found = article("", f"<div>{paragraphs()}</div>")
    assert (found.authors, found.authors_source, found.section) == ((), "", "")
    assert (found.published, found.published_source, found.modified) == (None, "", None)
    assert not found.paywalled
    assert found.image == ""


def test_a_breadcrumb_is_the_section_of_a_page_that_names_none() -> None:
    crumbs = [
        {"position": 1, "name": "Start", "item": "https://news.example.org/"},
        {"position": 2, "item": {"@id": "https://news.example.org/sport", "name": "Sport"}},
        "nothing",
        {"position": 3, "name": "Rowing &amp; sailing", "item": "/sport/rowing"},
        {"position": 4, "name": HEADLINE},
    ]
    title = f"<title>{HEADLINE} – Hallam Courier</title>"
    found = article(title + ld(**{"@type": "BreadcrumbList", "itemListElement": crumbs}))
    assert found.section == "Sport / Rowing & sailing"
    both = ld(**{"@type": "BreadcrumbList", "itemListElement": crumbs}) + ld(
        headline=HEADLINE, articleSection="Region"
    )
    assert article(title + both).section == "Region"
    for wrong in ("x", {"name": "Sport"}, [None, 5, {"name": ["Sport"]}, {"name": "x" * 99}]):
        assert article(ld(**{"@type": "BreadcrumbList", "itemListElement": wrong})).section == ""
    broken = [{"position": 2, "name": "Sport", "item": "http://[bad"}]
    assert article(ld(**{"@type": "BreadcrumbList", "itemListElement": broken})).section == "Sport"


def test_a_story_keeps_what_an_analyst_asks_for() -> None:
    head = ld(headline=HEADLINE, articleSection="Region", keywords="bridge, council",
              author="Jana Vogt", isAccessibleForFree=False)  # fmt: skip
    found = article(head)
    story = _story("s1", found, "r1")
    assert (story.article.section, story.article.keywords) == ("Region", ("bridge", "council"))
    assert story.article.paywalled
    assert (story.article.title_source, story.article.authors_source) == ("h1", "json-ld")
    assert story.word_count == len(found.text.split())
    assert story.article.extractor == EXTRACTOR
