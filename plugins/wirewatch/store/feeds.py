"""Feeds in Elasticsearch: which are due, and what a poll learnt of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Feed, FeedState, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan

RETIRED = "retired by an operator"  # what a feed says that nobody wants polled


class Feeds:
    """The index ``feeds``, one document a feed."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def add(self, feeds: Iterable[Feed]) -> Outcome:
        """Creates the feeds that are new; ``conflicts`` has the ids that were there already."""
        actions = (
            {
                "_op_type": "create",
                "_index": self._index,
                "_id": feed.id,
                "_source": to_dict(feed),
            }
            for feed in feeds
        )
        return write(self._es, actions, refresh=True)

    def remove(self, feed_id: str) -> bool:
        """Deletes a feed; False when there is none of that id. Its pages and stories stay."""
        answer = self._es.options(ignore_status=404).delete(
            index=self._index, id=feed_id, refresh=True
        )
        return bool(answer.get("result") == "deleted")

    def retire(self, feed_id: str) -> None:
        """Stops the polls of a feed, until :meth:`activate`."""
        self._change(feed_id, state=FeedState.GONE.value, error=RETIRED, next_poll=None)

    def activate(self, feed_id: str) -> None:
        """Makes a feed due and forgets what failed."""
        self._change(
            feed_id, state=FeedState.ACTIVE.value, error="", failures=0, next_poll=None,
            silence_check=None, body_hash="", etag="", last_modified="",
        )  # fmt: skip

    def _change(self, feed_id: str, **fields: object) -> None:
        self._es.update(
            index=self._index, id=feed_id, doc=fields, retry_on_conflict=3, refresh=True
        )

    def all(self) -> Iterator[Feed]:
        """Every feed, by outlet and URL."""
        hits = scan(
            self._es, self._index, {"match_all": {}}, sort=[{"outlet": "asc"}, {"url": "asc"}]
        )
        for hit in hits:
            yield from_dict(Feed, hit["_source"])

    def get(self, ids: Sequence[str]) -> dict[str, Feed]:
        """The feeds of these ids; a missing one is absent."""
        if not ids:
            return {}
        answer = self._es.mget(index=self._index, ids=list(ids))
        return {
            doc["_id"]: from_dict(Feed, doc["_source"]) for doc in answer["docs"] if doc["found"]
        }

    def due(self, now: datetime, limit: int) -> list[Feed]:
        """Feeds to poll now, the longest overdue first."""
        hits = scan(
            self._es,
            self._index,
            to_be_polled(now),
            sort=[{"next_poll": {"order": "asc", "missing": "_first"}}],
            limit=limit,
        )
        return [from_dict(Feed, hit["_source"]) for hit in hits]

    def due_silence_check(self, now: datetime, limit: int) -> list[Feed]:
        """Feeds that answer and are to be asked by now whether they have fallen silent."""
        never_asked = {"bool": {"must_not": {"exists": {"field": "silence_check"}}}}
        query = {
            "bool": {
                "filter": [
                    {"terms": {"state": [FeedState.ACTIVE.value, FeedState.SILENT.value]}},
                    {"exists": {"field": "last_success"}},
                ],
                "should": [never_asked, {"range": {"silence_check": {"lte": now.isoformat()}}}],
                "minimum_should_match": 1,
            }
        }
        hits = scan(
            self._es,
            self._index,
            query,
            sort=[{"silence_check": {"order": "asc", "missing": "_first"}}],
            limit=limit,
        )
        return [from_dict(Feed, hit["_source"]) for hit in hits]

    def save(self, before: Feed, after: Feed) -> bool:
        """Writes one feed as :meth:`save_all` does; False when it was changed meanwhile."""
        return bool(self.save_all([(before, after)]))

    def save_all(self, feeds: Sequence[tuple[Feed, Feed]]) -> set[str]:
        """Writes feeds (as they were read, as they are now); the ids of those written.

        One that somebody changed or removed meanwhile is left alone. An operator's edit wins: what
        a poll found is found again by the next.
        """
        if not feeds:
            return set()
        answer = self._es.mget(index=self._index, ids=[before.id for before, _ in feeds])
        there = {doc["_id"]: doc for doc in answer["docs"] if doc["found"]}
        actions = [
            {
                "_op_type": "index",
                "_index": self._index,
                "_id": after.id,
                "_source": to_dict(after),
                "if_seq_no": there[before.id]["_seq_no"],
                "if_primary_term": there[before.id]["_primary_term"],
            }
            for before, after in feeds
            if before.id in there and from_dict(Feed, there[before.id]["_source"]) == before
        ]
        outcome = write(self._es, actions)
        outcome.raise_refused("feeds")
        return set(outcome.done)

    def hasten(self, ids: Iterable[str], now: datetime) -> Outcome:
        """Makes feeds due at ``now``; those that are gone stay as they are."""
        source = """
        if (ctx._source.state == params.gone) { ctx.op = 'noop'; }
        else { ctx._source.next_poll = params.now; }
        """
        params = {"gone": FeedState.GONE.value, "now": now.isoformat()}
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
        return write(self._es, actions)

    def count(self) -> dict[str, int]:
        """Feeds by state."""
        answer = self._es.search(
            index=self._index, size=0, aggs={"state": {"terms": {"field": "state"}}}
        )
        return {
            bucket["key"]: bucket["doc_count"]
            for bucket in answer["aggregations"]["state"]["buckets"]
        }


def to_be_polled(now: datetime) -> dict[str, Any]:
    """The query of feeds that are due."""
    never_polled = {"bool": {"must_not": {"exists": {"field": "next_poll"}}}}
    return {
        "bool": {
            "must_not": {"term": {"state": FeedState.GONE.value}},
            "should": [never_polled, {"range": {"next_poll": {"lte": now.isoformat()}}}],
            "minimum_should_match": 1,
        }
    }
