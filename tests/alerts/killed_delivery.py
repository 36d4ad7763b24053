"""Runs ``deliver`` in a process that kills itself at a write, or when a receiver has taken one."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from tests.faults.killed import PATIENCE, die
from tests.indices import change
from wirewatch import settings
from wirewatch.alerts import deliver as room
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.channels import Channels
from wirewatch.store.deliveries import Deliveries

WRITES = (
    (Deliveries, "create"),
    (Deliveries, "claim"),
    (Deliveries, "save"),
    (Deliveries, "save_all"),
    (Channels, "change"),
)
_lock = threading.Lock()


def _at(owner: Any, name: str, counts: list[int]) -> None:
    """Counts the calls of a function down, once they are done, and dies when none is left."""
    original: Callable[..., Any] = getattr(owner, name)

    def counted(*args: Any, **named: Any) -> Any:
        result = original(*args, **named)
        with _lock:
            counts[0] -= 1
            if counts[0] <= 0:
                die()
        return result

    setattr(owner, name, counted)


def work(point: str, ahead: float, environ: dict[str, str]) -> None:
    """Delivers, by a clock that goes so many seconds ahead, until the point: ``write:7``,
    ``sent:200`` or ``end``.
    """
    kind, _, number = point.partition(":")
    if kind == "write":
        counts = [int(number)]
        for owner, name in WRITES:
            _at(owner, name, counts)
    elif kind == "sent":  # the receiver has it, and nobody has noted that
        _at(room, "_after", [int(number)])
    options = settings.load(environ)
    with connect(options) as store:
        room.deliver(store, options, clock=lambda: utc_now() + timedelta(seconds=ahead))


def run(options: Settings, points: Sequence[str], ahead: float = 0) -> list[int]:
    """The exit codes of processes that work at the same time, each to its point; a kill is -9."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    environ = settings_environ(options)
    processes = [context.Process(target=work, args=(one, ahead, environ)) for one in points]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise AssertionError("a worker neither ended nor died")
    return [process.exitcode or 0 for process in processes]


def pass_leases(store: Store) -> int:
    """Lets the time of every lease be over, as it is some seconds after a kill; how many there
    were.
    """
    script = "ctx._source.until = '2001-01-01T00:00:00Z'"
    return change(store, "deliveries", {"term": {"state": "leased"}}, script)
