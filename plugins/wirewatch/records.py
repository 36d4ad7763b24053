"""The nouns of wirewatch, one immutable record each; stages pass these and nothing else.

``Feed`` → ``Entry`` → ``Page`` → ``Article`` → ``Story`` (in a ``Cluster``, with ``Topic`` codes)
→ ``Alert``. Records are msgspec structs: typed, frozen, encoded to JSON and checked on decoding.
Instants are aware UTC datetimes; ids are stable hashes made by :func:`stable_id`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

ID_BYTES = 12  # 96 bits: a collision among 10^9 stories has a chance of about 10^-11


def stable_id(*parts: str) -> str:
    """The id of a thing: 24 hex digits of BLAKE2b over its parts, the same in every process."""
    digest = hashlib.blake2b(digest_size=ID_BYTES)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))  # so that ("ab", "c") and ("a", "bc") differ
        digest.update(raw)
    return digest.hexdigest()


def utc_now() -> datetime:
    """The present instant, aware, in UTC, cut to milliseconds as Elasticsearch keeps them."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every record."""


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
    attempts: int = 0
    next_attempt: datetime | None = None
    lease: Lease | None = None
    fetched: datetime | None = None
    http_status: int = 0
    final_url: str = ""
    content_type: str = ""
    body_hash: str = ""
    etag: str = ""  # of the archived answer: what a revisit asks with
    last_modified: str = ""
    location: Location | None = None
    revisit_at: datetime | None = None  # when it is looked at again; None: not any more
    reason: Reason | None = None
    detail: str = ""  # the reason in plain words, with the figures
    story_id: str = ""  # set when indexed; two pages with one canonical URL share a story
    run: str = ""  # the run that last changed it


class Article(Record, frozen=True, kw_only=True):
    """What extraction read from a page."""

    page_id: str
    url: str  # where it was fetched from, after redirects
    canonical_url: str
    title: str
    text: str  # paragraphs separated by one newline, NFC
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: str = ""  # "instant" or "day"
    published_source: str = ""  # "json-ld", "opengraph", "feed", …
    published_day: str = ""  # ISO 8601, in the page's own offset: the day its readers saw
    modified: datetime | None = None
    language: str = "und"  # BCP 47; und: could not be told
    site_name: str = ""
    image: str = ""
    description: str = ""
    extractor: str = ""  # name and version
    outlet: str = ""
    country: str = ""
    host: str = ""
    feed_id: str = ""
    discovered: datetime
    fetched: datetime
    credits: tuple[str, ...] = ()  # bylines and credit lines as found: what names an agency
    section: str = ""  # as the page names it
    keywords: tuple[str, ...] = ()  # as the page gives them
    paywalled: bool = False  # the page says that it is not free to read
    next_url: str = ""  # where a paginated article goes on


class Link(Record, frozen=True, kw_only=True):
    """The evidence that one story is a copy of another."""

    story_id: str  # the story it was matched with
    relation: str  # copy, revision, truncated, excerpt, embedded, mix
    score: float  # 0 to 1, the verdict's certainty
    containment: float  # share of this story's character 5-grams found in the other
    containment_of: float  # share of the other's found in this one
    resemblance: float  # Jaccard of both
    shared: tuple[str, ...] = ()  # the longest passages both have, some words each
    numbers_differ: tuple[str, ...] = ()
    names_differ: tuple[str, ...] = ()
    hours_apart: float = 0.0


class TopicTag(Record, frozen=True, kw_only=True):
    """One topic of a story, with why."""

    code: str  # IPTC Media Topic, "medtop:04000000"
    name: str
    score: float
    why: tuple[str, ...] = ()  # the words that decided


class Story(Record, frozen=True, kw_only=True):
    """An article placed in a cluster and tagged; the document that analysts search."""

    id: str  # stable_id("story", canonical URL)
    cluster_id: str = ""
    lead: bool = False
    url: str
    canonical_url: str
    title: str
    text: str
    description: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: str = ""
    published_source: str = ""
    modified: datetime | None = None
    first_seen: datetime
    indexed: datetime | None = None
    language: str = "und"
    outlet: str = ""
    host: str = ""
    country: str = ""
    feed_id: str = ""
    page_id: str = ""
    credits: tuple[str, ...] = ()  # bylines and credit lines as found: what names an agency
    agency: str = ""
    agency_evidence: str = ""
    topics: tuple[TopicTag, ...] = ()
    link: Link | None = None  # None: the first of its cluster
    sources: tuple[Link, ...] = ()  # further stories that a mix was made from
    word_count: int = 0
    image: str = ""
    extractor: str = ""
    revisions: int = 0  # how often the page changed since it was first seen; see Revision
    revised: datetime | None = None  # when the newest revision was seen
    corrected: bool = False  # its page carries a correction or clarification
    withdrawn: bool = False  # its page says that the report was withdrawn
    vanished: bool = False  # its page was gone when it was last looked at
    run: str = ""

    @property
    def time(self) -> datetime:
        """When it was published, or first seen where the page does not say."""
        return self.published or self.first_seen


class RevisionKind(StrEnum):
    """What became of a story's page."""

    FIRST = "first"  # not a change: what the page said before the first one
    CHANGED = "changed"
    CORRECTION = "correction"  # with a note that was not there before
    WITHDRAWAL = "withdrawal"
    VANISHED = "vanished"
    RETURNED = "returned"  # it had vanished, and says what it said before


class Edit(Record, frozen=True, kw_only=True):
    """One place where words differ."""

    at: int  # in words from the beginning of the older text; -1: in the title
    removed: str = ""  # words parted by blanks, cut where they are long
    added: str = ""


class Change(Record, frozen=True, kw_only=True):
    """What differs between two versions of a story, in words."""

    words_added: int = 0
    words_removed: int = 0
    words_moved: int = 0  # removed in one place and added in another; in neither count above
    title: bool = False  # whether the title changed
    edits: tuple[Edit, ...] = ()
    edits_left_out: int = 0  # beyond the number kept


class Revision(Record, frozen=True, kw_only=True):
    """A later version of a story, or the end of its page; number 0 is the version before them."""

    id: str  # stable_id("revision", story id, number)
    story_id: str
    cluster_id: str
    number: int
    kind: RevisionKind
    seen: datetime  # when it was fetched
    language: str = "und"
    title: str = ""  # title and text are empty where there was no page to read
    text: str = ""
    note: str = ""  # the correction or withdrawal note, in the page's own words
    change: Change | None = None
    run: str = ""


class Cluster(Record, frozen=True, kw_only=True):
    """The copies and revisions of one report, across outlets; one of them leads."""

    id: str  # the id of its first story
    lead: str  # story id
    lead_reason: str = ""
    stories: tuple[str, ...] = ()  # story ids, by time
    outlets: int = 0
    agency: str = ""
    first: datetime  # time of its earliest story
    last: datetime
    redirect: str = ""  # the cluster this one was merged into
    pinned: tuple[str, ...] = ()  # stories put here by hand: no evidence moves them
    apart: tuple[str, ...] = ()  # clusters that a person split from this one: never merged again
    evidence: Link | None = None  # of a merged cluster: the link that merged it
    run: str = ""


class SavedSearch(Record, frozen=True, kw_only=True):
    """A query somebody keeps, and where its alerts go."""

    id: str  # the file's or the form's slug
    name: str
    query: str
    channels: tuple[str, ...] = ("log",)  # "log" or a webhook's http(s) URL
    enabled: bool = True
    origin: str = "file"  # "file": kept in config/searches/; "user": kept by a person in the index
    created: datetime | None = None


class Alert(Record, frozen=True, kw_only=True):
    """A new cluster that matched a saved search: one per search and cluster."""

    id: str  # stable_id("alert", search id, cluster id)
    search_id: str
    search_name: str
    cluster_id: str
    story_id: str
    title: str
    url: str
    outlet: str = ""
    created: datetime
    sent: tuple[str, ...] = ()  # the channels that have it
    delivered: datetime | None = None  # when the last of its channels had it
    attempts: int = 0
    error: str = ""  # why the last attempt failed, in words


class HostTime(Record, frozen=True, kw_only=True):
    """How long a host took over a run's pages."""

    host: str
    pages: int
    seconds: float


class Batch(Record, frozen=True, kw_only=True):
    """A reference to a batch file; what tasks hand on instead of bodies."""

    run: str
    stage: str  # the stage that wrote it
    partition: int
    file: str  # relative to the state's root
    taken: int  # items that came in: always the sum of passed and of outcomes
    passed: int  # items that the next stage takes on
    outcomes: dict[str, int] = {}  # why the others did not go on, each kept with its reason
    notes: dict[str, int] = {}  # counts of other things than items: feeds polled, clusters made
    hosts: tuple[HostTime, ...] = ()  # where the time went: the slowest hosts of a fetch


class Run(Record, frozen=True, kw_only=True):
    """One run of the pipeline, as operators read it."""

    id: str
    kind: str  # "ingest", "alerts", …
    state: str = "running"  # running, done, failed
    started: datetime
    finished: datetime | None = None
    stages: dict[str, dict[str, int]] = {}  # stage to counts by outcome
    alerts: str = ""  # "pending" until saved searches were matched with its stories, then "done"
    problems: tuple[str, ...] = ()  # what does not add up, in words
    hosts: tuple[HostTime, ...] = ()


R = TypeVar("R", bound=msgspec.Struct)

_encoder = msgspec.json.Encoder()


def to_json(record: msgspec.Struct) -> bytes:
    """The record as one line of JSON."""
    return _encoder.encode(record)


def to_dict(record: msgspec.Struct) -> dict[str, Any]:
    """The record as JSON-ready values: what goes to Elasticsearch and to ``--json``."""
    built: dict[str, Any] = msgspec.to_builtins(record)
    return built


def from_dict(kind: type[R], value: object) -> R:
    """A record out of JSON-ready values.

    Raises msgspec.ValidationError, which names the field, when they are not of that kind.
    """
    return msgspec.convert(value, kind)


def from_json(kind: type[R], line: bytes | str) -> R:
    """A record out of one line of JSON; raises msgspec.ValidationError when it is not one."""
    return msgspec.json.decode(line, type=kind)


def replace(record: R, **changes: Any) -> R:
    """The record with some fields changed."""
    return msgspec.structs.replace(record, **changes)


def by_id(records: Iterable[R]) -> dict[str, R]:
    """The records by their ``id``; the last of one id wins."""
    return {record.id: record for record in records}  # type: ignore[attr-defined]
