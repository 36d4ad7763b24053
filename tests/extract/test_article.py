"""Pages of every shape to articles or to reasons."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.extract.pages import BODY, NOW, SETTINGS, URL, html, job, ld, paragraphs
from wirewatch.extract.article import extract
from wirewatch.extract.job import Further, Rejection
from wirewatch.records import Article, Entry, Reason, replace, to_json


def article(body: bytes, **given: object) -> Article:
    result = extract(job(body, **given), SETTINGS)  # type: ignore[arg-type]
    assert isinstance(result, Article), result
    return result


def rejection(body: bytes, **given: object) -> Rejection:
    result = extract(job(body, **given), SETTINGS)  # type: ignore[arg-type]
    assert isinstance(result, Rejection), result
    assert result.detail
    return result


def test_a_plain_page_without_any_metadata() -> None:
    found = article(html())
    assert found.title == "Council rebuilds bridge"
    assert found.text.split("\n") == list(BODY)
    assert found.language == "en"
    assert found.published is None
    assert found.canonical_url == URL
    assert found.authors == ()


def test_json_ld_in_a_graph_with_nested_publisher() -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "Hallam Courier"},
            {"@type": "Person", "@id": "#ines", "name": "Jana Vogt"},
            {
                "@type": ["NewsArticle", "Article"],
                "headline": "Council rebuilds bridge",
                "author": [{"@id": "#ines"}, {"@type": "Organization", "name": "Northwire"}],
                "datePublished": "2026-11-22T23:30:00-05:00",
                "dateModified": "2026-11-23T08:00:00Z",
                "publisher": [{"@type": "Organization", "name": "Hallam Courier"}],
                "mainEntityOfPage": {"@id": "https://news.example.org/region/bridge"},
            },
        ],
    }
    import json

    head = f'<script type="application/ld+json">/*<![CDATA[*/{json.dumps(graph)}</script>'
    head = head.replace("/*<![CDATA[*/", "")
    found = article(html(head))
    assert found.authors == ("Jana Vogt",)
    assert found.published == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    assert found.published_day == "2026-11-22"
    assert (found.published_precision, found.published_source) == ("instant", "json-ld")
    assert found.modified == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert found.canonical_url == "https://news.example.org/region/bridge"
    assert "Northwire" in found.credits


@pytest.mark.parametrize(
    "broken",
    [
        '{"@type": "NewsArticle", "headline": "Council", "author": {"name": "Jana Vogt"},}',
        '{"@type": "NewsArticle", "headline": "Council\nrebuilds", "author": "Jana Vogt"}',
        '<!-- {"@type": "NewsArticle", "headline": "Council", "author": ["Jana Vogt"]} -->',
        '{"@type": "NewsArticle", "headline": "Council", "author": "Jana Vogt"};',
    ],
)
def test_json_ld_with_the_usual_slips_is_read(broken: str) -> None:
    found = article(html(f'<script type="application/ld+json">{broken}</script>'))
    assert found.authors == ("Jana Vogt",)


def test_a_date_that_cannot_be_falls_to_the_next_source() -> None:
    head = ld(headline="Council rebuilds bridge", datePublished="2031-01-01T00:00:00Z")
    head += '<meta property="article:published_time" content="0001-01-01T00:00:00">'
    head += '<meta name="expires" content="2026-12-31"><meta name="date" content="22.11.2026">'
    found = article(html(head))
    assert found.published == datetime(2026, 11, 22, tzinfo=UTC)
    assert (found.published_precision, found.published_source) == ("day", "meta")


def test_the_feed_and_the_url_give_a_date_where_the_page_does_not() -> None:
    when = datetime(2026, 11, 21, 9, 15, tzinfo=UTC)
    entry = Entry(feed_id="f", published=when, authors=("Jana Vogt",))
    found = article(html(), entry=entry)
    assert (found.published, found.published_source) == (when, "feed")
    assert found.authors == ("Jana Vogt",)
    found = article(html(), url="https://news.example.org/2026/11/20/bridge")
    assert (found.published_day, found.published_source) == ("2026-11-20", "url")


def test_the_site_name_is_cut_from_either_end_of_the_title() -> None:
    body = f"<div><p class=kicker>Region</p>{paragraphs()}</div>"
    for title in ("Council rebuilds bridge | Hallam Courier",
                  "Hallam Courier: Council rebuilds bridge",
                  "Council rebuilds bridge - Region - Hallam Courier"):  # fmt: skip
        found = article(html(title=title, body=body))
        assert found.title in ("Council rebuilds bridge", "Council rebuilds bridge - Region")


def test_a_canonical_link_must_be_absolute_and_no_front_page() -> None:
    for bad in (
        "/region/other",
        "ftp://news.example.org/x",
        "https://news.example.org/",
        "javascript:1",
    ):
        assert article(html(f'<link rel="canonical" href="{bad}">')).canonical_url == URL
    good = "https://news.example.org/region/bridge?utm_source=feed"
    found = article(html(f'<link rel="canonical" href="{good}">'))
    assert found.canonical_url == "https://news.example.org/region/bridge"


def test_credits_keep_what_names_an_agency() -> None:
    body = (
        f"<article><h1>Council rebuilds bridge</h1><p class='byline'>By Northwire</p>{paragraphs()}"
    )
    found = article(html(body=body + "<p>(Northwire/AFP)</p></article>"))
    assert any("Northwire" in line for line in found.credits)
    assert any("AFP" in line for line in found.credits)


def test_a_wrong_charset_gives_no_mojibake() -> None:
    text = (
        "Der Bürgermeister von Übersee erklärte, die Brücke über die Öre werde für größere Züge "
        "gesperrt. " * 4
    )
    page = html(
        body=f"<article><h1>Brücke über die Öre gesperrt</h1><p>{text}</p></article>", lang="de"
    )
    for declared in ("iso-8859-1", "windows-1251", "nonsense"):
        found = article(
            page.replace(b"utf-8", declared.encode()), content_type=f"text/html; charset={declared}"
        )
        assert "Bürgermeister" in found.text
    latin = page.decode().encode("cp1252")
    found = article(latin, content_type="text/html; charset=utf-8")
    assert "größere Züge" in found.text
    assert found.language == "de"


def test_text_is_nfc_without_control_characters() -> None:
    dirty = BODY[0].replace("flood", "flo\u0308od") + "\x00\x08\x1b\u200b\u202e\ufeff end"
    found = article(html(body=f"<article><p>{dirty}</p>{paragraphs()}</article>"))
    assert "flöod" in found.text
    assert found.text == "".join(c for c in found.text if c.isprintable() or c == "\n")


def test_furniture_goes_and_the_title_is_not_repeated() -> None:
    extra = ("Read more: Ten bridges to see", "Sign up for our newsletter",
             "Lesen Sie auch: Brücken",
             "اقرأ أيضا: الجسر", "Advertisement")  # fmt: skip
    body = "<article><h1>Council rebuilds bridge</h1><p>Council rebuilds bridge</p>" + paragraphs(
        (*BODY, *extra)
    )
    assert article(html(body=body + "</article>")).text.split("\n") == list(BODY)


def test_the_feed_text_stands_in_for_a_thin_page() -> None:
    entry = Entry(feed_id="f", title="Council rebuilds bridge", content=paragraphs())
    found = article(
        html(body="<div id=app><p>Loading the story, please wait a moment.</p></div>"), entry=entry
    )
    assert found.text.split("\n") == list(BODY)


def test_a_stated_body_is_taken_only_when_it_is_this_pages_and_whole() -> None:
    whole = "\n".join(BODY)
    assert article(html(ld(headline="Council", articleBody=whole))).text == whole
    other = "Quite another report about football, with goals in every half of the match. " * 12
    assert article(html(ld(headline="Council", articleBody=other))).text == whole
    assert article(html(ld(headline="Council", articleBody=BODY[0][:140]))).text == whole


def test_the_next_page_of_an_article_is_named_and_other_articles_are_not() -> None:
    pages = '<div class="pages"><b>1</b> <a href="?page=2">2</a> <a href="?page=3">3</a></div>'
    body = f"<article><h1>Council rebuilds bridge</h1>{paragraphs()}</article>"
    assert article(html(body=body + pages)).next_url == f"{URL}?page=2"
    other = '<a rel="next" href="/region/next-article">Next article</a>'
    assert article(html(body=body + other)).next_url == ""


def test_further_pages_are_joined_without_what_they_repeat() -> None:
    pages = (
        "<div class='pages'>" + "".join(f"<a href='?page={n}'>{n}</a>" for n in (2, 3)) + "</div>"
    )
    first = html(body=f"<article><h1>Council rebuilds bridge</h1>{paragraphs()}</article>{pages}")
    more = tuple(f"{BODY[0]} This is paragraph {n} of the second page." for n in range(4))
    second = html(body=f"<article>{paragraphs((BODY[1], *more))}</article>{pages}")
    job_of_two = replace(job(first), more=(Further(url=f"{URL}?page=2", body=second),))
    found = extract(job_of_two, SETTINGS)
    assert isinstance(found, Article)
    assert found.text.split("\n") == [*BODY, *more]
    assert found.next_url == f"{URL}?page=3"
    same = Further(url=f"{URL}?page=3", body=second)
    ended = extract(replace(job_of_two, more=(*job_of_two.more, same)), SETTINGS)
    assert isinstance(ended, Article)
    assert (ended.text, ended.next_url) == (found.text, "")  # a page that adds nothing ends it
    empty = extract(replace(job_of_two, more=(Further(url=URL, body=b""),)), SETTINGS)
    assert isinstance(empty, Article)
    assert empty.text.split("\n") == list(BODY)


def test_language_is_checked_against_the_script_and_the_declaration() -> None:
    arabic = (
        "قال رئيس البلدية إن الجسر القديم سيعاد بناؤه في الربيع المقبل بعد الفيضان الذي ألحق به "
        "أضرارا. " * 4
    )
    found = article(
        html(body=f"<article><h1>جسر جديد فوق النهر</h1><p>{arabic}</p></article>", lang="en")
    )
    assert found.language == "ar"
    assert article(html(lang="de")).language == "en"


@pytest.mark.parametrize(
    ("body", "given", "reason"),
    [
        (b"", {}, Reason.EMPTY),
        (b" \n\t", {}, Reason.EMPTY),
        (b"<html><body></body></html>", {}, Reason.EMPTY),
        (b"%PDF-1.7 ...", {}, Reason.NOT_TEXT),
        (b"{}", {"content_type": "application/json"}, Reason.NOT_TEXT),
        pytest.param(b"<html>" + b"\x00" * 500 + b"text", {}, Reason.NOT_TEXT, id="nuls"),
        (html(body="<p>Too little to be an article.</p>"), {}, Reason.TOO_SHORT),
        (
            html(
                title="Page not found", body="<h1>404</h1><p>The page you looked for is gone.</p>"
            ),
            {},
            Reason.SOFT_404,
        ),
        (
            html(
                title="Seite nicht gefunden", body="<p>Leider gibt es diese Seite nicht mehr.</p>"
            ),
            {},
            Reason.SOFT_404,
        ),
        (
            html(
                title="Sign in",
                body="<h1>Sign in</h1><form><p>Log in to go on</p><input name=user>"
                "<input type=password><p>Forgot your password? Create an account</p></form>",
            ),
            {},
            Reason.LOGIN,
        ),
        (
            html(
                title="Hallam Courier",
                body="<div><h1>We value your privacy</h1><p>We and our 812 partners store cookies "
                "and process personal data. You can accept all, or manage your consent and your "
                "privacy settings. Some partners rely on legitimate interest.</p></div>",
            ),
            {},
            Reason.CONSENT_WALL,
        ),
        (
            html(
                ld(headline="Council rebuilds bridge", isAccessibleForFree="False"),
                f"<article><h1>Council rebuilds bridge</h1><p>{BODY[0]}</p>"
                "<div>Subscribe now to continue reading. Already a subscriber?</div></article>",
            ),
            {},
            Reason.PAYWALL,
        ),
        (
            html(
                title="Region | Hallam Courier",
                body="".join(
                    f"<div><h2><a href='/a{n}'>Headline number {n} of the region today</a></h2>"
                    f"<p>A teaser of some words.</p></div>"
                    for n in range(25)
                ),
            ),
            {"url": "https://news.example.org/category/region"},
            Reason.INDEX_PAGE,
        ),
    ],
)
def test_what_is_no_article_has_its_reason(
    body: bytes, given: dict[str, str], reason: Reason
) -> None:
    found = rejection(body, **given)
    assert found.reason is reason, found


def test_a_paywall_stub_keeps_its_title_and_summary() -> None:
    head = ld(headline="Council rebuilds bridge", isAccessibleForFree=False)
    head += '<meta property="og:description" content="What the council decided.">'
    body = f"<article><h1>Council rebuilds bridge</h1><p>{BODY[0]}</p>"
    body += "<p>Already a subscriber?</p></article>"
    found = rejection(html(head, body))
    assert found.reason is Reason.PAYWALL
    assert (found.title, found.summary) == ("Council rebuilds bridge", "What the council decided.")


def test_a_long_article_behind_a_declared_paywall_is_kept() -> None:
    head = ld(headline="Council rebuilds bridge", isAccessibleForFree=False)
    found = article(html(head, f"<article>{paragraphs(BODY * 3)}</article>"))
    assert found.paywalled


WHOLE = f"<article><h1>Council rebuilds bridge</h1><p>{BODY[0]}</p><p>{BODY[1]}</p></article>"


@pytest.mark.parametrize(
    "page",
    [
        f"<header>Already a subscriber? Log in</header>{WHOLE}",
        f"<div class='masthead'>Already a subscriber?</div>{WHOLE}",
        f"<div>Already a subscriber? Log in</div>{WHOLE}",
        f"{WHOLE}<aside>Subscribe now to continue reading our paper at breakfast</aside>",
        f"{WHOLE}<div class='side-bar'>Jetzt weiterlesen: das Abo</div>",
        f"{WHOLE}<div>Subscribe to the Courier for full access to the crossword</div>",
        f"{WHOLE}<div>Start your free trial</div>",
    ],
)
def test_an_advert_for_the_newspaper_beside_a_whole_text_is_no_paywall(page: str) -> None:
    assert article(html(body=page)).text == f"{BODY[0]}\n{BODY[1]}"


@pytest.mark.parametrize(
    "page",
    [
        WHOLE.replace("</article>", "<div>Subscribe now to continue reading</div></article>"),
        WHOLE.replace("</article>", "<p>Nur für Abonnenten</p></article>"),
        f"{WHOLE}<div class='paywall-promo'>Already a subscriber? Log in</div>",
        WHOLE.replace("evening.</p>", "eve...</p>") + "<aside>Already a subscriber?</aside>",
        WHOLE.replace("evening.</p>", "eve…</p>") + "<div>Start your free trial</div>",
    ],
)
def test_a_wall_behind_a_text_or_beside_a_cut_one_is_a_paywall(page: str) -> None:
    assert rejection(html(body=page)).reason is Reason.PAYWALL


def varied(number: int) -> bytes:
    """One of many pages, by its number."""
    chance = random.Random(number)
    texts = [
        chance.choice(BODY) + f" Item {chance.randrange(10**6)}."
        for _ in range(chance.randrange(1, 9))
    ]
    head = (
        ld(headline=f"Report {number}", author=[f"Jana Vogt{chr(97 + number % 26)}"])
        if number % 3
        else ""
    )
    head += '<meta name="keywords" content="b,a,c">'
    wrap = chance.choice(("article", "div", "section", "table><tr><td"))
    return html(
        head, f"<{wrap}><h1>Report {number}</h1>{paragraphs(tuple(texts))}</{wrap.split('>')[0]}>"
    )


ANOTHER = """
import hashlib, random, sys
sys.path[:0] = sys.argv[1:3]
from tests.extract.test_article import *
numbers = list(range(PAGES))
random.Random(int(sys.argv[3])).shuffle(numbers)
found = {n: hashlib.sha256(to_json(extract(job(varied(n)), SETTINGS))).hexdigest() for n in numbers}
print("\\n".join(found[n] for n in range(PAGES)))
"""
PAGES = 1_000


def test_the_same_bytes_give_the_same_article_in_any_order_and_process() -> None:
    root = Path(__file__).resolve().parents[2]
    others = [
        subprocess.Popen(
            [sys.executable, "-c", ANOTHER, str(root / "plugins"), str(root), order],
            stdout=subprocess.PIPE, text=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
        )
        for order, seed in (("7", "12345"), ("11", "random"))
    ]  # fmt: skip
    here = [
        hashlib.sha256(to_json(extract(job(varied(n)), SETTINGS))).hexdigest() for n in range(PAGES)
    ]
    assert len(set(here)) == PAGES
    for other in others:
        found, _ = other.communicate()
        assert other.returncode == 0
        assert found.split() == here


def test_no_clock_is_read() -> None:
    assert article(html()).first_seen == NOW
