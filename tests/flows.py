"""Whole flows run in this process, as the tests ask for them."""

from __future__ import annotations

from collections.abc import Callable

from wirewatch.pipeline.flow import ALERTS, DELIVER, INGEST, REPROCESS, REVISIT, Begin, Tick
from wirewatch.pipeline.reprocess.report import Report, report
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Batch, Run
from wirewatch.settings import Settings


def ingest(
    settings: Settings,
    run: str | None = None,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
) -> Run:
    return run_flow(INGEST, settings, run, begins=begins, tick=tick)


def revisit(
    settings: Settings,
    run: str | None = None,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
) -> Run:
    return run_flow(REVISIT, settings, run, begins=begins, tick=tick)


def alert(settings: Settings) -> dict[str, int]:
    """What came of matching and sending: searches, alerts, sent, …"""
    return run_flow(ALERTS, settings).stages["alert"] | deliver(settings)


def deliver(settings: Settings) -> dict[str, int]:
    """What became of the messages that were due: sent, failed, …"""
    return run_flow(DELIVER, settings).stages["deliver"]


def reprocess(
    settings: Settings,
    query: str,
    *,
    since: str = "",
    until: str = "",
    stage: str = "extract",
    dry_run: bool = True,
    run: str | None = None,
    told: Callable[[Report], None] = lambda _: None,
) -> Run:
    """``told`` gets the report before anything is written."""

    def watch(name: str, batches: list[Batch]) -> None:
        if name == "examine":
            told(report(settings, batches, stage))

    params = {"query": query, "from": since, "to": until, "stage": stage, "dry_run": dry_run}
    return run_flow(REPROCESS, settings, run, params, watch=watch)
