"""The alerts that the stories of runs call for: one a saved search and cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from wirewatch.alerts.match import alert_id, match
from wirewatch.records import Alert, SavedSearch, by_id
from wirewatch.store import Store

PAGE = 500  # hits a request; only the few fields of an alert are read
FIELDS = [
    "id", "cluster_id", "lead", "title", "url", "outlet", "published", "first_seen", "language",
    "indexed",
]  # fmt: skip


def raised(
    store: Store, searches: Iterable[SavedSearch], runs: Sequence[str], *, now: datetime
) -> tuple[list[Alert], dict[str, str]]:
    """The alerts that the runs' stories call for, one a search and cluster, and the searches that
    could not be asked, id to reason.

    Alerts raised before are among them: :meth:`Alerts.create` keeps the first. The story an alert
    names is the cluster's lead where that matched, else the earliest copy that did.
    """
    kept = by_id(searches)
    sources = {hit["_id"]: _plain(hit["_source"]) for hit in _hits(store, runs)}
    matches = match(store, kept.values(), list(sources), now=now)
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for search_id, stories in matches.stories.items():
        for source in (sources[story] for story in stories):
            key = (search_id, source.get("cluster_id") or source["id"])
            if key not in best or _rank(source) < _rank(best[key]):
                best[key] = source
    older = store.clusters.absorbed({cluster for _, cluster in best})
    alerts = {
        key: _alert(kept[key[0]], key[1], source, now) for key, source in sorted(best.items())
    }
    return _unannounced(store, alerts, older), matches.refused


def _hits(store: Store, runs: Sequence[str]) -> Iterator[dict[str, Any]]:
    after: list[Any] | None = None
    while True:
        hits = store.es.search(
            index=store.stories.alias,
            query={"terms": {"run": list(runs)}},
            size=PAGE,
            sort=[{"id": "asc"}],  # unique, so no row is skipped or read twice
            search_after=after,
            source_includes=FIELDS,
            track_total_hits=False,
        )["hits"]["hits"]
        yield from hits
        if len(hits) < PAGE:
            return
        after = hits[-1]["sort"]


def _plain(source: dict[str, Any]) -> dict[str, Any]:
    return {**source, "title": next(iter((source.get("title") or {}).values()), "")}


def _rank(source: dict[str, Any]) -> tuple[bool, str, str]:
    time = source.get("published") or source["first_seen"]
    return (not source.get("lead"), time, source["id"])


def _alert(search: SavedSearch, cluster_id: str, source: dict[str, Any], now: datetime) -> Alert:
    return Alert(
        id=alert_id(search.id, cluster_id),
        search_id=search.id,
        search_name=search.name,
        cluster_id=cluster_id,
        story_id=source["id"],
        title=source["title"],
        url=source["url"],
        outlet=source.get("outlet", ""),
        language=source.get("language", ""),
        published=_instant(source.get("published")),
        copy_only=not source.get("lead"),
        stories=(source["id"],),
        searchable=_instant(source.get("indexed")),
        created=now,
    )


def _unannounced(
    store: Store, alerts: dict[tuple[str, str], Alert], older: dict[str, list[str]]
) -> list[Alert]:
    """Leaves out what was alerted before its cluster was merged into the one it is in now."""
    former = {
        alert_id(search, old): (search, cluster)
        for search, cluster in alerts
        for old in older.get(cluster, [])
    }
    known = {former[identity] for identity in store.alerts.known(list(former))}
    return [alert for key, alert in alerts.items() if key not in known]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
