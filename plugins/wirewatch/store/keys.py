"""Keys of the API in Elasticsearch, by the hashes of their secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from elasticsearch import Elasticsearch

from wirewatch.records import Ended, Key, from_dict, replace, to_dict
from wirewatch.store.scan import scan
from wirewatch.store.versions import change

ENDED = 1_000  # ended sessions that a key remembers; the ones that expire first are forgotten


class Keys:
    """The index ``keys``, one document a key."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def create(self, key: Key) -> None:
        """Writes a new key; raises ConflictError when there is one of its id."""
        self._es.create(index=self._index, id=key.id, document=to_dict(key), refresh=True)

    def get(self, key_id: str) -> Key | None:
        """The key of this id as it is this moment, or None."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=key_id)
        return from_dict(Key, answer["_source"]) if answer.get("found") else None

    def all(self) -> Iterator[Key]:
        """Every key, the oldest first."""
        for hit in scan(self._es, self._index, {"match_all": {}}, sort=[{"created": "asc"}]):
            yield from_dict(Key, hit["_source"])

    def revoke(self, key_id: str, now: datetime) -> Key | None:
        """The key, from now on without effect; its sessions end with it. None: there is none."""
        return self._change(key_id, lambda key: replace(key, revoked=key.revoked or now))

    def end(self, key_id: str, ended: Ended, now: datetime) -> None:
        """Notes that a session of the key was logged out."""

        def without(key: Key) -> Key:
            kept = [one for one in key.ended if one.expires > now] + [ended]
            kept.sort(key=lambda one: one.expires)
            return replace(key, ended=tuple(kept[-ENDED:]))

        self._change(key_id, without)

    def _change(self, key_id: str, changed: Callable[[Key], Key]) -> Key | None:
        return change(self._es, self._index, Key, key_id, changed)
