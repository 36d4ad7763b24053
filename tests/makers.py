"""Records and settings for tests: each function fills in what a test does not care about.

The first argument is a name or an address. A name is the record's id, and its address is made
of it; an address is kept, and the id is made of it as the library does it. Every other field of
the record can be given by its own name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wirewatch.fetch import urls
from wirewatch.records import (
    Alert,
    Article,
    Cluster,
    Feed,
    Page,
    Story,
    flat_story,
    read_story,
    stable_id,
)
from wirewatch.settings import Settings, load

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def options(es_url: str, prefix: str, folder: Path, **more: Any) -> Settings:
    """Settings of an index prefix, with all files below a folder; more of them by name."""
    return load({}).with_options(
        elasticsearch__url=es_url,
        elasticsearch__prefix=prefix,
        state=str(folder / "state"),
        local__folder=str(folder / "local"),
        **more,
    )


def article(name: str, text: str = "Text.", **fields: Any) -> Article:
    """An article in English, found and fetched at the same moment."""
    url = _address(name)
    given = {
        "page_id": name,
        "url": url,
        "canonical_url": fields.get("url", url),
        "title": "Title",
        "text": text,
        "language": "en",
        "first_seen": NOW,
    }
    return Article(**{**given, **fields})


def story(name: str, text: str = "Text.", **fields: Any) -> Story:
    """A story in English, alone in the cluster of its own id unless another one is named."""
    url = _address(name)
    identity = fields.get("id") or (stable_id("story", url) if url == name else name)
    given = {
        "id": identity,
        "cluster_id": identity,
        "lead": True,
        "url": url,
        "canonical_url": fields.get("url", url),
        "title": "Title",
        "text": text,
        "language": "en",
        "first_seen": NOW,
        "word_count": len(text.split()),
        "run": "r0",
    }
    return read_story({**given, **fields})


def changed(one: Story, **fields: Any) -> Story:
    """The story with other values in fields that are named as ``story`` names them."""
    return read_story({**flat_story(one), **fields})


def page(name: str, **fields: Any) -> Page:
    """A page that was discovered and no more."""
    url = fields.pop("url", None) or _address(name)
    identity = urls.page_id(url) if url == name else name
    host = fields.pop("host", None) or urls.host(url)
    return Page(**{"id": identity, "url": url, "host": host, "discovered": NOW, **fields})


def feed(name: str, **fields: Any) -> Feed:
    """A feed that was never polled."""
    url = fields.get("url") or _address(name)
    return Feed(**{"id": urls.feed_id(url) if url == name else name, "url": url, **fields})


def cluster(*stories: Story, **fields: Any) -> Cluster:
    """The cluster of the stories, whose lead is the first one unless another is named."""
    given = {
        "id": stories[0].id,
        "lead": stories[0].id,
        "lead_reason": "the first",
        "stories": tuple(one.id for one in sorted(stories, key=lambda one: (one.time, one.id))),
        "outlets": len({one.article.outlet for one in stories}),
        "agency": stories[0].agency,
        "first": min(one.time for one in stories),
        "last": max(one.time for one in stories),
    }
    return Cluster(**{**given, **fields})


def alert(one: Story, search: str, **fields: Any) -> Alert:
    """The alert of a saved search about the story's cluster, not sent yet."""
    given = {
        "id": stable_id("alert", search, one.cluster_id),
        "search_id": search,
        "search_name": search.capitalize(),
        "cluster_id": one.cluster_id,
        "story_id": one.id,
        "title": one.article.title,
        "url": one.article.url,
        "outlet": one.article.outlet,
        "created": NOW,
    }
    return Alert(**{**given, **fields})


def _address(name: str) -> str:
    return name if "://" in name else f"http://a.example/{name}"
