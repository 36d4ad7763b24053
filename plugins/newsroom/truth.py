"""What must come of every page and feed of the newsroom: the truth that tests compare with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newsroom.behaviours import Oddity
from newsroom.feeds import feed_urls, items
from newsroom.outlets import BY_LABEL, OUTLETS, Outlet
from newsroom.pages import (
    has_canonical,
    link,
    origin,
    parts_of,
    second_path,
)
from newsroom.phrases import PHRASES
from newsroom.plan import Placement, plan
from wirewatch.records import PageStatus, Reason, Record

PASSAGES = 2  # passages that the extracted body must hold
PASSAGE = 60  # characters of each

# What happens at the first request of an article that is served oddly; it is indexed later.
FIRST_REASON = {"flaky": Reason.SERVER_ERROR, "busy": Reason.RATE_LIMITED}


class PageTruth(Record, frozen=True, kw_only=True):
    """What must come of one page."""

    url: str  # as the outlet's own feed names it, without tracking parameters
    outlet: str  # name
    label: str  # first label of the host
    status: PageStatus  # where the page ends, retries included
    reason: Reason | None = None  # why it is not indexed
    first_reason: Reason | None = None  # what its first request meets, where a retry helps
    title: str = ""  # the headline
    language: str = ""  # primary subtag
    country: str = ""
    story: str = ""  # canonical URL; pages with the same one are one story
    final_url: str = ""  # after redirects
    cluster: str = ""  # pages of one cluster are copies of one report; singletons have their own
    relation: str = ""  # how the version was made: a kind of the churner, own, template, …
    second_source: str = ""  # cluster of the other report that a mix was made from
    translation_of: str = ""  # cluster of the report it translates: not a copy of it
    topics: tuple[str, ...] = ()  # top-level IPTC Media Topics
    published: datetime | None = None  # of precision "day": midnight UTC of the day printed
    precision: str = ""  # "instant" or "day": the best that page and feed tell
    authors: tuple[str, ...] = ()  # people whom the page names
    agency: str = ""  # the agency that this page is signed with
    report_agency: str = ""  # the agency whose report it is, named or not
    contains: tuple[str, ...] = ()  # passages of the body (of its first page)
    excludes: tuple[str, ...] = ()  # furniture of the page that is no part of the body
    pages: int = 1  # pages that the story is spread over
    revisable: bool = False  # changed by the newsroom's revise()
    hidden: bool = False  # only a second, unconditional poll of its feed shows it


class FeedTruth(Record, frozen=True, kw_only=True):
    """What must come of one feed."""

    url: str
    outlet: str
    kind: str  # rss2, rss1, atom, json, sitemap
    language: str
    country: str
    collection: str
    full_text: bool
    entries: int  # entries that can be read, at the first poll
    malformed: bool = False  # broken after those entries
    empty: bool = False
    lies: bool = False  # same ETag, and 304, although it changed after the first poll
    aggregator: bool = False  # links to other outlets' pages


class Truth(Record, frozen=True, kw_only=True):
    """The whole truth about the newsroom at one epoch and port."""

    epoch: datetime
    port: int
    pages: tuple[PageTruth, ...]
    feeds: tuple[FeedTruth, ...]

    def by_url(self) -> dict[str, PageTruth]:
        """The pages by their URL."""
        return {page.url: page for page in self.pages}

    def clusters(self) -> dict[str, tuple[str, ...]]:
        """The stories (canonical URLs) of each cluster, sorted; hidden ones included."""
        found: dict[str, set[str]] = {}
        for page in self.pages:
            if page.status == PageStatus.INDEXED:
                found.setdefault(page.cluster, set()).add(page.story)
        return {cluster: tuple(sorted(stories)) for cluster, stories in sorted(found.items())}


def truth(epoch: datetime, port: int) -> Truth:
    """What must come of pages and feeds, for an aware epoch and the server's port."""
    known = plan()
    pages: list[PageTruth] = []
    for placement in known.placements:
        pages += _article(placement, epoch, port)
    pages += [_odd(oddity, port) for oddity in known.oddities]
    feeds = [one for outlet in OUTLETS for one in _feeds(outlet, epoch, port)]
    return Truth(epoch=epoch.astimezone(UTC), port=port, pages=tuple(pages), feeds=tuple(feeds))


def _article(placement: Placement, epoch: datetime, port: int) -> list[PageTruth]:
    outlet = placement.outlet
    base = origin(outlet, port)
    text = placement.text
    url = base + placement.path(epoch)
    phrases = PHRASES[outlet.speaks]
    parts = parts_of(placement)
    when, precision = _published(placement, epoch)
    made = PageTruth(
        url=base + link(placement, epoch),
        outlet=outlet.name,
        label=outlet.label,
        status=PageStatus.INDEXED,
        first_reason=FIRST_REASON.get(placement.treatment),
        title=placement.version.title,
        language=outlet.speaks,
        country=outlet.country,
        story=url,
        final_url=url,
        cluster=placement.cluster,
        relation=placement.version.kind,
        second_source=placement.second_source,
        translation_of=text.translation_of,
        topics=text.topics,
        published=when,
        precision=precision,
        authors=placement.authors,
        agency=placement.agency,
        report_agency=text.agency,
        contains=_passages(parts[0]),
        excludes=(phrases.cookies, phrases.newsletter, phrases.rights),
        pages=len(parts),
        revisable=placement.revisable,
        hidden=placement.hidden,
    )
    second = second_path(placement, epoch)
    if not second:
        return [made]
    # The canonical link of the second page names the first.
    story = url if has_canonical(outlet) else base + second
    fields = {name: getattr(made, name) for name in made.__struct_fields__}
    return [
        made,
        PageTruth(**{**fields, "url": base + second, "final_url": base + second, "story": story}),
    ]


def _passages(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """The ends of the longest paragraphs: surely body, neither headline, list nor caption."""
    longest = sorted(paragraphs, key=len, reverse=True)[:PASSAGES]
    return tuple(paragraph[-PASSAGE:].strip() for paragraph in longest)


def _published(placement: Placement, epoch: datetime) -> tuple[datetime, str]:
    """When page or feed say it was published, as well as they say it."""
    moment = placement.published(epoch)
    if placement.outlet.metadata or not placement.outlet.has("no_dates"):
        return moment.astimezone(UTC), "instant"
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC), "day"


def _odd(oddity: Oddity, port: int) -> PageTruth:
    outlet = BY_LABEL[oddity.outlet]
    return PageTruth(
        url=origin(outlet, port) + oddity.path,
        outlet=outlet.name,
        label=outlet.label,
        status=oddity.status,
        reason=oddity.reason,
        title=oddity.title,
        language=outlet.speaks,
        country=outlet.country,
        relation=oddity.kind,
    )


def _feeds(outlet: Outlet, epoch: datetime, port: int) -> list[FeedTruth]:
    count = len(items(outlet, plan(), epoch, port, complete=False))
    made = []
    for n, url in enumerate(feed_urls(outlet, port)):
        made.append(
            FeedTruth(
                url=url,
                outlet=outlet.name,
                kind=outlet.feed,
                language=outlet.language,
                country=outlet.country,
                collection=outlet.collection,
                full_text=outlet.full_text,
                entries=(count + 1) // 2 if n else count,
                malformed=outlet.has("malformed"),
                empty=outlet.has("empty"),
                lies=outlet.has("lying_etag"),
                aggregator=outlet.has("aggregator"),
            )
        )
    return made
