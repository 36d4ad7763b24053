"""Pages made to break extraction: each ends as an article or a rejection, within the limits."""

from __future__ import annotations

import pytest

from tests.extract.pages import BODY, SETTINGS, html, job, ld, paragraphs
from wirewatch.extract import pool
from wirewatch.extract.article import extract
from wirewatch.records import Article, Reason, replace

LIMITED = SETTINGS.with_options(extract__processes=1, extract__timeout=20, extract__memory=1024)

CONTROLS = "".join(map(chr, (*range(1, 32), *range(127, 160))))


def hostile(size: float) -> dict[str, bytes]:
    """The pages by name, at a part of their full size."""

    def of(full: int) -> int:
        return int(full * size)

    return {
        "50 MB of nesting": b"<html><body>" + b"<div>" * of(10_000_000),
        "nested tables": b"<table><tr><td>" * of(200_000),
        "nested lists": b"<ul><li>" * of(500_000) + b"x",
        "a table span of 9e15": html(
            body="<table><tr><td colspan='9000000000000000' rowspan='9000000000000000'>"
            f"{BODY[0]}</td></tr></table><article>{paragraphs()}</article>"
        ),
        "a million attributes": b"<html><body><p "
        + b" ".join(b'a%d="b"' % n for n in range(of(1_000_000)))
        + b">" + BODY[0].encode() + b"</p>" + paragraphs().encode(),
        "100,000 links": html(
            body="".join(f'<a href="/{n}">Link number {n} of many</a>' for n in range(of(100_000)))
        ),
        "NULs": html(body=f"<article>{paragraphs()}</article>").replace(b"council", b"cou\x00ncil"),
        "broken UTF-8": html(body=f"<article>{paragraphs()}</article>").replace(
            b"Orla", b"Orl\xc3\x28\xff\xfe"
        ),
        "every control character": html(
            body=f"<article><p>{CONTROLS}</p>"
            f"{paragraphs()}</article>"
        ),
        "an unclosed tag": html(body=f"<article>{paragraphs()}<p title='"),
        "deep JSON-LD": html(
            '<script type="application/ld+json">' + '{"@graph":[' * of(50_000) + "</script>"
        ),
        "wide JSON-LD": html(
            ld(headline="x", author=[{"name": f"Jana Vogt{n}"} for n in range(of(100_000))])
        ),
        "a long title": html(title="word " * of(1_000_000)),
        "a million metas": html('<meta name="author" content="Jana Vogt">' * of(200_000)),
        "entities": html(body="<article>" + "&lt;" * of(500_000) + paragraphs() + "</article>"),
        "one long word": html(
            body=f"<article><p>{'a' * of(5_000_000)}</p>{paragraphs()}</article>"
        ),
        "one long run of spaces": html(
            body=f"<p>{' ' * of(5_000_000)}</p><article>{paragraphs()}</article>"
        ),
        "commas and names": html('<meta name="author" content="' + "A, " * of(300_000) + '">'),
        "a million signatures": html(
            body=f"<article>{paragraphs()}{'<p>Jana Vogt</p>' * of(200_000)}</article>"
        ),
        "boxes in boxes": html(
            body=f"<article>{paragraphs()}</article>"
            + "<div class='author-bio'><h3>Jana Vogt, </h3>" * of(100_000)
        ),
        "bylines behind breaks": html(
            body=f"<article>{paragraphs()}{'<br>Von <b>' * of(100_000)}</article>"
        ),
        "a byline without end": html(
            f"<meta name='author' content='{'posted 1 ' * of(200)}'>",
            f"<p class='byline'>{'Posted on 1 ' * of(100_000)}</p>{paragraphs()}",
        ),
        "separators": html(title=" | ".join(["Hallam"] * of(100_000))),
    }  # fmt: skip


@pytest.mark.parametrize("size", [0.1, pytest.param(1.0, marks=pytest.mark.large)])
def test_hostile_pages_end_within_the_limits(size: float) -> None:
    jobs, pages = [], hostile(size)
    for name, body in pages.items():
        one = job(body)
        jobs.append(replace(one, page=replace(one.page, id=name)))
    results = dict(pool.extract_all(jobs, LIMITED))
    assert set(results) == set(pages)
    for name, result in results.items():
        if isinstance(result, Article):
            assert len(result.text) <= SETTINGS["extract.max_chars"], name
            assert len(result.title) <= 500, name
            assert len(result.authors) <= 20, name
        else:
            assert result.reason is not Reason.EXTRACTION_FAILED, f"{name}: {result.detail}"
    for name in ("NULs", "broken UTF-8", "every control character", "a table span of 9e15",
                 "an unclosed tag", "deep JSON-LD", "wide JSON-LD", "a long title"):  # fmt: skip
        result = results[name]
        assert isinstance(result, Article), f"{name}: {result}"
        assert "Ines Albrecht" in result.text, name


@pytest.mark.parametrize(
    "value", [0, None, [], {}, 3.5, True, ["x", {"@type": 5}], {"name": {"name": [1]}}]
)
def test_json_ld_of_any_shape_is_survived(value: object) -> None:
    fields = ("headline", "author", "datePublished", "publisher", "image", "url",
              "mainEntityOfPage",
              "keywords", "articleSection", "inLanguage", "isAccessibleForFree", "articleBody",
              "@type",
              "description", "@id", "@graph", "creditText", "dateModified")  # fmt: skip
    for field in fields:
        node = {"headline": "Council rebuilds bridge", field: value}
        found = extract(job(html(ld(**node))), SETTINGS)
        assert "Ines Albrecht" in getattr(found, "text", ""), (field, found)
