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
    last_entry: datetime | None = None  # the newest date its entries have shown
    silence_check: datetime | None = None  # when it is next asked whether it has fallen silent
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
    hub: str = ""  # the WebSub hub it names
    topic: str = ""  # the URL that hub knows it by
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
    published_precision: str = ""  # "instant", or "day": its clock is read as UTC's, not known
    updated: datetime | None = None
    updated_precision: str = ""
    date_doubt: str = ""  # why "published" is none or a day, with what the feed wrote
    language: str = ""

    @property
    def id(self) -> str:
        """Identity: feed and guid, else feed and link, else feed and title."""
        return stable_id("entry", self.feed_id, self.guid or self.url or self.title)


class SubscriptionState(StrEnum):
    """How a subscription at a hub stands, in one word."""

    REQUESTED = "requested"  # to be asked for, or asked for and not verified yet
    ACTIVE = "active"  # verified; its lease runs
    LAPSED = "lapsed"  # the lease ended, or the hub denied it: the feed is polled as any other
    LEAVING = "leaving"  # the feed is not wanted any more, or names another hub


class Subscription(Record, frozen=True, kw_only=True):
    """A feed's subscription at its WebSub hub (https://www.w3.org/TR/websub/)."""

    id: str  # the feed's
    hub: str
    topic: str
    token: str  # in the callback's address: nobody else can guess that
    secret: str  # the hub signs its pushes with it
    state: SubscriptionState = SubscriptionState.REQUESTED
    next_try: datetime | None = None  # when the hub is asked (again)
    requested: datetime | None = None
    verified: datetime | None = None
    expires: datetime | None = None  # the end of the lease that the hub granted
    failures: int = 0  # requests failed in a row
    error: str = ""  # the last failure in plain words
    pushes: int = 0
    last_push: datetime | None = None
    brought: int = 0  # unseen entries that pushes brought since it was verified
    missed: int = 0  # unseen entries that polls found since: pushes had not brought them
