"""Compare-and-set: writes that only hold while nobody else wrote since the document was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from elastic_transport import ObjectApiResponse
from elasticsearch import ConflictError, Elasticsearch

from wirewatch.records import Alert, Delivery, Record, from_dict, to_dict
from wirewatch.store.bulk import Outcome, write

TRIES = 5  # of a change that somebody else's change comes before
Version = tuple[int, int]  # sequence number and primary term of the document as it was read


T = TypeVar("T", bound=Record)


def version_of(hit: Mapping[str, Any] | ObjectApiResponse[Any]) -> Version:
    """The version of a document as an answer of Elasticsearch has it."""
    return hit["_seq_no"], hit["_primary_term"]


def write_unchanged(
    es: Elasticsearch, index: str, records: Iterable[tuple[Alert | Delivery, Version]]
) -> Outcome:
    """Writes records that are still at the version that was read; ``conflicts`` has the others."""
    actions = (
        {
            "_op_type": "index",
            "_index": index,
            "_id": record.id,
            "_source": to_dict(record),
            "if_seq_no": number,
            "if_primary_term": term,
        }
        for record, (number, term) in records
    )
    return write(es, actions, refresh=True)


def change(
    es: Elasticsearch, index: str, kind: type[T], identity: str, changed: Callable[[T], T]
) -> T | None:
    """The record as the change leaves it; None when there is none.

    It is read anew where somebody else's change came before. Raises ConflictError after TRIES.
    """
    for attempt in range(TRIES):
        answer = es.options(ignore_status=404).get(index=index, id=identity)
        if not answer.get("found"):
            return None
        before = from_dict(kind, answer["_source"])
        after = changed(before)
        if after == before:
            return before
        number, term = version_of(answer)
        try:
            es.index(
                index=index,
                id=identity,
                document=to_dict(after),
                if_seq_no=number,
                if_primary_term=term,
                refresh=True,
            )
        except ConflictError:
            if attempt == TRIES - 1:
                raise
            continue
        return after
    raise AssertionError("the last attempt returns or raises")
