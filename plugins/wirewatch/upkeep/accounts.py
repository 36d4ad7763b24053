"""What is kept of what was done: runs, alerts, their deliveries, revisions, and hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wirewatch.store.templates import SINGLE
from wirewatch.upkeep.documents import free, must, none_of
from wirewatch.upkeep.work import Freed, Work, for_ever

OPEN = ("pending", "leased", "failed")  # deliveries that are still to be sent
SPARE = timedelta(days=7)  # after the last look at a story: a run that was delayed still finds all


def runs(work: Work) -> Freed:
    """Deletes the accounts of old runs, but of those whose alerts were not raised yet."""
    before = work.before("keep.runs")
    if before is None:
        return for_ever("keep.runs")
    waits = must(
        {"term": {"kind": "ingest"}}, {"terms": {"state": ["failed", "running"]}},
        none_of({"term": {"alerts": "done"}}),
    )  # fmt: skip
    query = must(_older("started", before), none_of({"term": {"alerts": "pending"}}, waits))
    return free(work, "runs", query, f"runs that began before {before:%Y-%m-%d}")


def alerts(work: Work) -> Freed:
    """Deletes old alerts, but starred ones."""
    before = work.before("keep.alerts")
    if before is None:
        return for_ever("keep.alerts")
    query = must(_older("created", before), none_of({"term": {"starred": True}}))
    return free(work, "alerts", query, f"alerts raised before {before:%Y-%m-%d}")


def deliveries(work: Work) -> Freed:
    """Deletes old messages that were sent or given up; those that wait stay."""
    before = work.before("keep.deliveries")
    if before is None:
        return for_ever("keep.deliveries")
    if "deliveries" not in SINGLE:
        return Freed(what="alerts are delivered without a queue")
    query = must(_older("created", before), none_of({"terms": {"state": list(OPEN)}}))
    return free(work, "deliveries", query, f"messages made before {before:%Y-%m-%d}")


def revisions(work: Work) -> Freed:
    """Deletes old versions of stories; none of a story that is still looked at again."""
    before = work.before("keep.revisions")
    if before is None:
        return Freed(what="kept as long as their stories (keep.revisions = 0)")
    ages = [float(age) for age in work.settings["revisit.ages"]]
    looked_at = work.now - timedelta(hours=max(ages, default=0.0)) - SPARE
    query = _older("seen", min(before, looked_at))
    return free(work, "revisions", query, f"versions seen before {min(before, looked_at):%Y-%m-%d}")


def hosts(work: Work) -> Freed:
    """Forgets the pace of hosts that were not asked for long; nobody holds them."""
    before = work.before("keep.hosts")
    if before is None:
        return for_ever("keep.hosts")
    held = {"exists": {"field": "until"}}
    query = must(_older("next_at", before), none_of(held))
    return free(work, "hosts", query, f"hosts that were last asked before {before:%Y-%m-%d}")


def _older(field: str, before: Any) -> dict[str, Any]:
    return {"range": {field: {"lt": before.isoformat()}}}
