"""Whose turn it is: one run of a kind at a time, be it a DAG's or a command's, on any machine.

A run takes the turn of its kind when it begins, keeps it from stage to stage, and gives it back at
its end. A turn that nobody keeps ends after ``run.lease`` seconds. Where its process is seen to be
gone it ends at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from wirewatch import holders
from wirewatch.batches import slug
from wirewatch.records import Lock
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

log = logging.getLogger("wirewatch.run")

AGAIN = 1.0  # seconds between two looks at a turn that another run has
AIRFLOW = "airflow"  # stands for the process of a run whose tasks are many processes


class Busy(RuntimeError):
    """Another run of the kind is under way: which, since when, and what to do."""


def holder_of(run: str, process: str = "") -> str:
    """Who does a run: the process that does all of it, else Airflow."""
    return f"{process or AIRFLOW}|{slug(run)}"


def take(
    store: Store,
    settings: Settings,
    kind: str,
    run: str,
    holder: str,
    *,
    wait: float = 0.0,
    told: Callable[[str], None] = log.info,
) -> None:
    """Takes the turn of a kind for a run. ``told`` is told once that it waits, and for whom.

    Raises Busy when another run has had it for all of the ``wait`` seconds.
    """
    until = time.monotonic() + wait
    waiting = False
    while True:
        found = store.locks.take(kind, run, holder, settings["run.lease"])
        if found.holder != holder and _over(store, found):
            found = store.locks.take(kind, run, holder, settings["run.lease"], [found.holder])
        if found.holder == holder:
            return
        words = in_words(found)
        if time.monotonic() >= until:
            raise Busy(
                f"{words}. Wait for its end, or ask for that with --wait SECONDS; if it was "
                f"killed, its turn ends at {found.until:%H:%M:%S} UTC (run.lease)"
            )
        if not waiting:
            told(f"{words}: waiting for its end, {wait:g} s at the most")
            waiting = True
        time.sleep(AGAIN)


def in_words(lock: Lock) -> str:
    """Which run has a turn, since when, and which process it is."""
    process = holders.in_words(lock.holder)
    by = f", {process}" if process else ""
    return f"{lock.id} is under way since {lock.since:%H:%M:%S} UTC (run {lock.run}{by})"


def _over(store: Store, lock: Lock) -> bool:
    """Whether the run that has the turn is known to do no more."""
    if holders.has_ended(lock.holder):
        return True
    run = store.runs.get(lock.run)
    return run is not None and run.state != "running"


def keep(settings: Settings, kind: str, run: str, holder: str) -> None:
    """Lets a run have its turn for ``run.lease`` seconds more; takes it where nobody has it.

    A run that was away for longer may have lost it to another. Then both go on: a page is leased to
    one of them, and whoever comes second finds what the first wrote.
    """
    with connect(settings, prepare=False) as store:
        found = store.locks.take(kind, run, holder, settings["run.lease"])
    if found.holder != holder:
        log.warning("%s: this run, %s, goes on beside it", in_words(found), run)


@contextmanager
def all_of(
    store: Store,
    settings: Settings,
    kinds: Sequence[str],
    run: str,
    *,
    wait: float = 0.0,
    told: Callable[[str], None] = log.info,
) -> Iterator[Callable[[], None]]:
    """Has the turns of several kinds within the block, so that no run of these is under way.

    What it gives is to be called now and then, so that they do not end. Raises Busy as
    :func:`take` does.
    """
    holder = holder_of(run, holders.this_process())
    with ExitStack() as taken:
        for kind in kinds:
            take(store, settings, kind, run, holder, wait=wait, told=told)
            taken.callback(store.locks.release, kind, run)

        kept = time.monotonic()

        def again() -> None:
            nonlocal kept
            if time.monotonic() - kept > settings["run.lease"] / 10:
                kept = time.monotonic()
                for kind in kinds:
                    store.locks.take(kind, run, holder, settings["run.lease"])

        yield again
