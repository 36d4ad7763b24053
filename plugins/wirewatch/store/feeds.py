"""Feeds in Elasticsearch: which are due, and what a poll learnt of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import ConflictError, Elasticsearch

from wirewatch.records import Feed, FeedState, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan


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
                "_source": _document(feed),
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
        never_polled = {"bool": {"must_not": {"exists": {"field": "next_poll"}}}}
        query = {
            "bool": {
                "must_not": {"term": {"state": FeedState.GONE.value}},
                "should": [never_polled, {"range": {"next_poll": {"lte": now.isoformat()}}}],
                "minimum_should_match": 1,
            }
        }
        hits = scan(
            self._es,
            self._index,
            query,
            sort=[{"next_poll": {"order": "asc", "missing": "_first"}}],
            limit=limit,
        )
        return [from_dict(Feed, hit["_source"]) for hit in hits]

    def save(self, before: Feed, after: Feed) -> bool:
        """Writes what a poll learnt; False when somebody changed or removed the feed meanwhile.

        An operator's edit wins: the poll's findings are learnt again at the next poll.
        """
        answer = self._es.options(ignore_status=404).get(index=self._index, id=before.id)
        if not answer.get("found") or from_dict(Feed, answer["_source"]) != before:
            return False
        try:
            self._es.index(
                index=self._index,
                id=after.id,
                document=_document(after),
                if_seq_no=answer["_seq_no"],
                if_primary_term=answer["_primary_term"],
            )
        except ConflictError:
            return False
        return True

    def count(self) -> dict[str, int]:
        """Feeds by state."""
        answer = self._es.search(
            index=self._index, size=0, aggs={"state": {"terms": {"field": "state"}}}
        )
        return {
            bucket["key"]: bucket["doc_count"]
            for bucket in answer["aggregations"]["state"]["buckets"]
        }


def _document(feed: Feed) -> dict[str, Any]:
    """The state is written also when it is the default: feeds are searched and counted by it."""
    return {**to_dict(feed), "state": feed.state.value}
