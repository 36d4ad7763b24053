"""Pages written for the tests, of the shapes that outlets have."""

from __future__ import annotations

import json
from typing import Any

from tests import makers
from tests.makers import NOW
from wirewatch.extract.job import Job
from wirewatch.records import Entry
from wirewatch.settings import load

SETTINGS = load({})
URL = "https://news.example.org/region/bridge-over-the-orla"

BODY = (
    "The council of Hallam voted on Monday to rebuild the old bridge over the river Orla, which "
    "a flood damaged two winters ago and which has been closed to lorries since then.",
    "Work is to begin in March and to take fourteen months, the head of the roads department, "
    "Ines Albrecht, told reporters after the meeting, which lasted until late in the evening.",
    "The costs of 12.4 million are shared between the town and the state. Traders in the old "
    "town had asked for a temporary crossing, which the council refused with nine votes to seven.",
)


def html(
    head: str = "", body: str = "", title: str = "Council rebuilds bridge", lang: str = "en"
) -> bytes:
    """A page with the body's paragraphs in an article, unless ``body`` says otherwise."""
    main = body or "<article><h1>Council rebuilds bridge</h1>" + paragraphs() + "</article>"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"{head}</head><body><nav><a href='/'>Home</a></nav>{main}</body></html>"
    ).encode()


def paragraphs(texts: tuple[str, ...] = BODY) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def ld(**node: Any) -> str:
    """A JSON-LD script of a NewsArticle with the fields."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **node}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def job(
    body: bytes, url: str = URL, content_type: str = "text/html", entry: Entry | None = None,
    outlet: str = "Hallam Courier",
) -> Job:  # fmt: skip
    page = makers.page("p1", url=url, host="news.example.org", entry=entry, outlet=outlet)
    return Job(page=page, body=body, url=url, fetched=NOW, content_type=content_type)
