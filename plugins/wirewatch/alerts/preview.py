"""What a saved search would have sent in the last days, by the matcher and the rules that alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from wirewatch.alerts.events import Find, placed, too_old
from wirewatch.alerts.joins import changes
from wirewatch.alerts.kinds import BY_STORY, found_by
from wirewatch.alerts.match import match
from wirewatch.alerts.saved import check
from wirewatch.alerts.schedule import zone_of
from wirewatch.alerts.told import told
from wirewatch.alerts.view import View
from wirewatch.alerts.volume import HOUR, PAST, hour_of, hourly, span, spike
from wirewatch.records import (
    Cluster,
    Record,
    SavedSearch,
    SearchKind,
    Story,
    Unmatched,
    by_id,
    replace,
)
from wirewatch.search import languages
from wirewatch.search.dsl import Query, translate
from wirewatch.search.language import BadQuery
from wirewatch.search.tree import Dates, Node, leaves
from wirewatch.store import Store

DAYS = 7
LISTED = 200  # alerts that are shown, the newest


class Foreseen(Record, frozen=True, kw_only=True):
    """An alert that would have been raised."""

    at: datetime
    title: str
    story_id: str = ""
    outlet: str = ""
    outlets: int = 1
    copy_only: bool = False
    detail: str = ""


class Day(Record, frozen=True, kw_only=True):
    """How many a day, in the search's time zone."""

    day: str  # ISO 8601
    alerts: int


class Preview(Record, frozen=True, kw_only=True):
    """What would have been sent."""

    alerts: int
    by_number: int  # of these, beyond the cap of their hour
    stories: int  # looked at
    since: datetime  # later than asked where there were more stories than are looked at
    days: tuple[Day, ...]
    listed: tuple[Foreseen, ...]  # the newest first


def preview(store: Store, search: SavedSearch, now: datetime) -> Preview:
    """What a search, which need not be kept, would have sent in the last seven days.

    It looks at so many stories that the query finds as ``alerts.preview`` says, the newest. Raises
    BadSearches and BadQuery, as keeping it does.
    """
    tree = check(store, replace(search, expires=None))
    since = now - timedelta(days=DAYS)
    if search.kind in BY_STORY:
        found, looked, since = _by_story(store, search, tree, since, now)
    else:
        dsl = translate(tree, languages=languages.present(store), now=now)
        looked, found = 0, _by_hour(store, search, dsl, since, now)
    found.sort(key=lambda one: (one.at, one.title), reverse=True)
    zone = zone_of(search.zone)
    days = Counter(one.at.astimezone(zone).date() for one in found)
    first = since.astimezone(zone).date()
    all_days = [
        first + timedelta(days=n) for n in range((now.astimezone(zone).date() - first).days + 1)
    ]
    hours = Counter(hour_of(one.at) for one in found)
    return Preview(
        alerts=len(found),
        by_number=sum(max(0, count - search.cap) for count in hours.values()),
        stories=looked,
        since=since,
        days=tuple(Day(day=day.isoformat(), alerts=days[day]) for day in all_days),
        listed=tuple(found[:LISTED]),
    )


def _by_story(
    store: Store, search: SavedSearch, tree: Node, since: datetime, now: datetime
) -> tuple[list[Foreseen], int, datetime]:
    """The alerts, how many stories were looked at, and since when."""
    most = store.settings["alerts.preview"]
    stories = _candidates(store, search, tree, since, now, most)
    if len(stories) == most:
        since = max(since, min(_moment(search, one) for one in stories.values()))
    homes = placed(store, stories.values(), now, 0)
    clusters = tuple(by_id(homes.values()).values())
    # Copies seen before, whose report was told then, and those that make up a number of outlets.
    beside = [one for cluster in clusters for one in cluster.stories if one not in stories][:most]
    older = store.stories.stories(beside, lines=True)
    known = {**older, **stories}
    others = [replace(one, enabled=False) for one in store.searches.all() if one.id != search.id]
    asked = replace(search, enabled=True)
    matches = match(store, [*others, asked], list(known), now=now)
    if search.id in matches.refused:
        raise BadQuery(matches.refused[search.id], 1)
    found = matches.stories.get(search.id, ())
    change = search.kind == SearchKind.CHANGE
    view = View(
        fresh=stories,
        stories=known,
        homes={**{one: home for home in clusters for one in home.stories}, **homes},
        clusters=clusters,
        titles={},
        told=told(store, store, clusters) if change else {},
        changed=changes(store, stories.values()) if change else {},
    )
    before = {
        view.homes[one].id
        for one in found
        if one in older and older[one].article.first_seen < since
        and not too_old(older[one], search.age_limit)
    }  # fmt: skip
    made = []
    for one in found_by(search, found, view, {}):
        at = _when(search, one, known)
        if (
            at is not None
            and at >= since
            and (change or _outlets(search) or one.cluster.id not in before)
        ):
            made.append(_foreseen(one, at))
    return made, len(known), since


def _outlets(search: SavedSearch) -> bool:
    return search.kind == SearchKind.OUTLETS


def _candidates(
    store: Store, search: SavedSearch, tree: Node, since: datetime, now: datetime, most: int
) -> dict[str, Story]:
    """The stories that the search may find; of a change, those that changed, marked as that."""
    change = search.kind == SearchKind.CHANGE
    span_of = {"range": {"revised" if change else "first_seen": {"gte": since.isoformat()}}}
    given: list[Query] = [span_of]
    # The server's answer would be the matcher's, but for days that count back from now: the
    # matcher counts them from when a story was seen. And a change may be of what no longer matches.
    if not change and not any(isinstance(one, Dates) and one.ago for one in leaves(tree)):
        given.append(translate(tree, languages=languages.present(store), now=now))
    found = store.stories.latest({"bool": {"filter": given}}, most, by="revised" if change else "")
    mark = Unmatched.REVISED if change else Unmatched.NEW
    return by_id(replace(one, unmatched=mark) for one in found)


def _moment(search: SavedSearch, story: Story) -> datetime:
    if search.kind == SearchKind.CHANGE and story.revised:
        return story.revised
    return story.article.first_seen


def _when(search: SavedSearch, find: Find, stories: Mapping[str, Story]) -> datetime | None:
    """When it would have been told: with the first copy that matches, or the last outlet needed."""
    if search.kind == SearchKind.CHANGE:
        return find.story.revised
    matched = [stories[one] for one in find.matched if not too_old(stories[one], search.age_limit)]
    first = min((_searchable(one) for one in matched), default=None)
    if search.kind != SearchKind.OUTLETS or first is None:
        return first
    passed = _passed(find.cluster, stories, search.threshold)
    return None if passed is None else max(first, passed)


def _passed(cluster: Cluster, stories: Mapping[str, Story], threshold: int) -> datetime | None:
    outlets: set[str] = set()
    copies = sorted((stories[one] for one in cluster.stories if one in stories), key=_searchable)
    for one in copies:
        outlets.add(one.article.outlet or one.article.host)
        if len(outlets) >= threshold:
            return _searchable(one)
    return None


def _searchable(story: Story) -> datetime:
    return story.indexed or story.article.first_seen


def _foreseen(find: Find, at: datetime) -> Foreseen:
    return Foreseen(
        at=at,
        title=find.story.article.title,
        story_id=find.story.id,
        outlet=find.story.article.outlet,
        outlets=max(1, find.cluster.outlets),
        copy_only=find.copy_only,
        detail=find.detail,
    )


def _by_hour(
    store: Store, search: SavedSearch, dsl: Query, since: datetime, now: datetime
) -> list[Foreseen]:
    """Spikes and silences, to the hour."""
    archive = span(store)
    if archive is None:
        return []
    silent = search.kind == SearchKind.SILENCE
    begin = since - (timedelta(hours=search.threshold) if silent else PAST)
    [counts] = hourly(store, [dsl], begin, copies=silent)
    if isinstance(counts, str):
        raise BadQuery(counts, 1)
    if silent:
        return _silences(sorted(counts), search.threshold, max(begin, archive[0]), since, now)
    made: list[Foreseen] = []
    last: datetime | None = None
    hour = hour_of(since)
    while hour <= now:
        found = spike(counts, hour, search.zone, archive[0], search.threshold)
        if found and last != hour - HOUR:
            words = f"{found.count} reports in an hour, {found.expected:g} expected"
            made.append(Foreseen(at=hour, title=words, outlets=0))
        last = hour if found else last
        hour += HOUR
    return made


def _silences(
    hours: Sequence[datetime], threshold: int, begin: datetime, since: datetime, now: datetime
) -> list[Foreseen]:
    wait = timedelta(hours=threshold)
    ends: Iterable[datetime] = [*hours, now]
    made: list[Foreseen] = []
    last = begin
    for end in ends:
        if end - last >= wait and last + wait >= since:
            made.append(Foreseen(at=last + wait, title=f"Nothing for {threshold} hours", outlets=0))
        last = max(last, end + HOUR)
    return made
