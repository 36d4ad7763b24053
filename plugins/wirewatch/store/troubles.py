"""Troubles in Elasticsearch: one document an id, which stays when it is over."""

from __future__ import annotations

from elasticsearch import ConflictError, Elasticsearch

from wirewatch.records import Trouble, from_dict, to_dict
from wirewatch.store.versions import Version, version_of

MOST = 500  # troubles that are looked at: an installation has some twenty kinds
UNSETTLED = {"bool": {"must_not": [{"exists": {"field": "cleared"}}]}}


class Troubles:
    """The index ``troubles``; created once, then compare-and-set."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def read(self, trouble_id: str) -> tuple[Trouble, Version] | None:
        """The trouble as it is this moment with its version; None when there never was one."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=trouble_id)
        if not answer.get("found"):
            return None
        return from_dict(Trouble, answer["_source"]), version_of(answer)

    def unsettled(self) -> dict[str, tuple[Trouble, Version]]:
        """By id the troubles that are open, or whose end is not told yet; the oldest first."""
        self._es.indices.refresh(index=self._index)
        hits = self._es.search(
            index=self._index,
            query=UNSETTLED,
            sort=[{"opened": "asc"}, {"id": "asc"}],
            size=MOST,
            seq_no_primary_term=True,
        )["hits"]["hits"]
        return {hit["_id"]: (from_dict(Trouble, hit["_source"]), version_of(hit)) for hit in hits}

    def create(self, trouble: Trouble) -> bool:
        """Keeps a trouble of an id that there never was; False when somebody else was quicker."""
        try:
            self._es.create(
                index=self._index, id=trouble.id, document=to_dict(trouble), refresh=True
            )
        except ConflictError:
            return False
        return True

    def replace(self, trouble: Trouble, version: Version) -> bool:
        """Writes a trouble that is still at that version; False when it changed meanwhile."""
        try:
            self._es.index(
                index=self._index,
                id=trouble.id,
                document=to_dict(trouble),
                if_seq_no=version[0],
                if_primary_term=version[1],
                refresh=True,
            )
        except ConflictError:
            return False
        return True
