"""Pages: one article URL each, where it stands, and where its bytes are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wirewatch.records.base import Record
from wirewatch.records.feeds import Entry


class PageStatus(StrEnum):
    """Where a page stands. ``rejected`` and ``dead`` are final until an operator retries them."""

    DISCOVERED = "discovered"
    FETCHED = "fetched"
    RETRY = "retry"
    INDEXED = "indexed"
    REJECTED = "rejected"
    DEAD = "dead"


class Reason(StrEnum):
    """Why a page was rejected, is retried, or is dead. ``detail`` beside it says it in words."""

    BAD_URL = "bad_url"
    GUARDED = "guarded"  # an address, port or scheme that the guard refuses
    ROBOTS = "robots"
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"  # 401, 402, 403, 451
    CLIENT_ERROR = "client_error"  # any other 4xx
    RATE_LIMITED = "rate_limited"  # 429, or 503 with Retry-After
    SERVER_ERROR = "server_error"
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    TOO_SLOW = "too_slow"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    PROTOCOL = "protocol"  # the server's answer is no valid HTTP
    POSTPONED = "postponed"  # not asked for in this run: its budget or the host's pace
    NOT_TEXT = "not_text"
    EMPTY = "empty"
    TOO_SHORT = "too_short"
    INDEX_PAGE = "index_page"
    CONSENT_WALL = "consent_wall"
    LOGIN = "login"
    PAYWALL = "paywall"
    SOFT_404 = "soft_404"  # an error page with status 200
    EXTRACTION_FAILED = "extraction_failed"
    EXTRACTION_DIED = "extraction_died"  # the process died or passed its limits on this page
    INDEXING_FAILED = "indexing_failed"  # Elasticsearch refused the document


class Location(Record, frozen=True, kw_only=True):
    """Where a page's bytes are archived: one gzip member of a WARC file."""

    file: str  # relative to the archive's root
    offset: int
    length: int


class Part(Record, frozen=True, kw_only=True):
    """A further page of an article that goes on over several."""

    url: str  # after redirects
    content_type: str = ""
    location: Location | None = None  # None: it asks for no copy


class Lease(Record, frozen=True, kw_only=True):
    """Which run holds a page, and until when."""

    run: str
    until: datetime


class Page(Record, frozen=True, kw_only=True):
    """One article URL, its fetch state, and where its bytes are archived."""

    id: str  # stable_id("page", normalised URL)
    url: str
    host: str
    status: PageStatus = PageStatus.DISCOVERED
    feed_id: str = ""  # the feed that named it first
    outlet: str = ""
    country: str = ""
    discovered: datetime
    entry: Entry | None = None
    entry_id: str = ""  # of the entry that named it: by this an entry whose link moved is known
    dated: datetime | None = None  # when its entry says it was published, else when first seen
    attempts: int = 0
    next_attempt: datetime | None = None
    lease: Lease | None = None
    fetched: datetime | None = None
    first_fetched: datetime | None = None  # stays when it is looked at again
    http_status: int = 0
    final_url: str = ""
    canonical: str = ""  # the page on another site that it says it is, where that one answered
    content_type: str = ""
    body_hash: str = ""
    etag: str = ""  # of the archived answer: what a revisit asks with
    last_modified: str = ""
    location: Location | None = None
    parts: tuple[Part, ...] = ()  # further pages of its article, joined to this one
    noarchive: bool = False  # the page asks for no copy: its bytes are not in the archive
    opt_outs: tuple[str, ...] = ()  # from AI training and text mining, by where they were found
    revisit_at: datetime | None = None  # when it is looked at again; None: not any more
    missing_since: datetime | None = None  # a look did not find it: the next one decides
    reason: Reason | None = None
    detail: str = ""  # the reason in plain words, with the figures
    story_id: str = ""  # set when indexed; two pages with one canonical URL share a story
    run: str = ""  # the run that last changed it
