"""Headings and stated titles to the headline."""

from __future__ import annotations

import pytest

from tests.extract.pages import html, job, ld, paragraphs
from tests.extract.test_bylines import known
from wirewatch.extract import headings
from wirewatch.extract.article import read
from wirewatch.extract.tree import parse
from wirewatch.records import Entry
from wirewatch.settings import load

TITLE = "Council rebuilds bridge"


def og(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


def titled(body: str, head: str = "", title: str = "", **given: Entry | str) -> tuple[str, str]:
    made = html(head, f"{body}{paragraphs()}", title=title)
    found = known(made, **given)  # type: ignore[arg-type]
    return found.title, found.title_source


@pytest.mark.parametrize(
    ("body", "head", "title", "expected"),
    [
        # a heading that is the site's name, by its class, its link or the page's title
        ("<h1 class=site-title>Orla Notes</h1><h2>Council rebuilds bridge</h2>", "",
         "Council rebuilds bridge | Orla Notes", (TITLE, "h2")),
        ("<h1><a href='/'>Orla Notes</a></h1><h2>Council rebuilds bridge</h2>", "",
         "Orla Notes » Archive » Council rebuilds bridge", (TITLE, "h2")),
        ("<div id=logo><h1>Orla Notes</h1></div><h1>Council rebuilds bridge</h1>", "",
         "Council rebuilds bridge", (TITLE, "h1")),
        # the page's headline before what it tells search engines
        ("<h1>Council rebuilds bridge</h1>", og("Bridge: council decides to rebuild it"),
         "Bridge: council decides", (TITLE, "h1")),
        ("<h1>Quite another thing is shown</h1>", og("What the networks say"),
         "What the networks say", ("Quite another thing is shown", "h1")),
        # one word shown says less than what is stated
        ("<h1>Region</h1>", "", "Council rebuilds bridge", (TITLE, "title")),
        ("<h1>Health Center</h1><h2>Council rebuilds bridge</h2>", "", "Council rebuilds bridge",
         (TITLE, "h2")),
        # no heading: an element called headline, then stated titles, best first
        ("<div class=headline>Council rebuilds bridge</div>", "",
         "Council rebuilds bridge - Hallam Courier", (TITLE, "text")),
        ("", ld(headline=TITLE) + og("Other"), "Other", (TITLE, "json-ld")),
        ("", og(TITLE), "Other", (TITLE, "opengraph")),
        ("", '<meta name="dc.title" content="Council rebuilds bridge">', "Other", (TITLE, "meta")),
        ("", "", "Council rebuilds bridge | Hallam Courier", (TITLE, "title")),
        ("", "", "Hallam Courier: Council rebuilds bridge", (TITLE, "title")),
        # a section or the site at either end
        ("", og("Council rebuilds bridge - Region"), "", (TITLE, "opengraph")),
        ("", og("Aktuelles | Council rebuilds bridge | News"), "", (TITLE, "opengraph")),
        ("<h1>Council rebuilds bridge – Region</h1>", "", "", (TITLE, "h1")),
        ("<h1>Region: Council rebuilds bridge</h1>", "", "", ("Region: " + TITLE, "h1")),
        # a subheading that begins like the headline is not the headline
        ("<h1>Orla bridge: its costs</h1><h2>Orla bridge</h2>", og("Orla bridge: its costs"),
         "Orla bridge: its costs", ("Orla bridge: its costs", "h1")),
        # what is hidden or heads the navigation is none either
        ("<h1 class='page hidden'>Newsroom</h1><h1>Council rebuilds bridge</h1>", "",
         "Newsroom - Orla", (TITLE, "h1")),
        ("<h1>Haupt-Navigationsmenü</h1><h1>Sie sind hier:</h1>", og(TITLE), "",
         (TITLE, "opengraph")),
        ("<h1>Vous êtes ici :</h1>", og(TITLE), "", (TITLE, "opengraph")),
        # teasers and navigation are no headline, whatever they say
        ("<h2 class=teaser-title><a href='/x'>Council rebuilds bridge</a></h2>",
         og("Council rebuilds bridge"), "", (TITLE, "opengraph")),
    ],
)  # fmt: skip
def test_headline_and_source(
    body: str, head: str, title: str, expected: tuple[str, str]
) -> None:  # fmt: skip
    assert titled(body, head, title) == expected


def test_a_part_of_a_heading_that_begins_like_the_site_stays() -> None:
    heading = "Hallam rebuilds – Hallamer tell their own story"
    body = f"<h1>{heading}</h1>"
    assert titled(body, og(heading), heading)[0] == heading


def test_the_feeds_title_stands_in() -> None:
    entry = Entry(feed_id="f", title=TITLE)
    assert titled("", entry=entry) == (TITLE, "feed")


def test_what_the_address_spells_is_no_site_name() -> None:
    head = '<meta property="og:site_name" content="Council rebuilds bridge">'
    url = "https://news.example.org/council-rebuilds-bridge"
    assert titled("<h1>Council rebuilds bridge</h1>", head, url=url) == (TITLE, "h1")


@pytest.mark.parametrize(
    "heading",
    [
        "<h1>Council rebuilds bridge</h1>",
        "<h1><span class=kicker>Hallam</span> Council rebuilds bridge</h1>",
        "<h1><small>Hallam</small><br>Council rebuilds bridge</h1>",
        "<h1><span>Hallam</span><span>Council rebuilds bridge</span></h1>",
        "<h1><span class=x-overline>Hallam</span><span class=visually-hidden>: </span>"
        "<span class=headline>Council rebuilds bridge</span></h1>",
        "<h1>Council rebuilds bridge<span class=element-invisible> | Courier</span></h1>",
        "<h1>Council rebuilds bridge <small>22.11.2026 <span>Region</span></small></h1>",
        "<h1><time>1. Mai</time> <span class=title>Council rebuilds bridge</span></h1>",
        "<h1><style>.a{color:red}</style><span>Council rebuilds bridge</span></h1>",
        "<h1>Coun<b>c</b>il <em>rebuilds</em> bridge</h1>",
        "<h1>Council rebuilds bridge<a class=headerlink href='#b'>¶</a></h1>",
        "<h1><a href='/x'><span>Council rebuilds bridge</span></a></h1>",
    ],
)
def test_a_headings_own_words(heading: str) -> None:
    tree = parse(f"<html><body>{heading}</body></html>")
    assert tree is not None
    assert headings.text(next(tree.iter("h1"))) == TITLE


def test_soft_hyphens_leave_no_gaps() -> None:
    body = "<h1>Coun\u00adcil re\u00adbuilds bridge</h1>"
    assert titled(body)[0] == TITLE


def test_a_heading_of_any_size_is_bounded() -> None:
    deep = "<span>" * 200 + "x" + "</span>" * 200
    wide = "".join(f"<span>word{number}</span>" for number in range(5_000))
    for inner in (deep, wide, "<b>b</b>" * 5_000):
        article, _ = read(job(html(body=f"<h1>{inner}</h1>{paragraphs()}")), load({}))
        assert article is not None
        assert len(article.title) <= 500
