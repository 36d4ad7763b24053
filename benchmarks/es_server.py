"""The Elasticsearch that a benchmark runs on: the one given or running, else one of its own."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wirewatch.local import elasticsearch, paths, processes
from wirewatch.local.elasticsearch import server
from wirewatch.settings import Settings, load


def say(line: str) -> None:
    """Progress, beside the figures."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def with_elasticsearch() -> Iterator[Settings]:
    """The settings with the server's address; what was started for it is stopped again."""
    settings = load()
    running = elasticsearch.ensure(settings, say)
    try:
        yield settings.with_options(elasticsearch__url=running.url)
    finally:
        if running.started_here:
            elasticsearch.stop(settings)


@contextmanager
def own_elasticsearch(folder: Path, heap: int) -> Iterator[tuple[Settings, int]]:
    """A server of the benchmark's own with its data in a folder that stays; and its pid.

    Neither another port nor another heap is in the way of what runs already.
    """
    settings = load({}).with_options(local__elasticsearch_heap=heap)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # as root the server runs as somebody else, who must get in
    plan = server.make_plan(settings, say, folder / "elasticsearch")
    plan = dataclasses.replace(plan, port=paths.any_port())
    run = folder / "run"
    run.mkdir(exist_ok=True)
    running = server.start(plan, run, say)
    try:
        yield settings.with_options(elasticsearch__url=running.url), running.pid or 0
    finally:
        processes.stop(run, server.NAME, patience=server.STOP_SECONDS)
