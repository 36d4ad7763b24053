"""Alerts that no single story raises: a spike of what a saved search finds, and its silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from wirewatch.alerts.events import alert_id
from wirewatch.alerts.outbox import queued
from wirewatch.alerts.volume import (
    HOUR,
    PAST,
    Spike,
    answers,
    hour_of,
    hourly,
    span,
    spike,
)
from wirewatch.records import Alert, SavedSearch, SearchKind, by_id, replace
from wirewatch.search.dsl import Query
from wirewatch.search.language import BadQuery
from wirewatch.search.request import prepare
from wirewatch.store import Store
from wirewatch.store.versions import Version

TITLES = 5  # of a spike's reports, the newest, that its alert shows
EXCERPT = 400  # characters of these

Asked = Mapping[str, Query]  # queries as Elasticsearch has them, by the search's id


def raise_by_clock(
    store: Store, searches: Iterable[SavedSearch], now: datetime
) -> tuple[int, dict[str, str]]:
    """Raises what the hour calls for; returns how many alerts, and the searches that cannot be
    asked, id to the reason.

    Whoever asks again raises nothing again. Messages are queued before their alerts. Raises
    NoAnswer.
    """
    known = by_id(searches)
    refused: dict[str, str] = {}
    archive = span(store)
    if archive is None:
        return 0, refused
    spiking = _asked(store, known, SearchKind.SPIKE, now, refused)
    silent = _asked(store, known, SearchKind.SILENCE, now, refused)
    new, changed = _spikes(store, known, spiking, archive[0], now, refused)
    new += _silences(store, known, silent, archive[1], now, refused)
    there = store.alerts.known([one.id for one in new])
    new = [one for one in new if one.id not in there]
    told = [*new, *(one for one, _ in changed if known[one.search_id].updates)]
    store.deliveries.create(
        message for one in told for message in queued(known[one.search_id], one, now)
    ).raise_refused("messages")
    outcome = store.alerts.create(new)
    outcome.raise_refused("alerts")
    store.alerts.change(changed).raise_refused("alerts")  # a conflict: the next run does it
    return len(outcome.done), refused


def _asked(
    store: Store,
    searches: Mapping[str, SavedSearch],
    kind: SearchKind,
    now: datetime,
    refused: dict[str, str],
) -> Asked:
    queries = {one.id: one.query for one in searches.values()}
    made: dict[str, Query] = {}
    for search in searches.values():
        if search.enabled and search.kind == kind:
            try:
                made[search.id] = prepare(store, search.query, now=now, resolve=queries.get).dsl
            except BadQuery as error:
                refused[search.id] = str(error)
    return made


def _spikes(
    store: Store,
    searches: Mapping[str, SavedSearch],
    asked: Asked,
    first: datetime,
    now: datetime,
    refused: dict[str, str],
) -> tuple[list[Alert], list[tuple[Alert, Version]]]:
    """The spikes of this hour so far and of the one before: those that begin, and those that go on.

    The past is asked only for searches that found their least number.
    """
    hours = (hour_of(now) - HOUR, hour_of(now))
    busy: dict[str, Query] = {}
    for (search_id, dsl), counts in zip(
        asked.items(), hourly(store, list(asked.values()), hours[0]), strict=True
    ):
        if isinstance(counts, str):
            refused[search_id] = counts
        elif max(counts.values(), default=0) >= searches[search_id].threshold:
            busy[search_id] = dsl
    last = store.alerts.newest(list(busy))
    new: list[Alert] = []
    changed: list[tuple[Alert, Version]] = []
    past = hourly(store, list(busy.values()), hours[0] - PAST)
    for (search_id, dsl), counts in zip(busy.items(), past, strict=True):
        search = searches[search_id]
        if isinstance(counts, str):
            refused[search_id] = counts
            continue
        before = told = last.get(search_id)
        begins = False
        for hour in hours:
            found = spike(counts, hour, search.zone, first, search.threshold)
            until = (told.updated or told.published) if told else None
            if found is None or (until and until >= hour):
                continue
            if told and until and until == hour - HOUR:
                told = replace(told, updated=hour) if begins else _spike_goes_on(told, found)
            else:
                told, begins = _spike_alert(store, search, dsl, found, now), True
        if told and begins:
            new.append(told)
        elif told and told is not before:
            changed += [
                (replace(told, starred=read.starred, dismissed=read.dismissed), version)
                for read, version in store.alerts.read([told.id]).values()
            ]
    return new, changed


def _spike_alert(
    store: Store, search: SavedSearch, dsl: Query, found: Spike, now: datetime
) -> Alert:
    within = {"gte": found.hour.isoformat(), "lt": (found.hour + HOUR).isoformat()}
    reports = [dsl, {"term": {"lead": True}}, {"range": {"first_seen": within}}]
    hits = store.es.search(
        index=store.stories.alias,
        query={"bool": {"filter": reports}},
        sort=[{"first_seen": "desc"}, {"id": "asc"}],
        size=TITLES,
        source_includes=["title"],
        track_total_hits=False,
    )["hits"]["hits"]
    titles = [next(iter(hit["_source"].get("title", {}).values()), "") for hit in hits]
    return Alert(
        id=alert_id(search.id, "", f"spike {found.hour.isoformat()}"),
        search_id=search.id,
        search_name=search.name,
        kind=search.kind,
        owner=search.owner,
        title=_words(found),
        excerpt=" · ".join(title for title in titles if title)[:EXCERPT],
        detail=f"score {found.score:.1f} against {found.hours} hours like it",
        stories=tuple(hit["_id"] for hit in hits),
        outlets=0,
        published=found.hour,
        created=now,
    )


def _spike_goes_on(alert: Alert, found: Spike) -> Alert:
    """The alert of a spike in its next hour."""
    return replace(
        alert,
        detail=f"it goes on: {_words(found)}",
        revision=alert.revision + 1,
        updated=found.hour,
    )


def _words(found: Spike) -> str:
    expected = f"{found.expected:g}"
    return f"{found.count} reports in the hour from {found.hour:%H:%M} UTC, {expected} expected"


def _silences(
    store: Store,
    searches: Mapping[str, SavedSearch],
    asked: Asked,
    newest: datetime,
    now: datetime,
    refused: dict[str, str],
) -> list[Alert]:
    """The silences that are long enough: one for each last story, so told until another comes."""
    made = []
    for search_id, seen in zip(asked, _last_seen(store, list(asked.values())), strict=True):
        search = searches[search_id]
        if isinstance(seen, str):
            refused[search_id] = seen
            continue
        since = max((one for one in (seen, search.created) if one), default=None)
        if since and now - since >= timedelta(hours=search.threshold):
            made.append(_silence_alert(search, since, seen, newest, now))
    return made


def _last_seen(store: Store, dsl: Sequence[Query]) -> Iterator[datetime | str | None]:
    bodies = [
        {
            "query": {"bool": {"filter": [one]}},
            "size": 1,
            "_source": False,
            "docvalue_fields": [{"field": "first_seen", "format": "strict_date_time"}],
            "sort": [{"first_seen": "desc"}],
            "track_total_hits": False,
        }
        for one in dsl
    ]
    for answer in answers(store, bodies):
        yield answer if isinstance(answer, str) else _time(answer)


def _time(answer: Mapping[str, Any]) -> datetime | None:
    for hit in answer["hits"]["hits"]:
        return datetime.fromisoformat(hit["fields"]["first_seen"][0])
    return None


def _silence_alert(
    search: SavedSearch,
    since: datetime,
    seen: datetime | None,
    newest: datetime,
    now: datetime,
) -> Alert:
    detail = "no story that it finds was ever seen"
    if seen:
        detail = f"the last story that it finds was seen on {seen:%Y-%m-%d %H:%M} UTC"
    if now - newest >= timedelta(hours=search.threshold):
        detail += "; nor did any other story come: are the runs well?"
    return Alert(
        id=alert_id(search.id, "", f"silence {since.isoformat()}"),
        search_id=search.id,
        search_name=search.name,
        kind=search.kind,
        owner=search.owner,
        title=f"Nothing for {search.threshold} hours",
        detail=detail,
        outlets=0,
        created=now,
    )
