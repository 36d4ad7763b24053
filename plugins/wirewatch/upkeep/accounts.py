"""What is kept of what was done: runs, alerts, their deliveries, revisions, and hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wirewatch.store.scan import scan
from wirewatch.upkeep.batch_files import holding_pages
from wirewatch.upkeep.documents import free, must, none_of
from wirewatch.upkeep.work import Freed, Work, for_ever

OPEN = ("pending", "leased", "failed")  # deliveries that are still to be sent
WAITING = 50_000  # alerts that such deliveries tell, named in one query
SPARE = timedelta(days=7)  # after the last look at a story: a run that was delayed still finds all


def runs(work: Work) -> Freed:
    """Deletes the accounts of old runs, but of those that hold pages at this moment."""
    before = work.before("keep.runs")
    if before is None:
        return for_ever("keep.runs")
    at_work = {"ids": {"values": sorted(holding_pages(work))}}
    query = must(_older("started", before), none_of(at_work))
    return free(work, "runs", query, f"runs that began before {before:%Y-%m-%d}")


def alerts(work: Work) -> Freed:
    """Deletes old alerts, but starred ones and those that a message is still to tell."""
    before = work.before("keep.alerts")
    if before is None:
        return for_ever("keep.alerts")
    told = _to_be_told(work)
    if len(told) > WAITING:
        return Freed(what=f"left until fewer than {WAITING:,} of them wait to be told")
    kept = none_of({"term": {"starred": True}}, {"ids": {"values": sorted(told)}})
    query = must(_older("created", before), kept)
    return free(work, "alerts", query, f"alerts raised before {before:%Y-%m-%d}")


def _to_be_told(work: Work) -> set[str]:
    waiting = scan(
        work.store.es, f"{work.store.prefix}-deliveries", {"terms": {"state": list(OPEN)}}
    )
    return {alert for hit in waiting for alert in hit["_source"]["alerts"]}


def deliveries(work: Work) -> Freed:
    """Deletes old messages that were sent or given up; those that wait stay."""
    before = work.before("keep.deliveries")
    if before is None:
        return for_ever("keep.deliveries")
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
