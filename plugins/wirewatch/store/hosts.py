"""Leases of hosts: which client may ask a host at this moment, on whatever machine it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Host, from_dict
from wirewatch.store.bulk import write

IDS = 1_000  # hosts looked up in one request

# The server's clock counts (ctx._now): those of several machines differ.
_TAKE = """
String until = ctx._source.until;
if (until == null || Instant.parse(until).toEpochMilli() <= ctx._now
    || params.may.contains(ctx._source.holder)) {
  ctx._source.id = params.host;
  ctx._source.holder = params.holder;
  ctx._source.until = Instant.ofEpochMilli(ctx._now + params.millis).toString();
} else { ctx.op = 'noop'; }
"""
_RELEASE = """
if (ctx._source.holder == params.holder) {
  ctx._source.holder = '';
  ctx._source.until = null;
  ctx._source.next_at = Instant.ofEpochMilli(ctx._now + params.pause).toString();
  if (params.seconds > 0) { ctx._source.seconds = params.seconds; }
} else { ctx.op = 'noop'; }
"""


class Hosts:
    """The index ``hosts``, one document a host."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def get(self, hosts: Sequence[str]) -> dict[str, Host]:
        """What is known of these hosts; one that was never asked is absent."""
        found: dict[str, Host] = {}
        for at in range(0, len(hosts), IDS):
            answer = self._es.mget(index=self._index, ids=list(hosts[at : at + IDS]))
            found |= {
                doc["_id"]: from_dict(Host, doc["_source"])
                for doc in answer["docs"]
                if doc["found"]
            }
        return found

    def take(
        self, hosts: Sequence[str], holder: str, seconds: float, dead: Iterable[str] = ()
    ) -> dict[str, Host]:
        """Leases those of the hosts that nobody holds, or a holder that is ``dead``.

        The lease ends by itself after ``seconds``. Returns all of them as they stand now: whose
        holder is another is not leased.
        """
        params = {"holder": holder, "may": [holder, *dead], "millis": int(seconds * 1_000)}
        self._update(_TAKE, {host: {**params, "host": host} for host in hosts}, upsert=True)
        return self.get(hosts)

    def release(self, pauses: Mapping[str, tuple[float, float]], holder: str) -> None:
        """Gives hosts back: by host, the seconds that it is not to be asked, and a page takes."""
        self._update(
            _RELEASE,
            {
                host: {"holder": holder, "pause": int(pause * 1_000), "seconds": seconds}
                for host, (pause, seconds) in pauses.items()
            },
        )

    def _update(
        self, script: str, params: Mapping[str, dict[str, Any]], *, upsert: bool = False
    ) -> None:
        actions = (
            {
                "_op_type": "update",
                "_index": self._index,
                "_id": host,
                "script": {"source": script, "lang": "painless", "params": given},
                "retry_on_conflict": 5,
                **({"scripted_upsert": True, "upsert": {}} if upsert else {}),
            }
            for host, given in params.items()
        )
        write(self._es, actions).raise_refused("leases of hosts")
