"""One owner who keeps thousands of searches for everything: what the others wait for it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alerts_made
import search_made
from es_server import say
from wirewatch.pipeline.alert import alert
from wirewatch.records import Delivery, SavedSearch, Story, replace
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.bulk import Outcome
from wirewatch.store.deliveries import Deliveries

OLD, BATCH = 3_000, 250  # stories that are there, and that come before each run
OWNERS = 50  # of the other searches
GREEDY = "greedy"


def flood(
    settings: Settings, store: Store, folder: Path, others: int, own: int, pairs: int
) -> dict[str, Any]:
    """Seconds from the start of a run until the last message of the others is queued, and until its
    end; runs without and with the owner's searches in turn, each with stories of its own.
    """
    wire = search_made.read(folder)
    made = alerts_made.stories(wire, OLD + (2 * pairs + 1) * BATCH)
    store.stories.create(made[:OLD]).raise_refused("stories")
    store.searches.put(
        SavedSearch(
            id=f"other{n:05}", name=query[:100], query=query, owner=f"owner{n % OWNERS}",
            cap=1_000, age_limit=3_650, origin="user",
        )
        for n, query in enumerate(alerts_made.queries(wire, others))
    ).raise_refused("searches")  # fmt: skip
    batches = (made[at : at + BATCH] for at in range(OLD, len(made), BATCH))
    _run(settings, store, next(batches))  # so that what is done once is done
    runs: dict[str, list[dict[str, float]]] = {"without": [], "with": []}
    for _ in range(pairs):
        for name, enabled in (("without", False), ("with", True)):
            _keep(store, own if enabled else 0)
            runs[name].append(_run(settings, store, next(batches)))
            say(f"{name}: {runs[name][-1]}")
    waits = {name: [one["others_queued"] for one in found] for name, found in runs.items()}
    slower = statistics.median(waits["with"]) / statistics.median(waits["without"]) - 1
    return {
        "others": others,
        "of_one_owner": own,
        "stories_a_run": BATCH,
        "seconds": runs,
        "others_wait_longer_percent": round(100 * slower, 1),
        "alerts_of_the_owner": store.alerts.raised("owner", [GREEDY], made[0].article.first_seen),
    }


def _keep(store: Store, count: int) -> None:
    """That owner's searches, so many; those of before are gone."""
    store.es.delete_by_query(
        index=f"{store.prefix}-searches", query={"term": {"owner": GREEDY}}, refresh=True
    )
    store.searches.put(
        SavedSearch(
            id=f"greedy{n:05}", name="All", query="*", owner=GREEDY, age_limit=3_650, origin="user"
        )
        for n in range(count)
    ).raise_refused("searches")


def _run(settings: Settings, store: Store, stories: Iterable[Story]) -> dict[str, float]:
    marked = [replace(one, unmatched="new") for one in stories]
    store.stories.create(marked).raise_refused("stories")
    store.refresh()
    with _queueing() as queued:
        begun = time.monotonic()
        done = alert(settings, "flood")
        ended = time.monotonic()
    return {
        "others_queued": round(max(queued, default=begun) - begun, 2),
        "whole": round(ended - begun, 2),
        "alerts": done.notes["alerts"],
        "by_number": done.notes["alerts_by_number"],
    }


@contextmanager
def _queueing() -> Iterator[list[float]]:
    """When messages of the others were queued."""
    times: list[float] = []
    create = Deliveries.create

    def noted(own: Deliveries, deliveries: Iterable[Delivery]) -> Outcome:
        messages = list(deliveries)
        outcome = create(own, messages)
        if any(not one.search_id.startswith(GREEDY) for one in messages):
            times.append(time.monotonic())
        return outcome

    Deliveries.create = noted  # type: ignore[method-assign]
    try:
        yield times
    finally:
        Deliveries.create = create  # type: ignore[method-assign]
