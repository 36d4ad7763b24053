"""Bulk writes of which every item's result is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch, helpers

from wirewatch.store.hold import Hold, held_index, not_taken

CHUNK = 500  # actions a request: about 2 MB of stories, well under http.max_content_length
CHUNK_BYTES = 8 * 1024 * 1024
CONFLICT = 409
LOADED = (429, 503)  # too much to do, a nearly full disk; a shard that is not there yet
REFUSED = (400, 404)  # the document, or there is none to update
# Also answered with 400 or 404, and not the document's fault.
NOT_ITS_FAULT = ("validation_exception", "index_not_found_exception")
TRIES, LONGEST_PAUSE = 8, 16  # for load: 1 + 2 + 4 + 8 + 4 * 16 = 79 seconds


@dataclass
class Outcome:
    """What became of each item of a bulk write, by document id."""

    done: list[str] = field(default_factory=list)  # written
    unchanged: list[str] = field(default_factory=list)  # the update's script left it alone
    conflicts: list[str] = field(default_factory=list)  # there already, or changed meanwhile
    refused: dict[str, str] = field(default_factory=dict)  # id to the server's reason

    def raise_refused(self, what: str) -> None:
        """Raises Refused when the server refused any item: for records that we made ourselves."""
        if self.refused:
            first = next(iter(self.refused.items()))
            raise Refused(
                f"Elasticsearch refused {len(self.refused)} {what}; {first[0]}: {first[1]}"
            )


class Refused(RuntimeError):
    """Elasticsearch refused a document that must be written."""


def write(
    es: Elasticsearch, actions: Iterable[dict[str, Any]], *, refresh: bool = False
) -> Outcome:
    """Sends the actions in chunks and sorts their results.

    Items rejected for load are tried again with back-off by the client's helper, items of an index
    that is being moved when that is done. ``refused`` are only documents that are at fault
    themselves: raises Unavailable when the server takes no writes, and the client's errors when it
    is away.
    """
    outcome = Outcome()
    left = iter(actions)
    while chunk := list(islice(left, CHUNK)):
        hold = Hold(es)
        while chunk:
            held = _send(es, chunk, refresh, outcome)
            for why in set(held.values()):
                hold.wait(held_index(why), why)
            chunk = [action for action in chunk if action["_id"] in held]
    return outcome


def _send(
    es: Elasticsearch, chunk: list[dict[str, Any]], refresh: bool, outcome: Outcome
) -> dict[str, str]:
    """Adds to the outcome; returns the ids of items that must wait, with the reason."""
    held: dict[str, str] = {}
    for ok, item in helpers.streaming_bulk(
        es,
        chunk,
        chunk_size=CHUNK,
        max_chunk_bytes=CHUNK_BYTES,
        max_retries=TRIES,
        retry_on_status=LOADED,
        initial_backoff=1,
        max_backoff=LONGEST_PAUSE,
        raise_on_error=False,
        raise_on_exception=True,
        refresh=refresh,
    ):
        result = next(iter(item.values()))
        identity = result["_id"]
        why = "" if ok else _why(result.get("error"))
        if ok and result.get("result") == "noop":
            outcome.unchanged.append(identity)
        elif ok:
            outcome.done.append(identity)
        elif result.get("status") == CONFLICT:
            outcome.conflicts.append(identity)
        elif held_index(why):
            held[identity] = why
        elif result.get("status") in REFUSED and not why.startswith(NOT_ITS_FAULT):
            outcome.refused[identity] = why
        else:
            raise not_taken(why)
    return held


def _why(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("caused_by") or {}
    return ": ".join(
        part for part in (error.get("type"), error.get("reason"), cause.get("reason")) if part
    )[:500]
