"""Texts that mean harm, and a site whose articles are made of them."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from tests import sites

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg/onload=alert(3)>",
    "</title></head><body onload=alert(4)>",
    "</textarea><script>alert(5)</script>",
    "<a href=javascript:alert(6)>press</a>",
    "javascript:alert(7)",
    "&lt;script&gt;alert(8)&lt;/script&gt;",
    "{{ 7*7 }}{% for x in range(9**9) %}x{% endfor %}",
    "${alert(9)} `alert(10)` '+alert(11)+'",
    "--><!-- ]]> <![CDATA[ <!DOCTYPE x>",
    "</style><style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<iframe src=//evil.example></iframe><base href=//evil.example>",
    "\u202egnp.exe\u202e reversed by an override",
    "\u2066\u2067\u2068 isolates left open, \u202a\u202b embeddings too",
    "zero\u200bwidth\u200d\u200c\ufeff\u2060 between letters",
    "Z̸̡̛͙̝̘͔̳̯̰̀̅̄̎͛a̸̡̛͎̻̯̰̝̟̔́́͗l̸̢̡̛̫̙̞̈́̇g̷̨̛̖̰͖͇̈́̅̉o̴̡̢̨̡͍̬̐̽̈́ marks piled up",
    "مرحبا <b>ثلاثة</b> abc שלום (123) mixed directions",
    "Ω≈ç√∫˜µ≤≥÷ 田中さん 👩🏽‍👩🏽‍👧🏽 🏳️‍🌈 \U000e0001",
    "one-word-without-an-end-" + "W" * 3_000,
    "https://evil.example/" + "path/" * 400,
    "\x0b\x0c\x85\u2028\u2029 odd line ends",
    "%0d%0aSet-Cookie:%20x=1 ../../etc/passwd' OR 1=1;--",
)
HUGE = 5_000_000  # characters of the longest text
FILLER = (
    "The harbour office said on Monday that the matter was under review and that no further "
    "comment would be made until the committee had met. "
)


def naughty() -> list[str]:
    """The Big List of Naughty Strings, where NAUGHTY_STRINGS names its blns.json; else nothing."""
    file = os.environ.get("NAUGHTY_STRINGS")
    if not file:
        return []
    return [one for one in json.loads(Path(file).read_text("utf-8")) if one.strip()]


def article(text: str, number: int, body: str = "") -> str:
    """A page with the text in its title, author, section, keywords, dates and paragraphs."""
    plain = html.escape(text)
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": f"{text} {number}",
        "author": {"@type": "Person", "name": text[:80]},
        "articleSection": text,
        "keywords": text,
        "datePublished": "2026-11-20T10:00:00Z",
        "url": "javascript:alert(20)",
        "mainEntityOfPage": "javascript:alert(21)",
        "image": "javascript:alert(22)",
    }
    embedded = json.dumps(data).replace("<", "\\u003c")
    paragraphs = "".join(
        f"<p>{FILLER}{plain} {FILLER}Case {number}, part {part}.</p>" for part in range(3)
    )
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{plain} {number}</title>"
        f"<link rel=canonical href='javascript:alert(23)'>"
        f'<meta property=og:title content="{plain} {number}">'
        f'<meta property=og:description content="{plain}"><meta name=author content="{plain}">'
        f"<script type=application/ld+json>{embedded}</script></head><body><article>"
        f"<h1>{plain} {number}</h1><p class=byline>By {plain[:200]}</p>{paragraphs}{body}"
        "</article></body></html>"
    )


@contextmanager
def site(texts: Sequence[str]) -> Iterator[sites.Site]:
    """A site whose feed has one article a text, and one more of five megabytes."""
    huge = "".join(f"<p>{FILLER * 40}{number}</p>" for number in range(HUGE // (len(FILLER) * 40)))
    pages = {f"/a{number}": article(text, number) for number, text in enumerate(texts)}
    pages["/huge"] = article("A text of five megabytes <script>alert(24)</script>", 10**6, huge)

    def answer(asked: sites.Request) -> sites.Answer:
        if asked.path == "/feed":
            return sites.Answer(_feed(texts, asked.host), kind=f"{sites.XML}; charset=utf-8")
        found = pages.get(asked.path)
        return sites.Answer(status=404) if found is None else sites.Answer(found)

    with sites.serve(answer) as running:
        yield running


def _feed(texts: Sequence[str], host: str) -> str:
    items = "".join(
        f"<item><title>{_xml(text)} {number}</title><link>http://{host}/a{number}</link>"
        f"<guid isPermaLink='false'>{_xml(text)}{number}</guid><author>{_xml(text)}</author>"
        f"<description>{_xml(text)}</description></item>"
        for number, text in enumerate(texts)
    )
    items += f"<item><title>Huge</title><link>http://{host}/huge</link></item>"
    items += "<item><title>No link</title><link>javascript:alert(25)</link></item>"
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>{_xml(texts[0])}</title><link>javascript:alert(26)</link>{items}</channel></rss>"
    )


def _xml(text: str) -> str:
    """Escaped, without the characters that XML 1.0 cannot have."""
    kept = (char for char in text if char in "\t\n\r" or char >= " ")
    return escape("".join(char for char in kept if not "\ud800" <= char <= "\udfff"))
