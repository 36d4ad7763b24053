"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from typing import Any

import msgspec

from wirewatch.feeds.raw import NotAFeed, RawEntry, RawFeed


def read(text: str, limit: int) -> RawFeed:
    """The feed in a JSON text, at most ``limit`` items. Raises NotAFeed."""
    try:
        document: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAFeed(f"not a feed: damaged JSON: {error}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise NotAFeed("not a feed: JSON without a list of items")
    feed = RawFeed(
        kind="json",
        title=_string(document, "title"),
        language=_string(document, "language"),
        site=_string(document, "home_page_url"),
        self_url=_string(document, "feed_url"),
        over_limit=max(0, len(items) - limit),
    )
    hubs = document.get("hubs")
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and _string(hub, "type").lower() == "websub":
            feed.hub = feed.hub or _string(hub, "url")
    shared = _authors(document)
    for item in items[:limit]:
        if isinstance(item, dict):
            feed.entries.append(_entry(item, shared))
        else:
            feed.lost += 1
    return feed


def _string(table: dict[str, Any], name: str) -> str:
    value = table.get(name)
    # ids are sometimes numbers, which the format asks readers to take as strings
    return str(value) if isinstance(value, str | int | float) and value is not True else ""


def _all(table: dict[str, Any], *names: str) -> list[str]:
    return [text for name in names if (text := _string(table, name))]


def _authors(table: dict[str, Any]) -> list[str]:
    given = table.get("authors")
    people = given if isinstance(given, list) else [table.get("author")]
    names = [_string(person, "name") for person in people if isinstance(person, dict)]
    return [name for name in names if name]


def _entry(item: dict[str, Any], shared: list[str]) -> RawEntry:
    guid = _string(item, "id")
    markup = _string(item, "content_html")
    return RawEntry(
        guid=guid,
        guid_is_link=guid.startswith(("http://", "https://")),
        link=_string(item, "url") or _string(item, "external_url"),
        title=_string(item, "title"),
        title_is_markup=False,
        summary=_string(item, "summary"),
        summary_is_markup=False,
        content=markup or _string(item, "content_text"),
        content_is_markup=bool(markup),
        authors=_authors(item) or shared,
        published=_all(item, "date_published", "published", "pubDate", "datePublished"),
        updated=_all(item, "date_modified", "updated", "dateModified"),
        language=_string(item, "language"),
    )
