"""Frees what is past its time, part by part, and tells when a disk will be full."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime

from elastic_transport import TransportError
from elasticsearch import ApiError

from wirewatch.batches import BadFile
from wirewatch.dedup.segments import Damaged
from wirewatch.holders import this_process
from wirewatch.pipeline import turns
from wirewatch.records import Record, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Unavailable, connect
from wirewatch.store.bulk import Refused
from wirewatch.upkeep import accounts, airflow_history, caches, measurements
from wirewatch.upkeep.archive_files import archive_files
from wirewatch.upkeep.batch_files import batch_files
from wirewatch.upkeep.disk import disks, in_words
from wirewatch.upkeep.measurements import Measured, Outlook
from wirewatch.upkeep.months import months
from wirewatch.upkeep.pages import pages, texts
from wirewatch.upkeep.process_logs import process_logs
from wirewatch.upkeep.work import Freed, Part, Work

log = logging.getLogger("wirewatch.upkeep")

KIND = "maintain"  # of the turn that it takes: there is one at a time

# In this order: what frees most at once comes first, for a disk may be nearly full.
PARTS: tuple[Part, ...] = (
    Part(
        "logs",
        ("local.log_mb", "local.log_files"),
        process_logs,
        "logs of Airflow, the web app and Elasticsearch's console that grew large are put aside",
    ),
    Part(
        "batch files", ("keep.batches",), batch_files, "what stages handed on, of runs that ended"
    ),
    Part(
        "archive",
        ("keep.archive", "keep.archive_gb"),
        archive_files,
        "the oldest archived pages, by age or by size",
    ),
    Part("task logs", ("keep.task_logs",), airflow_history.logs, "logs of Airflow's tasks"),
    Part("robots", (), caches.robots, "answers for robots.txt that count no more"),
    Part(
        "fingerprints",
        ("dedup.window_weak",),
        caches.fingerprints,
        "fingerprints of days past the window",
    ),
    Part("stories", ("keep.stories",), months, "whole months of stories, with their clusters"),
    Part("texts", ("keep.texts",), texts, "full texts of feed entries that have been read"),
    Part(
        "pages",
        ("keep.pages", "keep.failed", "keep.listed"),
        pages,
        "pages that are done, failed or dead, and that no feed names any more",
    ),
    Part("revisions", ("keep.revisions",), accounts.revisions, "earlier versions of stories"),
    Part("alerts", ("keep.alerts",), accounts.alerts, "alerts, but starred ones"),
    Part("deliveries", ("keep.deliveries",), accounts.deliveries, "messages that were sent"),
    Part("runs", ("keep.runs",), accounts.runs, "accounts of runs"),
    Part("hosts", ("keep.hosts",), accounts.hosts, "the pace of hosts that are asked no more"),
    Part("Airflow", ("keep.airflow",), airflow_history.database, "rows of Airflow's database"),
)

# What stops a part and not the others.
_TROUBLES = (
    OSError,
    ApiError,
    TransportError,
    Unavailable,
    Refused,
    BadFile,
    Damaged,
    sqlite3.Error,
    subprocess.SubprocessError,
)


class UpkeepFailed(RuntimeError):
    """Some part could not be done; the message names each, with the reason."""


class Upkeep(Record, frozen=True, kw_only=True):
    """What was freed, and how full the disks are."""

    dry: bool
    at: datetime
    parts: tuple[Freed, ...]
    disks: tuple[Outlook, ...]
    problems: tuple[str, ...] = ()


def maintain(
    settings: Settings,
    run: str,
    *,
    dry: bool = False,
    holder: str = "",
    wait: float = 0.0,
    parts: Sequence[Part] = PARTS,
    told: Callable[[str], None] = lambda _: None,
) -> Upkeep:
    """Frees what is past its time; ``dry`` says what it would free, and changes nothing.

    A part that fails does not hold up the others: it is among the problems. Killed, it ends the
    same when it is called again. ``told`` is told each part's name as it begins. Raises Busy when
    another is at work, and waits for it for ``wait`` seconds before.
    """
    with connect(settings, prepare=not dry) as store:
        holder = holder or turns.holder_of(run, this_process())
        work = Work(settings, store, utc_now(), dry)
        if not dry:
            turns.take(store, settings, KIND, run, holder, wait=wait, told=told)
        try:
            freed = []
            for part in parts:
                told(part.name)
                freed.append(_freed(part, work))
                if not dry:
                    turns.keep(settings, KIND, run, holder)
            found, problem = _looked(work)
        finally:
            if not dry:
                store.locks.release(KIND, run)
    problems = [f"{one.part}: {one.problem}" for one in freed if one.problem]
    return Upkeep(
        dry=dry,
        at=work.now,
        parts=tuple(freed),
        disks=tuple(found),
        problems=tuple(problems + ([problem] if problem else [])),
    )


def _freed(part: Part, work: Work) -> Freed:
    try:
        freed = part.free(work)
    except _TROUBLES as error:
        log.exception("upkeep: %s failed", part.name)
        said = str(error).strip() or type(error).__name__
        return Freed(part=part.name, problem=said[:500])
    return replace(freed, part=part.name)


def _looked(work: Work) -> tuple[list[Outlook], str]:
    """How full the disks are and will be; this look is kept."""
    looks, problem = measurements.past(work.settings)
    now = disks(work.settings, work.store.es)
    found = measurements.outlooks(looks, now, work.now, work.settings["disk.reserve"])
    if not work.dry:
        measurements.keep(work.settings, [*looks, Measured(at=work.now, disks=tuple(now))])
    return found, problem


def in_lines(upkeep: Upkeep) -> list[str]:
    """What was freed in lines that a person reads, the disks last, then what went wrong."""
    lines = [_line(one, upkeep.dry) for one in upkeep.parts if not one.problem]
    lines += [f"disk of {one.disk.name} ({one.disk.place}): {one.words}" for one in upkeep.disks]
    return [*lines, *(f"FAILED: {problem}" for problem in upkeep.problems)]


def _line(one: Freed, dry: bool) -> str:
    about = f" and some {in_words(one.bytes)}" if one.bytes else ""
    did = "would free" if dry else "freed"
    line = f"{one.part}: {did} {one.items:,} {one.unit}{about}" if one.items else f"{one.part}: -"
    rest = "; ".join((*((one.what,) if one.what else ()), *one.notes))
    return f"{line} ({rest})" if rest else line
