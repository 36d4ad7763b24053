"""The Elasticsearch that a benchmark runs on: the one given or running, else one of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from wirewatch.local import elasticsearch
from wirewatch.settings import Settings, load


@contextmanager
def with_elasticsearch() -> Iterator[Settings]:
    """The settings with the server's address; what was started for it is stopped again."""
    settings = load()
    running = elasticsearch.ensure(settings, lambda line: print(line, file=sys.stderr))
    try:
        yield settings.with_options(elasticsearch__url=running.url)
    finally:
        if running.started_here:
            elasticsearch.stop(settings)
