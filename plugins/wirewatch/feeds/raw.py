"""What the readers of the several formats hand to ``parse``: the fields as they were written."""

from __future__ import annotations

from dataclasses import dataclass, field


class NotAFeed(ValueError):
    """The document is something else; the message says what: ``not a feed: an HTML page …``."""


@dataclass(slots=True)
class RawEntry:
    """One item. A field that may hold HTML is a pair: the text, and whether it is markup."""

    guid: str = ""
    guid_is_link: bool = False
    link: str = ""
    title: str = ""
    title_is_markup: bool = True
    summary: str = ""
    summary_is_markup: bool = True
    content: str = ""
    content_is_markup: bool = True
    authors: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)  # what may be the date, the best first
    updated: list[str] = field(default_factory=list)
    language: str = ""
    base: str = ""  # what relative links start from; "" for the feed's own base


@dataclass(slots=True)
class RawFeed:
    """A document and its items."""

    kind: str  # rss, rdf, atom, json, sitemap, sitemap-index
    title: str = ""
    language: str = ""
    site: str = ""  # the page it belongs to
    hub: str = ""  # WebSub hub
    self_url: str = ""  # the topic a hub knows it by
    ttl: str = ""  # minutes
    update_period: str = ""
    update_frequency: str = ""
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    base: str = ""
    entries: list[RawEntry] = field(default_factory=list)
    children: list[tuple[str, str]] = field(default_factory=list)  # sitemaps: URL, lastmod
    over_limit: int = 0  # items past the limit, counted and not read
    lost: int = 0  # items seen in a malformed document and not readable
    note: str = ""
