"""Locks in Elasticsearch: one document a kind of work that only one may do at a time."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from wirewatch.records import Lock, from_dict

# The server's clock counts (ctx._now): those of several machines differ.
_TAKE = """
String until = ctx._source.until;
boolean mine = ctx._source.holder == params.holder;
if (mine || until == null || Instant.parse(until).toEpochMilli() <= ctx._now
    || params.dead.contains(ctx._source.holder)) {
  ctx._source.id = params.id;
  if (!mine) { ctx._source.since = Instant.ofEpochMilli(ctx._now).toString(); }
  ctx._source.run = params.run;
  ctx._source.holder = params.holder;
  ctx._source.until = Instant.ofEpochMilli(ctx._now + params.millis).toString();
} else { ctx.op = 'noop'; }
"""
_RELEASE = """
if (ctx._source.run == params.run) {
  ctx._source.run = '';
  ctx._source.holder = '';
  ctx._source.since = null;
  ctx._source.until = null;
} else { ctx.op = 'noop'; }
"""


class Locks:
    """The index ``locks``."""

    def __init__(self, es: Elasticsearch, index: str) -> None:
        self._es = es
        self._index = index

    def take(
        self, name: str, run: str, holder: str, seconds: float, dead: Iterable[str] = ()
    ) -> Lock:
        """Takes a lock that nobody holds, or a holder that is ``dead``; the lock as it is then.

        It ends by itself after ``seconds``. Where its holder is another it was not taken.
        """
        params = {"id": name, "run": run, "holder": holder, "dead": list(dead)}
        return self._change(name, _TAKE, {**params, "millis": int(seconds * 1_000)}, upsert=True)

    def release(self, name: str, run: str) -> None:
        """Gives a lock back that the run holds; another's is left alone."""
        with suppress(NotFoundError):  # it was never taken
            self._change(name, _RELEASE, {"run": run})

    def get(self, name: str) -> Lock:
        """The lock as it is now."""
        answer = self._es.options(ignore_status=404).get(index=self._index, id=name)
        return from_dict(Lock, answer["_source"]) if answer.get("found") else Lock(id=name)

    def _change(
        self, name: str, script: str, params: dict[str, Any], *, upsert: bool = False
    ) -> Lock:
        answer = self._es.update(
            index=self._index,
            id=name,
            script={"source": script, "lang": "painless", "params": params},
            retry_on_conflict=10,
            source=True,
            require_alias=True,  # a missing index is not made by this
            scripted_upsert=upsert,
            upsert={} if upsert else None,
        )
        return from_dict(Lock, answer["get"]["_source"])
