"""What matching saved searches costs, in Elasticsearch: one document."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from elasticsearch import ConflictError, Elasticsearch

from wirewatch.records import MatchingCosts, from_dict, to_dict
from wirewatch.store.versions import change

_ID = MatchingCosts().id


class Costs:
    """The index ``costs``."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def get(self) -> MatchingCosts:
        """What is known this moment; nothing, where nothing was measured yet."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=_ID)
        found = answer.get("found")
        return from_dict(MatchingCosts, answer["_source"]) if found else MatchingCosts()

    def change(self, changed: Callable[[MatchingCosts], MatchingCosts]) -> None:
        """Writes what a change makes of it, by compare-and-set; raises ConflictError when others
        change it again and again.
        """
        if change(self._es, self._index, MatchingCosts, _ID, changed) is None:
            with suppress(ConflictError):  # somebody else made it
                self._es.create(index=self._index, id=_ID, document=to_dict(MatchingCosts()))
            change(self._es, self._index, MatchingCosts, _ID, changed)
