"""Runs the pipeline in a process that kills itself in the middle of a stage.

Each kill point lets part of the stage's work happen, on the real components, and then sends
SIGKILL to this very process: no handler runs, nothing is tidied up.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from tests import flows
from wirewatch import settings
from wirewatch.batches import Batches
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline import fetch as _fetch_module  # noqa: F401 - loaded before it is patched
from wirewatch.settings import Settings
from wirewatch.store.alertstore import Alerts
from wirewatch.store.feeds import Feeds
from wirewatch.store.pages import Pages
from wirewatch.store.runs import Runs
from wirewatch.store.stories import Stories

RUN = "killed"
PATIENCE = 300  # seconds for a run to come to its point


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(owner: type, name: str, calls: int) -> None:
    """Dies when the method has been done so many times."""
    original: Callable[..., Any] = getattr(owner, name)
    left = calls

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        result = original(*args, **kwargs)
        left -= 1
        if left <= 0:
            die()
        return result

    setattr(owner, name, counted)


def half_of(owner: type, name: str) -> None:
    """Does the method with the first half of its records, then dies."""
    original: Callable[..., Any] = getattr(owner, name)

    def halved(self: Any, records: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        listed = list(records)
        if len(listed) < 2:
            return original(self, listed, *args, **kwargs)
        original(self, listed[: len(listed) // 2], *args, **kwargs)
        die()
        return None

    setattr(owner, name, halved)


def while_writing(stage: str) -> None:
    """Dies with half a batch file of the stage written."""
    original = Batches.write

    def halved(self: Batches, file: str, records: Iterable[Any]) -> int:
        def some() -> Iterable[Any]:
            for number, record in enumerate(records):
                if number >= 3:
                    die()
                yield record

        return original(self, file, some() if f"/{stage}-0" in file else records)

    Batches.write = halved  # type: ignore[method-assign]


class Ticks:
    """Dies at the n-th item of a stage that reports its progress."""

    def __init__(self, stage: str, items: int) -> None:
        self.stage, self.left, self.now = stage, items, ""

    def begins(self, stage: str, _items: int) -> None:
        self.now = stage

    def tick(self, items: int) -> None:
        if self.now == self.stage:
            self.left -= items
            if self.left <= 0:
                die()


POINTS: dict[str, Callable[[], None] | None] = {
    "poll": lambda: half_of(Feeds, "save_all"),
    "claim": lambda: after(Pages, "claim", 1),
    "fetch-saved": lambda: half_of(Pages, "save"),
    "fetch": None,  # by its ticks, which count what is kept
    "extract": None,
    "extract-writing": lambda: while_writing("extract"),
    "deduplicate": lambda: after(FingerprintIndex, "write", 1),
    "deduplicate-writing": lambda: while_writing("deduplicate"),
    "tag": lambda: while_writing("tag"),
    "index-stories": lambda: half_of(Stories, "create"),
    "index-pages": lambda: half_of(Pages, "save"),
    "finish": lambda: after(Runs, "update", 1),
    "alert": lambda: after(Alerts, "create", 1),
}


def main(point: str, environ: dict[str, str], run: str = RUN) -> None:
    faulthandler.enable()  # a crash that is none of ours says where it was
    options = settings.load(environ)
    if point == "alert":
        after(Alerts, "create", 1)
        flows.alert(options)
        return
    ticks = Ticks(point, 7)
    install = POINTS[point]
    if install:
        install()
    flows.ingest(options, run, ticks.begins, ticks.tick)


def killed(work: Callable[[str, dict[str, str]], None], point: str, options: Settings) -> int:
    """The exit code of a process that does the work and dies at the point, as minus a signal.

    It is forked from a server that has loaded the pipeline once and has no thread.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "tests.faults.killed_revisit"])
    process = context.Process(target=work, args=(point, settings_environ(options)))
    process.start()
    process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"it neither ended nor died at {point}")
    return process.exitcode
