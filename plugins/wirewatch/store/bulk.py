"""Bulk writes of which every item's result is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch, helpers

CHUNK = 500  # actions a request: about 2 MB of stories, well under http.max_content_length
CHUNK_BYTES = 8 * 1024 * 1024
CONFLICT = 409
# While an index is moved to a new mapping its writers are held for some seconds: 403.
AGAIN = (403, 429)
TRIES, LONGEST_PAUSE = 8, 16  # 1 + 2 + 4 + 8 + 4 * 16 = 79 seconds


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

    Items rejected for load or held by a migration are tried again with back-off by the client's
    helper; raises the client's errors when the server is away.
    """
    outcome = Outcome()
    for ok, item in helpers.streaming_bulk(
        es,
        actions,
        chunk_size=CHUNK,
        max_chunk_bytes=CHUNK_BYTES,
        max_retries=TRIES,
        initial_backoff=1,
        max_backoff=LONGEST_PAUSE,
        retry_on_status=AGAIN,
        raise_on_error=False,
        raise_on_exception=True,
        refresh=refresh,
    ):
        result = next(iter(item.values()))
        identity = result["_id"]
        if ok and result.get("result") == "noop":
            outcome.unchanged.append(identity)
        elif ok:
            outcome.done.append(identity)
        elif result.get("status") == CONFLICT:
            outcome.conflicts.append(identity)
        else:
            outcome.refused[identity] = _why(result.get("error"))
    return outcome


def _why(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("caused_by") or {}
    return ": ".join(
        part for part in (error.get("type"), error.get("reason"), cause.get("reason")) if part
    )[:500]
