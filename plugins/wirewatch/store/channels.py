"""Channels in Elasticsearch: where alerts go."""

from __future__ import annotations

from collections.abc import Iterator

from elasticsearch import Elasticsearch

from wirewatch.records import Channel, from_dict
from wirewatch.store.scan import scan


class Channels:
    """The index ``channels``, one document a channel."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def all(self) -> Iterator[Channel]:
        """Every channel, by id."""
        for hit in scan(self._es, self._index, {"match_all": {}}, sort=[{"id": "asc"}]):
            yield from_dict(Channel, hit["_source"])
