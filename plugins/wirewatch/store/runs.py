"""Runs in Elasticsearch: what each did."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Run, from_dict, to_dict


class Runs:
    """The index ``runs``, one document a run of the pipeline."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def begin(self, run: Run) -> None:
        """Notes that a run began; one that is begun again after a kill keeps its first note."""
        self._es.options(ignore_status=409).create(
            index=self._index, id=run.id, document=to_dict(run), refresh=True
        )

    def update(self, run_id: str, **fields: Any) -> None:
        """Changes some fields of a run's document; raises NotFoundError when it never began."""
        self._es.update(index=self._index, id=run_id, doc=fields, refresh=True)

    def get(self, run_id: str) -> Run | None:
        """The run of this id, or None."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=run_id)
        return from_dict(Run, answer["_source"]) if answer.get("found") else None

    def newest_by_kind(self) -> dict[str, Run]:
        """Of each kind the newest run."""
        newest = {"top_hits": {"size": 1, "sort": [{"started": "desc"}]}}
        answer = self._es.search(
            index=self._index,
            size=0,
            aggs={"kind": {"terms": {"field": "kind", "size": 50}, "aggs": {"newest": newest}}},
        )
        return {
            kind["key"]: from_dict(Run, kind["newest"]["hits"]["hits"][0]["_source"])
            for kind in answer["aggregations"]["kind"]["buckets"]
        }

    def latest(self, limit: int = 10) -> list[Run]:
        """The newest runs, newest first."""
        answer = self._es.search(
            index=self._index, query={"match_all": {}}, sort=[{"started": "desc"}], size=limit
        )
        return [from_dict(Run, hit["_source"]) for hit in answer["hits"]["hits"]]
