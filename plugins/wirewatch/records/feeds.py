"""Feeds and their entries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wirewatch.records.base import Record, stable_id


class FeedState(StrEnum):
    """What a feed is doing, in one word."""

    ACTIVE = "active"
    FAILING = "failing"  # the last polls failed; it is still polled, more seldom
    SILENT = "silent"  # it answers, but has had nothing new for longer than it ever did
    GONE = "gone"  # 410, or removed by an operator; no longer polled


class Feed(Record, frozen=True, kw_only=True):
    """An RSS, Atom or JSON feed or a news sitemap, with its poll state."""

    id: str  # stable_id("feed", normalised URL); kept when the feed moves to another URL
    url: str
    title: str = ""
    site: str = ""  # the web page it belongs to
    outlet: str = ""  # the name people know the publisher by
    language: str = ""  # BCP 47, as the operator or the feed declared it
    country: str = ""  # ISO 3166-1 alpha-2
    collections: tuple[str, ...] = ()  # OPML folders, joined by "/"
    added: datetime | None = None
    state: FeedState = FeedState.ACTIVE
    next_poll: datetime | None = None  # None: due at once
    interval: float = 0.0  # seconds between polls now; 0: not decided yet
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None  # when a poll last found an unseen entry
    last_full: datetime | None = None  # last unconditional poll: servers lie about changes
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    http_status: int = 0
    failures: int = 0  # polls failed in a row
    error: str = ""  # the last failure in plain words; "" after a success
    note: str = ""  # what was odd about a successful poll ("malformed: 2 entries lost at line 40")
    polls: int = 0
    entries: int = 0  # entries read over all polls
    new_entries: int = 0
    rejected_entries: int = 0  # entries that led to no page (no usable link, past the limit)
    moved_to: str = ""  # where a permanent redirect leads; taken over when it has held
    moved_polls: int = 0  # polls in a row that saw that redirect
    run: str = ""  # the run that polled it last: a rerun does not poll it twice


class Entry(Record, frozen=True, kw_only=True):
    """One item of a feed, as the feed gave it. Every field but ``feed_id`` may be empty."""

    feed_id: str
    guid: str = ""
    url: str = ""  # absolute
    title: str = ""
    summary: str = ""  # plain text
    content: str = ""  # sanitised HTML of a full-text feed
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""

    @property
    def id(self) -> str:
        """Identity: feed and guid, else feed and link, else feed and title."""
        return stable_id("entry", self.feed_id, self.guid or self.url or self.title)
