"""All stages of a run in this process, one after another: what ``wirewatch ingest`` does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.deduplicate import deduplicate
from wirewatch.pipeline.done import Done
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.index import index
from wirewatch.pipeline.poll import poll
from wirewatch.pipeline.run import begin, finish, publish
from wirewatch.pipeline.tag import tag
from wirewatch.records import Batch, Run, utc_now
from wirewatch.settings import Settings

# Told that a stage begins (its name, how many items it has), and how many more items are done.
Begin = Callable[[str, int], None]
Tick = Callable[[int], None]


def run_id(kind: str = "manual") -> str:
    """A fresh id of a run started by hand, sortable by time."""
    return f"{kind}__{utc_now():%Y%m%dT%H%M%S.%f}"


def ingest(
    settings: Settings,
    run: str | None = None,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
) -> Run:
    """Polls what is due and takes the new pages all the way into the index; returns the account.

    Given the id of a run that was killed, it goes on with that run where it stopped. Raises what
    the stages raise.
    """
    run = begin(settings, run or run_id())
    done = Done(settings, run)
    begins("poll", 0)
    handed = done.once("poll", lambda: [poll(settings, run, tick)])
    claimed = claim(settings, run)
    begins("fetch", _items(claimed))
    with ThreadPoolExecutor(max_workers=max(1, len(claimed))) as threads:
        # Batches share no host, so that fetching them at once is as polite as one by one.
        fetched = list(
            threads.map(lambda one: done.batch("fetch", one, partial(fetch, tick=tick)), claimed)
        )
    begins("extract", _items(fetched))
    extracted = [done.batch("extract", one, partial(extract, tick=tick)) for one in fetched]
    begins("deduplicate", 0)
    placed = done.once("deduplicate", lambda: deduplicate(settings, extracted))
    begins("tag and index", _items(placed))
    tagged, indexed = [], []
    for batch in placed:
        tagged.append(done.batch("tag", batch, tag))
        indexed.append(done.batch("index", tagged[-1], index))
        tick(batch.passed)
    publish(settings, run, indexed)
    handed += [*claimed, *fetched, *extracted, *placed, *tagged, *indexed]
    return finish(settings, run, handed)


def _items(batches: list[Batch]) -> int:
    return sum(batch.passed for batch in batches)
