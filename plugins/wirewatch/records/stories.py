"""Articles as extraction reads them; stories, placed and tagged; clusters of stories."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wirewatch.records.base import Record


class StoryKind(StrEnum):
    """What a page is."""

    ARTICLE = "article"
    LIVE = "live"  # a live blog: entries added while something goes on
    GALLERY = "gallery"
    VIDEO = "video"
    AUDIO = "audio"


class Unmatched(StrEnum):
    """Why saved searches have yet to be matched with a story."""

    NEW = "new"
    REVISED = "revised"


class Article(Record, frozen=True, kw_only=True):
    """What extraction read from a page."""

    page_id: str = ""  # empty: of no page, as two texts that are compared by hand
    url: str  # where it was fetched from, after redirects
    canonical_url: str
    title: str
    title_source: str = ""  # "h1", "json-ld", "opengraph", "feed", …
    text: str  # paragraphs separated by one newline, NFC
    description: str = ""
    authors: tuple[str, ...] = ()
    authors_source: str = ""  # "json-ld", "byline", "feed", …
    credits: tuple[str, ...] = ()  # bylines and credit lines as found: what names an agency
    published: datetime | None = None
    published_precision: str = ""  # "instant" or "day"
    published_source: str = ""  # "json-ld", "opengraph", "feed", …
    published_day: str = ""  # ISO 8601, in the page's own offset: the day its readers saw
    modified: datetime | None = None
    first_seen: datetime  # when the page was discovered
    language: str = "und"  # BCP 47; und: could not be told
    outlet: str = ""
    host: str = ""
    country: str = ""
    feed_id: str = ""
    kind: StoryKind = StoryKind.ARTICLE
    image: str = ""
    section: str = ""  # as the page names it
    keywords: tuple[str, ...] = ()  # as the page gives them
    paywalled: bool = False  # the page says that it is not free to read
    next_url: str = ""  # where a paginated article goes on
    extractor: str = ""  # name and version


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

    code: str  # IPTC Media Topic, "medtop:04000000", or one of the operator's own, "custom:harbour"
    name: str
    score: float
    why: tuple[str, ...] = ()  # by kind of evidence: "section: Sport", "words: goalkeeper, cup"


class Story(Record, frozen=True, kw_only=True):
    """An article placed in a cluster and tagged; the document that analysts search."""

    id: str  # stable_id("story", canonical URL)
    cluster_id: str = ""
    lead: bool = False
    article: Article
    word_count: int = 0  # of the article's text, which lists of stories are read without
    indexed: datetime | None = None
    agency: str = ""
    agency_evidence: str = ""
    topics: tuple[TopicTag, ...] = ()
    link: Link | None = None  # None: the first of its cluster
    sources: tuple[Link, ...] = ()  # further stories that a mix was made from
    revisions: int = 0  # how often the page changed since it was first seen; see Revision
    revised: datetime | None = None  # when the newest revision was seen
    corrected: bool = False  # its page carries a correction or clarification
    withdrawn: bool = False  # its page says that the report was withdrawn
    vanished: bool = False  # its page was gone when it was last looked at
    unmatched: Unmatched | None = None  # None: saved searches were matched with it as it is
    run: str = ""

    @property
    def time(self) -> datetime:
        """When it was published, or first seen where the page does not say."""
        return self.article.published or self.article.first_seen


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
