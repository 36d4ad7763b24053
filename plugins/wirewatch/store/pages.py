"""The status index: every page, where it stands, and which run holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Lease, Page, PageStatus, from_dict, replace, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.frontier import Most, chosen
from wirewatch.store.scan import scan

IDS = 1_000  # of documents in one request
ENTRIES = 500  # entry ids in one query
MOST = 5_000  # pages that so many entries have named: one each, but where a link moved
UNFINISHED = (PageStatus.DISCOVERED, PageStatus.FETCHED, PageStatus.RETRY)

# Compare-and-set by the lease. A stage that is run again after a kill finds the lease gone but
# its own run's name on the page: that write is its own, and it may write it once more.
_SAVE = """
def lease = ctx._source.lease;
boolean held = lease != null && lease.run == params.run;
boolean own = lease == null && ctx._source.run == params.run;
if (held || own) { ctx._source.clear(); ctx._source.putAll(params.page); }
else { ctx.op = 'noop'; }
"""


def _any_number(_: Sequence[str]) -> Mapping[str, int]:
    return {}


class Pages:
    """The index ``pages``, one document a page URL."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def discover(self, pages: Iterable[Page]) -> Outcome:
        """Creates the pages that nobody saw before; ``conflicts`` has the ids already known."""
        actions = (
            {
                "_op_type": "create",
                "_index": self._index,
                "_id": page.id,
                "_source": to_dict(page),
            }
            for page in pages
        )
        return write(self._es, actions)

    def claim(
        self, run: str, now: datetime, *, lease: float, limit: int, most: Most = _any_number
    ) -> list[Page]:
        """Leases due pages to a run for ``lease`` seconds, and returns all that it holds.

        Due: discovered, or to be retried by now, and not held by another run's living lease. They
        are taken from all hosts in turn, of each host the oldest and at most what ``most`` says.
        Called again for the same run it returns what that run holds already.
        """
        return self._claim(run, to_be_fetched(now, run), "discovered", now, lease, limit, most)

    def claim_revisits(
        self, run: str, now: datetime, *, lease: float, limit: int, most: Most = _any_number
    ) -> list[Page]:
        """The same for indexed pages whose ``revisit_at`` has come."""
        return self._claim(run, to_be_revisited(now, run), "revisit_at", now, lease, limit, most)

    def _claim(
        self,
        run: str,
        due: dict[str, Any],
        order: str,
        now: datetime,
        lease: float,
        limit: int,
        most: Most,
    ) -> list[Page]:
        self._es.indices.refresh(index=self._index)
        held = [
            from_dict(Page, hit["_source"])
            for hit in scan(self._es, self._index, {"term": {"lease.run": run}})
        ]
        hits = chosen(self._es, self._index, due, order, max(0, limit - len(held)), most)
        until = Lease(run=run, until=now + timedelta(seconds=lease))
        taken = {
            hit["_id"]: (hit, replace(from_dict(Page, hit["_source"]), lease=until, run=run))
            for hit in hits
        }
        actions = (
            {
                "_op_type": "index",
                "_index": self._index,
                "_id": page.id,
                "_source": to_dict(page),
                "if_seq_no": hit["_seq_no"],
                "if_primary_term": hit["_primary_term"],
            }
            for hit, page in taken.values()
        )
        outcome = write(self._es, actions, refresh=True)
        outcome.raise_refused("pages")
        return held + [taken[identity][1] for identity in outcome.done]

    def save(self, pages: Iterable[Page], run: str) -> Outcome:
        """Writes pages that the run holds.

        ``unchanged`` has those that another run holds by now (this one's lease had ended), and
        ``refused`` with status 404 those that somebody deleted.
        """
        actions = (
            {
                "_op_type": "update",
                "_index": self._index,
                "_id": page.id,
                "script": {
                    "source": _SAVE,
                    "lang": "painless",
                    "params": {"run": run, "page": to_dict(page)},
                },
                "retry_on_conflict": 3,
            }
            for page in pages
        )
        return write(self._es, actions)

    def release(self, run: str) -> int:
        """Ends the leases that the run still has; how many pages are due again at once."""
        self._es.indices.refresh(index=self._index)  # or what was saved just now is a conflict
        answer = self._es.update_by_query(
            index=self._index,
            query={"term": {"lease.run": run}},
            script={"source": "ctx._source.lease = null", "lang": "painless"},
            conflicts="proceed",
            refresh=True,
        )
        return int(answer["updated"])

    def get(self, ids: Sequence[str]) -> dict[str, Page]:
        """The pages of these ids; a missing one is absent."""
        return {
            doc["_id"]: from_dict(Page, doc["_source"])
            for doc in self._documents(ids, source=True)
            if doc["found"]
        }

    def unknown(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids that no page has."""
        found = self._documents(list(dict.fromkeys(ids)), source=False)
        return {doc["_id"] for doc in found if not doc["found"]}

    def _documents(self, ids: Sequence[str], *, source: bool) -> Iterator[dict[str, Any]]:
        for at in range(0, len(ids), IDS):
            chunk = list(ids[at : at + IDS])
            yield from self._es.mget(index=self._index, ids=chunk, source=source)["docs"]

    def of_entries(self, entry_ids: Sequence[str]) -> Iterator[Page]:
        """The pages that these entries named."""
        for at in range(0, len(entry_ids), ENTRIES):
            query = {"terms": {"entry_id": list(entry_ids[at : at + ENTRIES])}}
            answer = self._es.search(
                index=self._index, query=query, size=MOST, track_total_hits=False
            )
            for hit in answer["hits"]["hits"]:
                yield from_dict(Page, hit["_source"])

    def hours(self, feed_ids: Sequence[str], since: datetime) -> dict[str, list[datetime]]:
        """When pages that a feed named first are dated, to the hour, once a page; by feed id."""
        hours = {"date_histogram": {"field": "dated", "fixed_interval": "1h", "min_doc_count": 1}}
        answer = self._es.search(
            index=self._index,
            size=0,
            query={
                "bool": {
                    "filter": [
                        {"terms": {"feed_id": list(feed_ids)}},
                        {"range": {"dated": {"gte": since.isoformat()}}},
                    ]
                }
            },
            aggs={
                "feed": {
                    "terms": {"field": "feed_id", "size": len(feed_ids)},
                    "aggs": {"hours": hours},
                }
            },
        )
        return {
            feed["key"]: [
                datetime.fromtimestamp(hour["key"] / 1_000, UTC)
                for hour in feed["hours"]["buckets"]
                for _ in range(hour["doc_count"])
            ]
            for feed in answer["aggregations"]["feed"]["buckets"]
        }

    def all(
        self,
        statuses: Sequence[str] = (),
        *,
        reason: str = "",
        host: str = "",
        feed_id: str = "",
        noarchive: bool = False,
        opted_out: bool = False,
        limit: int | None = None,
    ) -> Iterator[Page]:
        """Pages of these statuses (all when none is named), newest discovered first.

        ``noarchive`` and ``opted_out`` choose those that ask for no copy, or for no training.
        """
        filters: list[dict[str, Any]] = []
        if statuses:
            filters.append({"terms": {"status": list(statuses)}})
        named = {"reason": reason, "host": host, "feed_id": feed_id}
        filters += [{"term": {field: value}} for field, value in named.items() if value]
        if noarchive:
            filters.append({"term": {"noarchive": True}})
        if opted_out:
            filters.append({"exists": {"field": "opt_outs"}})
        query = {"bool": {"filter": filters}} if filters else {"match_all": {}}
        hits = scan(self._es, self._index, query, sort=[{"discovered": "desc"}], limit=limit)
        for hit in hits:
            yield from_dict(Page, hit["_source"])

    def retry(self, ids: Iterable[str], now: datetime) -> Outcome:
        """Makes rejected, dead and waiting pages due again, with their attempts forgotten.

        ``unchanged`` has those that are not to be fetched, or that a run holds.
        """
        final = [PageStatus.REJECTED.value, PageStatus.DEAD.value, PageStatus.RETRY.value]
        source = """
        if (params.final.contains(ctx._source.status) && ctx._source.lease == null) {
          ctx._source.detail = 'to be tried again; it was ' + ctx._source.status
            + (ctx._source.detail.isEmpty() ? '' : ': ' + ctx._source.detail);
          ctx._source.status = 'discovered'; ctx._source.attempts = 0;
          ctx._source.reason = null;
          ctx._source.next_attempt = params.now;
        } else { ctx.op = 'noop'; }
        """
        params = {"final": final, "now": now.isoformat()}
        actions = (
            {
                "_op_type": "update",
                "_index": self._index,
                "_id": identity,
                "script": {"source": source, "lang": "painless", "params": params},
                "retry_on_conflict": 3,
            }
            for identity in ids
        )
        return write(self._es, actions, refresh=True)

    def count(self) -> dict[str, dict[str, int]]:
        """Pages by status, and of each status by reason (``""`` where there is none)."""
        reason = {"terms": {"field": "reason", "missing": "", "size": 100}}
        answer = self._es.search(
            index=self._index,
            size=0,
            aggs={"status": {"terms": {"field": "status"}, "aggs": {"reason": reason}}},
        )
        return {
            status["key"]: {
                bucket["key"]: bucket["doc_count"] for bucket in status["reason"]["buckets"]
            }
            for status in answer["aggregations"]["status"]["buckets"]
        }


def to_be_fetched(now: datetime, run: str = "") -> dict[str, Any]:
    """Unfinished pages whose time has come and that no other run holds."""
    instant = now.isoformat()
    return {
        "bool": {
            "filter": [{"terms": {"status": [status.value for status in UNFINISHED]}}],
            "must_not": [
                {"range": {"next_attempt": {"gt": instant}}},
                {"range": {"lease.until": {"gt": instant}}},
                {"term": {"lease.run": run}},
            ],
        }
    }


def to_be_revisited(now: datetime, run: str = "") -> dict[str, Any]:
    """Indexed pages that are to be looked at again by now and that no other run holds."""
    instant = now.isoformat()
    return {
        "bool": {
            "filter": [
                {"term": {"status": PageStatus.INDEXED.value}},
                {"range": {"revisit_at": {"lte": instant}}},
            ],
            "must_not": [
                {"range": {"lease.until": {"gt": instant}}},
                {"term": {"lease.run": run}},
            ],
        }
    }
