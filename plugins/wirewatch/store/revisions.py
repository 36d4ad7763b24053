"""Later versions of stories in Elasticsearch, created once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from elasticsearch import Elasticsearch

from wirewatch.records import Revision, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan


class Revisions:
    """The index ``revisions``, one document a version of a story."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def create(self, revisions: Iterable[Revision]) -> Outcome:
        """Creates revisions; ``conflicts`` has the ids of those numbers that are there already."""
        actions = (
            {"_op_type": "create", "_index": self._index, "_id": r.id, "_source": to_dict(r)}
            for r in revisions
        )
        return write(self._es, actions, refresh=True)

    def get(self, ids: Sequence[str]) -> dict[str, Revision]:
        """The revisions of these ids, also those not searchable yet; a missing one is absent."""
        if not ids:
            return {}
        answer = self._es.mget(index=self._index, ids=list(ids))
        return {
            doc["_id"]: from_dict(Revision, doc["_source"])
            for doc in answer["docs"]
            if doc["found"]
        }

    def of(self, story_id: str) -> list[Revision]:
        """A story's revisions, the oldest first."""
        hits = scan(
            self._es, self._index, {"term": {"story_id": story_id}}, sort=[{"number": "asc"}]
        )
        return [from_dict(Revision, hit["_source"]) for hit in hits]
