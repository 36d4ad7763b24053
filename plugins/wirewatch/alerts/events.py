"""What new stories mean to saved searches: events, a cluster each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wirewatch.records import Alert, Cluster, SavedSearch, Story, stable_id
from wirewatch.store import Store

EXCERPT = 300  # characters of a text that an alert shows
_BREAK = 40  # characters before that end in which a blank may end it


@dataclass(frozen=True, slots=True)
class Find:
    """A cluster of which some stories match."""

    cluster: Cluster
    story: Story  # the lead where it matches, else the earliest copy that does
    copy_only: bool  # the lead does not match
    matched: tuple[str, ...]  # ids of the copies that match, by time
    searchable: datetime | None  # when the newest of them could first be found
    occasion: str = ""  # of a kind that tells of a cluster more than once
    detail: str = ""

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """By time; what only a copy says comes below."""
        return self.copy_only, self.story.time, self.story.id


@dataclass(frozen=True, slots=True)
class Event:
    """What a saved search tells of."""

    search: SavedSearch
    find: Find

    @property
    def id(self) -> str:
        """The id of its alert."""
        return alert_id(self.search.id, self.find.cluster.id, self.find.occasion)


def alert_id(search_id: str, cluster_id: str, occasion: str = "") -> str:
    """The id of an alert: of a search and a cluster, and of the occasion where there are more."""
    return stable_id("alert", search_id, cluster_id, *((occasion,) if occasion else ()))


def placed(
    store: Store, stories: Collection[Story], now: datetime, lease: float
) -> dict[str, Cluster]:
    """The root cluster of each story, by story id, redirects followed.

    One that is being placed this moment is absent: its cluster does not name it yet, and what its
    run merges cannot be told. A run that did not name it within its ``lease`` (seconds) died; its
    story is taken as it is.
    """
    roots = _roots(store, {story.cluster_id or story.id for story in stories})
    alone: dict[str, list[Story]] = {}
    found: dict[str, Cluster] = {}
    for story in stories:
        root = roots.get(story.cluster_id or story.id)
        if root and story.id in root.stories:
            found[story.id] = root
        elif story.indexed is None or now - story.indexed > timedelta(seconds=lease):
            if root:
                found[story.id] = root
            else:
                alone.setdefault(story.cluster_id or story.id, []).append(story)
    for identity, own in alone.items():
        cluster = _unnamed(identity, own)
        found |= dict.fromkeys((story.id for story in own), cluster)
    return found


def _roots(store: Store, ids: Iterable[str]) -> dict[str, Cluster]:
    """What these ids name today; one without a cluster, or in a circle of redirects, is absent."""
    known: dict[str, Cluster] = {}
    wanted = set(ids)
    asked = set(wanted)
    while asked:
        got = store.clusters.get(sorted(asked))
        known |= got
        asked = {one.redirect for one in got.values() if one.redirect} - known.keys()
    found = {}
    for identity in wanted:
        seen = {identity}
        cluster = known.get(identity)
        while cluster and cluster.redirect and cluster.redirect not in seen:
            seen.add(cluster.redirect)
            cluster = known.get(cluster.redirect)
        if cluster and not cluster.redirect:
            found[identity] = cluster
    return found


def _unnamed(identity: str, stories: Sequence[Story]) -> Cluster:
    """The cluster of stories whose run died before it wrote one."""
    lead = next((story for story in stories if story.lead), stories[0])
    return Cluster(
        id=identity,
        lead=lead.id,
        stories=tuple(story.id for story in stories),
        outlets=len({story.article.outlet for story in stories}),
        first=min(story.time for story in stories),
        last=max(story.time for story in stories),
    )


def finds(
    found: Iterable[str],
    fresh: Collection[str],
    stories: Mapping[str, Story],
    clusters: Mapping[str, Cluster],
    age_limit: int,
) -> list[Find]:
    """The clusters of the stories found, in the order of time, those found by a copy alone last.

    Only ``fresh`` stories raise something, and of these none that was older than ``age_limit``
    days when it could first be found.
    """
    groups: dict[str, list[Story]] = {}
    for identity in found:
        if identity in clusters and identity in stories:
            groups.setdefault(clusters[identity].id, []).append(stories[identity])
    made = []
    for own in groups.values():
        own.sort(key=lambda story: (story.time, story.id))
        raising = [one for one in own if one.id in fresh and not too_old(one, age_limit)]
        if not raising:
            continue
        cluster = clusters[own[0].id]
        lead = next((story for story in own if story.id == cluster.lead), None)
        made.append(
            Find(
                cluster=cluster,
                story=lead or own[0],
                copy_only=lead is None,
                matched=tuple(story.id for story in own),
                searchable=max((one.indexed for one in raising if one.indexed), default=None),
            )
        )
    return sorted(made, key=lambda one: one.order)


def too_old(story: Story, age_limit: int) -> bool:
    """Whether a story was older than so many days when it could first be found.

    However long it waited since then does not count: it is late by our fault.
    """
    since = story.indexed or story.article.first_seen
    return since - story.time > timedelta(days=age_limit)


def alert_of(event: Event, titles: Mapping[str, str], now: datetime) -> Alert:
    """The alert that tells of an event, its passages aside; ``titles`` are its cluster's, by story.

    Its ``stories`` are all that its cluster has: none of them is news to this search again.
    """
    find = event.find
    told = find.matched if find.occasion else (*find.matched, *find.cluster.stories)
    return Alert(
        id=event.id,
        search_id=event.search.id,
        search_name=event.search.name,
        kind=event.search.kind,
        owner=event.search.owner,
        cluster_id=find.cluster.id,
        copy_only=find.copy_only,
        detail=find.detail,
        stories=tuple(dict.fromkeys(told)),
        outlets=max(find.cluster.outlets, 1),
        own_headlines=own_headlines(find.cluster, titles),
        created=now,
        searchable=find.searchable,
        **portrait(find.story),
    )


def portrait(story: Story) -> dict[str, Any]:
    """What an alert says of the story that it names, by field."""
    article = story.article
    return {
        "story_id": story.id,
        "title": article.title,
        "url": article.url,
        "outlet": article.outlet,
        "language": article.language,
        "published": article.published,
        "excerpt": excerpt(article.description or article.text),
        "topics": tuple(topic.name for topic in story.topics),
    }


def excerpt(text: str) -> str:
    """The beginning of a text on one line, ended between words where there are blanks."""
    line = " ".join(text[: 4 * EXCERPT].split())
    if len(line) <= EXCERPT:
        return line
    cut = line[: EXCERPT - 1]
    blank = cut.rfind(" ", len(cut) - _BREAK)
    return (cut[:blank] if blank > 0 else cut) + "…"


def own_headlines(cluster: Cluster, titles: Mapping[str, str]) -> int:
    """How many headlines other than the lead's its copies have."""
    told = {" ".join(titles[one].casefold().split()) for one in cluster.stories if one in titles}
    return max(0, len(told) - 1)
