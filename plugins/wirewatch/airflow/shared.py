"""What the DAG files share, so that they only wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowFailException

from wirewatch.records import Batch, from_dict, to_dict

STORIES = Asset(name="stories", uri="wirewatch://stories")  # emitted when a run indexed new ones

FETCH_POOL = "wirewatch_fetch"
FETCH_SLOTS = 4  # all of that pool: who takes them has the hosts to itself
EXTRACT_POOL = "wirewatch_extract"
DEDUP_POOL = "wirewatch_dedup"

# Three tries over some three minutes outlast a restart of Elasticsearch; the next run is then near.
DEFAULTS: dict[str, Any] = {
    "owner": "wirewatch",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
}


def began(run: str | None) -> str:
    """The run's id. Where ``begin`` failed there is none: the task fails at once, untried again."""
    if not run:
        raise AirflowFailException("the run did not begin: see the log of 'begin'")
    return run


def batch(value: dict[str, Any]) -> Batch:
    """A batch reference out of an XCom value."""
    return from_dict(Batch, value)


def batches(values: Iterable[dict[str, Any]] | None) -> list[Batch]:
    """Batch references out of what mapped tasks returned; a failed or skipped one has none."""
    return [batch(value) for value in values or () if value]


def plain(value: msgspec.Struct) -> dict[str, Any]:
    """A record as XCom keeps it."""
    return to_dict(value)


def plain_list(values: Iterable[Batch]) -> list[dict[str, Any]]:
    """Batch references as XCom keeps them; a task is mapped over such a list."""
    return [to_dict(value) for value in values]
