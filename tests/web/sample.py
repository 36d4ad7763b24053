"""The stories, clusters, feeds, pages, searches, alerts and runs that the app is asked for."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from tests import makers
from tests.search.stories import DISASTER, ECONOMY, POLITICS, SPORT
from wirewatch.records import (
    Alert,
    Change,
    Cluster,
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
    replace,
    stable_id,
)
from wirewatch.store import Store

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
SUBJECTS = ("ferry", "budget", "election", "harbour", "match", "flood", "strike", "orchestra")
PLACES = ("Port Elsin", "Rosskopf", "Neufelden", "São Brás", "Łódź", "Valley Forge")
OUTLETS = ("Morning Herald", "Coast Post", "Kurier", "Diario del Puerto", "El Faro")
TOPICS = (DISASTER, ECONOMY, POLITICS, SPORT)
LANGUAGES = ("en", "en", "de", "es")
STORIES = 240
COPIES = 3  # of every fifth story


def fill(store: Store) -> dict[str, str]:
    """Writes everything, and returns ids by what they are of."""
    made = stories()
    store.stories.create(made).raise_refused("stories")
    store.clusters.write((cluster, None) for cluster in clusters(made))
    first = made[0]
    store.revisions.create(revisions(first))
    feeds = [feed(number) for number in range(12)]
    store.feeds.add(feeds)
    pages = [page(number) for number in range(60)]
    store.pages.discover(pages)
    store.searches.put(
        [
            SavedSearch(id="water", name="Water", query="flood OR ferry", origin="file"),
            SavedSearch(id="mine", name="Mine", query="@water lang:en", origin="user"),
        ]
    )
    alerts = [alert(number, one) for number, one in enumerate(made[:30])]
    store.alerts.create(alerts)
    for number in range(5):
        store.runs.begin(run(number))
    store.refresh()
    return {
        "story": first.id,
        "cluster": first.cluster_id,
        "feed": feeds[0].id,
        "page": pages[0].id,
        "search": "mine",
    }


def stories() -> list[Story]:
    """Some hundred stories of three weeks, every fifth with copies that cut its tail."""
    dice = random.Random(7)
    made = []
    for number in range(STORIES):
        subject, place = dice.choice(SUBJECTS), dice.choice(PLACES)
        url = f"https://herald.example/{number}"
        seen = DAY - timedelta(minutes=127 * number)
        sentences = [
            f"The {subject} in {place} was the talk of day {number}.",
            f"Officials counted {dice.randrange(1_000)} people near the {dice.choice(SUBJECTS)}.",
            "A second report is expected tomorrow.",
        ]
        lead = makers.story(
            url,
            "\n".join(sentences),
            title=f"{subject.capitalize()} in {place}: number {number}",
            authors=(f"Author {number % 9}",),
            published=seen if number % 7 else None,
            first_seen=seen + timedelta(minutes=4),
            language=dice.choice(LANGUAGES),
            outlet=OUTLETS[number % len(OUTLETS)],
            host="herald.example",
            country=("GB", "IE", "DE")[number % 3],
            agency="Meridian News Agency" if number % 5 == 0 else "",
            topics=(dice.choice(TOPICS),),
            revisions=1 if number == 0 else 0,
        )
        made.append(lead)
        if number % 5 == 0:
            made += [copy(lead, which, sentences) for which in range(COPIES)]
    return made


def copy(lead: Story, which: int, sentences: list[str]) -> Story:
    url = f"https://copies.example/{lead.id}/{which}"
    return makers.changed(
        lead,
        id=stable_id("story", url),
        lead=False,
        url=url,
        canonical_url=url,
        title=lead.article.title if which else "Seen elsewhere: " + lead.article.title,
        text="\n".join(sentences[: 3 - which]),
        first_seen=lead.article.first_seen + timedelta(minutes=10 * (which + 1)),
        published=None,
        outlet=OUTLETS[which],
        revisions=0,
        link=Link(
            story_id=lead.id,
            relation="truncated" if which else "copy",
            score=0.97,
            containment=1.0,
            containment_of=0.8,
            resemblance=0.8,
            shared=(sentences[0],),
        ),
    )


def clusters(made: list[Story]) -> list[Cluster]:
    found: dict[str, list[Story]] = {}
    for story in made:
        found.setdefault(story.cluster_id, []).append(story)
    return [makers.cluster(*members) for members in found.values()]


def revisions(story: Story) -> list[Revision]:
    first = Revision(
        id=stable_id("revision", story.id, "0"),
        story_id=story.id,
        cluster_id=story.cluster_id,
        number=0,
        kind=RevisionKind.FIRST,
        seen=story.article.first_seen,
        title="Before",
        text=story.article.text,
    )
    change = Change(words_added=1, title=True, edits=(Edit(at=-1, removed="Before", added="X"),))
    second = replace(first, id=stable_id("revision", story.id, "1"), number=1, change=change,
                          kind=RevisionKind.CHANGED, title=story.article.title)  # fmt: skip
    return [first, second]


def feed(number: int) -> Feed:
    return makers.feed(
        f"https://feeds.example/{number}", outlet=OUTLETS[number % 5], country="GB", language="en",
        added=DAY, polls=number,
    )  # fmt: skip


def page(number: int) -> Page:
    status = (PageStatus.REJECTED, PageStatus.DEAD, PageStatus.INDEXED)[number % 3]
    left_out = {"reason": Reason.PAYWALL, "detail": "a stub of 300 characters"}
    return makers.page(
        f"https://pages.example/{number}",
        status=status,
        discovered=DAY - timedelta(minutes=number // 4),  # several of one moment
        **({} if status is PageStatus.INDEXED else left_out),
    )


def alert(number: int, story: Story) -> Alert:
    identity = stable_id("alert", "water", story.id)
    return makers.alert(
        story,
        "water",
        id=identity,
        created=DAY - timedelta(minutes=number // 2),
    )


def run(number: int) -> Run:
    return Run(
        id=f"run-{number}",
        kind="ingest" if number % 2 else "revisit",
        state="done",
        started=DAY + timedelta(minutes=number),
        finished=DAY + timedelta(minutes=number + 1),
        stages={"index": {"taken": number, "passed": number}},
    )
