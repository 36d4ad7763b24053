"""What the description of the API shows: one invented report, its copy, and what lies around."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wirewatch.alerts.preview import Day, Foreseen, Preview
from wirewatch.records import (
    Alert,
    Article,
    Change,
    Channel,
    ChannelKind,
    Cluster,
    Delivery,
    DeliveryState,
    Edit,
    Feed,
    Link,
    Page,
    PageStatus,
    Reason,
    Revision,
    RevisionKind,
    Run,
    SavedSearch,
    Story,
    TopicTag,
    Try,
    replace,
    stable_id,
)
from wirewatch.search.counts import Counts, Point
from wirewatch.search.results import Count, Highlight, Hit, Piece, Results
from wirewatch.search.terms import Term, Terms

NOON = datetime(2026, 11, 5, 10, tzinfo=UTC)
URL = "https://herald.example/news/ferry-fire"

STORY = Story(
    id=stable_id("story", URL),
    cluster_id=stable_id("story", URL),
    lead=True,
    article=Article(
        url=f"{URL}?ref=feed",
        canonical_url=URL,
        title="All saved as ferry burns off Port Elsin",
        text="PORT ELSIN (Meridian) — A ferry caught fire on Thursday.\nAn inquiry was opened.",
        authors=("Ada Lindqvist",),
        published=NOON,
        published_precision="instant",
        published_source="json-ld",
        first_seen=NOON.replace(minute=4),
        language="en",
        outlet="Morning Herald",
        host="herald.example",
        country="GB",
    ),
    word_count=13,
    indexed=NOON.replace(minute=5),
    agency="Meridian News Agency",
    agency_evidence="dateline",
    topics=(
        TopicTag(
            code="medtop:03000000",
            name="disaster, accident and emergency incident",
            score=0.93,
            why=("words: ferry, fire",),
        ),
    ),
)
COPY = replace(
    STORY,
    id=stable_id("story", "https://coast.example/1"),
    lead=False,
    article=replace(
        STORY.article,
        url="https://coast.example/1",
        canonical_url="https://coast.example/1",
        title="Ferry fire: all passengers safe",
        outlet="Coast Post",
        host="coast.example",
        published=NOON.replace(minute=40),
    ),
    word_count=9,
    link=Link(
        story_id=STORY.id,
        relation="truncated",
        score=0.98,
        containment=1.0,
        containment_of=0.7,
        resemblance=0.7,
        shared=("a ferry caught fire on thursday",),
    ),
)
CLUSTER = Cluster(
    id=STORY.id,
    lead=STORY.id,
    lead_reason="the longest of those that came first",
    stories=(STORY.id, COPY.id),
    outlets=2,
    agency=STORY.agency,
    first=NOON,
    last=NOON.replace(minute=40),
)
RESULTS = Results(
    query="ferry AND (fire OR smoke)",
    stories=2,
    clusters=1,
    hits=(
        Hit(
            story=STORY,
            score=7.2,
            highlights=(
                Highlight(
                    field="text",
                    pieces=(Piece(text="A "), Piece(text="ferry", match=True)),
                ),
            ),
            matching=2,
            copies=2,
            outlets=2,
        ),
    ),
    facets={"outlet": (Count(value="Coast Post", stories=1),)},
    took=4,
)
REVISION = Revision(
    id=stable_id("revision", STORY.id, "1"),
    story_id=STORY.id,
    cluster_id=STORY.cluster_id,
    number=1,
    kind=RevisionKind.CORRECTION,
    seen=NOON.replace(hour=16),
    language="en",
    title=STORY.article.title,
    text=STORY.article.text,
    note="An earlier version gave the wrong day.",
    change=Change(
        words_added=1,
        words_removed=1,
        edits=(Edit(at=8, removed="Wednesday", added="Thursday"),),
    ),
)
COUNTS = Counts(
    query="ferry",
    stories=2,
    points=(Point(start=NOON.replace(hour=0), count=2, share=0.02),),
)
TERMS = Terms(
    query="ferry",
    words=(Term(value="smoke", score=2.1, stories=2, sample=2, background=9, everything=4_000),),
)
FEED = Feed(
    id=stable_id("feed", "https://herald.example/rss"),
    url="https://herald.example/rss",
    title="Morning Herald",
    outlet="Morning Herald",
    language="en",
    country="GB",
    added=NOON.replace(day=1),
    next_poll=NOON.replace(minute=15),
    interval=900,
    last_poll=NOON,
    last_success=NOON,
    http_status=200,
    polls=96,
    entries=2_880,
    new_entries=41,
)
PAGE = Page(
    id=stable_id("page", "https://herald.example/account"),
    url="https://herald.example/account",
    host="herald.example",
    status=PageStatus.REJECTED,
    feed_id=FEED.id,
    outlet="Morning Herald",
    discovered=NOON,
    attempts=1,
    http_status=200,
    reason=Reason.LOGIN,
    detail="a login form and 38 characters of text",
)
SEARCH = SavedSearch(
    id="ferries",
    name="Ferries",
    query="ferry AND (fire OR smoke)",
    channels=("log", "newsroom"),
    origin="user",
    created=NOON,
)
ALERT = Alert(
    id=stable_id("alert", SEARCH.id, CLUSTER.id),
    search_id=SEARCH.id,
    search_name=SEARCH.name,
    cluster_id=CLUSTER.id,
    story_id=STORY.id,
    title=STORY.article.title,
    url=STORY.article.url,
    outlet=STORY.article.outlet,
    created=NOON.replace(minute=6),
)
CHANNEL = Channel(
    id="newsroom",
    name="The news desk",
    kind=ChannelKind.MAIL,
    address="desk@herald.example",
    created=NOON.replace(day=1),
)
DELIVERY = Delivery(
    id=stable_id("delivery", ALERT.id, CHANNEL.id, "0"),
    search_id=SEARCH.id,
    channel=CHANNEL.id,
    alerts=(ALERT.id,),
    state=DeliveryState.SENT,
    created=ALERT.created,
    searchable=STORY.indexed,
    next_try=ALERT.created,
    since=ALERT.created,
    attempts=1,
    tries=(Try(at=NOON.replace(minute=7)),),
    sent=NOON.replace(minute=7),
    seconds=120.0,
)
PREVIEW = Preview(
    alerts=1,
    by_number=0,
    stories=3,
    since=NOON - timedelta(days=7),
    days=(Day(day="2026-11-05", alerts=1),),
    listed=(
        Foreseen(
            at=NOON,
            title=STORY.article.title,
            story_id=STORY.id,
            outlet=STORY.article.outlet,
            outlets=3,
        ),
    ),
)
RUN = Run(
    id="scheduled__2026-11-05T10:00:00+00:00",
    kind="ingest",
    state="done",
    started=NOON,
    finished=NOON.replace(minute=2),
    stages={"index": {"taken": 41, "passed": 41}},
)
