"""The newsroom's feeds as OPML: what `wirewatch feeds import` reads."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from newsroom.feeds import feed_urls
from newsroom.outlets import ATOM, JSON_FEED, OUTLETS, SITEMAP, Outlet
from newsroom.pages import origin


def opml(port: int) -> str:
    """The newsroom's feeds as OPML 2.0, folders as collections.

    Each feed's outline has text, title, type, xmlUrl, htmlUrl, language (BCP 47) and country
    (ISO 3166-1).
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "<head><title>The sample newsroom</title></head>",
        "<body>",
    ]
    tree: dict[str, Any] = {}
    for outlet in OUTLETS:
        folder = tree
        for name in outlet.collection.split("/"):
            folder = folder.setdefault(name, {})
        folder.setdefault("", []).extend(_outlines(outlet, port))
    lines += _folders(tree)
    return "\n".join([*lines, "</body>", "</opml>"]) + "\n"


def _outlines(outlet: Outlet, port: int) -> list[str]:
    kind = {ATOM: "atom", JSON_FEED: "json", SITEMAP: "sitemap"}.get(outlet.feed, "rss")
    return [
        f"<outline text={quoteattr(outlet.name)} title={quoteattr(outlet.name)} "
        f'type="{kind}" xmlUrl={quoteattr(url)} htmlUrl="{origin(outlet, port)}/" '
        f'language="{outlet.language}" country="{outlet.country}"/>'
        for url in feed_urls(outlet, port)
    ]


def _folders(tree: dict[str, Any]) -> list[str]:
    lines: list[str] = list(tree.get("", []))
    for name, inside in tree.items():
        if name:
            lines += [f"<outline text={quoteattr(name)} title={quoteattr(name)}>"]
            lines += _folders(inside)
            lines += ["</outline>"]
    return lines
