"""Saved searches and alerts in Elasticsearch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from elasticsearch import Elasticsearch

from wirewatch.records import Alert, Record, SavedSearch, SearchKind, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan
from wirewatch.store.versions import Version, version_of, write_unchanged

SEARCHES = 1_000  # searches in one query
ALERTS = 500  # alerts looked up in one request
IDS = 5_000  # stories and clusters in one query
EVENTS = (SearchKind.MATCH.value, SearchKind.OUTLETS.value)  # kinds that tell of a cluster, once
NOBODYS: dict[str, Any] = {"term": {"owner": ""}}
LIVE: dict[str, Any] = {"bool": {"must_not": [{"exists": {"field": "deleted"}}]}}


class Searches:
    """The index ``searches``, one document a saved search; a deleted one stays as a mark."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def put(self, searches: Iterable[SavedSearch]) -> Outcome:
        """Writes saved searches; each replaces the one of its id."""
        actions = (
            {"_op_type": "index", "_index": self._index, "_id": s.id, "_source": to_dict(s)}
            for s in searches
        )
        return write(self._es, actions, refresh=True)

    def create(self, search: SavedSearch) -> None:
        """Writes a new saved search; raises ConflictError when its id is or was another's."""
        self._es.create(index=self._index, id=search.id, document=to_dict(search), refresh=True)

    def read(self, search_id: str) -> tuple[SavedSearch, Version] | None:
        """The saved search of an id, also a deleted one, with the version that was read; None when
        there never was one.
        """
        answer = self._es.options(ignore_status=404).get(index=self._index, id=search_id)
        if not answer.get("found"):
            return None
        return from_dict(SavedSearch, answer["_source"]), version_of(answer)

    def replace(self, search: SavedSearch, version: Version) -> None:
        """Writes a saved search that is still at that version; raises ConflictError."""
        self._es.index(
            index=self._index,
            id=search.id,
            document=to_dict(search),
            if_seq_no=version[0],
            if_primary_term=version[1],
            refresh=True,
        )

    def of(self, ids: Iterable[str]) -> Iterator[SavedSearch]:
        """The saved searches of these ids, deleted ones too; one that is not there is left out."""
        wanted = sorted(ids)
        for at in range(0, len(wanted), SEARCHES):
            query = {"terms": {"id": wanted[at : at + SEARCHES]}}
            for hit in scan(self._es, self._index, query):
                yield from_dict(SavedSearch, hit["_source"])

    def of_files(self) -> Iterator[SavedSearch]:
        """The saved searches that are or were kept in files, deleted ones too."""
        for hit in scan(self._es, self._index, {"term": {"origin": "file"}}):
            yield from_dict(SavedSearch, hit["_source"])

    def all(
        self, *, owners: Collection[str] | None = None, but: Collection[str] = ()
    ) -> Iterator[SavedSearch]:
        """Every saved search that is not deleted, by id; only those of these ``owners``, where they
        are given, or of all but some.
        """
        left_out = [{"exists": {"field": "deleted"}}, {"terms": {"owner": list(but)}}]
        given = [] if owners is None else [{"terms": {"owner": list(owners)}}]
        query = {"bool": {"filter": given, "must_not": left_out}}
        for hit in scan(self._es, self._index, query, sort=[{"id": "asc"}]):
            yield from_dict(SavedSearch, hit["_source"])

    def owners_of_more(self, than: int) -> list[str]:
        """The owners of more enabled searches than so many; of a thousand such, those of most."""
        answer = self._es.search(
            index=self._index,
            size=0,
            query={"bool": {"filter": [{"term": {"enabled": True}}], "must_not": NOBODYS}},
            aggs={
                "owners": {"terms": {"field": "owner", "size": 1_000, "min_doc_count": than + 1}}
            },
        )
        return [bucket["key"] for bucket in answer["aggregations"]["owners"]["buckets"]]


class Raised(Record, frozen=True, kw_only=True):
    """How many alerts a saved search raised."""

    id: str  # the search's
    name: str
    all: int
    new: int  # since an instant


class Alerts:
    """The index ``alerts``: one document a saved search and event, created once."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def create(self, alerts: Iterable[Alert]) -> Outcome:
        """Creates the alerts that are new; ``conflicts`` has the ids raised before."""
        actions = (
            {"_op_type": "create", "_index": self._index, "_id": a.id, "_source": to_dict(a)}
            for a in alerts
        )
        return write(self._es, actions, refresh=True)

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids that are alerts already."""
        found: set[str] = set()
        for at in range(0, len(ids), ALERTS):
            part = list(ids[at : at + ALERTS])
            answer = self._es.mget(index=self._index, ids=part, source=False)
            found |= {doc["_id"] for doc in answer["docs"] if doc["found"]}
        return found

    def get(self, ids: Sequence[str]) -> dict[str, Alert]:
        """The alerts of these ids as they are this moment; one that is not there is absent."""
        return {identity: alert for identity, (alert, _) in self.read(ids).items()}

    def read(self, ids: Sequence[str]) -> dict[str, tuple[Alert, Version]]:
        """The alerts of these ids with the version that was read; a missing one is absent."""
        found: dict[str, tuple[Alert, Version]] = {}
        for at in range(0, len(ids), ALERTS):
            answer = self._es.mget(index=self._index, ids=list(ids[at : at + ALERTS]))
            found |= {doc["_id"]: _read(doc) for doc in answer["docs"] if doc["found"]}
        return found

    def change(self, alerts: Iterable[tuple[Alert, Version]]) -> Outcome:
        """Writes alerts that are still at the version that was read; the others conflict."""
        return write_unchanged(self._es, self._index, alerts)

    def telling(
        self, stories: Sequence[str], clusters: Sequence[str]
    ) -> Iterator[tuple[Alert, Version]]:
        """The alerts that tell of one of these stories or clusters as an event, each once."""
        seen: set[str] = set()
        asked = {"stories": stories, "story_id": stories, "cluster_id": clusters}
        for field, values in asked.items():
            for at in range(0, len(values), IDS):
                given = [
                    {"terms": {field: list(values[at : at + IDS])}},
                    {"terms": {"kind": EVENTS}},
                ]
                query = {"bool": {"filter": given}}
                for hit in scan(self._es, self._index, query, versions=True):
                    if hit["_id"] not in seen:
                        seen.add(hit["_id"])
                        yield _read(hit)

    def raised(self, field: str, values: Sequence[str], since: datetime) -> dict[str, int]:
        """How many events were told one by one since then, by ``search_id`` or ``owner``."""
        counts: dict[str, int] = {}
        for at in range(0, len(values), SEARCHES):
            part = list(values[at : at + SEARCHES])
            given = [
                {"terms": {field: part}},
                {"range": {"created": {"gte": since.isoformat()}}},
                {"term": {"capped": False}},
            ]
            answer = self._es.search(
                index=self._index,
                size=0,
                query={"bool": {"filter": given}},
                aggs={"of": {"terms": {"field": field, "size": len(part)}}},
            )
            counts |= {b["key"]: b["doc_count"] for b in answer["aggregations"]["of"]["buckets"]}
        return counts

    def mark(self, alert_id: str, marks: Mapping[str, bool]) -> bool:
        """Sets a person's marks, ``starred`` and ``dismissed``; False where there is no alert."""
        answer = self._es.options(ignore_status=404).update(
            index=self._index, id=alert_id, doc=dict(marks), retry_on_conflict=5, refresh=True
        )
        return answer.get("result") in ("updated", "noop")

    def by_search(self, since: datetime | None, most: int) -> list[Raised]:
        """The searches that raised most of the alerts that are not dismissed; all are new without
        ``since``."""
        new: dict[str, Any] = {"match_all": {}}
        if since is not None:
            new = {"range": {"created": {"gt": since.isoformat()}}}
        answer = self._es.search(
            index=self._index,
            query={"term": {"dismissed": False}},
            size=0,
            aggs={
                "searches": {
                    "terms": {"field": "search_id", "size": most},
                    "aggs": {
                        "new": {"filter": new},
                        "named": {
                            "top_hits": {
                                "size": 1,
                                "sort": [{"created": "desc"}],
                                "_source": ["search_name"],
                            }
                        },
                    },
                }
            },
        )
        return [
            Raised(
                id=bucket["key"],
                name=bucket["named"]["hits"]["hits"][0]["_source"]["search_name"],
                all=bucket["doc_count"],
                new=bucket["new"]["doc_count"],
            )
            for bucket in answer["aggregations"]["searches"]["buckets"]
        ]

    def by_day(self, search_id: str, now: datetime, zone: ZoneInfo, days: int) -> tuple[int, ...]:
        """How many alerts a search raised on each of so many days of a zone; the last is today."""
        today = now.astimezone(zone).date()
        first = today - timedelta(days=days - 1)
        answer = self._es.search(
            index=self._index,
            query={"term": {"search_id": search_id}},
            size=0,
            aggs={
                "recent": {
                    "filter": {
                        "range": {"created": {"gte": first.isoformat(), "time_zone": zone.key}}
                    },
                    "aggs": {
                        "days": {
                            "date_histogram": {
                                "field": "created",
                                "calendar_interval": "day",
                                "time_zone": zone.key,
                                "format": "yyyy-MM-dd",
                            }
                        }
                    },
                }
            },
        )
        buckets = answer["aggregations"]["recent"]["days"]["buckets"]
        counts = {bucket["key_as_string"]: bucket["doc_count"] for bucket in buckets}
        spans = (first + timedelta(days=ahead) for ahead in range(days))
        return tuple(counts.get(day.isoformat(), 0) for day in spans)

    def newest(self, search_ids: Sequence[str]) -> dict[str, Alert]:
        """The newest alert of each of these searches; one that raised none is absent."""
        found = {}
        for at in range(0, len(search_ids), SEARCHES):
            part = list(search_ids[at : at + SEARCHES])
            answer = self._es.search(
                index=self._index,
                query={"terms": {"search_id": part}},
                collapse={"field": "search_id"},
                sort=[{"created": "desc"}, {"id": "asc"}],
                size=len(part),
                track_total_hits=False,
            )
            for hit in answer["hits"]["hits"]:
                alert = from_dict(Alert, hit["_source"])
                found[alert.search_id] = alert
        return found

    def all(self, limit: int | None = None) -> Iterator[Alert]:
        """Alerts, newest first."""
        hits = scan(
            self._es, self._index, {"match_all": {}}, sort=[{"created": "desc"}], limit=limit
        )
        for hit in hits:
            yield from_dict(Alert, hit["_source"])

    def count(self) -> int:
        """How many alerts there are."""
        return int(self._es.count(index=self._index)["count"])


def _read(hit: Mapping[str, Any]) -> tuple[Alert, Version]:
    return from_dict(Alert, hit["_source"]), version_of(hit)
