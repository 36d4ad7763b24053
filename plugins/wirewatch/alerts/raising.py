"""Alerts raised for the stories that no saved search was matched with yet.

A story carries a mark until its alerts and messages are written, and whatever is written twice is
written under the same id: a kill anywhere loses nothing and repeats nothing. Messages come before
their alerts, for which they wait; marks are taken away last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from wirewatch.alerts.capping import Caps, Rest, count_up
from wirewatch.alerts.costs import note
from wirewatch.alerts.events import Event, Find, alert_of, excerpt
from wirewatch.alerts.joins import joined
from wirewatch.alerts.kinds import BY_STORY, Known, found_by
from wirewatch.alerts.match import match
from wirewatch.alerts.outbox import queued, queued_rest
from wirewatch.alerts.passages import passages
from wirewatch.alerts.view import View, look
from wirewatch.records import Alert, Delivery, SavedSearch, SearchKind, Story, by_id, replace
from wirewatch.store import Store
from wirewatch.store.versions import Version

ROUND = 500  # stories at once, without their texts
AT_ONCE = 200  # alerts written at once: some 1 MB
PASSES = 3  # over stories that changed while they were looked at

_MS = timedelta(milliseconds=1)

Searches = Mapping[str, SavedSearch]
Late = Callable[[], Iterable[SavedSearch]]


@dataclass
class Raised:
    """What a call did."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)  # a search's id to the reason
    seconds: Counter[str] = field(default_factory=Counter)  # that matching it took, by the same


@dataclass(frozen=True)
class Work:
    """What every round of a call has."""

    store: Store  # that has the stories
    into: Store  # that has the alerts
    now: datetime
    caps: Caps | None  # None: nothing is told, so nothing is too much
    done: Raised = field(default_factory=Raised)

    def queue(self, messages: Iterable[Delivery]) -> None:
        """Queues messages; those that are queued already are conflicts, and stay as they are."""
        if self.caps is not None:
            self.into.deliveries.create(messages).raise_refused("messages")


def raise_alerts(
    store: Store,
    searches: Iterable[SavedSearch],
    now: datetime,
    *,
    late: Late | None = None,
    into: Store | None = None,
    silent: bool = False,
) -> Raised:
    """Raises the alerts of all stories that are marked, the oldest first, and takes their marks.

    ``searches`` are all saved searches: those that are not enabled may be named by others. Those
    that ``late`` gives are asked for, and matched, when the others have told of a round. With
    ``into`` alerts go to another store than the one that has the stories; ``silent`` queues no
    message. What changes meanwhile is looked at again, and after that left to the next call.
    """
    caps = None if silent else Caps(into or store, now, store.settings["alerts.owner_cap"])
    work = Work(store, into or store, now, caps)
    parts = _parts(by_id(searches), late, store.settings["alerts.crowd"])
    matched = 0
    store.refresh()
    for _ in range(PASSES):
        again = 0
        for marked in store.stories.unmatched(ROUND):
            stories = {identity: story for identity, (story, _) in marked.items()}
            settled = {identity: version for identity, (_, version) in marked.items()}
            fresh: set[str] = set()
            for part in parts:
                view = look(store, work.into, stories, part().values(), now)
                unsettled = _round(work, part(), view) if view.fresh else set()
                settled = {
                    identity: version
                    for identity, version in settled.items()
                    if identity in view.fresh and view.homes[identity].id not in unsettled
                }
                fresh |= view.fresh.keys()
            outcome = store.stories.mark_matched(settled)
            outcome.raise_refused("marks of stories")
            work.done.counts["stories"] += len(outcome.done)
            matched += len(fresh)
            again += len(fresh) - len(outcome.done)
        store.refresh()
        if not again:
            break
    if not silent:
        note(work.into, work.done.seconds, matched)
    work.done.counts["stories_waiting"] = store.stories.waiting()
    return work.done


def _parts(searches: Searches, late: Late | None, crowd: int) -> list[Callable[[], Searches]]:
    """The searches that are told of one part after another, in each the others switched off.

    Those of an owner who keeps more than ``crowd`` of them come with those that are ``late``.
    """
    owners = Counter(one.owner for one in searches.values() if one.enabled and one.owner)
    crowded = {one.id for one in searches.values() if owners[one.owner] > crowd}
    first = {key: _off(one) if key in crowded else one for key, one in searches.items()}

    @cache
    def second() -> Searches:
        own = {key: one if key in crowded else _off(one) for key, one in searches.items()}
        return own | by_id(late() if late else ())

    return [lambda: first, second] if crowded or late else [lambda: first]


def _off(search: SavedSearch) -> SavedSearch:
    return replace(search, enabled=False) if search.enabled else search


def _round(work: Work, searches: Searches, view: View) -> set[str]:
    """Writes what the stories call for; returns the clusters of which somebody else wrote."""
    asked = [one if one.kind in BY_STORY else _off(one) for one in searches.values()]
    matches = match(work.store, asked, list(view.stories), now=work.now)
    work.done.refused |= matches.refused
    work.done.seconds.update(matches.seconds)
    known: Known = {}
    rests: dict[str, Rest] = {}
    events: list[Event] = []
    if work.caps:
        work.caps.learn([searches[one] for one in matches.stories])
    # The searches that find least come first, so that one that finds everything takes the room of
    # none but itself, and holds up no other.
    for one in sorted(matches.stories, key=lambda one: (len(matches.stories[one]), one)):
        search = searches[one]
        found = found_by(search, matches.stories[one], view, known)
        untold = _untold(work, search, found)
        if work.caps:
            events += work.caps.split(search, untold, rests)
        else:
            events += [Event(search, find) for find in untold]
    by_time = sorted(range(len(events)), key=lambda number: events[number].find.order)
    ranks = dict(zip(by_time, range(len(events)), strict=True))
    ranked = [(ranks[number], event) for number, event in enumerate(events)]
    for at in range(0, len(events), AT_ONCE):
        _write(work, searches, view, ranked[at : at + AT_ONCE])
    _write_rests(work, rests)
    return _join(work, searches, view, matches.stories)


def _write(work: Work, searches: Searches, view: View, events: Sequence[tuple[int, Event]]) -> None:
    """Queues the messages of events, then creates their alerts; each has its rank by time."""
    # A millisecond apart in the order of the stories: what is sorted by time keeps it.
    alerts = [alert_of(event, view.titles, work.now + rank * _MS) for rank, event in events]
    texts = work.store.stories.stories([one.story_id for one in alerts if not one.excerpt])
    why = passages(work.store, searches, alerts, work.now) if work.caps else {}
    alerts = [
        replace(
            one,
            excerpt=one.excerpt or _text(texts.get(one.story_id)),
            why=why.get(one.id, ()),
        )
        for one in alerts
    ]
    work.queue(
        message for one in alerts for message in queued(searches[one.search_id], one, work.now)
    )
    outcome = work.into.alerts.create(alerts)
    outcome.raise_refused("alerts")
    work.done.counts["alerts"] += len(outcome.done)


def _text(story: Story | None) -> str:
    return excerpt(story.article.text) if story else ""


def _write_rests(work: Work, rests: Mapping[str, Rest]) -> None:
    work.queue(
        message
        for one in rests.values()
        for message in queued_rest(one.id, one.searches.values(), work.now)
    )
    count_up(work.into, rests, work.now)
    work.done.counts["alerts_by_number"] += sum(one.events for one in rests.values())


def _join(
    work: Work, searches: Searches, view: View, matched: Mapping[str, Sequence[str]]
) -> set[str]:
    """Adds to the told alerts what came to them; returns the clusters of which somebody else wrote.

    The message of an update waits until its alert has come to its revision.
    """
    joins = _joins(work, searches, view, matched)
    work.queue(
        message
        for alert, _, _ in joins.values()
        if searches[alert.search_id].updates
        for message in queued(searches[alert.search_id], alert, work.now)
    )
    outcome = work.into.alerts.change((alert, version) for alert, version, _ in joins.values())
    outcome.raise_refused("alerts")
    work.done.counts["joined"] += len(outcome.done)
    return {root for identity in outcome.conflicts for root in joins[identity][2]}


def _joins(
    work: Work, searches: Searches, view: View, matched: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Alert, Version, set[str]]]:
    """The told alerts that something came to, by id: as they are now, and their clusters."""
    arrived: dict[str, list[Story]] = {}
    for story in view.fresh.values():
        arrived.setdefault(view.homes[story.id].id, []).append(story)
    clusters = by_id(view.clusters)
    found: dict[str, tuple[Alert, Version, set[str]]] = {}
    for search_id, by_root in view.told.items():
        search = searches.get(search_id)
        if search is None or not search.enabled:
            continue
        matches = set(matched.get(search_id, ()))
        for root, (told, version) in by_root.items():
            if told.capped:
                continue
            before, _, roots = found.get(told.id, (told, version, set()))
            cluster = clusters[root]
            lead = view.stories.get(cluster.lead) if cluster.lead in matches else None
            after = joined(
                before, cluster, arrived[root], view.changed, view.titles, lead, work.now
            )
            if after is not before:
                found[told.id] = after, version, {*roots, root}
    return found


def _untold(work: Work, search: SavedSearch, found: Sequence[Find]) -> Sequence[Find]:
    """Without the occasions that were told; clusters that were are left out already."""
    if search.kind != SearchKind.CHANGE:
        return found
    events = {event.id: event for event in (Event(search, one) for one in found)}
    known = work.into.alerts.known(list(events))
    return [event.find for identity, event in events.items() if identity not in known]
