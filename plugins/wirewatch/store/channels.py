"""Channels in Elasticsearch: where alerts go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from elasticsearch import Elasticsearch

from wirewatch.records import Channel, from_dict, replace, to_dict
from wirewatch.store.bulk import write
from wirewatch.store.scan import scan
from wirewatch.store.versions import change


class Channels:
    """The index ``channels``, one document a channel."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def all(self) -> Iterator[Channel]:
        """Every channel, by id."""
        for hit in scan(self._es, self._index, {"match_all": {}}, sort=[{"id": "asc"}]):
            yield from_dict(Channel, hit["_source"])

    def get(self, channel_id: str) -> Channel | None:
        """The channel of this id as it is this moment, or None."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=channel_id)
        return from_dict(Channel, answer["_source"]) if answer.get("found") else None

    def create(self, channel: Channel) -> None:
        """Writes a new channel; raises ConflictError when there is one of its id."""
        self._es.create(index=self._index, id=channel.id, document=to_dict(channel), refresh=True)

    def change(self, channel_id: str, changed: Callable[[Channel], Channel]) -> Channel | None:
        """The channel as the change leaves it; None when there is none. Raises ConflictError."""
        return change(self._es, self._index, Channel, channel_id, changed)

    def delete(self, channel_id: str) -> bool:
        """Deletes a channel; False when there was none."""
        answer = self._es.options(ignore_status=404).delete(
            index=self._index, id=channel_id, refresh=True
        )
        return bool(answer["result"] == "deleted")

    def sync(self, channels: Iterable[Channel], *, whole: bool = True) -> None:
        """Makes the channels kept in files these ones; what was learnt of each stays with it.

        One that a person keeps under the same id gives way to the file's.
        ``whole``: these are all of them, so that others of files go.
        """
        wanted = {channel.id: channel for channel in channels}
        there = {channel.id: channel for channel in self.all()}
        actions = []
        for channel in wanted.values():
            before = there.get(channel.id)
            if before and (before.kind, before.address) == (channel.kind, channel.address):
                learnt = {name: getattr(before, name) for name in _LEARNT}
                channel = replace(channel, **learnt)
            if channel != before:
                actions.append(
                    {
                        "_op_type": "index",
                        "_index": self._index,
                        "_id": channel.id,
                        "_source": to_dict(channel),
                    }
                )
        write(self._es, actions, refresh=True).raise_refused("channels")
        for channel in there.values():
            if whole and channel.origin == "file" and channel.id not in wanted:
                self.delete(channel.id)


_LEARNT = ("off", "failures", "setbacks", "left", "rests_until", "created")
